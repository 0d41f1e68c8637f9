//! What SQLite does with its file: one process at a time, full disks, newer data, tampering, erasure.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use fengsui_base::Scope;
use fengsui_store::conformance::given::{self, active, at, change, id, stored, unit, units, write, writes};
use fengsui_store::{ChangeSet, Erasure, Store, StoreError, verify};
use fengsui_store_sql::{SCHEMA, SqlStore, SqliteSettings};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

async fn open(folder: &Path) -> SqlStore {
    SqlStore::open("sqlite", folder).await.unwrap()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("fengsui.db")
}

/// Opens the file behind the store's back.
fn raw(folder: &Path) -> Connection {
    Connection::open(file(folder)).unwrap()
}

#[tokio::test]
async fn what_was_committed_is_there_when_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let epoch = active(&store).await;
    stored(&store, epoch, writes(0, [write(unit(1))])).await;
    let head = store.head().await.unwrap();
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(store.head().await.unwrap(), head);
    let epoch = active(&store).await;
    assert_eq!(epoch.0, 2);
    assert_eq!(stored(&store, epoch, writes(0, [write(unit(2))])).await.seq, 2);
    assert_eq!(verify(&store).await.unwrap().verified_to, 2);
    assert_eq!(store.count(&units()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_second_writer_is_kept_out_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).await;
    let second = SqlStore::open("sqlite", folder.path()).await.err().unwrap();
    assert!(matches!(second, StoreError::Locked(_)), "{second:?}");
    assert!(second.to_string().contains("已被另一个烽燧进程打开"), "{second}");
    drop(first);
    open(folder.path()).await;
}

#[tokio::test]
async fn a_reader_beside_the_writer_sees_what_is_committed_and_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let writer = open(folder.path()).await;
    let epoch = active(&writer).await;
    let reader = SqlStore::open_to_read("sqlite", folder.path()).await.unwrap();
    stored(&writer, epoch, writes(0, [write(unit(1))])).await;
    assert_eq!(reader.count(&units()).await.unwrap(), 1);
    let refused = reader.commit(epoch, vec![change(0)]).await;
    assert!(matches!(refused, Err(StoreError::Locked(_))), "{refused:?}");
}

#[tokio::test]
async fn reading_what_is_not_there_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let refused = SqlStore::open_to_read("sqlite", folder.path()).await.err().unwrap();
    assert!(refused.to_string().contains("没有找到数据库文件"), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn an_unknown_setting_is_refused_with_what_is_known() {
    let refused = SqlStore::open("mysql://x", Path::new(".")).await.err().unwrap();
    assert!(refused.to_string().contains("sqlite 或 postgres://"), "{refused}");
}

#[tokio::test]
async fn data_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).await);
    let newer = format!("INSERT INTO schema_migration (number, name) VALUES ({}, 'later')", SCHEMA + 1);
    raw(folder.path()).execute_batch(&newer).unwrap();
    for refused in [
        SqlStore::open("sqlite", folder.path()).await.err().unwrap(),
        SqlStore::open_to_read("sqlite", folder.path()).await.err().unwrap(),
    ] {
        let named =
            matches!(refused, StoreError::TooNew { found, known } if found == SCHEMA + 1 && known == SCHEMA);
        assert!(named, "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(file(folder.path()), "这不是数据库".repeat(1_000)).unwrap();
    let refused = SqlStore::open("sqlite", folder.path()).await.err().unwrap();
    assert!(matches!(refused, StoreError::Broken(_)), "{refused:?}");
    assert!(std::fs::read_to_string(file(folder.path())).unwrap().starts_with("这不是数据库"));
}

#[tokio::test]
async fn a_full_disk_stores_nothing_of_the_batch_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { pages_max: Some(200) };
    let store = SqlStore::open_file(&file(folder.path()), settings).await.unwrap();
    let epoch = active(&store).await;
    let mut committed = 0;
    let full = loop {
        let big = ChangeSet {
            frames: vec![fengsui_store::FrameRecord { bytes: vec![1; 50_000], ..given::frame(1, 0) }],
            ..change(0)
        };
        match store.commit(epoch, vec![change(0), big]).await {
            Ok(outcomes) => committed += outcomes.len() as u64,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert!(committed > 0);
    assert_eq!(store.head().await.unwrap().seq, committed);
    assert_eq!(verify(&store).await.unwrap().verified_to, committed);
    assert_eq!(store.purge(epoch, at(0), at(1), 100).await.unwrap(), committed / 2);
    assert_eq!(
        stored(&store, epoch, change(1)).await.seq,
        committed + 1,
        "room again, and no number was lost"
    );
}

#[tokio::test]
async fn tampering_with_the_file_is_noticed_where_it_is() {
    for (tamper, broken) in [
        ("UPDATE journal SET text = replace(text, '已登记', '未登记') WHERE seq = 2", 2),
        ("UPDATE journal SET text = 'x' WHERE seq = 1", 1),
        ("UPDATE journal SET text = NULL WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 3", 3),
        ("DELETE FROM change WHERE seq = 2", 3),
        ("UPDATE change SET chain = zeroblob(32) WHERE seq = 2", 2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let epoch = active(&store).await;
        store.commit(epoch, vec![change(0), change(1), change(2), change(3)]).await.unwrap();
        raw(folder.path()).execute_batch(tamper).unwrap();
        let found = verify(&store).await.unwrap();
        assert_eq!(found.broken.map(|(seq, _)| seq), Some(broken), "{tamper}");
        store.journal(&Scope::everything(), None, 10).await.expect("what is damaged can still be read");
    }
}

#[tokio::test]
async fn erased_words_are_nowhere_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let epoch = active(&store).await;
    // One short enough for its page, one that needs pages of its own.
    let words = ["身份证号四四一九零零".to_owned(), "长篇陈述".repeat(3_000)];
    let journal = words.iter().map(|text| given::line(1, text)).collect();
    stored(&store, epoch, ChangeSet { journal, ..change(0) }).await;
    let erasures = (0..2).map(|line| Erasure { seq: 1, line, reason: "当事人申请".into() }).collect();
    stored(&store, epoch, ChangeSet { erasures, ..change(0) }).await;
    drop(store);
    let bytes = std::fs::read(file(folder.path())).unwrap();
    for word in ["四四一九零零", "长篇陈述"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
    let store = open(folder.path()).await;
    assert_eq!(verify(&store).await.unwrap().erasures.len(), 2);
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_does_not_confuse_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let epoch = active(&store).await;
    for n in 1..20 {
        let abandoned = store.commit(epoch, vec![writes(0, [write(unit(n))])]);
        // Polled once, so that it is under way, and dropped.
        let _ = tokio::time::timeout(std::time::Duration::ZERO, abandoned).await;
        let seq = stored(&store, epoch, change(0)).await.seq;
        assert_eq!(store.head().await.unwrap().seq, seq);
    }
    let found = verify(&store).await.unwrap();
    assert_eq!((found.broken, found.verified_to), (None, store.head().await.unwrap().seq));
    assert!(store.entry(&Scope::everything(), id(1)).await.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    active(&store).await;
    for name in ["fengsui.db", "fengsui.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
