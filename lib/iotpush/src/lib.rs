//! The HTTP pushes of the operators' IoT clouds (运营商物联网平台的数据推送): China Telecom CTWing (AEP), China
//! Mobile OneNET and Huawei IoTDA, which Telecom and Unicom also run under their own names.
//!
//! Smoke detectors over NB-IoT do not speak to a centre themselves: they speak to the operator's cloud, and the
//! cloud sends what they said by HTTP to whoever subscribed. This crate says whether such a message is genuine,
//! opens it, and tells which device said what and when. Nothing here opens a socket or asks the time; what a
//! stranger sends is bounded before it is read.
//!
//! | module | what for |
//! |---|---|
//! | [`ctwing`] | China Telecom: no signature, therefore a secret path and an allow-list of networks |
//! | [`onenet`] | China Mobile: handshake, signature over the message, optional encryption, old and new form |
//! | [`iotda`] | Huawei: signature in the headers, new form and the old NA form |
//! | [`json`] | how deep and how large a message may be |
//!
//! # Example
//! ```
//! use iotpush::{Payload, ctwing};
//!
//! let body = br#"{"messageType":"dataReport","deviceId":"acf7","timestamp":1606982320277,
//!   "payload":{"serviceId":"notification","serviceData":{"Alarm_Status":2,"Battery_Level":100}}}"#;
//! let pushes = ctwing::read(body)?;
//! let Payload::Fields(fields) = &pushes[0].payload else { panic!("it has decoded fields") };
//! assert_eq!((pushes[0].device.as_str(), fields["Alarm_Status"].to_string().as_str()), ("acf7", "2"));
//! # Ok::<(), iotpush::PushError>(())
//! ```

pub mod ctwing;
mod digest;
mod fields;
pub mod iotda;
pub mod json;
pub mod onenet;

pub use fields::{FIELDS_MAX, Fields, Scalar, TEXT_CHARS_MAX, fields};
use jiff::Timestamp;

/// Most messages in one push; one more refuses the push as a whole.
pub const BATCH_MAX: usize = 500;
/// Longest name of a device, in characters.
pub const DEVICE_CHARS_MAX: usize = 128;

/// One message of one device.
#[derive(Clone, PartialEq, Debug)]
pub struct Push {
    /// What makes a repeated push the same: SHA-256 of the message as it was signed, and its place in the batch,
    /// as hexadecimal digits. The clouds promise no number of their own.
    pub id: String,
    /// The device by the name that the cloud gives it: the IMEI for OneNET where there is one.
    pub device: String,
    /// When the cloud says that it happened.
    pub at: Option<Timestamp>,
    /// What it says.
    pub payload: Payload,
}

/// What a message says.
#[derive(Clone, PartialEq, Debug)]
pub enum Payload {
    /// Bytes of the device that the cloud passed through (透传).
    Bytes(Vec<u8>),
    /// Fields that the cloud decoded (物模型).
    Fields(Fields),
    /// The cloud saw the device come or go; a hint, because a sleeping device is not a lost one.
    Lifecycle {
        /// Whether it came.
        online: bool,
    },
    /// Something that says nothing of the place, such as the answer to a command; in words.
    Other(String),
}

impl Payload {
    /// All that may be bytes of the device in it: what was passed through, and fields whose text is hexadecimal
    /// digits. Products that pass bytes through as a field of one name are as common as those that do not.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        match self {
            Payload::Bytes(bytes) => vec![digits(bytes).unwrap_or_else(|| bytes.clone())],
            Payload::Fields(fields) => fields
                .values()
                .filter_map(|value| match value {
                    Scalar::Text(text) => digits(text.as_bytes()),
                    _ => None,
                })
                .collect(),
            Payload::Lifecycle { .. } | Payload::Other(_) => Vec::new(),
        }
    }
}

/// Bytes that are hexadecimal digits throughout, read.
fn digits(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    if text.len() < 4 { None } else { hex::decode(text).ok() }
}

/// Why a push is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// Not signed by whoever knows the token.
    #[error("签名不对：订阅里的 token 与平台上填写的不一致，或消息不是平台发来的")]
    Signature,
    /// Encrypted, and there is no key; or a key, and it is not encrypted.
    #[error("加密方式不一致：平台上选了加密而订阅没有 aes_key，或相反")]
    Encryption,
    /// Encrypted with another key, or cut.
    #[error("不能解密：aes_key 与平台上的不一致，或内容残缺")]
    Decryption,
    /// Not JSON, or more deeply nested or longer than is read.
    #[error("不是可读的 JSON：{0}")]
    Json(String),
    /// More messages than are read at once.
    #[error("一次推送超过 {BATCH_MAX} 条消息")]
    TooMany,
    /// JSON that is no push of this operator.
    #[error("不是这家平台的推送：{0}")]
    Shape(&'static str),
}

impl PushError {
    /// A stable word for counters.
    pub fn code(&self) -> &'static str {
        match self {
            PushError::Signature => "signature",
            PushError::Encryption => "encryption",
            PushError::Decryption => "decryption",
            PushError::Json(_) => "json",
            PushError::TooMany => "too_many",
            PushError::Shape(_) => "shape",
        }
    }
}

/// An instant as these clouds write it: milliseconds as number or digits, `20151212T121212Z`, or RFC 3339.
pub(crate) fn instant(value: &serde_json::Value) -> Option<Timestamp> {
    match value {
        serde_json::Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        serde_json::Value::String(text) => match text.parse::<i64>() {
            Ok(ms) => Timestamp::from_millisecond(ms).ok(),
            Err(_) => text.parse().ok(),
        },
        _ => None,
    }
}

/// The name of a device: a number or a text that is not empty and not too long.
pub(crate) fn device(value: Option<&serde_json::Value>) -> Option<String> {
    let name = match value? {
        serde_json::Value::String(text) => text.trim().to_owned(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let fits = !name.is_empty() && name.chars().count() <= DEVICE_CHARS_MAX;
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn instants_are_read_in_all_the_ways_they_are_written() {
        let same = instant(&json!(1449922332000_i64));
        assert_eq!(same, Some("2015-12-12T12:12:12Z".parse().unwrap()));
        for text in ["1449922332000", "20151212T121212Z", "2015-12-12T12:12:12.000Z"] {
            assert_eq!(instant(&json!(text)), same, "{text}");
        }
        assert_eq!(instant(&json!("昨天")), None);
        assert_eq!(instant(&json!(f64::MAX)), None);
    }

    #[test]
    fn a_device_has_a_name_of_reasonable_length() {
        assert_eq!(device(Some(&json!(518816929))).as_deref(), Some("518816929"));
        assert_eq!(
            device(Some(&json!("x".repeat(DEVICE_CHARS_MAX)))).map(|n| n.len()),
            Some(DEVICE_CHARS_MAX)
        );
        assert_eq!(device(Some(&json!("x".repeat(DEVICE_CHARS_MAX + 1)))), None);
        assert_eq!(device(Some(&json!(" "))), None);
        assert_eq!(device(Some(&json!("a\nb"))), None);
    }

    #[test]
    fn bytes_are_found_where_they_were_passed_through_as_text() {
        let text = Payload::Bytes(b"4040aa".to_vec());
        assert_eq!(text.bytes(), [vec![0x40, 0x40, 0xAA]]);
        let binary = Payload::Bytes(vec![0x40, 0x40, 0xAA]);
        assert_eq!(binary.bytes(), [vec![0x40, 0x40, 0xAA]]);
    }
}
