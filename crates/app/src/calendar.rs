//! The working calendar of the site (节假日): the years that come with the program, and those that an administrator
//! adds each autumn or mends when the State Council changes its mind.
//!
//! A year is changed as a whole: its notice is one paper. The site's year stands before the shipped one. Whoever counts
//! a term asks [`App::calendar`], which holds what was committed last.

use crate::changes::Said;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{
    Actor, CalendarYear, EntryId, NamedDay, Place, Refusal, Scope, WorkingCalendar, YearMistake,
};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering};
use jiff::civil::Date;
use jiff::tz::Offset;
use parking_lot::RwLock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The office's zone: China has one, without daylight saving; a fixed offset needs no time-zone file.
const OFFICE: Offset = Offset::constant(8);
/// Most changed days that a journal line names one by one.
const DAYS_NAMED: usize = 12;

/// A year of the calendar and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownYear {
    /// What was announced.
    pub year: CalendarYear,
    /// The site's entry; none for a year as it was shipped.
    pub entry: Option<EntryId>,
    /// Version of the entry; 0 where there is none.
    pub version: u64,
}

/// What memory knows of the calendar: a projection of the committed sequence over the shipped years.
pub(crate) struct Calendars(RwLock<Known>);

struct Known {
    years: BTreeMap<i16, Arc<KnownYear>>,
    calendar: Arc<WorkingCalendar>,
}

impl Calendars {
    pub(crate) fn new(shipped: &[CalendarYear]) -> Self {
        let known = |year: &CalendarYear| KnownYear { year: year.clone(), entry: None, version: 0 };
        let years = shipped.iter().map(|year| (year.year, Arc::new(known(year)))).collect();
        Self(RwLock::new(Known { calendar: working(&years), years }))
    }

    /// Takes in an entry as it was committed.
    pub(crate) fn apply(&self, entry: &Entry) {
        let Some(year) = year_of(entry) else { return };
        let known = KnownYear { entry: Some(entry.id), version: entry.version, year };
        let mut held = self.0.write();
        held.years.insert(known.year.year, Arc::new(known));
        held.calendar = working(&held.years);
    }

    fn year(&self, year: i16) -> Option<Arc<KnownYear>> {
        self.0.read().years.get(&year).cloned()
    }
}

fn working(years: &BTreeMap<i16, Arc<KnownYear>>) -> Arc<WorkingCalendar> {
    Arc::new(WorkingCalendar::new(years.values().map(|known| known.year.clone()), OFFICE))
}

fn year_of(entry: &Entry) -> Option<CalendarYear> {
    let fields = (entry.kind == "calendar_year").then(|| Value::Object(entry.fields.clone()))?;
    serde_json::from_value(fields).ok()
}

impl App {
    /// The working calendar as it holds now.
    pub fn calendar(&self) -> Arc<WorkingCalendar> {
        self.calendars.0.read().calendar.clone()
    }

    /// All years that are known, the newest first. They are no secret: everybody's deadlines go by them.
    pub fn calendar_years(&self) -> Vec<Arc<KnownYear>> {
        self.calendars.0.read().years.values().rev().cloned().collect()
    }

    /// One year.
    pub fn calendar_year(&self, year: i16) -> Result<Arc<KnownYear>, Fault> {
        Ok(self.calendars.year(year).ok_or_else(|| {
            let sentence = format!("还没有 {year} 年的放假安排，算到这一年的期限都是暂定。");
            Refusal::new(fengsui_base::RefusalKind::NotFound, "calendar.unknown_year", sentence)
        })?)
    }

    /// Whether the asker may change the calendar of this node.
    pub fn may_manage_calendar(&self, grant: &Grant) -> Result<(), Refusal> {
        grant.may(Permission::CalendarManage)?;
        if self.concerns(grant, Permission::CalendarManage) { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// Adds a year or changes one, as a whole; `version` is the one that was read, 0 for a year that the site has
    /// not written yet.
    pub async fn set_calendar_year(
        &self,
        grant: &Grant,
        year: CalendarYear,
        version: u64,
    ) -> Result<Arc<KnownYear>, Fault> {
        self.may_manage_calendar(grant)?;
        let year = in_order(year);
        self.check_year(&year)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.settle(true, |_| async {
            let known = self.calendars.year(year.year);
            let now = known.as_ref().map_or(0, |known| known.version);
            if now != version {
                return Err(crate::units::stale(version, now).into());
            }
            Ok((self.year_change(&year, known.as_deref(), &actor).await?, ()))
        })
        .await?;
        self.calendar_year(year.year)
    }

    fn check_year(&self, year: &CalendarYear) -> Result<(), Refusal> {
        let mut wrong: Vec<Place> = year.mistakes().into_iter().map(YearMistake::place).collect();
        wrong.extend(self.gap(year.year));
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
    }

    /// Between two known years there is none that is not: a deadline there would be a guess that nobody expects.
    fn gap(&self, year: i16) -> Option<Place> {
        let known = self.calendars.0.read();
        let (first, last) = (*known.years.keys().next()?, *known.years.keys().next_back()?);
        let missing = match year {
            _ if year > last.saturating_add(1) => last.saturating_add(1),
            _ if year < first.saturating_sub(1) => first.saturating_sub(1),
            _ => return None,
        };
        Some(Place::new("/year", "calendar.gap", format!("请先补上 {missing} 年：年份之间不能空着")))
    }

    async fn year_change(
        &self,
        year: &CalendarYear,
        known: Option<&KnownYear>,
        actor: &Actor,
    ) -> Result<ChangeSet, Fault> {
        let mut change = ChangeSet::new(self.now());
        let Ok(Value::Object(fields)) = serde_json::to_value(year) else {
            return Err(Refusal::not_found().into());
        };
        let entry = match known.and_then(|known| known.entry) {
            Some(id) => {
                let before =
                    self.store.entry(&Scope::everything(), id).await?.ok_or_else(Refusal::not_found)?;
                Entry { version: before.version + 1, revision: self.catalog.revision(), fields, ..before }
            }
            None => {
                let title = format!("{} 年放假安排", year.year);
                let entry = self.fresh("calendar_year", self.node.region, &title, fields, change.at);
                let key = format!("calendar/{}", year.year);
                change.expects.push(Expect::Absent(key.clone()));
                change.keys.push(KeyWrite::Take(key, entry.id));
                entry
            }
        };
        let said = Said::new("calendar.set", sentence(year, known.map(|known| &known.year)), "操作");
        let said = said.with("year", year.year).with("off", year.off.len()).with("makeup", year.makeup.len());
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
        Ok(change)
    }
}

/// The same year with its days in order, and texts without the blanks around them.
fn in_order(year: CalendarYear) -> CalendarYear {
    let ordered = |mut days: Vec<NamedDay>| {
        days.iter_mut().for_each(|day| day.name = day.name.trim().to_owned());
        days.sort_by_key(|day| day.on);
        days
    };
    CalendarYear {
        year: year.year,
        source: year.source.trim().to_owned(),
        off: ordered(year.off),
        makeup: ordered(year.makeup),
    }
}

/// What the journal says of a year: how it is, and which days are other than before.
fn sentence(year: &CalendarYear, before: Option<&CalendarYear>) -> String {
    let CalendarYear { year: number, source, off, makeup } = year;
    let counts = format!("放假 {} 天、调休上班 {} 天，依据：{source}", off.len(), makeup.len());
    let Some(before) = before else { return format!("添加 {number} 年放假安排：{counts}") };
    let (was, is) = (marks(before), marks(year));
    let days: std::collections::BTreeSet<_> = was.keys().chain(is.keys()).copied().collect();
    let moved = days.into_iter().filter(|day| was.get(day) != is.get(day));
    let said: Vec<_> = moved.map(|day| format!("{} {}", day.strftime("%m-%d"), said(is.get(&day)))).collect();
    match said.len() {
        0 => format!("修改 {number} 年放假安排，日子没有变：{counts}"),
        n if n > DAYS_NAMED => {
            format!("修改 {number} 年放假安排：{} 等 {n} 天；{counts}", said[..DAYS_NAMED].join("、"))
        }
        _ => format!("修改 {number} 年放假安排：{}；{counts}", said.join("、")),
    }
}

/// Each named day with whether it is worked.
fn marks(year: &CalendarYear) -> BTreeMap<Date, bool> {
    let off = year.off.iter().map(|day| (day.on, false));
    off.chain(year.makeup.iter().map(|day| (day.on, true))).collect()
}

fn said(worked: Option<&bool>) -> &'static str {
    match worked {
        Some(true) => "改为调休上班",
        Some(false) => "改为放假",
        None => "改为照常",
    }
}
