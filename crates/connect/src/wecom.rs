//! A robot of a 企业微信 group: its address holds the key; people are mentioned by their
//! account or their mobile number. A robot
//! takes twenty messages a minute. Source: 企业微信开发者中心“群机器人配置说明”.

use crate::request::Request;
use fengsui_app::Dispatch;
use serde_json::json;

/// Longest content that the robot takes, in bytes.
const CONTENT_BYTES_MAX: usize = 2_048;

/// The request for this message; its answer is read as that of 钉钉.
pub(crate) fn request(dispatch: &Dispatch, text: &str) -> Request {
    let whole = format!("{}\n{text}", dispatch.title);
    let handles: Vec<_> = dispatch.handle.iter().collect();
    let mobiles: Vec<_> = dispatch.phone.iter().filter(|_| handles.is_empty()).collect();
    let body = json!({
        "msgtype": "text",
        "text": { "content": cut(&whole), "mentioned_list": handles, "mentioned_mobile_list": mobiles },
    });
    Request {
        method: "POST".to_owned(),
        url: dispatch.secrets.get("url").to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string(),
    }
}

/// The text, cut between characters to what the robot takes.
fn cut(text: &str) -> String {
    let mut bytes = 0;
    let fits = |c: &char| {
        bytes += c.len_utf8();
        bytes <= CONTENT_BYTES_MAX
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::tests::dispatch;
    use fengsui_app::Driver;

    #[test]
    fn a_message_mentions_its_recipient() {
        let made = request(
            &dispatch(Driver::Wecom, &[], &[("url", "https://qyapi.example.org/send?key=K")]),
            "火警",
        );
        let body: serde_json::Value = serde_json::from_str(&made.body).unwrap_or_default();
        assert_eq!(made.url, "https://qyapi.example.org/send?key=K");
        assert_eq!(body["text"]["mentioned_mobile_list"][0], "13800000001");
        assert_eq!(body["text"]["content"], "火警无人签收\n火警");
        let robot = dispatch(Driver::Wecom, &[], &[("url", "https://qyapi.example.org/send?key=K")]);
        let made = request(&Dispatch { handle: Some("sun.zy".to_owned()), ..robot }, "火警");
        let body: serde_json::Value = serde_json::from_str(&made.body).unwrap_or_default();
        assert_eq!(body["text"]["mentioned_list"][0], "sun.zy");
        assert_eq!(body["text"]["mentioned_mobile_list"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn a_text_is_cut_between_characters_at_the_limit() {
        assert_eq!(cut(&"a".repeat(CONTENT_BYTES_MAX)).len(), CONTENT_BYTES_MAX);
        assert_eq!(cut(&"火".repeat(CONTENT_BYTES_MAX)).len(), CONTENT_BYTES_MAX / 3 * 3);
    }
}
