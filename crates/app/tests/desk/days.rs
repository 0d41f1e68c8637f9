//! Days of the whole application with restarts at random moments: what was reported is there, once, and a restart finds
//! what memory had. The engine alone is simulated in `crates/sim`; here the store, the board and the committer take part.

use crate::node::Picture;
use fengsui_alarm::{Class, Condition};
use fengsui_app::kit::{Desk, TOWN};
use fengsui_app::{Arrival, Command, Receipt, SignedIn};
use fengsui_base::{AlarmId, Scope};
use fengsui_store::{MemoryStore, verify};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Days that every run plays.
const SEEDS: u64 = 12;
/// What happens on a day.
const STEPS: u32 = 120;
/// Terminals of two units, and one that nobody knows.
const SOURCES: [&str; 3] = ["700", "701", "4711"];
const POINTS: u32 = 4;

/// Chance that is the same for the same seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// What a point can be said to have.
type Reported = (&'static str, u32, &'static str);

struct Day {
    desk: Desk,
    officer: SignedIn,
    chance: Chance,
    /// Everything that was reported and acknowledged: nobody closes anything on such a day.
    reported: BTreeSet<Reported>,
    /// The last frame, for those who did not hear its acknowledgement.
    last: Option<Arrival>,
}

impl Day {
    async fn begin(seed: u64) -> Self {
        let desk = Desk::open(Arc::new(MemoryStore::new())).await;
        desk.register("云岫纺织", TOWN, "700", POINTS).await;
        desk.register("云岫粮库", TOWN, "701", POINTS).await;
        let officer = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        Self { desk, officer, chance, reported: BTreeSet::new(), last: None }
    }

    async fn step(mut self) -> Self {
        match self.chance.below(20) {
            0..=8 => self.report().await,
            9..=10 => self.resend().await,
            11..=13 => self.desk.clock.pass_s(1 + i64::try_from(self.chance.below(90)).unwrap()),
            14..=15 => drop(self.desk.app.reconcile_ladders().await.unwrap()),
            16 => drop(self.desk.app.reconcile_silence().await.unwrap()),
            17..=18 => self.take().await,
            _ => return self.restart().await,
        }
        self
    }

    async fn report(&mut self) {
        let source = SOURCES[usize::try_from(self.chance.below(3)).unwrap()];
        let point = 1 + u32::try_from(self.chance.below(POINTS.into())).unwrap();
        let conditions: &[Condition] = match self.chance.below(3) {
            0 => &[Condition::Fire],
            1 => &[Condition::Fault],
            _ => &[],
        };
        let frame = self.desk.frame(source, vec![self.desk.state(point, conditions)]);
        self.desk.app.take_in(frame.clone()).await.unwrap();
        self.last = Some(frame);
        self.reported.extend(conditions.iter().map(|c| match c {
            Condition::Fire => (source, point, Class::Fire.code()),
            _ => (source, point, Class::Fault.code()),
        }));
        self.desk.clock.pass_s(1);
    }

    /// The same bytes again: nothing new may come of it.
    async fn resend(&mut self) {
        let Some(frame) = self.last.clone() else { return };
        let before = self.desk.count("alarm").await;
        let receipt = self.desk.app.take_in(frame).await.unwrap();
        assert!(matches!(receipt, Receipt::Heard | Receipt::Repeated | Receipt::Stored(_)));
        assert_eq!(self.desk.count("alarm").await, before, "a resend raises nothing");
    }

    /// The officer takes any alarm; that somebody has it already is an answer.
    async fn take(&mut self) {
        let open = self.desk.open_alarms();
        if open.is_empty() {
            return;
        }
        let which = usize::try_from(self.chance.below(open.len() as u64)).unwrap();
        let id = AlarmId(open[which].entry.id);
        let _ = self.desk.app.act_on_alarm(&self.officer.grant, id, Command::Take).await;
    }

    async fn restart(mut self) -> Self {
        let (before, head) = (Picture::of(self.desk.app.board()), self.desk.head().await);
        self.desk = self.desk.restart().await;
        assert_eq!(Picture::of(self.desk.app.board()), before, "the board is what it was");
        assert_eq!(self.desk.head().await, head);
        self
    }

    /// No alarm is lost, none is doubled, and every slot has one holder.
    fn look(&self) {
        let open = self.desk.open_alarms();
        let of_point = open.iter().filter(|a| a.alarm.is_of_point() && a.alarm.raise.class != Class::Offline);
        let mut found = Vec::new();
        for alarm in of_point {
            let raise = &alarm.alarm.raise;
            let source = SOURCES.into_iter().find(|s| self.desk.terminal(s) == raise.terminal).unwrap();
            found.push((source, raise.component_address, raise.class.code()));
        }
        found.sort_unstable();
        assert_eq!(found, self.reported.iter().copied().collect::<Vec<_>>(), "each report has one alarm");
        let slots: BTreeSet<_> =
            open.iter().filter(|a| a.alarm.holds_slot()).map(|a| &a.alarm.raise.slot).collect();
        assert_eq!(slots.len(), open.iter().filter(|a| a.alarm.holds_slot()).count());
    }
}

#[tokio::test]
async fn on_days_with_restarts_no_alarm_is_lost_or_doubled_and_the_chain_holds() {
    for seed in 0..SEEDS {
        let mut day = Day::begin(seed).await;
        for source in SOURCES {
            day.desk.hears(source, vec![]).await.unwrap();
        }
        for _ in 0..STEPS {
            day = day.step().await;
            day.look();
        }
        assert_eq!(verify(&*day.desk.store).await.unwrap().broken, None, "seed {seed}");
        let stored =
            day.desk.store.list(&fengsui_store::Query::newest("alarm", Scope::everything())).await.unwrap();
        assert!(stored.items.len() >= day.reported.len());
    }
}
