//! `/frames`: frames as they came, decoded: a tree whose every leaf knows its bytes, and one sentence.

use crate::gate::Caller;
use crate::page::NamedRef;
use crate::problem::{Denied, Problem};
use crate::{Api, lab};
use axum::Json;
use axum::extract::{Path, State};
use fengsui_app::App;
use fengsui_base::Refusal;
use fengsui_store::FrameRow;
use gb26875::{Profile, names};
use serde::Serialize;
use utoipa::ToSchema;

/// A frame in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrameSummary {
    seq: u64,
    received_at: String,
    channel: String,
    kind: String,
    kind_label: String,
    bytes: usize,
    verdict: String,
    hex: String,
}

/// A frame taken apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrameView {
    pub(crate) ok: bool,
    pub(crate) error: Option<String>,
    pub(crate) error_label: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) hex: String,
    /// As `fengsui frame decode` writes it.
    #[schema(value_type = Value)]
    pub(crate) decoded: serde_json::Value,
    pub(crate) tree: Vec<Node>,
    pub(crate) sentence: String,
    pub(crate) received_at: Option<String>,
    pub(crate) terminal: Option<NamedRef>,
}

/// One part of a frame, with its bytes.
#[derive(Serialize, ToSchema)]
#[schema(no_recursion)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) label: String,
    /// What it says.
    pub(crate) value: String,
    /// First byte, from 0.
    pub(crate) offset: usize,
    /// Number of bytes.
    pub(crate) length: usize,
    /// Parts of the part.
    pub(crate) children: Vec<Node>,
}

impl FrameSummary {
    pub(crate) fn of(row: &FrameRow) -> Self {
        let frame = &row.frame;
        let kind =
            frame.unit_type.map_or_else(|| frame.command.to_string(), |t| format!("{}.{t}", frame.command));
        let name = match frame.unit_type {
            Some(kind) => names::unit_kind(kind).map_or_else(|| format!("类型 {kind}"), |n| n.zh.to_owned()),
            None if frame.bytes.starts_with(b"{") => "平台字段".to_owned(),
            None if !frame.bytes.starts_with(&gb26875::frame::START) => "厂家的帧".to_owned(),
            None => "心跳".to_owned(),
        };
        Self {
            seq: row.seq,
            received_at: frame.received_at.to_string(),
            channel: frame.channel.clone(),
            kind,
            kind_label: name,
            bytes: frame.bytes.len(),
            verdict: verdict_label(&frame.verdict).to_owned(),
            hex: hex::encode(&frame.bytes),
        }
    }
}

/// What became of a frame, in words.
fn verdict_label(code: &str) -> &str {
    match code {
        "stored" => "已存",
        "unknown_terminal" => "已存，终端未登记",
        other => other,
    }
}

impl FrameView {
    /// A kept frame.
    pub(crate) fn stored(app: &App, row: &FrameRow) -> Self {
        let terminal = row.frame.terminal.and_then(|id| app.board().terminal(id));
        // A registered terminal is read in its own dialect, here as at the gateway.
        let profile = terminal.as_ref().map(|t| Profile::named(&t.facts().profile)).unwrap_or_default();
        let mut view = fields(&row.frame.bytes).unwrap_or_else(|| lab::view(&row.frame.bytes, &profile));
        view.received_at = Some(row.frame.received_at.to_string());
        view.terminal = terminal.map(|t| NamedRef::of(t.id, &t.facts().name));
        view
    }
}

/// What an operator's cloud or a broker brought as fields: kept as JSON, shown one field a line.
fn fields(bytes: &[u8]) -> Option<FrameView> {
    let decoded: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes).ok()?;
    let said = |(name, value): (&String, &serde_json::Value)| Node {
        label: name.clone(),
        value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        offset: 0,
        length: 0,
        children: Vec::new(),
    };
    let tree: Vec<_> = decoded.iter().map(said).collect();
    Some(FrameView {
        ok: true,
        error: None,
        error_label: None,
        detail: None,
        hex: hex::encode(bytes),
        sentence: format!("平台送来的字段，{} 项", tree.len()),
        tree,
        decoded: decoded.into(),
        received_at: None,
        terminal: None,
    })
}

/// One kept frame by its number.
#[utoipa::path(get, path = "/frames/{seq}", tag = "terminals", params(("seq" = u64, Path)), responses((status = 200, body = FrameView), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    seq: Result<Path<u64>, axum::extract::rejection::PathRejection>,
) -> Result<Json<FrameView>, Denied> {
    let Path(seq) = seq.map_err(|_| Refusal::not_found())?;
    let row = api.app.frame(caller.grant(), seq).await?;
    Ok(Json(FrameView::stored(&api.app, &row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_cloud_are_shown_one_a_line_and_bytes_are_not_taken_for_them() {
        let view = fields(br#"{"Alarm_Status":1,"state":"on"}"#).unwrap();
        let lines: Vec<_> = view.tree.iter().map(|n| (n.label.as_str(), n.value.as_str())).collect();
        assert_eq!((lines, view.ok), (vec![("Alarm_Status", "1"), ("state", "on")], true));
        assert!(fields(&[0x40, 0x40]).is_none() && fields(b"[1]").is_none());
    }
}
