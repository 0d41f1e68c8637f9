//! A gateway for text messages or calls over HTTP, described by its settings alone: where, how, with what body;
//! how its answer says yes, and by which words it says that there is no such number.

use crate::request::{Reply, Request, sent, words};
use crate::template::{Escape, fill};
use fengsui_app::{AttemptOutcome, Channel, Dispatch, Sent};
use serde_json::Value;

/// The request for this message.
pub(crate) fn request(dispatch: &Dispatch, text: &str) -> Request {
    let channel = &dispatch.channel;
    let at_ms = dispatch.at.as_millisecond().to_string();
    let values = [
        ("phone", dispatch.phone.as_deref().unwrap_or_default()),
        ("text", text),
        ("title", dispatch.title.as_str()),
        ("name", dispatch.name.as_str()),
        ("id", dispatch.number.as_str()),
        ("at", at_ms.as_str()),
        ("key", dispatch.secrets.get("key")),
        ("password", dispatch.secrets.get("password")),
    ];
    let (kind, escape) = match channel.setting("content_type") {
        "form" => ("application/x-www-form-urlencoded", Escape::Url),
        "text" => ("text/plain; charset=utf-8", Escape::Plain),
        _ => ("application/json", Escape::Json),
    };
    let method = channel.setting("method").to_owned();
    let mut headers = vec![("idempotency-key".to_owned(), dispatch.number.clone())];
    if method == "POST" {
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    let own = channel.setting("headers").lines().filter_map(|line| line.split_once(':'));
    headers.extend(
        own.map(|(name, value)| {
            (name.trim().to_ascii_lowercase(), fill(value.trim(), &values, Escape::Plain))
        }),
    );
    let body = if method == "POST" { fill(channel.setting("body"), &values, escape) } else { String::new() };
    Request { method, url: fill(channel.setting("url"), &values, Escape::Url), headers, body }
}

/// What the gateway's answer means.
pub(crate) fn read(channel: &Channel, reply: &Reply) -> Sent {
    let json: Option<Value> = serde_json::from_str(&reply.body).ok();
    let at = |setting: &str| {
        let pointer = channel.setting(setting);
        if pointer.is_empty() { None } else { json.as_ref()?.pointer(pointer).and_then(scalar) }
    };
    let flag = at("success_pointer");
    // Some gateways say 空号 with a status that is not 200.
    if flag.as_ref().is_some_and(|flag| among(flag, channel.setting("absent_values"))) {
        return sent(AttemptOutcome::NoSuchNumber, "网关说没有这个号码");
    }
    if let Some(error) = reply.error() {
        return error;
    }
    let needs_flag = !channel.setting("success_pointer").is_empty();
    let text = channel.setting("success_text");
    let yes = match (needs_flag, flag) {
        (true, flag) => flag.is_some_and(|flag| among(&flag, channel.setting("success_value"))),
        (false, _) => text.is_empty() || reply.body.contains(text),
    };
    if yes {
        return Sent { gateway_id: at("id_pointer"), ..sent(AttemptOutcome::Accepted, "网关已收下") };
    }
    sent(AttemptOutcome::Failed, format!("网关没有收下：{}", words(&reply.body)))
}

fn among(value: &str, list: &str) -> bool {
    list.split([',', '，']).any(|one| !one.trim().is_empty() && one.trim() == value)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::tests::dispatch;
    use fengsui_app::Driver;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.to_owned() }
    }

    #[test]
    fn a_json_gateway_is_described_by_its_settings() {
        let sms = dispatch(
            Driver::SmsHttp,
            &[
                ("url", "http://10.0.0.5:8080/send?to={phone}"),
                ("headers", "Authorization: Bearer {key}\nX-App: 1"),
                ("body", r#"{"mobile":"{phone}","content":"{text}"}"#),
                ("success_pointer", "/code"),
                ("success_value", "0"),
                ("id_pointer", "/data/id"),
                ("absent_values", "4001，4002"),
            ],
            &[("key", "K")],
        );
        let made = request(&sms, "二层\"火警\"");
        assert_eq!(
            (made.method.as_str(), made.url.as_str()),
            ("POST", "http://10.0.0.5:8080/send?to=13800000001")
        );
        assert_eq!(made.body, r#"{"mobile":"13800000001","content":"二层\"火警\""}"#);
        assert!(made.headers.contains(&("authorization".into(), "Bearer K".into())));
        assert!(made.headers.contains(&("idempotency-key".into(), sms.number.clone())));
        let taken = read(&sms.channel, &reply(200, r#"{"code":0,"data":{"id":77}}"#));
        assert_eq!((taken.outcome, taken.gateway_id.as_deref()), (AttemptOutcome::Accepted, Some("77")));
        let outcome = |status, body| read(&sms.channel, &reply(status, body)).outcome;
        assert_eq!(outcome(200, r#"{"code":"4002"}"#), AttemptOutcome::NoSuchNumber);
        assert_eq!(outcome(400, r#"{"code":4001}"#), AttemptOutcome::NoSuchNumber);
        assert_eq!(outcome(200, r#"{"code":9}"#), AttemptOutcome::Failed);
        assert_eq!(outcome(200, "nonsense"), AttemptOutcome::Failed);
        assert_eq!(outcome(500, r#"{"code":0}"#), AttemptOutcome::Failed);
    }

    #[test]
    fn a_form_gateway_that_says_ok_in_words_is_one_too() {
        let voice = dispatch(
            Driver::VoiceHttp,
            &[
                ("url", "http://10.0.0.6/call"),
                ("content_type", "form"),
                ("body", "to={phone}&say={text}&pwd={password}"),
                ("success_text", "OK"),
            ],
            &[("password", "a&b")],
        );
        assert_eq!(request(&voice, "火 警").body, "to=13800000001&say=%E7%81%AB%20%E8%AD%A6&pwd=a%26b");
        assert_eq!(read(&voice.channel, &reply(200, "OK:77")).outcome, AttemptOutcome::Accepted);
        assert_eq!(read(&voice.channel, &reply(200, "ERR")).outcome, AttemptOutcome::Failed);
    }
}
