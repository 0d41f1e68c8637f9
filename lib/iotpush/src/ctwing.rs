//! China Telecom's CTWing (AEP): one JSON object a push, bytes passed through in `payload.APPdata` as base64, or
//! decoded fields in `payload`.
//!
//! No signature of its pushes is documented, and no number that is never left out (`upPacketSN` is `-1` or empty
//! in what the field sends): whoever receives them needs a secret path, an allow-list of networks and TLS, and
//! cannot know that a push was lost. Not answered with 200, a push is repeated three times; after more than a
//! hundred failures in a row, or a tenth failing within ten seconds, the platform is silent for a minute, and
//! what happens in it is lost.
//! Source: ctwing.cn/dyts/103 as reported in public notes; captured pushes of four products.

use crate::fields::flatten;
use crate::{Payload, Push, PushError, device, digest, instant, json};
use serde_json::{Map, Value};

/// Reads one push.
///
/// # Errors
/// It is not JSON, or names no device and no kind of message.
pub fn read(body: &[u8]) -> Result<Vec<Push>, PushError> {
    let message: Map<String, Value> = json::read(body)?;
    let kind =
        message.get("messageType").and_then(Value::as_str).ok_or(PushError::Shape("没有 messageType"))?;
    let device = device(message.get("deviceId")).ok_or(PushError::Shape("没有 deviceId"))?;
    let at = message.get("timestamp").and_then(instant);
    let payload = payload(kind, &message);
    Ok(vec![Push { id: digest::id(body, 0), device, at, payload }])
}

fn payload(kind: &str, message: &Map<String, Value>) -> Payload {
    let object = |name: &str| message.get(name).and_then(Value::as_object);
    match kind {
        "dataReport" => object("payload").map_or_else(|| other(kind), data),
        "eventReport" => object("eventContent").map_or_else(|| other(kind), data),
        "deviceOnlineOfflineReport" => {
            Payload::Lifecycle { online: message.get("eventType").and_then(Value::as_i64) == Some(1) }
        }
        _ => other(kind),
    }
}

fn other(kind: &str) -> Payload {
    Payload::Other(match kind {
        "commandResponse" => "平台转来的命令应答".to_owned(),
        _ => format!("平台消息 {}", kind.chars().take(40).collect::<String>()),
    })
}

fn data(payload: &Map<String, Value>) -> Payload {
    match payload.get("APPdata").and_then(Value::as_str) {
        Some(text) => digest::base64(text).map_or_else(|| Payload::Fields(flatten(payload)), Payload::Bytes),
        None => Payload::Fields(flatten(payload)),
    }
}
