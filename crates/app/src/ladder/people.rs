//! Whom a rung calls: the registered responders by role, region and distance, and the unit's own contacts.

use crate::contacts::{contacts, is_manager, plain_ways};
use crate::messages::{ChannelKind, Recipient};
use crate::{App, KnownResponder};
use fengsui_alarm::{Alarm, Plan, Rung};
use fengsui_base::{Position, Timestamp};
use fengsui_ledger::Entry;
use std::sync::Arc;

/// Most people who are told at one rung.
const PEOPLE_MAX: usize = 8;
/// Most grid workers, and most mini stations, who are told of one alarm.
const NEIGHBOURS_MAX: usize = 2;

impl App {
    /// Whom a rung calls, nobody twice.
    pub(super) fn people(
        &self,
        rung: Rung,
        alarm: &Alarm,
        unit: Option<&Entry>,
        now: Timestamp,
    ) -> Vec<Recipient> {
        let plan = alarm.ladder.as_ref().map(|l| l.plan);
        let of = |role: &str| self.registered(role, alarm, now);
        let manager = || with(of("safety_manager"), contacts(unit, is_manager));
        let residents = || with(of("household"), contacts(unit, |_| true));
        let mut all = match (rung, plan) {
            (Rung::Residents, _) => with(residents(), self.neighbours(alarm, now)),
            (Rung::Deputy, _) => of("deputy"),
            (Rung::DutyLeader, _) => of("duty_leader"),
            (Rung::SafetyManager | Rung::Morning, _) => manager(),
            (Rung::Neighbours, _) => self.neighbours(alarm, now),
            (Rung::AskAgain, Some(Plan::Home)) => {
                with(with(of("deputy"), of("duty_leader")), with(residents(), self.neighbours(alarm, now)))
            }
            (Rung::AskAgain, Some(Plan::Desk)) => with(with(of("deputy"), of("duty_leader")), manager()),
            (Rung::AskAgain, _) => with(of("deputy"), of("duty_leader")),
            (Rung::Seats | Rung::Desk | Rung::RingAgain | Rung::Listed | Rung::Remind, _) => Vec::new(),
        };
        all.truncate(PEOPLE_MAX);
        all
    }

    /// The responders of a role who are on at this time of day; when none is, all of them: somebody who is woken
    /// is better than nobody.
    fn registered(&self, role: &str, alarm: &Alarm, now: Timestamp) -> Vec<Recipient> {
        self.on_now(role, alarm, now).iter().map(|r| self.recipient(r)).collect()
    }

    fn on_now(&self, role: &str, alarm: &Alarm, now: Timestamp) -> Vec<Arc<KnownResponder>> {
        let all = self.board.responders(role, alarm.raise.region, alarm.raise.unit);
        let time = jiff::tz::Offset::constant(8).to_datetime(now).time();
        let on: Vec<_> = all.iter().filter(|r| r.is_on(time)).cloned().collect();
        if on.is_empty() { all } else { on }
    }

    /// The grid workers of the nearest region that has any, and the nearest mini stations.
    fn neighbours(&self, alarm: &Alarm, now: Timestamp) -> Vec<Recipient> {
        let mut workers = self.on_now("grid_worker", alarm, now);
        let nearest = workers.first().map(|r| r.region);
        workers.retain(|r| Some(r.region) == nearest);
        workers.truncate(NEIGHBOURS_MAX);
        let mut stations = self.stations(alarm);
        stations.truncate(NEIGHBOURS_MAX);
        workers.iter().chain(&stations).map(|r| self.recipient(r)).collect()
    }

    /// Mini stations by distance from the alarm; those without a position last.
    fn stations(&self, alarm: &Alarm) -> Vec<Arc<KnownResponder>> {
        let mut stations = self.board.responders_below("mini_station", self.node.region);
        let away = |r: &KnownResponder| match (r.position, alarm.raise.position) {
            (Some(a), Some(b)) => distance(a, b),
            _ => f64::INFINITY,
        };
        stations.sort_by(|a, b| away(a).total_cmp(&away(b)).then(a.order.cmp(&b.order)));
        stations
    }

    fn recipient(&self, responder: &KnownResponder) -> Recipient {
        let role = self.catalog.kind("responder").and_then(|k| k.field("role"));
        Recipient {
            name: responder.name.clone(),
            role: role.map_or(responder.role.as_str(), |f| f.choice_label(&responder.role)).to_owned(),
            phone: responder.phone.clone(),
            email: responder.email.clone(),
            handle: responder.handle.clone(),
            account: None,
            entry: Some(responder.id),
        }
    }
}

/// The ways a rung may take, the preferred one first: a telephone that rings wakes, a text message does not.
pub(super) fn ways(rung: Rung, handle: Option<&str>) -> Vec<ChannelKind> {
    let voice = (rung != Rung::Morning).then_some(ChannelKind::Voice);
    voice.into_iter().chain(plain_ways(handle)).collect()
}

fn with(mut first: Vec<Recipient>, second: Vec<Recipient>) -> Vec<Recipient> {
    let new =
        |r: &Recipient, all: &[Recipient]| !all.iter().any(|a| a.phone == r.phone && a.email == r.email);
    for recipient in second {
        if new(&recipient, &first) {
            first.push(recipient);
        }
    }
    first
}

/// Distance for comparing within a county, in degrees of latitude.
fn distance(a: Position, b: Position) -> f64 {
    let east = (a.lng - b.lng) * a.lat.to_radians().cos();
    east.hypot(a.lat - b.lat)
}
