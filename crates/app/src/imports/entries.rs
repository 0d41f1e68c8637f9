//! What rows of a ledger's table mean: which entry each is about, who and what its names stand for, and what the engine of
//! ledgers makes of it. Everything is looked up for a block of rows at once.

use super::ImportFacts;
use super::draft::{RowDraft, RowProblem};
use super::known::unit_key;
use super::plan::Planned;
use super::reading::Read;
use super::tables::{ImportTable, NUMBER, REGION, SOURCE_NUMBER, UNIT_CODE};

use crate::sessions::login_key;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Fields, Position, Refusal, Scope, Timestamp, ids_in};
use fengsui_catalog::{FieldType, Kind, Permission};
use fengsui_ledger::{Arrival, Entry, Source, UNIT_FIELD, amend, arrive, renamed, search_terms};
use fengsui_sheet::narrow;
use fengsui_store::{Filter, PAGE_MAX, Query};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::hash_map::Entry::Vacant;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Pages that a number is looked for among entries whose numbers have the same pairs of characters.
const NUMBER_PAGES_MAX: usize = 10;
/// Kind of the entries that are persons.
const ACCOUNT: &str = "account";
/// Longest value shown with a problem, in characters.
const SHOWN_CHARS_MAX: usize = 40;

/// The key that an entry of another system holds, so that it never comes in twice.
pub(super) fn source_key(kind: &str, system: &str, number: &str) -> String {
    format!("ledger/source/{kind}/{system}/{number}")
}

/// The key that an entry holds by where it came from.
pub(super) fn own_source_key(entry: &Entry) -> Option<String> {
    entry.source.as_ref().map(|s| source_key(&entry.kind, &s.system, &s.number))
}

/// What is looked up for a block: which entry a word stands for, or why for none.
type Words = HashMap<(String, String), Result<EntryId, &'static str>>;

/// Everything that the rows of a block are judged by.
struct Ground {
    grant: Grant,
    kind: Kind,
    table: ImportTable,
    words: Words,
    /// Units and accounts that rows name.
    near: BTreeMap<EntryId, Entry>,
    held: BTreeMap<String, EntryId>,
    /// Entries that rows are about.
    known: HashMap<EntryId, Entry>,
    numbers: HashMap<String, EntryId>,
    at: Timestamp,
}

impl App {
    /// What the rows mean now, with the rights that whoever answers for the import has now.
    pub(super) async fn plan_entries(
        &self,
        facts: &ImportFacts,
        rows: &[Read],
    ) -> Result<Vec<(Option<Planned>, Vec<RowProblem>)>, Fault> {
        let account = self.store.entry(&Scope::everything(), facts.officer.id.into()).await?;
        let grant = self.grant_of(&account.ok_or_else(Refusal::not_found)?);
        let table = self.table_of(facts.subject, facts.ledger.as_deref())?;
        let kind = self.ledger(&grant, table.name())?.clone();
        let drafts: Vec<&RowDraft> = rows.iter().flatten().collect();
        let ground = self.entry_ground(grant, kind, table, &drafts).await?;
        let plan = |read: &Read| {
            let planned = read.as_ref().map_err(Clone::clone).and_then(|d| self.plan_entry(&ground, d));
            planned.map_or_else(|problems| (None, problems), |planned| (Some(planned), Vec::new()))
        };
        Ok(rows.iter().map(plan).collect())
    }

    async fn entry_ground(
        &self,
        grant: Grant,
        kind: Kind,
        table: ImportTable,
        drafts: &[&RowDraft],
    ) -> Result<Ground, Fault> {
        let everything = Scope::everything();
        let keys = drafts.iter().map(|d| source_key(&kind.name, &d.entry.system, &d.entry.source_number));
        let mut keys: Vec<_> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        let held = self.store.holders(&keys).await?;
        let mut numbers = HashMap::new();
        for number in drafts.iter().filter_map(|d| d.entry.number.as_ref()).collect::<BTreeSet<_>>() {
            if let Some(id) = self.entry_numbered(&self.readable(&grant, &kind), &kind.name, number).await? {
                numbers.insert(number.clone(), id);
            }
        }
        let words = self.words_of(&grant, &kind, drafts).await?;
        let about: Vec<_> = held.values().chain(numbers.values()).copied().collect();
        let known: HashMap<_, _> = self
            .store
            .entries(&everything, &about)
            .await?
            .into_iter()
            .map(|e| (e.id, renamed(&kind, e)))
            .collect();
        let mut near: Vec<_> = words.values().flatten().copied().collect();
        near.extend(known.values().flat_map(|e| e.fields.values().flat_map(ids_in)));
        near.sort_unstable();
        near.dedup();
        let near = self.store.entries(&everything, &near).await?;
        let near = near.into_iter().filter(|e| [UNIT_FIELD, ACCOUNT].contains(&e.kind.as_str()));
        let near = near.map(|e| (e.id, e)).collect();
        Ok(Ground { grant, kind, table, words, near, held, known, numbers, at: self.now() })
    }

    /// The entry of a ledger with this number: among those whose search finds it.
    async fn entry_numbered(
        &self,
        scope: &Scope,
        kind: &str,
        number: &str,
    ) -> Result<Option<EntryId>, Fault> {
        let mut query = Query::newest(kind, scope.clone());
        (query.terms, query.limit) = (search_terms(number), PAGE_MAX);
        for _ in 0..NUMBER_PAGES_MAX {
            let page = self.store.list(&query).await?;
            if let Some(found) = page.items.iter().find(|e| e.number.as_deref() == Some(number)) {
                return Ok(Some(found.id));
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        Ok(None)
    }

    /// Looks every name up once.
    async fn words_of(&self, grant: &Grant, kind: &Kind, drafts: &[&RowDraft]) -> Result<Words, Fault> {
        let mut words = Words::new();
        for draft in drafts {
            let code = draft.unit_code.iter().map(|code| (UNIT_FIELD.to_owned(), code.clone()));
            let named = draft.entry.named.iter().flat_map(|(field, words)| {
                let to = target(kind, field).to_owned();
                words.iter().map(move |word| (to.clone(), word.clone()))
            });
            // Gathered first: what is only half read cannot go along to another thread.
            let asked: Vec<(String, String)> = code.chain(named).collect();
            for (to, word) in asked {
                if let Vacant(place) = words.entry((to.clone(), word.clone())) {
                    place.insert(self.word_of(grant, &to, &word, &draft.entry.system).await?);
                }
            }
        }
        Ok(words)
    }

    async fn word_of(
        &self,
        grant: &Grant,
        to: &str,
        word: &str,
        system: &str,
    ) -> Result<Result<EntryId, &'static str>, Fault> {
        match to {
            UNIT_FIELD => {
                let scope = grant.scope(Permission::UnitRead);
                let unknown = "没有这家单位，或不在您的管理范围，请先登记单位，或核对名称和编号";
                let several = "有几家单位叫这个名字，请改填单位编号";
                self.titled(&scope, UNIT_FIELD, word, unit_key(&narrow(word)), [unknown, several]).await
            }
            ACCOUNT => {
                let (unknown, several) = ("没有这个人，请核对姓名，或改填账号", "有几个人同名，请改填账号");
                let everywhere = Scope::everything();
                self.titled(&everywhere, ACCOUNT, word, login_key(&narrow(word)), [unknown, several]).await
            }
            ledger => {
                let Some(kind) = self.catalog.kind(ledger).filter(|k| k.is_ledger()) else {
                    return Ok(Err("没有这一条，请核对"));
                };
                let scope = self.readable(grant, kind);
                let held = self.store.key(&source_key(ledger, system, word)).await?;
                let known = match held {
                    Some(id) => self.store.entry(&scope, id).await?.map(|e| e.id),
                    None => self.entry_numbered(&scope, ledger, word).await?,
                };
                Ok(known.ok_or("没有这个编号的记录，或您看不到它，请核对"))
            }
        }
    }

    /// The one entry that holds the key, or is called so.
    async fn titled(
        &self,
        scope: &Scope,
        kind: &str,
        word: &str,
        key: String,
        [unknown, several]: [&'static str; 2],
    ) -> Result<Result<EntryId, &'static str>, Fault> {
        if let Some(id) = self.store.key(&key).await? {
            let found = self.store.entry(scope, id).await?.filter(|e| e.kind == kind);
            return Ok(found.map(|e| e.id).ok_or(unknown));
        }
        let mut query = Query::newest(kind, scope.clone());
        (query.filters, query.limit) = (vec![Filter::Title(word.to_owned())], 2);
        let found = self.store.list(&query).await?.items;
        Ok(match found.as_slice() {
            [one] => Ok(one.id),
            [] => Err(unknown),
            _ => Err(several),
        })
    }

    fn plan_entry(&self, ground: &Ground, draft: &RowDraft) -> Result<Planned, Vec<RowProblem>> {
        let fields = ground.fields(draft)?;
        let key = source_key(&ground.kind.name, &draft.entry.system, &draft.entry.source_number);
        let by_number = draft.entry.number.as_ref().map(|number| ground.numbers.get(number));
        let Some(held) = by_number.or_else(|| ground.held.get(&key).map(Some)) else {
            return self.arrived(ground, draft, &fields, key);
        };
        let Some(before) = held.and_then(|id| ground.known.get(id)) else {
            let detail = "没有这个编号的记录，或您看不到它；新记录请不要填编号";
            return Err(vec![ground.problem(draft, NUMBER, "number.unknown", detail)]);
        };
        if !before.within(&self.readable(&ground.grant, &ground.kind)) {
            let detail = "已登记在别的辖区，不在您的管理范围，不能改";
            return Err(vec![ground.problem(draft, SOURCE_NUMBER, "record.outside", detail)]);
        }
        self.corrected(ground, draft, before, fields)
    }

    /// An entry that is there, with what the row says differently; how it stands is moved in the ledger, not in a table.
    fn corrected(
        &self,
        ground: &Ground,
        draft: &RowDraft,
        before: &Entry,
        fields: Fields,
    ) -> Result<Planned, Vec<RowProblem>> {
        let form: Fields =
            fields.into_iter().filter(|(name, value)| before.fields.get(name) != Some(value)).collect();
        let moved = draft.position.is_some_and(|p| Some(p) != before.position);
        if form.is_empty() && !moved {
            return Ok(Planned::Unchanged);
        }
        let gathered = ground.gathered(self, before, &form);
        let label = |post: &str| self.post_label(post);
        let after = amend(&gathered.scene(&ground.kind, before, &label), &form);
        let mut entry = after.map_err(|refusal| ground.refused(draft, &refusal))?;
        entry.position = draft.position.or(before.position);
        ground.follow_unit(before, &mut entry, draft.position);
        entry.revision = self.catalog.revision();
        Ok(Planned::Changed(Box::new((before.clone(), entry))))
    }

    fn arrived(
        &self,
        ground: &Ground,
        draft: &RowDraft,
        fields: &Fields,
        key: String,
    ) -> Result<Planned, Vec<RowProblem>> {
        let unit = fields.get(UNIT_FIELD).map(ids_in).unwrap_or_default().into_iter().next();
        let unit = unit.and_then(|id| ground.near.get(&id));
        let Some(region) = unit.map(|u| u.region).or(draft.region) else {
            let detail = "请填写责任单位；不属于哪家单位的，填辖区";
            return Err(vec![ground.problem(draft, REGION, "region.missing", detail)]);
        };
        let mut entry = self.fresh(&ground.kind.name, region, "", Fields::new(), ground.at);
        entry.position = draft.position.or(unit.and_then(|u| u.position));
        entry.source =
            Some(Source { system: draft.entry.system.clone(), number: draft.entry.source_number.clone() });
        entry.revision = self.catalog.revision();
        let opening = ground.kind.openings().next().map_or("", |m| m.name.as_str());
        let arrival = Arrival {
            mv: draft.entry.opens.as_deref().unwrap_or(opening),
            fields,
            opened_at: self.opened_at(draft.entry.opened_on, ground.at),
            state: draft.entry.state.as_deref(),
            closed_at: draft.entry.closed_on.map(|day| self.closed_at(day, ground.at)),
        };
        let gathered = ground.gathered(self, &entry, fields);
        let label = |post: &str| self.post_label(post);
        let arrived = arrive(&gathered.scene(&ground.kind, &entry, &label), &arrival);
        let entry = arrived.map_err(|refusal| ground.refused(draft, &refusal))?;
        Ok(Planned::New(Box::new(entry), Some(key)))
    }

    /// When a day begins; today is now.
    fn opened_at(&self, day: Option<Date>, now: Timestamp) -> Timestamp {
        let calendar = self.calendar();
        match day.filter(|day| *day != calendar.day_of(now)) {
            // The deadline of the day before ends where this day begins.
            Some(day) => day.yesterday().map_or(now, |before| calendar.due_on(before).at),
            None => now,
        }
    }

    /// The last instant of a day; today is now.
    fn closed_at(&self, day: Date, now: Timestamp) -> Timestamp {
        let calendar = self.calendar();
        if day == calendar.day_of(now) {
            return now;
        }
        calendar.due_on(day).at - jiff::SignedDuration::from_micros(1)
    }
}

/// What kind of entry the names in a field stand for.
fn target<'k>(kind: &'k Kind, field: &str) -> &'k str {
    let Some(field) = kind.field(field) else { return "" };
    match field.kind {
        FieldType::Person | FieldType::People => ACCOUNT,
        _ => field.to.as_deref().unwrap_or_default(),
    }
}

impl Ground {
    /// The fields of a row with its names looked up.
    fn fields(&self, draft: &RowDraft) -> Result<Fields, Vec<RowProblem>> {
        let (mut fields, mut wrong) = (draft.fields.clone(), Vec::new());
        for (name, words) in &draft.entry.named {
            // The code of a unit goes before its name, which two may have.
            if name == UNIT_FIELD && draft.unit_code.is_some() {
                continue;
            }
            let found = words.iter().map(|word| self.looked_up(target(&self.kind, name), word));
            match found.collect::<Result<Vec<_>, _>>() {
                Ok(ids) => {
                    let many = self.kind.field(name).is_some_and(|f| f.kind.is_whole());
                    let one = || ids.first().map_or(Value::Null, |id| id.to_string().into());
                    let value = if many { ids.iter().map(EntryId::to_string).collect() } else { one() };
                    fields.insert(name.clone(), value);
                }
                Err(detail) => wrong.push(self.problem(draft, name, "name.unknown", detail)),
            }
        }
        if let Some(code) = &draft.unit_code {
            match self.looked_up(UNIT_FIELD, code) {
                Ok(id) => {
                    fields.insert(UNIT_FIELD.to_owned(), id.to_string().into());
                }
                Err(detail) => {
                    wrong.push(self.problem(draft, UNIT_CODE, "name.unknown", detail));
                }
            }
        }
        if wrong.is_empty() { Ok(fields) } else { Err(wrong) }
    }

    fn looked_up(&self, to: &str, word: &str) -> Result<EntryId, &'static str> {
        self.words.get(&(to.to_owned(), word.to_owned())).copied().unwrap_or(Err("没有这一条，请核对"))
    }

    /// An entry that was given to another unit is where that unit is: its region decides who may see it.
    fn follow_unit(&self, before: &Entry, entry: &mut Entry, said: Option<Position>) {
        let given = entry.unit().filter(|unit| Some(*unit) != before.unit());
        if let Some(unit) = given.and_then(|id| self.near.get(&id)) {
            entry.region = unit.region;
            entry.position = said.or(unit.position);
        }
    }

    fn gathered(&self, app: &App, entry: &Entry, form: &Fields) -> crate::ledgers::Gathered {
        app.gathered(&self.grant, entry, form, &self.near, self.at)
    }

    /// A refusal of the engine as what is wrong in the row: place by place, or as a whole.
    fn refused(&self, draft: &RowDraft, refusal: &Refusal) -> Vec<RowProblem> {
        if refusal.places.is_empty() {
            return vec![self.problem(draft, "", &refusal.code, &refusal.detail)];
        }
        let place = |p: &fengsui_base::Place| {
            self.problem(draft, p.pointer.trim_start_matches('/'), &p.code, &p.detail)
        };
        refusal.places.iter().map(place).collect()
    }

    fn problem(&self, draft: &RowDraft, name: &str, code: &str, detail: &str) -> RowProblem {
        let label = self.table.column(name).map(|c| c.label.to_string());
        let named = draft.entry.named.iter().find(|(field, _)| field == name).map(|(_, w)| w.join("、"));
        let field = || draft.fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let code_of_unit = || draft.unit_code.clone().filter(|_| name == UNIT_CODE);
        let number = || draft.entry.number.clone().filter(|_| name == NUMBER);
        let value = named.or_else(field).or_else(code_of_unit).or_else(number).unwrap_or_default();
        RowProblem {
            row: draft.row,
            column: label.unwrap_or_default(),
            value: value.chars().take(SHOWN_CHARS_MAX).collect(),
            code: code.to_owned(),
            detail: detail.to_owned(),
        }
    }
}
