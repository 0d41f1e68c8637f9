//! Unique keys and gapless numbers.

use super::given::{active, at, change, committed, failed, id, stored, unit, units, write, writes};
use crate::{ChangeSet, EntryWrite, Expect, KeyWrite, Numbering, PAGE_MAX, Store};

fn keys(writes: Vec<KeyWrite>) -> ChangeSet {
    ChangeSet { keys: writes, ..change(0) }
}

fn take(key: &str, n: u128) -> KeyWrite {
    KeyWrite::Take(key.into(), id(n))
}

/// A key has one holder; it passes on, and is free again when freed; writes count in their order.
pub async fn keys_are_taken_handed_over_and_freed(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, keys(vec![take("seat/1", 1), take("seat/2", 1)])).await;
    assert_eq!(store.key("seat/1").await.unwrap(), Some(id(1)));
    stored(store, epoch, keys(vec![take("seat/1", 2), KeyWrite::Free("seat/2".into())])).await;
    assert_eq!(store.key("seat/1").await.unwrap(), Some(id(2)));
    assert_eq!(store.key("seat/2").await.unwrap(), None);
    stored(store, epoch, keys(vec![KeyWrite::Free("seat/1".into()), take("seat/1", 3)])).await;
    assert_eq!(store.key("seat/1").await.unwrap(), Some(id(3)));
    stored(store, epoch, keys(vec![take("seat/2", 4), KeyWrite::Free("seat/2".into())])).await;
    stored(store, epoch, keys(vec![KeyWrite::Free("never".into())])).await;
    assert_eq!(store.key("seat/2").await.unwrap(), None);
    assert_eq!(store.key("seat").await.unwrap(), None);
}

/// Many keys at once, each as if asked alone; those that nobody holds are left out.
pub async fn holders_of_many_keys(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, keys(vec![take("a", 1), take("b", 2), take("c", 2), KeyWrite::Free("b".into())]))
        .await;
    let wanted = ["c", "none", "a", "b", "c"].map(str::to_owned);
    let found = store.holders(&wanted).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("a".to_owned(), id(1)), ("c".to_owned(), id(2))]);
    assert!(store.holders(&[]).await.unwrap().is_empty());
}

/// Holders by prefix come in the order of their keys, no more than asked for.
pub async fn keys_are_listed_by_prefix(store: &dyn Store) {
    let epoch = active(store).await;
    let held =
        vec![take("席位/二", 2), take("席位/一", 1), take("席位0", 3), take("席", 4), take("席位_x", 5)];
    stored(store, epoch, keys(held)).await;
    let found = store.keys("席位/", 10).await.unwrap();
    assert_eq!(found, [("席位/一".to_owned(), id(1)), ("席位/二".to_owned(), id(2))]);
    assert_eq!(store.keys("席位/", 1).await.unwrap().len(), 1);
    assert_eq!(store.keys("", 10).await.unwrap().len(), 5);
    assert!(store.keys("%", 10).await.unwrap().is_empty());
    let many = (0..u128::from(PAGE_MAX) + 1).map(|n| take(&format!("many/{n}"), n)).collect();
    stored(store, epoch, keys(many)).await;
    assert_eq!(store.keys("many/", u16::MAX).await.unwrap().len(), usize::from(PAGE_MAX));
}

/// Each series counts from 1 without a gap, in one batch, over batches, in spite of failures.
pub async fn numbers_are_gapless_in_each_series(store: &dyn Store) {
    let epoch = active(store).await;
    let numbered = |n, series: &str, width| {
        let next = Numbering::Next { series: series.into(), prefix: "20261119-".into(), width };
        writes(0, [EntryWrite { numbering: next, ..write(unit(n)) }])
    };
    let fails = ChangeSet { expects: vec![Expect::Version(id(9), 1)], ..numbered(9, "alarm", 4) };
    let batch = vec![numbered(1, "alarm", 4), fails, numbered(2, "alarm", 4), numbered(3, "order", 1)];
    let mut outcomes = store.commit(epoch, batch).await.unwrap();
    failed(outcomes.remove(1));
    let numbers: Vec<_> = outcomes.into_iter().flat_map(|o| committed(o).numbers).collect();
    let expected =
        [(1, "20261119-0001"), (2, "20261119-0002"), (3, "20261119-1")].map(|(n, t)| (id(n), t.to_owned()));
    assert_eq!(numbers, expected);
    let next = stored(store, epoch, numbered(4, "alarm", 4)).await.numbers;
    assert_eq!(next, [(id(4), "20261119-0003".to_owned())]);
    let page = store.list(&units()).await.unwrap();
    assert_eq!(page.items[0].number.as_deref(), Some("20261119-0003"));
    assert_eq!(page.items[0].opened_at, at(4));
}
