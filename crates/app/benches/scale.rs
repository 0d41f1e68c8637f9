//! What a registry costs as it grows: ten thousand, a hundred thousand, a million terminals.
//!
//! For each size a county is stored in SQLite on this disk: a unit for every ten terminals, a point and a last-known
//! state for each. Then a process of its own starts on that data and says what it takes: memory, time until the first
//! fire is stored, and the cost of each thing that happens often. Growth must be flat or logarithmic; the plan wants at
//! most 1.5 GB and 20 s at a million.
//!
//! Beside the time by the clock stands the processor's, of all threads together: on a machine that others use it is the
//! one that can be compared.
//!
//! `cargo bench -p fengsui-app --bench scale [-- SIZE…]`; `FENGSUI_SCALE_DIR` keeps the counties and uses them again.
//! `cargo bench -p fengsui-app --bench scale -- import SIZE` measures how fast such a county is taken in as tables (CSV,
//! check and commit).
//! `cargo bench -p fengsui-app --bench scale -- open SIZE` measures a night in which so many terminals report at once, a fire
//! for every three faults, and nobody sits at the desk: the ticks of the clock, the memory, and a start in the middle of it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures by the wall clock, talks to the terminal, and stops at once when something is wrong"
)]

mod intake;
mod meter;

use fengsui_alarm::Condition;
use fengsui_app::kit::{COUNTY, Desk, code, key};
use fengsui_app::{ImportSubject, OutageFilter, Report, SignedIn, TerminalFilter, UnitFilter};
use fengsui_base::{EntryId, Level, Position, Region, Scope, TerminalId, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_ledger::{Entry, grams, index_rows};
use fengsui_store::{ChangeSet, EntryWrite, HeardWrite, LastState, Lease, Numbering, StateWrite, Store};
use futures::StreamExt;
use intake::take_in;
use meter::{Begun, each, resident};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sizes measured when none is named.
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
/// Terminals of one unit.
const UNIT_TERMINALS: u32 = 10;
/// Townships of the county.
const TOWNS: u32 = 20;
/// Frames in flight at once where many are taken in.
const TOGETHER: usize = 64;
/// Most faults that are open while pages are read.
const FAULTS_MAX: u32 = 100_000;
/// Above this size search rows are left out: they are what takes the time, and nothing but a search reads them.
const SEARCHED_MAX: u32 = 100_000;
/// Alarms that are open in the night that `open` measures.
const FLOOD: u32 = 20_000;
/// Entries of one change while a county is stored.
const PIECE: usize = 5_000;
/// Sources start behind this number.
const SOURCE: u32 = 10_000_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench").peekable();
    match arguments.peek().map(String::as_str) {
        Some("build" | "run" | "flood" | "again") => {
            let (role, folder, size) =
                (arguments.next().unwrap(), arguments.next().unwrap(), arguments.next().unwrap());
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            let (folder, size) = (PathBuf::from(folder), size.parse().unwrap());
            match role.as_str() {
                "build" => runtime.block_on(build(&folder, size)),
                "flood" => runtime.block_on(flood(&folder, size)),
                "again" => runtime.block_on(again(&folder, size)),
                _ => runtime.block_on(run(&folder, size)),
            }
        }
        Some("import") => {
            let size = arguments.nth(1).map_or(SIZES[1], |a| a.parse().unwrap());
            let (runtime, folder) = (tokio::runtime::Runtime::new().unwrap(), tempfile::tempdir().unwrap());
            runtime.block_on(import_all(folder.path(), size));
        }
        Some("open") => {
            let size = arguments.nth(1).map_or(FLOOD, |a| a.parse().unwrap());
            let folder = tempfile::tempdir().unwrap();
            println!("== {size} terminals report at once");
            ["build", "flood", "again"].iter().for_each(|part| role(part, folder.path(), size));
        }
        _ => {
            let named: Vec<u32> = arguments.map(|a| a.parse().unwrap()).collect();
            let kept = std::env::var("FENGSUI_SCALE_DIR").ok().map(PathBuf::from);
            for size in if named.is_empty() { SIZES.to_vec() } else { named } {
                measure(kept.as_deref(), size);
            }
        }
    }
}

fn measure(kept: Option<&Path>, size: u32) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or(temporary.path()).join(size.to_string());
    println!("== {size} terminals, {size} points, {} units", size / UNIT_TERMINALS);
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

async fn store(folder: &Path) -> Arc<dyn Store> {
    fengsui_store_sql::open("sqlite", folder).await.unwrap()
}

fn town(number: u32) -> String {
    format!("990101{:03}000", 100 + number)
}

async fn county(folder: &Path) -> (Desk, SignedIn) {
    let desk = Desk::open(store(folder).await).await;
    let region = |n| Region {
        code: code(&town(n)),
        name: format!("第{n}镇"),
        level: Level::Township,
        parent: Some(code(COUNTY)),
        valid_from_on: None,
        valid_until_on: None,
    };
    desk.app.add_regions((0..TOWNS).map(region).collect(), "量测").await.unwrap();
    desk.employ_with("luomin", "骆敏", &[("fire_supervisor", COUNTY), ("duty_officer", COUNTY)]).await;
    let who = desk.sign_in("luomin").await;
    (desk, who)
}

async fn import_all(folder: &Path, size: u32) {
    let (desk, who) = county(folder).await;
    desk.app.keep_uploads_in(folder.join("uploads")).unwrap();
    let begun = Begun::now();
    take_in(&desk, &who, ImportSubject::Unit, None, units(size)).await;
    take_in(&desk, &who, ImportSubject::Terminal, None, terminals(size)).await;
    take_in(&desk, &who, ImportSubject::Point, None, points(size)).await;
    let (wall_s, cpu_s) = begun.took_s();
    println!("in all {wall_s:.1} s, {cpu_s:.1} s of the processor");
}

/// Stores the county straight, as an import would leave it.
async fn build(folder: &Path, size: u32) {
    let (desk, _) = county(folder).await;
    let (store, now) = (&desk.store, desk.app.now());
    let Lease::Held { epoch, .. } =
        store.claim_lease("云岫县值守节点", None, now, Duration::from_secs(3_600)).await.unwrap()
    else {
        panic!("the county is this process's own")
    };
    let line = store.journal_since(0, 1).await.unwrap()[0].2[0].content.clone().unwrap();
    let change = || ChangeSet { journal: vec![line.clone()], ..ChangeSet::new(now) };
    let entries = (0..size / UNIT_TERMINALS).map(|n| unit(n, now));
    let entries = entries.chain((0..size).map(|n| terminal(n, now))).chain((0..size).map(|n| point(n, now)));
    let mut writes = entries.map(|entry| write(desk.app.catalog(), entry, size <= SEARCHED_MAX)).peekable();
    while writes.peek().is_some() {
        let change = ChangeSet { entries: writes.by_ref().take(PIECE).collect(), ..change() };
        store.commit(epoch, vec![change]).await.unwrap();
    }
    let numbers: Vec<_> = (0..size).collect();
    for piece in numbers.chunks(PIECE) {
        let ids = piece.iter().map(|n| TerminalId(id(1, *n)));
        let states = ids.clone().map(|terminal| StateWrite { terminal, key: key(1), state: state(now) });
        let heard = ids.map(|terminal| HeardWrite { terminal, at: now });
        let change = ChangeSet { states: states.collect(), heard: heard.collect(), ..change() };
        store.commit(epoch, vec![change]).await.unwrap();
    }
}

fn write(catalog: &Catalog, entry: Entry, searched: bool) -> EntryWrite {
    let kind = catalog.kind(&entry.kind).unwrap();
    let index = index_rows(kind, &entry.fields);
    let grams = if searched { grams(kind, &entry.title, None, &entry.fields) } else { Vec::new() };
    EntryWrite { entry, numbering: Numbering::Keep, index, grams }
}

/// Ids as they are made in one millisecond after another.
fn id(kind: u128, number: u32) -> EntryId {
    EntryId::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0000 | kind << 112 | u128::from(number))
}

fn entry(
    kind: &str,
    id: EntryId,
    unit: u32,
    title: String,
    at: Timestamp,
    fields: Vec<(&str, Value)>,
) -> Entry {
    Entry {
        id,
        kind: kind.to_owned(),
        region: code(&town(unit % TOWNS)),
        state: "registered".to_owned(),
        number: None,
        title,
        owner: None,
        opened_at: at,
        due_at: None,
        wake_at: None,
        closed_at: None,
        version: 1,
        position: Position::new(117.0 + f64::from(unit % 999) / 1e3, 29.0 + f64::from(unit % 777) / 1e3).ok(),
        source: None,
        revision: 1,
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn unit_name(unit: u32) -> String {
    let name = ["纺织厂", "商业广场", "职业学校", "人民医院", "物流仓库"][unit as usize % 5];
    format!("云岫{unit}号{name}")
}

fn unit(n: u32, at: Timestamp) -> Entry {
    let fields = vec![
        ("code", format!("U{n}").into()),
        ("category", "factory".into()),
        ("address", format!("工业路 {n} 号").into()),
        ("key_unit", false.into()),
    ];
    entry("unit", id(0, n), n, unit_name(n), at, fields)
}

fn terminal_name(n: u32) -> String {
    format!("云岫{}号单位 {n} 号用户信息传输装置", n / UNIT_TERMINALS)
}

fn terminal(n: u32, at: Timestamp) -> Entry {
    let unit = n / UNIT_TERMINALS;
    let fields = vec![
        ("source", (SOURCE + n).to_string().into()),
        ("profile", "gb26875".into()),
        ("maker", "青鸟".into()),
        ("report_period_s", 30.into()),
        ("installed_on", "2024-03-05".into()),
        ("unit", id(0, unit).to_string().into()),
        ("unit_name", unit_name(unit).into()),
    ];
    entry("terminal", id(1, n), unit, terminal_name(n), at, fields)
}

fn point(n: u32, at: Timestamp) -> Entry {
    let unit = n / UNIT_TERMINALS;
    let fields = vec![
        ("terminal", id(1, n).to_string().into()),
        ("unit", id(0, unit).to_string().into()),
        ("system_type", 1.into()),
        ("system_address", 1.into()),
        ("component_type", 40.into()),
        ("component_address", 1.into()),
        ("building", format!("{} 号楼", n % 9).into()),
        ("floor", format!("{} 层", n % 30).into()),
        ("zone", format!("{} 区", n % 12).into()),
    ];
    entry("point", id(2, n), unit, format!("1-{}-001", n % 30), at, fields)
}

fn state(at: Timestamp) -> LastState {
    LastState {
        component_type: 40, bits: 0, event_at: at, received_at: at, text: "二层东走廊".to_owned()
    }
}

fn units(size: u32) -> String {
    let mut text = "编号,单位名称,类别,辖区,地址,消防安全重点单位,经度,纬度\n".to_owned();
    for n in 0..size / UNIT_TERMINALS {
        writeln!(
            text,
            "U{n},{},工厂,{},工业路 {n} 号,否,117.{:05},29.{:05}",
            unit_name(n),
            town(n % TOWNS),
            n % 99_999,
            n % 77_777
        )
        .unwrap();
    }
    text
}

fn terminals(size: u32) -> String {
    let mut text = "源地址,终端名称,单位编号,厂家,心跳周期,安装日期\n".to_owned();
    for n in 0..size {
        let (source, name, unit) = (SOURCE + n, terminal_name(n), n / UNIT_TERMINALS);
        writeln!(text, "{source},{name},U{unit},青鸟,30,2024-03-05").unwrap();
    }
    text
}

fn points(size: u32) -> String {
    let mut text = "终端源地址,点位,部件类型,部件地址,楼栋,楼层,分区\n".to_owned();
    for n in 0..size {
        writeln!(text, "{},1-{}-001,40,1,{} 号楼,{} 层,{} 区", SOURCE + n, n % 30, n % 9, n % 30, n % 12)
            .unwrap();
    }
    text
}

fn memory(when: &str, size: u32, before: u64) {
    let own = resident() - before;
    println!("memory {when:<18} {:>10.0} MB  {:>8} B a terminal", own as f64 / 1e6, own / u64::from(size));
}

/// A number that jumps over the whole registry, each once before any twice.
fn scattered(n: u32, size: u32) -> String {
    (SOURCE + (u64::from(n) * 7_919 % u64::from(size)) as u32).to_string()
}

async fn hear(desk: &Desk, what: &str, count: u32, said: impl Fn(u32) -> (String, Vec<Report>)) {
    let begun = Begun::now();
    let frames = futures::stream::iter((0..count).map(|n| {
        let (source, reports) = said(n);
        desk.app.take_in(desk.frame(&source, reports))
    }));
    let stored =
        frames.buffer_unordered(TOGETHER).filter(|receipt| std::future::ready(receipt.is_ok())).count().await;
    assert_eq!(stored, count as usize);
    begun.tell(what, count);
}

/// The night: a fire for every three faults, each of a terminal of its own.
async fn flood(folder: &Path, size: u32) {
    let before = resident();
    let desk = Desk::open(store(folder).await).await;
    desk.clock.pass_s(86_400);
    memory("before the night", size, before);
    let condition = |n: u32| if n.is_multiple_of(4) { Condition::Fire } else { Condition::Fault };
    hear(&desk, "alarm", size, |n| (scattered(n, size), vec![desk.state(5, &[condition(n)])])).await;
    memory("with all open", size, before);
    ticks(&desk).await;
    memory("at the end", size, before);
}

/// A start in the middle of the night.
async fn again(folder: &Path, size: u32) {
    let before = resident();
    let begun = Begun::now();
    let desk = Desk::open(store(folder).await).await;
    desk.clock.pass_s(86_400 + 3_600);
    let (started_s, started_cpu_s) = begun.took_s();
    desk.hears(&scattered(1, size), vec![desk.state(6, &[Condition::Fire])]).await.unwrap();
    println!(
        "start with them           {started_s:>10.2} s, {started_cpu_s:.2} s of the processor; to the next stored fire {:.2} s",
        begun.took_s().0
    );
    memory("after the start", size, before);
    ticks(&desk).await;
}

/// Ticks of the clock until nothing is due any more, and one with nothing due.
async fn ticks(desk: &Desk) {
    let (begun, mut climbed, mut worst_s, mut count) = (Begun::now(), 0, 0_f64, 0_u32);
    loop {
        let tick = Begun::now();
        let rungs = desk.app.reconcile_ladders().await.unwrap();
        if rungs == 0 {
            break;
        }
        (climbed, count, worst_s) = (climbed + rungs, count + 1, worst_s.max(tick.took_s().0));
    }
    let (wall_s, cpu_s) = begun.took_s();
    println!(
        "{climbed} rungs climbed in {count} ticks: {wall_s:.2} s, {cpu_s:.2} s of the processor; the longest tick {worst_s:.3} s"
    );
    each("tick: ladders, none due", 50, async |_| desk.app.reconcile_ladders().await.unwrap()).await;
    each("tick: windows", 50, async |_| desk.app.reconcile_windows().await.unwrap()).await;
    each("tick: silence", 5, async |_| desk.app.reconcile_silence().await.unwrap()).await;
}

async fn run(folder: &Path, size: u32) {
    let before = resident();
    let begun = Begun::now();
    let desk = Desk::open(store(folder).await).await;
    let (started_s, started_cpu_s) = begun.took_s();
    desk.clock.pass_s(86_400);
    let first = vec![desk.state(1, &[Condition::Fire])];
    desk.hears(&scattered(0, size), first).await.unwrap();
    println!(
        "start                     {started_s:>10.2} s, {started_cpu_s:.2} s of the processor; to the first stored fire {:.2} s",
        begun.took_s().0
    );
    memory("after the start", size, before);
    hear(&desk, "first heartbeat of each", size, |n| (scattered(n, size), vec![])).await;
    memory("with all heard", size, before);
    hear(&desk, "heartbeat", 50_000, |n| (scattered(n, size), vec![])).await;
    let fault = |n: u32| if n.is_multiple_of(2) { vec![Condition::Started] } else { vec![] };
    hear(&desk, "changed state", 10_000, |n| (scattered(n, size), vec![desk.state(2, &fault(n / 5_000))]))
        .await;
    hear(&desk, "fire", 2_000, |n| (scattered(n, size), vec![desk.state(3, &[Condition::Fire])])).await;
    let who = desk.sign_in("luomin").await;
    let (county, grant) = (Scope::of([990_101_000_000..990_102_000_000]), &who.grant);
    let (board, app) = (desk.app.board(), &desk.app);
    each("counts (each beat)", 1_000, async |_| board.terminal_counts(&county, app.now())).await;
    let unit = board.terminal_at(&scattered(1, size)).unwrap().facts().unit.as_ref().unwrap().0;
    each("terminals of a unit", 1_000, async |_| board.terminals_of(unit, &county)).await;
    let filter = |text: &str, online| TerminalFilter {
        text: (!text.is_empty()).then(|| text.to_owned()),
        online,
        limit: 50,
        ..TerminalFilter::default()
    };
    let listed = async |filter: TerminalFilter| app.terminals(grant, filter).await.unwrap();
    each("list page", 20, async |_| listed(filter("", None)).await).await;
    let middle =
        Some(fengsui_store::Cursor::Title(format!("云岫{}号单位", size / 20), EntryId::from_u128(0)));
    each("list page, middle", 20, async |_| {
        listed(TerminalFilter { after: middle.clone(), ..filter("", None) }).await
    })
    .await;
    if size <= SEARCHED_MAX {
        each("list page, rare text", 20, async |_| listed(filter("777 号用户", None)).await).await;
        each("list page, common text", 5, async |_| listed(filter("传输装置", None)).await).await;
    }
    each("list page, heard", 20, async |_| listed(filter("", Some(true))).await).await;
    each("list page, not heard", 20, async |_| listed(filter("", Some(false))).await).await;
    let units = |text: &str| UnitFilter {
        text: (!text.is_empty()).then(|| text.to_owned()),
        limit: 50,
        ..UnitFilter::default()
    };
    each("units page", 20, async |_| app.units(grant, units("")).await.unwrap()).await;
    if size <= SEARCHED_MAX {
        each("units page, text", 20, async |_| app.units(grant, units("人民医院")).await.unwrap()).await;
    }
    let faults = (size / 10).min(FAULTS_MAX);
    hear(&desk, "fault", faults, |n| (scattered(n, size), vec![desk.state(4, &[Condition::Fault])])).await;
    println!("with {faults} open faults:");
    memory("with the faults", size, before);
    each("outages page", 100, async |_| {
        app.outages(grant, &OutageFilter { limit: 50, ..OutageFilter::default() }).unwrap()
    })
    .await;
    each("outages page, text", 20, async |_| {
        let filter = OutageFilter { text: Some("777".to_owned()), limit: 50, ..OutageFilter::default() };
        app.outages(grant, &filter).unwrap()
    })
    .await;
    each("alarm counts", 20, async |_| app.alarm_counts(grant).await.unwrap()).await;
    each("list page of terminals", 20, async |_| listed(filter("", None)).await).await;
    each("tick: ladders", 5, async |_| app.reconcile_ladders().await.unwrap()).await;
    each("tick: windows", 5, async |_| app.reconcile_windows().await.unwrap()).await;
    each("tick: silence", 5, async |_| app.reconcile_silence().await.unwrap()).await;
    each("tick: followers", 5, async |_| app.reconcile_followers().await.unwrap()).await;
    each("tick: values, first", 1, async |_| app.reconcile_values().await.unwrap()).await;
    each("tick: values, nothing new", 1, async |_| app.reconcile_values().await.unwrap()).await;
    desk.clock.pass_s(60);
    hear(&desk, "heartbeats a minute later", size, |n| (scattered(n, size), vec![])).await;
    desk.clock.pass_s(60);
    each("counts after the deadline", 1, async |_| board.terminal_counts(&county, app.now())).await;
    each("tick: silence, all looked at", 1, async |_| app.reconcile_silence().await.unwrap()).await;
    memory("at the end", size, before);
}
