//! The same input twice is stored once and answered the same.

use super::given::{active, change, committed, failed, id, outcome, receipt, stored};
use crate::{ChangeSet, Expect, Outcome, Store};

fn received(second: i64, key: &str) -> ChangeSet {
    ChangeSet { receipt: Some(receipt(key)), ..change(second) }
}

/// Within the window the first number and the first answer come back, and nothing is stored.
pub async fn same_receipt_within_the_window_is_answered_the_same(store: &dyn Store) {
    let epoch = active(store).await;
    let first = stored(store, epoch, received(0, "a")).await.seq;
    stored(store, epoch, received(0, "b")).await;
    let mut again = received(9, "a");
    again.receipt.as_mut().unwrap().answer = serde_json::json!("another answer");
    let answer = receipt("a").answer;
    assert_eq!(outcome(store, epoch, again).await, Outcome::Repeated { seq: first, answer });
    assert_eq!(store.head().await.unwrap().seq, 2);
}

/// Exactly at the end of the window the same key is a new input, whose own window starts then.
pub async fn same_receipt_at_the_end_of_the_window_is_new(store: &dyn Store) {
    let epoch = active(store).await;
    assert_eq!(stored(store, epoch, received(0, "a")).await.seq, 1);
    assert_eq!(stored(store, epoch, received(10, "a")).await.seq, 2);
    let answer = receipt("a").answer;
    assert_eq!(outcome(store, epoch, received(19, "a")).await, Outcome::Repeated { seq: 2, answer });
}

/// Two copies that arrive together are one.
pub async fn same_receipt_twice_in_one_batch_is_stored_once(store: &dyn Store) {
    let epoch = active(store).await;
    let outcomes = store.commit(epoch, vec![received(0, "a"), received(1, "a")]).await.unwrap();
    let mut outcomes = outcomes.into_iter();
    assert_eq!(committed(outcomes.next().unwrap()).seq, 1);
    assert_eq!(outcomes.next().unwrap(), Outcome::Repeated { seq: 1, answer: receipt("a").answer });
}

/// What was not stored may be tried again.
pub async fn failed_change_leaves_no_receipt(store: &dyn Store) {
    let epoch = active(store).await;
    let fails = ChangeSet { expects: vec![Expect::Version(id(1), 1)], ..received(0, "a") };
    failed(outcome(store, epoch, fails).await);
    assert_eq!(stored(store, epoch, received(1, "a")).await.seq, 1);
}
