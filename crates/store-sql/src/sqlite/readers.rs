//! The connections that read, each job on a thread that may wait for the disk.

use super::connection::{Stopped, reading, transact};
use crate::tx::{Job, Reason};
use fengsui_store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many read at the same time; whoever comes then waits.
const READERS_MAX: usize = 4;

pub(super) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn of(path: &Path) -> Self {
        let permits = Arc::new(Semaphore::new(READERS_MAX));
        Self { path: path.to_owned(), permits, idle: Mutex::new(Vec::new()) }
    }

    fn connection(&self) -> Result<Connection, StoreError> {
        // Taken in a statement of its own: the list is not held while a connection is opened.
        let idle = self.idle.lock().pop();
        idle.map_or_else(|| reading(&self.path), Ok)
    }

    fn read<T, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        let mut connection = self.connection()?;
        let answer = transact(&mut connection, "BEGIN DEFERRED", job);
        if connection.is_autocommit() {
            self.idle.lock().push(connection);
        }
        answer.map_err(|stopped| match stopped {
            Stopped::Before(error) => error,
            Stopped::AtCommit(error) => error.into(),
        })
    }
}

/// Runs the job on one snapshot of the data.
pub(super) async fn run<T: Send + 'static, E: Reason>(
    readers: &Arc<Readers>,
    job: impl Job<T, E>,
) -> Result<T, E> {
    let stopped = || StoreError::Broken("读取已停止".to_owned());
    let permit = Arc::clone(&readers.permits).acquire_owned().await.map_err(|_| stopped())?;
    let readers = Arc::clone(readers);
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        readers.read(job)
    });
    work.await.map_err(|_| stopped())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{SqliteSettings, connection};
    use crate::tx::{Answer, Tx};

    #[tokio::test]
    async fn more_readers_than_connections_wait_for_their_turn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(connection::writing(&path, SqliteSettings::default()).unwrap());
        let readers = Arc::new(Readers::of(&path));
        let one =
            || run(&readers, |tx: &mut dyn Tx| -> Answer<'_, _> { Box::pin(tx.query("SELECT 1", &[])) });
        let all = (0..READERS_MAX * 8).map(|_| one());
        assert_eq!(futures::future::try_join_all(all).await.unwrap().len(), READERS_MAX * 8);
        assert!(readers.idle.lock().len() <= READERS_MAX);
    }
}
