//! Responders (联络人): the people whom an alarm that nobody takes is carried to: deputy, duty leader, grid workers,
//! mini stations, households. Listed, registered, changed, disabled; never deleted, because the record names them.

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::contacts::{AccountContact, wrong_contact};
use crate::units::stale;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{
    Actor, EntryId, Fields, Place, Position, Refusal, RefusalKind, RegionCode, Scope, UnitId,
};
use fengsui_catalog::{Permission, check_fields};
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{ChangeSet, Cursor, Direction, Numbering, Page, Query, Sort};
use jiff::civil::Time;

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 30;
/// Largest number of the order.
const ORDER_MAX: i64 = 999;

/// What a list of responders shows.
#[derive(Clone, Debug, Default)]
pub struct ResponderFilter {
    /// Search text.
    pub text: Option<String>,
    /// Role by its stable name.
    pub role: Option<String>,
    /// In use only, or disabled only.
    pub active: Option<bool>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// What a form says of a responder.
#[derive(Clone, PartialEq, Debug)]
pub struct ResponderDraft {
    /// Name of the person or station.
    pub name: String,
    /// Region the person answers for; that of the unit, for people of one place.
    pub region: RegionCode,
    /// Unit, for people of one place.
    pub unit: Option<UnitId>,
    /// Where the person is stationed.
    pub position: Option<Position>,
    /// The catalog's fields, the unit aside.
    pub fields: Fields,
}

impl App {
    /// A page of responders, by name.
    pub async fn responders(&self, grant: &Grant, filter: ResponderFilter) -> Result<(Page, u64), Fault> {
        let mut query = Query::newest("responder", grant.may(Permission::ResponderRead)?);
        (query.sort, query.direction) = (Sort::Title, Direction::Ascending);
        (query.after, query.limit) = (filter.after, filter.limit);
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.filters.extend(filter.role.map(|r| crate::entries::text_is("role", r)));
        query.states =
            filter.active.map(|a| if a { "active" } else { "disabled" }.to_owned()).into_iter().collect();
        let total = self.total(&query).await?;
        Ok((self.store.list(&query).await?, total))
    }

    /// One responder.
    pub async fn responder(&self, grant: &Grant, id: EntryId) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::ResponderRead)?;
        self.responder_in(&scope, id).await
    }

    async fn responder_in(&self, scope: &Scope, id: EntryId) -> Result<Entry, Fault> {
        let entry = self.store.entry(scope, id).await?.filter(|e| e.kind == "responder");
        Ok(entry.ok_or_else(Refusal::not_found)?)
    }

    /// Registers a responder.
    pub async fn create_responder(
        &self,
        grant: &Grant,
        draft: ResponderDraft,
        key: Option<String>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::ResponderWrite)?;
        let draft = self.checked_responder(draft, &scope).await?;
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| {
                let (mut change, entry) = self.new_responder(&draft, &actor);
                change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                std::future::ready(Ok((change, entry)))
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(answer) => {
                let id = answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?;
                self.responder_in(&scope, id).await
            }
        }
    }

    /// Takes in a responder of a county's file.
    pub async fn import_responder(&self, draft: ResponderDraft, rule: &str) -> Result<EntryId, Fault> {
        let draft = self.checked_responder(draft, &Scope::everything()).await?;
        let actor = Self::by_rule(rule);
        let made = self
            .settle(false, |_| {
                let (change, entry) = self.new_responder(&draft, &actor);
                std::future::ready(Ok((change, entry.id)))
            })
            .await?;
        match made {
            Settled::Now(id, _) => Ok(id),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    fn new_responder(&self, draft: &ResponderDraft, actor: &Actor) -> (ChangeSet, Entry) {
        let mut change = ChangeSet::new(self.now());
        let mut entry = self.fresh("responder", draft.region, &draft.name, draft.fields.clone(), change.at);
        entry.position = draft.position;
        let said = Said::new("responder.created", format!("登记联络人 {}", entry.title), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        (change, entry)
    }

    /// Changes a responder; refused when somebody else changed it since `version`.
    pub async fn change_responder(
        &self,
        grant: &Grant,
        id: EntryId,
        version: u64,
        draft: ResponderDraft,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::ResponderWrite)?;
        self.responder_in(&scope, id).await?;
        let draft = self.checked_responder(draft, &scope).await?;
        self.amend_responder(grant, id, |before| {
            if before.version != version {
                return Err(stale(version, before.version));
            }
            let said = Said::new("responder.changed", format!("修改联络人 {}", draft.name), "操作");
            let entry = Entry {
                title: draft.name.clone(),
                region: draft.region,
                position: draft.position,
                fields: draft.fields.clone(),
                ..before
            };
            Ok((entry, said))
        })
        .await
    }

    /// Takes a responder out of use: nobody calls the person any more.
    pub async fn disable_responder(&self, grant: &Grant, id: EntryId) -> Result<Entry, Fault> {
        self.switch_responder(grant, id, "disabled").await
    }

    /// Takes a responder into use again.
    pub async fn enable_responder(&self, grant: &Grant, id: EntryId) -> Result<Entry, Fault> {
        self.switch_responder(grant, id, "active").await
    }

    async fn switch_responder(
        &self,
        grant: &Grant,
        id: EntryId,
        state: &'static str,
    ) -> Result<Entry, Fault> {
        self.amend_responder(grant, id, |before| {
            let (verb, word) = match state {
                "active" => ("responder.enabled", "启用"),
                _ => ("responder.disabled", "停用"),
            };
            if before.state == state {
                let sentence = format!("这位联络人已经是{word}状态。");
                return Err(Refusal::new(RefusalKind::Conflict, "responder.same_state", sentence));
            }
            let said = Said::new(verb, format!("{word}联络人 {}", before.title), "操作");
            Ok((Entry { state: state.to_owned(), ..before }, said))
        })
        .await
    }

    async fn amend_responder(
        &self,
        grant: &Grant,
        id: EntryId,
        amend: impl Fn(Entry) -> Result<(Entry, Said), Refusal>,
    ) -> Result<Entry, Fault> {
        let scope = grant.may(Permission::ResponderWrite)?;
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| async {
                let (mut entry, said) = amend(self.responder_in(&scope, id).await?)?;
                entry.version += 1;
                entry.revision = self.catalog.revision();
                let mut change = ChangeSet::new(self.now());
                change.journal.push(self.line_on(&entry, change.at, &actor, said));
                change.entries.push(self.write(entry.clone(), Numbering::Keep));
                Ok((change, entry))
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => self.responder_in(&scope, id).await,
        }
    }

    /// The draft as it is stored: numbers as they are dialled, the unit's region and name; or what must be mended.
    async fn checked_responder(
        &self,
        mut draft: ResponderDraft,
        scope: &Scope,
    ) -> Result<ResponderDraft, Fault> {
        draft.name = draft.name.trim().to_owned();
        if let Some(unit) = draft.unit {
            let unit = self.store.entry(scope, unit.into()).await?.filter(|e| e.kind == "unit");
            let unit = unit.ok_or_else(|| Refusal::invalid(vec![unit_unknown()]))?;
            draft.region = unit.region;
            draft.position = draft.position.or(unit.position);
            draft.fields.insert("unit".to_owned(), unit.id.to_string().into());
            draft.fields.insert("unit_name".to_owned(), unit.title.into());
        }
        let mut wrong = check_fields(
            self.catalog.kind("responder").expect("the shipped catalog has responders"),
            &draft.fields,
        );
        wrong.extend(wrong_name(&draft.name));
        wrong.extend(wrong_addresses(&mut draft.fields));
        wrong.extend(wrong_hours(&draft.fields));
        wrong.extend(wrong_order(&draft.fields));
        if !scope.contains(draft.region) || self.board.region(draft.region).is_none() {
            let detail = "没有这个辖区，或不在您的管理范围，请重新选择";
            wrong.push(Place::new("/region", "region.outside", detail));
        }
        if wrong.is_empty() { Ok(draft) } else { Err(Refusal::invalid(wrong).into()) }
    }
}

fn unit_unknown() -> Place {
    Place::new("/unit", "unit.unknown", "没有这家单位，或不在您的管理范围，请重新选择")
}

fn wrong_name(name: &str) -> Option<Place> {
    let length = name.chars().count();
    let detail = || format!("请填写姓名，最多 {NAME_CHARS_MAX} 个字，现有 {length} 个");
    (length == 0 || length > NAME_CHARS_MAX).then(|| Place::new("/name", "name.length", detail()))
}

/// Somebody who is called at night is reached by telephone or by mail.
fn wrong_addresses(fields: &mut Fields) -> Vec<Place> {
    if !AccountContact::of(fields).has_address() {
        return vec![Place::new("/phone", "phone.required", "请填写电话，或填写邮箱")];
    }
    wrong_contact(fields)
}

fn wrong_hours(fields: &Fields) -> Vec<Place> {
    let text = |name: &str| fields.get(name).and_then(|v| v.as_str()).filter(|t| !t.is_empty());
    let (from, until) = (text("hours_from"), text("hours_until"));
    let unread = |pointer: &str, text: Option<&str>| {
        let wrong = text.is_some_and(|t| t.parse::<Time>().is_err());
        wrong.then(|| Place::new(pointer, "time.malformed", "时刻请写成 08:00 这样"))
    };
    let mut wrong: Vec<_> =
        [unread("/hours_from", from), unread("/hours_until", until)].into_iter().flatten().collect();
    if from.is_some() != until.is_some() || (from.is_some() && from == until) {
        let detail = "开始和结束时刻要一起填写，且不能相同；不填表示全天";
        wrong.push(Place::new("/hours_until", "hours.half", detail));
    }
    wrong
}

fn wrong_order(fields: &Fields) -> Option<Place> {
    let order = fields.get("order").and_then(serde_json::Value::as_i64)?;
    let detail = || format!("先后填 0 至 {ORDER_MAX} 的整数");
    (!(0..=ORDER_MAX).contains(&order)).then(|| Place::new("/order", "order.range", detail()))
}
