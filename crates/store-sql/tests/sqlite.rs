//! SQLite keeps every promise of the store.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use fengsui_store::conformance;
use fengsui_store_sql::{SealKey, SqlStore};

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let folder = tempfile::tempdir().unwrap();
            let store = SqlStore::open("sqlite", folder.path()).await.unwrap();
            conformance::$name(&store).await;
        })*
    };
}
fengsui_store::for_each_case!(cases);

#[tokio::test]
async fn secrets_are_kept_under_a_key_as_they_are_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqlStore::open("sqlite", folder.path()).await.unwrap();
    let epoch = conformance::given::active(&store).await;
    store.seal_by(epoch, SealKey::of([7; 32])).await.unwrap();
    conformance::secrets_are_set_and_taken_away_by_name(&store).await;
}
