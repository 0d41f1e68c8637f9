//! A site to test the gateway at: a real application on storage in memory, a clock that is set by hand, and
//! terminals that are real sockets.

// Each test file uses its own part of this.
#![allow(dead_code, unreachable_pub)]

pub mod http;
pub mod store;

use fengsui_access::{Appointment, Grant};
use fengsui_alarm::Class;
use fengsui_app::{
    App, Clock, Entropy, ImportedTerminal, ImportedUnit, Node, OpenAlarm, OverloadLimits, Setup, UnitDraft,
};
use fengsui_base::{AccountId, EntryId, Fields, Level, Officer, RegionCode, Scope, TerminalId, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_ingest::{Gateway, GatewaySettings};
use fengsui_store::{Epoch, Lease, Store};
use gb26875::state::{ComponentState, SystemState};
use gb26875::unit::{ComponentStatus, SystemStatus, kind};
use gb26875::{Address, Command, DataUnit, Decoder, Event, Frame, Label, Objects, Profile, frame, hex};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// 2026-11-21 14:00:00 in Beijing.
pub const NOW: &str = "2026-11-21T06:00:00Z";
const TABLE: &str = include_str!("../../../../lib/gb26875/tests/data/frames.tsv");

pub struct HandClock(Mutex<Timestamp>);

impl HandClock {
    pub fn set(&self, now: &str) {
        *self.0.lock().unwrap() = now.parse().unwrap();
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Distinct bytes each time.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        buffer.iter_mut().rev().zip(count.iter().rev()).for_each(|(to, from)| *to = *from);
    }
}

pub struct Site {
    pub app: Arc<App>,
    pub clock: Arc<HandClock>,
    pub gateway: Gateway,
    pub store: Arc<dyn Store>,
}

pub async fn app_on(store: Arc<dyn Store>) -> (Arc<App>, Arc<HandClock>) {
    let clock = Arc::new(HandClock(Mutex::new(NOW.parse().unwrap())));
    let lease = store.claim_lease("试验节点", None, clock.now(), Duration::from_secs(3_600)).await.unwrap();
    let Lease::Held { epoch, .. } = lease else { panic!("the store is new") };
    let setup = Setup {
        store,
        epoch: Epoch(epoch.0),
        catalog: catalog(),
        clock: clock.clone(),
        entropy: Arc::new(Counting::default()),
        node: Node {
            name: "试验节点".to_owned(),
            office: "试验单位".to_owned(),
            region: "990101000000".parse().unwrap(),
            region_name: "云岫县".to_owned(),
            level: Level::County,
            seats: 3,
            demonstration: false,
            spool: false,
            waits: Default::default(),
            filters: Default::default(),
            duty: Default::default(),
            readings: Default::default(),
            lines: Default::default(),
            keeping: Default::default(),
            reminders: true,
            version: "0".to_owned(),
        },
    };
    let app = App::start(setup).await.unwrap();
    // A busy machine is no overload.
    app.shed_beyond(OverloadLimits { lag_max: Duration::MAX, ..OverloadLimits::default() });
    (app, clock)
}

fn catalog() -> Catalog {
    let files = [
        ("alarm.toml", include_str!("../../../../catalog/alarm.toml")),
        ("office.toml", include_str!("../../../../catalog/office.toml")),
        ("posts.toml", include_str!("../../../../catalog/posts.toml")),
        ("unit.toml", include_str!("../../../../catalog/unit.toml")),
    ];
    Catalog::load(&files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The default limits, on a free port of this machine.
pub fn settings() -> GatewaySettings {
    GatewaySettings { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), ..GatewaySettings::default() }
}

impl Site {
    pub async fn open() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: GatewaySettings) -> Self {
        Self::on(Arc::new(fengsui_store::MemoryStore::new()), settings).await
    }

    pub async fn on(store: Arc<dyn Store>, settings: GatewaySettings) -> Self {
        let (app, clock) = app_on(store.clone()).await;
        let gateway = Gateway::start(app.clone(), settings, clock.clone()).await.unwrap();
        Self { app, clock, gateway, store }
    }

    /// A terminal whose connection the gateway has admitted or closed.
    pub async fn terminal(&self) -> Terminal {
        let before = self.met();
        let stream = still(TcpStream::connect(self.gateway.address())).await.unwrap();
        until(|| self.met() > before).await;
        Terminal { stream, decoder: Decoder::new(&Profile::default()) }
    }

    /// A supervisor turns the terminal away.
    pub async fn block(&self, source: &str) {
        let id = self.app.board().terminal_at(source).unwrap().id;
        self.app.block(&self.grant("fire_supervisor"), id, "外地设备").await.unwrap();
    }

    /// Somebody who holds a post for the county.
    pub fn grant(&self, post: &str) -> Grant {
        let officer =
            Officer { id: AccountId(EntryId::from_u128(7)), name: "防火员".to_owned(), seat: None };
        let region: RegionCode = "990101000000".parse().unwrap();
        let post = Appointment::of(post, region);
        Grant::of(officer, &[post], self.app.catalog(), self.app.board())
    }

    /// A unit with one terminal, registered.
    pub async fn register(&self, source: &str) -> TerminalId {
        let text = |pairs: &[(&str, &str)]| -> Fields {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
        };
        let draft = UnitDraft {
            name: "云岫纺织".to_owned(),
            region: "990101000000".parse().unwrap(),
            position: None,
            fields: text(&[("code", source), ("category", "factory"), ("address", "工业路 8 号")]),
        };
        let terminal = ImportedTerminal {
            name: "传输装置".to_owned(),
            source: source.to_owned(),
            fields: text(&[("profile", "gb26875")]),
            points: Vec::new(),
        };
        let unit = ImportedUnit { draft, terminals: vec![terminal] };
        self.app.import_unit(unit, "试验").await.unwrap();
        self.app.board().terminal_at(source).unwrap().id
    }

    /// Connections that the gateway has open or did not admit.
    fn met(&self) -> u64 {
        let open = u64::try_from(self.gateway.connections()).unwrap();
        open + self.count("closed", "connections_max") + self.count("closed", "connections_per_ip_max")
    }

    pub fn alarms(&self) -> Vec<Arc<OpenAlarm>> {
        self.app.board().open_alarms(&Scope::everything())
    }

    /// The only open alarm.
    pub fn alarm(&self) -> Arc<OpenAlarm> {
        match self.alarms().as_slice() {
            [alarm] => alarm.clone(),
            other => panic!("{} alarms", other.len()),
        }
    }

    pub fn fires(&self) -> usize {
        self.alarms().iter().filter(|a| a.alarm.raise.class == Class::Fire).count()
    }

    /// How many ChangeSets are stored.
    pub async fn seq(&self) -> u64 {
        self.store.head().await.unwrap().seq
    }

    /// How many frames of a source are kept.
    pub async fn frames(&self, source: &str) -> usize {
        let id = self.app.board().terminal_at(source).unwrap_or_else(|| panic!("no terminal {source}")).id;
        self.store.frames_of(&Scope::everything(), id, None, 200).await.unwrap().len()
    }

    pub fn count(&self, family: &str, label: &str) -> u64 {
        let meters = self.app.meters();
        let family = match family {
            "frames" => &meters.frames,
            "answers" => &meters.answers,
            "refused" => &meters.refused,
            "closed" => &meters.closed,
            other => panic!("no family {other}"),
        };
        family.with_label_values(&[label]).get()
    }
}

/// Waits for something that takes no time, only the machine: a paused clock stands still meanwhile, because it
/// does while a blocking task runs.
pub async fn still<F: Future>(future: F) -> F::Output {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let hold = tokio::task::spawn_blocking(move || released.recv().is_err());
    let output = future.await;
    drop(release);
    hold.await.unwrap();
    output
}

/// Waits, likewise, until something holds.
pub async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

/// A terminal with its connection.
pub struct Terminal {
    pub stream: TcpStream,
    decoder: Decoder,
}

impl Terminal {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame from the gateway; `None` when it closed the connection.
    pub async fn heard(&mut self) -> Option<Frame> {
        loop {
            match self.decoder.next() {
                Some(Event::Frame(frame)) => return Some(frame),
                Some(Event::Refused(refusal)) => panic!("the gateway sent garbage: {refusal:?}"),
                None => {}
            }
            let mut buffer = [0; 512];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.decoder.push(&buffer[..length]),
            }
        }
    }

    pub async fn answer(&mut self) -> Frame {
        still(self.heard()).await.expect("the gateway answers")
    }

    /// Sends a frame and waits for its acknowledgement.
    pub async fn tell(&mut self, bytes: &[u8]) {
        self.send(bytes).await;
        assert_eq!(self.answer().await.command, Command::ACKNOWLEDGE);
    }

    /// Whether the gateway closed the connection without a word.
    pub async fn is_closed(&mut self) -> bool {
        self.heard().await.is_none()
    }
}

/// The bytes of a row of the captured frames.
pub fn row(id: &str) -> Vec<u8> {
    rows().into_iter().find(|(name, ..)| name == id).unwrap_or_else(|| panic!("no row {id}")).2
}

/// All captured frames: name, verdict, bytes.
pub fn rows() -> Vec<(String, String, Vec<u8>)> {
    let row = |line: &str| {
        let columns: Vec<_> = line.split('\t').collect();
        (columns[0].to_owned(), columns[1].to_owned(), hex::decode(columns[2].as_bytes()).unwrap())
    };
    TABLE.lines().skip(1).map(row).collect()
}

/// A label of Beijing time, such as `2026-11-21T14:00:00`.
pub fn label(civil: &str) -> Label {
    Label::from_civil(civil.parse().unwrap(), gb26875::Clock::Binary).unwrap()
}

/// Writes frames of one terminal, each with the next number.
pub struct Writer {
    pub source: u64,
    pub sequence: u16,
    pub sent: String,
}

impl Writer {
    pub fn new(source: u64) -> Self {
        Self { source, sequence: 0, sent: "2026-11-21T14:00:00".to_owned() }
    }

    pub fn frame(&mut self, command: Command, data: Vec<u8>) -> Vec<u8> {
        self.sequence += 1;
        let header = gb26875::Header {
            sequence: self.sequence,
            version: (1, 1),
            sent: label(&self.sent),
            source: Address::from_number(self.source).unwrap(),
            destination: Address::from_number(88_888).unwrap(),
            command,
        };
        frame::encode(&Frame::new(header, data)).unwrap()
    }

    pub fn heartbeat(&mut self) -> Vec<u8> {
        self.frame(Command::SEND, Vec::new())
    }

    /// The state of a smoke detector; `occurred` in Beijing time.
    pub fn component(&mut self, point: u16, bits: u16, occurred: &str) -> Vec<u8> {
        let object = ComponentStatus {
            system_type: 1,
            system_address: 1,
            component_type: 40,
            component_address: Profile::default().join_part_address(10, point),
            status: ComponentState(bits),
            text: Some(gb26875::text::FixedText::fit("")),
            occurred: label(occurred),
        };
        self.unit(kind::COMPONENT_STATUS, Objects::ComponentStatus(vec![object]))
    }

    /// The state of the fire alarm system as a whole.
    pub fn system(&mut self, bits: u16, occurred: &str) -> Vec<u8> {
        let (status, occurred) = (SystemState(bits), label(occurred));
        let object = SystemStatus { system_type: 1, system_address: 1, status, occurred };
        self.unit(kind::SYSTEM_STATUS, Objects::SystemStatus(vec![object]))
    }

    pub fn unit(&mut self, kind: u8, objects: Objects) -> Vec<u8> {
        let data = DataUnit::new(kind, objects).unwrap().encode().unwrap();
        self.frame(Command::SEND, data)
    }
}

/// Bytes as hexadecimal text.
pub fn hex_of(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// The same bytes with a checksum that is wrong.
pub fn spoiled(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = bytes.len() - 3;
    bytes[at] = bytes[at].wrapping_add(1);
    bytes
}
