//! The one path to the store: many callers hand in ChangeSets, one task stores them in batches.
//!
//! While one batch is being written the next one gathers, so that under load many ChangeSets share one disk
//! flush and at rest nobody waits for company. Alarms and what people do go before what machines report. The
//! board and the live stream are told after the commit and before the answer: whoever is answered finds the
//! board up to date.

use crate::calendar::Calendars;
use crate::catalogs::Catalogs;
use crate::messages::outward::Outward;
use crate::overload::Overload;
use crate::{App, Board, Fault, LiveChange, LiveEvent, Meters};
use fengsui_base::{Refusal, RefusalKind, Scope};
use fengsui_store::{ChangeSet, Committed, EntryWrite, Epoch, Failure, Outcome, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::{broadcast, mpsc, oneshot};

/// Most ChangeSets in one transaction.
const BATCH_MAX: usize = 512;
/// Most ChangeSets that may wait; beyond that the caller waits to hand in.
const WAITING_MAX: usize = 8192;
/// How often a decision is made again when what it took for granted has changed.
const ATTEMPTS_MAX: usize = 5;

/// Handle to the commit task.
pub(crate) struct Committer {
    urgent: mpsc::Sender<Job>,
    ordinary: mpsc::Sender<Job>,
    stopped: Arc<AtomicBool>,
    /// The disk is nearly full: what is left of it belongs to fires and people.
    only_urgent: AtomicBool,
}

struct Job {
    change: ChangeSet,
    /// Should it fail, the board is stale: what it is about is read anew before the answer.
    reread: bool,
    since: tokio::time::Instant,
    reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

/// What the commit task works with.
pub(crate) struct Stage {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) epoch: Epoch,
    pub(crate) board: Arc<Board>,
    pub(crate) outward: Arc<Outward>,
    pub(crate) calendars: Arc<Calendars>,
    pub(crate) catalogs: Arc<Catalogs>,
    pub(crate) live: broadcast::Sender<Arc<LiveEvent>>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) overload: Arc<Overload>,
}

impl Committer {
    pub(crate) fn start(stage: Stage) -> Self {
        let (urgent, urgent_jobs) = mpsc::channel(WAITING_MAX);
        let (ordinary, ordinary_jobs) = mpsc::channel(WAITING_MAX);
        let stopped = Arc::new(AtomicBool::new(false));
        tokio::spawn(run(stage, urgent_jobs, ordinary_jobs, stopped.clone()));
        Self { urgent, ordinary, stopped, only_urgent: AtomicBool::new(false) }
    }

    async fn commit(&self, change: ChangeSet, urgent: bool, reread: bool) -> Result<Outcome, StoreError> {
        if !urgent && self.only_urgent.load(Ordering::Relaxed) {
            return Err(StoreError::Full("余下的空间留给火警".to_owned()));
        }
        let (reply, answer) = oneshot::channel();
        let job = Job { change, reread, since: tokio::time::Instant::now(), reply };
        let lane = if urgent { &self.urgent } else { &self.ordinary };
        let gone = || StoreError::Broken("写入任务已停止".to_owned());
        lane.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl App {
    /// Whether commits have ended for good; the program must stop then.
    pub fn stopped(&self) -> bool {
        self.committer.stopped.load(Ordering::Acquire)
    }

    /// Keeps what is left of the disk for fires and what people do; everything else is refused as on a full disk
    /// until it is said that there is room again.
    pub fn keep_room_for_urgent(&self, nearly_full: bool) {
        if self.committer.only_urgent.swap(nearly_full, Ordering::Relaxed) != nearly_full {
            tracing::warn!(nearly_full, "room on the disk");
        }
    }

    /// Whether only what is urgent is stored.
    pub fn only_urgent(&self) -> bool {
        self.committer.only_urgent.load(Ordering::Relaxed)
    }

    /// Decides and stores; decides again when an expectation failed meanwhile, told the number of the attempt.
    /// The decision is urgent when a person or a fire is behind it.
    ///
    /// What fails at every attempt was decided on a board that is not what the store holds. Then the part concerned
    /// is read anew from the store, and the decision is made once more: a terminal whose frame is refused for ever
    /// could say nothing else.
    pub(crate) async fn settle<T, F>(
        &self,
        urgent: bool,
        mut decide: impl FnMut(usize) -> F,
    ) -> Result<Settled<T>, Fault>
    where
        F: Future<Output = Result<(ChangeSet, T), Fault>>,
    {
        for attempt in 0..=ATTEMPTS_MAX {
            let (change, value) = decide(attempt).await?;
            let reread = attempt + 1 == ATTEMPTS_MAX;
            match self.committer.commit(change, urgent, reread).await? {
                Outcome::Committed(committed) => return Ok(Settled::Now(value, committed)),
                Outcome::Repeated { answer, .. } => return Ok(Settled::Before(answer)),
                Outcome::Failed(failure) => tracing::debug!(?failure, "decided again"),
            }
        }
        Err(Refusal::new(RefusalKind::Conflict, "commit.contended", "同一记录正被多人改动，请再试一次。")
            .into())
    }
}

/// What became of a settled decision.
pub(crate) enum Settled<T> {
    /// Stored now.
    Now(T, Committed),
    /// The same input was stored before; this was answered.
    Before(serde_json::Value),
}

async fn run(
    stage: Stage,
    mut urgent: mpsc::Receiver<Job>,
    mut ordinary: mpsc::Receiver<Job>,
    stopped: Arc<AtomicBool>,
) {
    while let Some(batch) = gather(&mut urgent, &mut ordinary).await {
        if let Err(error) = store(&stage, batch).await {
            // After a failed flush nothing may be acknowledged any more: the disk's word is worth nothing.
            tracing::error!(%error, "writing has ended");
            stopped.store(true, Ordering::Release);
            return;
        }
    }
}

/// The next batch: at least one job, the urgent ones first.
async fn gather(urgent: &mut mpsc::Receiver<Job>, ordinary: &mut mpsc::Receiver<Job>) -> Option<Vec<Job>> {
    let first = tokio::select! {
        biased;
        job = urgent.recv() => job?,
        job = ordinary.recv() => job?,
    };
    let mut batch = vec![first];
    while batch.len() < BATCH_MAX {
        let Some(job) = urgent.try_recv().ok().or_else(|| ordinary.try_recv().ok()) else { break };
        batch.push(job);
    }
    Some(batch)
}

/// Stores a batch and answers everybody. An error that ends all writing is returned; a full disk is not one.
async fn store(stage: &Stage, batch: Vec<Job>) -> Result<(), StoreError> {
    let changes = batch.iter().map(|job| job.change.clone()).collect();
    stage.meters.batch.observe(batch.len() as f64);
    stage.overload.storing(batch.iter().map(|job| job.since).min());
    let stored = stage.store.commit(stage.epoch, changes).await;
    stage.overload.stored();
    match stored {
        Ok(outcomes) => {
            let mut stale = Vec::new();
            for (job, outcome) in batch.into_iter().zip(outcomes) {
                match outcome {
                    Outcome::Failed(failure) if job.reread => stale.push((job, failure)),
                    outcome => answer(stage, job, outcome),
                }
            }
            for (job, failure) in stale {
                reread(stage, &job.change, &failure).await;
                answer(stage, job, Outcome::Failed(failure));
            }
            Ok(())
        }
        Err(error) => fail(batch, error),
    }
}

/// Reads anew what a decision was about, here where nothing can be committed meanwhile. Should the store not answer,
/// the decision fails once more, as it would have.
async fn reread(stage: &Stage, change: &ChangeSet, failure: &Failure) {
    stage.meters.reread.inc();
    tracing::error!(?failure, "the board differs from the store; its part is read anew");
    let found = match failure {
        Failure::Version { entry, .. } => Some(*entry),
        Failure::Key { holder, .. } => *holder,
    };
    let ids: BTreeSet<_> = change.entries.iter().map(|write| write.entry.id).chain(found).collect();
    for id in ids {
        match stage.store.entry(&Scope::everything(), id).await {
            Ok(entry) => entry.iter().for_each(|entry| {
                stage.board.apply_entry(entry);
                stage.outward.apply(entry);
                stage.calendars.apply(entry);
            }),
            Err(error) => tracing::error!(%error, %id, "it could not be read"),
        }
    }
}

fn answer(stage: &Stage, job: Job, outcome: Outcome) {
    if let Outcome::Committed(committed) = &outcome {
        let change = numbered(job.change, committed);
        stage.board.apply(&change);
        for write in &change.entries {
            stage.outward.apply(&write.entry);
            stage.calendars.apply(&write.entry);
        }
        if let Some(text) = &change.catalog {
            stage.catalogs.stored(text);
        }
        stage.meters.committed.inc();
        stage.meters.commit_s.observe(job.since.elapsed().as_secs_f64());
        // Nobody listening is no error.
        let _ = stage.live.send(Arc::new(event(committed.seq, change)));
    }
    // Whoever asked may have gone; what is stored is stored.
    let _ = job.reply.send(Ok(outcome));
}

fn fail(batch: Vec<Job>, error: StoreError) -> Result<(), StoreError> {
    for job in batch {
        let _ = job.reply.send(Err(copy(&error)));
    }
    if matches!(error, StoreError::Full(_)) { Ok(()) } else { Err(error) }
}

/// The same error once more: everybody in the batch is told what it was.
fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::LeaseLost { found } => StoreError::LeaseLost { found: *found },
        StoreError::Full(detail) => StoreError::Full(detail.clone()),
        StoreError::TooNew { found, known } => StoreError::TooNew { found: *found, known: *known },
        StoreError::Locked(detail) => StoreError::Locked(detail.clone()),
        StoreError::Broken(detail) => StoreError::Broken(detail.clone()),
    }
}

/// The ChangeSet with the numbers the store gave.
fn numbered(mut change: ChangeSet, committed: &Committed) -> ChangeSet {
    for (id, number) in &committed.numbers {
        if let Some(write) = change.entries.iter_mut().find(|w| w.entry.id == *id) {
            write.entry.number = Some(number.clone());
        }
    }
    change
}

fn event(seq: u64, change: ChangeSet) -> LiveEvent {
    let mut entries: BTreeMap<_, _> =
        change.entries.into_iter().map(|EntryWrite { entry, .. }| (entry.id, Arc::new(entry))).collect();
    let changes = change.journal.into_iter().map(|line| LiveChange {
        id: line.subject.id,
        kind: line.subject.kind,
        region: line.region,
        verb: line.verb,
        entry: entries.remove(&line.subject.id),
    });
    LiveEvent { seq, changes: changes.collect() }
}
