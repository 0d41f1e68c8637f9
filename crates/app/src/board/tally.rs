//! How many open alarms there are of each sort, kept by region while they change: a desk reads them with every event,
//! and a mass fault with a hundred thousand open alarms is not walked for it.

use crate::OpenAlarm;
use fengsui_alarm::{Alarm, Class};
use fengsui_base::Scope;
use std::collections::BTreeMap;

/// Sorts of what does not work: offline or fault, come and go or not, restored or not.
const OUTAGE_SORTS: usize = 8;

/// How many alarms are open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenCounts {
    /// Ring, and nobody has taken them.
    pub raised: u64,
    /// Nobody has taken them, and they do not ring.
    pub silent: u64,
    /// Taken or forwarded.
    pub handling: u64,
    /// Verified, and not closed yet.
    pub to_close: u64,
    by_class: [u64; Class::ALL.len()],
    outages: [u64; OUTAGE_SORTS],
}

/// Which outages are meant; whatever is not said is not asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct OutageSort {
    /// Offline terminals or faults.
    pub(crate) class: Option<Class>,
    /// Lines that come and go, or those that do not.
    pub(crate) flapping: Option<bool>,
    /// What has ended, or what is still so.
    pub(crate) restored: Option<bool>,
}

impl OutageSort {
    fn of(alarm: &Alarm) -> Option<usize> {
        let silent = match alarm.raise.class {
            Class::Offline => 1,
            Class::Fault => 0,
            _ => return None,
        };
        Some(silent | usize::from(alarm.is_flapping()) << 1 | usize::from(alarm.restored_at.is_some()) << 2)
    }

    /// Whether an alarm is one of them.
    pub(crate) fn has(self, alarm: &Alarm) -> bool {
        Self::of(alarm).is_some_and(|sort| self.has_sort(sort))
    }

    fn has_sort(self, sort: usize) -> bool {
        let class = if sort & 1 == 1 { Class::Offline } else { Class::Fault };
        self.class.is_none_or(|c| c == class)
            && self.flapping.is_none_or(|f| f == (sort & 2 != 0))
            && self.restored.is_none_or(|r| r == (sort & 4 != 0))
    }
}

impl OpenCounts {
    fn of(alarm: &Alarm) -> Self {
        let mut one = Self::default();
        let place = match alarm.state() {
            "raised" if alarm.rings() => Some(&mut one.raised),
            "raised" => Some(&mut one.silent),
            "taken" | "forwarded" => Some(&mut one.handling),
            "verified" => Some(&mut one.to_close),
            _ => None,
        };
        place.into_iter().for_each(|count| *count = 1);
        one.by_class
            .iter_mut()
            .zip(Class::ALL)
            .filter(|(_, c)| *c == alarm.raise.class)
            .for_each(|(n, _)| *n = 1);
        OutageSort::of(alarm).and_then(|sort| one.outages.get_mut(sort)).into_iter().for_each(|n| *n = 1);
        one
    }

    /// How many there are of a class.
    pub fn of_class(&self, class: Class) -> u64 {
        Class::ALL.into_iter().zip(self.by_class).find(|(c, _)| *c == class).map_or(0, |(_, count)| count)
    }

    /// How many of what does not work are of these sorts.
    pub(crate) fn outages(&self, wanted: OutageSort) -> u64 {
        self.outages
            .iter()
            .enumerate()
            .filter(|(sort, _)| wanted.has_sort(*sort))
            .map(|(_, count)| count)
            .sum()
    }

    fn each(mut self, other: &Self, step: fn(u64, u64) -> u64) -> Self {
        self.raised = step(self.raised, other.raised);
        self.silent = step(self.silent, other.silent);
        self.handling = step(self.handling, other.handling);
        self.to_close = step(self.to_close, other.to_close);
        let pairs = self.by_class.iter_mut().zip(other.by_class);
        pairs.chain(self.outages.iter_mut().zip(other.outages)).for_each(|(a, b)| *a = step(*a, b));
        self
    }
}

impl OpenCounts {
    /// The same with these alarms counted too.
    pub(super) fn and<'a>(self, more: impl Iterator<Item = &'a OpenAlarm>) -> Self {
        more.fold(self, |sum, open| sum.each(&Self::of(&open.alarm), u64::saturating_add))
    }
}

/// The counts of each region that has any.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<u64, OpenCounts>);

impl Tally {
    pub(super) fn add(&mut self, open: &OpenAlarm) {
        let counts = self.0.entry(open.entry.region.number()).or_default();
        *counts = counts.each(&OpenCounts::of(&open.alarm), u64::saturating_add);
    }

    pub(super) fn remove(&mut self, open: &OpenAlarm) {
        let region = open.entry.region.number();
        let counts = self.0.entry(region).or_default();
        *counts = counts.each(&OpenCounts::of(&open.alarm), u64::saturating_sub);
        if *counts == OpenCounts::default() {
            self.0.remove(&region);
        }
    }

    pub(super) fn counts(&self, scope: &Scope) -> OpenCounts {
        let regions = scope.ranges().iter().flat_map(|range| self.0.range(range.clone()));
        regions.fold(OpenCounts::default(), |sum, (_, counts)| sum.each(counts, u64::saturating_add))
    }

    /// The counts as a walk over these alarms finds them.
    #[cfg(test)]
    pub(super) fn walked<'a>(all: impl Iterator<Item = &'a OpenAlarm>) -> OpenCounts {
        OpenCounts::default().and(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Board;
    use fengsui_alarm::{
        FilterSettings, Finding, Ground, Input, Joined, LineRules, Membership, Raise, Scene, Timing, Waits,
        area,
    };
    use fengsui_base::{
        AccountId, AlarmId, EntryId, Fields, Officer, RegionCode, TerminalId, Timestamp, UnitId,
    };
    use fengsui_ledger::Entry;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};

    const ALARMS: usize = 6;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn raised(number: u8, class: Class, site: u8) -> Alarm {
        let raise = Raise {
            class,
            title: class.label().to_owned(),
            region: RegionCode::new(990_101_001_000 + 1_000 * u64::from(site)).unwrap(),
            unit: (site > 0).then(|| UnitId(EntryId::from_u128(100 + u128::from(site)))),
            unit_name: (site > 0).then(|| format!("单位{}", site % 2)),
            terminal: TerminalId(EntryId::from_u128(200 + u128::from(site))),
            point: None,
            slot: format!("alarm/{number}"),
            building: None,
            floor: None,
            zone: None,
            place: String::new(),
            component_type: 0,
            component_label: String::new(),
            component_address: 0,
            position: None,
            timing: if number == 0 { Timing::Late } else { Timing::OnTime },
            raised_at: at(10 * i64::from(number)),
            event_at: None,
            sent_at: None,
        };
        let id = AlarmId(EntryId::from_u128(1 + u128::from(number)));
        if class == Class::Offline { Alarm::raise_offline(id, raise, false) } else { Alarm::raise(id, raise) }
            .0
    }

    fn officer() -> Officer {
        Officer { id: AccountId(EntryId::from_u128(1)), name: "周敏".to_owned(), seat: Some(1) }
    }

    fn input(step: u8) -> Input {
        let rules = LineRules { changes: 1, ..LineRules::default() };
        let verify = |finding| Input::Verify { by: officer(), finding, cause: None, note: None };
        match step {
            0 => Input::Restore,
            1 => Input::Take(officer()),
            2 => verify(Finding::Real),
            3 => verify(Finding::Test),
            4 => Input::Close { by: officer(), note: None, unrestored_reason: Some("已处理".to_owned()) },
            5 => Input::Heard,
            6 => Input::Silent(rules),
            7 => Input::Steady,
            8..12 => Input::Join(Membership {
                head: AlarmId(EntryId::from_u128(u128::from(step - 7))),
                words: "首警".to_owned(),
                joined: Joined::Area,
                quiet: step.is_multiple_of(2),
                at: at(60),
            }),
            _ => Input::Forward { by: officer(), to: "119".to_owned(), note: None },
        }
    }

    fn apply(board: &Board, alarm: &Alarm, version: u64) {
        let serde_json::Value::Object(fields) = serde_json::to_value(alarm).unwrap() else {
            panic!("a record")
        };
        board.apply_entry(&Entry {
            id: alarm.id.into(),
            kind: "alarm".to_owned(),
            region: alarm.raise.region,
            state: alarm.state().to_owned(),
            number: None,
            title: String::new(),
            owner: None,
            opened_at: Timestamp::UNIX_EPOCH,
            due_at: None,
            wake_at: None,
            closed_at: None,
            version,
            position: None,
            source: None,
            revision: 1,
            fields: Fields::from_iter(fields),
        });
    }

    /// Everything that is kept about open alarms, as a walk over them finds it.
    fn check(board: &Board) {
        for scope in [Scope::everything(), Scope::of([990_101_002_000..990_101_004_000]), Scope::nothing()] {
            let open = board.open_alarms(&scope);
            assert_eq!(board.open_counts(&scope), Tally::walked(open.iter().map(AsRef::as_ref)));
            // The same beside the regions, for somebody with named units.
            let named = scope.clone().with_units((1..4).map(|n| UnitId(EntryId::from_u128(100 + n))));
            let theirs = board.open_alarms(&named);
            assert_eq!(board.open_counts(&named), Tally::walked(theirs.iter().map(AsRef::as_ref)));
            let mut listed: Vec<_> =
                open.iter().filter(|o| OutageSort::default().has(&o.alarm)).map(|o| o.place()).collect();
            listed.sort();
            let kept = board.outages(&scope, None, usize::MAX, |_| true);
            assert_eq!(kept.iter().map(|o| o.place()).collect::<Vec<_>>(), listed);
        }
        let all = board.open_alarms(&Scope::everything());
        for terminal in all.iter().map(|o| o.alarm.raise.terminal) {
            let of: BTreeSet<_> = board.open_alarms_of(terminal).iter().map(|o| o.alarm.id).collect();
            let walked: BTreeSet<_> =
                all.iter().filter(|o| o.alarm.raise.terminal == terminal).map(|o| o.alarm.id).collect();
            assert_eq!(of, walked);
        }
        check_climbs(board, &all);
        check_areas(board, &all);
    }

    /// Whose ladder goes on, with and without anybody at the desk: whoever a walk finds due is found.
    fn check_climbs(board: &Board, all: &[std::sync::Arc<OpenAlarm>]) {
        let mut fires: HashMap<UnitId, usize> = HashMap::new();
        let burns = |o: &&std::sync::Arc<OpenAlarm>| {
            let none = matches!(o.alarm.verdict().map(|v| v.finding), Some(Finding::False | Finding::Test));
            o.alarm.raise.class == Class::Fire && o.alarm.raise.timing == Timing::OnTime && !none
        };
        let units = all.iter().filter(burns).filter_map(|o| o.alarm.raise.unit);
        units.for_each(|unit| *fires.entry(unit).or_default() += 1);
        let company =
            |o: &OpenAlarm| o.alarm.raise.unit.is_some_and(|u| fires.get(&u).is_some_and(|n| *n > 1));
        for open in all {
            let kept = open.alarm.raise.unit.is_some_and(|unit| board.has_company(unit));
            assert_eq!(kept, company(open));
        }
        for (now, manned) in [0, 45, 100, 3_600].into_iter().flat_map(|s| [(at(s), true), (at(s), false)]) {
            let due = |open: &OpenAlarm| {
                let scene = Scene { manned, company: company(open) };
                open.alarm.ladder.as_ref().is_none_or(|ladder| ladder.due(scene, now).is_some())
            };
            let walked: BTreeSet<_> = all.iter().filter(|o| due(o)).map(|o| o.alarm.id).collect();
            let kept = board.due_where(now, manned, usize::MAX);
            let kept: BTreeSet<_> = kept.iter().filter(|o| due(o)).map(|o| o.alarm.id).collect();
            assert_eq!(kept, walked);
        }
    }

    /// A new fault joins the same incident by the few that are kept as by all of its township.
    fn check_areas(board: &Board, all: &[std::sync::Arc<OpenAlarm>]) {
        let settings = FilterSettings { area_units: 2, area_within_s: 30, ..FilterSettings::default() };
        for (site, second) in [(1, 20), (2, 55), (2, 640), (3, 9_999)] {
            let mut new = raised(99, Class::Fault, site);
            new.raise.raised_at = at(second);
            let region = new.raise.region;
            let here = all.iter().filter(|o| o.entry.region == region).map(|o| &o.alarm);
            let kept = board.area_faults(region, at(second), settings.area_within_s);
            assert_eq!(area(&new, kept.iter().map(|o| &o.alarm), settings), area(&new, here, settings));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_is_kept_of_open_alarms_is_what_a_walk_finds(
            raises in proptest::collection::vec((0..6_usize, 0..4_u8), ALARMS),
            steps in proptest::collection::vec((0..ALARMS, 0..13_u8, 0..4_u8), 1..60),
        ) {
            let board = Board::default();
            let pace = |alarm: &mut Alarm, now| {
                let small_place = alarm.raise.class == Class::Fire && alarm.raise.region.number().is_multiple_of(2_000);
                alarm.pace(Ground { waits: Waits::default(), small_place, manned: true }, now);
            };
            let mut alarms: Vec<_> =
                (0..).zip(&raises).map(|(n, (class, site))| raised(n, Class::ALL[*class], *site)).collect();
            alarms.iter_mut().for_each(|alarm| {
                pace(alarm, alarm.raise.raised_at);
                apply(&board, alarm, 1);
            });
            check(&board);
            for (version, (which, step, site)) in (2..).zip(steps) {
                let at = Timestamp::from_second(i64::try_from(version).unwrap()).unwrap();
                let alarm = &mut alarms[which];
                match alarm.clone().handle(input(step), at) {
                    Ok((after, _)) => *alarm = after,
                    // Refused: then it is claimed for another unit.
                    Err(_) => {
                        let moved = raised(0, alarm.raise.class, site).raise;
                        (alarm.raise.unit, alarm.raise.region) = (moved.unit, moved.region);
                        alarm.raise.unit_name = moved.unit_name;
                    }
                }
                pace(alarm, at);
                apply(&board, alarm, version);
                check(&board);
            }
        }
    }
}
