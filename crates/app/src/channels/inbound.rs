//! What a gateway says by itself: that a message has arrived or not, and what somebody replied. Gateways name
//! these things differently; where they stand is a setting of the channel.

use crate::Channel;
use serde_json::Value;

/// Most reports in one call of a gateway.
pub const REPORTS_MAX: usize = 200;

/// One thing a gateway reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Report {
    /// Whether the message with the gateway's number has arrived.
    Receipt {
        /// Number the gateway gave it.
        gateway_id: String,
        /// Whether it has.
        delivered: bool,
        /// The gateway's own word for it.
        state: String,
    },
    /// Somebody replied, or pressed a key.
    Reply {
        /// Telephone number, digits only.
        phone: String,
        /// What.
        text: String,
    },
}

/// The reports in a body: one object or a list of them; what is neither a receipt nor a reply is left out.
pub fn reports(channel: &Channel, body: &Value) -> Vec<Report> {
    let one = std::slice::from_ref(body);
    let items = body.as_array().map_or(one, Vec::as_slice);
    items.iter().take(REPORTS_MAX).filter_map(|item| report(channel, item)).collect()
}

fn report(channel: &Channel, item: &Value) -> Option<Report> {
    let at = |setting: &str, default: &str| scalar(item.pointer(channel.setting_or(setting, default))?);
    if let (Some(phone), Some(text)) =
        (at("reply_phone_pointer", "/phone"), at("reply_text_pointer", "/text"))
    {
        return Some(Report::Reply { phone: digits(&phone), text });
    }
    let gateway_id = at("receipt_id_pointer", "/id")?;
    let state = at("receipt_state_pointer", "/status")?;
    let delivered = channel.setting_or("receipt_delivered_values", "delivered");
    let delivered = delivered.split([',', '，']).any(|value| value.trim() == state);
    Some(Report::Receipt { gateway_id, delivered, state })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number without its country code and without what stands between the digits.
pub(crate) fn digits(phone: &str) -> String {
    let all: String = phone.chars().filter(char::is_ascii_digit).collect();
    all.strip_prefix("86").filter(|rest| rest.len() == 11).map(str::to_owned).unwrap_or(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::tests::channel;
    use serde_json::json;

    #[test]
    fn receipts_and_replies_are_told_apart() {
        let plain = channel(&[]);
        let body = json!([
            { "id": 77, "status": "delivered" },
            { "id": "78", "status": "expired" },
            { "phone": "+86 138-0000-0001", "text": "2" },
            { "nothing": 1 },
        ]);
        let expected = [
            Report::Receipt { gateway_id: "77".into(), delivered: true, state: "delivered".into() },
            Report::Receipt { gateway_id: "78".into(), delivered: false, state: "expired".into() },
            Report::Reply { phone: "13800000001".into(), text: "2".into() },
        ];
        assert_eq!(reports(&plain, &body), expected);
    }

    #[test]
    fn a_gateway_with_its_own_words_is_understood() {
        let own = channel(&[
            ("receipt_id_pointer", "/report/msgid"),
            ("receipt_state_pointer", "/report/stat"),
            ("receipt_delivered_values", "DELIVRD，0"),
        ]);
        let found = reports(&own, &json!({ "report": { "msgid": "a", "stat": "DELIVRD" } }));
        assert!(matches!(&found[..], [Report::Receipt { delivered: true, .. }]));
    }

    #[test]
    fn no_more_than_the_limit_is_read() {
        let many: Vec<_> = (0..=REPORTS_MAX).map(|n| json!({ "id": n, "status": "delivered" })).collect();
        assert_eq!(reports(&channel(&[]), &json!(many[..REPORTS_MAX])).len(), REPORTS_MAX);
        assert_eq!(reports(&channel(&[]), &json!(many)).len(), REPORTS_MAX);
    }
}
