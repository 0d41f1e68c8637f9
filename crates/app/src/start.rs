//! The start: the board is rebuilt from storage, the catalog's revision is stored, and a new site gets its
//! region and one administrator, and nothing else.

use crate::calendar::Calendars;
use crate::catalogs::{Catalogs, revised};
use crate::changes::Said;
use crate::committer::{Committer, Stage};
use crate::contacts::AccountContact;
use crate::live::Live;
use crate::messages::outward::Outward;
use crate::overload::Overload;
use crate::passwords::Passwords;
use crate::templates::{adopted_ledgers, adopted_overlays};
use crate::{AccountDraft, App, Board, Clock, Entropy, Fault, Issued, Meters};
use fengsui_access::Appointment;
use fengsui_alarm::FilterSettings;
use fengsui_base::{EntryId, Fields, Level, Region, RegionCode, Scope};
use fengsui_catalog::Catalog;
use fengsui_store::{
    CatalogText, ChangeSet, Direction, Epoch, Expect, KeyWrite, Numbering, Query, SCAN_MAX, Scanned, Store,
    StoreError,
};
use std::sync::Arc;

/// Who and where this node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Name of the node, such as 云岫县值守节点.
    pub name: String,
    /// The office that runs it.
    pub office: String,
    /// Region it answers for.
    pub region: RegionCode,
    /// Name of that region.
    pub region_name: String,
    /// Level of that region.
    pub level: Level,
    /// How many seats there are.
    pub seats: u16,
    /// Whether the data is invented.
    pub demonstration: bool,
    /// Whether messages leave through a spool folder.
    pub spool: bool,
    /// How long each rung of the ladder is given.
    pub waits: fengsui_alarm::Waits,
    /// What is set of the filters.
    pub filters: FilterSettings,
    /// When planned duty checks come.
    pub duty: crate::DutyHours,
    /// How often the states of terminals are read.
    pub readings: fengsui_alarm::ReadingRules,
    /// From when the line of a terminal comes and goes.
    pub lines: fengsui_alarm::LineRules,
    /// How long what is no entry is kept.
    pub keeping: crate::Keeping,
    /// Whether people are told of deadlines by messages besides their agenda.
    pub reminders: bool,
    /// Version of the program.
    pub version: String,
}

/// What the application is started with.
pub struct Setup {
    /// Storage, of which this node is the active one.
    pub store: Arc<dyn Store>,
    /// Epoch of the lease.
    pub epoch: Epoch,
    /// The catalog.
    pub catalog: Catalog,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Who and where.
    pub node: Node,
}

/// The first administrator, shown once.
pub struct Administrator {
    /// Login.
    pub login: String,
    /// One-time password.
    pub password: String,
}

/// The id by which the node itself stands in the journal: made from its region, the same after every restart.
pub(crate) fn node_id(node: &Node) -> EntryId {
    EntryId::from_u128(u128::from(node.region.number()))
}

impl App {
    /// Starts the application: loads the board, stores the catalog and the node's region when they are new.
    pub async fn start(setup: Setup) -> Result<Arc<Self>, Fault> {
        let own = adopted_ledgers(&*setup.store).await?;
        let added = adopted_overlays(&*setup.store).await?;
        let whole = setup.catalog.with_overlays(&added).with_site(own);
        let (catalog, fresh) = revised(&*setup.store, whole).await?;
        let board = Arc::new(Board::with_line_rules(setup.node.lines));
        load(&setup.store, &board).await?;
        let outward = Arc::new(Outward::default());
        load_outward(&*setup.store, &outward).await?;
        let calendars = Arc::new(Calendars::new(catalog.holiday_years()));
        let catalogs = Arc::new(Catalogs::new(catalog));
        load_calendar(&*setup.store, &calendars).await?;
        board.watch_from(setup.clock.now());
        board.read_from(setup.node.readings.period_s, setup.clock.now());
        let (live, meters) = (Live::new(), Arc::new(Meters::new()));
        let overload = Overload::start(&meters);
        let stage = Stage {
            store: setup.store.clone(),
            epoch: setup.epoch,
            board: board.clone(),
            outward: outward.clone(),
            calendars: calendars.clone(),
            catalogs: catalogs.clone(),
            live: live.sender(),
            meters: meters.clone(),
            overload: overload.clone(),
        };
        let app = Arc::new(Self {
            store: setup.store,
            catalog: catalogs,
            adopting: Default::default(),
            started_at: setup.clock.now(),
            clock: setup.clock,
            entropy: setup.entropy,
            board,
            outward,
            calendars,
            committer: Committer::start(stage),
            downlink_made: Default::default(),
            imports: Default::default(),
            live,
            meters,
            overload,
            throttle: Default::default(),
            pin_throttle: Default::default(),
            policy: Default::default(),
            passwords: Passwords::new(),
            pictures: tokio::sync::Semaphore::new(1),
            verification: Default::default(),
            node: setup.node,
            epoch: setup.epoch,
            sites: Default::default(),
            ages: Default::default(),
            reckoned_by: Default::default(),
            issuing: Default::default(),
        });
        if let Some(text) = fresh {
            app.store_catalog(text).await?;
        }
        app.store_own_region().await?;
        Ok(app)
    }

    async fn store_catalog(&self, catalog: CatalogText) -> Result<(), Fault> {
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            let said =
                Said::new("catalog.revised", format!("台账目录第 {} 版启用", catalog.revision), "程序");
            let line = self.line(
                "region",
                node_id(&self.node),
                self.node.region,
                change.at,
                &Self::by_rule("启动"),
                said,
            );
            change.journal.push(line);
            change.catalog = Some(catalog.clone());
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    async fn store_own_region(&self) -> Result<(), Fault> {
        let region = Region {
            code: self.node.region,
            name: self.node.region_name.clone(),
            level: self.node.level,
            parent: None,
            valid_from_on: None,
            valid_until_on: None,
        };
        self.add_regions(vec![region], "启动").await
    }

    /// Adds regions that are not there yet.
    pub async fn add_regions(&self, regions: Vec<Region>, rule: &str) -> Result<(), Fault> {
        for region in regions.into_iter().filter(|r| self.board.region(r.code).is_none()) {
            self.settle(true, |_| std::future::ready(Ok((self.new_region(&region, rule), ())))).await?;
        }
        Ok(())
    }

    fn new_region(&self, region: &Region, rule: &str) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let mut fields = Fields::new();
        fields.insert("level".to_owned(), serde_json::to_value(region.level).unwrap_or_default());
        fields.extend(region.parent.map(|p| ("parent".to_owned(), p.to_string().into())));
        let entry = self.fresh("region", region.code, &region.name, fields, change.at);
        let key = format!("region/{}", region.code);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        let said = Said::new("region.created", format!("登记辖区 {}", region.name), "程序");
        change.journal.push(self.line_on(&entry, change.at, &Self::by_rule(rule), said));
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    /// Makes the first administrator when there is no account at all.
    pub async fn first_administrator(&self) -> Result<Option<Administrator>, Fault> {
        if self.has_accounts().await? {
            return Ok(None);
        }
        let appointment = |post: &str| Appointment::of(post, self.node.region);
        let draft = AccountDraft {
            login: "admin".to_owned(),
            name: "系统管理员".to_owned(),
            appointments: ["system_admin", "security_admin"].map(appointment).to_vec(),
            certificate: None,
            contact: AccountContact::default(),
        };
        let Issued { account, one_time_password } =
            self.issue_account(draft, Self::by_rule("首次启动"), None, None).await?;
        Ok(one_time_password.map(|password| Administrator { login: account.login, password }))
    }

    /// Makes a demonstration account with a password everybody may know; refused outside demonstration mode.
    pub async fn demonstration_account(&self, draft: AccountDraft, password: &str) -> Result<(), Fault> {
        if !self.node.demonstration {
            let kind = fengsui_base::RefusalKind::Forbidden;
            return Err(fengsui_base::Refusal::new(
                kind,
                "demonstration.only",
                "演示账号只在演示模式下建立。",
            )
            .into());
        }
        self.issue_account(draft, Self::by_rule("示例数据"), None, Some(password.to_owned())).await?;
        Ok(())
    }

    /// Whether there is any account.
    pub async fn has_accounts(&self) -> Result<bool, Fault> {
        Ok(self.store.count(&Query::newest("account", Scope::everything())).await? > 0)
    }

    /// Marks the whole database with a key that stays, such as that its data is invented.
    pub async fn mark(&self, key: &str, rule: &str) -> Result<(), Fault> {
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            let said = Said::new("node.marked", format!("数据库标记为{rule}"), "程序");
            let node = node_id(&self.node);
            let line = self.line("region", node, self.node.region, change.at, &Self::by_rule(rule), said);
            change.journal.push(line);
            change.keys.push(KeyWrite::Take(key.to_owned(), node));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// Whether any unit is registered.
    pub async fn has_units(&self) -> Result<bool, Fault> {
        Ok(self.store.count(&Query::newest("unit", Scope::everything())).await? > 0)
    }
}

/// Rebuilds the board from storage.
async fn load(store: &Arc<dyn Store>, board: &Board) -> Result<(), Fault> {
    // Terminals before their points, which are kept with them.
    for kind in ["region", "unit", "terminal", "point"] {
        load_register(store, board, kind).await?;
    }
    let open = ["raised", "taken", "verified", "forwarded"].map(str::to_owned).to_vec();
    load_open(&**store, board, "alarm", open).await?;
    load_open(&**store, board, "sign_on", vec!["on".to_owned()]).await?;
    load_open(&**store, board, "responder", vec!["active".to_owned()]).await?;
    load_open(&**store, board, "window", ["planned", "active"].map(str::to_owned).to_vec()).await?;
    load_open(&**store, board, "downlink", ["waiting", "sent"].map(str::to_owned).to_vec()).await?;
    load_duty_checks(&**store, board).await?;
    load_open(&**store, board, "duty_plan", vec!["active".to_owned()]).await?;
    load_states(store, board).await?;
    load_heard(store, board).await?;
    load_readings(store, board).await
}

/// Reads in pieces of at most `full`, each behind the last row of the one before, and takes every row in. The next
/// piece is read while this one is taken in: a county may have a million of each.
async fn read_ahead<R: Send + 'static, C, F>(
    full: u32,
    fetch: impl Fn(Option<C>) -> F,
    place: impl Fn(&R) -> C,
    take: impl Fn(R) -> Result<(), StoreError>,
) -> Result<(), Fault>
where
    F: Future<Output = Result<Vec<R>, StoreError>> + Send + 'static,
{
    let mut next = Some(tokio::spawn(fetch(None)));
    while let Some(reading) = next.take() {
        let cut_off = |_| StoreError::Broken("读取已停止".to_owned());
        let piece = reading.await.map_err(cut_off)??;
        let more = piece.len() >= full as usize;
        next = piece.last().filter(|_| more).map(|last| tokio::spawn(fetch(Some(place(last)))));
        piece.into_iter().try_for_each(&take)?;
    }
    Ok(())
}

async fn load_register(store: &Arc<dyn Store>, board: &Board, kind: &'static str) -> Result<(), Fault> {
    let fetch = |after| {
        let store = store.clone();
        async move { store.scan(kind, after, SCAN_MAX).await }
    };
    let place = |scanned: &Scanned| (scanned.head.opened_at, scanned.head.id);
    read_ahead(SCAN_MAX, fetch, place, |scanned| board.load_entry(scanned)).await
}

/// Of what grows for ever only the few that are not over are read.
async fn load_open(store: &dyn Store, board: &Board, kind: &str, states: Vec<String>) -> Result<(), Fault> {
    let mut query = Query::newest(kind, Scope::everything());
    (query.states, query.direction, query.limit) = (states, Direction::Ascending, fengsui_store::PAGE_MAX);
    loop {
        let page = store.list(&query).await?;
        page.items.iter().for_each(|entry| board.apply_entry(entry));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Rebuilds what the sender knows: the channels, and the messages that wait.
async fn load_outward(store: &dyn Store, outward: &Outward) -> Result<(), Fault> {
    for (kind, states) in [("channel", vec![]), ("message", vec!["waiting".to_owned()])] {
        let mut query = Query::newest(kind, Scope::everything());
        (query.states, query.direction, query.limit) =
            (states, Direction::Ascending, fengsui_store::PAGE_MAX);
        loop {
            let page = store.list(&query).await?;
            page.items.iter().for_each(|entry| outward.apply(entry));
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
    }
    Ok(())
}

/// The years that the site wrote.
async fn load_calendar(store: &dyn Store, calendars: &Calendars) -> Result<(), Fault> {
    let mut query = Query::newest("calendar_year", Scope::everything());
    query.limit = fengsui_store::PAGE_MAX;
    loop {
        let page = store.list(&query).await?;
        page.items.iter().for_each(|entry| calendars.apply(entry));
        let Some(next) = page.next else { return Ok(()) };
        query.after = Some(next);
    }
}

/// Checks that run, and those of the last hours whose answer may still come.
async fn load_duty_checks(store: &dyn Store, board: &Board) -> Result<(), Fault> {
    const RECENT_MAX: u16 = fengsui_store::PAGE_MAX;
    let mut recent = Query::newest("duty_check", Scope::everything());
    (recent.states, recent.limit) = (["missed", "unreachable"].map(str::to_owned).to_vec(), RECENT_MAX);
    store.list(&recent).await?.items.iter().for_each(|entry| board.apply_entry(entry));
    load_open(store, board, "duty_check", ["waiting", "asked"].map(str::to_owned).to_vec()).await
}

async fn load_states(store: &Arc<dyn Store>, board: &Board) -> Result<(), Fault> {
    let fetch = |after| {
        let store = store.clone();
        async move { store.states(after, SCAN_MAX).await }
    };
    read_ahead(
        SCAN_MAX,
        fetch,
        |(terminal, key, _)| (*terminal, *key),
        |(terminal, key, state)| {
            let known = board.terminal(terminal);
            known.into_iter().for_each(|known| board.load_state(&known, key, state.clone()));
            Ok(())
        },
    )
    .await
}

async fn load_heard(store: &Arc<dyn Store>, board: &Board) -> Result<(), Fault> {
    let fetch = |after| {
        let store = store.clone();
        async move { store.heard(after, SCAN_MAX).await }
    };
    read_ahead(
        SCAN_MAX,
        fetch,
        |(terminal, _)| *terminal,
        |(terminal, at)| {
            board.terminal(terminal).into_iter().for_each(|known| known.heard_is_saved(at));
            Ok(())
        },
    )
    .await
}

async fn load_readings(store: &Arc<dyn Store>, board: &Board) -> Result<(), Fault> {
    let fetch = |after| {
        let store = store.clone();
        async move { store.readings(after, SCAN_MAX).await }
    };
    read_ahead(
        SCAN_MAX,
        fetch,
        |(terminal, _)| *terminal,
        |(terminal, reading)| {
            let known = board.terminal(terminal);
            known.into_iter().for_each(|t| t.note_reading(crate::readings::read(reading), true));
            Ok(())
        },
    )
    .await
}
