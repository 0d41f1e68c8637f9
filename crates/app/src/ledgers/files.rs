//! Photos and files of entries (附件): stored first, then named by a form; what no entry shows for a day goes.

use super::act::blobs;
use crate::{App, Fault, pictures};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Place, Refusal};
use fengsui_catalog::FieldType;
use fengsui_store::Blob;

/// Largest file, in bytes.
pub const LEDGER_FILE_BYTES_MAX: usize = 20 * 1024 * 1024;
/// What files may be, beside pictures, by how their content begins: PDF, and the archives that WPS and Word write.
const KNOWN: [(&[u8], &str); 3] = [
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
];

/// A file that is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFile {
    /// Name of its content.
    pub blob: String,
    /// Media type, by its content.
    pub media_type: String,
    /// How large it is, in bytes.
    pub bytes: usize,
}

impl App {
    /// Stores a file for a form of a ledger. A picture is looked at, and what it says of where it was taken and by what
    /// camera is taken out of it; anything else must be a document.
    pub async fn store_ledger_file(
        &self,
        grant: &Grant,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<StoredFile, Fault> {
        let kind = self.ledger(grant, kind)?;
        let shows = kind.fields.iter().any(|f| matches!(f.kind, FieldType::Photos | FieldType::Files));
        if !shows {
            return Err(wrong("file.none", "这本台账没有照片和附件".to_owned()).into());
        }
        let blob = self.ledger_blob(bytes).await?;
        let stored =
            StoredFile { blob: blob.name(), media_type: blob.media_type.clone(), bytes: blob.bytes.len() };
        self.store.put_blob(self.epoch, blob, self.now()).await?;
        Ok(stored)
    }

    async fn ledger_blob(&self, bytes: Vec<u8>) -> Result<Blob, Fault> {
        if bytes.len() > LEDGER_FILE_BYTES_MAX {
            let most = LEDGER_FILE_BYTES_MAX / 1024 / 1024;
            return Err(wrong("file.bytes", format!("文件超过 {most} MB，请压缩或分开上传")).into());
        }
        if let Some((_, media_type)) = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
            return Ok(Blob::new(*media_type, bytes));
        }
        Ok(pictures::look_in_turn(&self.pictures, bytes).await?.blob)
    }

    /// A file that an entry shows, for whoever may read the entry.
    pub async fn ledger_file(
        &self,
        grant: &Grant,
        kind: &str,
        id: EntryId,
        name: &str,
    ) -> Result<Blob, Fault> {
        let entry = self.ledger_entry(grant, kind, id).await?;
        if !blobs(&entry).contains(name) {
            return Err(Refusal::not_found().into());
        }
        Ok(self.store.blob(name).await?.ok_or_else(Refusal::not_found)?)
    }
}

fn wrong(code: &'static str, detail: String) -> Refusal {
    Refusal::invalid(vec![Place::new("", code, detail)])
}
