//! A webhook: the message as JSON to another system of the site, signed so that it knows who speaks. The
//! signature is HMAC-SHA256 over the time in seconds, a full stop and the body, in hexadecimal, in the header
//! `X-Fengsui-Signature`; the time stands in `X-Fengsui-Timestamp`, the number in `Idempotency-Key`.

use crate::request::{Reply, Request, sent};
use fengsui_app::{AttemptOutcome, Dispatch, Sent};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

/// The request for this message.
pub(crate) fn request(dispatch: &Dispatch, text: &str) -> Request {
    let at_s = dispatch.at.as_second();
    let body = json!({
        "id": dispatch.message.to_string(),
        "title": dispatch.title,
        "text": text,
        "name": dispatch.name,
        "phone": dispatch.phone,
        "email": dispatch.email,
        "at": dispatch.at.to_string(),
    })
    .to_string();
    let mut headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("idempotency-key".to_owned(), dispatch.number.clone()),
        ("x-fengsui-timestamp".to_owned(), at_s.to_string()),
    ];
    let key = dispatch.secrets.get("sign_key");
    if !key.is_empty() {
        headers.push(("x-fengsui-signature".to_owned(), signature(key, at_s, &body)));
    }
    Request { method: "POST".to_owned(), url: dispatch.channel.setting("url").to_owned(), headers, body }
}

fn signature(key: &str, at_s: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{at_s}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the answer means: any 2xx is yes.
pub(crate) fn read(reply: &Reply) -> Sent {
    reply.error().unwrap_or_else(|| sent(AttemptOutcome::Delivered, "对方已收下"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::tests::dispatch;
    use fengsui_app::Driver;

    #[test]
    fn the_body_is_signed_with_its_time() {
        // Computed apart from this program, by OpenSSL.
        assert_eq!(
            signature("k", 1, "{}"),
            "3dd49b2593d0f9a349e9e71c4bde3e2b862c2be4003fe9b4ba81332029310158"
        );
        let made = request(
            &dispatch(Driver::Webhook, &[("url", "http://10.0.0.9/in")], &[("sign_key", "k")]),
            "火警",
        );
        let header = |name: &str| made.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(header("x-fengsui-timestamp"), Some("1577262236"));
        assert_eq!(header("x-fengsui-signature"), Some(signature("k", 1_577_262_236, &made.body).as_str()));
        assert_eq!(read(&Reply { status: 202, body: String::new() }).outcome, AttemptOutcome::Delivered);
    }
}
