//! What a ledger costs as it grows: a hundred thousand, a million, ten million entries.
//!
//! For each size a ledger of hazards is stored in SQLite on this disk: twenty townships, a unit for every fifty entries,
//! one in ten still open, one in a hundred overdue. Then a process of its own starts on that data and says what its pages
//! cost, and what it costs to open an entry. Beside each page stands the bare limit: the same fifty entries read by id.
//!
//! `cargo bench -p fengsui-app --bench ledgers [-- SIZE…]`; `FENGSUI_SCALE_DIR` keeps the ledgers and uses them again.
//! `… -- import SIZE` takes such a ledger in as a table (CSV, through the whole path: sent, checked row by row, confirmed,
//! each entry with journal, index and search rows) and, in the same run, hands as many finished entries to the store alone.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures by the wall clock, talks to the terminal, and stops at once when something is wrong"
)]

mod intake;
mod meter;

use fengsui_app::kit::{COUNTY, Desk, code};
use fengsui_app::{DueStanding, ImportSubject, LedgerFilter, LedgerForm, SignedIn};
use fengsui_base::{EntryId, Fields, Level, Region, Scope};
use fengsui_catalog::Catalog;
use fengsui_ledger::{Entry, grams, index_rows};
use fengsui_store::{ChangeSet, EntryWrite, Lease, Numbering, Outcome, Sort, Store};
use intake::take_in;
use jiff::SignedDuration;
use meter::{Begun, each, resident};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes measured when none is named.
const SIZES: [u32; 3] = [100_000, 1_000_000, 10_000_000];
/// Above this size search rows are left out: they are what takes the time and the disk, and nothing but a search reads them.
const SEARCHED_MAX: u32 = 100_000;
/// Entries of one change while a ledger is stored.
const PIECE: usize = 5_000;
/// Entries of one unit.
const UNIT_ENTRIES: u32 = 50;
/// Townships of the county.
const TOWNS: u32 = 20;
/// One in so many entries is open, and one in so many overdue.
const OPEN: u32 = 10;
const OVERDUE: u32 = 100;
/// Rows of a page.
const PAGE: u16 = 50;
/// How often each page is read.
const READ: u32 = 40;
/// How many entries are opened one after another.
const OPENED: u32 = 200;
/// Rows that are taken in when no number is named.
const IMPORTED: u32 = 200_000;
/// Units that the rows of an imported table are of.
const IMPORTED_UNITS: u32 = 2_000;
/// The ledger.
const LEDGER: &str = "hazard";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match arguments.first().map(String::as_str) {
        Some("build") => {
            let size = arguments[2].parse().unwrap();
            runtime.block_on(build(Path::new(&arguments[1]), size, size <= SEARCHED_MAX));
        }
        Some("import") => {
            let size = arguments.get(1).map_or(IMPORTED, |size| size.parse().unwrap());
            runtime.block_on(import_all(tempfile::tempdir().unwrap().path(), size));
            print!("bare: as many entries ");
            runtime.block_on(build(tempfile::tempdir().unwrap().path(), size, true));
        }
        Some("run") => runtime.block_on(run(Path::new(&arguments[1]), arguments[2].parse().unwrap())),
        _ => {
            let named: Vec<u32> = arguments.iter().map(|a| a.parse().unwrap()).collect();
            let kept = std::env::var("FENGSUI_SCALE_DIR").ok().map(PathBuf::from);
            let sizes = if named.is_empty() { SIZES.to_vec() } else { named };
            sizes.into_iter().for_each(|size| measure(kept.as_deref(), size));
        }
    }
}

fn measure(kept: Option<&Path>, size: u32) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or(temporary.path()).join(format!("ledger-{size}"));
    println!("== {size} entries of one ledger, {} units", size / UNIT_ENTRIES);
    if !folder.join("complete").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        role("build", &folder, size);
        std::fs::write(folder.join("complete"), "").unwrap();
    }
    role("run", &folder, size);
}

/// Does a part of the measurement in a process of its own.
fn role(role: &str, folder: &Path, size: u32) {
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args([role, folder.to_str().unwrap(), &size.to_string()])
        .status();
    assert!(status.unwrap().success(), "{role} ended with an error");
}

fn town(number: u32) -> String {
    format!("990101{:03}000", 100 + number)
}

async fn county(folder: &Path) -> Desk {
    let store: Arc<dyn Store> = fengsui_store_sql::open("sqlite", folder).await.unwrap();
    Desk::open(store).await
}

/// Takes in a register of units and a ledger of hazards as tables.
async fn import_all(folder: &Path, size: u32) {
    let desk = county(folder).await;
    desk.app.keep_uploads_in(folder.join("uploads")).unwrap();
    let parts = [("fire_supervisor", COUNTY), ("duty_officer", COUNTY)];
    desk.employ_with("luomin", "骆敏", &parts).await;
    let who = desk.sign_in("luomin").await;
    take_in(&desk, &who, ImportSubject::Unit, None, units(IMPORTED_UNITS)).await;
    let before = resident();
    take_in(&desk, &who, ImportSubject::Ledger, Some(LEDGER), table(size)).await;
    println!("memory, more than before {:>10.0} MB", (resident() as f64 - before as f64) / 1e6);
}

fn units(size: u32) -> String {
    let mut text = "编号,单位名称,类别,辖区,地址\n".to_owned();
    for n in 0..size {
        writeln!(text, "T{n:05},第 {n} 号商铺,工厂,{COUNTY},滨江路 {n} 号").unwrap();
    }
    text
}

fn table(size: u32) -> String {
    let mut text = "外部编号,隐患,责任单位,隐患类别,风险等级,发现日期,登记日期,部位\n".to_owned();
    for n in 0..size {
        let (unit, floor) = (n % IMPORTED_UNITS, n % 30);
        writeln!(
            text,
            "H{n},灭火器压力不足 {n} 具,T{unit:05},消防设施器材,一般,2026-11-02,2026-11-02,{floor} 层"
        )
        .unwrap();
    }
    text
}

/// Stores the ledger straight, each entry shaped like one that was lived through the application.
async fn build(folder: &Path, size: u32, searched: bool) {
    let desk = county(folder).await;
    let region = |n| Region {
        code: code(&town(n)),
        name: format!("第{n}镇"),
        level: Level::Township,
        parent: Some(code(COUNTY)),
        valid_from_on: None,
        valid_until_on: None,
    };
    desk.app.add_regions((0..TOWNS).map(region).collect(), "量测").await.unwrap();
    desk.employ_with("luomin", "骆敏", &[("fire_supervisor", COUNTY), ("brigade_head", COUNTY)]).await;
    let unit = desk.register("云岫商业广场", COUNTY, "8801", 1).await;
    let who = desk.sign_in("luomin").await;
    let models = models(&desk, &who, unit.into()).await;
    let now = desk.app.now();
    let Lease::Held { epoch, .. } =
        desk.store.claim_lease("云岫县值守节点", None, now, Duration::from_secs(3_600)).await.unwrap()
    else {
        panic!("the county is this process's own")
    };
    let line = desk.store.journal_since(0, 1).await.unwrap()[0].2[0].content.clone().unwrap();
    let begun = Begun::now();
    let catalog = desk.app.catalog();
    let mut writes = (0..size).map(|n| write(catalog, like(&models, n), searched)).peekable();
    while writes.peek().is_some() {
        let entries = writes.by_ref().take(PIECE).collect();
        let change = ChangeSet { journal: vec![line.clone()], entries, ..ChangeSet::new(now) };
        let stored = desk.store.commit(epoch, vec![change]).await.unwrap();
        assert!(matches!(stored[..], [Outcome::Committed(_)]), "{stored:?}");
    }
    println!("stored in {:.0} s", begun.took_s().0);
}

/// An entry that was ordered, and one that is over: each lived through the application.
async fn models(desk: &Desk, who: &SignedIn, unit: EntryId) -> [Entry; 2] {
    let open = || async {
        let form = form("register", hazard(unit, 0));
        desk.app.open_entry(&who.grant, LEDGER, form, None).await.unwrap()
    };
    let ordered = open().await;
    let order = form("order", json!({ "correct_by": "2026-12-20", "basis": "消防法 第二十八条" }));
    let ordered = desk.app.move_entry(&who.grant, LEDGER, ordered.id, ordered.version, order).await.unwrap();
    let over = open().await;
    let done = form("void", json!({ "void_reason": "登记重复" }));
    let over = desk.app.move_entry(&who.grant, LEDGER, over.id, over.version, done).await.unwrap();
    [ordered, over]
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

fn hazard(unit: EntryId, n: u32) -> Value {
    let of = |words: &[&str]| words[n as usize % words.len()].to_owned();
    let what = of(&["常闭式防火门损坏", "疏散通道堆放货物", "消火栓无水", "配电箱前堆物"]);
    json!({
        "what": format!("{what} {n}"), "unit": unit.to_string(), "place": format!("{} 层", n % 30),
        "category": of(&["escape", "facility", "electric"]),
        "risk": of(&["considerable", "ordinary", "ordinary", "low"]), "found_on": "2026-11-20",
    })
}

fn unit_id(n: u32) -> EntryId {
    EntryId::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0000 | u128::from(n % 1_000_000))
}

/// The n-th entry, like one that was lived: its own place, unit, words and days.
fn like(models: &[Entry; 2], n: u32) -> Entry {
    let open = n.is_multiple_of(OPEN);
    let model = &models[usize::from(!open)];
    let unit = n / UNIT_ENTRIES;
    let mut fields: Fields = model.fields.clone();
    let Value::Object(own) = hazard(unit_id(unit), n) else { panic!("fields are an object") };
    fields.extend(own);
    // Over a year of work; a tenth of what is open is overdue.
    let opened_at = model.opened_at - SignedDuration::from_mins(i64::from(n % 525_600));
    let late = SignedDuration::from_hours(24 * 60 + i64::from(n % 977));
    let shift =
        if n.is_multiple_of(OVERDUE) { -late } else { SignedDuration::from_mins(i64::from(n % 40_000)) };
    Entry {
        id: EntryId::from_u128(0x0195_0000_0000_7000_8000_0000_0000_0000 | u128::from(n)),
        region: code(&town(unit % TOWNS)),
        number: Some(format!("YH-2026-{n:08}")),
        title: fields["what"].as_str().unwrap().to_owned(),
        owner: model.owner.map(|_| unit_id(unit)),
        opened_at,
        due_at: model.due_at.map(|at| at + shift),
        // What is overdue has said so already.
        wake_at: model.wake_at.map(|at| at + shift.max(SignedDuration::ZERO)),
        closed_at: model.closed_at.map(|at| at - SignedDuration::from_mins(i64::from(n % 500_000))),
        version: 1,
        fields,
        ..model.clone()
    }
}

fn write(catalog: &Catalog, entry: Entry, searched: bool) -> EntryWrite {
    let kind = catalog.kind(&entry.kind).unwrap();
    let number = entry.number.as_deref();
    let grams = if searched { grams(kind, &entry.title, number, &entry.fields) } else { Vec::new() };
    EntryWrite { index: index_rows(kind, &entry.fields), grams, numbering: Numbering::Keep, entry }
}

fn everything(sort: Sort) -> LedgerFilter {
    LedgerFilter { sort, limit: PAGE, ..LedgerFilter::default() }
}

/// The pages that a day asks for.
fn pages(size: u32) -> Vec<(&'static str, LedgerFilter)> {
    let open = LedgerFilter { standing: Some(DueStanding::Open), ..everything(Sort::Due) };
    let mut pages = vec![
        ("open, due first", open.clone()),
        ("all, newest first", LedgerFilter { descending: true, ..everything(Sort::Opened) }),
        ("all, gravest first", everything(Sort::Field("risk".to_owned()))),
        ("open, by the day found", LedgerFilter { sort: Sort::Field("found_on".to_owned()), ..open.clone() }),
        ("overdue", LedgerFilter { standing: Some(DueStanding::Overdue), ..everything(Sort::Due) }),
        ("open of a township", LedgerFilter { region: Some(code(&town(7))), ..open.clone() }),
        (
            "three filters",
            LedgerFilter {
                region: Some(code(&town(7))),
                states: vec!["ordered".to_owned()],
                fields: vec![("risk".to_owned(), "considerable".to_owned())],
                ..everything(Sort::Due)
            },
        ),
        ("of one unit", LedgerFilter { unit: Some(unit_id(77)), ..everything(Sort::Opened) }),
    ];
    if size <= SEARCHED_MAX {
        pages.push(("two characters", LedgerFilter { text: Some("防火".to_owned()), ..open.clone() }));
    }
    pages
}

async fn run(folder: &Path, size: u32) {
    let before = resident();
    let begun = Begun::now();
    let desk = county(folder).await;
    println!("start                    {:>10.1} ms", begun.took_s().0 * 1e3);
    let who = desk.sign_in("luomin").await;
    let found = desk.app.ledger_entries(&who.grant, LEDGER, everything(Sort::Opened)).await.unwrap().0;
    let ids: Vec<EntryId> = found.items.iter().map(|entry| entry.id).collect();
    let anywhere = Scope::everything();
    each("bare: 50 entries by id", READ, |_| desk.store.entries(&anywhere, &ids)).await;
    for (what, filter) in pages(size) {
        let page = desk.app.ledger_entries(&who.grant, LEDGER, filter.clone()).await.unwrap();
        assert!(!page.0.items.is_empty(), "{what} finds something");
        each(what, READ, |_| desk.app.ledger_entries(&who.grant, LEDGER, filter.clone())).await;
    }
    each("counts above the list", READ, |_| desk.app.ledger_tallies(&who.grant, LEDGER)).await;
    each("what a person must do", READ, |_| desk.app.agenda(&who.grant)).await;
    each("quiet clocks", READ, |_| desk.app.reconcile_deadlines()).await;
    let unit = desk.store.key("unit/code/U8801").await.unwrap().unwrap();
    each("an entry is opened", OPENED, |n| {
        let form = form("register", hazard(unit, n));
        desk.app.open_entry(&who.grant, LEDGER, form, None)
    })
    .await;
    println!("memory                   {:>10.0} MB", (resident() - before) as f64 / 1e6);
}
