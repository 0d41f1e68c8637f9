//! Terminals (终端), their points and frames: lists and pages, and registering a new one.

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::{App, Fault, KnownTerminal};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, RefusalKind, Scope, TerminalId, UnitId};
use fengsui_catalog::{Permission, check_fields};
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{ChangeSet, Cursor, Direction, Expect, FrameRow, KeyWrite, Numbering, Page, Query, Sort};
use std::sync::Arc;

/// Longest name of a terminal, in characters.
const NAME_CHARS_MAX: usize = 60;

/// Longest report period, in seconds: a week.
pub(crate) const PERIOD_S_MAX: i64 = 7 * 86_400;

/// Longest service life, in years.
pub(crate) const LIFE_YEARS_MAX: i64 = 50;

/// Wires by which a device has a name instead of a number.
const WIRES: [&str; 4] = ["ctwing", "onenet", "iotda", "mqtt"];

/// What a list of terminals shows.
#[derive(Clone, Debug, Default)]
pub struct TerminalFilter {
    /// Search text.
    pub text: Option<String>,
    /// Registered only, or unclaimed only.
    pub known: Option<bool>,
    /// Heard lately, or not.
    pub online: Option<bool>,
    /// Of this unit.
    pub unit: Option<EntryId>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// What a form says of a terminal.
#[derive(Clone, PartialEq, Debug)]
pub struct TerminalDraft {
    /// Name.
    pub name: String,
    /// Source address as the listener names it: a number for GB/T 26875.3.
    pub source: String,
    /// Unit it belongs to.
    pub unit: UnitId,
    /// Further fields of the catalog.
    pub fields: Fields,
}

impl App {
    /// A page of terminals, by name.
    pub async fn terminals(&self, grant: &Grant, filter: TerminalFilter) -> Result<(Page, u64), Fault> {
        if let Some(online) = filter.online {
            return self.terminals_by_line(grant, &filter, online).await;
        }
        let query = terminal_query(grant.may(Permission::TerminalRead)?, &filter);
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    /// One terminal: as stored, and as heard.
    pub async fn terminal(
        &self,
        grant: &Grant,
        id: TerminalId,
    ) -> Result<(Entry, Arc<KnownTerminal>), Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        let entry = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "terminal");
        let entry = entry.ok_or_else(Refusal::not_found)?;
        let known = self.board.terminal(id).ok_or_else(Refusal::not_found)?;
        Ok((entry, known))
    }

    /// A page of the registered points of a terminal, by label.
    pub async fn points(
        &self,
        grant: &Grant,
        id: TerminalId,
        after: Option<Cursor>,
        limit: u16,
    ) -> Result<Page, Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        self.terminal(grant, id).await?;
        let mut query = Query::newest("point", scope);
        (query.sort, query.direction) = (Sort::Title, Direction::Ascending);
        (query.after, query.limit) = (after, limit);
        query.filters = vec![crate::entries::text_is("terminal", id.to_string())];
        Ok(self.store.list(&query).await?)
    }

    /// Frames of a terminal, newest first.
    pub async fn frames(
        &self,
        grant: &Grant,
        id: TerminalId,
        before: Option<(u64, u32)>,
        limit: u16,
    ) -> Result<Vec<FrameRow>, Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        let (entry, _) = self.terminal(grant, id).await?;
        Ok(self.store.frames_of(&scope.and_at(entry.region), id, before, limit).await?)
    }

    /// One frame by the number of its ChangeSet.
    pub async fn frame(&self, grant: &Grant, seq: u64) -> Result<FrameRow, Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        if let Some(frame) = self.store.frame(&scope, seq).await? {
            return Ok(frame);
        }
        // Beside the regions: a frame belongs to the unit of its terminal.
        let found = match scope.units().is_empty() {
            true => None,
            false => self.store.frame(&Scope::everything(), seq).await?,
        };
        let seen = |frame: &FrameRow| {
            frame.frame.terminal.and_then(|id| self.board.terminal(id)).is_some_and(|t| t.within(&scope))
        };
        Ok(found.filter(seen).ok_or_else(Refusal::not_found)?)
    }

    /// Registers a terminal under a unit.
    pub async fn create_terminal(
        &self,
        grant: &Grant,
        draft: TerminalDraft,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        let unit = self.store.entry(&scope, draft.unit.into()).await?.filter(|e| e.kind == "unit");
        let unit = unit
            .ok_or_else(|| wrong("/unit", "unit.unknown", "没有这家单位，或不在您的管理范围，请重新选择"))?;
        let fields = fengsui_base::overlaid(&Fields::new(), &terminal_fields(&draft, &unit));
        self.check_terminal(&draft, &fields)?;
        let settled = self
            .settle(true, |attempt| {
                let (draft, unit, fields, key) = (&draft, &unit, &fields, &key);
                async move {
                    let unclaimed = self.unclaimed(&draft.source).await?;
                    if attempt > 0
                        && unclaimed.is_none()
                        && self.store.key(&source_key(&draft.source)).await?.is_some()
                    {
                        return Err(
                            wrong("/source", "source.taken", "这个源地址已有终端，请到终端清单查找").into()
                        );
                    }
                    let (mut change, entry) = match unclaimed {
                        Some(entry) => self.claimed_terminal(grant, draft, unit, fields.clone(), entry),
                        None => self.new_terminal(grant, draft, unit, fields.clone()),
                    };
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
                let entry = self.store.entry(&Scope::everything(), id).await?;
                Ok(entry.ok_or_else(Refusal::not_found)?)
            }
        }
    }

    /// The terminal with this source that nobody has claimed yet.
    async fn unclaimed(&self, source: &str) -> Result<Option<Entry>, Fault> {
        let Some(id) = self.store.key(&source_key(source)).await? else { return Ok(None) };
        let entry = self.store.entry(&Scope::everything(), id).await?;
        Ok(entry.filter(|e| e.state != "registered"))
    }

    /// A terminal that spoke before it was registered keeps its identity, its frames and its alarms.
    pub(crate) fn claimed_terminal(
        &self,
        grant: &Grant,
        draft: &TerminalDraft,
        unit: &Entry,
        fields: Fields,
        before: Entry,
    ) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let entry = Entry {
            state: "registered".to_owned(),
            title: draft.name.trim().to_owned(),
            region: unit.region,
            position: unit.position,
            version: before.version + 1,
            revision: self.catalog.revision(),
            fields,
            due_at: None,
            wake_at: None,
            ..before
        };
        let actor = Actor::Officer(grant.officer().clone());
        self.move_alarms(&mut change, &entry, "终端已认领", &actor);
        let said = Said::new(
            "terminal.claimed",
            format!("认领终端 {}，源地址 {}", entry.title, draft.source),
            "操作",
        );
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    fn new_terminal(
        &self,
        grant: &Grant,
        draft: &TerminalDraft,
        unit: &Entry,
        fields: Fields,
    ) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let mut entry = self.fresh("terminal", unit.region, draft.name.trim(), fields, change.at);
        entry.position = unit.position;
        let key = source_key(&draft.source);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        let actor = Actor::Officer(grant.officer().clone());
        let said = Said::new(
            "terminal.created",
            format!("登记终端 {}，源地址 {}", entry.title, draft.source),
            "操作",
        );
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// Changes a registered terminal; refused when somebody else changed it since `version`. Its source address is
    /// what it is known by and stays.
    pub async fn change_terminal(
        &self,
        grant: &Grant,
        id: TerminalId,
        version: u64,
        draft: TerminalDraft,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        let (draft, scope) = (&draft, &scope);
        // No frame of it is decided meanwhile, or an alarm could begin under the unit that it is leaving.
        let known = self.board.terminal(id);
        let _turn = match &known {
            Some(known) => Some(known.gate.lock().await),
            None => None,
        };
        let decide = |_| async move {
            let before = self.store.entry(scope, id.into()).await?.filter(|e| e.kind == "terminal");
            let before = before.ok_or_else(Refusal::not_found)?;
            if before.state != "registered" {
                let sentence = "这台终端还没有登记，请先认领。";
                return Err(Refusal::new(RefusalKind::Conflict, "terminal.unclaimed", sentence).into());
            }
            if before.version != version {
                return Err(crate::units::stale(version, before.version).into());
            }
            let unit = self.store.entry(scope, draft.unit.into()).await?.filter(|e| e.kind == "unit");
            let unit = unit.ok_or_else(|| {
                wrong("/unit", "unit.unknown", "没有这家单位，或不在您的管理范围，请重新选择")
            })?;
            self.amended_terminal(grant, before, draft, &unit)
        };
        match self.settle(true, decide).await? {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => Ok(self.terminal(grant, id).await?.0),
        }
    }

    fn amended_terminal(
        &self,
        grant: &Grant,
        before: Entry,
        draft: &TerminalDraft,
        unit: &Entry,
    ) -> Result<(ChangeSet, Entry), Fault> {
        let source = before.fields.get("source").and_then(serde_json::Value::as_str).unwrap_or_default();
        let draft = TerminalDraft { source: source.to_owned(), ..draft.clone() };
        let fields = fengsui_base::overlaid(&before.fields, &terminal_fields(&draft, unit));
        self.check_terminal(&draft, &fields)?;
        let mut change = ChangeSet::new(self.now());
        let entry = Entry {
            title: draft.name.trim().to_owned(),
            region: unit.region,
            version: before.version + 1,
            revision: self.catalog.revision(),
            fields,
            ..before.clone()
        };
        change.keys.extend(crate::followers::owed(&before, &entry));
        let said = Said::new("terminal.changed", self.differences(&before, &entry), "操作");
        let actor = Actor::Officer(grant.officer().clone());
        self.move_alarms_on(&mut change, &before, &entry, &actor);
        change.journal.push(self.line_on(&entry, change.at, &actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        Ok((change, entry))
    }

    pub(crate) fn check_terminal(&self, draft: &TerminalDraft, fields: &Fields) -> Result<(), Refusal> {
        let kind = self.catalog.kind("terminal").expect("the shipped catalog has terminals");
        let mut places = check_fields(kind, fields);
        let name = draft.name.trim().chars().count();
        if name == 0 || name > NAME_CHARS_MAX {
            places.push(Place::new(
                "/name",
                "name.length",
                format!("请填写终端名称，最多 {NAME_CHARS_MAX} 个字"),
            ));
        }
        if !self.source_fits(draft.source.trim()) {
            places.push(Place::new(
                "/source",
                "source.number",
                "源地址是 1 到 281474976710655 之间的整数，前面不加 0；平台或 MQTT 的设备写 onenet:、ctwing:、iotda:、mqtt: 加设备编号",
            ));
        }
        let period = fields.get("report_period_s").and_then(serde_json::Value::as_i64);
        if period.is_some_and(|s| !(1..=PERIOD_S_MAX).contains(&s)) {
            places.push(Place::new(
                "/report_period_s",
                "period.range",
                format!("心跳周期是 1 到 {PERIOD_S_MAX} 秒"),
            ));
        }
        let life = fields.get("service_life_years").and_then(serde_json::Value::as_i64);
        if life.is_some_and(|years| !(1..=LIFE_YEARS_MAX).contains(&years)) {
            let sentence = format!("使用年限是 1 到 {LIFE_YEARS_MAX} 年");
            places.push(Place::new("/service_life_years", "life.range", sentence));
        }
        if places.is_empty() { Ok(()) } else { Err(Refusal::invalid(places)) }
    }

    /// A number of the standard as the listener writes it, or whatever an unclaimed terminal is known by.
    fn source_fits(&self, source: &str) -> bool {
        let number =
            source.parse::<u64>().is_ok_and(|n| (1..1 << 48).contains(&n) && n.to_string() == source);
        number || is_named_by_wire(source) || self.board.terminal_at(source).is_some_and(|t| !t.facts().known)
    }
}

/// The name of a device at an operator's cloud or on a broker, such as `onenet:866971031491171`.
fn is_named_by_wire(source: &str) -> bool {
    let device = source.split_once(':').filter(|(wire, _)| WIRES.contains(wire)).map(|(_, device)| device);
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    device.is_some_and(|d| !d.is_empty() && d.chars().all(plain))
}

/// What the store is asked for a list of terminals, but for how their lines stand.
pub(crate) fn terminal_query(scope: Scope, filter: &TerminalFilter) -> Query {
    let mut query = Query::newest("terminal", scope);
    (query.sort, query.direction) = (Sort::Title, Direction::Ascending);
    (query.after, query.limit) = (filter.after.clone(), filter.limit);
    query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
    query.states =
        filter.known.map(|k| if k { "registered" } else { "unknown" }.to_owned()).into_iter().collect();
    query.filters.extend(filter.unit.map(|u| crate::entries::text_is("unit", u.to_string())));
    query
}

/// The fields of a terminal of this unit; what the form names as nothing is nothing.
pub(crate) fn terminal_fields(draft: &TerminalDraft, unit: &Entry) -> Fields {
    let mut fields = draft.fields.clone();
    fields.insert("source".to_owned(), draft.source.trim().into());
    fields.insert("unit".to_owned(), unit.id.to_string().into());
    fields.insert("unit_name".to_owned(), unit.title.as_str().into());
    fields
}

/// The unique key of a source address.
pub(crate) fn source_key(source: &str) -> String {
    format!("terminal/source/{}", source.trim())
}

fn wrong(pointer: &'static str, code: &'static str, sentence: &str) -> Refusal {
    Refusal::invalid(vec![Place::new(pointer, code, sentence)])
}
