//! E-mail by SMTP: to a server of the site or of a provider, with STARTTLS, with TLS from the start, or in the
//! clear within the site's own network. The message carries its own number as `Message-ID`, so that one sent twice
//! after a crash is seen to be one.

use crate::request::{sent, words};
use fengsui_app::{AttemptOutcome, Dispatch, Sent};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport as _, Message, Tokio1Executor};
use std::time::Duration;

/// Sends a message and says what became of it.
pub(crate) async fn send(dispatch: &Dispatch, text: &str, wait: Duration) -> Sent {
    let Some(message) = letter(dispatch, text) else {
        return sent(AttemptOutcome::Refused, "邮箱地址写得不对，请核对收件人和发件人");
    };
    let Some(transport) = transport(dispatch, wait) else {
        return sent(AttemptOutcome::Failed, "邮件服务器的设置不能用，请核对");
    };
    match tokio::time::timeout(wait, transport.send(message)).await {
        Ok(Ok(_)) => sent(AttemptOutcome::Accepted, "邮件服务器已收下"),
        Ok(Err(error)) => judged(&error),
        Err(_) => sent(AttemptOutcome::Failed, format!("邮件服务器 {} 秒内没有应答", wait.as_secs())),
    }
}

fn letter(dispatch: &Dispatch, text: &str) -> Option<Message> {
    let from: Mailbox = dispatch.channel.setting("from").parse().ok()?;
    let to = dispatch.email.as_deref()?.parse().ok()?;
    let host = from.email.domain().to_owned();
    Message::builder()
        .message_id(Some(format!("<{}@{host}>", dispatch.number)))
        .from(from)
        .to(Mailbox::new(Some(dispatch.name.clone()), to))
        .subject(&dispatch.title)
        .header(ContentType::TEXT_PLAIN)
        .body(text.to_owned())
        .ok()
}

fn transport(dispatch: &Dispatch, wait: Duration) -> Option<AsyncSmtpTransport<Tokio1Executor>> {
    let channel = &dispatch.channel;
    let host = channel.setting("host");
    let builder = match channel.setting("security") {
        "tls" => AsyncSmtpTransport::<Tokio1Executor>::relay(host).ok()?,
        "none" => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
        _ => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).ok()?,
    };
    let builder = builder.timeout(Some(wait));
    let builder = match channel.setting("port").parse() {
        Ok(port) => builder.port(port),
        Err(_) => builder,
    };
    let (user, password) = (channel.setting("user"), dispatch.secrets.get("password"));
    let builder = if user.is_empty() {
        builder
    } else {
        builder.credentials(Credentials::new(user.to_owned(), password.to_owned()))
    };
    Some(builder.build())
}

/// 550 and its kin say that there is no such mailbox; other lasting errors are refusals, all else may pass.
fn judged(error: &Error) -> Sent {
    let code = error.status().map(|code| code.to_string());
    match code.as_deref() {
        Some("550" | "551" | "553") => sent(AttemptOutcome::NoSuchNumber, "邮件服务器说没有这个邮箱"),
        Some("535" | "530" | "534") => sent(AttemptOutcome::Failed, "邮件服务器不认账号或密码"),
        Some(code) if error.is_permanent() => {
            sent(AttemptOutcome::Refused, format!("邮件服务器拒收（{code}）：{}", words(&error.to_string())))
        }
        Some(code) => sent(AttemptOutcome::Failed, format!("邮件服务器暂时不收（{code}）")),
        None if error.is_timeout() => sent(AttemptOutcome::Failed, "邮件服务器没有按时应答"),
        None => sent(AttemptOutcome::Failed, "连不上邮件服务器，或加密方式不对"),
    }
}
