//! `/lab/frames`: the frame laboratory (报文分析): bytes pasted by hand, taken apart with every byte accounted for.
//!
//! The tree is drawn from a table of layouts, one row a field, so that a new type is a new row.
//! Source: GB/T 26875.3-2011 §8.2, tables of the information objects.

use crate::Api;
use crate::frames::{FrameView, Node};
use crate::gate::Caller;
use crate::page::{self, Body};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_base::{Refusal, RefusalKind};
use fengsui_catalog::Permission;
use gb26875::stream::{Decoder, Event};
use gb26875::{Clock, FrameError, Label, Profile, frame, json, names, state, text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most bytes decoded at once.
pub(crate) const LAB_BYTES_MAX: usize = 64 * 1024;
/// Most frames and refusals shown at once.
const LAB_FRAMES_MAX: usize = 200;

/// Bytes as hexadecimal text.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LabForm {
    hex: String,
}

/// What the bytes are.
#[derive(Serialize, ToSchema)]
pub(crate) struct LabView {
    frames: Vec<FrameView>,
    /// Whether there was more than is shown.
    cut: bool,
}

/// Takes bytes apart: one frame, several, or garbage between them.
#[utoipa::path(post, path = "/lab/frames", tag = "lab", request_body = LabForm, responses((status = 200, body = LabView), (status = 422, body = Problem)))]
pub(crate) async fn decode(
    State(_): State<Api>,
    caller: Caller,
    Body(form): Body<LabForm>,
) -> Result<Json<LabView>, Denied> {
    caller.grant().may(Permission::LabUse)?;
    let bytes = bytes(&form.hex)?;
    let mut frames = taken_apart(&bytes);
    let cut = frames.len() > LAB_FRAMES_MAX;
    frames.truncate(LAB_FRAMES_MAX);
    Ok(Json(LabView { frames, cut }))
}

fn bytes(hex: &str) -> Result<Vec<u8>, Refusal> {
    let digits: String = hex.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    if digits.len() > 2 * LAB_BYTES_MAX {
        return Err(Refusal::new(
            RefusalKind::Invalid,
            "lab.too_long",
            format!("最多分析 {} KiB，请分段。", LAB_BYTES_MAX / 1024),
        ));
    }
    if let Some((place, wrong)) = digits.chars().enumerate().find(|(_, c)| !c.is_ascii_hexdigit()) {
        return Err(page::bad(
            "/hex",
            "hex.letter",
            &format!("第 {} 个字符“{wrong}”不是十六进制数字（0-9、A-F）", place + 1),
        ));
    }
    hex::decode(&digits).map_err(|_| {
        page::bad("/hex", "hex.odd", &format!("有 {} 个十六进制数字，须为双数，可能漏抄一位", digits.len()))
    })
}

/// A single run of bytes that is meant as one frame is shown as one, broken or not; longer runs as a stream.
fn taken_apart(bytes: &[u8]) -> Vec<FrameView> {
    let whole = view(bytes, &Profile::default());
    if whole.ok || bytes.is_empty() {
        return vec![whole];
    }
    let mut decoder = Decoder::new(&Profile::default());
    let mut events = Vec::new();
    for piece in bytes.chunks(gb26875::MAX_FRAME) {
        decoder.push(piece);
        events.extend(decoder.by_ref());
    }
    events.extend(decoder.finish());
    let frames = events.iter().filter(|e| matches!(e, Event::Frame(_))).count();
    if frames == 0 {
        return vec![whole];
    }
    events.iter().map(event_view).collect()
}

fn event_view(event: &Event) -> FrameView {
    match event {
        Event::Frame(found) => {
            view(&frame::encode(found).expect("a frame that was read can be written"), &Profile::default())
        }
        Event::Refused(refusal) => refused(&refusal.error, &refusal.bytes),
    }
}

/// One run of bytes as a frame of a dialect.
pub(crate) fn view(bytes: &[u8], profile: &Profile) -> FrameView {
    let result = frame::decode_with(bytes, profile);
    let plain = if gb26875::hex::is_text(bytes) {
        gb26875::hex::decode(bytes).unwrap_or_else(|_| bytes.to_vec())
    } else {
        bytes.to_vec()
    };
    let tree = tree(&plain, profile);
    let decoded = json::frame(&result, profile);
    match &result {
        Ok(found) => FrameView {
            ok: true,
            error: None,
            error_label: None,
            detail: None,
            hex: hex::encode(&plain),
            sentence: sentence(found),
            decoded,
            tree,
            received_at: None,
            terminal: None,
        },
        Err(error) => FrameView { tree, decoded, ..refused(error, &plain) },
    }
}

fn refused(error: &FrameError, bytes: &[u8]) -> FrameView {
    FrameView {
        ok: false,
        error: Some(error.code().to_owned()),
        error_label: Some(error_label(error).to_owned()),
        detail: Some(error.to_string()),
        hex: hex::encode(bytes),
        decoded: json::frame(&Err(*error), &Profile::default()),
        tree: Vec::new(),
        sentence: format!("不是完整的帧：{}", error_label(error)),
        received_at: None,
        terminal: None,
    }
}

fn error_label(error: &FrameError) -> &'static str {
    match error.code() {
        "too_short" => "太短，不足 30 字节",
        "start" => "开头不是 40 40",
        "too_long" => "数据单元超过 1024 字节",
        "length" => "实际长度与长度字段不符",
        "end" => "结尾不是 23 23",
        "checksum" => "校验和不对",
        _ => "不能识别",
    }
}

fn sentence(found: &gb26875::Frame) -> String {
    let command = names::command(found.command)
        .map_or_else(|| format!("命令 {}", found.command.0), |n| n.zh.to_owned());
    let what = match found.data.as_slice() {
        [] => "没有数据（确认或心跳）".to_owned(),
        [byte] => format!("单字节 {byte:02X}"),
        [kind, count, ..] => {
            let name = names::unit_kind(*kind)
                .map_or_else(|| format!("类型 {kind}（标准未定义）"), |n| n.zh.to_owned());
            format!("{name}，{count} 项")
        }
    };
    format!("源 {} 到 {}：{command}，{what}", found.source.number(), found.destination.number())
}

/// How a field of a layout is read.
#[derive(Clone, Copy)]
enum Shape {
    /// One byte, plain.
    Byte,
    /// System type.
    System,
    /// Component type.
    Component,
    /// Component address, with zone and number.
    Address,
    /// Analog type.
    Analog,
    /// Analog value.
    Value,
    /// Status bits of a system, a component, the device.
    SystemBits,
    ComponentBits,
    DeviceBits,
    /// Operation bits of a facility, of the device.
    FacilityOperation,
    DeviceOperation,
    /// Text of a fixed length.
    Text,
    /// Text with its length before it.
    Counted,
    /// A time label.
    Time,
}

type Row = (&'static str, usize, Shape);

const OF_SYSTEM: [Row; 2] = [("系统类型", 1, Shape::System), ("系统地址", 1, Shape::Byte)];
const OF_COMPONENT: [Row; 2] = [("部件类型", 1, Shape::Component), ("部件地址", 4, Shape::Address)];

/// The fields of one object of a type, system and component address aside; `None` for types without a table.
fn layout(kind: u8, short: bool) -> Option<Vec<Row>> {
    let time = ("发生时间", 6, Shape::Time);
    let own: Vec<Row> = match kind {
        1 => vec![("系统状态", 2, Shape::SystemBits), time],
        2 if short => vec![("部件状态", 2, Shape::ComponentBits), time],
        2 => vec![("部件状态", 2, Shape::ComponentBits), ("部件说明", 31, Shape::Text), time],
        3 => vec![("模拟量类型", 1, Shape::Analog), ("模拟量值", 2, Shape::Value), time],
        4 => vec![("操作标志", 1, Shape::FacilityOperation), ("操作员", 1, Shape::Byte), time],
        5 => vec![("主版本", 1, Shape::Byte), ("次版本", 1, Shape::Byte)],
        6 => vec![("配置", 1, Shape::Counted)],
        7 => vec![("部件说明", 31, Shape::Text)],
        8 => vec![("系统时间", 6, Shape::Time)],
        21 => vec![("装置状态", 1, Shape::DeviceBits), time],
        24 => vec![("操作标志", 1, Shape::DeviceOperation), ("操作员", 1, Shape::Byte), time],
        25 => vec![("主版本", 1, Shape::Byte), ("次版本", 1, Shape::Byte)],
        26 => vec![("配置", 1, Shape::Counted)],
        28 | 90 => vec![("装置时间", 6, Shape::Time)],
        91 => vec![("应答时限（分钟）", 1, Shape::Byte)],
        _ => return None,
    };
    let system: &[Row] = if kind <= 8 { &OF_SYSTEM } else { &[] };
    let component: &[Row] = if matches!(kind, 2 | 3 | 7) { &OF_COMPONENT } else { &[] };
    Some([system, component, &own].concat())
}

/// How a field of the control unit is read.
type Read = fn(&[u8], &Profile) -> String;

/// The tree of a frame; what is missing at the end is simply not there.
fn tree(bytes: &[u8], profile: &Profile) -> Vec<Node> {
    let mut reader = Reader { bytes, at: 0, profile };
    let mut nodes = vec![];
    let control: [(&str, usize, Read); 8] = [
        ("启动符", 2, |b, _| hex::encode_upper(b)),
        ("业务流水号", 2, |b, _| number(b).to_string()),
        ("协议版本", 2, |b, _| b.iter().map(u8::to_string).collect::<Vec<_>>().join(".")),
        ("发送时间", 6, |b, p| time(b, p.sent_clock)),
        ("源地址", 6, |b, _| number(b).to_string()),
        ("目的地址", 6, |b, _| number(b).to_string()),
        ("数据单元长度", 2, |b, _| format!("{} 字节", number(b))),
        ("命令", 1, |b, _| command(b)),
    ];
    for (label, length, read) in control {
        nodes.extend(reader.leaf(label, length, read));
    }
    let rest = bytes.len().saturating_sub(reader.at);
    if let Some(data) = rest.checked_sub(frame::TAIL_LEN).filter(|n| *n > 0) {
        let node = reader.data(data);
        nodes.push(node);
    }
    nodes.extend(reader.leaf("校验和", 1, |b, _| hex::encode_upper(b)));
    nodes.extend(reader.leaf("结束符", 2, |b, _| hex::encode_upper(b)));
    nodes
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    profile: &'a Profile,
}

impl Reader<'_> {
    fn leaf(&mut self, label: &str, length: usize, read: impl Fn(&[u8], &Profile) -> String) -> Option<Node> {
        let bytes = self.bytes.get(self.at..self.at + length)?;
        let node = Node {
            label: label.to_owned(),
            value: read(bytes, self.profile),
            offset: self.at,
            length,
            children: Vec::new(),
        };
        self.at += length;
        Some(node)
    }

    /// The data unit of `length` bytes.
    fn data(&mut self, length: usize) -> Node {
        let start = self.at;
        let end = start + length;
        let mut children: Vec<_> = self.leaf("类型标志", 1, |b, _| kind(b)).into_iter().collect();
        let mut value = String::new();
        if length >= 2 {
            children.extend(self.leaf("信息对象数目", 1, |b, _| number(b).to_string()));
            let (kind, count) = (self.bytes[start], usize::from(self.bytes[start + 1]));
            value = names::unit_kind(kind).map_or_else(|| format!("类型 {kind}"), |n| n.zh.to_owned());
            children.extend(self.objects(kind, count, end));
        }
        let left = end.saturating_sub(self.at);
        if left > 0 {
            children.extend(self.leaf("原文", left, |b, _| hex::encode_upper(b)));
        }
        Node { label: "应用数据单元".to_owned(), value, offset: start, length, children }
    }

    fn objects(&mut self, kind: u8, count: usize, end: usize) -> Vec<Node> {
        let short = kind == 2
            && count > 0
            && end.saturating_sub(self.at) == count * gb26875::unit::ComponentStatus::SHORT_LEN;
        let Some(rows) = layout(kind, short) else { return Vec::new() };
        (1..=count).map_while(|n| self.object(n, &rows, end)).collect()
    }

    fn object(&mut self, n: usize, rows: &[Row], end: usize) -> Option<Node> {
        let start = self.at;
        let mut children = Vec::with_capacity(rows.len());
        for (label, length, shape) in rows {
            let length = match shape {
                Shape::Counted => 1 + usize::from(*self.bytes.get(self.at)?),
                _ => *length,
            };
            if self.at + length > end {
                self.at = start;
                return None;
            }
            children.extend(self.leaf(label, length, |b, p| shape.read(b, p)));
        }
        Some(Node {
            label: format!("信息对象 {n}"),
            value: String::new(),
            offset: start,
            length: self.at - start,
            children,
        })
    }
}

impl Shape {
    fn read(self, bytes: &[u8], profile: &Profile) -> String {
        let byte = bytes.first().copied().unwrap_or(0);
        let bits = number(bytes);
        let narrow = u16::try_from(bits).unwrap_or(0);
        match self {
            Shape::Byte => byte.to_string(),
            Shape::System => named(byte, names::system_type(byte)),
            Shape::Component => named(byte, names::component_type(byte)),
            Shape::Address => {
                let address = u32::try_from(bits).unwrap_or(0);
                let (zone, point) = profile.split_part_address(address);
                format!("{address}（{zone} 区 {point} 号）")
            }
            Shape::Analog => named(byte, names::analog_type(byte).map(|a| a.name)),
            Shape::Value => i16::from_le_bytes([byte, bytes.get(1).copied().unwrap_or(0)]).to_string(),
            Shape::SystemBits => words(narrow, &names::system_state(state::SystemState(narrow))),
            Shape::ComponentBits => words(narrow, &names::component_state(state::ComponentState(narrow))),
            Shape::DeviceBits => words(narrow, &names::uitd_state(state::UitdState(byte))),
            Shape::FacilityOperation => {
                words(narrow, &names::facility_operations(state::FacilityOperations(byte)))
            }
            Shape::DeviceOperation => words(narrow, &names::uitd_operations(state::UitdOperations(byte))),
            Shape::Text => fixed_text(bytes),
            Shape::Counted => text::CountedText::new(bytes.get(1..).unwrap_or_default().to_vec())
                .map_or_else(String::new, |t| t.read()),
            Shape::Time => time(bytes, profile.object_clock),
        }
    }
}

fn fixed_text(bytes: &[u8]) -> String {
    <[u8; text::FIXED_TEXT]>::try_from(bytes).map_or_else(|_| String::new(), |b| text::FixedText(b).read())
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn time(bytes: &[u8], clock: Clock) -> String {
    let label = <[u8; Label::LEN]>::try_from(bytes).ok().and_then(|b| Label(b).civil(clock));
    label.map_or_else(
        || format!("{}（不是有效时间）", hex::encode_upper(bytes)),
        |t| t.to_string().replace('T', " "),
    )
}

fn command(bytes: &[u8]) -> String {
    let byte = bytes.first().copied().unwrap_or(0);
    named(byte, names::command(gb26875::Command(byte)))
}

fn kind(bytes: &[u8]) -> String {
    let byte = bytes.first().copied().unwrap_or(0);
    named(byte, names::unit_kind(byte))
}

fn named(byte: u8, name: Option<names::Name>) -> String {
    name.map_or_else(|| format!("{byte}（标准未定义）"), |n| format!("{byte} {}", n.zh))
}

fn words(bits: u16, all: &[names::Name]) -> String {
    let words = all.iter().map(|n| n.zh).collect::<Vec<_>>().join("、");
    if words.is_empty() { format!("0x{bits:04X}") } else { format!("0x{bits:04X} {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRE: &str = "404001000101203A091A090C790300000000385B0100000030000202010101280A00020002002020202020202020202020202020202020202020202020202020202020200002\
        3A091A090C462323";

    fn leaves(nodes: &[Node]) -> Vec<(usize, usize)> {
        nodes
            .iter()
            .flat_map(
                |n| if n.children.is_empty() { vec![(n.offset, n.length)] } else { leaves(&n.children) },
            )
            .collect()
    }

    #[test]
    fn every_byte_of_a_good_frame_belongs_to_one_leaf() {
        let bytes = hex::decode(FIRE.replace(char::is_whitespace, "")).unwrap();
        let view = view(&bytes, &Profile::default());
        assert!(view.ok, "{:?}", view.detail);
        let mut at = 0;
        for (offset, length) in leaves(&view.tree) {
            assert_eq!(offset, at);
            at += length;
        }
        assert_eq!(at, bytes.len());
    }

    #[test]
    fn garbage_between_frames_is_shown_between_them() {
        let frame = hex::decode(FIRE.replace(char::is_whitespace, "")).unwrap();
        let bytes = [frame.as_slice(), &[1, 2, 3], &frame].concat();
        let found: Vec<_> = taken_apart(&bytes).into_iter().map(|v| v.ok).collect();
        assert_eq!(found, [true, false, true]);
    }

    #[test]
    fn text_that_is_no_hex_is_refused_with_its_place() {
        assert!(bytes("40 4G").unwrap_err().detail.contains("第 4 个字符"));
        assert_eq!(bytes("404").unwrap_err().places[0].code, "hex.odd");
        assert!(bytes(&"00".repeat(LAB_BYTES_MAX)).is_ok());
        assert_eq!(bytes(&"00".repeat(LAB_BYTES_MAX + 1)).unwrap_err().code, "lab.too_long");
    }
}
