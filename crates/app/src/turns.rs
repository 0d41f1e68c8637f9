//! Turns (轮次): while more comes in than the processor can carry, telemetry waits for its turn, and news does not.
//!
//! Every line is a task, and all tasks stand in one queue of the runtime. A fire goes through that queue several times
//! before it is acknowledged: read, decided, stored, answered. If a thousand lines full of heartbeats stand in it, a
//! fire waits for all of them each time. So only a few lines may say telemetry at once; the others wait outside, one
//! after another, and nobody reads on from them meanwhile. Whoever says anything else needs no turn.
//!
//! How long a turn is waited for is what shows that the processor is full, see [`crate::OverloadLimits::lag_max`].

use crate::overload::Urgency;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// So many lines say telemetry at once: enough that no processor waits for the next one, few enough that a fire is
/// not kept waiting by them.
const TURNS_MAX: usize = 8;

/// A line's turn to say telemetry: taken when it is needed, kept until the line has said all that was read from it or
/// says something else, and given back when dropped.
#[derive(Debug, Default)]
pub struct LineTurn<'a>(Option<SemaphorePermit<'a>>);

impl LineTurn<'_> {
    /// Lets the others go on: what comes now may take its time.
    pub(crate) fn give_back(&mut self) {
        self.0 = None;
    }
}

/// The turns that there are.
pub(crate) struct Turns {
    places: Semaphore,
    /// Whether telemetry waits at all; not where it is never shed for the sake of the processor.
    counts: AtomicBool,
}

impl Default for Turns {
    fn default() -> Self {
        Self { places: Semaphore::new(TURNS_MAX), counts: AtomicBool::new(true) }
    }
}

impl Turns {
    /// Whether telemetry waits for its turn from now on.
    pub(crate) fn count(&self, counts: bool) {
        self.counts.store(counts, Ordering::Relaxed);
    }

    /// Sees to it that telemetry has a turn, and that nothing else holds one. Returns how long was waited, if at all.
    pub(crate) async fn take<'a>(&'a self, urgency: Urgency, turn: &mut LineTurn<'a>) -> Option<Duration> {
        if urgency != Urgency::Telemetry {
            turn.give_back();
            return None;
        }
        if turn.0.is_some() || !self.counts.load(Ordering::Relaxed) {
            return None;
        }
        if let Ok(free) = self.places.try_acquire() {
            turn.0 = Some(free);
            return None;
        }
        let since = Instant::now();
        // It is never closed, so there is always a turn to come.
        turn.0 = self.places.acquire().await.ok();
        Some(since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn has(turn: &LineTurn<'_>) -> bool {
        turn.0.is_some()
    }

    #[tokio::test]
    async fn the_ninth_line_waits_until_one_of_the_eight_has_said_all() {
        let turns = Turns::default();
        let mut eight: Vec<LineTurn> = (0..TURNS_MAX).map(|_| LineTurn::default()).collect();
        for turn in &mut eight {
            assert_eq!(turns.take(Urgency::Telemetry, turn).await, None);
        }
        assert_eq!(turns.take(Urgency::Telemetry, &mut eight[0]).await, None, "it has its turn already");
        let mut ninth = LineTurn::default();
        assert!(turns.take(Urgency::Telemetry, &mut ninth).now_or_never().is_none());
        eight.pop();
        turns.take(Urgency::Telemetry, &mut ninth).await;
        assert!(has(&ninth));
    }

    #[tokio::test]
    async fn news_and_fires_need_no_turn_and_give_theirs_back() {
        let turns = Turns::default();
        let mut turn = LineTurn::default();
        for urgency in [Urgency::Fire, Urgency::News] {
            turns.take(Urgency::Telemetry, &mut turn).await;
            assert!(has(&turn));
            turns.take(urgency, &mut turn).await;
            assert!(!has(&turn));
        }
        assert_eq!(turns.places.available_permits(), TURNS_MAX);
    }

    #[tokio::test]
    async fn it_tells_when_it_had_to_wait() {
        let turns = Turns::default();
        let mut all = Vec::new();
        for _ in 0..TURNS_MAX {
            let mut turn = LineTurn::default();
            turns.take(Urgency::Telemetry, &mut turn).await;
            all.push(turn);
        }
        let mut late = LineTurn::default();
        let give_back = async { all.clear() };
        let (waited, ()) = tokio::join!(turns.take(Urgency::Telemetry, &mut late), give_back);
        assert!(waited.is_some_and(|waited| !waited.is_zero()) && has(&late));
    }

    #[tokio::test]
    async fn where_telemetry_is_never_shed_it_waits_for_nobody() {
        let turns = Turns::default();
        turns.count(false);
        let mut lines: Vec<LineTurn> = (0..=TURNS_MAX).map(|_| LineTurn::default()).collect();
        for turn in &mut lines {
            assert_eq!(turns.take(Urgency::Telemetry, turn).now_or_never(), Some(None));
        }
    }
}
