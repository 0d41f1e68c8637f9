//! SQLite, embedded: one thread that writes, a few connections that read beside it.
//!
//! The write connection belongs to one thread; whoever wants to write sends it a job, and the job runs as one
//! transaction that is on disk (`synchronous=FULL`) before it is answered. A lock file beside the database,
//! which the kernel releases however the process ends, keeps a second process out.

mod connection;
mod lock;
mod readers;
mod writer;

use crate::migrate;
use crate::tx::{Answer, Job, Reason, Tx};
use fengsui_store::StoreError;
use readers::Readers;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writer::Writer;

/// How a SQLite database is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SqliteSettings {
    /// Most pages of 4,096 bytes that the file may have, for a site that must leave room on the disk; beyond
    /// it a commit is [`StoreError::Full`].
    pub pages_max: Option<u32>,
}

pub(crate) struct Sqlite {
    // The writer is dropped first, so that its connection is closed while the lock is still held.
    writer: Option<Writer>,
    readers: Arc<Readers>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the database for the process that writes it; makes it when it is not there.
    pub(crate) async fn open(path: &Path, settings: SqliteSettings) -> Result<Self, StoreError> {
        let lock = lock::take(path)?;
        let writer = Writer::start(connection::writing(path, settings)?, lock)?;
        writer.run(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(migrate::migrate(tx)) }).await?;
        Ok(Self { writer: Some(writer), readers: Arc::new(Readers::of(path)), path: path.to_owned() })
    }

    /// Opens the database beside the process that writes it.
    pub(crate) async fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::Broken(format!("没有找到数据库文件 {}，请检查数据目录", path.display())));
        }
        let opened = Self { writer: None, readers: Arc::new(Readers::of(path)), path: path.to_owned() };
        opened.read(|tx: &mut dyn Tx| -> Answer<'_, ()> { Box::pin(migrate::check(tx)) }).await?;
        Ok(opened)
    }

    pub(crate) async fn write<T: Send + 'static, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        let only_reading = || StoreError::Locked("本次打开只供读取，不能写入".to_owned());
        self.writer.as_ref().ok_or_else(only_reading)?.run(job).await
    }

    pub(crate) async fn read<T: Send + 'static, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        readers::run(&self.readers, job).await
    }

    pub(crate) fn engine(&self) -> String {
        format!("SQLite {}", rusqlite::version())
    }

    /// The database and what has not yet been moved from its log, in bytes.
    pub(crate) fn size_bytes(&self) -> Option<u64> {
        let size = |path: &Path| std::fs::metadata(path).map(|found| found.len()).ok();
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        Some(size(&self.path)? + size(Path::new(&log)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_embedded_sqlite_is_new_enough() {
        assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
    }
}
