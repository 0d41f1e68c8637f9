//! The frame (数据包): start mark, control unit, application data unit, checksum, end mark.
//!
//! ```text
//! 40 40 | sequence 2 | version 2 | time 6 | source 6 | destination 6 | length 2 | command 1 | data n | sum 1 | 23 23
//! ```
//!
//! There is no escaping: both marks may stand inside the data. A frame is therefore measured by its length
//! field, never by looking for the end mark.

use crate::address::Address;
use crate::hex;
use crate::label::Label;
use crate::profile::Profile;

/// Start mark `@@`.
pub const START: [u8; 2] = [0x40, 0x40];
/// End mark `##`.
pub const END: [u8; 2] = [0x23, 0x23];
/// Bytes before the application data unit: start mark and control unit.
pub const HEADER_LEN: usize = 27;
/// Bytes after the application data unit: checksum and end mark.
pub const TAIL_LEN: usize = 3;
/// Largest application data unit in bytes. Source: GB/T 26875.3 table 2.
pub const MAX_DATA: usize = 1024;
/// Smallest frame in bytes: an empty application data unit.
pub const MIN_FRAME: usize = HEADER_LEN + TAIL_LEN;
/// Largest frame in bytes.
pub const MAX_FRAME: usize = MIN_FRAME + MAX_DATA;

/// What a frame wants (控制单元命令字节): the command byte with its number kept.
///
/// Every byte value is a command; those that the standard reserves or leaves to users are carried through.
/// Source: GB/T 26875.3 table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Command(pub u8);

impl Command {
    /// Control (控制命令), centre → terminal.
    pub const CONTROL: Command = Command(1);
    /// Send data (发送数据), terminal → centre.
    pub const SEND: Command = Command(2);
    /// Acknowledge (确认), both ways.
    pub const ACKNOWLEDGE: Command = Command(3);
    /// Request (请求), centre → terminal.
    pub const REQUEST: Command = Command(4);
    /// Reply (应答), terminal → centre.
    pub const REPLY: Command = Command(5);
    /// Deny (否认), both ways.
    pub const DENY: Command = Command(6);

    /// Whether the value is one of the six that the standard defines.
    pub fn is_defined(self) -> bool {
        matches!(self.0, 1..=6)
    }

    /// Whether the standard reserves the value (0, 7–127).
    pub fn is_reserved(self) -> bool {
        matches!(self.0, 0 | 7..=127)
    }

    /// Whether the value is left to users (128–255).
    pub fn is_user(self) -> bool {
        self.0 >= 128
    }

    /// Whether a frame with this command answers another one and is itself never answered.
    pub fn is_answer(self) -> bool {
        matches!(self, Command::ACKNOWLEDGE | Command::REPLY | Command::DENY)
    }
}

/// The control unit without its length: everything that an answer needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Business sequence number (业务流水号), one count for each originator; an answer repeats it.
    pub sequence: u16,
    /// Protocol version: main, user. The field also sends main versions 0, 2 and 16.
    pub version: (u8, u8),
    /// When the originator sent the frame, by its own clock.
    pub sent: Label,
    /// Who sent it.
    pub source: Address,
    /// Whom it is for.
    pub destination: Address,
    /// What it wants.
    pub command: Command,
}

/// One whole frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Business sequence number (业务流水号), one count for each originator; an answer repeats it.
    pub sequence: u16,
    /// Protocol version: main, user. The field also sends main versions 0, 2 and 16.
    pub version: (u8, u8),
    /// When the originator sent the frame, by its own clock.
    pub sent: Label,
    /// Who sent it.
    pub source: Address,
    /// Whom it is for.
    pub destination: Address,
    /// What it wants.
    pub command: Command,
    /// The application data unit (应用数据单元), at most [`MAX_DATA`] bytes, perhaps none.
    pub data: Vec<u8>,
}

impl Frame {
    /// A frame from its control unit and its data.
    pub fn new(header: Header, data: Vec<u8>) -> Frame {
        let Header { sequence, version, sent, source, destination, command } = header;
        Frame { sequence, version, sent, source, destination, command, data }
    }

    /// The control unit of this frame.
    pub fn header(&self) -> Header {
        let &Frame { sequence, version, sent, source, destination, command, .. } = self;
        Header { sequence, version, sent, source, destination, command }
    }
}

/// Why bytes are not a frame. The variants stand in the order in which they are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FrameError {
    /// Fewer bytes than the smallest frame has.
    #[error("只有 {present} 字节，一帧至少 {MIN_FRAME} 字节；请补全整帧")]
    TooShort {
        /// Bytes present.
        present: usize,
    },
    /// The bytes do not begin with the start mark.
    #[error("不以启动符 40 40 开头，共 {present} 字节；请从启动符开始")]
    Start {
        /// Bytes present.
        present: usize,
    },
    /// The length field announces more than [`MAX_DATA`] bytes of data.
    #[error("长度字段为 {announced}，超过数据单元上限 {MAX_DATA} 字节；请检查长度字段")]
    TooLong {
        /// What the length field says.
        announced: u16,
    },
    /// The bytes present are not as many as the length field asks for.
    #[error("长度字段要求整帧 {expected} 字节，实有 {present} 字节；请检查是否缺少或多出字节")]
    Length {
        /// Bytes of the whole frame by its length field.
        expected: usize,
        /// Bytes present.
        present: usize,
    },
    /// The frame does not end with the end mark.
    #[error("结束符应为 23 23，实为 {:02X} {:02X}；请检查长度字段或帧尾", found[0], found[1])]
    End {
        /// The two bytes in its place.
        found: [u8; 2],
    },
    /// The checksum differs from the sum of the bytes.
    #[error("校验和为 {found:02X}，按字节求和应为 {expected:02X}；数据在传输中有改变，请重发")]
    Checksum {
        /// The sum of bytes 2 … 26 + n, modulo 256.
        expected: u8,
        /// The checksum byte of the frame.
        found: u8,
    },
}

impl FrameError {
    /// Stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            FrameError::TooShort { .. } => "too_short",
            FrameError::Start { .. } => "start",
            FrameError::TooLong { .. } => "too_long",
            FrameError::Length { .. } => "length",
            FrameError::End { .. } => "end",
            FrameError::Checksum { .. } => "checksum",
        }
    }
}

/// Why a frame or a data unit cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EncodeError {
    /// The data unit would be longer than [`MAX_DATA`].
    #[error("数据单元有 {length} 字节，超过上限 {MAX_DATA} 字节；请分成几帧发送")]
    TooLong {
        /// Bytes of the data unit.
        length: usize,
    },
    /// More objects than one data unit may carry.
    #[error("信息对象有 {objects} 个，此类型一帧最多 {limit} 个；请分成几帧发送")]
    TooMany {
        /// Objects given.
        objects: usize,
        /// Objects allowed.
        limit: usize,
    },
    /// No objects at all: the standard has no empty data unit with a type.
    #[error("一个信息对象也没有；请至少给出一个")]
    NoObjects,
    /// The count that is stated differs from the number of objects.
    #[error("信息对象数目写为 {stated}，实有 {objects} 个；请改为一致")]
    Count {
        /// The stated count.
        stated: u8,
        /// Objects given.
        objects: usize,
    },
    /// The objects are not those of the type.
    #[error("信息对象与类型标志 {kind} 不符；请换用此类型的信息对象")]
    Kind {
        /// The type.
        kind: u8,
    },
    /// Long and short component objects in one data unit.
    #[error("同一数据单元里混有带说明和不带说明的部件状态；请分成两帧发送")]
    MixedSizes,
}

/// Reads exactly one frame.
///
/// # Errors
/// The first of [`FrameError`]'s variants that applies, in their order.
///
/// Source: GB/T 26875.3 tables 1 and 2.
pub fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
    let present = bytes.len();
    if present < MIN_FRAME {
        return Err(FrameError::TooShort { present });
    }
    if !bytes.starts_with(&START) {
        return Err(FrameError::Start { present });
    }
    let expected = announced_len(bytes)?;
    if present != expected {
        return Err(FrameError::Length { expected, present });
    }
    check_tail(bytes)?;
    Ok(Frame::new(read_header(bytes).expect("a frame is longer than its header"), data_of(bytes).to_vec()))
}

/// Reads exactly one frame, which may be written as hex text when the profile allows it.
///
/// # Errors
/// As [`decode`]; a text that is not hex after all is judged as the bytes that it is.
pub fn decode_with(bytes: &[u8], profile: &Profile) -> Result<Frame, FrameError> {
    if profile.hex_text
        && hex::is_text(bytes)
        && let Ok(binary) = hex::decode(bytes)
    {
        return decode(&binary);
    }
    decode(bytes)
}

/// Writes one frame; length, checksum and marks are computed.
///
/// # Errors
/// [`EncodeError::TooLong`] when the data has more than [`MAX_DATA`] bytes.
pub fn encode(frame: &Frame) -> Result<Vec<u8>, EncodeError> {
    let too_long = EncodeError::TooLong { length: frame.data.len() };
    let length = u16::try_from(frame.data.len()).map_err(|_| too_long)?;
    if usize::from(length) > MAX_DATA {
        return Err(too_long);
    }
    let mut bytes = Vec::with_capacity(MIN_FRAME + frame.data.len());
    bytes.extend(START);
    bytes.extend(frame.sequence.to_le_bytes());
    bytes.extend([frame.version.0, frame.version.1]);
    bytes.extend(frame.sent.0);
    bytes.extend(frame.source.0);
    bytes.extend(frame.destination.0);
    bytes.extend(length.to_le_bytes());
    bytes.push(frame.command.0);
    bytes.extend_from_slice(&frame.data);
    bytes.push(checksum(&bytes[START.len()..]));
    bytes.extend(END);
    Ok(bytes)
}

/// The sum of bytes modulo 256 (算术和校验).
pub fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Reads the control unit, or `None` when fewer than [`HEADER_LEN`] bytes are there. The start mark is not
/// looked at.
pub fn read_header(bytes: &[u8]) -> Option<Header> {
    let bytes: &[u8; HEADER_LEN] = bytes.first_chunk()?;
    let six =
        |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5]];
    Some(Header {
        sequence: u16::from_le_bytes([bytes[2], bytes[3]]),
        version: (bytes[4], bytes[5]),
        sent: Label(six(6)),
        source: Address(six(12)),
        destination: Address(six(18)),
        command: Command(bytes[26]),
    })
}

/// Bytes of the whole frame by its length field. The header must be there.
pub(crate) fn announced_len(header: &[u8]) -> Result<usize, FrameError> {
    let announced = u16::from_le_bytes([header[24], header[25]]);
    if usize::from(announced) > MAX_DATA {
        return Err(FrameError::TooLong { announced });
    }
    Ok(MIN_FRAME + usize::from(announced))
}

/// Looks at end mark and checksum of bytes that are as long as the length field says.
pub(crate) fn check_tail(bytes: &[u8]) -> Result<(), FrameError> {
    let tail = bytes.len() - TAIL_LEN;
    let found = [bytes[tail + 1], bytes[tail + 2]];
    if found != END {
        return Err(FrameError::End { found });
    }
    let (expected, found) = (checksum(&bytes[START.len()..tail]), bytes[tail]);
    if found != expected { Err(FrameError::Checksum { expected, found }) } else { Ok(()) }
}

/// The data unit of bytes that are a whole frame.
pub(crate) fn data_of(bytes: &[u8]) -> &[u8] {
    &bytes[HEADER_LEN..bytes.len() - TAIL_LEN]
}
