//! How many terminals there are and how many of them are heard, kept while they change: a screen asks every second,
//! and a million terminals are not walked for it.
//!
//! Each terminal is counted under its region, so that a scope is a sum over regions. One that is heard stays so until
//! its deadline. Deadlines are kept by the second in which they fall; whoever asks first moves those that have passed,
//! so a terminal costs one look in each of its periods, whoever asks and however often. A heartbeat costs nothing here.

use super::labels::{Label, Labels};
use super::{Board, KnownTerminal};
use fengsui_base::{Scope, TerminalId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many terminals there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TerminalCounts {
    /// Registered.
    pub total: u64,
    /// Registered and heard lately.
    pub online: u64,
    /// Registered and heard, but not lately.
    pub offline: u64,
    /// Registered and never heard at all (从未通信).
    pub never_heard: u64,
    /// Not claimed by anybody.
    pub unknown: u64,
}

/// How the line of a terminal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// Registered and heard lately.
    Online,
    /// Registered and heard, but not lately.
    Silent,
    /// Registered and never heard.
    NeverHeard,
    /// Waits for somebody to claim it.
    Unclaimed,
    /// Ignored or blocked: in no count.
    Aside,
}

/// Where a terminal is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) region: u64,
    pub(super) line: Line,
    /// The second in which it stops being heard lately, when it is.
    pub(super) lapse_s: Option<i64>,
    /// By which wire it was last heard, if since the start.
    pub(super) wire: Label,
    /// Which codec reads it.
    pub(super) codec: Label,
}

/// How many terminals there are by the wire on which they were last heard, and by codec.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WireCounts {
    /// By wire: `tcp`, `udp`, `push <subscription>`, `mqtt <broker>`; only those heard since the start.
    pub by_wire: BTreeMap<String, u64>,
    /// By the name of the codec.
    pub by_codec: BTreeMap<String, u64>,
}

/// The wire of a channel: of a connection or a datagram without the address at its other end.
pub(super) fn wire_of(channel: &str) -> &str {
    channel.split(' ').next().filter(|kind| matches!(*kind, "tcp" | "udp")).unwrap_or(channel)
}

impl TerminalCounts {
    fn of(line: Line) -> Self {
        let one = Self::default();
        match line {
            Line::Online => Self { total: 1, online: 1, ..one },
            Line::Silent => Self { total: 1, offline: 1, ..one },
            Line::NeverHeard => Self { total: 1, never_heard: 1, ..one },
            Line::Unclaimed => Self { unknown: 1, ..one },
            Line::Aside => one,
        }
    }

    fn each(self, other: Self, step: fn(u64, u64) -> u64) -> Self {
        Self {
            total: step(self.total, other.total),
            online: step(self.online, other.online),
            offline: step(self.offline, other.offline),
            never_heard: step(self.never_heard, other.never_heard),
            unknown: step(self.unknown, other.unknown),
        }
    }
}

#[derive(Default)]
pub(super) struct Census {
    /// The instant as of which everybody is counted; nobody is before the watch has begun.
    as_of: Option<Timestamp>,
    by_region: BTreeMap<u64, TerminalCounts>,
    labels: Labels,
    by_wire: BTreeMap<(Label, u64), u64>,
    by_codec: BTreeMap<(Label, u64), u64>,
    /// Who may stop being heard in which second.
    lapses: BTreeMap<i64, Vec<Arc<KnownTerminal>>>,
    /// The registered ones that are heard lately, and those that are not.
    heard: BTreeSet<TerminalId>,
    silent: BTreeSet<TerminalId>,
}

impl Census {
    /// Counts a terminal as it stands now, instead of as it was counted before.
    fn take(&mut self, terminal: &Arc<KnownTerminal>) {
        let Some(as_of) = self.as_of else { return };
        let after = terminal.place(as_of, &mut self.labels);
        let before = terminal.counted_at(after);
        if before == after {
            return;
        }
        self.move_count(before, after);
        self.move_line(terminal.id, after);
        if let Some(second) =
            after.and_then(|p| p.lapse_s).filter(|s| Some(*s) != before.and_then(|p| p.lapse_s))
        {
            self.lapses.entry(second).or_default().push(terminal.clone());
        }
    }

    fn move_count(&mut self, before: Option<Place>, after: Option<Place>) {
        if let Some(place) = before {
            let counts = self.by_region.entry(place.region).or_default();
            *counts = counts.each(TerminalCounts::of(place.line), u64::saturating_sub);
            if *counts == TerminalCounts::default() {
                self.by_region.remove(&place.region);
            }
        }
        if let Some(place) = after {
            let counts = self.by_region.entry(place.region).or_default();
            *counts = counts.each(TerminalCounts::of(place.line), u64::saturating_add);
        }
        let told = |place: Option<Place>| place.map(|p| ((p.wire, p.region), (p.codec, p.region)));
        let (before, after) = (told(before), told(after));
        move_one(&mut self.by_wire, before.map(|b| b.0), after.map(|a| a.0));
        move_one(&mut self.by_codec, before.map(|b| b.1), after.map(|a| a.1));
    }

    fn move_line(&mut self, id: TerminalId, after: Option<Place>) {
        let (heard, silent) = match after.map(|p| p.line) {
            Some(Line::Online) => (true, false),
            Some(Line::Silent | Line::NeverHeard) => (false, true),
            Some(Line::Unclaimed | Line::Aside) | None => (false, false),
        };
        for (set, belongs) in [(&mut self.heard, heard), (&mut self.silent, silent)] {
            if belongs {
                set.insert(id)
            } else {
                set.remove(&id)
            };
        }
    }

    /// Brings everybody whose deadline has come up to date. Time that goes back is not followed.
    fn advance(&mut self, now: Timestamp) {
        if self.as_of.is_none_or(|as_of| now <= as_of) {
            return;
        }
        self.as_of = Some(now);
        let mut due = Vec::new();
        while let Some(entry) = self.lapses.first_entry().filter(|e| *e.key() <= now.as_second()) {
            due.push(entry.remove_entry());
        }
        for (second, terminals) in due {
            // Only if this is still the second that it waits for; otherwise it waits for another.
            terminals.into_iter().filter(|t| t.take_lapse(second)).for_each(|t| self.take(&t));
        }
    }

    fn counts(&self, scope: &Scope) -> TerminalCounts {
        let regions = scope.ranges().iter().flat_map(|range| self.by_region.range(range.clone()));
        regions.fold(TerminalCounts::default(), |sum, (_, counts)| sum.each(*counts, u64::saturating_add))
    }

    fn labelled(&self, counts: &BTreeMap<(Label, u64), u64>, scope: &Scope) -> BTreeMap<String, u64> {
        let within = |region: u64| scope.ranges().iter().any(|range| range.contains(&region));
        let mut found = BTreeMap::new();
        for ((label, _), count) in counts.iter().filter(|((_, region), _)| within(*region)) {
            if let Some(word) = self.labels.word(*label) {
                *found.entry(word.to_owned()).or_default() += count;
            }
        }
        found
    }
}

/// One that was counted there is counted here.
fn move_one(
    counts: &mut BTreeMap<(Label, u64), u64>,
    before: Option<(Label, u64)>,
    after: Option<(Label, u64)>,
) {
    if before == after {
        return;
    }
    if let Some(count) = before.and_then(|key| counts.get_mut(&key)) {
        *count = count.saturating_sub(1);
    }
    if let Some(key) = before.filter(|key| counts.get(key) == Some(&0)) {
        counts.remove(&key);
    }
    if let Some(key) = after {
        *counts.entry(key).or_default() += 1;
    }
}

impl Board {
    /// Begins to count, everybody who is known.
    pub(super) fn count_from(&self, now: Timestamp) {
        self.census.lock().as_of = Some(now);
        self.terminals(&Scope::everything()).iter().for_each(|terminal| self.recount(terminal));
    }

    /// Counts a terminal anew: what is registered of it or how its line stands has changed.
    pub(super) fn recount(&self, terminal: &Arc<KnownTerminal>) {
        self.census.lock().take(terminal);
    }

    /// How many terminals there are within a scope.
    pub fn terminal_counts(&self, scope: &Scope, now: Timestamp) -> TerminalCounts {
        let mut census = self.census.lock();
        census.advance(now);
        let counts = census.counts(scope);
        drop(census);
        let mut labels = Labels::default();
        let beside = self.beside_regions(scope).into_iter().filter_map(|t| t.place(now, &mut labels));
        beside.fold(counts, |sum, place| sum.each(TerminalCounts::of(place.line), u64::saturating_add))
    }

    /// How many terminals there are within a scope by wire and by codec.
    pub fn wire_counts(&self, scope: &Scope) -> WireCounts {
        let census = self.census.lock();
        WireCounts {
            by_wire: census.labelled(&census.by_wire, scope),
            by_codec: census.labelled(&census.by_codec, scope),
        }
    }

    /// The registered terminals that are heard lately, or those that are not, by id; none when there are more than
    /// `most`, whatever their region.
    pub(crate) fn terminals_by_line(
        &self,
        online: bool,
        most: usize,
        now: Timestamp,
    ) -> Option<Vec<Arc<KnownTerminal>>> {
        let mut census = self.census.lock();
        census.advance(now);
        let found = if online { &census.heard } else { &census.silent };
        let ids: Vec<_> = (found.len() <= most).then(|| found.iter().copied().collect())?;
        drop(census);
        Some(ids.into_iter().filter_map(|id| self.terminal(id)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Standing;
    use fengsui_alarm::Clocks;
    use fengsui_base::{EntryId, Fields, RegionCode};
    use fengsui_ledger::Entry;
    use proptest::prelude::*;

    /// What may happen to one of a few terminals.
    #[derive(Clone, Debug)]
    enum Event {
        /// It is registered, moved, claimed, ignored, or its rule is changed.
        Entered {
            terminal: u8,
            region: u8,
            state: u8,
            after_s: u8,
        },
        /// It is retired, or its registration is withdrawn.
        Gone(u8, bool),
        Heard(u8, u8),
        Offline(u8, bool),
        Passed(u8),
    }

    fn event() -> impl Strategy<Value = Event> {
        let (terminal, small) = (0..6_u8, 0..4_u8);
        prop_oneof![
            (terminal.clone(), small.clone(), small.clone(), 0..3_u8).prop_map(
                |(terminal, region, state, after_s)| Event::Entered { terminal, region, state, after_s }
            ),
            (terminal.clone(), any::<bool>()).prop_map(|(t, withdrawn)| Event::Gone(t, withdrawn)),
            (terminal.clone(), 0..4_u8).prop_map(|(t, channel)| Event::Heard(t, channel)),
            (terminal, any::<bool>()).prop_map(|(t, offline)| Event::Offline(t, offline)),
            (0..80_u8).prop_map(Event::Passed),
        ]
    }

    const CHANNELS: [&str; 4] = ["tcp 192.0.2.7:40123", "tcp 192.0.2.9:1", "udp 192.0.2.7:9", "mqtt 县局"];

    fn entry(terminal: u8, state: &str, region: u8, after_s: u8) -> Entry {
        let mut fields = Fields::new();
        fields.insert("source".to_owned(), terminal.to_string().into());
        fields.insert("offline_after_s".to_owned(), (20 + 15 * i64::from(after_s)).into());
        fields.insert("profile".to_owned(), ["gb26875", "point-first", ""][usize::from(after_s)].into());
        Entry {
            id: id(terminal).0,
            region: RegionCode::new(990_101_001_000 + 1_000 * u64::from(region)).unwrap(),
            fields,
            ..super::super::unsaved::tests::entry(terminal, state)
        }
    }

    fn id(terminal: u8) -> TerminalId {
        TerminalId(EntryId::from_u128(u128::from(terminal) + 1))
    }

    fn happen(board: &Board, event: &Event, now: &mut Timestamp) {
        match *event {
            Event::Entered { terminal, region, state, after_s } => {
                let states = [Standing::Registered, Standing::Unknown, Standing::Ignored, Standing::Blocked];
                board.apply_entry(&entry(terminal, states[usize::from(state)].state(), region, after_s));
            }
            Event::Gone(terminal, withdrawn) => {
                let mut gone = entry(terminal, "retired", 0, 0);
                if withdrawn {
                    gone.kind = "withdrawn".to_owned();
                    gone.fields.insert("was".to_owned(), "terminal".into());
                }
                board.apply_entry(&gone);
            }
            Event::Heard(terminal, channel) => {
                let clocks = Clocks { event_at: None, sent_at: None, received_at: *now };
                board
                    .terminal(id(terminal))
                    .iter()
                    .for_each(|t| board.heard(t, CHANNELS[usize::from(channel)], clocks));
            }
            Event::Offline(terminal, offline) => {
                let alarm = offline.then(|| fengsui_base::AlarmId(EntryId::from_u128(99)));
                board.terminal(id(terminal)).iter().for_each(|t| board.note_offline(t, alarm, None));
            }
            Event::Passed(tenths) => *now += jiff::SignedDuration::from_millis(i64::from(tenths) * 500),
        }
    }

    /// The counts as a walk over all terminals finds them.
    fn walked(board: &Board, scope: &Scope, now: Timestamp) -> TerminalCounts {
        let lines = board
            .terminals(scope)
            .into_iter()
            .filter_map(|t| t.place(now, &mut Labels::default()))
            .map(|p| p.line);
        lines.fold(TerminalCounts::default(), |sum, line| {
            sum.each(TerminalCounts::of(line), u64::saturating_add)
        })
    }

    fn walked_by_wire(board: &Board, scope: &Scope) -> WireCounts {
        let mut counts = WireCounts::default();
        for terminal in board.terminals(scope) {
            if let Some(channel) = terminal.channel() {
                *counts.by_wire.entry(wire_of(&channel).to_owned()).or_default() += 1;
            }
            let codec = terminal.facts().profile.clone();
            if !codec.is_empty() {
                *counts.by_codec.entry(codec.to_string()).or_default() += 1;
            }
        }
        counts
    }

    proptest! {
        #[test]
        fn what_is_kept_is_what_a_walk_finds(events in proptest::collection::vec(event(), 1..60)) {
            let (board, mut now) = (Board::default(), Timestamp::from_second(1_000_000).unwrap());
            board.count_from(now);
            for event in &events {
                happen(&board, event, &mut now);
                for scope in [Scope::everything(), Scope::of([990_101_002_000..990_101_004_000]), Scope::nothing()] {
                    prop_assert_eq!(board.terminal_counts(&scope, now), walked(&board, &scope, now));
                    prop_assert_eq!(board.wire_counts(&scope), walked_by_wire(&board, &scope));
                }
                for online in [true, false] {
                    let kept: BTreeSet<_> =
                        board.terminals_by_line(online, 6, now).unwrap().iter().map(|t| t.id).collect();
                    let all = board.terminals(&Scope::everything()).into_iter();
                    let found: BTreeSet<_> = all
                        .filter(|t| t.facts().known && (t.online(now) == Some(true)) == online)
                        .map(|t| t.id)
                        .collect();
                    prop_assert_eq!(kept, found);
                }
            }
        }
    }

    #[test]
    fn a_terminal_is_heard_until_its_deadline_and_not_at_it() {
        let (board, heard) = (Board::default(), Timestamp::from_millisecond(1_000_000_700).unwrap());
        board.count_from(heard);
        board.apply_entry(&entry(0, "registered", 0, 0));
        let clocks = Clocks { event_at: None, sent_at: None, received_at: heard };
        board.heard(&board.terminal(id(0)).unwrap(), "tcp", clocks);
        let online = |ms| {
            let now = heard + jiff::SignedDuration::from_millis(ms);
            board.terminal_counts(&Scope::everything(), now).online
        };
        assert_eq!([0, 19_300, 19_999, 20_000].map(online), [1, 1, 1, 0]);
    }

    #[test]
    fn more_than_asked_for_are_not_listed() {
        let board = Board::default();
        board.count_from(Timestamp::UNIX_EPOCH);
        (0..3).for_each(|n| board.apply_entry(&entry(n, "registered", 0, 0)));
        assert_eq!(board.terminals_by_line(false, 3, Timestamp::UNIX_EPOCH).unwrap().len(), 3);
        assert!(board.terminals_by_line(false, 2, Timestamp::UNIX_EPOCH).is_none());
    }
}
