//! What the history of measured values costs on the disk.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used)]

use fengsui_store::conformance::given::{active, at, change, terminal};
use fengsui_store::{ChangeSet, Part, SampleWrite, StateKey, Store};
use fengsui_store_sql::SqlStore;

/// Most bytes a sample may take on SQLite, its index included.
const SAMPLE_BYTES_MAX: u64 = 30;
/// Series and saves: two days of a county's pressures, saved every five minutes.
const SERIES: u128 = 200;
const SAVES: i64 = 576;

fn save(number: i64) -> ChangeSet {
    let key = StateKey {
        part: Part::Value,
        system_type: 11,
        system_address: 1,
        component_address: 1,
        analog_type: 3,
    };
    let sample = |n| SampleWrite {
        terminal: terminal(n),
        key,
        at: at(300 * number),
        value: 300 + i32::try_from(number % 40).unwrap(),
    };
    ChangeSet { samples: (0..SERIES).map(sample).collect(), ..change(300 * number) }
}

#[tokio::test]
async fn a_sample_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqlStore::open("sqlite", folder.path()).await.unwrap();
    let epoch = active(&store).await;
    let before = store.storage(at(0)).await.unwrap().size_bytes.unwrap();
    store.commit(epoch, (0..SAVES).map(save).collect()).await.unwrap();
    let after = store.storage(at(0)).await.unwrap().size_bytes.unwrap();
    // The journal lines of the saves are counted too; they are few.
    let each = (after - before) / (SERIES as u64 * SAVES as u64);
    assert!(each <= SAMPLE_BYTES_MAX, "{each} bytes a sample");
}
