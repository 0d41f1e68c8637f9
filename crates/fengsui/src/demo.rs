//! The demonstration county: an invented county in an ordinary node, and virtual terminals in a process of
//! their own that speak to it over real sockets.

use crate::config::{Config, NodeConfig};
use crate::floor_plans::{Places, floor_name};
use crate::logs;
use crate::machine::say;
use crate::serve::{self, DEMONSTRATION_FILE, DEMONSTRATION_KEY, MAP_FILE};
use crate::terminals::{DEMONSTRATION_SUBSCRIPTION, DEMONSTRATION_TOKEN};
use crate::wires::SubscriptionConfig;
use anyhow::{Context, Result, bail};
use clap::Args;
use fengsui_access::Appointment;
use fengsui_alarm::{Bound, Limits};
use fengsui_app::{
    AccountContact, AccountDraft, App, ChannelDraft, Driver, Imported, ImportedPoint, ImportedTerminal,
    ImportedUnit, PointLimits, UnitDraft,
};
use fengsui_base::{Fields, Level, Position, Region, RegionCode};
use fengsui_catalog::Catalog;
use fengsui_sim::county::{self, County, Point, RegionLevel, Terminal, Unit};
use fengsui_sim::fleet::{self, Detector};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// How much faster than real a told day runs: in an hour.
const DAY_PACE: f64 = 24.0;
/// Seed of the county that is shipped.
const SEED: u64 = 1;
/// Password of all demonstration accounts.
pub(crate) const PASSWORD: &str = "fengsui-demo";
/// Who handled the alarms of the past.
const FIRST_SEAT: &str = "zhoumin";
/// Who sits at the second seat and does what nobody else did.
const SECOND_SEAT: &str = "chenli";
/// Who plans works and drills.
const SUPERVISOR: &str = "luomin";
/// The county.
const COUNTY: &str = "990101000000";
/// Its neighbour, which must see nothing of it.
const NEIGHBOUR: &str = "990102000000";
/// How often a detector behind a cloud reports at the least, in seconds: once a day.
const DETECTOR_PERIOD_S: i64 = 86_400;
/// Every so many minutes states are read in the demonstration.
const DEMO_READ_STATES_MIN: u32 = 10;
/// How many units are taken in at the same time.
const AT_ONCE: usize = 32;

/// `fengsui demo`
#[derive(Args)]
pub(crate) struct Demo {
    /// 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// 网页地址
    #[arg(long, default_value = "127.0.0.1:8119")]
    http: SocketAddr,
    /// 终端接入地址
    #[arg(long, default_value = "0.0.0.0:26875")]
    gateway: SocketAddr,
    /// 数据库：sqlite 或 postgres://…
    #[arg(long, env = "FENGSUI_DATABASE", default_value = "sqlite")]
    database: String,
    /// 不启动虚拟终端和虚拟值班员
    #[arg(long)]
    quiet: bool,
    /// 剧情快慢，1 为真实速度；不写时 1，演一天时 24（一小时演完）
    #[arg(long, alias = "pace")]
    speed: Option<f64>,
    /// 演写定的一天，从这个钟点起，不写钟点从零点起；只压缩发生的事，时钟和时限都是真的
    #[arg(long, num_args = 0..=1, default_missing_value = "00:00", value_parser = crate::terminals::minute_of_day)]
    day: Option<u32>,
    /// 日志
    #[arg(long, default_value = "warn")]
    log: String,
}

/// Channels of the demonstration: nothing of it leaves the machine.
const CHANNELS: [(&str, Driver, &str, bool); 3] = [
    ("短信（试验网关）", Driver::Test, "sms", true),
    ("语音电话（试验网关）", Driver::Test, "voice", true),
    ("值班群（钉钉）", Driver::Dingtalk, "", false),
];

/// Whoever may inspect, with the number of the certificate.
const CERTIFIED: [(&str, &str); 5] = [
    ("luomin", "示消执 0017"),
    ("huangtao", "示消执 0023"),
    ("sunzhiyuan", "示消执 0003"),
    ("jiangbo", "示应急执 0112"),
    ("lushan", "示公执 0460"),
];

/// The first telephone extension of those who have an account.
const OFFICE_EXTENSION: usize = 61_201;
/// Who is who: login, name, posts, region.
const PEOPLE: [(&str, &str, &str, &str); 18] = [
    ("zhoumin", "周敏", "duty_officer", COUNTY),
    ("chenli", "陈立", "duty_officer", COUNTY),
    ("sunzhiyuan", "孙志远", "duty_leader brigade_head", COUNTY),
    ("luomin", "罗敏", "fire_supervisor", COUNTY),
    ("huangtao", "黄涛", "fire_supervisor", COUNTY),
    ("gaowei", "高巍", "leader_in_charge", COUNTY),
    ("shenqiu", "沈秋", "committee_office", COUNTY),
    ("jiangbo", "江波", "work_safety_officer", COUNTY),
    ("lushan", "卢山", "police_officer", COUNTY),
    ("fangzhen", "方振", "legal_reviewer", COUNTY),
    ("dongzhu", "何苗", "township_officer", "990101005000"),
    ("pengtao", "彭涛", "township_officer", "990101001000"),
    ("miaoxia", "苗霞", "grid_worker", "990101005000"),
    ("yechun", "叶春", "grid_worker", "990101001000"),
    ("admin", "系统管理员", "system_admin", COUNTY),
    ("anquan", "安全管理员", "security_admin", COUNTY),
    ("shenji", "审计管理员", "audit_admin", COUNTY),
    ("linxian", "林岚", "duty_officer", NEIGHBOUR),
];

/// Whoever holds a post for one unit, and for one sector: login, name, post, and the unit or the sector.
const PEOPLE_OF_UNITS: [(&str, &str, &str, &str); 2] = [
    ("qianlixin", "钱立新", "unit_safety_manager", "瑞禾电子厂"),
    ("tanqing", "谭清", "sector_department", EDUCATION),
];
/// Who makes the campaign of the county.
pub(crate) const ADMINISTRATOR: &str = "admin";
/// Who has nothing to do in any ledger.
const IDLE: [&str; 6] = ["zhoumin", "chenli", "admin", "anquan", "shenji", "linxian"];
/// The sector of schools.
const EDUCATION: &str = "教育";

impl Demo {
    /// How much faster than real the script runs.
    fn pace(&self) -> f64 {
        self.speed.unwrap_or(if self.day.is_some() { DAY_PACE } else { 1.0 })
    }
}

/// The minute of a day as a time: 06:00.
fn clock_words(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60 % 24, minute % 60)
}

/// Says on the console which hour of the told day it is.
async fn strike_hours(from_minute: u32, pace: f64) {
    let first = 60 - from_minute % 60;
    let minute = |n: u32| Duration::from_secs_f64(f64::from(n) * 60.0 / pace.max(0.01));
    say(&format!("  剧情 {} 开始，一天约 {:.0} 分钟。", clock_words(from_minute), 1_440.0 / pace));
    tokio::time::sleep(minute(first)).await;
    let mut hours = tokio::time::interval(minute(60));
    for hour in from_minute / 60 + 1.. {
        hours.tick().await;
        say(&format!("  剧情 {}", clock_words(hour % 24 * 60)));
    }
}

/// Runs the demonstration until it is told to stop.
pub(crate) async fn run(demo: Demo) -> Result<()> {
    logs::start(&demo.log, true);
    let config = config(&demo);
    let county = tokio::task::spawn_blocking(|| county::generate(SEED)).await?;
    mark(&demo.data, &config.database)?;
    write_map(&demo.data, &county)?;
    let running = serve::start(&config, true).await?;
    let fresh = settle(&running.app, &county).await?;
    serve::let_clocks_speak(&running.app);
    if fresh && !demo.quiet {
        tokio::spawn(crate::measured::remember(running.app.clone(), Arc::new(county)));
    }
    let terminals = if demo.quiet {
        None
    } else {
        let pace = demo.day.map_or(1.0, |_| demo.pace());
        tokio::spawn(crate::officer::work(running.app.clone(), SECOND_SEAT, PASSWORD, pace));
        if let Some(from_minute) = demo.day {
            tokio::spawn(strike_hours(from_minute, demo.pace()));
        }
        let push = running.wires.push.as_ref().map(|push| push.address());
        Some(spawn_terminals(&demo, running.gateway.address(), push)?)
    };
    welcome(running.http_address, running.gateway.address());
    let ended = running.until_stopped().await;
    if let Some(mut child) = terminals {
        child.kill().await.ok();
    }
    say("示例县已停止。");
    ended
}

fn config(demo: &Demo) -> Config {
    let mut config = Config {
        data_dir: demo.data.clone(),
        database: demo.database.clone(),
        node: NodeConfig {
            name: "云岫县示例节点".to_owned(),
            office: "云岫县消防救援大队".to_owned(),
            region: COUNTY.to_owned(),
            region_name: "云岫县".to_owned(),
            level: Level::County,
            ..NodeConfig::default()
        },
        ..Config::default()
    };
    config.http.address = demo.http;
    config.gateway.address = demo.gateway;
    // So that somebody who looks for an hour sees it.
    config.gateway.read_states_min = DEMO_READ_STATES_MIN;
    config.push.address = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    config.push.subscription =
        vec![SubscriptionConfig::demonstration(DEMONSTRATION_SUBSCRIPTION, DEMONSTRATION_TOKEN, "nb-smoke")];
    config
}

/// Invented data goes only where there is none, or invented data already; the folder says which it is before
/// the first byte of it is written.
fn mark(data: &Path, database: &str) -> Result<()> {
    let mark = data.join(DEMONSTRATION_FILE);
    let used = data.join("fengsui.db").exists() && database == "sqlite";
    if used && !mark.exists() {
        bail!("{} 里是真实数据，不能写入示例数据；请用 --data 指定另一个目录", data.display());
    }
    std::fs::create_dir_all(data).with_context(|| format!("不能建立数据目录 {}", data.display()))?;
    std::fs::write(&mark, "示例数据\n").with_context(|| format!("不能写 {}", mark.display()))
}

fn write_map(data: &Path, county: &County) -> Result<()> {
    let mut map = county.base_map().clone();
    map["fengsui"] = json!({ "source": "虚构示例县", "approval": "不适用" });
    let path = data.join(MAP_FILE);
    std::fs::create_dir_all(path.parent().unwrap_or(data))?;
    std::fs::write(&path, map.to_string()).with_context(|| format!("不能写底图 {}", path.display()))
}

/// Takes in the county and its people, once. Answers whether it was now.
async fn settle(app: &Arc<App>, county: &County) -> Result<bool> {
    if app.has_accounts().await? {
        return Ok(false);
    }
    if app.has_units().await? {
        bail!("上次写入示例县时中断，请删除数据目录后重新运行");
    }
    say("首次启动，正在写入示例县……");
    app.mark(DEMONSTRATION_KEY, "示例数据").await?;
    app.add_regions(regions(county)?, "示例数据").await?;
    let counts = import(app, county).await?;
    employ(app, county).await?;
    for (name, driver, stands_for, enabled) in CHANNELS {
        app.demonstration_channel(channel(name, driver, stands_for), enabled).await?;
    }
    let responders = crate::responders::enlist(app, county, code(COUNTY)?).await?;
    let plans = crate::floor_plans::draw(app, county).await?;
    crate::gateways::join(app, county, SUPERVISOR, PASSWORD).await?;
    crate::plans::make(app, SUPERVISOR, PASSWORD).await?;
    let past = crate::past::remember(app, county, FIRST_SEAT, PASSWORD).await?;
    // What the past asks for stands on the list before the first visitor does.
    app.reconcile_repairs().await?;
    app.reconcile_ages().await?;
    crate::deaf::remember(app, county, DEMO_READ_STATES_MIN).await?;
    crate::duty::settle(app, SUPERVISOR, PASSWORD).await?;
    let papers = crate::papers::templates(None)?;
    let ledgers = crate::stories::remember(app, &papers, county, &actors(), ADMINISTRATOR, PASSWORD).await?;
    say(&format!(
        "示例县已写入：单位 {} 家，终端 {} 台，点位 {} 个，平面图 {plans} 张，联络人 {responders} 人，往日火警 {past} 起，台账 {} 条",
        counts.units, counts.terminals, counts.points, ledgers.entries
    ));
    Ok(true)
}

/// Everybody who has an account.
pub(crate) async fn employ(app: &App, county: &County) -> Result<()> {
    for (number, (login, name, post, region)) in PEOPLE.into_iter().enumerate() {
        let appointments =
            post.split(' ').map(|p| Ok(Appointment::of(p, code(region)?))).collect::<Result<_>>()?;
        let certificate =
            CERTIFIED.iter().find(|(who, _)| *who == login).map(|(_, number)| (*number).to_owned());
        let draft = AccountDraft {
            login: login.to_owned(),
            name: name.to_owned(),
            appointments,
            certificate,
            contact: reached_at(number),
        };
        app.demonstration_account(draft, PASSWORD).await?;
    }
    for (number, (login, name, post, of)) in PEOPLE_OF_UNITS.into_iter().enumerate() {
        let mut appointment = Appointment::of(post, code(COUNTY)?);
        match county.units.iter().find(|u| u.name == of) {
            Some(unit) => appointment.units.extend(app.unit_with_code(&unit.code).await?),
            None => appointment.sectors.push(of.to_owned()),
        }
        let draft = AccountDraft {
            login: login.to_owned(),
            name: name.to_owned(),
            appointments: vec![appointment],
            certificate: None,
            contact: reached_at(PEOPLE.len() + number),
        };
        app.demonstration_account(draft, PASSWORD).await?;
    }
    Ok(())
}

/// A number of the office's own exchange, which cannot be dialled from outside.
fn reached_at(number: usize) -> AccountContact {
    AccountContact { phone: Some(format!("{}", OFFICE_EXTENSION + number)), ..AccountContact::default() }
}

/// The names and logins of those who act in ledgers.
pub(crate) fn actors() -> Vec<(&'static str, &'static str)> {
    let all = PEOPLE.iter().chain(&PEOPLE_OF_UNITS).map(|(login, name, ..)| (*name, *login));
    all.filter(|(_, login)| !IDLE.contains(login)).collect()
}

/// A channel of the demonstration; the robot's address leads nowhere.
fn channel(name: &str, driver: Driver, stands_for: &str) -> ChannelDraft {
    let (settings, secrets) = match driver {
        Driver::Test => ([("stands_for".to_owned(), stands_for.to_owned())].into(), BTreeMap::new()),
        _ => (BTreeMap::new(), [("url".to_owned(), Some("https://robot.invalid/send".to_owned()))].into()),
    };
    ChannelDraft { name: name.to_owned(), driver, settings, secrets, per_minute: 60, order: 0 }
}

pub(crate) fn code(text: &str) -> Result<RegionCode> {
    text.parse().map_err(|_| anyhow::anyhow!("辖区代码不对：{text}"))
}

pub(crate) fn regions(county: &County) -> Result<Vec<Region>> {
    let mut all = Vec::with_capacity(county.regions.len() + 1);
    for region in &county.regions {
        let parent = region.parent.map(|p| code(&format!("{p:012}"))).transpose()?;
        all.push(plain(&format!("{:012}", region.code), &region.name, level(region.level), parent)?);
    }
    all.push(plain(NEIGHBOUR, "云川县", Level::County, Some(code("990100000000")?))?);
    Ok(all)
}

fn plain(number: &str, name: &str, level: Level, parent: Option<RegionCode>) -> Result<Region> {
    Ok(Region {
        code: code(number)?,
        name: name.to_owned(),
        level,
        parent,
        valid_from_on: None,
        valid_until_on: None,
    })
}

fn level(level: RegionLevel) -> Level {
    match level {
        RegionLevel::Province => Level::Province,
        RegionLevel::City => Level::City,
        RegionLevel::County => Level::County,
        RegionLevel::Township => Level::Township,
        RegionLevel::Village => Level::Village,
    }
}

async fn import(app: &Arc<App>, county: &County) -> Result<Imported> {
    let mut terminals: HashMap<&str, Vec<&Terminal>> = HashMap::new();
    county.terminals.iter().for_each(|t| terminals.entry(t.unit.as_str()).or_default().push(t));
    let detectors = fleet::detectors(county);
    let mut sum = Imported::default();
    let mut running = JoinSet::new();
    let places = crate::floor_plans::places(county);
    for unit in &county.units {
        if running.len() >= AT_ONCE {
            add(&mut sum, running.join_next().await)?;
        }
        let own = terminals.remove(unit.code.as_str()).unwrap_or_default();
        let mut ready = imported(app.catalog(), unit, &own, &places)?;
        crate::past::age(county, &mut ready.terminals);
        ready.terminals.extend(detectors.iter().filter(|d| d.unit == unit.code).map(|d| detector(unit, d)));
        let (app, unit) = (app.clone(), ready);
        running.spawn(async move { app.import_unit(unit, "示例数据").await });
    }
    while !running.is_empty() {
        add(&mut sum, running.join_next().await)?;
    }
    Ok(sum)
}

type Done = Option<Result<Result<Imported, fengsui_app::Fault>, tokio::task::JoinError>>;

fn add(sum: &mut Imported, done: Done) -> Result<()> {
    if let Some(done) = done {
        let counts = done??;
        sum.units += counts.units;
        sum.terminals += counts.terminals;
        sum.points += counts.points;
    }
    Ok(())
}

pub(crate) fn imported(
    catalog: &Catalog,
    unit: &Unit,
    terminals: &[&Terminal],
    places: &Places,
) -> Result<ImportedUnit> {
    let contact = |role: &str, c: &county::Contact| json!({ "role": role, "name": c.name, "phone": c.phone });
    let buildings = unit.buildings.iter().map(|b| {
        json!({ "name": b.name, "floors_above": b.floors_above, "floors_below": b.floors_below, "area_m2": b.area_m2, "height_m": b.height_m, "use": b.used_for })
    });
    let mut fields = Fields::new();
    fields.insert("code".to_owned(), unit.code.as_str().into());
    fields.insert("category".to_owned(), serde_json::to_value(unit.category)?);
    fields.insert("address".to_owned(), unit.address.as_str().into());
    fields.insert("key_unit".to_owned(), unit.key_unit.into());
    if unit.key_unit {
        fields.insert("founded_on".to_owned(), founded_on(unit).to_string().into());
    }
    fields.insert("legal_person".to_owned(), unit.legal_person().into());
    fields.insert("safety_manager".to_owned(), unit.safety_manager.name.as_str().into());
    fields.insert("sector".to_owned(), unit.category.sector().into());
    fields.insert("grid".to_owned(), grid(unit).into());
    let contacts =
        vec![contact("消控室值班员", &unit.duty_person), contact("消防安全管理人", &unit.safety_manager)];
    fields.insert("contacts".to_owned(), Value::from(contacts));
    fields.insert("buildings".to_owned(), Value::from(buildings.collect::<Vec<_>>()));
    let draft = UnitDraft {
        name: unit.name.clone(),
        region: code(&format!("{:012}", unit.village))?,
        position: position(unit.position),
        fields,
    };
    Ok(ImportedUnit {
        draft,
        terminals: terminals.iter().map(|t| terminal(catalog, unit, t, places)).collect(),
    })
}

/// The day that a key unit was founded, made from where it lies; small places have not told theirs yet.
fn founded_on(unit: &Unit) -> jiff::civil::Date {
    let near = (unit.position.lon * 10_000.0) as i64 + (unit.position.lat * 10_000.0) as i64;
    jiff::civil::date(1996, 3, 1).saturating_add(jiff::ToSpan::days(near % 8_000))
}

/// The grid (网格) of its village: places near each other share one.
fn grid(unit: &Unit) -> String {
    let near = (unit.position.lon * 200.0) as u64 + (unit.position.lat * 200.0) as u64;
    format!("第 {} 网格", near % 6 + 1)
}

fn terminal(catalog: &Catalog, unit: &Unit, terminal: &Terminal, places: &Places) -> ImportedTerminal {
    let mut fields = Fields::new();
    fields.insert("profile".to_owned(), terminal.profile.as_str().into());
    fields.insert("maker".to_owned(), terminal.maker.as_str().into());
    fields.insert("installed_on".to_owned(), terminal.installed_on.to_string().into());
    let at = |p: &Point| places.get(&(terminal.source, p.component_address)).copied();
    let points = terminal.points.iter().map(|p| point(catalog, unit, p, at(p))).collect();
    ImportedTerminal { name: terminal.name.clone(), source: terminal.source.to_string(), fields, points }
}

/// A detector behind an operator's cloud: known by its number there, read by a table.
fn detector(unit: &Unit, detector: &Detector) -> ImportedTerminal {
    let building = unit.buildings.iter().find(|b| b.number == detector.building);
    let mut fields = Fields::new();
    fields.insert("profile".to_owned(), "nb-smoke".into());
    fields.insert("maker".to_owned(), "示例".into());
    fields.insert("report_period_s".to_owned(), DETECTOR_PERIOD_S.into());
    let mut place = Fields::new();
    for (name, number) in
        [("system_type", 1), ("system_address", 0), ("component_type", 42), ("component_address", 0)]
    {
        place.insert(name.to_owned(), number.into());
    }
    place.insert("floor".to_owned(), "1 层".into());
    place.extend(building.map(|b| ("building".to_owned(), b.name.as_str().into())));
    let point = ImportedPoint {
        label: "独立式烟感".to_owned(),
        position: position(detector.position),
        fields: place,
    };
    ImportedTerminal {
        name: detector.name.clone(),
        source: format!("onenet:{}", detector.imei),
        fields,
        points: vec![point],
    }
}

fn point(catalog: &Catalog, unit: &Unit, point: &Point, at: Option<[f64; 2]>) -> ImportedPoint {
    let building = unit.buildings.iter().find(|b| b.number == point.building);
    let mut fields = Fields::new();
    fields.insert("system_type".to_owned(), point.system_type.into());
    fields.insert("system_address".to_owned(), point.system_address.into());
    fields.insert("component_type".to_owned(), point.component_type.into());
    fields.insert("component_address".to_owned(), point.component_address.into());
    fields.insert("floor".to_owned(), floor_name(point.floor).into());
    fields.insert("zone".to_owned(), point.zone.as_str().into());
    fields.extend(building.map(|b| ("building".to_owned(), b.name.as_str().into())));
    fields.extend(usual_limits(catalog, point).map(|limits| ("limits".to_owned(), json!([limits]))));
    if let Some([x, y]) = at {
        fields.insert("plan_x".to_owned(), x.into());
        fields.insert("plan_y".to_owned(), y.into());
    }
    ImportedPoint {
        label: short_label(unit, point),
        position: building.and_then(|b| position(b.position)),
        fields,
    }
}

/// The limits of what a point measures: in this county the office has adopted what is usual.
fn usual_limits(catalog: &Catalog, point: &Point) -> Option<PointLimits> {
    let analog_type = point.analog?.kind;
    let usual = catalog.proposal(point.system_type, point.component_type, analog_type)?;
    let bound = |pair: [f64; 2]| Bound { limit: pair[0], clear: pair[1] };
    let limits = Limits { low: usual.low.map(bound), high: usual.high.map(bound), hold_s: usual.hold_s };
    Some(PointLimits { analog_type, limits })
}

/// The label as it stands on a panel: building where there are several, floor, zone, number (3-1-017). What
/// the county's own label says in words (3 层 1 区 017 号) stands in the fields beside it.
fn short_label(unit: &Unit, point: &Point) -> String {
    let words: Vec<_> = point.label.split(' ').collect();
    let before = |word: &str| words.windows(2).find(|pair| pair[1] == word).map(|pair| pair[0]);
    let floor = if point.floor < 0 { format!("B{}", -point.floor) } else { point.floor.to_string() };
    let building = if unit.buildings.len() > 1 { format!("{}-", point.building) } else { String::new() };
    match (before("区"), before("号")) {
        (Some(zone), Some(number)) => format!("{building}{floor}-{zone}-{number}"),
        _ => point.label.clone(),
    }
}

fn position(position: county::Position) -> Option<Position> {
    Position::new(position.lon, position.lat).ok()
}

/// The virtual terminals, in a process of their own, ended with this one.
fn spawn_terminals(demo: &Demo, gateway: SocketAddr, push: Option<SocketAddr>) -> Result<Child> {
    let program = std::env::current_exe().context("找不到自己的程序文件")?;
    let target = format!("127.0.0.1:{}", gateway.port());
    let mut command = Command::new(program);
    command.args([
        "terminals",
        "--target",
        &target,
        "--seed",
        &SEED.to_string(),
        "--speed",
        &demo.pace().to_string(),
        "--log",
        &demo.log,
    ]);
    if let Some(from) = demo.day {
        command.args(["--day", &clock_words(from)]);
    }
    if let Some(push) = push {
        command.args(["--push", &push.to_string()]);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.spawn().context("虚拟终端没有启动")
}

fn welcome(http: SocketAddr, gateway: SocketAddr) {
    say("");
    say(&format!("  烽燧 示例县    http://{http}"));
    say(&format!("  终端接入       {gateway}（TCP、UDP，GB/T 26875.3）"));
    say("");
    say(&format!("  示例账号（密码都是 {PASSWORD}）"));
    for (login, name, post, _) in PEOPLE {
        say(&format!("    {login:<12}{name}　{}", post_label(post)));
    }
    for (login, name, post, of) in PEOPLE_OF_UNITS {
        say(&format!("    {login:<12}{name}　{}（{of}）", post_label(post)));
    }
    say("");
    say("  没有人处置的告警，片刻后由 2 席陈立（虚拟值班员）接手，随时可以从他那里接管。");
    say("  按 Ctrl+C 停止。数据全部虚构，仅供演示。");
}

/// What people call a post, or several with blanks between them.
fn post_label(posts: &str) -> String {
    let Ok(catalog) = crate::catalog::shipped() else { return String::new() };
    let labels = posts.split(' ').filter_map(|post| catalog.post(post)).map(|p| p.label.as_str());
    labels.collect::<Vec<_>>().join("、")
}
