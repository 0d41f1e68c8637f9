//! A subscription at work: is this push genuine, and what does it say.

use super::SubscriptionFacts;
use super::settings::{Network, Operator, PushSettings, PushSubscription};
use crate::codec::{Codecs, NamedCodec};
use crate::message::WireTally;
use iotpush::{Push, PushError, ctwing, iotda, onenet};
use std::collections::BTreeSet;
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// Shortest path of a subscription whose operator does not sign: it is the secret.
pub(super) const SECRET_CHARS_MIN: usize = 24;

/// A subscription that was checked.
pub(super) struct Subscription {
    pub(super) name: String,
    pub(super) operator: Operator,
    /// The name under which arrivals are kept.
    pub(super) channel: String,
    pub(super) codec: NamedCodec,
    pub(super) tally: WireTally,
    path: String,
    token: String,
    key: Option<onenet::Key>,
    allow: Vec<Network>,
}

/// The headers of a push that its signature lies in.
#[derive(Default)]
pub(super) struct Signed<'a> {
    pub(super) timestamp: &'a str,
    pub(super) nonce: &'a str,
    pub(super) signature: &'a str,
}

/// All subscriptions, checked as a whole.
pub(super) fn all(
    settings: &PushSettings,
    codecs: &Codecs,
    meters: &fengsui_app::Meters,
) -> Result<Vec<Subscription>, String> {
    let all: Vec<_> = settings
        .subscriptions
        .iter()
        .map(|s| Subscription::new(s, codecs, meters))
        .collect::<Result<_, _>>()?;
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for one in &all {
        if !names.insert(&one.name) || !paths.insert(&one.path) {
            return Err(format!(
                "push.subscription {} 的 name 或 path 与另一条重复，请改成不同的。",
                one.name
            ));
        }
    }
    Ok(all)
}

impl Subscription {
    fn new(set: &PushSubscription, codecs: &Codecs, meters: &fengsui_app::Meters) -> Result<Self, String> {
        let wrong = |what: &str| format!("push.subscription {}：{what}", set.name);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if set.name.is_empty() || !set.name.chars().all(plain) {
            return Err(wrong("name 只用小写字母、数字和连字符。"));
        }
        let path = set.path.clone().unwrap_or_else(|| format!("/push/{}", set.name));
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err(wrong("path 以 / 开头，不带 ? 和 #。"));
        }
        let token = set.token.clone().unwrap_or_default();
        match set.operator {
            Operator::Ctwing if path.chars().count() < SECRET_CHARS_MIN => {
                return Err(wrong(&format!(
                    "电信平台的推送没有签名，path 就是凭据，请用随机字母数字写到 {SECRET_CHARS_MIN} 个字符以上。"
                )));
            }
            Operator::Onenet | Operator::Iotda if token.is_empty() => {
                return Err(wrong("缺少 token，请写 token_file 或 token_env，内容与平台上填写的一致。"));
            }
            _ => {}
        }
        let key = match &set.aes_key {
            Some(text) => Some(
                onenet::Key::new(text).ok_or_else(|| wrong("aes_key 应是 16 个字符，或旧版的 43 个。"))?,
            ),
            None => None,
        };
        let codec = codecs.get(&set.codec).ok_or_else(|| wrong(&unknown_codec(&set.codec, codecs)))?.clone();
        Ok(Self {
            name: set.name.clone(),
            operator: set.operator,
            channel: format!("push {}", set.name),
            codec,
            tally: WireTally::new(&set.name, meters),
            path,
            token,
            key,
            allow: set.allow.clone(),
        })
    }

    /// Whether a request goes to it; how much of the path was right cannot be told from the time it takes.
    pub(super) fn is_at(&self, path: &str) -> bool {
        self.path.as_bytes().ct_eq(path.as_bytes()).into()
    }

    /// Whether somebody at this address may push.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|network| network.contains(address))
    }

    /// The answer to the operator's question whether somebody is there; `None` when it is not the operator.
    pub(super) fn handshake(&self, query: &[(String, String)]) -> Option<String> {
        let of = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match self.operator {
            Operator::Onenet => {
                let msg = of("msg")?;
                onenet::handshake(&self.token, msg, of("nonce")?, of("signature")?).then(|| msg.to_owned())
            }
            Operator::Ctwing | Operator::Iotda => Some(String::new()),
        }
    }

    /// Verifies and reads a push.
    pub(super) fn read(&self, body: &[u8], signed: &Signed<'_>) -> Result<Vec<Push>, PushError> {
        match self.operator {
            Operator::Ctwing => ctwing::read(body),
            Operator::Onenet => onenet::read(body, &self.token, self.key.as_ref()),
            Operator::Iotda => {
                if !iotda::verify(&self.token, signed.timestamp, signed.nonce, signed.signature) {
                    return Err(PushError::Signature);
                }
                iotda::read(body)
            }
        }
    }

    /// How it stands, without its secrets.
    pub(super) fn facts(&self) -> SubscriptionFacts {
        let path = if self.operator == Operator::Ctwing { covered(&self.path) } else { self.path.clone() };
        SubscriptionFacts {
            name: self.name.clone(),
            operator: self.operator,
            path,
            codec: self.codec.name.clone(),
            allow_listed: !self.allow.is_empty(),
            encrypted: self.key.is_some(),
            counts: self.tally.counts(),
        }
    }
}

/// A path whose last part is a secret.
fn covered(path: &str) -> String {
    path.rsplit_once('/').map_or("…".to_owned(), |(before, _)| format!("{before}/…"))
}

pub(crate) fn unknown_codec(name: &str, codecs: &Codecs) -> String {
    let known: Vec<_> = codecs.all().iter().map(|c| c.name.as_str()).collect();
    format!("没有编解码 {name}，可用的有：{}。", known.join("、"))
}
