//! Responders (联络人) who are in use: whom the ladder may call, known without asking the database at night.

use super::Board;
use crate::entries::field;
use fengsui_base::{EntryId, Position, RegionCode, UnitId};
use fengsui_ledger::Entry;
use jiff::civil::Time;
use std::sync::Arc;

/// Somebody who can be called.
#[derive(Clone, PartialEq, Debug)]
pub struct KnownResponder {
    /// The entry.
    pub id: EntryId,
    /// Name.
    pub name: String,
    /// Role by its stable name, such as `grid_worker`.
    pub role: String,
    /// Region the person answers for.
    pub region: RegionCode,
    /// Unit, for people of one place.
    pub unit: Option<UnitId>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// By what a robot of a group names the person (群成员账号).
    pub handle: Option<String>,
    /// Where the person is stationed.
    pub position: Option<Position>,
    /// Whom to call first, smallest number first.
    pub order: i64,
    /// The hours of the day in which the person is to be called; always without.
    pub hours: Option<(Time, Time)>,
}

impl KnownResponder {
    fn of(entry: &Entry) -> Option<Self> {
        let time = |name| field::<String>(entry, name).and_then(|t| t.parse::<Time>().ok());
        Some(Self {
            id: entry.id,
            name: entry.title.clone(),
            role: field(entry, "role")?,
            region: entry.region,
            unit: field::<EntryId>(entry, "unit").map(UnitId),
            phone: field(entry, "phone"),
            email: field(entry, "email"),
            handle: field(entry, "robot_handle"),
            position: entry.position,
            order: field(entry, "order").unwrap_or_default(),
            hours: time("hours_from").zip(time("hours_until")),
        })
    }

    /// Whether the person is to be called at this time of day. Hours may go over midnight; the end is not in them.
    pub fn is_on(&self, time: Time) -> bool {
        match self.hours {
            None => true,
            Some((from, until)) if from <= until => (from..until).contains(&time),
            Some((from, until)) => time >= from || time < until,
        }
    }
}

impl Board {
    pub(super) fn apply_responder(&self, entry: &Entry) {
        let known = KnownResponder::of(entry).filter(|_| entry.state == "active");
        let mut responders = self.responders.write();
        match known {
            Some(responder) => responders.insert(entry.id, Arc::new(responder)),
            None => responders.remove(&entry.id),
        };
    }

    /// Responders with a role who answer for a region or one above it; those of another unit aside. The nearer
    /// region first, then by their order.
    pub(crate) fn responders(
        &self,
        role: &str,
        region: RegionCode,
        unit: Option<UnitId>,
    ) -> Vec<Arc<KnownResponder>> {
        let path: Vec<_> = self.region_path(region).into_iter().map(|r| r.code).collect();
        let depth = |r: &KnownResponder| path.iter().position(|code| *code == r.region);
        let fits = |r: &KnownResponder| match r.unit {
            Some(_) => r.unit == unit,
            None => depth(r).is_some(),
        };
        let all = self.responders.read();
        let mut found: Vec<_> = all.values().filter(|r| r.role == role && fits(r)).cloned().collect();
        let rank = |r: &KnownResponder| (r.unit.is_none(), std::cmp::Reverse(depth(r)), r.order, r.id);
        found.sort_by_key(|r| rank(r));
        found
    }

    /// Responders with a role anywhere within a region, in no order.
    pub(crate) fn responders_below(&self, role: &str, region: RegionCode) -> Vec<Arc<KnownResponder>> {
        let Some(range) = self.region(region).map(|r| r.range()) else { return Vec::new() };
        let within = |r: &KnownResponder| r.role == role && range.contains(&r.region.number());
        self.responders.read().values().filter(|r| within(r)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(from: &str, until: &str, now: &str) -> bool {
        let hours = Some((from.parse().unwrap(), until.parse().unwrap()));
        let responder = KnownResponder {
            id: EntryId::from_u128(1),
            name: "何苗".to_owned(),
            role: "grid_worker".to_owned(),
            region: "990101005000".parse().unwrap(),
            unit: None,
            phone: None,
            email: None,
            handle: None,
            position: None,
            order: 0,
            hours,
        };
        responder.is_on(now.parse().unwrap())
    }

    #[test]
    fn hours_have_a_beginning_that_counts_and_an_end_that_does_not() {
        assert!(on("08:00", "17:30", "08:00") && !on("08:00", "17:30", "17:30"));
        assert!(!on("08:00", "17:30", "07:59:59") && on("08:00", "17:30", "17:29:59"));
    }

    #[test]
    fn hours_may_go_over_midnight() {
        assert!(on("18:00", "08:00", "23:30") && on("18:00", "08:00", "03:00"));
        assert!(!on("18:00", "08:00", "08:00") && on("18:00", "08:00", "18:00"));
    }
}
