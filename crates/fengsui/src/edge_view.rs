//! What the pages are told of the wires: the edge's facts in the words of the API, and a message tried with a
//! codec, which stores nothing.

use fengsui_api::{BrokerFacts, CodecFacts, SubscriptionFacts, Trial, WireFacts, Wires};
use fengsui_app::{Report, ReportBody};
use fengsui_ingest::codec::{Codec, Codecs, NamedCodec};
use fengsui_ingest::{BrokerFacts as Broker, SubscriptionFacts as Subscription, WireCounts};
use gb26875::names;
use iotpush::{Payload, Push, PushError, ctwing, iotda, onenet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The subscriptions at this moment, and how many requests went to no path of theirs.
pub(crate) type Watch = Box<dyn Fn() -> (Vec<Subscription>, u64) + Send + Sync>;

/// A broker at this moment.
pub(crate) type BrokerWatch = Box<dyn Fn() -> Broker + Send + Sync>;

/// The wires of this node, for the pages.
pub(crate) struct EdgeView {
    codecs: Arc<Codecs>,
    push: Option<(String, Watch)>,
    brokers: Vec<BrokerWatch>,
}

impl EdgeView {
    /// Of these codecs, of these brokers, and of this receiver, when anybody pushes.
    pub(crate) fn new(codecs: Arc<Codecs>, push: Option<(String, Watch)>, brokers: Vec<BrokerWatch>) -> Self {
        Self { codecs, push, brokers }
    }
}

impl Wires for EdgeView {
    fn facts(&self) -> WireFacts {
        let (subscriptions, strays) = self.push.as_ref().map(|(_, watch)| watch()).unwrap_or_default();
        WireFacts {
            push: self.push.as_ref().map(|(address, _)| address.clone()),
            strays,
            subscriptions: subscriptions.into_iter().map(subscription).collect(),
            brokers: self.brokers.iter().map(|watch| broker(watch())).collect(),
            codecs: self.codecs.all().iter().map(codec).collect(),
        }
    }

    fn try_message(&self, codec: &str, text: &str) -> Result<Vec<Trial>, String> {
        let codec = self.codecs.get(codec).ok_or_else(|| format!("没有编解码 {codec}，请重新选择"))?;
        let pushes = read(text)?;
        Ok(pushes.iter().flat_map(|push| trials(codec, push)).collect())
    }
}

fn subscription(facts: Subscription) -> SubscriptionFacts {
    let WireCounts { stored, heard, repeated, failed, refused, last_at, last_refused } = facts.counts;
    let outcomes = [("stored", stored), ("heard", heard), ("repeated", repeated), ("failed", failed)];
    SubscriptionFacts {
        name: facts.name,
        operator: facts.operator.label().to_owned(),
        path: facts.path,
        codec: facts.codec,
        allow_listed: facts.allow_listed,
        encrypted: facts.encrypted,
        outcomes: BTreeMap::from(outcomes),
        refused,
        last_at,
        last_refused,
    }
}

fn broker(facts: Broker) -> BrokerFacts {
    let WireCounts { stored, heard, repeated, failed, refused, last_at, .. } = facts.counts;
    let outcomes = [("stored", stored), ("heard", heard), ("repeated", repeated), ("failed", failed)];
    BrokerFacts {
        name: facts.name,
        address: facts.address,
        encrypted: facts.encrypted,
        topics: facts.topics,
        problem: facts.problem,
        outcomes: BTreeMap::from(outcomes),
        refused,
        last_at,
    }
}

fn codec(named: &NamedCodec) -> CodecFacts {
    CodecFacts {
        name: named.name.clone(),
        label: named.label.clone(),
        note: named.note.clone(),
        is_dialect: matches!(named.codec, Codec::Frame(_)),
    }
}

/// A message as somebody pastes it. A push of OneNET is read without its signature: it is only tried.
fn read(text: &str) -> Result<Vec<Push>, String> {
    let text = text.trim();
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !digits.starts_with('{') {
        let bytes =
            gb26875::hex::decode(digits.as_bytes()).map_err(|e| format!("不是 JSON，也不是十六进制：{e}"))?;
        return if bytes.is_empty() {
            Err("请粘贴一条消息".to_owned())
        } else {
            Ok(vec![bare(Payload::Bytes(bytes))])
        };
    }
    match onenet::read_unsigned(text.as_bytes()) {
        Err(PushError::Shape(_)) => {}
        Err(error) => return Err(error.to_string()),
        Ok(pushes) => return Ok(pushes),
    }
    let tried = ctwing::read(text.as_bytes()).or_else(|_| iotda::read(text.as_bytes()));
    tried
        .or_else(|_| iotpush::fields(text.as_bytes()).map(|f| vec![bare(Payload::Fields(f))]))
        .map_err(|e| e.to_string())
}

fn bare(payload: Payload) -> Push {
    Push { id: String::new(), device: String::new(), at: None, payload }
}

fn trials(codec: &NamedCodec, push: &Push) -> Vec<Trial> {
    let one = |decoded: fengsui_ingest::codec::Decoded| Trial {
        device: (!push.device.is_empty()).then(|| push.device.clone()),
        at: push.at.map(|at| at.to_string()),
        understood: !decoded.reports.iter().any(|r| matches!(r.body, ReportBody::Unknown(_))),
        says: decoded.reports.iter().map(sentence).collect(),
    };
    codec.codec.decode(&push.payload, push.at).into_iter().map(one).collect()
}

/// A report as a person would say it.
fn sentence(report: &Report) -> String {
    match &report.body {
        ReportBody::State { conditions, part_label, text, .. } => {
            let words: Vec<_> = conditions.iter().map(fengsui_alarm::Condition::label).collect();
            let what = if words.is_empty() { "正常".to_owned() } else { words.join("、") };
            if text.is_empty() {
                format!("{part_label}：{what}")
            } else {
                format!("{part_label}：{what}（{text}）")
            }
        }
        ReportBody::Value { key, raw, .. } => match names::analog_type(key.analog_type) {
            Some(analog) => format!("{} {} {}", analog.name.zh, analog.quantity(*raw), analog.unit),
            None => format!("模拟量类型 {}：{raw}", key.analog_type),
        },
        ReportBody::Operation { operator, .. } => format!("操作记录，操作员 {operator}"),
        ReportBody::Information(text) => text.clone(),
        ReportBody::Unknown(why) => format!("不认识，原文保存：{why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(codec: &str, text: &str) -> Result<Vec<Trial>, String> {
        EdgeView::new(crate::wires::codecs(None).unwrap(), None, Vec::new()).try_message(codec, text)
    }

    fn says(codec: &str, text: &str) -> Vec<String> {
        tried(codec, text).unwrap().into_iter().flat_map(|t| t.says).collect()
    }

    #[test]
    fn a_push_is_tried_in_the_form_of_every_operator_and_as_bare_fields() {
        let fields = r#"{"Alarm_Status":1,"Battery_Level":12}"#;
        let expected = ["独立式感烟探测器：火警", "独立式感烟探测器：备电故障"];
        assert_eq!(says("nb-smoke", fields), expected);
        let telecom = format!(r#"{{"messageType":"dataReport","deviceId":"acf7","payload":{fields}}}"#);
        assert_eq!(says("nb-smoke", &telecom), expected);
        assert_eq!(tried("nb-smoke", &telecom).unwrap()[0].device.as_deref(), Some("acf7"));
        let mobile = format!(
            r#"{{"msg":{{"type":1,"imei":"8669","at":1552274056993,"value":{fields}}},"nonce":"x","msg_signature":"y"}}"#
        );
        assert_eq!(says("nb-smoke", &mobile), expected);
        let huawei = format!(
            r#"{{"resource":"device.property","notify_data":{{"header":{{"device_id":"d"}},"body":{{"services":[{{"properties":{fields}}}]}}}}}}"#
        );
        assert_eq!(says("nb-smoke", &huawei), expected);
    }

    #[test]
    fn bytes_are_tried_as_hexadecimal_digits_and_other_text_is_refused_with_its_place() {
        let frame = "A55A0000295348525032353039303132 3034D0000000010100000009C4025D68FFB887025D843E55AA";
        assert_eq!(
            says("meokon", frame),
            ["压力表 SHRP25090120：正常", "无线表计 SHRP25090120：正常", "压力 605 kPa"]
        );
        assert!(tried("meokon", "A55G").unwrap_err().contains("第 4 个字符"));
        assert!(tried("meokon", "").unwrap_err().contains("粘贴"));
        assert!(tried("none", "{}").unwrap_err().contains("none"));
        assert!(!tried("meokon", "4040").unwrap()[0].understood);
    }
}
