//! A scan walks a whole register: every entry of the kind once, in the order in which their lives began.

use super::given::{OTHER_VILLAGE, active, at, id, region, stored, unit, write, writes};
use crate::{SCAN_MAX, Store};
use fengsui_base::{EntryId, Timestamp};
use fengsui_ledger::Entry;

async fn scan(store: &dyn Store, kind: &str, after: Option<(Timestamp, EntryId)>, limit: u32) -> Vec<Entry> {
    let found = store.scan(kind, after, limit).await.unwrap();
    found.into_iter().map(|scanned| scanned.whole().unwrap()).collect()
}

fn place(entry: &Entry) -> (Timestamp, EntryId) {
    (entry.opened_at, entry.id)
}

/// All regions and states, ties by id, no other kind; what is written behind the walk is met, what lies before
/// it is not met again.
pub async fn scan_walks_a_whole_kind_once(store: &dyn Store) {
    let epoch = active(store).await;
    let elsewhere = Entry { region: region(OTHER_VILLAGE), state: "gone".into(), ..unit(2) };
    let tie = Entry { opened_at: at(2), ..unit(3) };
    let other_kind = Entry { kind: "terminal".into(), ..unit(4) };
    let all = [unit(1), elsewhere.clone(), tie.clone(), other_kind];
    stored(store, epoch, writes(0, all.map(write))).await;
    assert_eq!(scan(store, "unit", None, 2).await, [unit(1), elsewhere.clone()]);
    stored(store, epoch, writes(0, [write(unit(9)), write(Entry { opened_at: at(0), ..unit(8) })])).await;
    let rest = scan(store, "unit", Some(place(&elsewhere)), 10).await;
    assert_eq!(rest, [tie, unit(9)]);
    assert_eq!(scan(store, "unit", Some((at(9), id(9))), 10).await, []);
    assert_eq!(scan(store, "point", None, 10).await, []);
}

/// A piece has at least one entry and at most [`SCAN_MAX`].
pub async fn scan_is_limited(store: &dyn Store) {
    let epoch = active(store).await;
    let most = u128::from(SCAN_MAX);
    stored(store, epoch, writes(0, (1..=most + 1).map(|n| write(unit(n))))).await;
    assert_eq!(scan(store, "unit", None, 0).await.len(), 1);
    let first = scan(store, "unit", None, u32::MAX).await;
    assert_eq!(first.len() as u128, most);
    let rest = scan(store, "unit", first.last().map(place), SCAN_MAX).await;
    assert_eq!(rest, [unit(most + 1)]);
}
