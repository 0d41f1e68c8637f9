//! Huawei IoTDA, and the platforms of Telecom and Unicom that are made of it: one JSON object a push, signed in
//! its headers.
//!
//! The signature covers the token, the time and the nonce, not the message: whoever could read one push on the
//! way could forge another, so the path wants TLS and an allow-list. What is not answered with 200 within
//! fifteen seconds is dropped; after ten failures the platform keeps a day or 1 GB for us, asks every three
//! minutes, and then sends at up to 800 a second.
//! Source: support.huaweicloud.com, data forwarding and api-iothub v5 (device.property, device.message,
//! device.status); the old NA form `notifyType` from captured pushes.

use crate::fields::{flatten, one};
use crate::{BATCH_MAX, Payload, Push, PushError, device, digest, instant, json};
use serde_json::{Map, Value};

/// Whether the headers were made by somebody who knows the token.
pub fn verify(token: &str, timestamp: &str, nonce: &str, signature: &str) -> bool {
    digest::same(&sign(token, timestamp, nonce), &signature.trim().to_ascii_lowercase())
}

/// The signature that a sender writes into the header: SHA-256 of the three texts, sorted and joined.
pub fn sign(token: &str, timestamp: &str, nonce: &str) -> String {
    digest::sha256_sorted([token, timestamp, nonce])
}

/// Reads one push: one message for each service of the device.
///
/// # Errors
/// It is not JSON, or no push of IoTDA.
pub fn read(body: &[u8]) -> Result<Vec<Push>, PushError> {
    let message: Map<String, Value> = json::read(body)?;
    let (device, said) = match message.get("notifyType").and_then(Value::as_str) {
        Some(kind) => old_form(kind, &message)?,
        None => new_form(&message)?,
    };
    if said.len() > BATCH_MAX {
        return Err(PushError::TooMany);
    }
    let push = |(n, (at, payload))| Push { id: digest::id(body, n), device: device.clone(), at, payload };
    Ok(said.into_iter().enumerate().map(push).collect())
}

type Said = Vec<(Option<jiff::Timestamp>, Payload)>;

fn new_form(message: &Map<String, Value>) -> Result<(String, Said), PushError> {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    let data = message.get("notify_data").and_then(Value::as_object);
    let data = data.ok_or(PushError::Shape("没有 notify_data"))?;
    // The example of the state notification has its body beside the data instead of in it.
    let body = data.get("body").or_else(|| message.get("body"));
    let named = data.get("header").and_then(|h| h.get("device_id")).or_else(|| body?.get("device_id"));
    let device = device(named).ok_or(PushError::Shape("没有 device_id"))?;
    let at = message.get("event_time_ms").or_else(|| message.get("event_time")).and_then(instant);
    let said = match (text("resource"), body) {
        ("device.property", Some(body)) => services(body.get("services"), "properties", "event_time", at),
        ("device.message", Some(body)) => vec![(at, content(body.get("content")))],
        ("device.status", Some(body)) => vec![(at, status(body.get("status")))],
        (resource, _) => vec![(at, other(resource))],
    };
    Ok((device, said))
}

fn old_form(kind: &str, message: &Map<String, Value>) -> Result<(String, Said), PushError> {
    let device = device(message.get("deviceId")).ok_or(PushError::Shape("没有 deviceId"))?;
    let one_service = message.get("service").map(|service| Value::Array(vec![service.clone()]));
    let said = match kind {
        "deviceDataChanged" => services(one_service.as_ref(), "data", "eventTime", None),
        "deviceDatasChanged" => services(message.get("services"), "data", "eventTime", None),
        "deviceInfoChanged" => {
            vec![(None, status(message.get("deviceInfo").and_then(|info| info.get("status"))))]
        }
        _ => vec![(None, other(kind))],
    };
    Ok((device, said))
}

fn services(list: Option<&Value>, data: &str, time: &str, at: Option<jiff::Timestamp>) -> Said {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let one_of = |service: &Value| {
        let fields = service.get(data).and_then(Value::as_object).map(flatten).unwrap_or_default();
        (service.get(time).and_then(instant).or(at), Payload::Fields(fields))
    };
    list.iter().take(BATCH_MAX + 1).map(one_of).collect()
}

fn content(content: Option<&Value>) -> Payload {
    match content {
        Some(Value::Object(fields)) => Payload::Fields(flatten(fields)),
        Some(value) => Payload::Fields(one("content", value)),
        None => Payload::Other("没有内容的设备消息".to_owned()),
    }
}

fn status(status: Option<&Value>) -> Payload {
    match status.and_then(Value::as_str) {
        Some("ONLINE") => Payload::Lifecycle { online: true },
        Some("OFFLINE") => Payload::Lifecycle { online: false },
        _ => Payload::Other("平台转来的设备状态".to_owned()),
    }
}

fn other(kind: &str) -> Payload {
    Payload::Other(format!("平台消息 {}", kind.chars().take(40).collect::<String>()))
}
