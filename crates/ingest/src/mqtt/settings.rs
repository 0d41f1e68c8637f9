//! What a broker of the site is reached by, and what its topics mean.

use super::topic;
use iotpush::Payload;
use std::fmt;

/// Most topics of one broker.
pub(super) const TOPICS_MAX: usize = 64;

/// A broker.
#[derive(Clone)]
pub struct BrokerSettings {
    /// Name, in lower-case letters, digits and hyphens; sources begin with it.
    pub name: String,
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Under which the broker keeps our session; `fengsui-<name>` when nobody says otherwise.
    pub client_id: Option<String>,
    /// User.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// The authority that the broker's certificate must be of, as PEM; without it nothing is encrypted.
    pub ca: Option<Vec<u8>>,
    /// Topics.
    pub topics: Vec<TopicSettings>,
}

/// Secrets are never written out.
impl fmt::Debug for BrokerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerSettings")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// A topic, with wildcards as MQTT has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicSettings {
    /// What is subscribed to, such as `GIOT-GW/UL/+`.
    pub filter: String,
    /// How its messages are read.
    pub codec: String,
    /// Where the name of the device stands.
    pub device: DeviceName,
    /// Whether these are last wills: a hint that a connection ended, and no state.
    pub will: bool,
}

/// Where the name of the device stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeviceName {
    /// In this level of the topic, from 1.
    Level(usize),
    /// In this field of the message.
    Field(String),
}

impl DeviceName {
    /// The name of the device that a message is of.
    pub(super) fn of(&self, topic: &str, payload: &Payload) -> Option<String> {
        let name = match (self, payload) {
            (Self::Level(level), _) => topic.split('/').nth(level - 1)?.to_owned(),
            (Self::Field(field), Payload::Fields(fields)) => fields.get(field)?.to_string(),
            (Self::Field(_), _) => return None,
        };
        let fits = !name.is_empty() && name.chars().count() <= iotpush::DEVICE_CHARS_MAX;
        (fits && !name.chars().any(|c| c.is_control() || c.is_whitespace())).then_some(name)
    }
}

impl BrokerSettings {
    /// What is wrong, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("mqtt.broker {}：{what}", self.name));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return wrong("name 只用小写字母、数字和连字符。");
        }
        if self.host.is_empty() {
            return wrong("缺少 host。");
        }
        if self.topics.len() > TOPICS_MAX {
            return wrong(&format!("topic 最多 {TOPICS_MAX} 条。"));
        }
        Ok(())
    }
}

impl TopicSettings {
    /// What is wrong, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        if !topic::is_filter(&self.filter) {
            return Err("filter 写法不对：+ 和 # 各占一层，# 只能在最后。".to_owned());
        }
        match &self.device {
            DeviceName::Level(0) => Err("device_level 从 1 数起。".to_owned()),
            DeviceName::Level(level) if !topic::may_have_level(&self.filter, *level) => {
                Err(format!("主题没有第 {level} 层。"))
            }
            DeviceName::Field(_) if self.will => Err("遗嘱主题请用 device_level。".to_owned()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(filter: &str, device: DeviceName) -> TopicSettings {
        TopicSettings { filter: filter.to_owned(), codec: "meokon".to_owned(), device, will: false }
    }

    #[test]
    fn the_device_is_named_by_a_level_or_a_field() {
        let fields = Payload::Fields(iotpush::fields(br#"{"imei":"8669","n":7}"#).unwrap());
        let level = |n| DeviceName::Level(n).of("GIOT-GW/UL/SHMK21060001", &fields);
        assert_eq!(level(3).as_deref(), Some("SHMK21060001"));
        assert_eq!(level(4), None);
        let field = |name: &str, payload| DeviceName::Field(name.to_owned()).of("t", payload);
        assert_eq!(field("imei", &fields).as_deref(), Some("8669"));
        assert_eq!(field("none", &fields), None);
        assert_eq!(field("imei", &Payload::Bytes(vec![1])), None);
    }

    #[test]
    fn wrong_topics_are_named() {
        assert!(topic("a/+/c", DeviceName::Level(2)).check().is_ok());
        assert!(topic("a/#", DeviceName::Level(9)).check().is_ok());
        assert!(topic("a/#/b", DeviceName::Level(1)).check().is_err());
        assert!(topic("a/+", DeviceName::Level(3)).check().is_err());
        assert!(topic("a/+", DeviceName::Level(0)).check().is_err());
    }
}
