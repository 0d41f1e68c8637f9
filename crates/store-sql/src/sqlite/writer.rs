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
