//! PostgreSQL keeps every promise of the store.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use fengsui_store::conformance::{
    self,
    given::{at, change, stored},
};
use fengsui_store::{Epoch, Lease, Store, StoreError, verify};
use fengsui_store_sql::SealKey;
use std::time::Duration;

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            support::with_postgres(async |url: String| {
                let store = support::open(&url).await;
                conformance::$name(&store).await;
            })
            .await;
        })*
    };
}
fengsui_store::for_each_case!(cases);

#[tokio::test]
async fn secrets_are_kept_under_a_key_as_they_are_in_the_clear() {
    support::with_postgres(async |url: String| {
        let store = support::open(&url).await;
        let epoch = conformance::given::active(&store).await;
        store.seal_by(epoch, SealKey::of([7; 32])).await.unwrap();
        conformance::secrets_are_set_and_taken_away_by_name(&store).await;
    })
    .await;
}

async fn claim(store: &dyn Store, holder: &str, second: i64) -> Option<Epoch> {
    match store.claim_lease(holder, None, at(second), Duration::from_secs(10)).await.unwrap() {
        Lease::Held { epoch, .. } => Some(epoch),
        Lease::Other { .. } => None,
    }
}

#[tokio::test]
async fn of_two_nodes_that_claim_at_once_one_is_active() {
    support::with_postgres(async |url: String| {
        let (a, b) = (support::open(&url).await, support::open(&url).await);
        for round in 0..10 {
            let (first, second) = tokio::join!(claim(&a, "a", round * 20), claim(&b, "b", round * 20));
            assert_ne!(first.is_some(), second.is_some(), "round {round}: {first:?} {second:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_that_comes_back_goes_on_where_the_other_ended() {
    support::with_postgres(async |url: String| {
        let (a, b) = (support::open(&url).await, support::open(&url).await);
        let first = claim(&a, "a", 0).await.unwrap();
        assert_eq!(stored(&a, first, change(0)).await.seq, 1);
        let second = claim(&b, "b", 10).await.unwrap();
        assert_eq!(stored(&b, second, change(0)).await.seq, 2);
        let stale = a.commit(first, vec![change(0)]).await;
        assert!(matches!(stale, Err(StoreError::LeaseLost { found }) if found == second.0), "{stale:?}");
        let third = claim(&a, "a", 20).await.unwrap();
        assert_eq!(stored(&a, third, change(0)).await.seq, 3);
        assert_eq!(verify(&b).await.unwrap().verified_to, 3);
    })
    .await;
}

#[tokio::test]
async fn two_nodes_that_start_at_once_make_the_tables_once() {
    support::with_postgres(async |url: String| {
        let (a, b) = tokio::join!(support::open(&url), support::open(&url));
        assert_eq!(a.head().await.unwrap(), b.head().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named() {
    // Port 1 of this machine, where nobody listens.
    let address = "postgres://fengsui:secret@127.0.0.1:1/fengsui";
    let refused = fengsui_store_sql::SqlStore::open(address, std::path::Path::new(".")).await.err().unwrap();
    assert!(matches!(refused, StoreError::Broken(_)), "{refused:?}");
    assert!(refused.to_string().contains("不能连接数据库服务器"), "{refused}");
    assert!(!refused.to_string().contains("secret"), "{refused}");
}
