//! Two signals that confirm each other, very many that are one incident, alarms put together by hand; and that
//! through all of it no fire is ever lost.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{Cause, Condition, Cover, Finding, Life, Purpose, Twofold, WindowDraft, WindowOwner};
use fengsui_app::kit::{Desk, NEIGHBOUR_TOWN, TOWN};
use fengsui_app::{AlarmFilter, Command, Members, Operation, ReportBody, SignedIn, WindowFilter};
use fengsui_base::{AlarmId, UnitId};
use std::collections::BTreeMap;

fn rings(desk: &Desk) -> Vec<u32> {
    let open = desk.open_alarms().into_iter().filter(|a| a.alarm.rings());
    open.map(|a| a.alarm.raise.component_address).collect()
}

async fn of_kind(desk: &Desk, source: &str, point: u32, kind: u8, conditions: &[Condition]) {
    let mut report = desk.state(point, conditions);
    if let ReportBody::State { component_type, .. } = &mut report.body {
        *component_type = kind;
    }
    desk.hears(source, vec![report]).await.unwrap();
}

fn confirmed(desk: &Desk) -> Vec<(u32, Option<Twofold>)> {
    let kind = |a: &fengsui_alarm::Alarm| a.coincidence.as_ref().map(|c| c.kind);
    desk.open_alarms().iter().map(|a| (a.alarm.raise.component_address, kind(&a.alarm))).collect()
}

#[tokio::test]
async fn two_detectors_of_a_floor_confirm_each_other_and_both_say_so() {
    on_each_store(async |desk| {
        desk.register("云岫纺织", TOWN, "889", 4).await;
        desk.fire("889", 1).await;
        desk.clock.pass_s(120);
        let before = desk.head().await;
        desk.fire("889", 2).await;
        let both = Some(Twofold::TwoPoints);
        assert_eq!(confirmed(&desk), [(1, both), (2, both)]);
        let said = desk.sentences_since(before).await;
        assert!(said.contains(&"终端：双点确认：1 号厂房 2 层 1-2-001".to_owned()), "{said:?}");
        assert!(said.contains(&"终端：双点确认：1 号厂房 2 层 1-2-002".to_owned()), "{said:?}");
        desk.clock.pass_s(121);
        desk.fire("889", 3).await;
        assert_eq!(confirmed(&desk)[2], (3, None), "a second too late");
        desk.fire("889", 2).await;
        assert_eq!(confirmed(&desk)[2], (3, both), "a repeat is a signal of now");
    })
    .await;
}

#[tokio::test]
async fn water_that_flows_confirms_a_detector_before_it_and_after_it() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.fire("889", 1).await;
    of_kind(&desk, "889", 3, 96, &[Condition::Feedback]).await;
    assert_eq!(confirmed(&desk), [(1, Some(Twofold::Linkage))]);
    let other = in_memory().await;
    other.register("云岫纺织", TOWN, "889", 4).await;
    of_kind(&other, "889", 3, 99, &[Condition::Started]).await;
    other.clock.pass_s(60);
    other.fire("889", 1).await;
    assert_eq!(confirmed(&other), [(1, Some(Twofold::Linkage))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_terminals_of_a_unit_that_report_at_the_same_instant_see_each_other() {
    let desk = in_memory().await;
    let unit = desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", fengsui_app::kit::COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    desk.add_terminal(&luo, unit, "890").await;
    for round in 1..=20 {
        let (a, b) = (desk.frame("889", vec![desk.state(round, &[Condition::Fire])]), {
            let mut pressed = desk.state(round, &[Condition::Fire]);
            if let ReportBody::State { component_type, .. } = &mut pressed.body {
                *component_type = 23;
            }
            desk.frame("890", vec![pressed])
        });
        let (app, other) = (desk.app.clone(), desk.app.clone());
        let (a, b) = tokio::join!(
            tokio::spawn(async move { app.take_in(a).await }),
            tokio::spawn(async move { other.take_in(b).await })
        );
        a.unwrap().unwrap();
        b.unwrap().unwrap();
    }
    assert!(desk.open_alarms().iter().all(|a| a.alarm.coincidence.is_some()));
}

/// The first `count` points of the unit burn, one a second.
async fn burn(desk: &Desk, count: u32) {
    for point in 1..=count {
        desk.fire("889", point).await;
        desk.clock.pass_s(1);
    }
}

#[tokio::test]
async fn thirty_points_in_a_minute_are_one_incident_and_every_one_of_them_is_an_alarm() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 40).await;
        burn(&desk, 10).await;
        assert_eq!(rings(&desk).len(), 10);
        desk.fire("889", 11).await;
        assert_eq!(rings(&desk), [1], "the eleventh makes them one");
        for point in 12..=30 {
            desk.fire("889", point).await;
        }
        assert_eq!((rings(&desk), desk.open_alarms().len()), (vec![1], 30));
        let head = desk.open_alarms()[0].clone();
        assert_eq!(desk.app.members_of(&head.alarm).len(), 29);
        // In a building where nothing was before it rings again: this point is registered nowhere.
        desk.fire("889", 77).await;
        assert_eq!(rings(&desk), [1, 77]);
        // Taking the head takes the incident's bell; the members stay with it.
        act(&desk, &zhou, head.alarm.id, Command::Take, Members::HeadOnly).await;
        assert_eq!(rings(&desk), [77]);
        let desk = desk.restart().await;
        desk.fire("889", 31).await;
        assert_eq!(rings(&desk), [77], "a restart changes nothing");
    })
    .await;
}

#[tokio::test]
async fn members_speak_for_themselves_when_their_head_is_found_false_and_go_with_it_when_the_officer_says_so()
{
    for members in [Members::HeadOnly, Members::All] {
        let desk = in_memory().await;
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 40).await;
        burn(&desk, 15).await;
        let head = desk.open_alarms()[0].alarm.id;
        act(&desk, &zhou, head, Command::Take, Members::HeadOnly).await;
        let before = desk.head().await;
        act(&desk, &zhou, head, verdict(Finding::False, Some(Cause::Steam)), members).await;
        let said = desk.sentences_since(before).await;
        match members {
            Members::HeadOnly => {
                assert_eq!(rings(&desk).len(), 14);
                assert!(said.iter().all(|s| s.starts_with("周敏")));
                assert_eq!(said.iter().filter(|s| s.contains("首警核实为误报，离开")).count(), 14);
            }
            Members::All => {
                assert!(rings(&desk).is_empty());
                assert_eq!(said.iter().filter(|s| s.contains("核实为 误报·水汽")).count(), 15);
                let unrestored_reason = Some("喷水清洗".to_owned());
                act(&desk, &zhou, head, Command::Close { note: None, unrestored_reason }, Members::All).await;
                assert!(desk.open_alarms().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_real_incident_is_forwarded_once_and_closed_whole() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 40).await;
    burn(&desk, 12).await;
    let head = desk.open_alarms()[0].alarm.id;
    act(&desk, &zhou, head, Command::Take, Members::HeadOnly).await;
    act(&desk, &zhou, head, verdict(Finding::Real, None), Members::HeadOnly).await;
    assert!(rings(&desk).is_empty(), "a real head speaks for its members");
    act(&desk, &zhou, head, Command::Forward { note: None }, Members::HeadOnly).await;
    let unrestored_reason = Some("控制器待复位".to_owned());
    act(&desk, &zhou, head, Command::Close { note: None, unrestored_reason }, Members::All).await;
    assert!(desk.open_alarms().is_empty());
    assert_eq!(desk.app.outbox().await.unwrap().len(), 1, "the fire brigade is told once");
    let closed = desk.app.alarm(&zhou.grant, head).await.unwrap();
    assert_eq!((closed.members.0.len(), closed.members.1), (11, 11), "its page still names its members");
}

#[tokio::test]
async fn an_officer_puts_an_alarm_into_one_of_hers_and_takes_it_out_again() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        let head = AlarmId(desk.fire("889", 1).await.entry.id);
        let other = AlarmId(desk.fire("889", 2).await.entry.id);
        let merge = Command::Merge { into: head };
        let refused = desk.app.act_on_alarm(&zhou.grant, other, merge.clone()).await.err().unwrap();
        assert_eq!(refused.refusal().code, "alarm.merge_unheld");
        act(&desk, &zhou, head, Command::Take, Members::HeadOnly).await;
        let offered = desk.app.alarm(&zhou.grant, other).await.unwrap().actions;
        let offered = offered.into_iter().find(|a| a.name == "merge").unwrap();
        assert!(offered.refusal.is_none() && offered.fields[0].name == "into");
        act(&desk, &zhou, other, merge, Members::HeadOnly).await;
        assert!(rings(&desk).is_empty());
        let back = Command::Merge { into: other };
        let refused = desk.app.act_on_alarm(&zhou.grant, head, back).await.err().unwrap();
        assert_eq!(refused.refusal().code, "alarm.merge_head");
        act(&desk, &zhou, other, Command::Unmerge, Members::HeadOnly).await;
        assert_eq!(rings(&desk), [2]);
    })
    .await;
}

#[tokio::test]
async fn what_was_put_together_by_hand_rings_when_its_head_is_closed_without_it() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    let head = AlarmId(desk.fire("889", 1).await.entry.id);
    let other = AlarmId(desk.fire("889", 2).await.entry.id);
    act(&desk, &zhou, head, Command::Take, Members::HeadOnly).await;
    act(&desk, &zhou, other, Command::Merge { into: head }, Members::HeadOnly).await;
    desk.restore("889", 1).await;
    act(&desk, &zhou, head, verdict(Finding::Test, None), Members::All).await;
    let still = desk.app.alarm(&zhou.grant, other).await.unwrap().alarm;
    assert!(matches!(still.life, Life::Verified { .. }) && still.member.is_some());
    act(&desk, &zhou, head, Command::Close { note: None, unrestored_reason: None }, Members::HeadOnly).await;
    let left = desk.app.alarm(&zhou.grant, other).await.unwrap().alarm;
    assert!(left.member.is_none() && !left.is_closed());
    assert_eq!(desk.app.reconcile_windows().await.unwrap(), 0);
}

/// A small generator of its own, so that a seed that fails can be run again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[tokio::test]
async fn no_sequence_of_reports_windows_and_acts_loses_a_fire() {
    for seed in 1..=8 {
        let desk = in_memory().await;
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 24).await;
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ seed);
        let mut told: BTreeMap<u32, u64> = BTreeMap::new();
        for _ in 0..120 {
            desk.clock.pass_s(1 + i64::try_from(chance.below(40)).unwrap() / 8);
            let point = u32::try_from(1 + chance.below(26)).unwrap();
            match chance.below(20) {
                0 => window(&desk, &zhou, unit, &mut chance).await,
                1 => end_a_window(&desk, &zhou).await,
                2 => desk.restore("889", point).await,
                3 => drop(desk.hears("889", vec![desk.operation(Operation::Reset)]).await.unwrap()),
                4 => drop(desk.hears("889", vec![desk.operation(Operation::Test)]).await.unwrap()),
                5..=7 => work(&desk, &zhou, &mut chance).await,
                8 => drop(desk.app.reconcile_windows().await.unwrap()),
                _ => {
                    desk.fire_only("889", point).await;
                    *told.entry(point).or_default() += 1;
                }
            }
        }
        desk.app.reconcile_windows().await.unwrap();
        nothing_lost(&desk, &zhou, &told, seed).await;
    }
}

async fn window(desk: &Desk, by: &SignedIn, unit: UnitId, chance: &mut Chance) {
    let floor = Cover::Floor { building: "1 号厂房".to_owned(), floor: Some("2 层".to_owned()) };
    let all = desk.app.window_covers(&by.grant, unit).await.unwrap().points;
    let some = Cover::Points { points: all.into_iter().take(8).map(|(id, _)| id).collect() };
    let draft = WindowDraft {
        purpose: [Purpose::Maintenance, Purpose::Shielding, Purpose::Drill][chance.below(3) as usize],
        cover: [Cover::Unit, floor, some][chance.below(3) as usize].clone(),
        reason: "试验".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "13900001234".to_owned() },
        from_at: Some(desk.app.now() + jiff::SignedDuration::from_secs(chance.below(30) as i64)),
        until_at: desk.app.now() + jiff::SignedDuration::from_secs(31 + chance.below(120) as i64),
    };
    desk.app.create_window(&by.grant, unit, draft, None).await.unwrap();
}

async fn end_a_window(desk: &Desk, by: &SignedIn) {
    let filter = WindowFilter { limit: 1, states: vec!["active".to_owned()], ..WindowFilter::default() };
    if let Some(view) = desk.app.windows(&by.grant, filter).await.unwrap().items.first() {
        drop(desk.app.end_window(&by.grant, view.entry.id, "提前完工").await);
    }
}

/// The officer does something with some open alarm, allowed or not.
async fn work(desk: &Desk, by: &SignedIn, chance: &mut Chance) {
    let open = desk.open_alarms();
    if open.is_empty() {
        return;
    }
    let pick = |n: u64| open[usize::try_from(n).unwrap() % open.len()].alarm.id;
    let (id, into) = (pick(chance.below(97)), pick(chance.below(89)));
    let unrestored_reason = Some("试验".to_owned());
    let commands = [
        Command::Take,
        Command::Merge { into },
        Command::Unmerge,
        verdict(Finding::Real, None),
        verdict(Finding::False, Some(Cause::Dust)),
        verdict(Finding::Test, None),
        Command::Forward { note: None },
        Command::Close { note: None, unrestored_reason },
    ];
    let members = if chance.below(2) == 0 { Members::All } else { Members::HeadOnly };
    let command = commands[usize::try_from(chance.below(8)).unwrap()].clone();
    drop(desk.app.act_on_incident(&by.grant, id, command, members).await);
}

/// Every report of a fire is counted by exactly one alarm, and none is silent without a reason that still holds.
async fn nothing_lost(desk: &Desk, by: &SignedIn, told: &BTreeMap<u32, u64>, seed: u64) {
    let filter = AlarmFilter { class: Some("fire".to_owned()), limit: 200, ..AlarmFilter::default() };
    let all = desk.app.alarms(&by.grant, filter).await.unwrap().items;
    let mut counted: BTreeMap<u32, u64> = BTreeMap::new();
    for (_, alarm) in &all {
        *counted.entry(alarm.raise.component_address).or_default() += u64::from(alarm.count);
    }
    assert_eq!(&counted, told, "seed {seed}");
    let open = desk.open_alarms();
    for alarm in open.iter().map(|o| &o.alarm) {
        let place = &alarm.raise.place;
        let holders = open.iter().filter(|o| o.alarm.raise.slot == alarm.raise.slot && o.alarm.holds_slot());
        assert!(holders.count() <= 1, "seed {seed}: {place} has two open alarms that hold its slot");
        assert!(!alarm.trace.marks().is_empty(), "seed {seed}: {place} has no trace");
        let Life::Raised = alarm.life else { continue };
        if let Some(member) = alarm.member.as_ref().filter(|m| m.quiet) {
            let head = open.iter().find(|o| o.alarm.id == member.head);
            let head =
                head.unwrap_or_else(|| panic!("seed {seed}: {place} is silent for a head that is gone"));
            let judged = head.alarm.verdict().map(|v| v.finding);
            assert!(!matches!(judged, Some(Finding::False | Finding::Test)), "seed {seed}: {place}");
        }
        if alarm.restored_at.is_none() && !alarm.rings() && alarm.member.is_none() {
            let by = alarm.suppressed.as_ref().unwrap_or_else(|| panic!("seed {seed}: {place} is silent"));
            let until = by.until_at().unwrap();
            assert!(until > desk.app.now() || covered(desk), "seed {seed}: {place} is silent after {until}");
        }
    }
}

fn covered(desk: &Desk) -> bool {
    desk.app.board().windows().iter().any(|o| o.window.holds_at(desk.app.now()))
}

fn verdict(finding: Finding, cause: Option<Cause>) -> Command {
    Command::Verify { finding, cause, note: None }
}

async fn act(desk: &Desk, by: &SignedIn, id: AlarmId, command: Command, members: Members) {
    desk.app.act_on_incident(&by.grant, id, command, members).await.unwrap();
}

#[tokio::test]
async fn a_substation_that_trips_is_one_incident_of_the_township_and_a_fire_in_it_rings() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        for n in 1..=8 {
            desk.register(&format!("单位{n}"), TOWN, &format!("90{n}"), 1).await;
        }
        for n in 1..=8 {
            let fault = desk.state(1, &[Condition::MainsFault]);
            desk.hears(&format!("90{n}"), vec![fault]).await.unwrap();
            desk.clock.pass_s(5);
        }
        let open = desk.open_alarms();
        let ringing: Vec<_> = open.iter().filter(|o| o.alarm.rings()).collect();
        assert_eq!((open.len(), ringing.len()), (8, 1), "every fault is there, one bell");
        let head = ringing[0];
        assert_eq!(head.alarm.raise.unit_name.as_deref(), Some("单位1"));
        assert_eq!(desk.app.members_of(&head.alarm).len(), 7);
        let trace = |o: &fengsui_app::OpenAlarm| {
            o.alarm.trace.marks().iter().any(|m| m.filter == fengsui_alarm::Filter::Area)
        };
        assert!(open.iter().all(|o| trace(o)), "each says why");
        // A fire in the dark quarter is no fault: it rings by itself.
        let fire = desk.fire("903", 1).await;
        assert!(fire.alarm.rings() && fire.alarm.member.is_none());
        // Taken and judged as one.
        let id = head.alarm.id;
        desk.app.act_on_alarm(&zhou.grant, id, Command::Take).await.unwrap();
        let verdict = Command::Verify {
            finding: Finding::Real,
            cause: None,
            note: Some("变电站跳闸，已报供电所".to_owned()),
        };
        desk.app.act_on_incident(&zhou.grant, id, verdict, Members::All).await.unwrap();
        let judged = desk.open_alarms().into_iter().filter(|o| o.alarm.verdict().is_some()).count();
        assert_eq!(judged, 8);
    })
    .await;
}

#[tokio::test]
async fn a_hundred_faults_in_one_instant_join_one_incident_and_none_is_refused() {
    let desk = in_memory().await;
    for n in 0..100 {
        desk.register(&format!("单位{n}"), TOWN, &format!("9{n:03}"), 1).await;
    }
    let fault = async |n: u32| {
        desk.hears(&format!("9{n:03}"), vec![desk.state(1, &[Condition::MainsFault])]).await.unwrap();
    };
    for n in 0..5 {
        fault(n).await;
    }
    futures::future::join_all((5..100).map(fault)).await;
    let open = desk.open_alarms();
    assert_eq!((open.len(), open.iter().filter(|o| o.alarm.rings()).count()), (100, 1));
    assert_eq!(desk.app.meters().reread.get(), 0, "nobody had to be decided again for ever");
}

#[tokio::test]
async fn faults_of_two_townships_are_no_one_incident() {
    let desk = in_memory().await;
    for n in 1..=8 {
        let town = if n % 2 == 0 { TOWN } else { NEIGHBOUR_TOWN };
        desk.register(&format!("单位{n}"), town, &format!("90{n}"), 1).await;
        let fault = desk.state(1, &[Condition::MainsFault]);
        desk.hears(&format!("90{n}"), vec![fault]).await.unwrap();
    }
    assert_eq!(desk.open_alarms().into_iter().filter(|o| o.alarm.rings()).count(), 8);
}
