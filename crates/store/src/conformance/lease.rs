//! The lease of the one active node.

use super::given::{NODE, active, at, change, stored};
use crate::{Epoch, Head, Lease, Store, StoreError};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(10);

async fn claim(
    store: &dyn Store,
    holder: &str,
    renew: Option<Epoch>,
    second: i64,
) -> Result<Lease, StoreError> {
    store.claim_lease(holder, renew, at(second), TTL).await
}

fn held(epoch: u64, until: i64) -> Lease {
    Lease::Held { epoch: Epoch(epoch), until: at(until) }
}

/// Another node waits until the instant at which the lease ends, and then has the next epoch.
pub async fn lease_is_refused_to_others_until_it_ends(store: &dyn Store) {
    assert_eq!(claim(store, "a", None, 0).await.unwrap(), held(1, 10));
    let other = Lease::Other { holder: "a".into(), until: at(10) };
    assert_eq!(claim(store, "b", None, 9).await.unwrap(), other);
    assert_eq!(claim(store, "b", None, 10).await.unwrap(), held(2, 20));
    let lost = claim(store, "a", Some(Epoch(1)), 11).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost { found: 2 })), "{lost:?}");
    let lost = claim(store, "a", Some(Epoch(1)), 30).await;
    assert!(
        matches!(lost, Err(StoreError::LeaseLost { found: 2 })),
        "even when the other's has ended: {lost:?}"
    );
}

/// A node that starts again takes the next epoch at once; one that lives on renews the same.
pub async fn lease_holder_starts_a_new_epoch_or_renews(store: &dyn Store) {
    assert_eq!(claim(store, "a", None, 0).await.unwrap(), held(1, 10));
    assert_eq!(claim(store, "a", Some(Epoch(1)), 5).await.unwrap(), held(1, 15));
    assert_eq!(claim(store, "a", None, 6).await.unwrap(), held(2, 16));
    assert_eq!(claim(store, "a", Some(Epoch(2)), 50).await.unwrap(), held(2, 60), "late, but nobody came");
    let lost = claim(store, "a", Some(Epoch(1)), 51).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost { found: 2 })), "{lost:?}");
}

/// Without the current epoch nothing is stored.
pub async fn commit_needs_the_current_epoch(store: &dyn Store) {
    for epoch in [0, 1] {
        let early = store.commit(Epoch(epoch), vec![change(0)]).await;
        assert!(matches!(early, Err(StoreError::LeaseLost { found: 0 })), "{early:?}");
    }
    let first = active(store).await;
    stored(store, first, change(0)).await;
    let later = store.claim_lease(NODE, None, at(1), TTL).await.unwrap();
    let Lease::Held { epoch, .. } = later else { panic!("the holder was refused: {later:?}") };
    let stale = store.commit(first, vec![change(1)]).await;
    assert!(matches!(stale, Err(StoreError::LeaseLost { found }) if found == epoch.0), "{stale:?}");
    assert_eq!(store.head().await.unwrap().seq, 1);
    assert_eq!(stored(store, epoch, change(2)).await.seq, 2);
    assert_ne!(store.head().await.unwrap(), Head::default());
    let stale = store.purge(first, at(0), at(0), 1).await;
    assert!(matches!(stale, Err(StoreError::LeaseLost { .. })), "{stale:?}");
}
