//! A robot of a 钉钉 group. Its address holds an access token; with 加签 each request is signed by HMAC-SHA256
//! over the time in milliseconds, a line break and the key, in Base64, written into the address. People are named (@) by
//! their account or their mobile number, which must stand in the text as well.
//! Source: 钉钉开放平台“自定义机器人安全设置”; the time may differ by an hour at most.

use crate::request::{Reply, Request, sent, words};
use crate::template::{Escape, escaped};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fengsui_app::{AttemptOutcome, Dispatch, Sent};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// The code with which the robot says that it was asked too often in a minute.
const TOO_OFTEN: [i64; 2] = [130_101, 410_100];

/// The request for this message.
pub(crate) fn request(dispatch: &Dispatch, text: &str) -> Request {
    let mut url = dispatch.secrets.get("url").to_owned();
    let key = dispatch.secrets.get("sign_key");
    if !key.is_empty() {
        let at_ms = dispatch.at.as_millisecond();
        let sign = escaped(&signature(key, at_ms), Escape::Url);
        let join = if url.contains('?') { '&' } else { '?' };
        url = format!("{url}{join}timestamp={at_ms}&sign={sign}");
    }
    // By the account where it is known, else by the mobile number; the platform shows a name only where the text has it.
    let handles: Vec<_> = dispatch.handle.iter().collect();
    let mobiles: Vec<_> = dispatch.phone.iter().filter(|_| handles.is_empty()).collect();
    let named: String = handles.iter().chain(&mobiles).map(|who| format!("\n@{who}")).collect();
    let body = json!({
        "msgtype": "text",
        "text": { "content": format!("{}\n{text}{named}", dispatch.title) },
        "at": { "atMobiles": mobiles, "atUserIds": handles, "isAtAll": false },
    });
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Request { method: "POST".to_owned(), url, headers, body: body.to_string() }
}

fn signature(key: &str, at_ms: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{at_ms}\n{key}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What the robot's answer means: `errcode` 0 is yes. Also for 企业微信.
pub(crate) fn read(reply: &Reply) -> Sent {
    if let Some(error) = reply.error() {
        return error;
    }
    let json: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    match json["errcode"].as_i64() {
        Some(0) => sent(AttemptOutcome::Accepted, "群机器人已收下"),
        Some(code) if TOO_OFTEN.contains(&code) => {
            sent(AttemptOutcome::Failed, format!("群机器人说发得太快（{code}）"))
        }
        Some(code) => {
            let said = words(json["errmsg"].as_str().unwrap_or_default());
            sent(AttemptOutcome::Failed, format!("群机器人没有收下（{code}）：{said}"))
        }
        None => sent(AttemptOutcome::Failed, "群机器人的应答看不懂，请核对地址"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use fengsui_app::{Channel, Driver, Secrets};
    use fengsui_base::{EntryId, Timestamp};
    use std::sync::Arc;

    pub(crate) fn dispatch(driver: Driver, settings: &[(&str, &str)], secrets: &[(&str, &str)]) -> Dispatch {
        let map =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let settings = map(settings);
        let channel = Channel {
            id: EntryId::from_u128(1),
            version: 1,
            name: "通道".to_owned(),
            driver,
            by: driver.by(&settings),
            settings,
            secrets_set: Vec::new(),
            per_minute: 60,
            order: 0,
            enabled: true,
            failing_since: None,
            failing_why: None,
        };
        Dispatch {
            message: EntryId::from_u128(2),
            number: "n-0".to_owned(),
            channel: Arc::new(channel),
            secrets: Secrets(map(secrets)),
            name: "孙志远".to_owned(),
            phone: Some("13800000001".to_owned()),
            email: Some("sun@example.org".to_owned()),
            handle: None,
            title: "火警无人签收".to_owned(),
            text: "云岫纺织 2 层".to_owned(),
            answerable: false,
            token: None,
            at: Timestamp::from_millisecond(1_577_262_236_757).expect("an instant of 2019"),
        }
    }

    #[test]
    fn a_request_is_signed_as_the_platform_says() {
        let robot = dispatch(
            Driver::Dingtalk,
            &[],
            &[("url", "https://oapi.example.org/robot/send?access_token=T"), ("sign_key", "this is secret")],
        );
        let made = request(&robot, "云岫纺织 2 层");
        // Computed apart from this program, by OpenSSL, from the documented recipe.
        let expected = "https://oapi.example.org/robot/send?access_token=T&timestamp=1577262236757&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D";
        assert_eq!(made.url, expected);
        let body: Value = serde_json::from_str(&made.body).unwrap_or_default();
        assert_eq!(body["text"]["content"], "火警无人签收\n云岫纺织 2 层\n@13800000001");
        assert_eq!(body["at"]["atMobiles"][0], "13800000001");
        assert_eq!(body["at"]["atUserIds"].as_array().map(Vec::len), Some(0));
        assert!(!format!("{made:?}").contains("access_token"));
    }

    #[test]
    fn whoever_has_an_account_in_the_group_is_named_by_it_and_nobody_elses_number_stands_there() {
        let robot = dispatch(Driver::Dingtalk, &[], &[("url", "https://oapi.example.org/robot/send")]);
        let made = request(&Dispatch { handle: Some("sun.zy".to_owned()), ..robot }, "云岫纺织 2 层");
        let body: Value = serde_json::from_str(&made.body).unwrap_or_default();
        assert_eq!(body["at"]["atUserIds"][0], "sun.zy");
        assert!(body["text"]["content"].as_str().is_some_and(|text| text.ends_with("\n@sun.zy")));
        assert!(!made.body.contains("13800000001"));
        assert_eq!(body["at"]["isAtAll"], false);
    }

    #[test]
    fn answers_of_the_robot_are_understood() {
        let read = |body: &str| read(&Reply { status: 200, body: body.to_owned() });
        assert_eq!(read(r#"{"errcode":0,"errmsg":"ok"}"#).outcome, AttemptOutcome::Accepted);
        let wrong = read(r#"{"errcode":310000,"errmsg":"sign not match"}"#);
        assert_eq!(wrong.outcome, AttemptOutcome::Failed);
        assert!(wrong.detail.contains("sign not match"));
        assert_eq!(read("<html>").outcome, AttemptOutcome::Failed);
    }
}
