//! What has outlived its purpose goes, bit by bit; what waits is counted.

use super::given::{active, at, change, frame, id, outcome, receipt, stored, terminal};
use crate::{ChangeSet, OutboxMessage, Outcome, SessionWrite, Store};
use fengsui_base::{AccountId, Scope};
use serde_json::json;

fn open(token: u8, until: i64) -> SessionWrite {
    SessionWrite::Open {
        token_digest: [token; 32],
        account: AccountId(id(1)),
        expires_at: at(until),
        origin: String::new(),
    }
}

/// Ended receipts and sessions and old frames, at most so many of each; the rest stays.
pub async fn purge_takes_what_ended_and_no_more_than_the_limit(store: &dyn Store) {
    let epoch = active(store).await;
    for second in 0..3 {
        let change = ChangeSet {
            receipt: Some(receipt(&second.to_string())),
            frames: vec![frame(1, second)],
            sessions: vec![open(u8::try_from(second).unwrap(), 20 + second)],
            ..change(second)
        };
        stored(store, epoch, change).await;
    }
    // Receipts end at 10, 11, 12; sessions at 20, 21, 22; frames came at 0, 1, 2.
    assert_eq!(store.purge(epoch, at(9), at(0), 100).await.unwrap(), 0);
    assert_eq!(store.purge(epoch, at(11), at(1), 100).await.unwrap(), 2 + 1);
    let again = ChangeSet { receipt: Some(receipt("2")), ..change(11) };
    assert!(matches!(outcome(store, epoch, again).await, Outcome::Repeated { seq: 3, .. }));
    assert_eq!(store.frames_of(&Scope::everything(), terminal(1), None, 10).await.unwrap().len(), 2);
    assert_eq!(store.purge(epoch, at(100), at(100), 1).await.unwrap(), 3);
    assert_eq!(store.purge(epoch, at(100), at(100), 1).await.unwrap(), 2);
    assert_eq!(store.purge(epoch, at(100), at(100), 1).await.unwrap(), 1);
    assert_eq!(store.purge(epoch, at(100), at(100), 1).await.unwrap(), 0);
    assert_eq!(store.head().await.unwrap().seq, 3);
}

/// The status page: what engine, how many messages wait, how many are signed in.
pub async fn storage_counts_what_waits(store: &dyn Store) {
    let epoch = active(store).await;
    let message = OutboxMessage { topic: "t".into(), body: json!(null) };
    let sessions = vec![open(1, 10), open(2, 20)];
    stored(store, epoch, ChangeSet { outbox: vec![message], sessions, ..change(0) }).await;
    let found = store.storage(at(10)).await.unwrap();
    assert_eq!((found.outbox_pending, found.sessions), (1, 1));
    assert!(!found.engine.is_empty());
    assert!(found.size_bytes.is_none_or(|bytes| bytes > 0));
}
