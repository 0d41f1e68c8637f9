//! SQLite keeps every promise of the store.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use fengsui_store::conformance;
use fengsui_store_sql::SqlStore;

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
