//! Saved views (常用视图): how somebody looks at a list, its filters, order and columns, under a name. Her own, or shared
//! with her office by whoever may; one of them may be the one that the list opens with.
//!
//! A view is the address of the list without the place: it can say nothing that the list itself would refuse, and whoever
//! opens it sees what she may see, not what its maker saw.

use crate::changes::Said;
use crate::entries::{field, text_is};
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, RefusalKind, RegionCode, Scope};
use fengsui_catalog::{HeldFor, Permission};
use fengsui_ledger::{Entry, IndexValue};
use fengsui_store::{ChangeSet, Direction, Expect, Filter, KeyWrite, Numbering, Query, Sort};
use std::collections::BTreeMap;

/// Most views that a person keeps of one list.
pub const VIEWS_MAX: u64 = 30;
/// Most views of others that are offered beside them.
pub const SHARED_VIEWS_MAX: u16 = 50;
/// Longest name of a view, in characters.
pub const VIEW_NAME_CHARS_MAX: usize = 20;
/// Longest words and values of a view together, in characters.
pub const VIEW_QUERY_CHARS_MAX: usize = 2_000;

const KIND: &str = "saved_view";
const KEPT: &str = "kept";
const REMOVED: &str = "removed";

/// What is to be saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewDraft {
    /// What it is called.
    pub name: String,
    /// The words of the address with their values.
    pub query: BTreeMap<String, String>,
    /// Whether the office has it too.
    pub shared: bool,
}

/// A view as a list offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedView {
    /// Identity.
    pub id: EntryId,
    /// What it is called.
    pub name: String,
    /// The words of the address with their values.
    pub query: BTreeMap<String, String>,
    /// Whether the office has it too.
    pub shared: bool,
    /// Whether it is the asker's own.
    pub mine: bool,
    /// Whether the list opens with it for the asker.
    pub usual: bool,
    /// Who saved it.
    pub keeper: String,
}

impl App {
    /// The views of a ledger that are the asker's own, and those that her office shares, each by name.
    pub async fn saved_views(&self, grant: &Grant, kind: &str) -> Result<Vec<SavedView>, Fault> {
        let list = self.list_of(grant, kind)?;
        let usual = self.store.key(&usual_key(grant, &list)).await?;
        let mut own = by_name(&list, Filter::Owner(grant.account().into()), Scope::everything());
        own.limit = u16::try_from(VIEWS_MAX).unwrap_or(u16::MAX);
        let shared = Filter::Is("shared".to_owned(), IndexValue::Integer(1));
        let mut theirs = by_name(&list, shared, offices(grant));
        theirs.limit = SHARED_VIEWS_MAX;
        let mut found = self.store.list(&own).await?.items;
        let others = self.store.list(&theirs).await?.items;
        found.extend(others.into_iter().filter(|view| view.owner != Some(grant.account().into())));
        Ok(found.iter().map(|entry| view_of(grant, entry, usual)).collect())
    }

    /// Why the asker may not share views, if she may not.
    pub fn view_sharing(&self, grant: &Grant) -> Result<(), Refusal> {
        sharing_office(grant).map(|_| ())
    }

    /// Saves a view under its name; one of her own with the same name is replaced.
    pub async fn save_view(&self, grant: &Grant, kind: &str, draft: ViewDraft) -> Result<SavedView, Fault> {
        let list = self.list_of(grant, kind)?;
        let draft = checked(draft)?;
        let office = if draft.shared { sharing_office(grant)? } else { own_office(grant) };
        let settled = self
            .settle(true, |_| {
                let (list, draft) = (&list, &draft);
                async move { self.view_change(grant, list, draft, office).await }
            })
            .await?;
        let crate::committer::Settled::Now(entry, _) = settled else {
            return Err(Refusal::not_found().into());
        };
        let usual = self.store.key(&usual_key(grant, &list)).await?;
        Ok(view_of(grant, &entry, usual))
    }

    async fn view_change(
        &self,
        grant: &Grant,
        list: &str,
        draft: &ViewDraft,
        office: RegionCode,
    ) -> Result<(ChangeSet, Entry), Fault> {
        let mut change = ChangeSet::new(self.now());
        let fields = fields_of(grant, list, draft);
        let key = name_key(grant, list, &draft.name);
        let entry = match self.own_view(grant, self.store.key(&key).await?).await? {
            Some(before) => {
                let (version, revision) = (before.version + 1, self.catalog.revision());
                Entry { version, revision, fields, region: office, ..before }
            }
            None => {
                self.room_for_view(grant, list).await?;
                let mut entry = self.fresh(KIND, office, &draft.name, fields, change.at);
                entry.owner = Some(grant.account().into());
                change.expects.push(Expect::Absent(key.clone()));
                change.keys.push(KeyWrite::Take(key, entry.id));
                entry
            }
        };
        let said = format!("存为常用视图“{}”{}", draft.name, if draft.shared { "，本机关共用" } else { "" });
        let actor = Actor::Officer(grant.officer().clone());
        change.journal.push(self.line_on(&entry, change.at, &actor, Said::new("view.saved", said, "操作")));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        Ok((change, entry))
    }

    async fn room_for_view(&self, grant: &Grant, list: &str) -> Result<(), Fault> {
        let own = by_name(list, Filter::Owner(grant.account().into()), Scope::everything());
        if self.store.count_to(&own, VIEWS_MAX).await? < VIEWS_MAX {
            return Ok(());
        }
        let sentence = format!("一份清单最多存 {VIEWS_MAX} 个常用视图，请先删去不用的");
        Err(Refusal::new(RefusalKind::Limited, "view.too_many", sentence).into())
    }

    /// Takes one of her own views away; whoever had it as the usual one has none then.
    pub async fn remove_view(&self, grant: &Grant, kind: &str, id: EntryId) -> Result<(), Fault> {
        let list = self.list_of(grant, kind)?;
        self.settle(true, |_| {
            let list = &list;
            async move {
                let before = self.own_view(grant, Some(id)).await?.filter(|e| of_list(e, list));
                let before = before.ok_or_else(Refusal::not_found)?;
                let mut change = ChangeSet::new(self.now());
                change.keys.push(KeyWrite::Free(name_key(grant, list, &before.title)));
                let (state, version) = (REMOVED.to_owned(), before.version + 1);
                let entry = Entry { state, version, closed_at: Some(change.at), ..before };
                let said = Said::new("view.removed", format!("删去常用视图“{}”", entry.title), "操作");
                let actor = Actor::Officer(grant.officer().clone());
                change.journal.push(self.line_on(&entry, change.at, &actor, said));
                change.entries.push(self.write(entry, Numbering::Keep));
                Ok((change, ()))
            }
        })
        .await?;
        Ok(())
    }

    /// Says with which view the list opens for the asker; with none it opens as for everybody.
    pub async fn set_usual_view(
        &self,
        grant: &Grant,
        kind: &str,
        view: Option<EntryId>,
    ) -> Result<(), Fault> {
        let list = self.list_of(grant, kind)?;
        let key = usual_key(grant, &list);
        let Some(about) = view.or(self.store.key(&key).await?) else { return Ok(()) };
        let entry = self.store.entry(&Scope::everything(), about).await?.filter(|e| of_list(e, &list));
        let entry = entry.filter(|e| view.is_none() || visible(grant, e)).ok_or_else(Refusal::not_found)?;
        self.settle(true, |_| {
            let (key, entry) = (key.clone(), &entry);
            let mut change = ChangeSet::new(self.now());
            let said = match view {
                Some(_) => format!("清单打开时用“{}”", entry.title),
                None => "清单打开时不用常用视图".to_owned(),
            };
            change.keys.push(match view {
                Some(id) => KeyWrite::Take(key, id),
                None => KeyWrite::Free(key),
            });
            let actor = Actor::Officer(grant.officer().clone());
            change.journal.push(self.line_on(
                entry,
                change.at,
                &actor,
                Said::new("view.usual", said, "操作"),
            ));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// The name of the list, when the asker may read it.
    fn list_of(&self, grant: &Grant, kind: &str) -> Result<String, Refusal> {
        Ok(format!("ledger.{}", self.ledger(grant, kind)?.name))
    }

    async fn own_view(&self, grant: &Grant, id: Option<EntryId>) -> Result<Option<Entry>, Fault> {
        let Some(id) = id else { return Ok(None) };
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let own = Some(EntryId::from(grant.account()));
        Ok(entry.filter(|e| e.kind == KIND && e.state == KEPT && e.owner == own))
    }
}

fn by_name(list: &str, of: Filter, scope: Scope) -> Query {
    Query {
        states: vec![KEPT.to_owned()],
        filters: vec![of, text_is("list", list)],
        sort: Sort::Title,
        direction: Direction::Ascending,
        ..Query::newest(KIND, scope)
    }
}

/// The offices a person belongs to: the very regions of her posts, not what lies below them. A post held for a unit is
/// that unit's, not the office's.
fn offices(grant: &Grant) -> Scope {
    let own = grant.powers().iter().filter(|p| p.held_for == HeldFor::Region);
    Scope::of(own.map(|p| p.region.code.number()..p.region.code.number() + 1))
}

/// The office that a person may share with.
fn sharing_office(grant: &Grant) -> Result<RegionCode, Refusal> {
    let scope = grant.may(Permission::ViewShare).map_err(|_| {
        let sentence = "给本机关共用的视图由负责人建立；您可以存给自己用";
        Refusal::new(RefusalKind::Forbidden, "view.not_shared", sentence)
    })?;
    let office = grant.powers().iter().map(|p| p.region.code).find(|code| scope.contains(*code));
    office.ok_or_else(Refusal::not_found)
}

fn own_office(grant: &Grant) -> RegionCode {
    let nowhere = RegionCode::new(0).expect("zero has at most twelve digits");
    grant.powers().first().map_or(nowhere, |power| power.region.code)
}

fn visible(grant: &Grant, entry: &Entry) -> bool {
    let mine = entry.owner == Some(grant.account().into());
    let shared = field(entry, "shared").unwrap_or(false) && offices(grant).contains(entry.region);
    entry.state == KEPT && (mine || shared)
}

fn of_list(entry: &Entry, list: &str) -> bool {
    entry.kind == KIND && field::<String>(entry, "list").as_deref() == Some(list)
}

fn view_of(grant: &Grant, entry: &Entry, usual: Option<EntryId>) -> SavedView {
    SavedView {
        id: entry.id,
        name: entry.title.clone(),
        query: field(entry, "asks").unwrap_or_default(),
        shared: field(entry, "shared").unwrap_or(false),
        mine: entry.owner == Some(grant.account().into()),
        usual: usual == Some(entry.id),
        keeper: field(entry, "keeper").unwrap_or_default(),
    }
}

fn fields_of(grant: &Grant, list: &str, draft: &ViewDraft) -> Fields {
    let asks = draft.query.iter().map(|(word, value)| (word.clone(), value.clone().into()));
    Fields::from_iter([
        ("list".to_owned(), list.into()),
        ("asks".to_owned(), serde_json::Value::Object(asks.collect())),
        ("shared".to_owned(), draft.shared.into()),
        ("keeper".to_owned(), grant.officer().name.clone().into()),
    ])
}

/// The draft without the blanks around its name, or the places that are wrong.
fn checked(mut draft: ViewDraft) -> Result<ViewDraft, Refusal> {
    draft.name = draft.name.trim().to_owned();
    let chars = draft.name.chars().count();
    let mut wrong = Vec::new();
    if chars == 0 || chars > VIEW_NAME_CHARS_MAX {
        let sentence = format!("请给视图起个名字，最多 {VIEW_NAME_CHARS_MAX} 个字");
        wrong.push(Place::new("/name", "view.name", sentence));
    }
    let size: usize = draft.query.iter().map(|(a, b)| a.chars().count() + b.chars().count()).sum();
    if size > VIEW_QUERY_CHARS_MAX {
        let sentence = format!("筛选条件太长，最多 {VIEW_QUERY_CHARS_MAX} 个字，请减去几项再存");
        wrong.push(Place::new("/query", "view.query", sentence));
    }
    if wrong.is_empty() { Ok(draft) } else { Err(Refusal::invalid(wrong)) }
}

fn name_key(grant: &Grant, list: &str, name: &str) -> String {
    format!("view/name/{}/{list}/{name}", grant.account())
}

/// The key that the view holds with which a list opens for a person.
fn usual_key(grant: &Grant, list: &str) -> String {
    format!("view/usual/{}/{list}", grant.account())
}
