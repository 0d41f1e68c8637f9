//! The catalog in force (现行目录) and the revisions before it.
//!
//! A catalog is swapped as a whole while the program runs: whoever looked at the one before goes on with it to the end of
//! that decision, whoever looks next finds the new one. Every revision stays in the database as one text, and entries are
//! shown by the fields of the revision they were made with where the present one has them no more.

use crate::entries::text_is;
use crate::{App, Fault};
use fengsui_base::{EntryId, Refusal, RefusalKind, Scope};
use fengsui_catalog::{Catalog, Difference, Field, Kind, RESERVED, differences};
use fengsui_ledger::Entry;
use fengsui_store::{CatalogText, ChangeSet, Expect, KeyWrite, Query, Store};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// How many former revisions are kept in memory as they are asked for.
const FORMER_KEPT_MAX: usize = 16;

/// How many catalogs may be on their way to the store; one is usual.
const READY_MAX: usize = 8;

/// The catalogs in force since the start, each followed by the one that took its place; reads as the last of them.
///
/// What was handed out stays valid for as long as the program runs: a swap frees nothing, and costs no lock to read past.
/// Kinds that did not change are shared between them.
pub(crate) struct Catalogs {
    first: Link,
    /// What is about to be stored, by its number and digest.
    ready: Mutex<BTreeMap<(u32, String), Catalog>>,
    former: Mutex<BTreeMap<u32, Option<Arc<Catalog>>>>,
}

struct Link {
    catalog: Catalog,
    next: OnceLock<Box<Link>>,
}

impl Link {
    fn new(catalog: Catalog) -> Self {
        Self { catalog, next: OnceLock::new() }
    }
}

impl Deref for Catalogs {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        &self.last().catalog
    }
}

impl Catalogs {
    pub(crate) fn new(catalog: Catalog) -> Self {
        Self { first: Link::new(catalog), ready: Mutex::default(), former: Mutex::default() }
    }

    fn last(&self) -> &Link {
        let mut at = &self.first;
        while let Some(next) = at.next.get() {
            at = next;
        }
        at
    }

    /// Keeps a catalog that is about to be stored.
    fn make_ready(&self, text: &CatalogText, catalog: Catalog) {
        let mut ready = self.ready.lock();
        if ready.len() >= READY_MAX {
            ready.pop_first();
        }
        ready.insert((text.revision, text.digest.clone()), catalog);
    }

    /// A revision is durable: it is in force from now on, whether or not whoever asked for it still waits for the answer.
    pub(crate) fn stored(&self, text: &CatalogText) {
        let mut ready = std::mem::take(&mut *self.ready.lock());
        if let Some(catalog) = ready.remove(&(text.revision, text.digest.clone())) {
            self.swap(catalog);
        }
    }

    /// Puts a catalog in force.
    fn swap(&self, catalog: Catalog) {
        let mut next = Box::new(Link::new(catalog));
        // Whoever was first stands before it.
        while let Err(lost) = self.last().next.set(next) {
            next = lost;
        }
    }

    /// The revision with this number: the one in force, or a former one out of the database. None where its text cannot be
    /// read any more.
    async fn revision(&self, store: &dyn Store, revision: u32) -> Result<Option<Arc<Catalog>>, Fault> {
        if let Some(known) = self.former.lock().get(&revision) {
            return Ok(known.clone());
        }
        let text = store.catalog_text(revision).await?;
        let read = text.and_then(|text| Catalog::of_text(&text, revision).ok()).map(Arc::new);
        let mut former = self.former.lock();
        if former.len() >= FORMER_KEPT_MAX {
            former.pop_first();
        }
        former.insert(revision, read.clone());
        Ok(read)
    }
}

/// A field that an entry still has and its ledger no longer (曾用字段).
#[derive(Clone, PartialEq, Debug)]
pub struct FormerField {
    /// The field as the revision had it that the entry was made with.
    pub field: Field,
    /// The value.
    pub value: serde_json::Value,
}

impl App {
    /// Makes a catalog part of a change, as the next revision. Of two that were made from the same one the second is decided
    /// again, from the first.
    pub(crate) fn revise(&self, change: &mut ChangeSet, next: Catalog, by: EntryId) {
        let text = text_of(&next);
        let key = format!("catalog/revision/{}", text.revision);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, by));
        self.catalog.make_ready(&text, next);
        change.catalog = Some(text);
    }

    /// What an entry says that its ledger no longer asks for, with the labels of the revision it was made with; a field
    /// that no stored revision explains keeps its name.
    pub(crate) async fn former_fields(&self, kind: &Kind, entry: &Entry) -> Result<Vec<FormerField>, Fault> {
        let gone =
            entry.fields.iter().filter(|(name, _)| kind.field(name).is_none() && !name.starts_with(RESERVED));
        let gone: Vec<_> = gone.collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for (name, value) in gone {
            let field = self.field_once(&entry.kind, name, entry.revision).await?;
            found.push(FormerField { field, value: value.clone() });
        }
        Ok(found)
    }

    /// The field as the newest revision up to this one had it, looking back no further than what memory keeps.
    async fn field_once(&self, kind: &str, name: &str, revision: u32) -> Result<Field, Fault> {
        let back = u32::try_from(FORMER_KEPT_MAX).unwrap_or(1) - 1;
        for revision in (revision.saturating_sub(back)..=revision).rev() {
            let former = self.catalog.revision(&*self.store, revision).await?;
            let field = former.as_ref().and_then(|c| c.kind(kind)).and_then(|k| k.field(name));
            if let Some(field) = field {
                return Ok(field.clone());
            }
        }
        Ok(Field::named(name))
    }
}

/// The catalog as it is stored.
fn text_of(catalog: &Catalog) -> CatalogText {
    let text = catalog.text();
    CatalogText { revision: catalog.revision(), digest: hex::encode(Sha256::digest(&text)), text }
}

/// The catalog under the number it is stored with, and its text where it is not stored yet.
///
/// Errors: it contradicts entries that are stored, said in words with what to declare.
pub(crate) async fn revised(
    store: &dyn Store,
    catalog: Catalog,
) -> Result<(Catalog, Option<CatalogText>), Fault> {
    let Some((last, before)) = store.catalog().await? else {
        let text = CatalogText { revision: 1, ..text_of(&catalog) };
        return Ok((catalog.numbered(1), Some(text)));
    };
    let former = store.catalog_text(last).await?.and_then(|text| Catalog::of_text(&text, last).ok());
    let catalog = match &former {
        Some(former) => catalog.inheriting(former),
        None => catalog,
    };
    let text = text_of(&catalog);
    if before == text.digest {
        return Ok((catalog.numbered(last), None));
    }
    if let Some(former) = former {
        let contradicted = contradictions(store, &former, &catalog).await?;
        if !contradicted.is_empty() {
            return Err(contradicts(&contradicted).into());
        }
    }
    Ok((catalog.numbered(last + 1), Some(CatalogText { revision: last + 1, ..text })))
}

/// Differences between the ledgers of two catalogs by which entries that are stored could not be read or go on.
async fn contradictions(store: &dyn Store, former: &Catalog, new: &Catalog) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    let ledger = |d: &Difference| former.kind(&d.kind).is_some_and(Kind::is_ledger);
    for difference in differences(former, new).into_iter().filter(|d| d.breaks && ledger(d)) {
        let mut query = Query::newest(&difference.kind, Scope::everything());
        query.states = difference.state.into_iter().collect();
        // Where lists filter by it the entries that have the value can be told from the others.
        let kind = former.kind(&difference.kind);
        let told =
            |(field, _): &(String, String)| kind.and_then(|k| k.field(field)).is_some_and(|f| f.filter);
        let choice = difference.choice.filter(told);
        query.filters.extend(choice.map(|(field, value)| text_is(&field, value)));
        let count = store.count(&query).await?;
        if count > 0 {
            found.push(format!("{}（已有 {count} 条记录）", difference.text));
        }
    }
    Ok(found)
}

fn contradicts(all: &[String]) -> Refusal {
    let detail = format!(
        "新的台账目录和库里的记录对不上，程序没有启动，数据没有改动：{}。改名的字段和选项请在新的里写 was，不再用的字段请写进 retired，\
         状态请补回来。",
        all.join("；")
    );
    Refusal::new(RefusalKind::Conflict, "catalog.contradicts", detail)
}
