//! Search by pairs of characters.

use super::given::{active, stored, titles, unit, units, write, writes};
use crate::{EntryWrite, Numbering, Query, Store};
use fengsui_ledger::{Entry, search_terms};

fn named(n: u128, title: &str, version: u64) -> EntryWrite {
    EntryWrite { grams: search_terms(title), ..write(Entry { title: title.into(), version, ..unit(n) }) }
}

fn search(text: &str) -> Query {
    Query { terms: search_terms(text), ..units() }
}

/// All pairs of the query must be there.
pub async fn search_needs_every_term(store: &dyn Store) {
    let epoch = active(store).await;
    let entries = [named(1, "云岫商业广场", 1), named(2, "云岫消防控制室", 1), named(3, "东渚商业街", 1)];
    stored(store, epoch, writes(0, entries)).await;
    assert_eq!(titles(store, &search("商业")).await, ["东渚商业街", "云岫商业广场"]);
    assert_eq!(titles(store, &search("云岫 商业")).await, ["云岫商业广场"]);
    assert_eq!(titles(store, &search("消防")).await, ["云岫消防控制室"]);
    assert!(titles(store, &search("业商")).await.is_empty());
    assert_eq!(store.count(&search("云岫")).await.unwrap(), 2);
    let unusual = EntryWrite { grams: vec!["四字的词".into(), "𠮷𠮷𠮷".into()], ..write(unit(4)) };
    stored(store, epoch, writes(0, [unusual])).await;
    let terms = |term: &str| Query { terms: vec![term.into()], ..units() };
    assert_eq!(titles(store, &terms("四字的词")).await, ["单位4"]);
    assert_eq!(titles(store, &terms("𠮷𠮷𠮷")).await, ["单位4"]);
    assert!(titles(store, &terms("四字的")).await.is_empty());
}

/// The grams are those of the last version.
pub async fn search_follows_the_entry(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [named(1, "云岫商业广场", 1)])).await;
    stored(store, epoch, writes(0, [named(1, "云岫中心广场", 2)])).await;
    assert!(titles(store, &search("商业")).await.is_empty());
    assert_eq!(titles(store, &search("中心广场")).await, ["云岫中心广场"]);
    assert_eq!(titles(store, &search("云岫")).await, ["云岫中心广场"]);
}

/// A number that the store gives can be searched for.
pub async fn search_finds_a_given_number(store: &dyn Store) {
    let epoch = active(store).await;
    let numbering = Numbering::Next { series: "alarm".into(), prefix: "20261119-".into(), width: 4 };
    stored(store, epoch, writes(0, [EntryWrite { numbering, ..named(1, "火警", 1) }])).await;
    assert_eq!(titles(store, &search("20261119-0001")).await, ["火警"]);
    assert_eq!(titles(store, &search("火警 0001")).await, ["火警"]);
}
