//! Overload (过载): when more comes in than can be stored in time, telemetry is shed first, alarms never.
//!
//! Every frame has an urgency before anything is decided. While the house is strained, telemetry (heartbeats, values
//! without limits, states that are known already) is turned back unacknowledged, so that the terminal sends it again;
//! whatever is news waits its turn, and a fire overtakes it. Each frame offered is counted as accepted, shed or failed.
//!
//! Strained means that a change waits too long for the disk, or that the program itself is late several times in a row:
//! its own beat, or the turn that telemetry has to wait for (see [`LineTurn`]).

use crate::board::KnownTerminal;
use crate::intake::{Arrival, ReportBody};
use crate::turns::{LineTurn, Turns};
use crate::{App, Meters};
use parking_lot::{Mutex, RwLock};
use prometheus::{IntCounter, IntGauge};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long a change may wait to be stored before telemetry is shed: a terminal sends again after ten seconds
/// (GB/T 26875.3 §6.5), so that much is left for what is no telemetry.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// How late the program may be, or how long telemetry may wait for its turn, before it is shed.
const LAG_MAX: Duration = Duration::from_millis(200);
/// How often it is looked at.
const BEAT: Duration = Duration::from_millis(100);
/// So many times in a row the program must be late: one hiccup of the machine is no overload.
const LATE_BEATS: usize = 5;

/// How urgent a frame is, before anything is decided about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Urgency {
    /// Something in it is a fire: never turned back, and stored before the others.
    Fire,
    /// Something in it is new: never turned back, it waits.
    News,
    /// Nothing of it would be written (遥测): the first thing shed.
    Telemetry,
}

impl Urgency {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Fire, Self::News, Self::Telemetry];

    /// Stable name.
    pub fn label(self) -> &'static str {
        match self {
            Urgency::Fire => "fire",
            Urgency::News => "news",
            Urgency::Telemetry => "telemetry",
        }
    }

    /// The urgency of a frame of this terminal. The first word of a terminal that nobody knows is news.
    pub(crate) fn of(arrival: &Arrival, terminal: Option<&KnownTerminal>) -> Self {
        let Some(terminal) = terminal else { return Urgency::News };
        if arrival.says_fire() {
            return Urgency::Fire;
        }
        let is_known = |body: &ReportBody| match body {
            ReportBody::State { key, conditions, over: false, .. } => {
                terminal.state(*key).is_some_and(|known| known.bits == conditions.bits())
            }
            // A value that has limits may ring.
            ReportBody::Value { key, .. } => terminal.limits(*key).is_none(),
            _ => false,
        };
        let all_known = arrival.reports.iter().all(|r| is_known(&r.body));
        if all_known { Urgency::Telemetry } else { Urgency::News }
    }
}

/// When telemetry is shed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OverloadLimits {
    /// How long a change may wait to be stored.
    pub wait_max: Duration,
    /// How late the program may be, or how long telemetry may wait for its turn, five times in a row. Without a limit
    /// telemetry needs no turn: everything goes in the order in which it comes.
    pub lag_max: Duration,
}

impl Default for OverloadLimits {
    fn default() -> Self {
        Self { wait_max: WAIT_MAX, lag_max: LAG_MAX }
    }
}

/// How hard the house has to work.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Strain {
    /// How long the oldest change waits, or waited when it was stored a moment ago.
    pub wait: Duration,
    /// The least lateness of the last five beats, each the worst of what was late then.
    pub lag: Duration,
}

impl OverloadLimits {
    /// Nothing is ever shed: for the control of a measurement.
    pub const NEVER: Self = Self { wait_max: Duration::MAX, lag_max: Duration::MAX };

    /// Whether telemetry is shed from now on. It begins beyond a limit and ends when both are at half of theirs, so
    /// that it does not flicker.
    pub fn sheds(&self, strain: Strain, shedding: bool) -> bool {
        let part = if shedding { 2 } else { 1 };
        strain.wait > self.wait_max / part || strain.lag > self.lag_max / part
    }
}

/// Frames of one urgency, by what became of them.
struct Counts {
    offered: IntCounter,
    accepted: IntCounter,
    shed: IntCounter,
    failed: IntCounter,
}

impl Counts {
    fn of(meters: &Meters, urgency: Urgency) -> Self {
        let count = |outcome| meters.load.with_label_values(&[urgency.label(), outcome]);
        Self {
            offered: count("offered"),
            accepted: count("accepted"),
            shed: count("shed"),
            failed: count("failed"),
        }
    }
}

/// A frame that was offered. Whoever hangs up before it is settled leaves it unacknowledged: it counts as failed.
pub(crate) struct Offered<'a> {
    counts: &'a Counts,
    settled: bool,
}

impl Offered<'_> {
    pub(crate) fn accepted(mut self) {
        self.settled = true;
        self.counts.accepted.inc();
    }
}

impl Drop for Offered<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.counts.failed.inc();
        }
    }
}

/// What is known about the strain, and what is done about it.
pub(crate) struct Overload {
    limits: RwLock<OverloadLimits>,
    shedding: AtomicBool,
    gauge: IntGauge,
    watched: Mutex<Watched>,
    counts: [Counts; 3],
    turns: Turns,
}

/// What was seen since the last beat.
#[derive(Default)]
struct Watched {
    /// Since when the oldest change of the batch under way waits.
    under_way: Option<Instant>,
    /// The longest wait of what was stored since the last beat.
    waited: Duration,
    /// The longest that telemetry waited for its turn since the last beat.
    turn_waited: Duration,
    lags: VecDeque<Duration>,
}

impl Watched {
    /// Looks at the time since the last beat, and begins anew.
    fn strain(&mut self, now: Instant, lag: Duration) -> Strain {
        self.lags.push_back(lag.max(std::mem::take(&mut self.turn_waited)));
        if self.lags.len() > LATE_BEATS {
            self.lags.pop_front();
        }
        let all = self.lags.len() == LATE_BEATS;
        let lag = self.lags.iter().min().copied().filter(|_| all).unwrap_or_default();
        let waits = self.under_way.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        Strain { wait: std::mem::take(&mut self.waited).max(waits), lag }
    }
}

impl Overload {
    /// Begins to watch; ends with the last handle.
    pub(crate) fn start(meters: &Meters) -> Arc<Self> {
        let overload = Arc::new(Self {
            limits: RwLock::default(),
            shedding: AtomicBool::new(false),
            gauge: meters.shedding.clone(),
            watched: Mutex::default(),
            counts: Urgency::ALL.map(|urgency| Counts::of(meters, urgency)),
            turns: Turns::default(),
        });
        tokio::spawn(watch(Arc::downgrade(&overload)));
        overload
    }

    /// Counts a frame; `None` when it is shed.
    pub(crate) fn offer(&self, urgency: Urgency, may_shed: bool) -> Option<Offered<'_>> {
        let counts = &self.counts[urgency as usize];
        counts.offered.inc();
        if may_shed && urgency == Urgency::Telemetry && self.shedding.load(Ordering::Relaxed) {
            counts.shed.inc();
            return None;
        }
        Some(Offered { counts, settled: false })
    }

    /// Telemetry waits for its turn; whatever else a line says gives it back.
    pub(crate) async fn take_turn<'a>(&'a self, urgency: Urgency, turn: &mut LineTurn<'a>) {
        if let Some(waited) = self.turns.take(urgency, turn).await {
            let mut watched = self.watched.lock();
            watched.turn_waited = watched.turn_waited.max(waited);
        }
    }

    /// A batch is being stored whose oldest change waits since then.
    pub(crate) fn storing(&self, since: Option<Instant>) {
        self.watched.lock().under_way = since;
    }

    /// The batch is stored.
    pub(crate) fn stored(&self) {
        let mut watched = self.watched.lock();
        let waited = watched.under_way.take().map_or(Duration::ZERO, |since| since.elapsed());
        watched.waited = watched.waited.max(waited);
    }

    fn beat(&self, lag: Duration) {
        let strain = self.watched.lock().strain(Instant::now(), lag);
        let before = self.shedding.load(Ordering::Relaxed);
        let sheds = self.limits.read().sheds(strain, before);
        if sheds == before {
            return;
        }
        self.shedding.store(sheds, Ordering::Relaxed);
        self.gauge.set(sheds.into());
        let (wait, lag) = (strain.wait, strain.lag);
        match sheds {
            true => tracing::warn!(?wait, ?lag, "overload: telemetry is not acknowledged until it is over"),
            false => tracing::warn!(shed = self.shed(), "the overload is over, all telemetry is taken in"),
        }
    }

    fn shed(&self) -> u64 {
        self.counts[Urgency::Telemetry as usize].shed.get()
    }
}

async fn watch(overload: Weak<Overload>) {
    loop {
        let due_at = Instant::now() + BEAT;
        sleep_until(due_at).await;
        let Some(overload) = overload.upgrade() else { return };
        overload.beat(due_at.elapsed());
    }
}

impl App {
    /// From when on telemetry is shed; the usual limits hold until somebody says otherwise.
    pub fn shed_beyond(&self, limits: OverloadLimits) {
        self.overload.turns.count(limits.lag_max != Duration::MAX);
        *self.overload.limits.write() = limits;
    }

    /// Counts a heartbeat that an edge shed by itself, because its own queue was filling up. Its terminal lives.
    pub fn shed_by_edge(&self, arrival: &Arrival) {
        let counts = &self.overload.counts[Urgency::Telemetry as usize];
        counts.offered.inc();
        counts.shed.inc();
        self.hear_shed(self.board.terminal_at(&arrival.source).as_ref(), arrival);
    }

    /// Whether telemetry is shed now, and how many frames of it were shed since the start.
    pub fn shedding(&self) -> (bool, u64) {
        (self.overload.shedding.load(Ordering::Relaxed), self.overload.shed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: OverloadLimits =
        OverloadLimits { wait_max: Duration::from_secs(2), lag_max: Duration::from_millis(200) };

    fn wait(wait_ms: u64) -> Strain {
        Strain { wait: Duration::from_millis(wait_ms), ..Strain::default() }
    }

    #[test]
    fn it_begins_beyond_a_limit_and_ends_at_half_of_it() {
        assert!(!LIMITS.sheds(wait(2_000), false));
        assert!(LIMITS.sheds(wait(2_001), false));
        assert!(LIMITS.sheds(wait(1_001), true));
        assert!(!LIMITS.sheds(wait(1_000), true));
        let late = |ms| Strain { lag: Duration::from_millis(ms), ..Strain::default() };
        assert_eq!([200, 201].map(|ms| LIMITS.sheds(late(ms), false)), [false, true]);
        assert_eq!([100, 101].map(|ms| LIMITS.sheds(late(ms), true)), [false, true]);
        assert!(!OverloadLimits::NEVER.sheds(wait(86_400_000), false));
    }

    #[test]
    fn being_late_counts_the_fifth_time_in_a_row() {
        let (mut watched, now) = (Watched::default(), Instant::now());
        let late = Duration::from_millis(300);
        let mut look = |lag| watched.strain(now, lag).lag;
        assert_eq!(
            [late; 5].map(&mut look),
            [Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::ZERO, late]
        );
        assert_eq!(look(Duration::from_millis(1)), Duration::from_millis(1));
    }

    #[test]
    fn a_turn_that_comes_late_is_as_late_as_the_program() {
        let (mut watched, now) = (Watched::default(), Instant::now());
        let waits_ms = [500, 400, 300, 400, 500, 0];
        let lags = waits_ms.map(|wait_ms| {
            watched.turn_waited = Duration::from_millis(wait_ms);
            watched.strain(now, Duration::from_millis(1)).lag.as_millis()
        });
        assert_eq!(
            lags,
            [0, 0, 0, 0, 300, 1],
            "the least of five beats, and over with the first that is in time"
        );
    }

    #[test]
    fn what_waits_still_and_what_has_waited_both_count_once() {
        let (mut watched, now) = (Watched::default(), Instant::now());
        watched.under_way = Some(now);
        let later = now + Duration::from_secs(3);
        assert_eq!(watched.strain(later, Duration::ZERO).wait, Duration::from_secs(3));
        (watched.under_way, watched.waited) = (None, Duration::from_secs(4));
        assert_eq!(watched.strain(later, Duration::ZERO).wait, Duration::from_secs(4));
        assert_eq!(watched.strain(later, Duration::ZERO).wait, Duration::ZERO);
    }
}
