//! One gapless sequence, and nothing of what failed.

use super::given::{active, receipt, units};
use super::given::{
    at, change, committed, failed, frame, id, line, outcome, state, stored, unit, write, writes,
};
use crate::{
    CatalogText, ChangeSet, CredentialWrite, Expect, Head, KeyWrite, Numbering, OutboxMessage, SecretWrite,
    SessionWrite, Store,
};
use fengsui_base::{AccountId, Scope};
use serde_json::json;

/// Numbers rise by one, over batches and in spite of failures between.
pub async fn gapless_sequence(store: &dyn Store) {
    let epoch = active(store).await;
    assert_eq!(store.head().await.unwrap(), Head::default());
    let fails = || ChangeSet { expects: vec![Expect::Version(id(9), 1)], ..change(0) };
    let outcomes = store.commit(epoch, vec![change(0), fails(), change(1)]).await.unwrap();
    assert_eq!(outcomes.len(), 3);
    let mut outcomes = outcomes.into_iter();
    assert_eq!(committed(outcomes.next().unwrap()).seq, 1);
    failed(outcomes.next().unwrap());
    assert_eq!(committed(outcomes.next().unwrap()).seq, 2);
    failed(outcome(store, epoch, fails()).await);
    assert_eq!(stored(store, epoch, change(2)).await.seq, 3);
    assert_eq!(store.head().await.unwrap().seq, 3);
}

/// A change that fails leaves nothing of any kind; its neighbours in the batch are stored.
pub async fn failed_change_stores_nothing(store: &dyn Store) {
    let epoch = active(store).await;
    let outcomes =
        store.commit(epoch, vec![writes(0, [write(unit(1))]), doomed(), writes(0, [write(unit(3))])]).await;
    failed(outcomes.unwrap().remove(1));
    let everything = Scope::everything();
    let titles: Vec<_> = store.list(&units()).await.unwrap().items.into_iter().map(|e| e.title).collect();
    assert_eq!(titles, ["单位3", "单位1"]);
    assert_eq!(store.key("unit.code/2").await.unwrap(), None);
    assert!(store.journal_of(&everything, id(2), None, 10).await.unwrap().is_empty());
    assert!(store.states(None, 10).await.unwrap().is_empty());
    assert!(store.frame(&everything, 2).await.unwrap().is_none());
    assert!(store.outbox(10).await.unwrap().is_empty());
    assert!(store.credential(AccountId(id(2))).await.unwrap().is_none());
    assert!(store.secrets(id(2)).await.unwrap().is_empty());
    assert!(store.session([2; 32], at(0)).await.unwrap().is_none());
    assert!(store.catalog().await.unwrap().is_none());
    assert!(store.journal_since(0, 100).await.unwrap().iter().all(|(_, _, rows)| rows[0].erased.is_none()));
    assert_eq!(next_number(store, epoch).await, "N1", "the failed change used no number");
}

/// Everything a change can carry, and an expectation that does not hold: its last entry does not exist.
fn doomed() -> ChangeSet {
    let numbered = |n| crate::EntryWrite { numbering: series(), ..write(unit(n)) };
    let mut later = unit(4);
    later.version = 2;
    ChangeSet {
        receipt: Some(receipt("doomed")),
        entries: vec![numbered(2), write(later)],
        keys: vec![KeyWrite::Take("unit.code/2".into(), id(2))],
        journal: vec![line(2, "不应出现")],
        erasures: vec![crate::Erasure { seq: 1, line: 0, reason: "不应出现".into() }],
        states: vec![state(2, 1, 0, 1)],
        frames: vec![frame(2, 0)],
        outbox: vec![OutboxMessage { topic: "t".into(), body: json!(1) }],
        credentials: vec![CredentialWrite { account: AccountId(id(2)), phc: "x".into(), must_change: false }],
        secrets: vec![SecretWrite { owner: id(2), name: "key".into(), value: Some("x".into()) }],
        sessions: vec![SessionWrite::Open {
            token_digest: [2; 32],
            account: AccountId(id(2)),
            expires_at: at(100),
            origin: String::new(),
        }],
        catalog: Some(CatalogText { revision: 1, digest: "d".into(), text: "{}".into() }),
        ..change(0)
    }
}

fn series() -> Numbering {
    Numbering::Next { series: "unit".into(), prefix: "N".into(), width: 1 }
}

async fn next_number(store: &dyn Store, epoch: crate::Epoch) -> String {
    let numbered = crate::EntryWrite { numbering: series(), ..write(unit(5)) };
    stored(store, epoch, writes(0, [numbered])).await.numbers.remove(0).1
}

/// An empty batch is stored at once, as nothing.
pub async fn empty_batch_changes_nothing(store: &dyn Store) {
    let epoch = active(store).await;
    assert!(store.commit(epoch, Vec::new()).await.unwrap().is_empty());
    assert_eq!(store.head().await.unwrap(), Head::default());
}

/// Expectations see what stands before them in the same batch.
pub async fn later_change_sees_the_earlier_of_its_batch(store: &dyn Store) {
    let epoch = active(store).await;
    let take = ChangeSet {
        expects: vec![Expect::Absent("slot".into())],
        keys: vec![KeyWrite::Take("slot".into(), id(1))],
        ..writes(0, [write(unit(1))])
    };
    let mut second = unit(1);
    second.version = 2;
    let change = ChangeSet {
        expects: vec![Expect::HeldBy("slot".into(), id(1)), Expect::Version(id(1), 1)],
        ..writes(0, [write(second)])
    };
    let outcomes = store.commit(epoch, vec![take.clone(), take, change]).await.unwrap();
    let mut outcomes = outcomes.into_iter();
    committed(outcomes.next().unwrap());
    failed(outcomes.next().unwrap());
    assert_eq!(committed(outcomes.next().unwrap()).seq, 2);
}
