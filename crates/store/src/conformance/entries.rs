//! Entries come back as they were stored, to those who may see them.

use super::given::{
    OTHER_VILLAGE, VILLAGE, active, at, id, region, stored, township, unit, within, write, writes,
};
use crate::Store;
use fengsui_base::{Position, Scope};
use fengsui_ledger::{Entry, Source};
use serde_json::json;
use std::time::Duration;

fn full() -> Entry {
    let fields = json!({
        "name": "云岫商业广场 \"A\" 座\n二层", "floors": 7, "area": 0.1, "far": -1.5e-7, "tags": ["甲", null, true],
        "nested": { "深": { "er": 9_007_199_254_740_993_i64 } },
    });
    Entry {
        number: Some("20261119-0043".into()),
        owner: Some(id(77)),
        due_at: Some(at(500)),
        wake_at: Some(at(400)),
        closed_at: Some(at(600)),
        opened_at: at(100).checked_add(Duration::from_micros(123_456)).unwrap(),
        position: Some(Position { lng: 118.123_456_789_012_34, lat: -27.1 }),
        source: Some(Source { system: "省平台".into(), number: "A-1".into() }),
        revision: 3,
        fields: fields.as_object().unwrap().clone(),
        ..unit(1)
    }
}

/// Every column and every field survives; what is absent stays absent; instants are cut to microseconds.
pub async fn entry_comes_back_as_stored(store: &dyn Store) {
    let epoch = active(store).await;
    let mut finer = full();
    finer.opened_at = finer.opened_at.checked_add(Duration::from_nanos(999)).unwrap();
    stored(store, epoch, writes(0, [write(finer), write(unit(2))])).await;
    let everything = Scope::everything();
    assert_eq!(store.entry(&everything, id(1)).await.unwrap(), Some(full()));
    assert_eq!(store.entry(&everything, id(2)).await.unwrap(), Some(unit(2)));
    let changed = Entry { version: 2, ..unit(1) };
    stored(store, epoch, writes(0, [write(changed.clone())])).await;
    assert_eq!(store.entry(&everything, id(1)).await.unwrap(), Some(changed));
}

/// An id of another region is answered like one that does not exist; the edges of a scope are half-open.
pub async fn entry_outside_the_scope_is_not_there(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [write(unit(1))])).await;
    let sees = async |scope: Scope| store.entry(&scope, id(1)).await.unwrap().is_some();
    assert!(sees(township()).await);
    assert!(sees(within(VILLAGE..VILLAGE + 1)).await);
    assert!(!sees(within(VILLAGE + 1..VILLAGE + 2)).await);
    assert!(!sees(within(VILLAGE - 1..VILLAGE)).await);
    assert!(!sees(Scope::nothing()).await);
    assert!(store.entry(&Scope::everything(), id(2)).await.unwrap().is_none());
}

/// Many entries at once, each once however often it is named; what is outside the scope is not there.
pub async fn entries_by_their_ids(store: &dyn Store) {
    let epoch = active(store).await;
    let elsewhere = Entry { region: region(OTHER_VILLAGE), ..unit(2) };
    stored(store, epoch, writes(0, [write(unit(1)), write(elsewhere.clone()), write(unit(3))])).await;
    let found = async |scope: &Scope, ids: &[u128]| {
        let ids: Vec<_> = ids.iter().map(|n| id(*n)).collect();
        let mut found = store.entries(scope, &ids).await.unwrap();
        found.sort_by_key(|e| e.id);
        found
    };
    assert_eq!(found(&Scope::everything(), &[3, 2, 9, 3]).await, [elsewhere, unit(3)]);
    assert_eq!(found(&township(), &[1, 2]).await, [unit(1)]);
    assert!(found(&Scope::everything(), &[]).await.is_empty());
}
