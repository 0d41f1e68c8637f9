//! What the desk promises, one promise a function. Each says `None` when it is kept, and otherwise in one sentence
//! what was seen. A promise that could not be broken would prove nothing: `Fault` breaks each of them once.

use super::oracle::{Oracle, Seen, View};
use fengsui_alarm::{Alarm, Class, Condition, Finding, Life, MEMBERS_MAX, Suppressor, breaks_suppression};
use fengsui_base::AlarmId;
use std::collections::BTreeMap;

type Predicate = fn(&Oracle<'_>, &View<'_>, &Seen) -> Option<String>;

/// All of them, by name.
pub(crate) const PREDICATES: [(&str, Predicate); 12] = [
    ("no_lost_alarm", no_lost_alarm),
    ("one_claim", one_claim),
    ("every_open_alarm_has_owner_and_clock", every_open_alarm_has_owner_and_clock),
    ("escalation_never_early", escalation_never_early),
    ("escalation_never_missed", escalation_never_missed),
    ("suppressed_never_lost", suppressed_never_lost),
    ("storm_members_counted", storm_members_counted),
    ("restored_state_never_closes", restored_state_never_closes),
    ("closed_only_after_verdict", closed_only_after_verdict),
    ("count_equals_reports", count_equals_reports),
    ("sequence_gapless", sequence_gapless),
    ("board_equals_rebuild", board_equals_rebuild),
];

fn touched<'a>(oracle: &'a Oracle<'_>, seen: &'a Seen) -> impl Iterator<Item = &'a Alarm> {
    seen.touched.iter().filter_map(|id| oracle.known.get(id))
}

/// Whatever is reported and was not known before has an alarm, or counts with the one that holds its slot, before the
/// report is acknowledged.
fn no_lost_alarm(_: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    seen.lost.first().map(|slot| format!("{slot} was reported and has no alarm"))
}

/// One officer takes an alarm, whoever else tries in the same moment; and the one who has it is the one who took it,
/// was handed it, or took it over.
fn one_claim(oracle: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    touched(oracle, seen).find_map(|alarm| {
        let claims = oracle.claims.get(&alarm.id).map_or(&[][..], Vec::as_slice);
        let holder = alarm.holder().map(|h| h.officer.id);
        let fits = claims.len() <= 1 && holder.is_some() != claims.is_empty();
        (!fits).then(|| format!("{} was taken {} times, and is with {holder:?}", alarm.id, claims.len()))
    })
}

/// An open alarm is with an officer or on its way to one, and there is an instant at which it goes on.
fn every_open_alarm_has_owner_and_clock(oracle: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    touched(oracle, seen).filter(|a| !a.is_closed()).find_map(|alarm| {
        let owned = alarm.life == Life::Raised || alarm.holder().is_some();
        let clock = alarm.due_at().is_some();
        (!owned || !clock).then(|| format!("{} is {} without owner or clock", alarm.id, alarm.state()))
    })
}

/// No rung is climbed before the one below has had its time, but for what ends the waiting: an empty desk, a second
/// signal, a second fire of the unit, somebody who sees it burn.
fn escalation_never_early(_: &Oracle<'_>, view: &View<'_>, seen: &Seen) -> Option<String> {
    let early = seen.climbs.iter().find(|(_, _, due)| view.now < *due);
    early.map(|(id, rung, due)| format!("{id} climbed to {rung:?} at {}, due at {due}", view.now))
}

/// When everything due has been done, no rung is overdue.
fn escalation_never_missed(oracle: &Oracle<'_>, view: &View<'_>, _: &Seen) -> Option<String> {
    let open = view.open.values().filter(|_| view.reconciled);
    let mut overdue =
        open.filter_map(|a| oracle.due(a, view).map(|due| (a, due))).filter(|(_, due)| *due <= view.now);
    overdue
        .next()
        .map(|(alarm, due)| format!("{} was due at {due} and stands still at {}", alarm.id, view.now))
}

/// A window silences a bell no longer than it lasts, and no longer than until a fire outside it.
fn suppressed_never_lost(oracle: &Oracle<'_>, view: &View<'_>, seen: &Seen) -> Option<String> {
    let stands = |a: &&Alarm| a.restored_at.is_none() && a.suppressed.is_some();
    let forgotten =
        view.open.values().filter(|_| view.reconciled).filter(stands).find(|a| is_over(oracle, view, a));
    if let Some(alarm) = forgotten {
        return Some(format!("{} is silent and its window is over", alarm.id));
    }
    let outside = seen.alarmed.iter().filter_map(|id| oracle.known.get(id)).filter(|a| breaks_suppression(a));
    outside.into_iter().find_map(|fire| {
        let neighbour = |a: &&Alarm| a.raise.unit == fire.raise.unit && a.raise.class == Class::Fire;
        let silent = view.open.values().filter(stands).find(neighbour)?;
        Some(format!("{} is silent although {} burns outside", silent.id, fire.id))
    })
}

/// Whether the window that silenced an alarm is over, and nothing else keeps it silent.
fn is_over(oracle: &Oracle<'_>, view: &View<'_>, alarm: &Alarm) -> bool {
    let Some(Suppressor::Window { .. }) = alarm.suppressed.as_ref().map(|s| &s.by) else { return false };
    let conditions = oracle.conditions(alarm);
    let own = conditions.has(Condition::Test)
        || alarm.raise.class == Class::Fire && conditions.has(Condition::Shielded);
    !own && !view.windows.values().any(|w| w.holds_at(view.now) && w.covers(&alarm.spot()))
}

/// Whatever joined an incident and has not left it is one of its members, the head stands open, and no incident is
/// larger than it may be.
fn storm_members_counted(oracle: &Oracle<'_>, view: &View<'_>, seen: &Seen) -> Option<String> {
    let nobody = oracle.members.is_empty() && view.open.values().all(|a| a.member.is_none());
    if nobody || seen.touched.is_empty() && !view.reconciled {
        return None;
    }
    let mut sizes: BTreeMap<AlarmId, usize> = BTreeMap::new();
    for alarm in view.open.values() {
        let (head, wanted) = (alarm.member.as_ref().map(|m| m.head), oracle.members.get(&alarm.id).copied());
        if head != wanted {
            return Some(format!("{} is with {head:?}, the journal says {wanted:?}", alarm.id));
        }
        if let Some(head) = head {
            *sizes.entry(head).or_default() += 1;
        }
    }
    let orphan = sizes.keys().find(|head| view.reconciled && !view.open.contains_key(head));
    let full = sizes.values().any(|n| *n > MEMBERS_MAX);
    (orphan.is_some() || full).then(|| format!("an incident has no head ({orphan:?}) or too many members"))
}

/// Nothing is closed without a verdict that closes; a real fire not before the brigade was told. Only a silence ends by
/// itself.
fn closed_only_after_verdict(oracle: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    touched(oracle, seen).find_map(|alarm| {
        let may = match &alarm.life {
            Life::Ended { .. } => alarm.raise.class == Class::Offline,
            Life::Closed { verdict, forwarding, .. } => match verdict.finding {
                Finding::Undetermined => false,
                Finding::Real => alarm.raise.class != Class::Fire || forwarding.is_some(),
                Finding::False | Finding::Test => true,
            },
            _ => true,
        };
        (!may).then(|| format!("{} is closed without what closes it", alarm.id))
    })
}

/// A point that restores ends its state, never its alarm.
fn restored_state_never_closes(_: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    let moved = seen.restored.iter().find(|(_, before, after)| before != after);
    moved.map(|(id, before, after)| format!("{id} went from {before} to {after} as its point restored"))
}

/// An alarm counts every report of its slot once, and what came again apart from that.
fn count_equals_reports(oracle: &Oracle<'_>, _: &View<'_>, seen: &Seen) -> Option<String> {
    let counted = touched(oracle, seen).filter(|a| a.raise.class != Class::Offline);
    counted.into_iter().find_map(|alarm| {
        let (reports, again) = oracle.counts.get(&alarm.id).copied().unwrap_or_default();
        let same = (alarm.count, alarm.resent) == (reports, again);
        (!same).then(|| {
            format!("{} counts {}+{}, reported {reports}+{again}", alarm.id, alarm.count, alarm.resent)
        })
    })
}

/// Every change has the number after the one before.
fn sequence_gapless(oracle: &Oracle<'_>, view: &View<'_>, _: &Seen) -> Option<String> {
    let fits = view.sequence == oracle.sequence || view.sequence == oracle.sequence + 1;
    (!fits).then(|| format!("number {} follows {}", view.sequence, oracle.sequence))
}

/// What a restart finds in storage is what memory had.
fn board_equals_rebuild(_: &Oracle<'_>, view: &View<'_>, _: &Seen) -> Option<String> {
    let rebuilt = view.rebuilt?;
    if rebuilt == view.open {
        return None;
    }
    let differs = view.open.iter().find(|(id, alarm)| rebuilt.get(id) != Some(alarm)).map(|(id, _)| id);
    let more = rebuilt.keys().find(|id| !view.open.contains_key(id));
    Some(format!("memory and storage differ at {differs:?} {more:?}"))
}
