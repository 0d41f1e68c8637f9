//! What the filters said of an alarm, as the desk shows it: why it is silent, what confirms it, the incident it
//! belongs to, and its trace.

use crate::alarms::AlarmSummary;
use crate::schema::{FilterName, TwofoldKind};
use fengsui_alarm::{Alarm, spread};
use fengsui_app::{AlarmView, App};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a bell is off.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct SuppressedView {
    #[schema(value_type = FilterName)]
    filter: &'static str,
    /// 维护, 屏蔽, 演练 or 测试.
    label: &'static str,
    words: String,
    until_at: Option<String>,
}

/// What confirms a fire.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CoincidenceView {
    #[schema(value_type = TwofoldKind)]
    kind: &'static str,
    label: &'static str,
    /// Where the other signal came from.
    place: String,
    with: Option<String>,
}

/// The incident an alarm is a member of.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct MembershipView {
    /// The alarm that stands for it.
    head: String,
    /// Its number and place.
    words: String,
    /// Whether an officer put it there.
    merged: bool,
    /// Whether its bell is off because that of the head speaks for it.
    quiet: bool,
}

/// One line of a trace.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarkView {
    at: String,
    #[schema(value_type = FilterName)]
    filter: &'static str,
    label: &'static str,
    sentence: String,
}

/// An incident, seen from its head.
#[derive(Serialize, ToSchema)]
pub(crate) struct IncidentView {
    /// How many members there are.
    count: u64,
    /// The newest of them.
    members: Vec<AlarmSummary>,
    /// Where it spreads: place and number of alarms, the most first, of the head and the members shown.
    spread: Vec<SpreadView>,
}

/// Alarms of one place.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpreadView {
    place: String,
    count: usize,
}

/// Most places of an incident that are shown.
const PLACES_MAX: usize = 20;

pub(crate) fn suppressed(alarm: &Alarm) -> Option<SuppressedView> {
    alarm.suppressed.as_ref().map(|by| SuppressedView {
        filter: by.filter().code(),
        label: by.label(),
        words: by.words.clone(),
        until_at: by.until_at().map(|t| t.to_string()),
    })
}

pub(crate) fn coincidence(alarm: &Alarm) -> Option<CoincidenceView> {
    alarm.coincidence.as_ref().map(|with| CoincidenceView {
        kind: with.kind.code(),
        label: with.kind.label(),
        place: with.place.clone(),
        with: with.with.map(|id| id.to_string()),
    })
}

pub(crate) fn membership(alarm: &Alarm) -> Option<MembershipView> {
    alarm.member.as_ref().map(|m| MembershipView {
        head: m.head.to_string(),
        words: m.words.clone(),
        merged: m.joined.filter() == fengsui_alarm::Filter::Merged,
        quiet: m.quiet,
    })
}

pub(crate) fn trace(alarm: &Alarm) -> Vec<MarkView> {
    let view = |mark: &fengsui_alarm::Mark| MarkView {
        at: mark.at.to_string(),
        filter: mark.filter.code(),
        label: mark.filter.label(),
        sentence: mark.sentence.clone(),
    };
    alarm.trace.marks().iter().map(view).collect()
}

pub(crate) fn incident(app: &App, view: &AlarmView) -> Option<IncidentView> {
    let (members, count) = &view.members;
    if *count == 0 {
        return None;
    }
    let all = std::iter::once(&view.alarm).chain(members.iter().map(|(_, a)| a));
    let places = spread(all).into_iter().take(PLACES_MAX);
    Some(IncidentView {
        count: *count,
        members: members.iter().map(|(e, a)| AlarmSummary::of(app, e, a)).collect(),
        spread: places.map(|(place, count)| SpreadView { place, count }).collect(),
    })
}
