//! Running a node: storage and its lease, the application, the gateway, the pages, and what depends on time.

use crate::config::Config;
use crate::encryption::TlsConfig;
use crate::machine::{SystemClock, SystemEntropy, say};
use crate::wires::{self, Wires};
use crate::{assets, catalog, logs, secrets_key};
use anyhow::{Context, Result, bail};
use fengsui_api::{Api, BaseMap, Certificates, Door, Encrypted, GatewayFacts};
use fengsui_app::{App, Clock, Entropy, Node, Setup};
use fengsui_base::RegionCode;
use fengsui_connect::{Deliverer, Transport};
use fengsui_ingest::Gateway;
use fengsui_store::{Epoch, Lease, Store, StoreError};
use fengsui_store_sql::SqlStore;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

/// How long the lease of the active node lasts: with the step and the time to read the board, a standby has taken
/// over within ten seconds.
const LEASE: Duration = Duration::from_secs(6);
/// How often it is renewed, or asked for.
const LEASE_STEP: Duration = Duration::from_millis(1_500);
/// How often somebody looks who has fallen silent: an offline alarm comes within a second of its deadline.
const SILENCE_STEP: Duration = Duration::from_millis(500);
/// How often measured values are looked at whose hold has passed, or whose limits were changed.
const LIMITS_STEP: Duration = Duration::from_millis(500);
/// Where uploaded tables wait within the data folder.
const UPLOADS: &str = "uploads";
/// Where the county's base map lies within the data folder.
pub(crate) const MAP_FILE: &str = "map/base.geojson";

/// A node that runs.
pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) gateway: Gateway,
    pub(crate) wires: Wires,
    http: tokio::task::JoinHandle<std::io::Result<()>>,
    pub(crate) http_address: SocketAddr,
    lost: Arc<OnceLock<String>>,
}

/// Key in the database that marks its data as invented.
pub(crate) const DEMONSTRATION_KEY: &str = "demonstration";
/// File in the data folder that does the same.
pub(crate) const DEMONSTRATION_FILE: &str = "demonstration";

/// Runs a real site until it is told to stop.
pub(crate) async fn serve(file: Option<&Path>) -> Result<()> {
    let config = Config::read(file)?;
    config.check()?;
    logs::start(&config.log, false);
    let running = start(&config, false).await?;
    let_clocks_speak(&running.app);
    if let Some(first) = running.app.first_administrator().await? {
        say("首次启动，已建立一个管理员账号，请立即登录并修改密码：");
        say(&format!("  账号 {}    一次性密码 {}", first.login, first.password));
    }
    let pages = shown_address(&config, running.http_address);
    say(&format!("烽燧已启动：{pages}    终端接入：{}", running.gateway.address()));
    running.until_stopped().await
}

/// Starts everything but the clocks of ledgers; `demonstration` marks invented data.
pub(crate) async fn start(config: &Config, demonstration: bool) -> Result<Running> {
    crate::machine::raise_file_limit();
    let store = SqlStore::open(&config.database, &config.data_dir).await.context("打不开数据库")?;
    let store = Arc::new(store);
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("不能建立数据目录 {}", config.data_dir.display()))?;
    let holder = node_name(&config.data_dir)?;
    not_mixed(&*store, config, demonstration).await?;
    let key_file = config.key_file();
    secrets_key::check(&key_file, &store).await?;
    let epoch = become_active(&*store, &holder).await?;
    // Renewed from now on: reading a large board may take longer than the lease lasts.
    let lost = Arc::new(OnceLock::new());
    tokio::spawn(keep_lease(store.clone(), holder, epoch, lost.clone()));
    // Looked at again: while a standby waited, the active node may have made or changed the key.
    secrets_key::seal(&key_file, &store, epoch).await?;
    let setup = Setup {
        store: store.clone(),
        epoch,
        catalog: catalog::shipped()?,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        node: node(config, demonstration)?,
    };
    let app = App::start(setup).await.context("读取数据失败")?;
    if !demonstration {
        app.set_policy(config.accounts.policy());
    }
    watch_room(&app, &config.data_dir);
    app.keep_uploads_in(config.data_dir.join(UPLOADS)).context("不能建立上传目录")?;
    app.shed_beyond(config.gateway.overload());
    let gateway = Gateway::start(app.clone(), config.gateway.settings(), Arc::new(SystemClock)).await?;
    let codecs = wires::codecs(config.codecs.as_deref())?;
    let wires = Wires::start(&app, config, &codecs, Arc::new(SystemClock)).await?;
    let certificates = config.http.tls.as_ref().map(TlsConfig::certificates).transpose()?;
    let door = door(listen(config.http.address).await?, certificates.clone())?;
    let http_address = door.address()?;
    send_to_encrypted(config, http_address).await?;
    let http = tokio::spawn(fengsui_api::serve(
        door,
        api(&app, &gateway, &wires, config, certificates)?,
        Arc::new(assets::Embedded),
        config.http.tls.as_ref().and_then(|tls| tls.hsts_days),
    ));
    reconcile(&app, config.outward.spool.clone(), config.gateway.set_clocks);
    reconcile_strangers(&app, config.gateway.strangers_kept_days);
    let deliverer = Deliverer::new(app.clone(), Transport::new(), config.outward.site.clone());
    tokio::spawn(deliverer.run());
    Ok(Running { app, gateway, wires, http, http_address, lost })
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("网页端口 {address} 不能使用，可能已被占用；请改 http.address，或先停掉占用它的程序")
    })
}

fn door(listener: TcpListener, certificates: Option<Arc<Certificates>>) -> std::io::Result<Door> {
    match certificates {
        Some(certificates) => Ok(Door::Encrypted(Encrypted::new(listener, certificates)?)),
        None => Ok(Door::Plain(listener)),
    }
}

/// Opens the port that only sends browsers on to the encrypted pages.
async fn send_to_encrypted(config: &Config, https: SocketAddr) -> Result<()> {
    let Some(from) = config.http.tls.as_ref().and_then(|tls| tls.redirect_from) else { return Ok(()) };
    let listener = TcpListener::bind(from).await.with_context(|| {
        format!("端口 {from} 不能使用，可能已被占用；请改 http.tls.redirect_from，或删掉这一行")
    })?;
    tokio::spawn(fengsui_api::redirect(listener, https.port()));
    Ok(())
}

/// How the pages are reached, as one would type it.
fn shown_address(config: &Config, address: SocketAddr) -> String {
    format!("{}://{address}", if config.http.tls.is_some() { "https" } else { "http" })
}

fn node(config: &Config, demonstration: bool) -> Result<Node> {
    let node = &config.node;
    let region: RegionCode = node
        .region
        .parse()
        .map_err(|_| anyhow::anyhow!("node.region 应是十二位辖区代码，现为 {}", node.region))?;
    Ok(Node {
        name: if node.name.is_empty() { node.office.clone() } else { node.name.clone() },
        office: node.office.clone(),
        region,
        region_name: node.region_name.clone(),
        level: node.level,
        seats: node.seats,
        demonstration,
        spool: config.outward.spool.is_some(),
        waits: config.ladder,
        filters: config.alarm.settings(),
        duty: config.duty_check.hours()?,
        readings: config.gateway.readings(),
        lines: config.line,
        keeping: config.keep,
        reminders: config.outward.reminders,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

fn api(
    app: &Arc<App>,
    gateway: &Gateway,
    wires: &Wires,
    config: &Config,
    certificates: Option<Arc<Certificates>>,
) -> Result<Api> {
    let address = gateway.address().to_string();
    let facts = GatewayFacts { tcp: address.clone(), udp: address };
    let folder = config.data_dir.clone();
    let map = base_map(&config.data_dir.join(MAP_FILE))?;
    if let Some(map) = &map {
        app.set_extent(map.extent());
    }
    Ok(Api {
        app: app.clone(),
        map,
        gateway: Arc::new(move || facts.clone()),
        wires: Arc::new(wires.view()),
        disk_free: Arc::new(move || fs4::available_space(&folder).ok()),
        secure_cookie: config.http.secure_cookie,
        certificates,
        proxies: config.http.proxies()?,
        site: config.outward.site.as_deref().map(Arc::from),
        papers: Arc::new(crate::papers::templates(config.papers.as_deref())?),
    })
}

fn base_map(path: &Path) -> Result<Option<Arc<BaseMap>>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("读不到底图 {}", path.display()))?;
    let map = BaseMap::read(&text).map_err(|sentence| anyhow::anyhow!("{}：{sentence}", path.display()))?;
    Ok(Some(Arc::new(map)))
}

/// The name by which this installation holds the lease: made once, kept with the data.
fn node_name(data_dir: &Path) -> Result<String> {
    let path = data_dir.join("node-name");
    if let Ok(name) = std::fs::read_to_string(&path) {
        return Ok(name.trim().to_owned());
    }
    let mut random = [0; 8];
    SystemEntropy.fill(&mut random);
    let name = format!("node-{:016x}", u64::from_be_bytes(random));
    std::fs::write(&path, &name).with_context(|| format!("不能写 {}", path.display()))?;
    Ok(name)
}

/// Claims the lease; a standby waits here until the active node is gone.
async fn become_active(store: &dyn Store, holder: &str) -> Result<Epoch> {
    let mut step = interval(LEASE_STEP);
    let mut waiting = false;
    loop {
        step.tick().await;
        match store.claim_lease(holder, None, SystemClock.now(), LEASE).await.context("不能取得写入租约")?
        {
            Lease::Held { epoch, .. } => return Ok(epoch),
            Lease::Other { holder, until } if !waiting => {
                waiting = true;
                say(&format!("节点 {holder} 正在工作（租约至 {until}），本节点作为备机等待接管"));
            }
            Lease::Other { .. } => {}
        }
    }
}

impl Running {
    /// Waits for the word to stop, or for a reason to; then lets go of everything in order.
    pub(crate) async fn until_stopped(self) -> Result<()> {
        let ended = self.watch().await;
        self.http.abort();
        self.gateway.stop().await;
        self.wires.stop().await;
        ended
    }

    async fn watch(&self) -> Result<()> {
        let mut watch = interval(Duration::from_millis(200));
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                _ = terminate.recv() => return Ok(()),
                _ = watch.tick() => {
                    if let Some(why) = self.lost.get() {
                        bail!("{why}");
                    }
                    if self.app.stopped() {
                        bail!("数据库写入失败，已停止应答，以免把没有保存的说成已保存。请检查磁盘和数据库后重新启动");
                    }
                    if self.http.is_finished() {
                        bail!("网页服务意外结束");
                    }
                }
            }
        }
    }
}

/// Invented data and real data never share a database: the accounts of the one have passwords everybody knows.
async fn not_mixed(store: &dyn Store, config: &Config, demonstration: bool) -> Result<()> {
    let file = config.data_dir.join(DEMONSTRATION_FILE).exists();
    let marked = store.key(DEMONSTRATION_KEY).await?.is_some() || (file && config.database == "sqlite");
    let empty = store.head().await?.seq == 0;
    match (demonstration, marked) {
        (false, true) => {
            bail!("这里是示例数据，账号密码人人知道，不能当真实站点运行。请换一个 data_dir 或数据库")
        }
        (true, false) if !empty => {
            bail!("数据库里是真实数据，不能写入示例数据。请用 --data 指定另一个目录，或换一个数据库")
        }
        _ => Ok(()),
    }
}

/// Renews the lease until it is lost, and then says why.
async fn keep_lease(store: Arc<dyn Store>, holder: String, epoch: Epoch, lost: Arc<OnceLock<String>>) {
    let mut step = interval(LEASE_STEP);
    step.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        step.tick().await;
        let why = match store.claim_lease(&holder, Some(epoch), SystemClock.now(), LEASE).await {
            Ok(Lease::Held { .. }) => continue,
            // Nothing is acknowledged without room, and every commit checks the epoch: the node may live.
            Err(error @ StoreError::Full(_)) => {
                tracing::warn!(%error, "the lease could not be renewed");
                continue;
            }
            Ok(Lease::Other { holder, .. }) => format!("节点 {holder} 已接管，本节点停止"),
            Err(error) => format!("不能续写入租约：{error}"),
        };
        let _ = lost.set(why);
        return;
    }
}

/// Looks at the disk every second. Where that fails, the store itself will say what is wrong.
fn watch_room(app: &Arc<App>, data_dir: &Path) {
    let reserve = Arc::new(crate::room::Reserve::new(data_dir.to_path_buf()));
    // Before the first terminal is heard, so that there is a reserve before there is anything to fill the disk.
    if let Ok(nearly_full) = reserve.look() {
        app.keep_room_for_urgent(nearly_full);
    }
    every(app, Duration::from_secs(1), "room", move |app| {
        let reserve = reserve.clone();
        async move {
            if let Ok(Ok(nearly_full)) = tokio::task::spawn_blocking(move || reserve.look()).await {
                app.keep_room_for_urgent(nearly_full);
            }
            Ok(())
        }
    });
}

/// Lets the clocks of ledgers speak from now on. A demonstration does so when its past is told: what was due in the past
/// is said at its own time by who tells it, not by the clock of today in between.
pub(crate) fn let_clocks_speak(app: &Arc<App>) {
    every(app, Duration::from_secs(10), "deadlines", |app| async move {
        app.reconcile_deadlines().await.map(|_| ())
    });
}

/// Starts what depends on time: each by its own beat, each safe to run twice.
fn reconcile(app: &Arc<App>, spool: Option<PathBuf>, set_clocks: bool) {
    every(
        app,
        Duration::from_secs(30),
        "seats",
        |app| async move { app.reconcile_seats().await.map(|_| ()) },
    );
    every(
        app,
        Duration::from_secs(300),
        "values",
        |app| async move { app.reconcile_values().await.map(|_| ()) },
    );
    every(app, SILENCE_STEP, "silence", |app| async move { app.reconcile_silence().await.map(|_| ()) });
    every(app, LIMITS_STEP, "limits", |app| async move { app.reconcile_limits().await.map(|_| ()) });
    every(
        app,
        Duration::from_secs(1),
        "windows",
        |app| async move { app.reconcile_windows().await.map(|_| ()) },
    );
    every(app, Duration::from_secs(2), "chain", |app| async move { app.reconcile_chain().await });
    every(app, Duration::from_secs(60), "retention", |app| async move {
        app.reconcile_retention().await.map(|_| ())
    });
    every(
        app,
        Duration::from_secs(600),
        "blobs",
        |app| async move { app.reconcile_blobs().await.map(|_| ()) },
    );
    // One import after another, a piece at a time, without a pause while there is work.
    every(app, Duration::from_millis(500), "imports", |app| async move {
        while app.reconcile_imports().await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    });
    every(app, Duration::from_secs(3_600), "import files", |app| async move {
        app.reconcile_import_files().await.map(|_| ())
    });
    every(
        app,
        Duration::from_secs(60),
        "repairs",
        |app| async move { app.reconcile_repairs().await.map(|_| ()) },
    );
    every(app, Duration::from_secs(10), "ages", |app| async move { app.reconcile_ages().await.map(|_| ()) });
    every(app, Duration::from_secs(2), "followers", |app| async move {
        app.reconcile_followers().await.map(|_| ())
    });
    every(
        app,
        Duration::from_secs(1),
        "ladders",
        |app| async move { app.reconcile_ladders().await.map(|_| ()) },
    );
    every(app, Duration::from_secs(1), "duty checks", |app| async move {
        app.reconcile_duty_checks().await.map(|_| ())
    });
    if set_clocks {
        every(app, Duration::from_secs(600), "clocks", |app| async move {
            app.reconcile_clocks().await.map(|_| ())
        });
    }
    if let Some(folder) = spool {
        every(app, Duration::from_secs(1), "outbox", move |app| {
            let folder = folder.clone();
            async move { crate::spool::deliver(&app, &folder).await }
        });
    }
}

/// Terminals that came by themselves: back from being ignored, retired after days of silence.
fn reconcile_strangers(app: &Arc<App>, kept_days: u32) {
    every(
        app,
        Duration::from_secs(60),
        "ignored",
        |app| async move { app.reconcile_ignored().await.map(|_| ()) },
    );
    every(app, Duration::from_secs(60), "strangers", move |app| async move {
        app.reconcile_strangers(kept_days).await.map(|_| ())
    });
}

fn every<F>(
    app: &Arc<App>,
    beat: Duration,
    name: &'static str,
    mut work: impl FnMut(Arc<App>) -> F + Send + 'static,
) where
    F: Future<Output = Result<(), fengsui_app::Fault>> + Send + 'static,
{
    let app = app.clone();
    tokio::spawn(async move {
        let mut step = interval(beat);
        step.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            step.tick().await;
            if let Err(fault) = work(app.clone()).await {
                tracing::warn!(%fault, name, "a reconciler will try again");
            }
        }
    });
}
