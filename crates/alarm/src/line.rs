//! How the line of a terminal comes and goes: an offline alarm counts it, and rings for the first time only.
//!
//! A terminal that falls silent, speaks and falls silent again is one story and one alarm. When its line changes more
//! often than so many times in so many minutes it comes and goes (时断时续); the alarm says so and stays, without a bell,
//! until the line has been steady for a while. Then it ends by itself, unless an officer has taken it: what a person has
//! in hand, a person closes.

use crate::{Alarm, Class, Event, Life, Raise};
use fengsui_base::AlarmId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Fewest changes that may make a line come and go: falling silent, speaking, and falling silent again is one story.
pub const LINE_CHANGES_MIN: usize = 2;
/// Most changes that may be waited for; an alarm keeps so many instants.
pub const LINE_CHANGES_MAX: usize = 50;
/// Shortest time that can be set here, in seconds: a terminal needs half a minute to connect anew.
pub const LINE_S_MIN: i64 = 60;
/// Longest time that can be set here, in seconds: a day.
pub const LINE_S_MAX: i64 = 86_400;

/// From when a line comes and goes, and from when it is steady.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineRules {
    /// More changes than these …
    pub changes: usize,
    /// … within this time make it come and go, in seconds.
    pub window_s: i64,
    /// A line that fell silent is steady after this time without a gap, in seconds.
    pub steady_s: i64,
    /// A line that came and went is steady after this time, in seconds.
    pub flapping_steady_s: i64,
}

impl Default for LineRules {
    /// Four changes in half an hour; ten minutes; half an hour.
    fn default() -> Self {
        Self { changes: 4, window_s: 1_800, steady_s: 600, flapping_steady_s: 1_800 }
    }
}

impl LineRules {
    /// The first setting that is out of bounds, with what it is, what it may be, and what it is for.
    pub fn out_of_bounds(&self) -> Option<(&'static str, i64, [i64; 2], &'static str)> {
        let changes = [LINE_CHANGES_MIN as i64, LINE_CHANGES_MAX as i64];
        let span_s = [LINE_S_MIN, LINE_S_MAX];
        let count = i64::try_from(self.changes).unwrap_or(i64::MAX);
        let all = [
            ("changes", count, changes, "通断超过多少次算时断时续"),
            ("window_s", self.window_s, span_s, "多少秒之内的通断一起数"),
            ("steady_s", self.steady_s, span_s, "恢复通信多少秒不再断才销号"),
            ("flapping_steady_s", self.flapping_steady_s, span_s, "时断时续的稳定多少秒才算好"),
        ];
        all.into_iter().find(|(_, value, [least, most], _)| !(*least..=*most).contains(value))
    }
}

/// What an offline alarm knows of its line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// No bell even for the first time: a sensor that reports by the day is missed by the day.
    pub quiet: bool,
    /// Its latest changes, falling silent and speaking again, oldest first.
    pub changes: Vec<Timestamp>,
    /// Since when it comes and goes.
    pub flapping_since: Option<Timestamp>,
}

impl Line {
    /// Whether the bell stays silent: for a sensor that reports by the day, and after the first silence.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet || self.changes.len() > 1
    }

    /// Notes a change; answers whether the line comes and goes from now on.
    fn change(&mut self, now: Timestamp, rules: Option<LineRules>) -> bool {
        self.changes.push(now);
        let Some(rules) = rules else { return false };
        let first = self.changes.len().saturating_sub(rules.changes + 1);
        let window = SignedDuration::from_secs(rules.window_s);
        let often = self.changes.len() > rules.changes && now.duration_since(self.changes[first]) <= window;
        self.changes.drain(..first);
        let begins = often && self.flapping_since.is_none();
        if begins {
            self.flapping_since = Some(now);
        }
        begins
    }
}

impl Alarm {
    /// A new alarm of a terminal that has fallen silent. A `quiet` one does not ring.
    pub fn raise_offline(id: AlarmId, raise: Raise, quiet: bool) -> (Self, Event) {
        let line = Line { quiet, changes: vec![raise.raised_at], flapping_since: None };
        let (alarm, event) = Self::raise(id, Raise { class: Class::Offline, ..raise });
        (Self { line: Some(line), ..alarm }, event)
    }

    /// Whether its line comes and goes.
    pub fn is_flapping(&self) -> bool {
        self.line.as_ref().is_some_and(|l| l.flapping_since.is_some())
    }

    /// When its line is steady, if nothing happens before; only while the terminal is heard.
    pub fn steady_at(&self, rules: LineRules) -> Option<Timestamp> {
        if self.line.is_none() || self.released || self.is_closed() {
            return None;
        }
        let steady_s = if self.is_flapping() { rules.flapping_steady_s } else { rules.steady_s };
        self.restored_at.map(|at| at + SignedDuration::from_secs(steady_s))
    }

    pub(crate) fn silent_again(mut self, rules: LineRules, now: Timestamp) -> (Self, Event) {
        let count = self.count.saturating_add(1);
        let begins = self.line.as_mut().is_some_and(|l| l.change(now, Some(rules)));
        let event = if begins { Event::Flapping(count) } else { Event::SilentAgain(count) };
        (Self { count, last_at: now, restored_at: None, ..self }, event)
    }

    pub(crate) fn heard_again(mut self, now: Timestamp) -> (Self, Event) {
        if let Some(line) = &mut self.line {
            line.change(now, None);
        }
        let after_s = now.as_second() - self.last_at.as_second();
        (Self { restored_at: Some(now), ..self }, Event::HeardAgain { after_s })
    }

    pub(crate) fn steadied(mut self, now: Timestamp) -> (Self, Event) {
        let after_s = self.restored_at.map_or(0, |at| now.as_second() - at.as_second());
        if let Some(line) = &mut self.line {
            line.flapping_since = None;
        }
        if self.life == Life::Raised {
            self.life = Life::Ended { at: now };
        }
        self.released = true;
        (self, Event::Steadied { after_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_line_have_bounds() {
        let named = |rules: LineRules| rules.out_of_bounds().map(|(name, ..)| name);
        let usual = LineRules::default();
        assert_eq!(named(usual), None);
        for good in [LINE_CHANGES_MIN, LINE_CHANGES_MAX] {
            assert_eq!(named(LineRules { changes: good, ..usual }), None);
        }
        for bad in [LINE_CHANGES_MIN - 1, LINE_CHANGES_MAX + 1, usize::MAX] {
            assert_eq!(named(LineRules { changes: bad, ..usual }), Some("changes"));
        }
        for (good, bad) in [(LINE_S_MIN, LINE_S_MIN - 1), (LINE_S_MAX, LINE_S_MAX + 1)] {
            assert_eq!(
                named(LineRules { window_s: good, steady_s: good, flapping_steady_s: good, ..usual }),
                None
            );
            assert_eq!(named(LineRules { window_s: bad, ..usual }), Some("window_s"));
            assert_eq!(named(LineRules { steady_s: bad, ..usual }), Some("steady_s"));
            assert_eq!(named(LineRules { flapping_steady_s: bad, ..usual }), Some("flapping_steady_s"));
        }
    }
    use crate::{Input, Timing};
    use fengsui_base::{EntryId, Officer, TerminalId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn silent(second: i64, quiet: bool) -> Alarm {
        let raise = Raise {
            class: Class::Offline,
            title: "离线".into(),
            region: "990101000000".parse().unwrap(),
            unit: None,
            unit_name: None,
            terminal: TerminalId(EntryId::from_u128(1)),
            point: None,
            slot: "alarm/offline/1".into(),
            building: None,
            floor: None,
            zone: None,
            place: "传输装置".into(),
            component_type: 0,
            component_label: String::new(),
            component_address: 0,
            position: None,
            timing: Timing::OnTime,
            raised_at: at(second),
            event_at: Some(at(second - 90)),
            sent_at: None,
        };
        Alarm::raise_offline(AlarmId(EntryId::from_u128(2)), raise, quiet).0
    }

    fn then(alarm: Alarm, input: Input, second: i64) -> (Alarm, Event) {
        alarm.handle(input, at(second)).unwrap()
    }

    fn rules() -> LineRules {
        LineRules::default()
    }

    #[test]
    fn it_rings_for_the_first_silence_only_and_never_for_a_daily_sensor() {
        assert!(silent(0, false).rings() && !silent(0, true).rings());
        let (alarm, event) = then(silent(0, false), Input::Heard, 60);
        assert!(!alarm.rings());
        assert_eq!(event.sentence(&alarm), "恢复通信，离线 1 分钟");
        let (alarm, event) = then(alarm, Input::Silent(rules()), 200);
        assert!(!alarm.rings() && alarm.holds_slot());
        assert_eq!((event, alarm.count, alarm.restored_at), (Event::SilentAgain(2), 2, None));
    }

    #[test]
    fn it_comes_and_goes_beyond_four_changes_in_half_an_hour_and_not_at_four() {
        let flaps = |gap: i64| {
            let (alarm, _) = then(silent(0, false), Input::Heard, gap);
            let (alarm, event) = then(alarm, Input::Silent(rules()), 2 * gap);
            assert_eq!((event, alarm.is_flapping()), (Event::SilentAgain(2), false));
            let (alarm, _) = then(alarm, Input::Heard, 3 * gap);
            assert!(!alarm.is_flapping());
            then(alarm, Input::Silent(rules()), 4 * gap)
        };
        let (alarm, event) = flaps(450);
        assert_eq!((event, alarm.is_flapping()), (Event::Flapping(3), true));
        let (back, _) = then(alarm, Input::Heard, 1_900);
        assert_eq!(back.steady_at(rules()), Some(at(1_900 + 1_800)), "it takes longer to be trusted again");
        let (alarm, event) = flaps(451);
        assert_eq!(
            (event, alarm.is_flapping()),
            (Event::SilentAgain(3), false),
            "just too slow to be flapping"
        );
    }

    #[test]
    fn a_steady_line_ends_it_by_itself_unless_somebody_has_it() {
        let (back, _) = then(silent(0, false), Input::Heard, 60);
        assert_eq!(back.steady_at(rules()), Some(at(660)));
        let (ended, event) = then(back.clone(), Input::Steady, 660);
        assert_eq!((ended.state(), ended.closed_at(), ended.holds_slot()), ("closed", Some(at(660)), false));
        assert_eq!(event.sentence(&ended), "恢复通信已稳定 10 分钟，自动销号");
        let officer = Officer {
            id: fengsui_base::AccountId(EntryId::from_u128(9)),
            name: "周敏".into(),
            seat: Some(1),
        };
        assert_eq!(ended.handle(Input::Take(officer.clone()), at(700)).unwrap_err().code, "alarm.ended");
        let (taken, _) = then(back, Input::Take(officer), 100);
        let (taken, event) = then(taken, Input::Steady, 660);
        assert_eq!((taken.state(), taken.holds_slot(), taken.steady_at(rules())), ("taken", false, None));
        assert_eq!(event.sentence(&taken), "恢复通信已稳定 10 分钟");
    }

    #[test]
    fn what_is_stored_is_read_back_and_older_alarms_have_no_line() {
        let alarm = silent(0, true);
        let stored = serde_json::to_value(&alarm).unwrap();
        assert_eq!(serde_json::from_value::<Alarm>(stored.clone()).unwrap(), alarm);
        let mut old = stored;
        old.as_object_mut().unwrap().remove("line");
        assert_eq!(serde_json::from_value::<Alarm>(old).unwrap().line, None);
    }
}
