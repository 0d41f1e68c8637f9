//! What falls due on which day (时限日历): counts by day and ledger, of everything a person may read or of what is hers to do,
//! beside what the working calendar says of each day.

use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Place, Refusal, Timestamp, WorkingCalendar};
use fengsui_catalog::Kind;
use fengsui_store::{Direction, Filter, PAGE_MAX, Query, Sort};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

/// Most days that are counted at once: six weeks, the longest page of a month.
pub const DUE_DAYS_MAX: i32 = 42;
/// Most deadlines of one ledger that are counted at once; what is due later in the same stretch is not.
pub const DUE_COUNTED_MAX: u64 = 100_000;

const DAY: Duration = Duration::from_secs(86_400);

/// A stretch of days with what is due on each.
#[derive(Clone, PartialEq, Debug)]
pub struct DueDays {
    /// Today in the office.
    pub today: Date,
    /// The days, in order.
    pub days: Vec<DueDay>,
    /// Whether there is more than was counted.
    pub more: bool,
}

/// One day.
#[derive(Clone, PartialEq, Debug)]
pub struct DueDay {
    /// Which.
    pub on: Date,
    /// Whether offices work.
    pub working: bool,
    /// Whether that is a guess, because nobody has announced the year yet.
    pub guess: bool,
    /// The holiday it belongs to.
    pub name: Option<String>,
    /// How many open entries are due, by ledger.
    pub counts: BTreeMap<String, u64>,
}

impl App {
    /// What is due on the days from `from` to `until`, both counted, at most [`DUE_DAYS_MAX`].
    pub async fn due_days(
        &self,
        grant: &Grant,
        from: Date,
        until: Date,
        mine: bool,
    ) -> Result<DueDays, Fault> {
        let (calendar, now) = (self.calendar(), self.now());
        let mut days = empty_days(&calendar, from, until)?;
        let (range, mut more) = (due_within(&calendar, from, until), false);
        for kind in self.ledgers(grant)? {
            let (counts, cut) = match mine {
                true => self.own_due(grant, kind, &range).await?,
                false => self.all_due(grant, kind, &range).await?,
            };
            more |= cut;
            for (place, count) in counts {
                if let Some(day) = days.get_mut(place) {
                    day.counts.insert(kind.name.clone(), count);
                }
            }
        }
        Ok(DueDays { today: calendar.day_of(now), days, more })
    }

    async fn all_due(
        &self,
        grant: &Grant,
        kind: &Kind,
        range: &Range<Timestamp>,
    ) -> Result<(BTreeMap<usize, u64>, bool), Fault> {
        let mut query = self.open_of(kind, self.readable(grant, kind));
        query.due = Some(range.clone());
        let found = self.store.tally_due(&query, DAY, DUE_COUNTED_MAX).await?;
        let counted: u64 = found.iter().map(|(_, count)| count).sum();
        Ok((found.into_iter().map(|(n, count)| (n as usize, count)).collect(), counted >= DUE_COUNTED_MAX))
    }

    /// What is hers; an entry that is hers for two reasons counts once.
    async fn own_due(
        &self,
        grant: &Grant,
        kind: &Kind,
        range: &Range<Timestamp>,
    ) -> Result<(BTreeMap<usize, u64>, bool), Fault> {
        let (mut counts, mut seen, mut more) = (BTreeMap::new(), BTreeSet::new(), false);
        for (_, scope, filter) in self.claims(grant, kind) {
            let page = self.store.list(&claimed(kind, scope, filter, range)).await?;
            more |= page.next.is_some();
            for entry in page.items.into_iter().filter(|entry| seen.insert(entry.id)) {
                let since = entry.due_at.map(|at| at.duration_since(range.start).as_secs());
                let place = since.and_then(|s| usize::try_from(s / DAY.as_secs().cast_signed()).ok());
                *counts.entry(place.unwrap_or(usize::MAX)).or_default() += 1;
            }
        }
        Ok((counts, more))
    }
}

fn claimed(kind: &Kind, scope: fengsui_base::Scope, filter: Filter, range: &Range<Timestamp>) -> Query {
    Query {
        sort: Sort::Due,
        direction: Direction::Ascending,
        filters: vec![filter],
        due: Some(range.clone()),
        limit: PAGE_MAX,
        ..Query::newest(&kind.name, scope)
    }
}

/// When whatever is due on these days ends: a deadline ends with its day, so the instant that begins the next one belongs to
/// it, and the instant that begins the first one does not.
pub(super) fn due_within(calendar: &WorkingCalendar, from: Date, until: Date) -> Range<Timestamp> {
    // The last day that can be written ends with time itself.
    let micro = SignedDuration::from_micros(1);
    let behind = |day: Date| calendar.due_on(day).at.checked_add(micro).unwrap_or(Timestamp::MAX);
    behind(from.yesterday().unwrap_or(from))..behind(until)
}

fn empty_days(calendar: &WorkingCalendar, from: Date, until: Date) -> Result<Vec<DueDay>, Refusal> {
    let count = from.until(until).map_or(-1, |span| span.get_days());
    if !(0..DUE_DAYS_MAX).contains(&count) {
        let sentence = format!("一次最多看 {DUE_DAYS_MAX} 天，请缩短日期范围");
        return Err(Refusal::invalid(vec![Place::new("/until", "due_days.range", sentence)]));
    }
    let day = |n: i32| {
        let on = from.saturating_add(n.days());
        let said = calendar.is_working(on);
        let name = said.name.map(str::to_owned);
        DueDay { on, working: said.working, guess: said.guess, name, counts: BTreeMap::new() }
    };
    Ok((0..=count).map(day).collect())
}
