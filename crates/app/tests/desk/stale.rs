//! A board that differs from the store: what cannot be stored at any attempt is read anew and decided again.

use fengsui_alarm::Condition;
use fengsui_app::kit::{Desk, TOWN};
use fengsui_app::{Fault, Receipt};
use fengsui_base::{EntryId, Scope, Timestamp};
use fengsui_store::{ChangeSet, EntryWrite, Epoch, KeyWrite, MemoryStore, Numbering, Outcome};
use std::sync::Arc;

async fn desk() -> Desk {
    let desk = Desk::open(Arc::new(MemoryStore::new())).await;
    desk.register("云岫纺织", TOWN, "700", 4).await;
    desk
}

/// Changes the store behind the board's back: the next version of an entry, and keys.
async fn behind_the_back(desk: &Desk, id: EntryId, keys: Vec<KeyWrite>) {
    let mut entry = desk.store.entry(&Scope::everything(), id).await.unwrap().unwrap();
    entry.version += 1;
    let mut change = ChangeSet::new(Timestamp::UNIX_EPOCH);
    change.keys = keys;
    change.entries.push(EntryWrite { entry, numbering: Numbering::Keep, index: vec![], grams: vec![] });
    let stored = desk.store.commit(Epoch(1), vec![change]).await.unwrap();
    assert!(matches!(stored[..], [Outcome::Committed(_)]), "{stored:?}");
}

#[tokio::test]
async fn a_frame_that_no_attempt_can_store_is_decided_on_what_the_store_holds() {
    let desk = desk().await;
    let fire = desk.fire("700", 1).await;
    behind_the_back(&desk, fire.entry.id, vec![]).await;
    let over = desk.hears("700", vec![desk.state(1, &[])]).await.unwrap();
    assert!(matches!(over, Receipt::Stored(_)), "{over:?}");
    assert_eq!(desk.app.meters().reread.get(), 1);
    let stored = desk.store.entry(&Scope::everything(), fire.entry.id).await.unwrap().unwrap();
    assert_eq!(stored.version, fire.entry.version + 2);
    assert!(desk.open_alarms()[0].alarm.restored_at.is_some());
    desk.hears("700", vec![desk.state(2, &[Condition::Fire])]).await.unwrap();
    assert_eq!(desk.app.meters().reread.get(), 1, "the next frame finds a board that is right");
}

#[tokio::test]
async fn what_reading_anew_cannot_mend_is_refused_and_the_next_frame_is_taken_in() {
    let desk = desk().await;
    let fire = desk.fire("700", 1).await;
    // By the store another alarm holds the slot of the second point, and really does.
    let first = fire.alarm.raise.slot.strip_suffix('1').unwrap();
    let second = KeyWrite::Take(format!("{first}2"), fire.entry.id);
    behind_the_back(&desk, fire.entry.id, vec![second]).await;
    let refused = desk.hears("700", vec![desk.state(2, &[Condition::Fire])]).await.unwrap_err();
    assert!(matches!(&refused, Fault::Refused(r) if r.code == "commit.contended"), "{refused:?}");
    let third = desk.hears("700", vec![desk.state(3, &[Condition::Fire])]).await.unwrap();
    assert!(matches!(third, Receipt::Stored(_)), "{third:?}");
    assert_eq!((desk.open_alarms().len(), desk.app.meters().reread.get()), (2, 1));
}
