//! China Mobile's OneNET: a handshake by GET, then one JSON object a push whose message is signed and may be
//! encrypted.
//!
//! Two forms are in use. The new one carries `msg` (a text), `nonce`, `signature`, `time`, `id`; the old one
//! `msg` (an object, or an array of them), `nonce`, `msg_signature`, or `enc_msg` instead of `msg`. In both the
//! signature is base64(md5(token + nonce + msg)), over the message exactly as it was sent. Not answered with 200
//! within five seconds, a push is repeated up to sixteen times over 2 h 45 min, without a number to tell it by.
//! Source: open.iot.10086.cn, HTTP push; cm-heclouds/data-push.

use crate::fields::{flatten, one};
use crate::{BATCH_MAX, Payload, Push, PushError, device, digest, instant, json};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;

/// Bytes before the text in the old encrypted form: sixteen of chance, then the length.
const OLD_PREFIX: usize = 20;

/// The key by which messages are encrypted.
#[derive(Clone)]
pub enum Key {
    /// Sixteen characters, of the new form: AES-128-CBC, the key being its own first vector.
    New([u8; 16]),
    /// 43 characters of base64, of the old form: AES-256-CBC, its first half being the first vector.
    Old([u8; 32]),
}

/// A key is never written out.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key as the platform shows it; `None` when it has neither length.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        match <[u8; 16]>::try_from(text.as_bytes()) {
            Ok(key) => Some(Self::New(key)),
            Err(_) => digest::base64(text)?.try_into().ok().map(Self::Old),
        }
    }

    /// The text that was encrypted.
    fn open(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = digest::base64(text)?;
        match self {
            Key::New(key) => {
                let plain = cbc::Decryptor::<Aes128>::new(key.into(), key.into());
                Some(plain.decrypt_padded::<Pkcs7>(&mut bytes).ok()?.to_vec())
            }
            Key::Old(key) => {
                let first: &[u8; 16] = key.first_chunk()?;
                let plain = cbc::Decryptor::<Aes256>::new(key.into(), first.into());
                let plain = plain.decrypt_padded::<Pkcs7>(&mut bytes).ok()?;
                let length = u32::from_be_bytes(plain.get(16..OLD_PREFIX)?.try_into().ok()?);
                let end = OLD_PREFIX.checked_add(usize::try_from(length).ok()?)?;
                Some(plain.get(OLD_PREFIX..end)?.to_vec())
            }
        }
    }
}

/// Whether the platform that asks for the handshake knows the token; the answer is then `msg` as it came.
///
/// A `+` of the signature may have become a space on its way through a query.
pub fn handshake(token: &str, msg: &str, nonce: &str, signature: &str) -> bool {
    verify(token, nonce, msg, &signature.replace(' ', "+"))
}

fn verify(token: &str, nonce: &str, msg: &str, signature: &str) -> bool {
    let expected = digest::md5_base64([token.as_bytes(), nonce.as_bytes(), msg.as_bytes()]);
    digest::same(&expected, signature.trim_end_matches('='))
}

/// The signature that a sender of such messages writes.
pub fn sign(token: &str, nonce: &str, msg: &str) -> String {
    let bare = digest::md5_base64([token.as_bytes(), nonce.as_bytes(), msg.as_bytes()]);
    format!("{bare}==")
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
    enc_msg: Option<String>,
    nonce: String,
    #[serde(alias = "msg_signature")]
    signature: String,
}

/// Verifies, opens and reads one push.
///
/// # Errors
/// It is not signed with this token, cannot be opened with this key, or is no push of OneNET.
pub fn read(body: &[u8], token: &str, key: Option<&Key>) -> Result<Vec<Push>, PushError> {
    let envelope: Envelope = json::read(body)?;
    let signed = envelope.signed()?;
    if !verify(token, &envelope.nonce, &signed, &envelope.signature) {
        return Err(PushError::Signature);
    }
    messages(&plain(&signed, key)?)
}

/// Reads a push without asking who signed it: for trying what somebody pasted, never for what came by a wire.
///
/// # Errors
/// It is no push of OneNET, or encrypted.
pub fn read_unsigned(body: &[u8]) -> Result<Vec<Push>, PushError> {
    let bare: Bare = json::read(body)?;
    let raw = bare.msg.ok_or(PushError::Shape("没有 msg"))?;
    messages(&plain(&text_of(raw)?, None)?)
}

fn messages(plain: &[u8]) -> Result<Vec<Push>, PushError> {
    let messages = match json::read(plain)? {
        Value::Array(messages) => messages,
        message => vec![message],
    };
    if messages.len() > BATCH_MAX {
        return Err(PushError::TooMany);
    }
    Ok(messages.iter().enumerate().filter_map(|(n, message)| push(plain, n, message)).collect())
}

#[derive(Deserialize)]
struct Bare<'a> {
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
}

/// A text without its quotes, anything else exactly as it was sent.
fn text_of(raw: &RawValue) -> Result<String, PushError> {
    if raw.get().starts_with('"') { json::read(raw.get().as_bytes()) } else { Ok(raw.get().to_owned()) }
}

impl Envelope<'_> {
    /// The text that the signature covers.
    fn signed(&self) -> Result<String, PushError> {
        match (&self.enc_msg, self.msg) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(raw)) => text_of(raw),
            (None, None) => Err(PushError::Shape("没有 msg")),
        }
    }
}

/// JSON is not encrypted, and base64 is not JSON.
fn plain(signed: &str, key: Option<&Key>) -> Result<Vec<u8>, PushError> {
    let is_json = signed.trim_start().starts_with(['{', '[']);
    match key {
        None if is_json => Ok(signed.as_bytes().to_vec()),
        Some(key) if !is_json => key.open(signed).ok_or(PushError::Decryption),
        _ => Err(PushError::Encryption),
    }
}

/// One message; `None` when it is of no device, such as the log of a rule.
fn push(plain: &[u8], n: usize, message: &Value) -> Option<Push> {
    let message = message.as_object()?;
    let name = |name: &str| device(message.get(name));
    let device = name("imei").or_else(|| name("dev_id")).or_else(|| name("deviceName"))?;
    let (at, payload) = match message.get("messageType").and_then(Value::as_str) {
        Some(kind) => new_form(kind, message),
        None => old_form(message),
    };
    Some(Push { id: digest::id(plain, n), device, at, payload })
}

fn old_form(message: &Map<String, Value>) -> (Option<jiff::Timestamp>, Payload) {
    let number = |name: &str| message.get(name).and_then(Value::as_i64);
    let stream = message.get("ds_id").and_then(Value::as_str).filter(|s| !s.is_empty()).unwrap_or("value");
    let payload = match (number("type"), message.get("value")) {
        (Some(1), Some(Value::Object(fields))) => Payload::Fields(flatten(fields)),
        (Some(1), Some(value)) => Payload::Fields(one(stream, value)),
        (Some(2), _) => Payload::Lifecycle { online: number("status") == Some(1) },
        (Some(7), _) => Payload::Other("平台转来的命令应答".to_owned()),
        _ => Payload::Other("平台消息，种类不明".to_owned()),
    };
    (message.get("at").and_then(instant), payload)
}

fn new_form(kind: &str, message: &Map<String, Value>) -> (Option<jiff::Timestamp>, Payload) {
    let empty = Map::new();
    let data = message.get("data").and_then(Value::as_object).unwrap_or(&empty);
    let stamped = message.get("timestamp").or_else(|| data.get("time")).and_then(instant);
    match kind {
        "notify" => {
            let params = data.get("params").and_then(Value::as_object).unwrap_or(&empty);
            (newest(params).or(stamped), Payload::Fields(without_times(flatten(params))))
        }
        "lifeCycle" => {
            let online = data.get("status").and_then(Value::as_str) == Some("online");
            (stamped, Payload::Lifecycle { online })
        }
        "reply" => (stamped, Payload::Other("平台转来的命令应答".to_owned())),
        _ => (stamped, Payload::Other(format!("平台消息 {}", kind.chars().take(40).collect::<String>()))),
    }
}

/// Each value has its own time; the message counts by the newest.
fn newest(params: &Map<String, Value>) -> Option<jiff::Timestamp> {
    params.values().filter_map(|p| p.get("time").and_then(instant)).max()
}

fn without_times(mut fields: crate::Fields) -> crate::Fields {
    fields.retain(|name, _| !name.ends_with(".time"));
    fields
}
