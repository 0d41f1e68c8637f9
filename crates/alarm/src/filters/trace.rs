//! The trace (过滤留痕) of an alarm: which filter said what about it, and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most lines of one trace; the first one and the newest stay.
pub const TRACE_MAX: usize = 40;

/// A filter, by its stable name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Who and where it is (身份).
    Identity,
    /// The same frame again (重发).
    Duplicate,
    /// The same point again (同点重报).
    Repeat,
    /// Shielded at the panel (盘面屏蔽).
    Shielded,
    /// Covered by a window of maintenance or shielding (维护屏蔽).
    Window,
    /// A test of the facility (测试).
    Test,
    /// A drill (演练).
    Drill,
    /// Happened long ago (迟到).
    Late,
    /// A clock that is wrong (时钟偏差).
    Skew,
    /// A value that hovers about its limit (回差).
    Hysteresis,
    /// A second signal that confirms it (双点联动).
    Coincidence,
    /// One of very many (告警风暴).
    Storm,
    /// 成片故障: the faults of many units of a township are one incident.
    Area,
    /// Put together by an officer (合并).
    Merged,
}

impl Filter {
    /// All filters, in the order in which they are asked.
    pub const ALL: [Filter; 14] = [
        Filter::Identity,
        Filter::Duplicate,
        Filter::Repeat,
        Filter::Shielded,
        Filter::Window,
        Filter::Test,
        Filter::Drill,
        Filter::Late,
        Filter::Skew,
        Filter::Hysteresis,
        Filter::Coincidence,
        Filter::Storm,
        Filter::Area,
        Filter::Merged,
    ];

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Filter::Identity => "identity",
            Filter::Duplicate => "duplicate",
            Filter::Repeat => "repeat",
            Filter::Shielded => "shielded",
            Filter::Window => "window",
            Filter::Test => "test",
            Filter::Drill => "drill",
            Filter::Late => "late",
            Filter::Skew => "skew",
            Filter::Hysteresis => "hysteresis",
            Filter::Coincidence => "coincidence",
            Filter::Storm => "storm",
            Filter::Area => "area",
            Filter::Merged => "merged",
        }
    }

    /// The word on the desk.
    pub fn label(self) -> &'static str {
        match self {
            Filter::Identity => "身份",
            Filter::Duplicate => "重发",
            Filter::Repeat => "同点重报",
            Filter::Shielded => "盘面屏蔽",
            Filter::Window => "维护屏蔽",
            Filter::Test => "测试",
            Filter::Drill => "演练",
            Filter::Late => "迟到",
            Filter::Skew => "时钟偏差",
            Filter::Hysteresis => "回差",
            Filter::Coincidence => "双点联动",
            Filter::Storm => "告警风暴",
            Filter::Area => "成片故障",
            Filter::Merged => "合并",
        }
    }
}

/// One line of a trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// Which filter.
    pub filter: Filter,
    /// What it said, as a finished sentence.
    pub sentence: String,
}

/// What the filters said about an alarm, oldest first; at most [`TRACE_MAX`] lines.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace(Vec<Mark>);

impl Trace {
    /// The lines, oldest first.
    pub fn marks(&self) -> &[Mark] {
        &self.0
    }

    /// Adds a line. A filter that speaks twice in a row replaces its line: a point that repeats for a whole
    /// night says so once, with the newest count.
    pub fn add(&mut self, at: Timestamp, filter: Filter, sentence: impl Into<String>) {
        let mark = Mark { at, filter, sentence: sentence.into() };
        match self.0.last_mut() {
            Some(last) if last.filter == filter && filter == Filter::Repeat => *last = mark,
            _ => self.0.push(mark),
        }
        self.shorten();
    }

    /// Says how often the same report came again: one line for all of them, with the newest count.
    pub fn count(&mut self, at: Timestamp, filter: Filter, sentence: impl Into<String>) {
        self.0.retain(|mark| mark.filter != filter);
        self.0.push(Mark { at, filter, sentence: sentence.into() });
        self.shorten();
    }

    fn shorten(&mut self) {
        if self.0.len() > TRACE_MAX {
            // The first line says who it is; the second is the oldest that may go.
            self.0.remove(1);
        }
    }

    /// Whether a filter has said anything.
    pub fn has(&self, filter: Filter) -> bool {
        self.0.iter().any(|mark| mark.filter == filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_point_that_repeats_all_night_says_so_once() {
        let mut trace = Trace::default();
        trace.add(at(0), Filter::Identity, "云岫纺织");
        (1..1_000).for_each(|n| trace.add(at(n), Filter::Repeat, format!("第 {n} 次")));
        assert_eq!(trace.marks().len(), 2);
        assert_eq!(trace.marks()[1].sentence, "第 999 次");
    }

    #[test]
    fn resent_frames_are_one_line_wherever_the_others_stand() {
        let mut trace = Trace::default();
        trace.add(at(0), Filter::Identity, "云岫纺织");
        for n in 1..1_000 {
            trace.add(at(n), Filter::Window, format!("第 {n} 句"));
            trace.count(at(n), Filter::Duplicate, format!("{n} 次"));
        }
        assert_eq!(trace.marks().len(), TRACE_MAX);
        let counted: Vec<_> = trace.marks().iter().filter(|m| m.filter == Filter::Duplicate).collect();
        assert_eq!((counted.len(), counted[0].sentence.as_str()), (1, "999 次"));
        assert_eq!(trace.marks()[0].filter, Filter::Identity);
    }

    #[test]
    fn a_trace_is_full_at_its_limit_and_keeps_who_it_was_and_the_newest() {
        let mut trace = Trace::default();
        trace.add(at(0), Filter::Identity, "云岫纺织");
        let most = i64::try_from(TRACE_MAX).unwrap();
        (1..most).for_each(|n| trace.add(at(n), Filter::Window, format!("第 {n} 句")));
        assert_eq!((trace.marks().len(), trace.marks()[1].sentence.as_str()), (TRACE_MAX, "第 1 句"));
        trace.add(at(most), Filter::Window, "最后一句");
        assert_eq!(trace.marks().len(), TRACE_MAX);
        assert_eq!(trace.marks()[0].filter, Filter::Identity);
        assert_eq!(trace.marks()[1].sentence, "第 2 句");
        assert_eq!(trace.marks()[TRACE_MAX - 1].sentence, "最后一句");
    }

    #[test]
    fn every_filter_has_a_name_and_a_word_of_its_own() {
        let names: std::collections::BTreeSet<_> = Filter::ALL.iter().map(|f| f.code()).collect();
        let words: std::collections::BTreeSet<_> = Filter::ALL.iter().map(|f| f.label()).collect();
        assert_eq!((names.len(), words.len()), (Filter::ALL.len(), Filter::ALL.len()));
    }
}
