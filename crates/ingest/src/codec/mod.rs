//! Codecs (编解码): what a device said through an operator's cloud or a broker becomes reports, in the same words
//! as a frame over a socket.
//!
//! There are three kinds: a frame of GB/T 26875.3 inside a push, in any dialect; a maker's own frame with a crate
//! of its own; and a table (编解码表) that says what each decoded field, or each byte, means. Whoever names the
//! message — the cloud, the topic — names the terminal; the source address inside a frame does not.
//!
//! Pure: nothing here does I/O or asks the time. What no codec understands is kept as it came.

mod frame;
mod gauge;
mod table;
mod table_file;

pub use table::{StateRule, Table, ValueRule};
pub use table_file::{TableMistake, read as read_table};

use crate::Dialects;
use fengsui_app::{Report, ReportBody};
use fengsui_base::Timestamp;
use gb26875::Profile;
use iotpush::Payload;

/// Name of the codec that reads a maker's frames of wireless gauges.
pub const MEOKON: &str = "meokon";
/// Most frames that are read out of one message.
pub const FRAMES_MAX: usize = 64;

/// One thing to be taken in: a message may carry several frames.
#[derive(Clone, PartialEq, Debug)]
pub struct Decoded {
    /// What it says; empty for a sign of life.
    pub reports: Vec<Report>,
    /// Number of the frame, where it has one.
    pub sequence: u16,
    /// Command of the frame; 2 (send) where there is none.
    pub command: u8,
    /// Type of the data unit of a frame.
    pub unit_type: Option<u8>,
    /// When it was sent, by the terminal's own clock.
    pub sent_at: Option<Timestamp>,
    /// What is kept: the frame, or the fields as JSON.
    pub bytes: Vec<u8>,
}

/// Command "send" of GB/T 26875.3, for what has none of its own.
const SEND: u8 = 2;

/// How messages are read.
#[derive(Clone, Debug)]
pub enum Codec {
    /// A frame of GB/T 26875.3 in this dialect.
    Frame(Box<Profile>),
    /// A maker's own frame.
    Gauge,
    /// A table.
    Table(Box<Table>),
}

/// A codec with its names.
#[derive(Clone, Debug)]
pub struct NamedCodec {
    /// Stable name, as settings and terminals have it.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it reads, in a sentence.
    pub note: String,
    /// How.
    pub codec: Codec,
}

/// All codecs by name.
#[derive(Clone, Debug)]
pub struct Codecs {
    all: Vec<NamedCodec>,
}

impl Codecs {
    /// The dialects, the makers' frames, and these tables.
    ///
    /// # Errors
    /// Two of them have the same name; that name is returned.
    pub fn new(tables: Vec<Table>) -> Result<Self, String> {
        let dialects = Dialects::new(crate::DEFAULT_DIALECT).expect("the default dialect is shipped");
        let dialect = |name: &'static str| NamedCodec {
            name: name.to_owned(),
            label: dialects.of(name).name.to_string(),
            note: "GB/T 26875.3 帧，直接连接，或装在平台推送、MQTT 消息里（字节或十六进制文本）".to_owned(),
            codec: Codec::Frame(Box::new(dialects.of(name).clone())),
        };
        let mut all: Vec<_> = dialects.names().map(dialect).collect();
        all.push(NamedCodec {
            name: MEOKON.to_owned(),
            label: "铭控无线表计 V3.0".to_owned(),
            note: "压力表、消火栓等无线表计的私有帧，A5 5A 开头".to_owned(),
            codec: Codec::Gauge,
        });
        for table in tables {
            if all.iter().any(|known| known.name == table.name) {
                return Err(table.name);
            }
            all.push(NamedCodec {
                name: table.name.clone(),
                label: table.label.clone(),
                note: table.note.clone(),
                codec: Codec::Table(Box::new(table)),
            });
        }
        Ok(Self { all })
    }

    /// All of them: dialects first.
    pub fn all(&self) -> &[NamedCodec] {
        &self.all
    }

    /// The codec of that name.
    pub fn get(&self, name: &str) -> Option<&NamedCodec> {
        self.all.iter().find(|known| known.name == name)
    }
}

impl Codec {
    /// Reads a message. Never empty for a message that says something: what is not understood is kept.
    pub fn decode(&self, payload: &Payload, at: Option<Timestamp>) -> Vec<Decoded> {
        match payload {
            Payload::Lifecycle { .. } => vec![kept(payload, Vec::new())],
            Payload::Other(what) => vec![kept(payload, vec![said(ReportBody::Information(what.clone()))])],
            Payload::Bytes(_) | Payload::Fields(_) => match self {
                Codec::Frame(profile) => frame::decode(payload, profile),
                Codec::Gauge => gauge::decode(payload, at),
                Codec::Table(table) => vec![kept(payload, table.reports(payload, at))],
            },
        }
    }
}

/// A message without a frame of its own.
fn kept(payload: &Payload, reports: Vec<Report>) -> Decoded {
    Decoded { reports, sequence: 0, command: SEND, unit_type: None, sent_at: None, bytes: as_bytes(payload) }
}

/// A message that could not be understood.
fn not_understood(payload: &Payload, why: &str) -> Vec<Decoded> {
    vec![kept(payload, vec![said(ReportBody::Unknown(why.to_owned()))])]
}

fn said(body: ReportBody) -> Report {
    Report { event_at: None, body }
}

/// What is kept of a message: its bytes, or its fields as JSON.
fn as_bytes(payload: &Payload) -> Vec<u8> {
    match payload {
        Payload::Bytes(bytes) => bytes.clone(),
        Payload::Fields(fields) => {
            let value = |scalar: &iotpush::Scalar| match scalar {
                iotpush::Scalar::Number(number) => serde_json::json!(number),
                iotpush::Scalar::Text(text) => serde_json::json!(text),
                iotpush::Scalar::Flag(flag) => serde_json::json!(flag),
            };
            let object: serde_json::Map<_, _> =
                fields.iter().map(|(name, v)| (name.clone(), value(v))).collect();
            serde_json::Value::Object(object).to_string().into_bytes()
        }
        Payload::Lifecycle { online } => {
            if *online {
                b"{\"online\":true}".to_vec()
            } else {
                b"{\"online\":false}".to_vec()
            }
        }
        Payload::Other(what) => serde_json::json!({ "message": what }).to_string().into_bytes(),
    }
}
