//! Last-known states, frames, the outbox and catalog revisions.

use super::given::{
    OTHER_VILLAGE, active, at, change, frame, region, state, stored, terminal, township, within,
};
use crate::{
    CatalogText, ChangeSet, FrameRecord, OutboxMessage, PAGE_MAX, Part, StateKey, StateWrite, Store,
};
use fengsui_base::Scope;
use serde_json::json;

fn states(writes: Vec<StateWrite>) -> ChangeSet {
    ChangeSet { states: writes, ..change(0) }
}

/// The newest by the time it happened stays, however late another arrives; of the same instant the last one counts.
pub async fn newest_state_wins_by_event_time(store: &dyn Store) {
    let epoch = active(store).await;
    let bits = async || store.states(None, 10).await.unwrap().remove(0).2.bits;
    stored(store, epoch, states(vec![state(1, 1, 10, 2)])).await;
    assert_eq!(store.states(None, 10).await.unwrap()[0].2, state(1, 1, 10, 2).state);
    stored(store, epoch, states(vec![state(1, 1, 5, 8)])).await;
    assert_eq!(bits().await, 2, "a late report does not move it back");
    stored(store, epoch, states(vec![state(1, 1, 10, 4)])).await;
    assert_eq!(bits().await, 4);
    stored(store, epoch, states(vec![state(1, 1, 20, -32_768), state(1, 1, 15, 1)])).await;
    assert_eq!(bits().await, -32_768);
    assert_eq!(store.states(None, 10).await.unwrap().len(), 1);
}

/// In the order of terminal and address, page by page.
pub async fn states_are_paged_in_order(store: &dyn Store) {
    let epoch = active(store).await;
    let mut writes =
        vec![state(2, 1, 0, 0), state(1, u32::MAX, 0, 0), state(1, 255, 0, 0), state(1, 256, 0, 0)];
    let mut device = state(1, 0, 0, 7);
    let zero = StateKey {
        part: Part::Device,
        system_type: 0,
        system_address: 0,
        component_address: 0,
        analog_type: 0,
    };
    device.key = zero;
    let mut value = state(1, 0, 0, -5);
    value.key = StateKey { part: Part::Value, analog_type: 3, system_type: 255, system_address: 255, ..zero };
    let mut limit = state(1, 0, 0, 3);
    limit.key = StateKey { part: Part::Limit, ..value.key };
    writes.extend([limit, value, device]);
    stored(store, epoch, states(writes.clone())).await;
    writes.sort_by_key(|w| (w.terminal, w.key));
    let expected: Vec<_> = writes.into_iter().map(|w| (w.terminal, w.key, w.state)).collect();
    assert_eq!(store.states(None, 100).await.unwrap(), expected);
    let (mut walked, mut after) = (Vec::new(), None);
    while let [row] = &store.states(after, 1).await.unwrap()[..] {
        after = Some((row.0, row.1));
        walked.push(row.clone());
    }
    assert_eq!(walked, expected);
}

fn frames(frames: Vec<FrameRecord>) -> ChangeSet {
    ChangeSet { frames, ..change(0) }
}

/// One terminal's frames as they came, newest first, page by page, within the scope.
pub async fn frames_of_a_terminal_are_paged_within_the_scope(store: &dyn Store) {
    let epoch = active(store).await;
    let elsewhere = FrameRecord { region: region(OTHER_VILLAGE), ..frame(1, 3) };
    let unknown = FrameRecord { terminal: None, unit_type: None, bytes: Vec::new(), ..frame(1, 4) };
    stored(store, epoch, frames(vec![frame(1, 0), frame(2, 1)])).await;
    stored(store, epoch, frames(vec![frame(1, 2), elsewhere.clone(), unknown])).await;
    let everything = Scope::everything();
    let all = store.frames_of(&everything, terminal(1), None, 10).await.unwrap();
    let places: Vec<_> = all.iter().map(|f| (f.seq, f.line)).collect();
    assert_eq!(places, [(2, 1), (2, 0), (1, 0)]);
    assert_eq!((&all[0].frame, &all[2].frame), (&elsewhere, &frame(1, 0)));
    let rest = store.frames_of(&everything, terminal(1), Some((2, 1)), 1).await.unwrap();
    assert_eq!((rest.len(), rest[0].seq, rest[0].line), (1, 2, 0));
    let scoped = store.frames_of(&township(), terminal(1), None, 10).await.unwrap();
    assert_eq!(scoped.len(), 2);
    assert!(store.frames_of(&Scope::nothing(), terminal(1), None, 10).await.unwrap().is_empty());
}

/// A change's first frame, for whoever may see it; frames that no terminal claims are kept too.
pub async fn first_frame_of_a_change(store: &dyn Store) {
    let epoch = active(store).await;
    let unknown = FrameRecord { terminal: None, unit_type: None, bytes: Vec::new(), ..frame(1, 4) };
    stored(store, epoch, change(0)).await;
    stored(store, epoch, frames(vec![unknown.clone(), frame(1, 5)])).await;
    let everything = Scope::everything();
    assert!(store.frame(&everything, 1).await.unwrap().is_none());
    let found = store.frame(&everything, 2).await.unwrap().unwrap();
    assert_eq!((found.seq, found.line, found.frame), (2, 0, unknown));
    assert!(store.frame(&within(0..1), 2).await.unwrap().is_none());
    assert!(store.frame(&township(), 2).await.unwrap().is_some());
}

/// Oldest first; a message that left does not come again, and leaving twice is leaving once.
pub async fn outbox_is_ordered_and_done_twice_is_done_once(store: &dyn Store) {
    let epoch = active(store).await;
    let message =
        |n: u32| OutboxMessage { topic: "alarm.forwarded".into(), body: json!({ "n": n, "名": "云岫" }) };
    stored(store, epoch, ChangeSet { outbox: vec![message(1), message(2)], ..change(0) }).await;
    stored(store, epoch, ChangeSet { outbox: vec![message(3)], ..change(0) }).await;
    let rows = store.outbox(10).await.unwrap();
    assert_eq!(rows.iter().map(|r| (r.seq, r.line)).collect::<Vec<_>>(), [(1, 0), (1, 1), (2, 0)]);
    assert_eq!(rows[1].message, message(2));
    assert_eq!(store.outbox(1).await.unwrap().len(), 1);
    for _ in 0..2 {
        store.outbox_done(epoch, 1, 0).await.unwrap();
        assert_eq!(store.outbox(10).await.unwrap(), rows[1..]);
    }
    let many = (0..=u32::from(PAGE_MAX)).map(message).collect();
    stored(store, epoch, ChangeSet { outbox: many, ..change(0) }).await;
    assert_eq!(store.outbox(u16::MAX).await.unwrap().len(), usize::from(PAGE_MAX));
    let stale = store.outbox_done(crate::Epoch(epoch.0 + 1), 1, 1).await;
    assert!(matches!(stale, Err(crate::StoreError::LeaseLost { .. })));
}

/// The newest revision is known; a revision once stored is never overwritten.
pub async fn catalog_is_the_newest_revision(store: &dyn Store) {
    let epoch = active(store).await;
    assert_eq!(store.catalog().await.unwrap(), None);
    let revision = |revision, digest: &str| ChangeSet {
        catalog: Some(CatalogText {
            revision,
            digest: digest.into(),
            text: format!("{{\"{digest}\":\"目录\"}}"),
        }),
        ..change(0)
    };
    assert_eq!(store.catalog_text(1).await.unwrap(), None);
    stored(store, epoch, revision(1, "a")).await;
    stored(store, epoch, revision(2, "b")).await;
    stored(store, epoch, revision(2, "c")).await;
    stored(store, epoch, revision(1, "d")).await;
    assert_eq!(store.catalog().await.unwrap(), Some((2, "b".to_owned())));
    for (revision, digest) in [(1, "a"), (2, "b")] {
        let text = store.catalog_text(revision).await.unwrap().unwrap();
        assert_eq!(text, format!("{{\"{digest}\":\"目录\"}}"), "each revision keeps its own text");
    }
    assert_eq!(store.catalog_text(3).await.unwrap(), None);
    assert!(store.purge(epoch, at(0), at(0), 10).await.unwrap() == 0);
}
