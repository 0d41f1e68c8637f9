//! What fills a paper (填写): every place by its source in the catalog, through the entry's fields and what they link to.

use super::{Entry, IssuedFrom, VOIDED, words};
use crate::entries::{field, read_list, text_is};
use crate::{App, Fault};
use fengsui_base::{EntryId, RegionCode, Scope, ids_in};
use fengsui_catalog::{
    Field, FieldType, ITSELF, Issuer, LITERAL, OF_ENTRY, OF_PAPER, PAPERS_BEFORE, PlaceSource, RecordsOf,
    WRITTEN,
};
use fengsui_store::{Direction, PAGE_MAX, Query, Sort};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The source of a place that shows the code of the paper.
const CODE: &str = "@code";
/// What a way has in it that leads to papers issued before.
const BY_PAPERS: &str = "#paper";
/// The source by state.
const BY_STATE: &str = "#state";

/// The paper itself: what `@` asks for.
pub(super) struct Occasion<'o> {
    pub(super) issuer: &'o Issuer,
    pub(super) number: &'o str,
    pub(super) on: Date,
}

/// Entries that were read already, so that the unit is not read for every line that names it.
type Known = BTreeMap<EntryId, Option<Entry>>;

/// A person to call at a unit.
#[derive(Deserialize)]
struct Contact {
    name: String,
    #[serde(default)]
    phone: String,
}

impl App {
    /// The values of all places, as the entry says them now.
    pub(super) async fn paper_values(
        &self,
        entry: &Entry,
        from: &IssuedFrom,
        before: &[Entry],
        occasion: &Occasion<'_>,
    ) -> Result<Map<String, Value>, Fault> {
        let (mut values, mut known) = (Map::new(), Known::new());
        for (place, source) in &from.places {
            let value = match source {
                PlaceSource::Text(way) => match way.strip_prefix(OF_PAPER) {
                    Some(fact) => of_paper(fact, occasion),
                    None => self.by_way(entry, way, &mut known).await?,
                },
                PlaceSource::Cases { by, cases } => match case_of(entry, by).and_then(|c| cases.get(c)) {
                    Some(way) => self.by_way(entry, way, &mut known).await?,
                    None => None,
                },
                PlaceSource::Records(lists) => Some(self.records(entry, lists, before, &mut known).await?),
            };
            values.extend(value.map(|value| (place.clone(), value)));
        }
        Ok(values)
    }

    /// The places that the entry would fill otherwise than they were filled.
    pub(super) async fn differing(
        &self,
        entry: &Entry,
        from: &IssuedFrom,
        then: &Map<String, Value>,
    ) -> Result<Vec<String>, Fault> {
        let (mut differing, mut known) = (Vec::new(), Known::new());
        for (place, source) in from.places.iter().filter(|(_, source)| lasts(source)) {
            let now = match source {
                PlaceSource::Text(way) => self.by_way(entry, way, &mut known).await?,
                PlaceSource::Cases { by, cases } => match case_of(entry, by).and_then(|c| cases.get(c)) {
                    Some(way) => self.by_way(entry, way, &mut known).await?,
                    None => None,
                },
                PlaceSource::Records(lists) => Some(self.records(entry, lists, &[], &mut known).await?),
            };
            if now.as_ref() != then.get(place) {
                differing.push(place.clone());
            }
        }
        Ok(differing)
    }

    async fn records(
        &self,
        entry: &Entry,
        lists: &[RecordsOf],
        before: &[Entry],
        known: &mut Known,
    ) -> Result<Value, Fault> {
        let mut records = Vec::new();
        for list in lists {
            if list.of == PAPERS_BEFORE {
                let valid = before.iter().filter(|p| p.state != VOIDED && !self.is_receipt(p));
                records.extend(valid.map(|p| Value::Object(self.paper_record(p, list))));
                continue;
            }
            for of in self.record_entries(entry, list).await? {
                let mut record = Map::new();
                for (place, way) in &list.places {
                    let value = self.by_way(&of, way, known).await?;
                    record.extend(value.map(|value| (place.clone(), value)));
                }
                records.push(Value::Object(record));
            }
        }
        Ok(Value::Array(records))
    }

    fn is_receipt(&self, paper: &Entry) -> bool {
        let name = paper.fields.get("paper").and_then(Value::as_str).unwrap_or_default();
        self.catalog.papers().iter().any(|p| p.name == name && p.receipt)
    }

    fn paper_record(&self, paper: &Entry, list: &RecordsOf) -> Map<String, Value> {
        let said = |way: &String| match way.strip_prefix(LITERAL) {
            Some(literal) => Some(Value::from(literal)),
            None => self.fact_of_paper(paper, way.trim_start_matches(OF_ENTRY)).map(Value::from),
        };
        list.places.iter().filter_map(|(place, way)| Some((place.clone(), said(way)?))).collect()
    }

    fn fact_of_paper(&self, paper: &Entry, fact: &str) -> Option<String> {
        match fact {
            "label" => {
                let name = paper.fields.get("paper").and_then(Value::as_str)?;
                Some(self.catalog.papers().iter().find(|p| p.name == name)?.label.clone())
            }
            "issued_on" => field::<Date>(paper, "issued_on").map(words::long_day),
            _ => paper.number.clone(),
        }
    }

    /// The entries that a list goes through, in the order in which they stand.
    async fn record_entries(&self, entry: &Entry, list: &RecordsOf) -> Result<Vec<Entry>, Fault> {
        if list.of == ITSELF {
            return Ok(vec![entry.clone()]);
        }
        if let Some((kind, back)) = list.of.split_once('.') {
            return self.naming(entry.id, kind, back, &list.except).await;
        }
        let ids = entry.fields.get(&list.of).map(ids_in).unwrap_or_default();
        let mut found = self.store.entries(&Scope::everything(), &ids).await?;
        found.retain(|e| !list.except.contains(&e.state));
        found.sort_by_key(|e| ids.iter().position(|id| *id == e.id));
        Ok(found)
    }

    /// The entries of a kind whose field names this one, oldest first.
    async fn naming(
        &self,
        id: EntryId,
        kind: &str,
        back: &str,
        except: &[String],
    ) -> Result<Vec<Entry>, Fault> {
        let mut query = Query::newest(kind, Scope::everything());
        query.filters.push(text_is(back, id.to_string()));
        (query.sort, query.direction, query.limit) = (Sort::Opened, Direction::Ascending, PAGE_MAX);
        let mut found = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            found.extend(page.items.into_iter().filter(|e| !except.contains(&e.state)));
            match page.next {
                // One more than a paper can hold is enough to refuse it.
                Some(next) if found.len() <= wordform::RECORDS_MAX => query.after = Some(next),
                _ => return Ok(found),
            }
        }
    }

    /// What stands at the end of a way that begins at the entry.
    async fn by_way(&self, entry: &Entry, way: &str, known: &mut Known) -> Result<Option<Value>, Fault> {
        if let Some(literal) = way.strip_prefix(LITERAL) {
            return Ok(Some(literal.into()));
        }
        let (steps, written) = way.split_once(WRITTEN).map_or((way, None), |(s, w)| (s, Some(w)));
        let (mut at, mut steps) = (entry.clone(), steps.split('.').peekable());
        while let Some(step) = steps.next() {
            if steps.peek().is_none() {
                return self.at_end(&at, step, written, known).await;
            }
            let next = at.fields.get(step).and_then(|v| ids_in(v).first().copied());
            let Some(next) = next else { return Ok(None) };
            let Some(next) = self.known(next, known).await? else { return Ok(None) };
            at = next;
        }
        Ok(None)
    }

    async fn known(&self, id: EntryId, known: &mut Known) -> Result<Option<Entry>, Fault> {
        if let Some(read) = known.get(&id) {
            return Ok(read.clone());
        }
        let read = self.store.entry(&Scope::everything(), id).await?;
        Ok(known.entry(id).or_insert(read).clone())
    }

    async fn at_end(
        &self,
        entry: &Entry,
        step: &str,
        written: Option<&str>,
        known: &mut Known,
    ) -> Result<Option<Value>, Fault> {
        if let Some(fact) = step.strip_prefix(OF_ENTRY) {
            return Ok(self.of_entry(entry, fact).await?.map(Value::from));
        }
        let Some(field) = self.catalog.kind(&entry.kind).and_then(|k| k.field(step)) else { return Ok(None) };
        let value = entry.fields.get(step);
        match written {
            Some("options") => Ok(Some(words::options(field, value))),
            Some("words") => Ok(value.and_then(Value::as_u64).map(|fen| words::money_in_words(fen).into())),
            Some(_) => Ok(value.and_then(Value::as_str).and_then(|name| phone(entry, name)).map(Value::from)),
            None => match value {
                Some(value) => Ok(self.in_words(field, value, known).await?.map(Value::from)),
                None => Ok(None),
            },
        }
    }

    async fn of_entry(&self, entry: &Entry, fact: &str) -> Result<Option<String>, Fault> {
        let calendar = self.calendar();
        Ok(match fact {
            "title" => Some(entry.title.clone()),
            "number" => entry.number.clone(),
            "state" => self.catalog.kind(&entry.kind).map(|k| k.state_label(&entry.state).to_owned()),
            "opened_on" => Some(words::long_day(calendar.day_of(entry.opened_at))),
            _ => {
                let before = self.issued_before(entry.id).await?;
                let last = before.iter().rfind(|p| p.state != VOIDED && !self.is_receipt(p));
                let fact = match fact {
                    "paper_label" => "label",
                    "paper_on" => "issued_on",
                    _ => "number",
                };
                last.and_then(|paper| self.fact_of_paper(paper, fact))
            }
        })
    }

    /// A value as it is written on paper.
    async fn in_words(
        &self,
        field: &Field,
        value: &Value,
        known: &mut Known,
    ) -> Result<Option<String>, Fault> {
        use FieldType::{Choice, Date as Day, Instant, Integer, Link, Links, Money, People, Person, Real};
        let text = value.as_str();
        Ok(match field.kind {
            FieldType::Text => text.map(str::to_owned),
            Choice => text.map(|value| field.choice_label(value).to_owned()),
            Day => text.and_then(|t| t.parse().ok()).map(words::long_day),
            Instant => {
                text.and_then(|t| t.parse().ok()).map(|at| words::long_day(self.calendar().day_of(at)))
            }
            Integer | Real => Some(format!("{value}{}", field.unit.as_deref().unwrap_or_default())),
            FieldType::Truth => value.as_bool().map(|truth| if truth { "是" } else { "否" }.to_owned()),
            Money => value.as_u64().map(|fen| format!("{}.{:02}元", fen / 100, fen % 100)),
            FieldType::Region => {
                let code = text.and_then(|t| t.parse::<RegionCode>().ok());
                code.and_then(|code| self.board.region(code)).map(|region| region.name)
            }
            Link | Links | Person | People => {
                let mut names = Vec::new();
                for id in ids_in(value) {
                    names.extend(self.known(id, known).await?.map(|e| e.title));
                }
                Some(names.join("、"))
            }
            _ => None,
        })
    }
}

/// Puts the code of the paper where it belongs.
pub(super) fn put_code(from: &IssuedFrom, values: &mut Map<String, Value>, code: &str) {
    let places = from.places.iter().filter(|(_, s)| matches!(s, PlaceSource::Text(way) if way == CODE));
    values.extend(places.map(|(place, _)| (place.clone(), code.into())));
}

fn of_paper(fact: &str, occasion: &Occasion<'_>) -> Option<Value> {
    let issuer = occasion.issuer;
    let said = match fact {
        "number" => occasion.number.to_owned(),
        "today" => words::long_day(occasion.on),
        "issuer.name" => issuer.name.clone(),
        "issuer.short" => issuer.short.clone(),
        "issuer.review_body" => issuer.review_body.clone(),
        "issuer.court" => issuer.court.clone(),
        // The code is made of all that is said: it comes last.
        _ => return None,
    };
    Some(said.into())
}

fn case_of<'e>(entry: &'e Entry, by: &str) -> Option<&'e str> {
    match by {
        BY_STATE => Some(&entry.state),
        field => entry.fields.get(field).and_then(Value::as_str),
    }
}

/// Whether a source says the same as long as nobody changes the entry: its state and its papers go on.
fn lasts(source: &PlaceSource) -> bool {
    match source {
        PlaceSource::Text(way) => !way.starts_with(OF_PAPER) && !way.contains(BY_PAPERS),
        PlaceSource::Cases { by, .. } => by != BY_STATE,
        PlaceSource::Records(lists) => lists.iter().all(|list| list.of != PAPERS_BEFORE),
    }
}

/// The telephone of a person who is named as a contact of the unit.
fn phone(unit: &Entry, name: &str) -> Option<String> {
    let contacts: Vec<Contact> = read_list(unit, "contacts");
    contacts.into_iter().find(|c| c.name == name && !c.phone.is_empty()).map(|c| c.phone)
}
