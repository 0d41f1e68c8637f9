//! What a decision took for granted holds when it is stored, or nothing is.

use super::given::{active, change, failed, id, outcome, stored, unit, write, writes};
use crate::{ChangeSet, Expect, Failure, KeyWrite, Store};

fn expects(expect: Expect) -> ChangeSet {
    ChangeSet { expects: vec![expect], ..change(0) }
}

/// The entry has the version, or the refusal names the one it has.
pub async fn expected_version(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [write(unit(1))])).await;
    stored(store, epoch, expects(Expect::Version(id(1), 1))).await;
    let failure = failed(outcome(store, epoch, expects(Expect::Version(id(1), 2))).await);
    assert_eq!(failure, Failure::Version { entry: id(1), found: Some(1) });
    let failure = failed(outcome(store, epoch, expects(Expect::Version(id(2), 1))).await);
    assert_eq!(failure, Failure::Version { entry: id(2), found: None });
}

/// Nobody holds the key, or the refusal names who does.
pub async fn expected_absence_of_a_key(store: &dyn Store) {
    let epoch = active(store).await;
    let claim = |n| ChangeSet {
        keys: vec![KeyWrite::Take("seat/1".into(), id(n))],
        ..expects(Expect::Absent("seat/1".into()))
    };
    stored(store, epoch, claim(1)).await;
    let failure = failed(outcome(store, epoch, claim(2)).await);
    assert_eq!(failure, Failure::Key { key: "seat/1".into(), holder: Some(id(1)) });
    assert_eq!(store.key("seat/1").await.unwrap(), Some(id(1)));
}

/// The entry holds the key, or the refusal names who does, if anybody.
pub async fn expected_holder_of_a_key(store: &dyn Store) {
    let epoch = active(store).await;
    let held = |n| expects(Expect::HeldBy("slot".into(), id(n)));
    let failure = failed(outcome(store, epoch, held(1)).await);
    assert_eq!(failure, Failure::Key { key: "slot".into(), holder: None });
    stored(store, epoch, ChangeSet { keys: vec![KeyWrite::Take("slot".into(), id(1))], ..change(0) }).await;
    stored(store, epoch, held(1)).await;
    let failure = failed(outcome(store, epoch, held(2)).await);
    assert_eq!(failure, Failure::Key { key: "slot".into(), holder: Some(id(1)) });
}

/// Version 1 is made once.
pub async fn new_entry_must_not_exist(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, writes(0, [write(unit(1))])).await;
    let failure = failed(outcome(store, epoch, writes(0, [write(unit(1))])).await);
    assert_eq!(failure, Failure::Version { entry: id(1), found: Some(1) });
}

/// A later version replaces the one before it, and only that.
pub async fn changed_entry_must_follow_its_last_version(store: &dyn Store) {
    let epoch = active(store).await;
    let version = |version, title: &str| {
        let mut entry = unit(1);
        (entry.version, entry.title) = (version, title.into());
        writes(0, [write(entry)])
    };
    let failure = failed(outcome(store, epoch, version(2, "无中生有")).await);
    assert_eq!(failure, Failure::Version { entry: id(1), found: None });
    stored(store, epoch, version(1, "一")).await;
    stored(store, epoch, version(2, "二")).await;
    for stale in [2, 4, 0] {
        let failure = failed(outcome(store, epoch, version(stale, "旧")).await);
        assert_eq!(failure, Failure::Version { entry: id(1), found: Some(2) });
    }
    let found = store.entry(&fengsui_base::Scope::everything(), id(1)).await.unwrap().unwrap();
    assert_eq!((found.version, found.title.as_str()), (2, "二"));
}

/// Two versions of one entry in one change are stored in their order.
pub async fn entry_written_twice_in_one_change(store: &dyn Store) {
    let epoch = active(store).await;
    let mut second = unit(1);
    (second.version, second.title) = (2, "第二版".into());
    stored(store, epoch, writes(0, [write(unit(1)), write(second)])).await;
    let found = store.entry(&fengsui_base::Scope::everything(), id(1)).await.unwrap().unwrap();
    assert_eq!((found.version, found.title.as_str()), (2, "第二版"));
    assert_eq!(store.count(&super::given::units()).await.unwrap(), 1);
}
