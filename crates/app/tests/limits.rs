//! Values out of bounds (超限): one alarm for one crossing, after it has lasted, over restarts, through trembling, broken
//! sensors, bursts and changed limits. Time is moved by hand.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_alarm::{Bound, Class, Filter, Limits, Timing};
use fengsui_app::kit::{COUNTY, Desk, TOWN, instant, key, unit_draft};
use fengsui_app::{
    Command, ImportedPoint, ImportedTerminal, ImportedUnit, OpenAlarm, PointLimits, Report, ReportBody,
    SignedIn,
};
use fengsui_base::{PointId, Timestamp};
use fengsui_store::{MemoryStore, Part, StateKey};
use proptest::prelude::*;
use std::sync::Arc;

const SOURCE: &str = "700";
/// Pressure in kPa, a step being a tenth.
const PRESSURE: u8 = 5;

fn pressure() -> StateKey {
    StateKey { part: Part::Value, analog_type: PRESSURE, ..key(1) }
}

fn limits(hold_s: i64) -> Vec<PointLimits> {
    let low = Some(Bound { limit: 100.0, clear: 120.0 });
    vec![PointLimits { analog_type: PRESSURE, limits: Limits { low, high: None, hold_s } }]
}

struct Pump {
    desk: Desk,
    officer: SignedIn,
}

impl Pump {
    async fn with(hold_s: i64) -> Self {
        let desk = Desk::open(Arc::new(MemoryStore::new())).await;
        desk.register("云岫商业广场", TOWN, SOURCE, 2).await;
        desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        let officer = desk.sign_in("luomin").await;
        let pump = Self { desk, officer };
        pump.set(limits(hold_s)).await;
        pump
    }

    fn point(&self) -> PointId {
        self.desk.app.board().terminal_at(SOURCE).unwrap().point(pressure()).unwrap().id
    }

    async fn set(&self, limits: Vec<PointLimits>) {
        let (entry, ..) = self.desk.app.point_limits(&self.officer.grant, self.point()).await.unwrap();
        self.desk.app.set_limits(&self.officer.grant, self.point(), entry.version, limits).await.unwrap();
    }

    fn report(&self, kpa: f64, at: Timestamp) -> Report {
        let body =
            ReportBody::Value { key: pressure(), component_type: 99, raw: (kpa * 10.0).round() as i16 };
        Report { event_at: Some(at), body }
    }

    async fn measures(&self, kpa: f64) {
        let report = self.report(kpa, self.desk.app.now());
        self.desk.hears(SOURCE, vec![report]).await.unwrap();
    }

    /// Lets seconds pass one by one, and looks at each.
    async fn pass(&self, seconds: i64) -> usize {
        let mut changed = 0;
        for _ in 0..seconds {
            self.desk.clock.pass_s(1);
            changed += self.desk.app.reconcile_limits().await.unwrap();
        }
        changed
    }

    fn open(&self, class: Class) -> Vec<Arc<OpenAlarm>> {
        self.desk.open_alarms().into_iter().filter(|a| a.alarm.raise.class == class).collect()
    }

    fn one(&self) -> Arc<OpenAlarm> {
        let all = self.open(Class::Limit);
        assert_eq!(all.len(), 1);
        all[0].clone()
    }

    async fn restart(self) -> Self {
        let desk = self.desk.restart().await;
        Self { desk, ..self }
    }
}

#[tokio::test]
async fn too_little_pressure_rings_after_it_has_lasted_and_says_how_much_it_was() {
    let pump = Pump::with(60).await;
    pump.measures(300.0).await;
    pump.measures(95.0).await;
    assert_eq!(pump.pass(59).await, 0, "not a second before");
    assert!(pump.open(Class::Limit).is_empty());
    assert_eq!(pump.pass(1).await, 1, "although nothing more was heard");
    let open = pump.one();
    assert!(open.alarm.rings());
    assert_eq!(open.alarm.raise.title, "超限·压力 95 kPa，低于下限 100 kPa");
    assert_eq!(open.alarm.raise.place, "1 号厂房 2 层 1-2-001");
    assert_eq!(open.alarm.value_key(), Some("1.1.1.5"));
    let excess = open.alarm.excess.clone().unwrap();
    assert_eq!(
        (excess.value, excess.bound, excess.unit.as_str()),
        (95.0, Bound { limit: 100.0, clear: 120.0 }, "kPa")
    );
    let mark = open.alarm.trace.marks().iter().find(|m| m.filter == Filter::Hysteresis).unwrap();
    assert_eq!(mark.sentence, "压力 95 kPa，低于下限 100 kPa，持续 60 秒");
    assert_eq!(pump.pass(600).await, 0, "once is enough");
}

#[tokio::test]
async fn at_the_limit_it_is_within_and_a_step_below_it_is_not() {
    let pump = Pump::with(0).await;
    pump.measures(100.0).await;
    assert!(pump.open(Class::Limit).is_empty());
    pump.measures(99.9).await;
    assert_eq!(pump.open(Class::Limit).len(), 1);
}

#[tokio::test]
async fn a_value_that_trembles_about_its_limit_rings_once_and_ends_at_the_clear_value() {
    let pump = Pump::with(0).await;
    for kpa in [300.0, 99.0, 101.0, 98.0, 119.9, 97.0] {
        pump.desk.clock.pass_s(5);
        pump.measures(kpa).await;
    }
    let open = pump.one();
    assert_eq!((open.alarm.count, open.alarm.restored_at), (1, None));
    pump.desk.clock.pass_s(5);
    pump.measures(120.0).await;
    let restored = pump.one();
    assert!(restored.alarm.restored_at.is_some(), "the state ended");
    assert!(restored.alarm.rings(), "its alarm did not");
    pump.desk.clock.pass_s(5);
    pump.measures(90.0).await;
    let again = pump.one();
    assert_eq!((again.alarm.count, again.alarm.restored_at), (2, None), "the same alarm, once more");
}

#[tokio::test]
async fn a_dip_that_does_not_last_is_none() {
    let pump = Pump::with(60).await;
    pump.measures(95.0).await;
    pump.pass(30).await;
    pump.measures(150.0).await;
    assert_eq!(pump.pass(300).await, 0);
    assert!(pump.open(Class::Limit).is_empty());
}

#[tokio::test]
async fn a_crossing_that_has_begun_is_not_forgotten_by_a_restart() {
    let pump = Pump::with(60).await;
    pump.measures(300.0).await;
    pump.measures(95.0).await;
    pump.pass(30).await;
    let pump = pump.restart().await;
    pump.pass(29).await;
    assert!(pump.open(Class::Limit).is_empty());
    pump.pass(1).await;
    assert_eq!(pump.one().alarm.excess.clone().unwrap().value, 95.0);
}

#[tokio::test]
async fn what_was_closed_while_it_lasts_does_not_ring_again_not_even_after_a_restart() {
    let pump = Pump::with(0).await;
    let duty = pump.desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    pump.measures(95.0).await;
    let id = pump.one().alarm.id;
    let finding = fengsui_alarm::Finding::Real;
    let close = Command::Close { note: None, unrestored_reason: Some("水泵检修".into()) };
    for command in [Command::Take, Command::Verify { finding, cause: None, note: None }, close] {
        pump.desk.app.act_on_alarm(&duty.grant, id, command).await.unwrap();
    }
    pump.desk.clock.pass_s(10);
    pump.measures(94.0).await;
    assert!(pump.open(Class::Limit).is_empty());
    let pump = pump.restart().await;
    pump.pass(5).await;
    pump.measures(93.0).await;
    assert!(pump.open(Class::Limit).is_empty(), "it is the same crossing");
    pump.desk.clock.pass_s(10);
    pump.measures(200.0).await;
    pump.desk.clock.pass_s(10);
    pump.measures(95.0).await;
    assert_eq!(pump.open(Class::Limit).len(), 1, "another crossing is another alarm");
}

#[tokio::test]
async fn a_reading_that_cannot_be_is_a_fault_and_no_limit() {
    let pump = Pump::with(0).await;
    pump.measures(-110.1).await;
    assert!(pump.open(Class::Limit).is_empty());
    let fault = pump.open(Class::Fault);
    assert_eq!(fault[0].alarm.raise.title, "故障·压力 -110.1 kPa，读数不可信");
    pump.desk.clock.pass_s(5);
    pump.measures(-110.0).await;
    assert!(pump.open(Class::Fault)[0].alarm.restored_at.is_some());
    assert_eq!(pump.open(Class::Limit).len(), 1, "that can be, and it is too little");
}

#[tokio::test]
async fn limits_that_are_set_or_taken_away_hold_at_once() {
    let pump = Pump::with(0).await;
    pump.set(vec![]).await;
    pump.measures(95.0).await;
    assert!(pump.open(Class::Limit).is_empty(), "nothing holds");
    pump.set(limits(0)).await;
    pump.desk.app.reconcile_limits().await.unwrap();
    assert_eq!(pump.one().alarm.restored_at, None, "what was measured before counts");
    pump.set(vec![]).await;
    pump.desk.app.reconcile_limits().await.unwrap();
    assert!(pump.one().alarm.restored_at.is_some(), "without a limit nothing is beyond it");
}

#[tokio::test]
async fn what_was_kept_while_the_line_was_down_is_listed_and_does_not_ring() {
    let pump = Pump::with(60).await;
    pump.measures(300.0).await;
    pump.desk.clock.pass_s(7_200);
    pump.measures(310.0).await;
    let (dip, back) = (instant("2026-11-21T08:10:00Z"), instant("2026-11-21T08:20:00Z"));
    pump.desk.clock.pass_s(3_600);
    let kept = [(90.0, dip), (80.0, back)].map(|(kpa, at)| pump.report(kpa, at));
    pump.desk.hears(SOURCE, kept.to_vec()).await.unwrap();
    let open = pump.one();
    assert_eq!((open.alarm.raise.timing, open.alarm.rings()), (Timing::Late, false));
    assert_eq!(open.alarm.restored_at, None);
}

#[tokio::test]
async fn an_older_value_neither_raises_nor_clears() {
    let pump = Pump::with(0).await;
    let early = pump.desk.app.now();
    pump.desk.clock.pass_s(60);
    pump.measures(95.0).await;
    pump.desk.hears(SOURCE, vec![pump.report(300.0, early)]).await.unwrap();
    assert_eq!(pump.one().alarm.restored_at, None);
}

#[tokio::test]
async fn usual_limits_are_adopted_for_what_measures_and_has_none() {
    let pump = Pump::with(0).await;
    let numbers =
        [("system_type", 12), ("system_address", 1), ("component_type", 99), ("component_address", 7)];
    let fields = numbers.map(|(name, number)| (name.to_owned(), number.into())).into_iter().collect();
    let gauge = ImportedPoint { label: "末端试水".into(), position: None, fields };
    let terminal = ImportedTerminal {
        name: "泵房".into(),
        source: "701".into(),
        fields: Default::default(),
        points: vec![gauge],
    };
    let unit = ImportedUnit { draft: unit_draft("柳塘市场", TOWN, "701"), terminals: vec![terminal] };
    pump.desk.app.import_unit(unit, "试验").await.unwrap();
    let grant = &pump.officer.grant;
    assert_eq!(pump.desk.app.adopt_limits(grant, None).await.unwrap(), 0, "nothing was measured");
    let value = StateKey { system_type: 12, component_address: 7, ..pressure() };
    let body = ReportBody::Value { key: value, component_type: 99, raw: 800 };
    pump.desk.hears("701", vec![Report { event_at: None, body }]).await.unwrap();
    assert_eq!(pump.desk.app.adopt_limits(grant, None).await.unwrap(), 1);
    assert_eq!(pump.desk.app.adopt_limits(grant, None).await.unwrap(), 0, "what has limits keeps them");
    let point = pump.desk.app.board().terminal_at("701").unwrap().point(value).unwrap().id;
    let (.., values) = pump.desk.app.point_limits(grant, point).await.unwrap();
    assert_eq!(values[0].limits.unwrap().low, Some(Bound { limit: 100.0, clear: 120.0 }));
    assert!(values[0].proposal.as_ref().unwrap().source.contains("GB 50974"));
    pump.pass(60).await;
    assert_eq!(pump.open(Class::Limit).len(), 1, "80 kPa is too little");
}

#[tokio::test]
async fn limits_are_refused_with_their_place_and_an_old_version_is_told_so() {
    let pump = Pump::with(0).await;
    let bad = |limits| pump.desk.app.set_limits(&pump.officer.grant, pump.point(), 2, vec![limits]);
    let low = |limit, clear, hold_s| PointLimits {
        analog_type: PRESSURE,
        limits: Limits { low: Some(Bound { limit, clear }), high: None, hold_s },
    };
    for (limits, code) in [
        (low(100.0, 100.0, 0), "limits.clear"),
        (low(100.0, 120.0, 3_601), "limits.hold"),
        (PointLimits { analog_type: PRESSURE, limits: Limits::default() }, "limits.nothing"),
    ] {
        let refusal = bad(limits).await.err().unwrap();
        assert!(format!("{refusal:?}").contains(code), "{refusal:?}");
    }
    let stale = pump.desk.app.set_limits(&pump.officer.grant, pump.point(), 1, vec![]).await.err().unwrap();
    assert!(format!("{stale:?}").contains("version.stale"));
}

#[derive(Clone, Debug)]
enum Happens {
    Measured(f64),
    Passed(i64),
    Restarted,
}

fn story() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        6 => prop_oneof![60.0..140.0_f64, Just(3_276.7), 200.0..400.0_f64].prop_map(Happens::Measured),
        4 => (1..40_i64).prop_map(Happens::Passed),
        1 => Just(Happens::Restarted),
    ];
    prop::collection::vec(one, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever comes, at most one alarm is open for one crossing, and a value that is beyond its limit for the hold
    /// has one that is not restored.
    #[test]
    fn no_crossing_is_lost_and_none_is_doubled(story in story(), hold_s in 0..60_i64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut pump = Pump::with(hold_s).await;
            let mut beyond_since: Option<i64> = None;
            for happens in story {
                pump.desk.clock.pass_s(1);
                let now = pump.desk.app.now().as_second();
                match happens {
                    Happens::Measured(kpa) => {
                        pump.measures(kpa).await;
                        let absurd = kpa > 3_200.0;
                        let low = (kpa * 10.0).round() < 1_000.0;
                        if low { beyond_since = beyond_since.or(Some(now)) } else if absurd || kpa >= 100.0 { beyond_since = None }
                    }
                    Happens::Passed(seconds) => drop(pump.pass(seconds).await),
                    Happens::Restarted => pump = pump.restart().await,
                }
                pump.desk.app.reconcile_limits().await.unwrap();
                let open = pump.open(Class::Limit);
                assert!(open.len() <= 1);
                assert!(pump.open(Class::Fault).len() <= 1);
                if beyond_since.is_some_and(|since| pump.desk.app.now().as_second() - since >= hold_s) {
                    assert_eq!(open[0].alarm.restored_at, None);
                }
            }
        });
    }
}
