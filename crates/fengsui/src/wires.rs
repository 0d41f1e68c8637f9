//! The wires besides sockets: pushes of operators' clouds, with the codecs that read them.
//!
//! Settings stand in the configuration file; secrets stand in files or in the environment, so that the
//! configuration can be shown to anybody.

use crate::config::Config;
use crate::edge_view::EdgeView;
use anyhow::{Context, Result, bail};
use fengsui_app::{App, Clock};
use fengsui_ingest::codec::{Codecs, Table, read_table};
use fengsui_ingest::{BrokerClient, BrokerSettings, DeviceName, TopicSettings};
use fengsui_ingest::{Network, Operator, PushReceiver, PushSettings, PushSubscription};
use rust_embed::Embed;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ports of MQTT, plain and encrypted. Source: IANA.
const MQTT_PORT: u16 = 1883;
const MQTT_TLS_PORT: u16 = 8883;
/// Longest secret that is read from a file, in bytes.
const SECRET_BYTES_MAX: usize = 4_096;

#[derive(Embed)]
#[folder = "../../catalog/codecs"]
struct Shipped;

/// Where operators' clouds push to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PushConfig {
    /// Address and port; the default when it is not said.
    pub(crate) address: Option<SocketAddr>,
    /// Networks of our own proxies.
    pub(crate) proxies: Vec<String>,
    /// Subscriptions; without any, nothing listens.
    pub(crate) subscription: Vec<SubscriptionConfig>,
}

/// One subscription.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscriptionConfig {
    name: String,
    operator: String,
    codec: String,
    #[serde(default)]
    path: Secret,
    #[serde(default)]
    token: Secret,
    #[serde(default)]
    aes_key: Secret,
    #[serde(default)]
    allow: Vec<String>,
}

/// The site's own brokers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MqttConfig {
    /// Brokers.
    pub(crate) broker: Vec<BrokerConfig>,
}

/// One broker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrokerConfig {
    name: String,
    host: String,
    port: Option<u16>,
    client_id: Option<String>,
    #[serde(default)]
    user: Secret,
    #[serde(default)]
    password: Secret,
    /// File with the authority of the broker's certificate; without it nothing is encrypted.
    ca: Option<PathBuf>,
    #[serde(default)]
    topic: Vec<TopicConfig>,
}

/// One topic of a broker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicConfig {
    filter: String,
    codec: String,
    device_level: Option<usize>,
    device_field: Option<String>,
    #[serde(default)]
    will: bool,
}

impl BrokerConfig {
    fn settings(&self) -> Result<BrokerSettings> {
        let place = |field: &str| format!("mqtt.broker {} 的 {field}", self.name);
        let ca = self.ca.as_ref().map(|path| {
            std::fs::read(path).with_context(|| format!("{}：读不到文件 {}", place("ca"), path.display()))
        });
        let ca = ca.transpose()?;
        let usual = if ca.is_some() { MQTT_TLS_PORT } else { MQTT_PORT };
        Ok(BrokerSettings {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port.unwrap_or(usual),
            client_id: self.client_id.clone(),
            user: self.user.read(&place("user"))?,
            password: self.password.read(&place("password"))?,
            ca,
            topics: self.topic.iter().map(|t| t.settings(&place("topic"))).collect::<Result<_>>()?,
        })
    }
}

impl TopicConfig {
    fn settings(&self, place: &str) -> Result<TopicSettings> {
        let device = match (self.device_level, &self.device_field) {
            (Some(level), None) => DeviceName::Level(level),
            (None, Some(field)) => DeviceName::Field(field.clone()),
            _ => bail!("{place} {}：device_level 和 device_field 写一个，说明设备编号在哪里", self.filter),
        };
        let (filter, codec) = (self.filter.clone(), self.codec.clone());
        Ok(TopicSettings { filter, codec, device, will: self.will })
    }
}

/// Where a secret stands: `{ file = "…" }` or `{ env = "…" }`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Secret {
    file: Option<PathBuf>,
    env: Option<String>,
    /// Said by the program itself, in a demonstration; it cannot stand in a file of settings.
    #[serde(skip)]
    known: Option<String>,
}

impl Secret {
    fn read(&self, setting: &str) -> Result<Option<String>> {
        let text = match (&self.file, &self.env) {
            (None, None) => return Ok(self.known.clone()),
            (Some(path), None) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{setting}：读不到文件 {}", path.display()))?;
                if text.len() > SECRET_BYTES_MAX {
                    bail!("{setting}：文件 {} 超过 {SECRET_BYTES_MAX} 字节，不像密钥", path.display());
                }
                text
            }
            (None, Some(name)) => {
                std::env::var(name).with_context(|| format!("{setting}：没有环境变量 {name}"))?
            }
            (Some(_), Some(_)) => bail!("{setting}：file 和 env 只写一个"),
        };
        let text = text.trim().to_owned();
        if text.is_empty() {
            bail!("{setting}：内容是空的");
        }
        Ok(Some(text))
    }
}

impl SubscriptionConfig {
    /// A subscription of the invented county at an invented cloud, with a token everybody may know.
    pub(crate) fn demonstration(name: &str, token: &str, codec: &str) -> Self {
        Self {
            name: name.to_owned(),
            operator: Operator::Onenet.code().to_owned(),
            codec: codec.to_owned(),
            path: Secret::default(),
            token: Secret { known: Some(token.to_owned()), ..Secret::default() },
            aes_key: Secret::default(),
            allow: Vec::new(),
        }
    }
}

impl PushConfig {
    /// The receiver's settings; `None` when nobody pushes.
    fn settings(&self) -> Result<Option<PushSettings>> {
        if self.subscription.is_empty() {
            return Ok(None);
        }
        let limits = PushSettings::default();
        Ok(Some(PushSettings {
            address: self.address.unwrap_or(limits.address),
            proxies: networks("push.proxies", &self.proxies)?,
            subscriptions: self
                .subscription
                .iter()
                .map(SubscriptionConfig::settings)
                .collect::<Result<_>>()?,
            ..limits
        }))
    }
}

impl SubscriptionConfig {
    fn settings(&self) -> Result<PushSubscription> {
        let place = |field: &str| format!("push.subscription {} 的 {field}", self.name);
        let operator = Operator::from_code(&self.operator).with_context(|| {
            format!("{}：没有 {}，可写 ctwing、onenet、iotda", place("operator"), self.operator)
        })?;
        Ok(PushSubscription {
            name: self.name.clone(),
            operator,
            path: self.path.read(&place("path"))?,
            token: self.token.read(&place("token"))?,
            aes_key: self.aes_key.read(&place("aes_key"))?,
            allow: networks(&place("allow"), &self.allow)?,
            codec: self.codec.clone(),
        })
    }
}

fn networks(place: &str, texts: &[String]) -> Result<Vec<Network>> {
    texts.iter().map(|t| t.parse::<Network>().map_err(|e| anyhow::anyhow!("{place}：{e}"))).collect()
}

/// The shipped codecs, and those of the site's own folder.
pub(crate) fn codecs(folder: Option<&Path>) -> Result<Arc<Codecs>> {
    let mut tables = Vec::new();
    for name in Shipped::iter().filter(|name| name.ends_with(".toml")) {
        let file = Shipped::get(&name).context("随程序的编解码表缺失")?;
        tables.push(table(&name, std::str::from_utf8(&file.data)?)?);
    }
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(folder) = folder {
        let files =
            std::fs::read_dir(folder).with_context(|| format!("读不到编解码目录 {}", folder.display()))?;
        let mut paths: Vec<_> = files.map(|f| Ok(f?.path())).collect::<Result<_>>()?;
        paths.sort();
        for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
            let text = std::fs::read_to_string(path).with_context(|| format!("读不到 {}", path.display()))?;
            tables.push(table(&path.display().to_string(), &text)?);
        }
    }
    let codecs =
        Codecs::new(tables).map_err(|name| anyhow::anyhow!("有两个编解码都叫 {name}，请改一个的 name"))?;
    Ok(Arc::new(codecs))
}

fn table(file: &str, text: &str) -> Result<Table> {
    read_table(file, text).map_err(|mistakes| {
        let all: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("编解码表有误：\n{}", all.join("\n"))
    })
}

/// The wires that are up.
pub(crate) struct Wires {
    codecs: Arc<Codecs>,
    /// The push receiver, when anybody pushes.
    pub(crate) push: Option<PushReceiver>,
    brokers: Vec<BrokerClient>,
}

impl Wires {
    /// Starts what the settings name.
    pub(crate) async fn start(
        app: &Arc<App>,
        config: &Config,
        codecs: &Arc<Codecs>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let push = match config.push.settings()? {
            Some(settings) => {
                Some(PushReceiver::start(app.clone(), settings, codecs.clone(), clock.clone()).await?)
            }
            None => None,
        };
        let mut brokers = Vec::new();
        for broker in &config.mqtt.broker {
            let client = BrokerClient::start(app.clone(), &broker.settings()?, codecs.clone(), clock.clone());
            brokers.push(client.map_err(|sentence| anyhow::anyhow!(sentence))?);
        }
        Ok(Self { codecs: codecs.clone(), push, brokers })
    }

    /// What the pages are told of them.
    pub(crate) fn view(&self) -> EdgeView {
        let push = self.push.as_ref();
        let watch =
            push.map(|push| (push.address().to_string(), Box::new(push.watch()) as crate::edge_view::Watch));
        EdgeView::new(
            self.codecs.clone(),
            watch,
            self.brokers.iter().map(|b| Box::new(b.watch()) as _).collect(),
        )
    }

    /// Stops them; what is being stored is answered first.
    pub(crate) async fn stop(self) {
        if let Some(push) = self.push {
            push.stop().await;
        }
        for broker in self.brokers {
            broker.stop().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(text: &str) -> Result<Option<PushSettings>> {
        toml::from_str::<PushConfig>(text).map_err(anyhow::Error::from)?.settings()
    }

    #[test]
    fn the_shipped_codecs_are_without_mistakes() {
        let codecs = codecs(None).unwrap();
        assert!(codecs.get("nb-smoke").is_some() && codecs.get("gb26875").is_some());
    }

    #[test]
    fn a_sites_own_codec_is_read_and_its_mistake_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            include_str!("../../../catalog/codecs/nb-smoke.toml").replace("\"nb-smoke\"", "\"own-smoke\"");
        std::fs::write(folder.path().join("own.toml"), &text).unwrap();
        assert!(codecs(Some(folder.path())).unwrap().get("own-smoke").is_some());
        std::fs::write(folder.path().join("own.toml"), text.replace("[\"fire\"]", "[\"fier\"]")).unwrap();
        let error = codecs(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("own.toml:10") && error.contains("fier"), "{error}");
    }

    #[test]
    fn secrets_come_from_files_and_the_environment_and_never_stand_in_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "yunxiu2026\n").unwrap();
        let text = format!(
            "[[subscription]]\nname = \"s\"\noperator = \"onenet\"\ncodec = \"gb26875\"\ntoken = {{ file = {:?} }}",
            file.display().to_string()
        );
        let settings = push(&text).unwrap().unwrap();
        assert_eq!(settings.subscriptions[0].token.as_deref(), Some("yunxiu2026"));
        let plain = text.replace(&format!("{{ file = {:?} }}", file.display().to_string()), "\"yunxiu2026\"");
        assert!(push(&plain).is_err(), "a secret in the settings is refused");
        std::fs::write(&file, " \n").unwrap();
        assert!(push(&text).unwrap_err().to_string().contains("空"));
        std::fs::write(&file, "x".repeat(SECRET_BYTES_MAX + 1)).unwrap();
        assert!(push(&text).unwrap_err().to_string().contains("不像密钥"));
    }

    #[test]
    fn a_broker_is_read_with_its_topics_and_its_mistakes_are_named() {
        let read = |text: &str| toml::from_str::<BrokerConfig>(text).unwrap().settings();
        let head = "name = \"site\"\nhost = \"10.0.0.5\"\n[[topic]]\nfilter = \"GIOT-GW/UL/+\"\ncodec = \"meokon\"\n";
        let broker = read(&format!("{head}device_level = 3")).unwrap();
        assert_eq!((broker.port, broker.topics[0].device.clone()), (MQTT_PORT, DeviceName::Level(3)));
        assert!(read(head).unwrap_err().to_string().contains("device_level"));
        assert!(
            read(&format!("ca = \"/none\"\n{head}device_level = 3")).unwrap_err().to_string().contains("ca")
        );
    }

    #[test]
    fn without_subscriptions_nothing_listens_and_mistakes_are_named() {
        assert!(push("").unwrap().is_none());
        let wrong = "[[subscription]]\nname = \"s\"\noperator = \"unicom\"\ncodec = \"gb26875\"";
        assert!(push(wrong).unwrap_err().to_string().contains("unicom"));
        let wrong =
            "[[subscription]]\nname = \"s\"\noperator = \"ctwing\"\ncodec = \"gb26875\"\nallow = [\"x\"]";
        assert!(push(wrong).unwrap_err().to_string().contains("网段"));
    }
}
