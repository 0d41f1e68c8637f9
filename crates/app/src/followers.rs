//! What follows (随迁): a terminal carries its unit's name and region, a point its terminal's; when a unit is renamed
//! or moved, or a terminal given to another unit, the copies are brought up to date.
//!
//! The change itself leaves a key that says what is owed. A reconciler pays it in pieces, and frees the key when
//! nothing differs any more and the leader has not changed since; so a stop in the middle loses nothing.

use crate::changes::Said;
use crate::entries::text_is;
use crate::{App, Fault};
use fengsui_base::{EntryId, Position, Scope};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Direction, Expect, KeyWrite, Numbering, PAGE_MAX, Query};
use std::collections::BTreeMap;

/// Keys of what is owed begin so; the leader's id and its former position follow.
const PREFIX: &str = "follow/";
/// Most leaders looked at in one run.
const LEADERS_MAX: u16 = 64;
/// Most followers written in one run, over all leaders.
const FOLLOWERS_MAX: usize = 2_000;

/// The key by which a change of this leader owes its followers something, if it does.
pub(crate) fn owed(before: &Entry, after: &Entry) -> Option<KeyWrite> {
    let moved = before.title != after.title
        || before.region != after.region
        || before.position != after.position
        || before.fields.get("unit") != after.fields.get("unit");
    // The former position stands in the key: what had been placed there for want of better moves along.
    let from = before.position.map_or_else(|| "-".to_owned(), |p| format!("{},{}", p.lng, p.lat));
    moved.then(|| KeyWrite::Take(format!("{PREFIX}{}/{from}", after.id), after.id))
}

/// What one leader owes: the keys that say so, and the positions it had.
#[derive(Default)]
struct Debt {
    keys: Vec<String>,
    former: Vec<Option<Position>>,
}

impl App {
    /// Brings copies up to date, at most [`FOLLOWERS_MAX`] of them; answers how many.
    pub async fn reconcile_followers(&self) -> Result<usize, Fault> {
        let mut debts = BTreeMap::<EntryId, Debt>::new();
        for (key, leader) in self.store.keys(PREFIX, LEADERS_MAX).await? {
            let debt = debts.entry(leader).or_default();
            debt.former.push(former_position(&key));
            debt.keys.push(key);
        }
        let mut paid = 0;
        for (leader, debt) in debts {
            if paid < FOLLOWERS_MAX {
                paid += self.pay(leader, &debt).await?;
            }
        }
        Ok(paid)
    }

    async fn pay(&self, leader: EntryId, debt: &Debt) -> Result<usize, Fault> {
        let Some(leader) = self.store.entry(&Scope::everything(), leader).await? else {
            return self.paid(leader, None, debt).await.map(|()| 0);
        };
        let mut paid = 0;
        for kind in ["terminal", "point"].into_iter().filter(|kind| *kind != leader.kind) {
            paid += self.pay_kind(&leader, kind, debt).await?;
            if paid >= FOLLOWERS_MAX {
                return Ok(paid);
            }
        }
        self.paid(leader.id, Some(&leader), debt).await?;
        Ok(paid)
    }

    async fn pay_kind(&self, leader: &Entry, kind: &str, debt: &Debt) -> Result<usize, Fault> {
        let mut query = Query::newest(kind, Scope::everything());
        (query.direction, query.limit) = (Direction::Ascending, PAGE_MAX);
        query.filters = vec![text_is(&leader.kind, leader.id.to_string())];
        let mut paid = 0;
        loop {
            let page = self.store.list(&query).await?;
            let behind: Vec<_> =
                page.items.iter().filter(|e| brought_up(leader, e, debt).is_some()).map(|e| e.id).collect();
            paid += self.bring_up(leader, &behind, debt).await?;
            match page.next {
                Some(next) if paid < FOLLOWERS_MAX => query.after = Some(next),
                Some(_) | None => return Ok(paid),
            }
        }
    }

    async fn bring_up(&self, leader: &Entry, behind: &[EntryId], debt: &Debt) -> Result<usize, Fault> {
        if behind.is_empty() {
            return Ok(0);
        }
        let decide = |_| async move {
            let mut change = ChangeSet::new(self.now());
            for id in behind {
                let now = self.store.entry(&Scope::everything(), *id).await?;
                let entry = now.and_then(|follower| brought_up(leader, &follower, debt));
                change.entries.extend(entry.map(|entry| self.write(entry, Numbering::Keep)));
            }
            let count = change.entries.len();
            let text = format!("{}的名称、辖区或位置改了，{count} 条所属记录随之更正", leader.title);
            let said = Said::new("followers.brought_up", text, "规则").with("count", count);
            change.journal.push(self.line_on(leader, change.at, &Self::by_rule("随迁"), said));
            Ok((change, count))
        };
        match self.settle(false, decide).await? {
            crate::committer::Settled::Now(count, _) => Ok(count),
            crate::committer::Settled::Before(_) => Ok(0),
        }
    }

    /// Frees the keys, unless the leader changed meanwhile: then the next run walks again.
    async fn paid(&self, id: EntryId, leader: Option<&Entry>, debt: &Debt) -> Result<(), Fault> {
        let now = self.store.entry(&Scope::everything(), id).await?;
        if now.map(|e| e.version) != leader.map(|e| e.version) {
            return Ok(());
        }
        let decide = |_| {
            let mut change = ChangeSet::new(self.now());
            let (kind, region) = leader.map_or(("unit", self.node.region), |e| (e.kind.as_str(), e.region));
            let said = Said::new("followers.settled", "所属记录与本记录一致", "规则");
            change.journal.push(self.line(kind, id, region, change.at, &Self::by_rule("随迁"), said));
            change.expects.extend(leader.map(|e| Expect::Version(e.id, e.version)));
            change.keys.extend(debt.keys.iter().cloned().map(KeyWrite::Free));
            std::future::ready(Ok((change, ())))
        };
        self.settle(false, decide).await.map(|_| ())
    }
}

fn former_position(key: &str) -> Option<Position> {
    let (lng, lat) = key.rsplit('/').next()?.split_once(',')?;
    Position::new(lng.parse().ok()?, lat.parse().ok()?).ok()
}

/// The follower as it should be, when it is not.
fn brought_up(leader: &Entry, follower: &Entry, debt: &Debt) -> Option<Entry> {
    let mut entry = follower.clone();
    entry.region = leader.region;
    if debt.former.contains(&follower.position) {
        entry.position = leader.position;
    }
    match (leader.kind.as_str(), follower.kind.as_str()) {
        ("unit", "terminal") => {
            entry.fields.insert("unit_name".to_owned(), leader.title.as_str().into());
        }
        ("terminal", "point") => {
            let unit = leader.fields.get("unit").cloned();
            entry.fields.extend(unit.map(|unit| ("unit".to_owned(), unit)));
        }
        _ => {}
    }
    entry.version += 1;
    let same = entry.region == follower.region
        && entry.position == follower.position
        && entry.fields == follower.fields;
    (!same).then_some(entry)
}
