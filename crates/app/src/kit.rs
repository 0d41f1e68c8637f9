//! A desk for tests: a small made-up county beside another, a clock that is moved by hand, officers who sign in,
//! and terminals that say what they are told to.
//!
//! Built only with the feature `kit`, for tests of this crate and of those above it. Nothing here stands in for
//! the program itself: the application is the real one, over whatever store the test hands in.

use crate::{
    AccountContact, AccountDraft, App, Arrival, ChannelKind, Clock, Entropy, Fault, ImportedPoint,
    ImportedTerminal, ImportedUnit, MachineOff, Message, Node, Notice, OpenAlarm, Operation, Receipt,
    Recipient, Report, ReportBody, ResponderDraft, Setup, SignedIn, SoundTest, Steady, TerminalDraft,
    UnitDraft,
};
use fengsui_access::Appointment;
use fengsui_alarm::{Condition, Conditions};
use fengsui_base::{
    AccountId, Actor, EntryId, Fields, Level, Position, Region, RegionCode, Scope, TerminalId, Timestamp,
    UnitId,
};
use fengsui_catalog::Catalog;
use fengsui_ledger::Subject;
use fengsui_store::{Lease, Part, Query, StateKey, Store};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The county of the desk.
pub const COUNTY: &str = "990101000000";
/// A township of it.
pub const TOWN: &str = "990101001000";
/// The county beside it, of which the desk's officers know nothing.
pub const NEIGHBOUR: &str = "990102000000";
/// A township there.
pub const NEIGHBOUR_TOWN: &str = "990102001000";
/// When every desk opens: 14:00:00 in the office's zone.
pub const OPENING: &str = "2026-11-21T06:00:00Z";
/// The password of every officer.
pub const PASSWORD: &str = "kuaile-xiaofang-119";
/// Number of seats.
pub const SEATS: u16 = 3;

/// A clock that stands still until it is moved, in a machine whose own clock may jump.
pub struct HandClock(Mutex<HandMachine>, Steady);

/// What the machine says: the time, and how long it has run.
#[derive(Clone, Copy)]
struct HandMachine {
    now: Timestamp,
    running: Duration,
}

impl HandClock {
    /// A clock that stands at this instant (RFC 3339).
    pub fn at(instant: &str) -> Self {
        let now = self::instant(instant);
        Self(Mutex::new(HandMachine { now, running: Duration::ZERO }), Steady::begin(now, Duration::ZERO))
    }

    /// Lets seconds pass.
    pub fn pass_s(&self, seconds: i64) {
        self.pass(Duration::from_secs(seconds.unsigned_abs()));
    }

    /// Lets nanoseconds pass: less than a store keeps.
    pub fn pass_ns(&self, nanoseconds: i64) {
        self.pass(Duration::from_nanos(nanoseconds.unsigned_abs()));
    }

    /// Lets milliseconds pass.
    pub fn pass_ms(&self, milliseconds: i64) {
        self.pass(Duration::from_millis(milliseconds.unsigned_abs()));
    }

    fn pass(&self, time: Duration) {
        let mut machine = self.0.lock().expect("nothing panics while it holds the clock");
        machine.now += time;
        machine.running += time;
    }

    /// Somebody sets the clock of the machine, or it loses its battery.
    pub fn machine_jumps_s(&self, seconds: i64) {
        let mut machine = self.0.lock().expect("nothing panics while it holds the clock");
        machine.now += jiff::SignedDuration::from_secs(seconds);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        let HandMachine { now, running } = *self.0.lock().expect("nothing panics while it holds the clock");
        self.1.now(now, running)
    }

    fn machine_off(&self) -> MachineOff {
        self.now();
        self.1.off()
    }
}

/// Bytes that differ each time and are the same in every run.
#[derive(Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        buffer.fill(0);
        buffer.iter_mut().rev().zip(count.iter().rev()).for_each(|(to, from)| *to = *from);
    }
}

/// An instant from its text (RFC 3339).
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("tests write instants as RFC 3339")
}

/// A region code from its text.
pub fn code(text: &str) -> RegionCode {
    text.parse().expect("tests write region codes with twelve digits")
}

/// The catalog that is shipped.
pub fn catalog() -> Catalog {
    catalog_with(&[])
}

/// The shipped catalog with texts in place of others, as an upgrade would bring it.
pub fn catalog_with(changes: &[(&str, &str)]) -> Catalog {
    let mut files = shipped_files();
    for (from, to) in changes {
        assert!(files.iter().any(|(_, text)| text.contains(from)), "the catalog says nowhere {from}");
        files.iter_mut().for_each(|(_, text)| *text = text.replace(from, to));
    }
    loaded(&files)
}

/// The shipped catalog and one more file.
pub fn catalog_and(text: &str) -> Catalog {
    let mut files = shipped_files();
    files.push(("more.toml".to_owned(), text.to_owned()));
    loaded(&files)
}

fn shipped_files() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let folders = [folder.clone(), folder.join("ledgers"), folder.join("packs")];
    folders.iter().flat_map(|f| texts(f)).collect()
}

fn loaded(files: &[(String, String)]) -> Catalog {
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Catalog::load(&files).expect("the catalog is without mistakes")
}

/// The catalog files of one folder, by name.
fn texts(folder: &std::path::Path) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder).expect("the catalog lies beside the crates");
    let mut paths: Vec<_> = files.map(|file| file.expect("a folder can be read").path()).collect();
    paths.sort();
    let toml = paths.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml"));
    toml.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a file can be read")))
        .collect()
}

/// The node of the county.
pub fn node() -> Node {
    Node {
        name: "云岫县值守节点".to_owned(),
        office: "云岫县消防救援局".to_owned(),
        region: code(COUNTY),
        region_name: "云岫县".to_owned(),
        level: Level::County,
        seats: SEATS,
        demonstration: true,
        spool: true,
        waits: Default::default(),
        filters: Default::default(),
        duty: Default::default(),
        readings: Default::default(),
        lines: Default::default(),
        keeping: Default::default(),
        reminders: true,
        version: "0.0.0".to_owned(),
    }
}

/// The application over a store, with a clock that can be moved.
pub struct Desk {
    /// The application.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// Its store.
    pub store: Arc<dyn Store>,
    entropy: Arc<CountingEntropy>,
    sequence: AtomicU16,
}

impl Desk {
    /// A desk over an empty store: two counties, and nobody in them yet.
    pub async fn open(store: Arc<dyn Store>) -> Self {
        let (clock, entropy) = (Arc::new(HandClock::at(OPENING)), Arc::new(CountingEntropy::default()));
        let app = start(&store, &clock, &entropy, catalog(), node())
            .await
            .expect("an empty store can be started on");
        app.add_regions(regions(), "试验").await.expect("the regions are new");
        Self { app, clock, store, entropy, sequence: AtomicU16::new(0) }
    }

    /// The same county after the program was stopped and started again.
    pub async fn restart(self) -> Self {
        self.restart_with(catalog(), node()).await
    }

    /// The same after an upgrade: another catalog, another node.
    pub async fn restart_with(self, catalog: Catalog, node: Node) -> Self {
        let Self { app, clock, store, entropy, sequence } = self;
        drop(app);
        let app =
            start(&store, &clock, &entropy, catalog, node).await.expect("what was stored can be started on");
        Self { app, clock, store, entropy, sequence }
    }

    /// Why the same county cannot be started on with another catalog.
    pub async fn refuses(&self, catalog: Catalog) -> fengsui_base::Refusal {
        let started = start(&self.store, &self.clock, &self.entropy, catalog, node()).await;
        started.err().expect("a catalog that contradicts what is stored is refused").refusal()
    }

    /// An officer with a post in a region, who knows [`PASSWORD`].
    pub async fn employ(&self, login: &str, name: &str, post: &str, region: &str) -> AccountId {
        self.employ_with(login, name, &[(post, region)]).await
    }

    /// An officer with several posts, or none.
    pub async fn employ_with(&self, login: &str, name: &str, posts: &[(&str, &str)]) -> AccountId {
        let appointments = posts.iter().map(|(post, region)| Appointment::of(*post, code(region)));
        self.appoint(login, name, appointments.collect()).await
    }

    /// An officer with a post in a region who holds a certificate (执法证).
    pub async fn certify(&self, login: &str, name: &str, post: &str, region: &str) -> AccountId {
        let appointments = vec![Appointment::of(post, code(region))];
        self.enter(AccountDraft {
            certificate: Some(format!("示消执 {login}")),
            ..account(login, name, appointments)
        })
        .await
    }

    /// An officer with a post in a region who can be reached by this telephone.
    pub async fn employ_reached(
        &self,
        login: &str,
        name: &str,
        post: &str,
        region: &str,
        phone: &str,
    ) -> AccountId {
        let contact = AccountContact { phone: Some(phone.to_owned()), ..AccountContact::default() };
        let appointments = vec![Appointment::of(post, code(region))];
        self.enter(AccountDraft { contact, ..account(login, name, appointments) }).await
    }

    /// An officer with appointments of any kind.
    pub async fn appoint(&self, login: &str, name: &str, appointments: Vec<Appointment>) -> AccountId {
        self.enter(account(login, name, appointments)).await
    }

    async fn enter(&self, draft: AccountDraft) -> AccountId {
        let key = format!("account/login/{}", draft.login);
        self.app.demonstration_account(draft, PASSWORD).await.expect("the login is not taken");
        let found = self.store.key(&key).await.expect("the store answers");
        AccountId(found.expect("the account was just made"))
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, login: &str) -> SignedIn {
        let login = self.app.log_in(login, PASSWORD.to_owned(), "192.0.2.10").await;
        login.expect("the officer knows the password").signed_in
    }

    /// An officer on a seat, as the next request of hers is seen.
    pub async fn on_duty(&self, login: &str, name: &str, post: &str, seat: u16) -> SignedIn {
        self.employ(login, name, post, COUNTY).await;
        let signed_in = self.sign_in(login).await;
        self.app.sign_on(&signed_in, seat, SoundTest::Heard).await.expect("the seat is free");
        self.sign_in(login).await
    }

    /// A unit with one terminal and its points 1 to `points`.
    pub async fn register(&self, unit: &str, region: &str, source: &str, points: u32) -> UnitId {
        self.register_in(unit, region, source, points, Fields::new()).await
    }

    /// The same with more of the unit's fields, such as its sector.
    pub async fn register_in(
        &self,
        unit: &str,
        region: &str,
        source: &str,
        points: u32,
        more: Fields,
    ) -> UnitId {
        let terminal = ImportedTerminal {
            name: format!("{unit}用户信息传输装置"),
            source: source.to_owned(),
            fields: fields([("profile", "gb26875".into()), ("report_period_s", 30.into())]),
            points: (1..=points).map(point).collect(),
        };
        let mut draft = unit_draft(unit, region, source);
        draft.fields.extend(more);
        let imported = ImportedUnit { draft, terminals: vec![terminal] };
        self.app.import_unit(imported, "试验").await.expect("the unit is new");
        let found = self.store.key(&format!("unit/code/U{source}")).await.expect("the store answers");
        UnitId(found.expect("the unit was just made"))
    }

    /// A unit with one terminal that was installed on a day, with more of its fields.
    pub async fn register_aged(
        &self,
        unit: &str,
        region: &str,
        source: &str,
        installed_on: &str,
        more: Fields,
    ) -> UnitId {
        let mut terminal = ImportedTerminal {
            name: format!("{unit}用户信息传输装置"),
            source: source.to_owned(),
            fields: fields([("profile", "gb26875".into()), ("installed_on", installed_on.into())]),
            points: vec![point(1)],
        };
        terminal.fields.extend(more);
        let imported = ImportedUnit { draft: unit_draft(unit, region, source), terminals: vec![terminal] };
        self.app.import_unit(imported, "试验").await.expect("the unit is new");
        let found = self.store.key(&format!("unit/code/U{source}")).await.expect("the store answers");
        UnitId(found.expect("the unit was just made"))
    }

    /// The same in a home or small place, with these contacts (role, name, telephone).
    pub async fn register_home(&self, unit: &str, source: &str, contacts: &[(&str, &str, &str)]) {
        let terminal = ImportedTerminal {
            name: format!("{unit}独立式感烟"),
            source: source.to_owned(),
            fields: fields([("profile", "gb26875".into()), ("report_period_s", 30.into())]),
            points: (1..=4).map(point).collect(),
        };
        let mut draft = unit_draft(unit, TOWN, source);
        let contact = |(role, name, phone): &(&str, &str, &str)| serde_json::json!({ "role": role, "name": name, "phone": phone });
        draft.fields.extend(fields([
            ("category", "housing".into()),
            ("key_unit", false.into()),
            ("contacts", contacts.iter().map(contact).collect::<Vec<_>>().into()),
        ]));
        let imported = ImportedUnit { draft, terminals: vec![terminal] };
        self.app.import_unit(imported, "试验").await.expect("the unit is new");
    }

    /// Somebody who can be called.
    pub async fn enlist(&self, role: &str, name: &str, phone: &str, region: &str) -> EntryId {
        let draft = ResponderDraft {
            name: name.to_owned(),
            region: code(region),
            unit: None,
            position: None,
            fields: fields([("role", role.into()), ("phone", phone.into())]),
        };
        self.app.import_responder(draft, "试验").await.expect("the responder is well formed")
    }

    /// The secret of the link in a message that was just sent to somebody.
    pub async fn link(&self) -> String {
        let notice = Notice {
            about: Subject { kind: "alarm".to_owned(), id: EntryId::from_u128(7) },
            region: code(COUNTY),
            rung: "deputy".to_owned(),
            recipient: Recipient {
                name: "副班甲".to_owned(),
                phone: Some("13900000001".to_owned()),
                ..Recipient::default()
            },
            title: "试验消息".to_owned(),
            text: "试验".to_owned(),
            by: vec![ChannelKind::Sms],
            urgent: false,
            answerable: true,
        };
        let actor = Actor::System { rule: "试验".to_owned() };
        let id = self.app.send_notice(notice, actor).await.expect("the store takes it");
        let entry = self.store.entry(&Scope::everything(), id).await.expect("the store answers");
        let token = entry.as_ref().and_then(Message::of).and_then(|m| m.token);
        token.expect("an answerable message has a link").reveal().to_owned()
    }

    /// Lets seconds pass one by one, and climbs what is due at each.
    pub async fn pass_climbing(&self, seconds: i64) -> usize {
        let mut climbed = 0;
        for _ in 0..seconds {
            self.clock.pass_s(1);
            climbed += self.app.reconcile_ladders().await.expect("the store answers");
        }
        climbed
    }

    /// A terminal reports now, by a clock that is right.
    pub async fn hears(&self, source: &str, reports: Vec<Report>) -> Result<Receipt, Fault> {
        self.app.take_in(self.frame(source, reports)).await
    }

    /// A frame as it arrives now, with the next sequence number.
    pub fn frame(&self, source: &str, reports: Vec<Report>) -> Arrival {
        let (now, sequence) = (self.clock.now(), self.sequence.fetch_add(1, Ordering::Relaxed));
        Arrival {
            source: source.to_owned(),
            channel: "tcp 192.0.2.7:40123".to_owned(),
            profile: "gb26875".to_owned(),
            sequence,
            command: 2,
            unit_type: Some(2),
            sent_at: Some(now),
            received_at: now,
            digest: u64::from(sequence),
            message: None,
            bytes: hex::decode(FRAME).expect("a frame in hexadecimal"),
            reports,
        }
    }

    /// A point reports that it is as told, now.
    pub fn state(&self, point: u32, conditions: &[Condition]) -> Report {
        let body = ReportBody::State {
            key: key(point),
            conditions: conditions.iter().copied().collect::<Conditions>(),
            over: false,
            component_type: 40,
            component_label: "感烟火灾探测器".to_owned(),
            part_label: format!("1 区 {point} 号"),
            text: String::new(),
        };
        Report { event_at: Some(self.clock.now()), body }
    }

    /// A point reports fire.
    pub async fn fire(&self, source: &str, point: u32) -> Arc<OpenAlarm> {
        self.hears(source, vec![self.state(point, &[Condition::Fire])]).await.expect("the store takes it");
        let open = self.app.board().open_alarms(&Scope::everything());
        let terminal = self.terminal(source);
        let of_point = |a: &Arc<OpenAlarm>| {
            a.alarm.raise.terminal == terminal && a.alarm.raise.component_address == point
        };
        open.into_iter().rfind(of_point).expect("a fire raises an alarm")
    }

    /// A point reports fire, whatever becomes of it.
    pub async fn fire_only(&self, source: &str, point: u32) {
        self.hears(source, vec![self.state(point, &[Condition::Fire])]).await.expect("the store takes it");
    }

    /// One more terminal of a unit.
    pub async fn add_terminal(&self, by: &SignedIn, unit: UnitId, source: &str) {
        let draft = TerminalDraft {
            name: format!("用传装置 {source}"),
            source: source.to_owned(),
            unit,
            fields: fields([("profile", "gb26875".into())]),
        };
        self.app.create_terminal(&by.grant, draft, None).await.expect("the source is not taken");
    }

    /// A point reports that it is normal again.
    pub async fn restore(&self, source: &str, point: u32) {
        self.hears(source, vec![self.state(point, &[])]).await.expect("the store takes it");
    }

    /// Somebody operates the fire alarm system.
    pub fn operation(&self, operation: Operation) -> Report {
        let body = ReportBody::Operation { system: Some((1, 1)), operations: vec![operation], operator: 1 };
        Report { event_at: Some(self.clock.now()), body }
    }

    /// The terminal with this source.
    pub fn terminal(&self, source: &str) -> TerminalId {
        self.app.board().terminal_at(source).expect("the terminal has been registered or heard").id
    }

    /// All open alarms of both counties.
    pub fn open_alarms(&self) -> Vec<Arc<OpenAlarm>> {
        self.app.board().open_alarms(&Scope::everything())
    }

    /// How many entries of a kind are stored.
    pub async fn count(&self, kind: &str) -> u64 {
        self.store.count(&Query::newest(kind, Scope::everything())).await.expect("the store answers")
    }

    /// The sentences of the journal after a number, oldest first, each with who said it.
    pub async fn sentences_since(&self, seq: u64) -> Vec<String> {
        let changes = self.store.journal_since(seq, u16::MAX).await.expect("the store answers");
        let lines = changes.into_iter().flat_map(|(_, _, rows)| rows).filter_map(|row| row.content);
        lines.map(|line| format!("{}：{}", line.actor.name(), line.text)).collect()
    }

    /// Number of the last ChangeSet.
    pub async fn head(&self) -> u64 {
        self.store.head().await.expect("the store answers").seq
    }
}

async fn start(
    store: &Arc<dyn Store>,
    clock: &Arc<HandClock>,
    entropy: &Arc<CountingEntropy>,
    catalog: Catalog,
    node: Node,
) -> Result<Arc<App>, Fault> {
    let lease = store.claim_lease(&node.name, None, clock.now(), Duration::from_secs(3_600)).await?;
    let Lease::Held { epoch, .. } = lease else { panic!("a desk has its store to itself") };
    App::start(Setup {
        store: store.clone(),
        epoch,
        catalog,
        clock: clock.clone(),
        entropy: entropy.clone(),
        node,
    })
    .await
}

fn account(login: &str, name: &str, appointments: Vec<Appointment>) -> AccountDraft {
    let (login, name) = (login.to_owned(), name.to_owned());
    AccountDraft { login, name, appointments, certificate: None, contact: AccountContact::default() }
}

fn regions() -> Vec<Region> {
    [
        (TOWN, "东渚镇", Level::Township, Some(COUNTY)),
        (NEIGHBOUR, "邻溪县", Level::County, None),
        (NEIGHBOUR_TOWN, "石桥镇", Level::Township, Some(NEIGHBOUR)),
    ]
    .map(|(region, name, level, parent)| Region {
        code: code(region),
        name: name.to_owned(),
        level,
        parent: parent.map(code),
        valid_from_on: None,
        valid_until_on: None,
    })
    .to_vec()
}

/// What a form says of a unit, whose code is U and the source of its terminal.
pub fn unit_draft(name: &str, region: &str, source: &str) -> UnitDraft {
    UnitDraft {
        name: name.to_owned(),
        region: code(region),
        position: Some(Position { lng: 117.25, lat: 29.5 }),
        fields: fields([
            ("code", format!("U{source}").into()),
            ("category", "factory".into()),
            ("address", "东渚镇工业路 8 号".into()),
            ("key_unit", true.into()),
        ]),
    }
}

fn point(number: u32) -> ImportedPoint {
    let fields = fields([
        ("system_type", 1.into()),
        ("system_address", 1.into()),
        ("component_type", 40.into()),
        ("component_address", number.into()),
        ("building", "1 号厂房".into()),
        ("floor", "2 层".into()),
    ]);
    ImportedPoint { label: format!("1-2-{number:03}"), position: None, fields }
}

fn fields<const N: usize>(all: [(&str, serde_json::Value); N]) -> Fields {
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The address of a point.
pub fn key(point: u32) -> StateKey {
    StateKey {
        part: Part::Component,
        system_type: 1,
        system_address: 1,
        component_address: point,
        analog_type: 0,
    }
}

/// A fire as a detector puts it on the wire, in hexadecimal: the bytes kept with every frame of this kit. What
/// the application makes of a frame comes beside them, already understood.
const FRAME: &str = "404001000101203A091A090C790300000000385B0100000030000202010101280A00020002002020202020202020202020202\
    0202020202020202020202020202020202000023A091A090C462323";
