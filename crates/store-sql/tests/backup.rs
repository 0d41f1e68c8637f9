//! A backup is whole, the same from either engine, and refused when it is not.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use fengsui_base::{AccountId, Position};
use fengsui_ledger::{IndexRow, IndexValue, search_terms};
use fengsui_store::conformance::given::{self, active, at, change, id, stored, unit, units, write};
use fengsui_store::{
    Blob, CatalogText, ChangeSet, CredentialWrite, Cursor as Place, Direction, EntryWrite, Erasure,
    HeardWrite, KeyWrite, LastReading, Numbering, OutboxMessage, Part, Query, ReadingWrite, SampleWrite,
    SecretWrite, SessionWrite, Sort, StateKey, Store, verify,
};
use fengsui_store_sql::{BackupError, LINE_BYTES_MAX, SCHEMA, SealKey, SqlStore, Summary, dump, restore};
use serde_json::json;
use std::io::Cursor;

async fn sqlite(folder: &tempfile::TempDir) -> SqlStore {
    SqlStore::open("sqlite", folder.path()).await.unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Some of everything, and more entries than are in memory at a time.
async fn fill(store: &SqlStore) {
    let epoch = active(store).await;
    stored(store, epoch, everything()).await;
    let erasure = Erasure { seq: 1, line: 0, reason: "当事人申请".into() };
    stored(store, epoch, ChangeSet { erasures: vec![erasure], ..change(1) }).await;
    store.put_blob(epoch, picture(), at(0)).await.unwrap();
    let many =
        (10..1_210).map(|n| ChangeSet { entries: vec![named(n, "东渚消防站")], ..change(2) }).collect();
    store.commit(epoch, many).await.unwrap();
}

/// A blob of several parts.
fn picture() -> Blob {
    Blob::new("image/png", (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect())
}

fn named(n: u128, title: &str) -> EntryWrite {
    EntryWrite {
        grams: search_terms(title),
        ..write(fengsui_ledger::Entry { title: title.into(), ..unit(n) })
    }
}

fn everything() -> ChangeSet {
    let mut numbered = named(1, "云岫商业广场\n二层");
    numbered.entry.position = Some(Position { lng: 118.123_456_789_012_34, lat: -0.1 });
    numbered.numbering = Numbering::Next { series: "unit".into(), prefix: "N".into(), width: 4 };
    numbered.index =
        vec![IndexRow { place: Some(-3), ..IndexRow::of("class", IndexValue::Text("学校".into())) }];
    let account = AccountId(id(5));
    let open = SessionWrite::Open {
        token_digest: [9; 32],
        account,
        expires_at: at(100),
        origin: "192.0.2.9".into(),
    };
    ChangeSet {
        receipt: Some(given::receipt("a")),
        entries: vec![numbered],
        keys: vec![KeyWrite::Take("单位/1".into(), id(1))],
        journal: vec![given::line(1, "甲"), given::line(1, "乙")],
        states: vec![given::state(1, 7, 0, -3)],
        samples: vec![sample()],
        readings: vec![reading()],
        heard: vec![HeardWrite { terminal: given::terminal(1), at: at(3) }],
        frames: vec![given::frame(1, 0)],
        outbox: vec![OutboxMessage { topic: "t".into(), body: json!({ "a": [1, 0.5] }) }],
        credentials: vec![CredentialWrite { account, phc: "$argon2id$x".into(), must_change: true }],
        secrets: vec![SecretWrite { owner: id(1), name: "key".into(), value: Some("钥".into()) }],
        sessions: vec![open, SessionWrite::Lock { token_digest: [9; 32], locked: true }],
        catalog: Some(CatalogText { revision: 1, digest: "d".into(), text: "{\"甲\":1}".into() }),
        ..change(0)
    }
}

fn reading() -> ReadingWrite {
    let reading = LastReading { asked_at: at(3), answered_at: Some(at(2)), failures: 1, denied: true };
    ReadingWrite { terminal: given::terminal(1), reading }
}

fn sample() -> SampleWrite {
    let key = StateKey { part: Part::Value, analog_type: 3, ..given::state(1, 7, 0, 0).key };
    SampleWrite { terminal: given::terminal(1), key, at: at(3), value: -40 }
}

async fn dumped(store: &SqlStore) -> (Vec<u8>, Summary) {
    dump(store, at(50), Vec::new()).await.unwrap()
}

async fn restored(store: &SqlStore, bytes: &[u8]) -> Result<Summary, BackupError> {
    restore(store, Cursor::new(bytes.to_vec())).await
}

/// Whether the copy says what the original says, and goes on where it ended.
async fn is_the_same(copy: &SqlStore, original: &SqlStore) {
    let head = original.head().await.unwrap();
    assert_eq!(copy.head().await.unwrap(), head);
    let found = verify(copy).await.unwrap();
    assert_eq!((found.broken, found.chain, found.erasures.len()), (None, head.chain, 1));
    assert_eq!(copy.list(&units()).await.unwrap(), original.list(&units()).await.unwrap());
    let search = Query { terms: search_terms("商业 N0001"), ..units() };
    assert_eq!(copy.count(&search).await.unwrap(), 1, "search works again");
    let by_class =
        Query { sort: Sort::Field("class".into()), direction: Direction::Ascending, limit: 1, ..units() };
    let first = copy.list(&by_class).await.unwrap();
    assert_eq!(first.next, Some(Place::Placed("class".into(), -3, id(1))), "its order is there again");
    assert_eq!(first, original.list(&by_class).await.unwrap());
    assert_eq!(copy.blob(&picture().name()).await.unwrap(), Some(picture()));
    assert_eq!(copy.key("单位/1").await.unwrap(), Some(id(1)));
    assert_eq!(copy.states(None, 9).await.unwrap(), original.states(None, 9).await.unwrap());
    assert!(
        copy.credential(AccountId(id(5))).await.unwrap()
            == original.credential(AccountId(id(5))).await.unwrap()
    );
    let session = copy.session([9; 32], at(99)).await.unwrap();
    assert_eq!(session, original.session([9; 32], at(99)).await.unwrap());
    assert!(session.is_some_and(|s| s.locked), "a locked session stays locked");
    assert_eq!(copy.secrets(id(1)).await.unwrap(), [("key".to_owned(), "钥".to_owned())].into());
}

async fn goes_on(copy: &SqlStore) {
    let seq = copy.head().await.unwrap().seq;
    let epoch = active(copy).await;
    let mut numbered = named(9_000, "新单位");
    numbered.numbering = Numbering::Next { series: "unit".into(), prefix: "N".into(), width: 4 };
    let next = stored(copy, epoch, ChangeSet { entries: vec![numbered], ..change(3) }).await;
    assert_eq!((next.seq, next.numbers[0].1.as_str()), (seq + 1, "N0002"));
    assert_eq!(verify(copy).await.unwrap().verified_to, seq + 1);
}

/// A backup gives no secret away, and whoever restores it needs the key of the site, on the other engine too.
async fn sealed_and_restored(original: &SqlStore, copy: &SqlStore) {
    let key = || SealKey::of([7; 32]);
    original.seal_by(active(original).await, key()).await.unwrap();
    fill(original).await;
    let (bytes, _) = dumped(original).await;
    assert!(!String::from_utf8(bytes.clone()).unwrap().contains("钥"), "a secret in the backup");
    restored(copy, &bytes).await.unwrap();
    assert_eq!(copy.sealing_keys().await.unwrap(), [key().id()]);
    assert!(copy.secrets(id(1)).await.is_err(), "without the key");
    let epoch = active(copy).await;
    assert!(copy.seal_by(epoch, SealKey::of([8; 32])).await.is_err(), "with another key");
    assert_eq!(copy.seal_by(epoch, key()).await.unwrap(), 0);
    is_the_same(copy, original).await;
}

#[tokio::test]
async fn a_backup_gives_no_secret_away_and_opens_with_the_key_of_the_site() {
    let (from, to) = (folder(), folder());
    sealed_and_restored(&sqlite(&from).await, &sqlite(&to).await).await;
}

#[tokio::test]
async fn the_key_of_the_site_opens_a_backup_on_the_other_engine() {
    support::with_postgres(async |url: String| {
        let folder = folder();
        sealed_and_restored(&support::open(&url).await, &sqlite(&folder).await).await;
    })
    .await;
    support::with_postgres(async |url: String| {
        let folder = folder();
        sealed_and_restored(&sqlite(&folder).await, &support::open(&url).await).await;
    })
    .await;
}

#[tokio::test]
async fn a_county_moves_from_file_to_file() {
    let (from, to) = (folder(), folder());
    let original = sqlite(&from).await;
    fill(&original).await;
    let (bytes, summary) = dumped(&original).await;
    let copy = sqlite(&to).await;
    assert_eq!(restored(&copy, &bytes).await.unwrap(), summary);
    assert_eq!((summary.head, summary.created_at), (original.head().await.unwrap(), at(50)));
    assert_eq!(summary.rows["entry"], 1_201);
    is_the_same(&copy, &original).await;
    assert!(dumped(&copy).await.0 == bytes, "a backup of the copy is the same file");
    goes_on(&copy).await;
}

#[tokio::test]
async fn a_county_moves_from_sqlite_to_postgres_and_back() {
    support::with_postgres(async |url: String| {
        let (from, back) = (folder(), folder());
        let original = sqlite(&from).await;
        fill(&original).await;
        let (bytes, summary) = dumped(&original).await;
        let server = support::open(&url).await;
        assert_eq!(restored(&server, &bytes).await.unwrap(), summary);
        is_the_same(&server, &original).await;
        let (again, _) = dumped(&server).await;
        assert!(again == bytes, "the file is the same whichever engine wrote it");
        let returned = sqlite(&back).await;
        restored(&returned, &again).await.unwrap();
        is_the_same(&returned, &original).await;
        goes_on(&server).await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_is_made_beside_the_writer() {
    let (from, to) = (folder(), folder());
    let original = sqlite(&from).await;
    fill(&original).await;
    let beside = SqlStore::open_to_read("sqlite", from.path()).await.unwrap();
    let (bytes, _) = dumped(&beside).await;
    let copy = sqlite(&to).await;
    restored(&copy, &bytes).await.unwrap();
    is_the_same(&copy, &original).await;
}

#[tokio::test]
async fn an_empty_store_is_backed_up_and_restored() {
    let (from, to) = (folder(), folder());
    let (bytes, _) = dumped(&sqlite(&from).await).await;
    let copy = sqlite(&to).await;
    assert_eq!(restored(&copy, &bytes).await.unwrap().head.seq, 0);
}

async fn small_backup() -> Vec<u8> {
    let from = folder();
    let store = sqlite(&from).await;
    let epoch = active(&store).await;
    stored(&store, epoch, everything()).await;
    dumped(&store).await.0
}

/// The refusal's code; the target stays empty and takes the right backup afterwards.
async fn refusal(bytes: &[u8], good: &[u8]) -> &'static str {
    let to = folder();
    let store = sqlite(&to).await;
    let refused = restored(&store, bytes).await.unwrap_err();
    assert!(!refused.to_string().is_empty());
    assert_eq!(store.head().await.unwrap().seq, 0);
    restored(&store, good).await.unwrap();
    refused.code()
}

#[tokio::test]
async fn a_store_with_data_is_no_target() {
    let good = small_backup().await;
    let to = folder();
    let store = sqlite(&to).await;
    restored(&store, &good).await.unwrap();
    let refused = restored(&store, &good).await.unwrap_err();
    assert_eq!(refused.code(), "backup.target_not_empty");
    assert!(refused.to_string().contains("change"), "{refused}");
    assert_eq!(store.head().await.unwrap().seq, 1);
}

#[tokio::test]
async fn a_truncated_file_is_refused_wherever_it_ends() {
    let good = small_backup().await;
    let ends: Vec<_> =
        good.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let (_, but_last) = ends.split_last().unwrap();
    for end in but_last {
        assert_eq!(refusal(&good[..*end], &good).await, "backup.truncated", "after a line");
        assert_eq!(refusal(&good[..end + 5], &good).await, "backup.truncated", "within a line");
    }
    assert_eq!(refusal(&good[..good.len() - 1], &good).await, "backup.truncated", "the last byte");
}

#[tokio::test]
async fn an_altered_file_is_refused() {
    let good = small_backup().await;
    let text = String::from_utf8(good.clone()).unwrap();
    for (from, to) in [
        ("云岫商业", "云岫商叶"),
        ("\"held_key\"", "\"seen_key\""),
        ("[\"series\",\"unit\",1]", "[\"series\",\"unit\",2]"),
        ("[\"series\",\"unit\",1]\n", ""),
        ("[\"series\",\"unit\",1]\n", "[\"series\",\"unit\",1]\n[\"series\",\"unit\",1]\n"),
        ("[\"series\",\"unit\",1]", "[\"series\",\"unit\"]"),
        ("[\"series\",\"unit\",1]", "[\"series\",\"unit\",\"1\"]"),
        ("[\"series\",\"unit\",1]", "[\"series\",\"unit\",null]"),
        ("\"sha256\":\"", "\"sha256\":\"0"),
    ] {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text, "{from}");
        assert_eq!(refusal(altered.as_bytes(), &good).await, "backup.altered", "{from} → {to}");
    }
    let longer = format!("{text}{{}}\n");
    assert_eq!(refusal(longer.as_bytes(), &good).await, "backup.altered");
}

#[tokio::test]
async fn a_line_is_read_up_to_its_limit() {
    let good = small_backup().await;
    let header = good.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let with_line = |length: u64| {
        let mut bytes = good[..header].to_vec();
        bytes.resize(header + usize::try_from(length).unwrap() - 1, b' ');
        bytes.push(b'\n');
        bytes.extend_from_slice(&good[header..]);
        bytes
    };
    // At the limit the line is read, and is no row; beyond it, it is not read to its end.
    for (length, too_long) in [(LINE_BYTES_MAX, false), (LINE_BYTES_MAX + 1, true)] {
        let to = folder();
        let refused = restored(&sqlite(&to).await, &with_line(length)).await.unwrap_err();
        assert_eq!(refused.to_string().contains("有一行过长"), too_long, "{length}: {refused}");
    }
}

#[tokio::test]
async fn a_newer_backup_is_refused() {
    let good = small_backup().await;
    let text = String::from_utf8(good.clone()).unwrap();
    let schema = text.replacen(&format!("\"schema\":{SCHEMA},"), &format!("\"schema\":{},", SCHEMA + 1), 1);
    let format = text.replacen("\"version\":1,", "\"version\":2,", 1);
    for newer in [schema, format] {
        assert_ne!(newer, text);
        assert_eq!(refusal(newer.as_bytes(), &good).await, "backup.too_new");
    }
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let good = small_backup().await;
    for other in [
        "",
        "\n",
        "hello\n",
        "{}\n",
        "{\"format\":\"zip\",\"version\":1,\"schema\":1}\n",
        "[1]\n",
        "没有换行",
    ] {
        assert_eq!(refusal(other.as_bytes(), &good).await, "backup.not_a_backup", "{other:?}");
    }
}
