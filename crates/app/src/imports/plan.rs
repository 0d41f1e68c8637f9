//! What a row means for the register: a new record, a change of one that is there, or nothing.

use super::columns::ImportSubject;
use super::draft::{RowDraft, RowProblem};
use super::known::{Known, unit_key};
use crate::App;
use crate::limits::{LIMITS_MAX, limits_of};
use fengsui_base::{EntryId, Fields, Scope, Timestamp};
use fengsui_catalog::check_fields;
use fengsui_ledger::{Entry, Source};
use fengsui_store::{Part, StateKey};
use serde_json::Value;

/// What contacts that came by a table are called.
pub(crate) const CONTACT_ROLE: &str = "联系人";

/// What a row means.
pub(super) enum Planned {
    /// Not there yet; with the key that it takes, if its kind has one.
    New(Box<Entry>, Option<String>),
    /// There, and different.
    Changed(Box<(Entry, Entry)>),
    /// There, and the same.
    Unchanged,
}

impl Planned {
    /// The record as it shall be; none when nothing is written.
    pub(super) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::New(entry, _) => Some(entry),
            Self::Changed(pair) => Some(&pair.1),
            Self::Unchanged => None,
        }
    }
}

/// Planned, or why not.
pub(super) type Plan = Result<Planned, RowProblem>;

impl RowDraft {
    fn problem(
        &self,
        subject: ImportSubject,
        name: &str,
        code: &str,
        detail: impl Into<String>,
    ) -> RowProblem {
        let column = subject.columns().iter().find(|c| c.name == name);
        let value = match name {
            "unit_code" => self.unit_code.clone().unwrap_or_default(),
            "terminal_source" => self.terminal_source.clone().unwrap_or_default(),
            _ => self.key.clone(),
        };
        RowProblem {
            row: self.row,
            column: column.map_or_else(String::new, |c| c.label.to_string()),
            value,
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

impl App {
    /// What the row means now, within the scope of whoever sends it.
    pub(super) fn plan(
        &self,
        subject: ImportSubject,
        scope: &Scope,
        draft: &RowDraft,
        known: &Known,
    ) -> Plan {
        match subject {
            ImportSubject::Unit => self.plan_unit(scope, draft, known),
            ImportSubject::Terminal => self.plan_terminal(scope, draft, known),
            ImportSubject::Point => self.plan_point(scope, draft, known),
            // Rows of ledgers are planned a block at a time.
            ImportSubject::Ledger => Ok(Planned::Unchanged),
        }
    }

    fn plan_unit(&self, scope: &Scope, draft: &RowDraft, known: &Known) -> Plan {
        let subject = ImportSubject::Unit;
        let key = unit_key(&draft.key);
        let before = known.by_key(&key).cloned();
        if before.as_ref().is_some_and(|b| !scope.contains(b.region)) {
            return Err(outside(subject, draft, "code"));
        }
        let region = draft.region.or(before.as_ref().map(|b| b.region));
        let Some(region) = region else {
            return Err(draft.problem(subject, "region", "field.required", "请填写辖区"));
        };
        let mut entry = self.overlaid(subject, before.as_ref(), draft, region, self.now());
        if let Some((name, phone)) = &draft.contact {
            put_contact(&mut entry.fields, name, phone);
        }
        self.judged(subject, draft, before, entry, Some(key))
    }

    fn plan_terminal(&self, scope: &Scope, draft: &RowDraft, known: &Known) -> Plan {
        let subject = ImportSubject::Terminal;
        // Asked of the store: a stranger that fell silent is known no longer to the board and still has its key.
        let key = crate::terminals::source_key(&draft.key);
        let before = known.by_key(&key).cloned();
        // Whoever speaks without being registered lies nowhere in particular: anybody may claim it.
        let claimed = before.as_ref().is_some_and(|b| b.state == "registered");
        if claimed && before.as_ref().is_some_and(|b| !scope.contains(b.region)) {
            return Err(outside(subject, draft, "source"));
        }
        let unit = draft.unit_code.as_deref().and_then(|code| known.by_key(&unit_key(code)));
        let unit = unit.filter(|u| scope.contains(u.region));
        if draft.unit_code.is_some() && unit.is_none() {
            let detail = "没有这个编号的单位，或不在您的管理范围。请先导入单位，或核对编号";
            return Err(draft.problem(subject, "unit_code", "unit.unknown", detail));
        }
        let region = unit.map(|u| u.region).or(before.as_ref().filter(|_| claimed).map(|b| b.region));
        let Some(region) = region else {
            return Err(draft.problem(subject, "unit_code", "field.required", "请填写所属单位的编号"));
        };
        let mut entry = self.overlaid(subject, before.as_ref(), draft, region, self.now());
        entry.state = "registered".to_owned();
        if let Some(unit) = unit {
            entry.fields.insert("unit".to_owned(), unit.id.to_string().into());
            entry.fields.insert("unit_name".to_owned(), unit.title.as_str().into());
            entry.position = draft.position.or(entry.position).or(unit.position);
        }
        if !entry.fields.contains_key("profile") {
            entry.fields.insert("profile".to_owned(), "gb26875".into());
        }
        self.judged(subject, draft, before, entry, Some(key))
    }

    fn plan_point(&self, scope: &Scope, draft: &RowDraft, known: &Known) -> Plan {
        let subject = ImportSubject::Point;
        let source = draft.terminal_source.as_deref().unwrap_or_default();
        let terminal = self.board.terminal_at(source);
        let facts = terminal.as_ref().map(|t| t.facts()).filter(|f| f.known && scope.contains(f.region));
        let (Some(terminal), Some(facts)) = (terminal, facts) else {
            let detail = "没有这个源地址的终端，或不在您的管理范围。请先导入终端，或核对源地址";
            return Err(draft.problem(subject, "terminal_source", "terminal.unknown", detail));
        };
        let before = terminal.point(address_of(draft)).and_then(|p| known.by_id(p.id.into())).cloned();
        let mut entry = self.overlaid(subject, before.as_ref(), draft, facts.region, self.now());
        entry.fields.insert("terminal".to_owned(), EntryId::from(terminal.id).to_string().into());
        let unit = facts.unit.as_ref().map(|unit| unit.0.to_string());
        entry.fields.extend(unit.map(|unit| ("unit".to_owned(), unit.into())));
        entry.position = draft.position.or(entry.position).or(facts.position);
        if let Some(before) = &before {
            keep_other_limits(before, &mut entry);
        }
        if limits_of(&entry).len() > LIMITS_MAX {
            let detail = format!("连同已设的限值，一个点位最多 {LIMITS_MAX} 种测量值");
            return Err(draft.problem(subject, "value_type", "limits.many", detail));
        }
        self.judged(subject, draft, before, entry, None)
    }

    /// The record as the row would have it: what the row does not say stays.
    fn overlaid(
        &self,
        subject: ImportSubject,
        before: Option<&Entry>,
        draft: &RowDraft,
        region: fengsui_base::RegionCode,
        at: Timestamp,
    ) -> Entry {
        let title = draft.title.clone().or(before.map(|b| b.title.clone())).unwrap_or_default();
        let mut entry = match before {
            Some(before) => Entry { version: before.version + 1, title, region, ..before.clone() },
            None => self.fresh(subject.name(), region, &title, Fields::new(), at),
        };
        entry.position = draft.position.or(entry.position);
        entry.fields.extend(draft.fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        entry
    }

    fn judged(
        &self,
        subject: ImportSubject,
        draft: &RowDraft,
        before: Option<Entry>,
        mut entry: Entry,
        key: Option<String>,
    ) -> Plan {
        let kind = self.catalog.kind(subject.name()).expect("the shipped catalog has every register");
        let missing = check_fields(kind, &entry.fields).into_iter().find(|p| p.code == "field.required");
        if let Some(place) = missing {
            let name = place.pointer.trim_start_matches('/');
            return Err(draft.problem(subject, name, &place.code, place.detail.clone()));
        }
        if entry.title.is_empty() {
            let name = if subject == ImportSubject::Point { "label" } else { "name" };
            return Err(draft.problem(subject, name, "field.required", "请填写名称"));
        }
        if subject == ImportSubject::Point && !entry.fields.contains_key("component_type") {
            let detail = "请填写部件类型";
            return Err(draft.problem(subject, "component_type", "field.required", detail));
        }
        entry.revision = self.catalog.revision();
        match before {
            None => Ok(Planned::New(Box::new(entry), key)),
            Some(before) if same(&before, &entry) => Ok(Planned::Unchanged),
            Some(before) => Ok(Planned::Changed(Box::new((before, entry)))),
        }
    }

    /// Marks a new record with the import that it came by.
    pub(super) fn from_import(mut entry: Entry, import: EntryId) -> Entry {
        entry.source = Some(Source { system: "import".to_owned(), number: import.to_string() });
        entry
    }
}

fn outside(subject: ImportSubject, draft: &RowDraft, name: &str) -> RowProblem {
    draft.problem(subject, name, "record.outside", "已登记在别的辖区，不在您的管理范围，不能改")
}

fn same(before: &Entry, after: &Entry) -> bool {
    before.title == after.title
        && before.region == after.region
        && before.position == after.position
        && before.state == after.state
        && before.fields == after.fields
}

/// Limits of values that the row does not name stay, each in its place.
fn keep_other_limits(before: &Entry, entry: &mut Entry) {
    let (mut all, said) = (limits_of(before), limits_of(entry));
    for limits in said {
        match all.iter_mut().find(|known| known.analog_type == limits.analog_type) {
            Some(known) => *known = limits,
            None => all.push(limits),
        }
    }
    if !all.is_empty() {
        let stored = serde_json::to_value(all).expect("limits are plain numbers");
        entry.fields.insert("limits".to_owned(), stored);
    }
}

fn put_contact(fields: &mut Fields, name: &str, phone: &str) {
    let contact = serde_json::json!({ "role": CONTACT_ROLE, "name": name, "phone": phone });
    let list = fields.entry("contacts").or_insert_with(|| Value::Array(Vec::new()));
    let Some(list) = list.as_array_mut() else { return };
    match list.iter_mut().find(|c| c.get("role").and_then(Value::as_str) == Some(CONTACT_ROLE)) {
        Some(known) => *known = contact,
        None => list.push(contact),
    }
}

pub(super) fn address_of(draft: &RowDraft) -> StateKey {
    let number = |name: &str| draft.fields.get(name).and_then(Value::as_u64).unwrap_or(0);
    let narrow = |name: &str| u8::try_from(number(name)).unwrap_or(0);
    StateKey {
        part: Part::Component,
        system_type: narrow("system_type"),
        system_address: narrow("system_address"),
        component_address: u32::try_from(number("component_address")).unwrap_or(0),
        analog_type: 0,
    }
}

/// Whether a change moves the record by as much as a wrong datum does.
pub(super) fn moves_suspiciously(before: &Entry, after: &Entry) -> bool {
    let pair = before.position.zip(after.position);
    pair.is_some_and(|(a, b)| (100.0..2_000.0).contains(&a.distance_m(b)))
}
