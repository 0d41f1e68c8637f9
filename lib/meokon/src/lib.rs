//! MEOKON V3 (上海铭控智能无线终端通讯协议 V3.0): what wireless pressure gauges, level gauges and hydrants of that
//! maker upload, over TCP, UDP, MQTT or an operator's cloud.
//!
//! A frame says who it is, how its battery and its signal are, what its limits and its present value are, and
//! carries the samples that it gathered since it was last answered, the newest last, at a fixed interval.
//! Numbers are big-endian; the checksum is CRC-16 as Modbus has it, sent high byte first (Modbus itself sends the low one first).
//!
//! Only the types of one 16-bit sensor are read into values (0 kPa, 1 MPa, 2 bar, 24 and 34 hydrants); of every
//! other type the layout behind the alarm state is not published where we can read it, so it is kept as bytes.
//! Over TCP and UDP a device wants an answer within five seconds, or it sends everything again; over MQTT and an
//! operator's cloud it wants none. The layout of that answer is not in the public notes, so this crate has none.
//!
//! Source: the maker's note V3.0 in the documents of `ActorLancer/GB-T-26875.3.2011-rs`, with its two samples.
//!
//! # Example
//! ```
//! let bytes = hex::decode("A55A00002953485250323530393031323034D0000000010100000009C4025D68FFB887025D843E55AA")?;
//! let frame = meokon::decode(&bytes)?;
//! assert_eq!((frame.device.as_str(), frame.battery_percent(), frame.signal_dbm), ("SHRP25090120", Some(100), -48));
//! let gauge = frame.gauge.as_ref().expect("a pressure gauge");
//! assert_eq!((gauge.now, gauge.unit.kpa_tenths(gauge.now)), (605, Some(6050)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod crc;

/// What a frame begins with.
pub const START: [u8; 2] = [0xA5, 0x5A];
/// What a frame ends with.
pub const END: [u8; 2] = [0x55, 0xAA];
/// Most samples in a frame. Source: §2, "最大缓存 600 条".
pub const SAMPLES_MAX: u16 = 600;
/// Bytes up to and with the alarm state.
const HEAD: usize = 25;
/// Checksum and end mark.
const TAIL: usize = 4;
/// Shortest frame: nothing behind the alarm state.
pub const FRAME_MIN: usize = HEAD + TAIL;
/// Longest frame that is read: limits, value, time and the most samples of two sensors of four bytes.
pub const FRAME_MAX: usize = FRAME_MIN + 16 + 8 + 4 + 8 * SAMPLES_MAX as usize;

/// One frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Kind of command; 0 is an upload.
    pub command: u8,
    /// Twelve characters: maker, year and month, number.
    pub device: String,
    /// Power and battery as sent. Source: table 1.
    pub power: u8,
    /// Signal, in dBm.
    pub signal_dbm: i8,
    /// Seconds between samples; 0 when they are not kept.
    pub interval_s: u16,
    /// How many samples it says it carries.
    pub samples: u16,
    /// Type of device. Source: table 2.
    pub kind: u8,
    /// What is the matter. Source: table 3.
    pub alarm: Alarm,
    /// Its values, where the layout of the type is known.
    pub gauge: Option<Gauge>,
    /// What follows the alarm state, of a type whose layout is not known.
    pub rest: Vec<u8>,
}

impl Frame {
    /// Charge of the battery in steps of five; `None` when it runs from outside. Source: table 1.
    pub fn battery_percent(&self) -> Option<u8> {
        let steps = self.power & 0x1F;
        (self.power & 0x60 != 0x40).then(|| (steps * 5).min(100))
    }

    /// Whether it runs from outside at this moment.
    pub fn on_mains(&self) -> bool {
        self.power & 0x80 != 0
    }

    /// A hydrant, which says more with its alarm bits than a gauge. Source: table 3, notes 1 and 2.
    pub fn is_hydrant(&self) -> bool {
        matches!(self.kind, 24 | 34)
    }
}

/// The alarm state. Source: table 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alarm(pub u8);

impl Alarm {
    /// Below the lower limit.
    pub fn low(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// Above the upper limit.
    pub fn high(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// The battery is low.
    pub fn battery(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// The sensor or the hardware is broken.
    pub fn broken(self) -> bool {
        self.0 & 0x18 != 0
    }

    /// Water is drawn, of a hydrant.
    pub fn drawn(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Struck or tilted, of a hydrant with an inclination sensor.
    pub fn struck(self) -> bool {
        self.0 & 0x60 != 0
    }
}

/// In what a gauge measures. Source: table 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// 0.1 kPa a step.
    Kilopascal,
    /// 0.001 MPa a step.
    Megapascal,
    /// 0.01 bar a step.
    Bar,
}

impl Unit {
    /// A number of steps in tenths of a kilopascal; `None` when that is more than 16 bits hold.
    pub fn kpa_tenths(self, steps: i16) -> Option<i16> {
        let factor = match self {
            Unit::Kilopascal => 1,
            Unit::Megapascal | Unit::Bar => 10,
        };
        i16::try_from(i32::from(steps) * factor).ok()
    }
}

/// The values of a gauge with one 16-bit sensor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gauge {
    /// What a step is.
    pub unit: Unit,
    /// Lower limit, in steps.
    pub low: i16,
    /// Upper limit, in steps.
    pub high: i16,
    /// Present value, in steps.
    pub now: i16,
    /// When the last sample was taken, in seconds since 1970, UTC, as the network told the device.
    pub sampled_at_s: u32,
    /// Samples, the oldest first.
    pub samples: Vec<i16>,
}

impl Gauge {
    /// Each sample with the second at which it was taken.
    pub fn timed(&self, interval_s: u16) -> impl Iterator<Item = (i64, i16)> {
        let (last, count) = (i64::from(self.sampled_at_s), self.samples.len());
        self.samples.iter().enumerate().map(move |(n, value)| {
            let before = i64::try_from(count - 1 - n).expect("at most 600");
            (last - before * i64::from(interval_s), *value)
        })
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// Too short or too long.
    #[error("长度 {length} 字节，应在 {FRAME_MIN} 到 {FRAME_MAX} 之间")]
    Length {
        /// Bytes there are.
        length: usize,
    },
    /// It begins or ends with something else.
    #[error("开头应是 A5 5A，结尾应是 55 AA")]
    Marks,
    /// The length field says something else.
    #[error("长度字段是 {said}，实际 {length} 字节")]
    LengthField {
        /// What the field says.
        said: u16,
        /// Bytes there are.
        length: usize,
    },
    /// The checksum is wrong.
    #[error("校验不对：应是 {expected:04X}，收到 {received:04X}")]
    Checksum {
        /// Of the bytes.
        expected: u16,
        /// As sent.
        received: u16,
    },
    /// The device has no readable number.
    #[error("设备编号不是十二个字母和数字")]
    Device,
    /// The samples do not fill the frame.
    #[error("说有 {samples} 条缓存数据，与长度不符")]
    Samples {
        /// How many it says.
        samples: u16,
    },
}

/// Reads one frame.
///
/// # Errors
/// [`FrameError`]; nothing is guessed.
pub fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
    let length = bytes.len();
    if !(FRAME_MIN..=FRAME_MAX).contains(&length) {
        return Err(FrameError::Length { length });
    }
    if bytes[..2] != START || bytes[length - 2..] != END {
        return Err(FrameError::Marks);
    }
    let said = be(bytes, 3);
    if usize::from(said) != length {
        return Err(FrameError::LengthField { said, length });
    }
    let body = length - TAIL;
    let (expected, received) = (crc::modbus(&bytes[..body]), be(bytes, body));
    if expected != received {
        return Err(FrameError::Checksum { expected, received });
    }
    parts(bytes, &bytes[HEAD..body])
}

/// The parts of a frame whose marks, length and checksum are right.
fn parts(bytes: &[u8], rest: &[u8]) -> Result<Frame, FrameError> {
    let device = &bytes[5..17];
    if !device.iter().all(u8::is_ascii_alphanumeric) {
        return Err(FrameError::Device);
    }
    let (samples, kind) = (be(bytes, 21), bytes[23]);
    let gauge = unit(kind).map(|unit| gauge(unit, samples, rest)).transpose()?;
    Ok(Frame {
        command: bytes[2],
        device: String::from_utf8_lossy(device).into_owned(),
        power: bytes[17],
        signal_dbm: i8::from_be_bytes([bytes[18]]),
        interval_s: be(bytes, 19),
        samples,
        kind,
        alarm: Alarm(bytes[24]),
        rest: if gauge.is_some() { Vec::new() } else { rest.to_vec() },
        gauge,
    })
}

/// Types of one 16-bit pressure sensor. Source: table 2 (0–2).
fn unit(kind: u8) -> Option<Unit> {
    match kind {
        0 => Some(Unit::Kilopascal),
        1 => Some(Unit::Megapascal),
        2 => Some(Unit::Bar),
        _ => None,
    }
}

fn gauge(unit: Unit, samples: u16, rest: &[u8]) -> Result<Gauge, FrameError> {
    let wrong = FrameError::Samples { samples };
    if samples > SAMPLES_MAX || rest.len() != 10 + 2 * usize::from(samples) {
        return Err(wrong);
    }
    let step = |at: usize| i16::from_be_bytes([rest[at], rest[at + 1]]);
    Ok(Gauge {
        unit,
        low: step(0),
        high: step(2),
        now: step(4),
        sampled_at_s: u32::from_be_bytes([rest[6], rest[7], rest[8], rest[9]]),
        samples: (0..usize::from(samples)).map(|n| step(10 + 2 * n)).collect(),
    })
}

fn be(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Writes a frame around a head without marks and length: what a virtual device needs.
///
/// `head` is everything from the device's number to the last sample.
pub fn encode(command: u8, head: &[u8]) -> Vec<u8> {
    let length = u16::try_from(5 + head.len() + TAIL).expect("a frame is shorter than 64 KiB");
    let mut bytes = [&START[..], &[command], &length.to_be_bytes(), head].concat();
    let checksum = crc::modbus(&bytes);
    bytes.extend(checksum.to_be_bytes());
    bytes.extend(END);
    bytes
}
