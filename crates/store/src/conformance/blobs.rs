//! Blobs: stored once, known by their digest, kept while an entry holds them.

use super::given::{active, at, change, id, stored};
use crate::{Blob, ChangeSet, Epoch, KeyWrite, Store, StoreError, blob_key};

/// Longer than any engine keeps in one row.
const LARGE_BYTES: usize = 200_000;

fn picture(seed: u8, length: usize) -> Blob {
    let byte = |n: usize| u8::try_from((n * 31 + usize::from(seed)) % 251).unwrap();
    Blob::new("image/png", (0..length).map(byte).collect())
}

/// What comes back is what was stored, small, large and empty; the same bytes twice are one blob.
pub async fn blob_is_known_by_its_digest(store: &dyn Store) {
    let epoch = active(store).await;
    for blob in [picture(1, 100), picture(2, LARGE_BYTES), picture(3, 0)] {
        assert_eq!(store.blob(&blob.name()).await.unwrap(), None);
        for second in [0, 1] {
            store.put_blob(epoch, blob.clone(), at(second)).await.unwrap();
            assert_eq!(store.blob(&blob.name()).await.unwrap(), Some(blob.clone()));
        }
    }
    assert_eq!(store.blob("no such name").await.unwrap(), None);
    assert_eq!(picture(3, 0).name(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(store.head().await.unwrap().seq, 0, "a blob has no number of its own");
}

async fn hold(store: &dyn Store, epoch: Epoch, keys: Vec<KeyWrite>) {
    stored(store, epoch, ChangeSet { keys, ..change(1) }).await;
}

/// Held ones stay however old; the others go once they are old, at most so many at a time; storing the same
/// bytes again starts the time anew.
pub async fn blob_nobody_holds_goes_after_its_day(store: &dyn Store) {
    let epoch = active(store).await;
    let blobs: Vec<_> = (0..4).map(|n| picture(n, 70_000)).collect();
    for blob in &blobs {
        store.put_blob(epoch, blob.clone(), at(0)).await.unwrap();
    }
    let key = |n: usize, by: u128| blob_key(&blobs[n].name(), id(by));
    hold(store, epoch, vec![KeyWrite::Take(key(0, 1), id(1)), KeyWrite::Take(key(0, 2), id(2))]).await;
    store.put_blob(epoch, blobs[1].clone(), at(50)).await.unwrap();
    assert_eq!(store.collect_blobs(epoch, at(0), 9).await.unwrap(), 0, "not before its time");
    assert_eq!(store.collect_blobs(epoch, at(1), 1).await.unwrap(), 1, "no more than the limit");
    assert_eq!(store.collect_blobs(epoch, at(50), 9).await.unwrap(), 1);
    assert!(store.blob(&blobs[1].name()).await.unwrap().is_some(), "stored anew");
    hold(store, epoch, vec![KeyWrite::Free(key(0, 1))]).await;
    assert_eq!(store.collect_blobs(epoch, at(51), 9).await.unwrap(), 1);
    assert!(store.blob(&blobs[0].name()).await.unwrap().is_some(), "another entry holds it still");
    hold(store, epoch, vec![KeyWrite::Free(key(0, 2))]).await;
    assert_eq!(store.collect_blobs(epoch, at(51), 9).await.unwrap(), 1);
    assert_eq!(store.blob(&blobs[0].name()).await.unwrap(), None);
}

/// A node that has lost the lease neither stores nor collects.
pub async fn blobs_need_the_current_epoch(store: &dyn Store) {
    let epoch = active(store).await;
    let old = Epoch(epoch.0 + 1);
    let refused = store.put_blob(old, picture(1, 9), at(0)).await;
    assert!(matches!(refused, Err(StoreError::LeaseLost { .. })));
    assert!(matches!(store.collect_blobs(old, at(9), 9).await, Err(StoreError::LeaseLost { .. })));
    assert_eq!(store.blob(&picture(1, 9).name()).await.unwrap(), None);
}
