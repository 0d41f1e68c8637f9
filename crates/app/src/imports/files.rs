//! Uploaded tables wait in a folder beside the data, under the digest of what is in them, until their import is over.
//!
//! They are no part of the record: what an import wrote, and how to take it back, stands in the store. A node that
//! has taken over from another does not have them, and says so.

use super::ImportView;
use crate::{App, Fault};
use fengsui_base::{Refusal, RefusalKind, Scope};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// Largest CSV, in bytes: a million rows with room.
pub const CSV_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Largest workbook, in bytes.
pub const WORKBOOK_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long a file is kept after its import is over, in hours: a week, for the list of what was wrong.
const KEPT_HOURS: i64 = 7 * 24;

/// A file that is being uploaded.
pub struct ImportFile {
    file: File,
    path: PathBuf,
    digest: Sha256,
    size_bytes: u64,
}

/// The key that says which import a file belongs to.
pub(crate) fn file_key(digest: &str) -> String {
    format!("import/file/{digest}")
}

impl App {
    /// Tells where uploaded tables wait; what an earlier run left half uploaded is removed.
    pub fn keep_uploads_in(&self, folder: PathBuf) -> std::io::Result<()> {
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "part") {
                std::fs::remove_file(path)?;
            }
        }
        let _ = self.imports.folder.set(folder);
        Ok(())
    }

    fn folder(&self) -> Result<&PathBuf, Refusal> {
        let nowhere = || {
            let sentence = "本节点没有存放上传文件的目录，请联系系统管理员。";
            Refusal::new(RefusalKind::Unavailable, "import.no_folder", sentence)
        };
        self.imports.folder.get().ok_or_else(nowhere)
    }

    pub(crate) fn import_path(&self, digest: &str) -> Result<PathBuf, Refusal> {
        Ok(self.folder()?.join(digest))
    }

    /// Begins to receive a file.
    pub async fn receive_import(&self) -> Result<ImportFile, Fault> {
        let name = hex::encode(self.entropy.bytes::<16>());
        let path = self.folder()?.join(format!("{name}.part"));
        let file = File::create_new(&path).await.map_err(|e| broken(&e))?;
        Ok(ImportFile { file, path, digest: Sha256::new(), size_bytes: 0 })
    }

    /// Removes files whose import is over for a week, or that belong to none.
    pub async fn reconcile_import_files(&self) -> Result<usize, Fault> {
        let Some(folder) = self.imports.folder.get() else { return Ok(0) };
        let mut names = tokio::fs::read_dir(folder).await.map_err(|e| broken(&e))?;
        let mut removed = 0;
        while let Some(found) = names.next_entry().await.map_err(|e| broken(&e))? {
            let name = found.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".part") && self.is_over(&name).await? {
                tokio::fs::remove_file(found.path()).await.map_err(|e| broken(&e))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    async fn is_over(&self, digest: &str) -> Result<bool, Fault> {
        let Some(id) = self.store.key(&file_key(digest)).await? else { return Ok(true) };
        let view = self.store.entry(&Scope::everything(), id).await?.and_then(ImportView::of);
        let kept_until = self.now() - jiff::SignedDuration::from_hours(KEPT_HOURS);
        Ok(view.is_none_or(|v| v.entry.closed_at.is_some_and(|at| at < kept_until)))
    }
}

impl ImportFile {
    /// Takes the next bytes in; refused when the file becomes too large.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > CSV_BYTES_MAX {
            let _ = tokio::fs::remove_file(&self.path).await;
            return Err(too_large(CSV_BYTES_MAX).into());
        }
        self.digest.update(bytes);
        self.file.write_all(bytes).await.map_err(|e| broken(&e))
    }

    /// Makes it durable under its digest.
    pub(crate) async fn finish(mut self) -> Result<(String, u64), Fault> {
        self.file.flush().await.map_err(|e| broken(&e))?;
        self.file.sync_all().await.map_err(|e| broken(&e))?;
        let digest = hex::encode(self.digest.finalize());
        let to = self.path.with_file_name(&digest);
        tokio::fs::rename(&self.path, &to).await.map_err(|e| broken(&e))?;
        Ok((digest, self.size_bytes))
    }
}

pub(crate) fn too_large(limit: u64) -> Refusal {
    let sentence = format!("文件超过 {} MB。请分成几个文件，或存为 CSV 再上传。", limit / 1024 / 1024);
    Refusal::new(RefusalKind::Invalid, "import.too_large", sentence)
}

fn broken(error: &std::io::Error) -> Fault {
    tracing::error!(%error, "an uploaded table could not be kept");
    let sentence = "上传的文件没有存下，可能磁盘已满。请联系系统管理员。";
    Refusal::new(RefusalKind::Unavailable, "import.not_kept", sentence).into()
}
