//! Units (单位): the first ledger kind: listed, registered, changed; and taken in by the hundred from a county's file.

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{
    Actor, EntryId, Fields, Place, Position, Refusal, RefusalKind, RegionCode, Scope, UnitId, overlaid,
};
use fengsui_catalog::{Permission, check_fields};
use fengsui_ledger::{Entry, IndexValue, search_terms};
use fengsui_store::{ChangeSet, Cursor, Direction, Expect, Filter, KeyWrite, Numbering, Page, Query, Sort};
use jiff::civil::Date;
use serde_json::Value;

/// Longest name of a unit, in characters.
const NAME_CHARS_MAX: usize = 60;

/// What a list of units shows.
#[derive(Clone, Debug, Default)]
pub struct UnitFilter {
    /// Search text.
    pub text: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Key units only, or the others only.
    pub key_unit: Option<bool>,
    /// Within this region.
    pub region: Option<RegionCode>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// What a form says of a unit.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitDraft {
    /// Name.
    pub name: String,
    /// Region, township or village.
    pub region: RegionCode,
    /// Position.
    pub position: Option<Position>,
    /// The catalog's fields.
    pub fields: Fields,
}

/// A unit of a county's file with its terminals.
pub struct ImportedUnit {
    /// The unit.
    pub draft: UnitDraft,
    /// Its terminals.
    pub terminals: Vec<ImportedTerminal>,
}

/// A terminal of a county's file with its points.
pub struct ImportedTerminal {
    /// Name.
    pub name: String,
    /// Source address as the listener names it.
    pub source: String,
    /// The catalog's fields, source and unit aside.
    pub fields: Fields,
    /// Its points.
    pub points: Vec<ImportedPoint>,
}

/// A point of a county's file.
pub struct ImportedPoint {
    /// Label.
    pub label: String,
    /// Position.
    pub position: Option<Position>,
    /// The catalog's fields, terminal and unit aside.
    pub fields: Fields,
}

/// How much of a county's file was taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// Units.
    pub units: usize,
    /// Terminals.
    pub terminals: usize,
    /// Points.
    pub points: usize,
}

impl App {
    /// A page of units, by name.
    pub async fn units(&self, grant: &Grant, filter: UnitFilter) -> Result<(Page, u64), Fault> {
        let query = self.unit_query(grant.may(Permission::UnitRead)?, filter);
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    pub(crate) fn unit_query(&self, scope: Scope, filter: UnitFilter) -> Query {
        let mut query = Query::newest("unit", self.narrowed(scope, filter.region));
        (query.sort, query.direction) = (Sort::Title, Direction::Ascending);
        (query.after, query.limit) = (filter.after, filter.limit);
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.filters.extend(filter.category.map(|c| crate::entries::text_is("category", c)));
        let truth = |k: bool| Filter::Is("key_unit".to_owned(), IndexValue::Integer(i64::from(k)));
        query.filters.extend(filter.key_unit.map(truth));
        query
    }

    /// One unit.
    pub async fn unit(&self, grant: &Grant, id: UnitId) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::UnitRead)?;
        let entry = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "unit");
        Ok(entry.ok_or_else(Refusal::not_found)?)
    }

    /// The unit with a code, for whoever takes in a county's file.
    pub async fn unit_with_code(&self, code: &str) -> Result<Option<UnitId>, Fault> {
        Ok(self.store.key(&format!("unit/code/{code}")).await?.map(UnitId))
    }

    /// All units of the scope that have a position, for the map: a page at a time.
    pub async fn unit_positions(&self, grant: &Grant) -> Result<Vec<Entry>, Fault> {
        let mut query = Query::newest("unit", grant.may(Permission::UnitRead)?);
        query.limit = fengsui_store::PAGE_MAX;
        let mut all = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            all.extend(page.items.into_iter().filter(|e| e.position.is_some()));
            match page.next {
                Some(next) if all.len() < MAP_UNITS_MAX => query.after = Some(next),
                Some(_) | None => return Ok(all),
            }
        }
    }

    /// Registers a unit.
    pub async fn create_unit(
        &self,
        grant: &Grant,
        draft: UnitDraft,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::UnitWrite)?;
        self.check_unit(&draft, &scope)?;
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |attempt| {
                let (draft, key, actor) = (&draft, &key, &actor);
                async move {
                    if attempt > 0 && self.store.key(&code_key(draft)).await?.is_some() {
                        return Err(code_taken().into());
                    }
                    let (mut change, entry) = self.new_unit(draft, actor);
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(answer) => {
                let id =
                    answer.as_str().and_then(|t| t.parse::<EntryId>().ok()).ok_or_else(Refusal::not_found)?;
                self.unit(grant, UnitId(id)).await
            }
        }
    }

    fn new_unit(&self, draft: &UnitDraft, actor: &Actor) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let fields = overlaid(&Fields::new(), &draft.fields);
        let mut entry = self.fresh("unit", draft.region, draft.name.trim(), fields, change.at);
        entry.position = draft.position;
        change.expects.push(Expect::Absent(code_key(draft)));
        change.keys.push(KeyWrite::Take(code_key(draft), entry.id));
        let said = Said::new("unit.created", format!("登记单位 {}", entry.title), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// Changes a unit; refused when somebody else changed it since `version`.
    pub async fn change_unit(
        &self,
        grant: &Grant,
        id: UnitId,
        version: u64,
        draft: UnitDraft,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::UnitWrite)?;
        let settled = self
            .settle(true, |attempt| {
                let (draft, scope) = (&draft, &scope);
                async move {
                    let before = self.store.entry(scope, id.into()).await?.filter(|e| e.kind == "unit");
                    let before = before.ok_or_else(Refusal::not_found)?;
                    self.check_unit(draft, scope)?;
                    if before.version != version {
                        return Err(stale(version, before.version).into());
                    }
                    if attempt > 0
                        && self.store.key(&code_key(draft)).await?.is_some_and(|holder| holder != before.id)
                    {
                        return Err(code_taken().into());
                    }
                    Ok(self.amended_unit(grant, before, draft))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => self.unit(grant, id).await,
        }
    }

    fn amended_unit(&self, grant: &Grant, before: Entry, draft: &UnitDraft) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let entry = Entry {
            title: draft.name.trim().to_owned(),
            region: draft.region,
            position: draft.position,
            fields: overlaid(&before.fields, &draft.fields),
            version: before.version + 1,
            revision: self.catalog.revision(),
            ..before.clone()
        };
        let (old, new) = (code_of(&before.fields), code_of(&draft.fields));
        if old != new {
            change.expects.push(Expect::Absent(format!("unit/code/{new}")));
            change.keys.extend([
                KeyWrite::Free(format!("unit/code/{old}")),
                KeyWrite::Take(format!("unit/code/{new}"), entry.id),
            ]);
        }
        change.keys.extend(crate::followers::owed(&before, &entry));
        let said = Said::new("unit.changed", self.differences(&before, &entry), "操作");
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// What changed, by the labels of the catalog.
    pub(crate) fn differences(&self, before: &Entry, after: &Entry) -> String {
        let kind = self.catalog.kind(&after.kind).expect("what is changed has a kind");
        let named = kind
            .fields
            .iter()
            .filter(|f| !same_value(before.fields.get(&f.name), after.fields.get(&f.name)))
            .map(|f| f.label.as_str());
        let own = [
            ("名称", before.title != after.title),
            ("辖区", before.region != after.region),
            ("位置", before.position != after.position),
        ];
        let all: Vec<_> =
            own.into_iter().filter(|(_, changed)| *changed).map(|(l, _)| l).chain(named).collect();
        if all.is_empty() { "保存，内容未变".to_owned() } else { format!("修改{}", all.join("、")) }
    }

    fn check_unit(&self, draft: &UnitDraft, scope: &Scope) -> Result<(), Refusal> {
        let kind = self.catalog.kind("unit").expect("the shipped catalog has units");
        let mut wrong = check_fields(kind, &draft.fields);
        let founded =
            draft.fields.get("founded_on").and_then(Value::as_str).and_then(|t| t.parse::<Date>().ok());
        let today = self.calendar().day_of(self.now());
        if founded.is_some_and(|on| on > today) {
            let detail = format!("成立日期不能晚于今天（{today}）");
            wrong.push(Place::new("/founded_on", "date.future", detail));
        }
        let name = draft.name.trim().chars().count();
        if name == 0 || name > NAME_CHARS_MAX {
            wrong.push(Place::new(
                "/name",
                "name.length",
                format!("请填写单位名称，最多 {NAME_CHARS_MAX} 个字，现有 {name} 个"),
            ));
        }
        if !scope.contains(draft.region) || self.board.region(draft.region).is_none() {
            wrong.push(Place::new(
                "/region",
                "region.outside",
                "没有这个辖区，或不在您的管理范围，请重新选择",
            ));
        }
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
    }

    /// Takes in one unit of a county's file with its terminals and points, as one change.
    pub async fn import_unit(&self, unit: ImportedUnit, rule: &str) -> Result<Imported, Fault> {
        self.check_unit(&unit.draft, &Scope::everything())?;
        let actor = Self::by_rule(rule);
        let counts = Imported {
            units: 1,
            terminals: unit.terminals.len(),
            points: unit.terminals.iter().map(|t| t.points.len()).sum(),
        };
        self.settle(false, |_| {
            let (mut change, entry) = self.new_unit(&unit.draft, &actor);
            unit.terminals.iter().for_each(|t| self.add_terminal(&mut change, &entry, t));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(counts)
    }

    fn add_terminal(&self, change: &mut ChangeSet, unit: &Entry, terminal: &ImportedTerminal) {
        let mut fields = terminal.fields.clone();
        fields.insert("source".to_owned(), terminal.source.as_str().into());
        fields.insert("unit".to_owned(), unit.id.to_string().into());
        fields.insert("unit_name".to_owned(), unit.title.as_str().into());
        let mut entry = self.fresh("terminal", unit.region, &terminal.name, fields, change.at);
        entry.position = unit.position;
        let key = crate::terminals::source_key(&terminal.source);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        let id = entry.id;
        change.entries.push(self.write(entry, Numbering::Keep));
        for point in &terminal.points {
            let mut fields = point.fields.clone();
            fields.insert("terminal".to_owned(), Value::from(id.to_string()));
            fields.insert("unit".to_owned(), Value::from(unit.id.to_string()));
            let mut entry = self.fresh("point", unit.region, &point.label, fields, change.at);
            entry.position = point.position.or(unit.position);
            change.entries.push(self.write(entry, Numbering::Keep));
        }
    }
}

/// Most units on the map at once.
const MAP_UNITS_MAX: usize = 20_000;

fn code_key(draft: &UnitDraft) -> String {
    format!("unit/code/{}", code_of(&draft.fields))
}

fn code_of(fields: &Fields) -> &str {
    fields.get("code").and_then(Value::as_str).unwrap_or_default().trim()
}

fn code_taken() -> Refusal {
    Refusal::invalid(vec![Place::new("/code", "code.taken", "这个编号已登记给另一家单位，请核对")])
}

/// The refusal of a change that was made on an old version.
pub(crate) fn stale(yours: u64, now: u64) -> Refusal {
    let sentence = "别人刚改过这条记录。您填的内容还在，请对照后再保存。";
    Refusal::new(RefusalKind::Conflict, "version.stale", sentence).with("yours", yours).with("now", now)
}

/// Whether two values say the same: 5000 and 5000.0 do, and so do an absent value and none.
fn same_value(a: Option<&Value>, b: Option<&Value>) -> bool {
    let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(Some(a), Some(b)))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.keys().chain(b.keys()).all(|key| same_value(a.get(key), b.get(key)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_by_value_and_absence_is_none() {
        let stored = json!([{ "name": "主楼", "area_m2": 5000 }]);
        let sent = json!([{ "area_m2": 5000.0, "name": "主楼", "use": null }]);
        assert!(same_value(Some(&stored), Some(&sent)));
        assert!(!same_value(Some(&stored), Some(&json!([{ "name": "主楼", "area_m2": 5001 }]))));
        assert!(same_value(None, Some(&Value::Null)));
    }
}
