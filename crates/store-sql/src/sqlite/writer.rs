//! The one thread that writes.

use super::connection::{Stopped, transact};
use crate::tx::{Job, Reason};
use fengsui_store::StoreError;
use rusqlite::Connection;
use std::fs::File;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; whoever comes then waits before the queue.
const QUEUE_MAX: usize = 64;

type Work = Box<dyn FnOnce(&mut Desk) + Send>;

/// What the thread works with; the connection is closed before the lock is released.
struct Desk {
    connection: Connection,
    /// What the disk said when a commit failed. After that nothing is written any more: the kernel reports a
    /// failed flush once and may then claim success for pages that it has thrown away.
    failed: Option<String>,
    _lock: File,
}

pub(super) struct Writer {
    queue: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, lock: File) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let desk = Desk { connection, failed: None, _lock: lock };
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(|| work(desk, jobs));
        let thread = thread.map_err(|e| StoreError::Broken(format!("不能启动写入线程：{e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs the job as one transaction, after all that were sent before it.
    pub(super) async fn run<T: Send + 'static, E: Reason>(&self, job: impl Job<T, E>) -> Result<T, E> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |desk| {
            // Nobody waits any more when the asker was cancelled; the work is done all the same.
            let _ = answer.send(desk.write(job));
        });
        let stopped = || StoreError::Broken("写入线程已停止".to_owned());
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(work).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told to whoever waited for its job.
            let _ = thread.join();
        }
    }
}

fn work(mut desk: Desk, mut jobs: mpsc::Receiver<Work>) {
    while let Some(job) = jobs.blocking_recv() {
        job(&mut desk);
    }
}

impl Desk {
    fn write<T, E: Reason>(&mut self, job: impl Job<T, E>) -> Result<T, E> {
        if let Some(failed) = &self.failed {
            return Err(StoreError::Broken(format!(
                "此前写盘失败，已停止写入，请检查磁盘后重新启动：{failed}"
            ))
            .into());
        }
        transact(&mut self.connection, "BEGIN IMMEDIATE", job).map_err(|stopped| self.stopped(stopped))
    }

    fn stopped<E: Reason>(&mut self, stopped: Stopped<E>) -> E {
        match stopped {
            Stopped::AtCommit(error @ StoreError::Broken(_)) => {
                self.failed = Some(error.to_string());
                error.into()
            }
            Stopped::AtCommit(error) => error.into(),
            Stopped::Before(error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{SqliteSettings, connection, lock};
    use crate::tx::{Answer, Tx};

    fn nothing(_: &mut dyn Tx) -> Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn desk(folder: &tempfile::TempDir) -> Desk {
        let path = folder.path().join("a.db");
        let connection = connection::writing(&path, SqliteSettings::default()).unwrap();
        Desk { connection, failed: None, _lock: lock::take(&path).unwrap() }
    }

    #[test]
    fn after_a_failed_flush_nothing_is_written_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(&folder);
        desk.write(nothing).unwrap();
        let told: StoreError = desk.stopped(Stopped::AtCommit(StoreError::Broken("disk I/O error".into())));
        assert!(matches!(told, StoreError::Broken(_)));
        let refused = desk.write(nothing).unwrap_err();
        assert!(refused.to_string().contains("此前写盘失败"), "{refused}");
    }

    #[test]
    fn after_a_full_disk_or_a_failed_job_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(&folder);
        let _: StoreError = desk.stopped(Stopped::AtCommit(StoreError::Full(String::new())));
        let _: StoreError = desk.stopped(Stopped::Before(StoreError::Broken(String::new())));
        desk.write(nothing).unwrap();
    }

    #[tokio::test]
    async fn more_jobs_than_the_queue_holds_are_all_done() {
        let folder = tempfile::tempdir().unwrap();
        let Desk { connection, _lock, .. } = desk(&folder);
        let writer = Writer::start(connection, _lock).unwrap();
        let all = (0..=QUEUE_MAX * 2).map(|_| writer.run(nothing));
        assert_eq!(futures::future::try_join_all(all).await.unwrap().len(), QUEUE_MAX * 2 + 1);
    }
}
