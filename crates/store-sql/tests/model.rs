//! Whatever happens, SQLite and PostgreSQL answer as the model in memory does.

// Helpers of tests may stop the test as the tests themselves may.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod support;

use fengsui_base::{AccountId, Position, Scope};
use fengsui_ledger::{IndexRow, IndexValue, search_terms};
use fengsui_store::conformance::given::{self, active, at, id};
use fengsui_store::{
    CatalogText, ChangeSet, CredentialWrite, Direction, EntryWrite, Epoch, Erasure, Expect, Filter,
    HeardWrite, KeyWrite, LastReading, MemoryStore, Numbering, OutboxMessage, Part, Query, ReadingWrite,
    Receipt, SampleWrite, SessionWrite, Sort, StateKey, Store, verify,
};
use fengsui_store_sql::SqlStore;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

/// Few of everything, so that changes often meet.
const IDS: u128 = 4;

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["席位/1", "席位/2", "slot"]).prop_map(str::to_owned)
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![
        (1..=IDS, 1..4_u64).prop_map(|(n, version)| Expect::Version(id(n), version)),
        key().prop_map(Expect::Absent),
        (key(), 1..=IDS).prop_map(|(key, n)| Expect::HeldBy(key, id(n))),
    ]
}

fn key_write() -> impl Strategy<Value = KeyWrite> {
    prop_oneof![
        (key(), 1..=IDS).prop_map(|(key, n)| KeyWrite::Take(key, id(n))),
        key().prop_map(KeyWrite::Free),
    ]
}

fn index_row() -> impl Strategy<Value = IndexRow> {
    let value = prop_oneof![
        (0..3_i64).prop_map(IndexValue::Integer),
        prop::sample::select(vec![0.5, -0.0, 0.0]).prop_map(IndexValue::Real),
        prop::sample::select(vec!["学校", "医院", "0"]).prop_map(|t| IndexValue::Text(t.to_owned())),
    ];
    (prop::sample::select(vec!["class", "floors"]), value, option::of(-1..2_i64))
        .prop_map(|(field, value, place)| IndexRow { place, ..IndexRow::of(field, value) })
}

fn entry() -> impl Strategy<Value = EntryWrite> {
    let title = prop::sample::select(vec!["云岫商业广场", "东渚消防站", "Ａ座", "a", "𠮷"]);
    let columns = (1..=IDS, 1..4_u64, title, 0..4_i64, any::<bool>(), any::<bool>());
    (columns, vec(index_row(), 0..4), any::<(f64, bool)>()).prop_map(
        |(columns, index, (real, positioned))| {
            let (n, version, title, opened, elsewhere, numbered) = columns;
            let mut entry = given::unit(n);
            (entry.version, entry.title, entry.opened_at) = (version, title.to_owned(), at(opened));
            entry.state = if opened % 2 == 0 { "active".into() } else { "closed".into() };
            entry.owner = elsewhere.then(|| id(9));
            entry.position = positioned.then_some(Position { lng: 118.1, lat: 27.000_000_1 });
            entry.fields.insert("real".into(), json!(real));
            if elsewhere {
                entry.region = given::region(given::OTHER_VILLAGE);
            }
            let next = Numbering::Next { series: "unit".into(), prefix: "N".into(), width: 3 };
            let numbering = if numbered { next } else { Numbering::Keep };
            EntryWrite { grams: search_terms(title), entry, numbering, index }
        },
    )
}

fn session() -> impl Strategy<Value = SessionWrite> {
    let account = |n| AccountId(id(n));
    prop_oneof![
        (0..3_u8, 1..=IDS, 0..9_i64).prop_map(move |(token, n, until)| SessionWrite::Open {
            token_digest: [token; 32],
            account: account(n),
            expires_at: at(until),
            origin: format!("192.0.2.{n}"),
        }),
        (0..3_u8, any::<bool>())
            .prop_map(|(token, locked)| SessionWrite::Lock { token_digest: [token; 32], locked }),
        (0..3_u8).prop_map(|token| SessionWrite::Close { token_digest: [token; 32] }),
        (1..=IDS, option::of(0..3_u8)).prop_map(move |(n, except)| SessionWrite::CloseAll {
            account: account(n),
            except: except.map(|token| [token; 32]),
        }),
    ]
}

fn reading(n: u128, second: i64) -> ReadingWrite {
    let (failures, answered_at) = (u16::try_from(second).unwrap(), (second % 2 == 0).then(|| at(second)));
    let reading = LastReading { asked_at: at(second), answered_at, failures, denied: second > 4 };
    ReadingWrite { terminal: given::terminal(n), reading }
}

fn beside() -> impl Strategy<Value = ChangeSet> {
    let receipt = option::of((0..3_u8, 0..4_u32)).prop_map(|found| {
        found.map(|(n, window_s)| Receipt { key: format!("k{n}"), answer: json!({ "n": n }), window_s })
    });
    let states = vec((1..=IDS, 0..2_u32, 0..5_i64, any::<i32>()), 0..3);
    let samples = vec((1..=IDS, 0..2_u8, 0..9_i64, any::<i16>()), 0..4);
    let erasures = vec((1..6_u64, 0..2_u32), 0..2);
    let rest = (0..3_usize, 0..2_usize, option::of(1..4_u32), option::of(1..=IDS));
    let telemetry = (states, samples);
    (0..6_i64, 1..3_usize, receipt, telemetry, erasures, vec(session(), 0..3), rest).prop_map(
        |(
            second,
            lines,
            receipt,
            (states, samples),
            erasures,
            sessions,
            (frames, messages, catalog, account),
        )| {
            let mut change = ChangeSet::new(at(second));
            change.receipt = receipt;
            change.journal = (0..lines).map(|n| given::line(n as u128 + 1, "已登记")).collect();
            change.states =
                states.into_iter().map(|(n, c, second, bits)| given::state(n, c, second, bits)).collect();
            change.heard =
                samples.iter().map(|s| HeardWrite { terminal: given::terminal(s.0), at: at(s.2) }).collect();
            change.readings = samples.iter().map(|s| reading(s.0, s.2)).collect();
            change.samples = samples.into_iter().map(sample).collect();
            change.erasures = erasures
                .into_iter()
                .map(|(seq, line)| Erasure { seq, line, reason: "申请".into() })
                .collect();
            change.sessions = sessions;
            change.frames = (0..frames).map(|n| given::frame(n as u128 + 1, second)).collect();
            change.outbox =
                (0..messages).map(|n| OutboxMessage { topic: "t".into(), body: json!(n) }).collect();
            change.catalog = catalog.map(|revision| CatalogText {
                revision,
                digest: second.to_string(),
                text: "{}".into(),
            });
            change.credentials = account.into_iter().map(|n| credential(n, second)).collect();
            change
        },
    )
}

fn value(analog_type: u8) -> StateKey {
    StateKey { part: Part::Value, system_type: 11, system_address: 1, component_address: 1, analog_type }
}

fn sample((n, analog_type, second, raw): (u128, u8, i64, i16)) -> SampleWrite {
    SampleWrite { terminal: given::terminal(n), key: value(analog_type), at: at(second), value: raw.into() }
}

fn credential(n: u128, second: i64) -> CredentialWrite {
    CredentialWrite {
        account: AccountId(id(n)),
        phc: format!("$argon2id${second}"),
        must_change: second % 2 == 0,
    }
}

fn change() -> impl Strategy<Value = ChangeSet> {
    (beside(), vec(expect(), 0..2), vec(entry(), 0..3), vec(key_write(), 0..3))
        .prop_map(|(beside, expects, entries, keys)| ChangeSet { expects, entries, keys, ..beside })
}

fn batches() -> impl Strategy<Value = Vec<Vec<ChangeSet>>> {
    vec(vec(change(), 0..4), 1..10)
}

async fn same_everywhere(model: &dyn Store, engine: &dyn Store, batches: Vec<Vec<ChangeSet>>) {
    let epoch = active(model).await;
    assert_eq!(active(engine).await, epoch);
    for batch in batches {
        let expected = model.commit(epoch, batch.clone()).await.unwrap();
        assert_eq!(engine.commit(epoch, batch).await.unwrap(), expected);
        assert_eq!(engine.head().await.unwrap(), model.head().await.unwrap());
    }
    same_entries(model, engine).await;
    same_rest(model, engine).await;
    same_after_purge(model, engine, epoch).await;
}

fn by_field(field: &str, all: &Query) -> Query {
    Query { sort: Sort::Field(field.into()), ..all.clone() }
}

fn queries() -> Vec<Query> {
    let all = Query { limit: 2, ..given::units() };
    let by = |filter| Query { filters: vec![filter], ..all.clone() };
    vec![
        all.clone(),
        Query { direction: Direction::Ascending, sort: Sort::Title, ..all.clone() },
        Query { direction: Direction::Ascending, sort: Sort::Due, ..all.clone() },
        by_field("floors", &all),
        Query { direction: Direction::Ascending, ..by_field("class", &all) },
        Query { scope: given::township(), ..by_field("floors", &all) },
        Query { states: vec!["active".into(), "closed".into()], ..by_field("floors", &all) },
        Query { terms: search_terms("商业"), ..by_field("class", &all) },
        Query { scope: given::township(), ..all.clone() },
        Query { states: vec!["active".into()], ..all.clone() },
        Query { terms: search_terms("商业"), ..all.clone() },
        Query { terms: search_terms("N00"), sort: Sort::Title, ..all.clone() },
        Query { opened: Some(at(1)..at(3)), direction: Direction::Ascending, ..all.clone() },
        by(Filter::Is("class".into(), IndexValue::Text("学校".into()))),
        by(Filter::Is("floors".into(), IndexValue::Real(0.0))),
        by(Filter::Is("floors".into(), IndexValue::Integer(0))),
        by(Filter::Owner(id(9))),
        by(Filter::Title("Ａ座".into())),
    ]
}

async fn same_entries(model: &dyn Store, engine: &dyn Store) {
    for mut query in queries() {
        assert_eq!(engine.count(&query).await.unwrap(), model.count(&query).await.unwrap(), "{query:?}");
        for field in ["state", "class", "floors"] {
            let expected = model.tally(&query, field).await.unwrap();
            assert_eq!(engine.tally(&query, field).await.unwrap(), expected, "{field} of {query:?}");
        }
        loop {
            let page = engine.list(&query).await.unwrap();
            assert_eq!(page, model.list(&query).await.unwrap(), "{query:?}");
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
    }
}

async fn same_rest(model: &dyn Store, engine: &dyn Store) {
    let everything = Scope::everything();
    assert_eq!(engine.keys("", 100).await.unwrap(), model.keys("", 100).await.unwrap());
    let found = engine.journal_since(0, 10_000).await.unwrap();
    assert_eq!(found, model.journal_since(0, 10_000).await.unwrap());
    assert_eq!(verify(engine).await.unwrap(), verify(model).await.unwrap());
    assert_eq!(verify(engine).await.unwrap().broken, None);
    assert_eq!(engine.states(None, 100).await.unwrap(), model.states(None, 100).await.unwrap());
    assert_eq!(engine.outbox(100).await.unwrap(), model.outbox(100).await.unwrap());
    assert_eq!(engine.catalog().await.unwrap(), model.catalog().await.unwrap());
    for n in 1..=IDS {
        let terminal = given::terminal(n);
        let expected = model.frames_of(&everything, terminal, None, 100).await.unwrap();
        assert_eq!(engine.frames_of(&everything, terminal, None, 100).await.unwrap(), expected);
        let account = AccountId(id(n));
        let expected = model.sessions_of(account, at(0), 9).await.unwrap();
        assert_eq!(engine.sessions_of(account, at(0), 9).await.unwrap(), expected);
        assert!(engine.credential(account).await.unwrap() == model.credential(account).await.unwrap());
        let expected = model.journal_of(&given::township(), id(n), None, 100).await.unwrap();
        assert_eq!(engine.journal_of(&given::township(), id(n), None, 100).await.unwrap(), expected);
    }
}

async fn same_history(model: &dyn Store, engine: &dyn Store) {
    assert_eq!(engine.readings(None, 100).await.unwrap(), model.readings(None, 100).await.unwrap());
    assert_eq!(engine.heard(None, 100).await.unwrap(), model.heard(None, 100).await.unwrap());
    for (n, analog_type) in (1..=IDS).flat_map(|n| [(n, 0), (n, 1)]) {
        let (terminal, key) = (given::terminal(n), value(analog_type));
        for (window, buckets) in [(at(0)..at(9), 3), (at(1)..at(8), 100)] {
            let expected = model.samples(terminal, key, window.clone(), buckets).await.unwrap();
            assert_eq!(engine.samples(terminal, key, window, buckets).await.unwrap(), expected);
        }
    }
}

async fn same_after_purge(model: &dyn Store, engine: &dyn Store, epoch: Epoch) {
    same_history(model, engine).await;
    let expected = model.purge_samples(epoch, at(5), 1_000).await.unwrap();
    assert_eq!(engine.purge_samples(epoch, at(5), 1_000).await.unwrap(), expected);
    same_history(model, engine).await;
    let expected = model.purge(epoch, at(4), at(3), 1_000).await.unwrap();
    assert_eq!(engine.purge(epoch, at(4), at(3), 1_000).await.unwrap(), expected);
    for token in 0..3 {
        let expected = model.session([token; 32], at(0)).await.unwrap();
        assert_eq!(engine.session([token; 32], at(0)).await.unwrap(), expected);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

#[test]
fn sqlite_answers_as_the_model() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&batches(), |batches| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let engine = SqlStore::open("sqlite", folder.path()).await.unwrap();
            same_everywhere(&MemoryStore::new(), &engine, batches).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn postgres_answers_as_the_model() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&batches(), |batches| {
        runtime.block_on(support::with_postgres(async |url: String| {
            same_everywhere(&MemoryStore::new(), &support::open(&url).await, batches).await;
        }));
        Ok(())
    });
    outcome.unwrap();
}
