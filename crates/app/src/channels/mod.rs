//! Channels (消息通道): the gateways through which messages leave, set up by a system administrator. What a
//! gateway wants kept secret is written and never read back: it lies beside the entry, and only the task that
//! sends reads it.

mod forms;
mod inbound;

pub use forms::{Driver, SETTING_CHARS_MAX, Setting};
pub(crate) use inbound::digits;
pub use inbound::{REPORTS_MAX, Report as GatewayReport, reports as gateway_reports};

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::{App, ChannelKind, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Fields, Place, Refusal, Scope, Timestamp};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering, SecretWrite};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most channels of a node.
pub const CHANNELS_MAX: usize = 50;
/// Longest name of a channel, in characters.
const NAME_CHARS_MAX: usize = 30;
/// Most messages a minute that a channel may be set to.
pub const PER_MINUTE_MAX: u16 = 6_000;
/// Secret by which a gateway proves itself when it calls.
const INBOUND: &str = "inbound";
/// Random bytes in it.
const INBOUND_BYTES: usize = 16;

/// A channel as it is stored in the fields of its entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Stored {
    driver: Driver,
    by: ChannelKind,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    secrets_set: Vec<String>,
    per_minute: u16,
    order: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_why: Option<String>,
}

/// A channel.
#[derive(Clone, PartialEq, Debug)]
pub struct Channel {
    /// Entry.
    pub id: EntryId,
    /// Version of the entry.
    pub version: u64,
    /// Name.
    pub name: String,
    /// How it speaks to its gateway.
    pub driver: Driver,
    /// Which way messages take through it.
    pub by: ChannelKind,
    /// What the driver was told, secrets aside.
    pub settings: BTreeMap<String, String>,
    /// Names of the secrets that are set.
    pub secrets_set: Vec<String>,
    /// Most messages a minute.
    pub per_minute: u16,
    /// Place among the channels of its way, the smallest first.
    pub order: u16,
    /// Whether messages may take it.
    pub enabled: bool,
    /// Since when its gateway fails.
    pub failing_since: Option<Timestamp>,
    /// What it said last.
    pub failing_why: Option<String>,
}

/// What a form says of a channel.
#[derive(Clone, Debug)]
pub struct ChannelDraft {
    /// Name.
    pub name: String,
    /// Driver.
    pub driver: Driver,
    /// Settings.
    pub settings: BTreeMap<String, String>,
    /// Secrets to be set, or taken away by `None`; those not named stay.
    pub secrets: BTreeMap<String, Option<String>>,
    /// Most messages a minute, 1 … [`PER_MINUTE_MAX`].
    pub per_minute: u16,
    /// Place among the channels of its way.
    pub order: u16,
}

impl Channel {
    /// The channel in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.kind != "channel" {
            return None;
        }
        let stored: Stored = serde_json::from_value(Value::Object(entry.fields.clone())).ok()?;
        let Stored { driver, by, settings, secrets_set, per_minute, order, failing_since, failing_why } =
            stored;
        Some(Self {
            id: entry.id,
            version: entry.version,
            name: entry.title.clone(),
            driver,
            by,
            settings,
            secrets_set,
            per_minute,
            order,
            enabled: entry.state == "active",
            failing_since,
            failing_why,
        })
    }

    /// A setting; the driver's default when it was left out.
    pub fn setting(&self, name: &str) -> &str {
        let default = self.driver.form().iter().find(|s| s.name == name).map_or("", |s| s.default);
        self.setting_or(name, default)
    }

    /// A setting; the given text when it was left out.
    pub fn setting_or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.settings.get(name).map(|value| value.trim()).filter(|v| !v.is_empty()).unwrap_or(default)
    }

    fn fields(&self) -> Fields {
        let stored = Stored {
            driver: self.driver,
            by: self.by,
            settings: self.settings.clone(),
            secrets_set: self.secrets_set.clone(),
            per_minute: self.per_minute,
            order: self.order,
            failing_since: self.failing_since,
            failing_why: self.failing_why.clone(),
        };
        let Ok(Value::Object(fields)) = serde_json::to_value(stored) else { return Fields::new() };
        fields
    }

    /// The same channel with what a form says.
    fn with(mut self, draft: &ChannelDraft) -> Self {
        draft.name.trim().clone_into(&mut self.name);
        self.settings = draft.settings.clone();
        self.by = draft.driver.by(&draft.settings);
        (self.per_minute, self.order) = (draft.per_minute, draft.order);
        for (name, value) in &draft.secrets {
            self.secrets_set.retain(|known| known != name);
            self.secrets_set.extend(value.as_ref().map(|_| name.clone()));
        }
        self.secrets_set.sort();
        self
    }
}

impl App {
    /// All channels, in the order of their ways and places.
    pub fn channels(&self, grant: &Grant) -> Result<Vec<Arc<Channel>>, Fault> {
        self.may_manage(grant)?;
        Ok(self.outward.channels())
    }

    /// One channel.
    pub fn channel(&self, grant: &Grant, id: EntryId) -> Result<Arc<Channel>, Fault> {
        self.may_manage(grant)?;
        Ok(self.outward.channel(id).ok_or_else(Refusal::not_found)?)
    }

    /// Channels whose gateway fails, for whoever is on duty.
    pub fn failing_channels(&self, grant: &Grant) -> Result<Vec<Arc<Channel>>, Fault> {
        grant.may(Permission::AlarmHandle)?;
        if !self.concerns(grant, Permission::AlarmHandle) {
            return Ok(Vec::new());
        }
        let all = self.outward.channels();
        Ok(all.into_iter().filter(|c| c.enabled && c.failing_since.is_some()).collect())
    }

    pub(crate) fn may_manage(&self, grant: &Grant) -> Result<(), Fault> {
        grant.may(Permission::ChannelManage)?;
        if self.concerns(grant, Permission::ChannelManage) {
            Ok(())
        } else {
            Err(Refusal::not_found().into())
        }
    }

    /// Sets up a channel; it is off until it is switched on.
    pub async fn create_channel(
        &self,
        grant: &Grant,
        draft: ChannelDraft,
        key: Option<String>,
    ) -> Result<Arc<Channel>, Fault> {
        self.may_manage(grant)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.add_channel(draft, actor, key.map(|key| (key, grant.account().into())), false).await
    }

    /// Sets up a channel of the demonstration; there is nobody yet who could.
    pub async fn demonstration_channel(&self, draft: ChannelDraft, enabled: bool) -> Result<(), Fault> {
        self.add_channel(draft, Self::by_rule("示例数据"), None, enabled).await.map(drop)
    }

    async fn add_channel(
        &self,
        draft: ChannelDraft,
        actor: Actor,
        key: Option<(String, EntryId)>,
        enabled: bool,
    ) -> Result<Arc<Channel>, Fault> {
        check(&draft, &[])?;
        if self.outward.channels().len() >= CHANNELS_MAX {
            let sentence = format!("消息通道最多 {CHANNELS_MAX} 个，请先改用已有的通道。");
            return Err(Refusal::new(fengsui_base::RefusalKind::Limited, "channel.many", sentence).into());
        }
        let settled = self
            .settle(true, |_| {
                let mut change = ChangeSet::new(self.now());
                let entry = self.new_channel(&mut change, &draft, &actor, enabled);
                change.receipt = key.clone().and_then(|(key, account)| receipt(Some(key), account, &entry));
                std::future::ready(Ok((change, entry.id)))
            })
            .await?;
        let id = match settled {
            Settled::Now(id, _) => id,
            Settled::Before(answer) => {
                answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?
            }
        };
        Ok(self.outward.channel(id).ok_or_else(Refusal::not_found)?)
    }

    fn new_channel(
        &self,
        change: &mut ChangeSet,
        draft: &ChannelDraft,
        actor: &Actor,
        enabled: bool,
    ) -> Entry {
        let mut entry = self.fresh("channel", self.node.region, draft.name.trim(), Fields::new(), change.at);
        if enabled {
            "active".clone_into(&mut entry.state);
        }
        let blank = Channel {
            id: entry.id,
            version: 1,
            name: String::new(),
            driver: draft.driver,
            by: draft.driver.by(&draft.settings),
            settings: BTreeMap::new(),
            secrets_set: Vec::new(),
            per_minute: 0,
            order: 0,
            enabled,
            failing_since: None,
            failing_why: None,
        };
        entry.fields = blank.with(draft).fields();
        change.secrets.extend(secret_writes(entry.id, draft));
        let said = Said::new("channel.created", format!("建立消息通道：{}", draft.driver.label()), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        entry
    }

    /// Changes a channel; its driver stays.
    pub async fn change_channel(
        &self,
        grant: &Grant,
        id: EntryId,
        version: u64,
        draft: ChannelDraft,
    ) -> Result<Arc<Channel>, Fault> {
        let known = self.channel(grant, id)?;
        if draft.driver != known.driver {
            let place = Place::new("/driver", "driver.fixed", "通道类型不能改，请另建一个通道");
            return Err(Refusal::invalid(vec![place]).into());
        }
        check(&draft, &known.secrets_set)?;
        self.amend_channel(grant, id, Some(version), "channel.changed", |channel, change| {
            change.secrets.extend(secret_writes(id, &draft));
            let secrets = draft.secrets.keys().cloned().collect::<Vec<_>>().join("、");
            // Settings were mended: the gateway gets a fresh start.
            let mended = Channel { failing_since: None, failing_why: None, ..channel.with(&draft) };
            let text = if secrets.is_empty() {
                "修改消息通道".to_owned()
            } else {
                format!("修改消息通道，重设密钥 {secrets}")
            };
            (mended, text)
        })
        .await
    }

    /// Switches a channel on or off.
    pub async fn enable_channel(
        &self,
        grant: &Grant,
        id: EntryId,
        enabled: bool,
    ) -> Result<Arc<Channel>, Fault> {
        let (verb, text) = if enabled {
            ("channel.enabled", "启用消息通道")
        } else {
            ("channel.disabled", "停用消息通道")
        };
        self.amend_channel(grant, id, None, verb, |channel, _| {
            (Channel { enabled, failing_since: None, failing_why: None, ..channel }, text.to_owned())
        })
        .await
    }

    /// Makes a new secret for the gateway's calls, shown once; the one before it ends.
    pub async fn renew_inbound(&self, grant: &Grant, id: EntryId) -> Result<String, Fault> {
        let secret = hex::encode(self.entropy.bytes::<INBOUND_BYTES>());
        self.amend_channel(grant, id, None, "channel.inbound_renewed", |mut channel, change| {
            let value = Some(secret.clone());
            change.secrets.push(SecretWrite { owner: id, name: INBOUND.to_owned(), value });
            channel.secrets_set.retain(|name| name != INBOUND);
            channel.secrets_set.push(INBOUND.to_owned());
            (channel, "更换回执地址".to_owned())
        })
        .await?;
        Ok(secret)
    }

    /// The channel whose gateway calls, when the secret in its call is the right one.
    pub(crate) async fn calling_gateway(&self, id: EntryId, secret: &str) -> Result<Arc<Channel>, Fault> {
        let wrong = || {
            Refusal::new(
                fengsui_base::RefusalKind::NotFound,
                "inbound.unknown",
                "回执地址无效，请在消息通道页更换后重新配置到网关。",
            )
        };
        let channel = self.outward.channel(id).ok_or_else(wrong)?;
        let secrets = self.store.secrets(id).await?;
        let known = secrets.get(INBOUND).ok_or_else(wrong)?;
        // Digests are compared, so that the time it takes says nothing about the secret.
        if Sha256::digest(known) == Sha256::digest(secret) { Ok(channel) } else { Err(wrong().into()) }
    }

    async fn amend_channel(
        &self,
        grant: &Grant,
        id: EntryId,
        version: Option<u64>,
        verb: &'static str,
        amend: impl Fn(Channel, &mut ChangeSet) -> (Channel, String),
    ) -> Result<Arc<Channel>, Fault> {
        self.channel(grant, id)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.settle(true, |_| async {
            let entry = self.store.entry(&Scope::everything(), id).await?.ok_or_else(Refusal::not_found)?;
            if let Some(stale) = version.filter(|v| *v != entry.version) {
                return Err(crate::units::stale(stale, entry.version).into());
            }
            let mut change = ChangeSet::new(self.now());
            let channel = Channel::of(&entry).ok_or_else(Refusal::not_found)?;
            let (channel, text) = amend(channel, &mut change);
            self.add_channel_change(&mut change, entry, &channel, &actor, Said::new(verb, text, "操作"));
            Ok((change, ()))
        })
        .await?;
        self.channel(grant, id)
    }

    /// Notes that a gateway fails, or that it is well again.
    pub(crate) async fn note_failing(
        &self,
        id: EntryId,
        failing: Option<(Timestamp, String)>,
    ) -> Result<(), Fault> {
        self.settle(true, |_| async {
            let entry = self.store.entry(&Scope::everything(), id).await?.ok_or_else(Refusal::not_found)?;
            let mut channel = Channel::of(&entry).ok_or_else(Refusal::not_found)?;
            let mut change = ChangeSet::new(self.now());
            let said = match &failing {
                Some((since, why)) => {
                    let since = fengsui_alarm::local_time(*since);
                    Said::new("channel.failing", format!("消息通道故障，自 {since}：{why}"), "网关")
                }
                None => Said::new("channel.recovered", "消息通道恢复", "网关"),
            };
            (channel.failing_since, channel.failing_why) = failing.clone().unzip();
            self.add_channel_change(&mut change, entry, &channel, &Self::by_rule("消息发送"), said);
            Ok((change, ()))
        })
        .await?;
        Ok(())
    }

    fn add_channel_change(
        &self,
        change: &mut ChangeSet,
        mut entry: Entry,
        channel: &Channel,
        actor: &Actor,
        said: Said,
    ) {
        entry.version += 1;
        entry.title = channel.name.clone();
        if channel.enabled { "active" } else { "disabled" }.clone_into(&mut entry.state);
        entry.fields = channel.fields();
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
    }
}

fn secret_writes(owner: EntryId, draft: &ChannelDraft) -> impl Iterator<Item = SecretWrite> {
    let write = move |(name, value): (&String, &Option<String>)| SecretWrite {
        owner,
        name: name.clone(),
        value: value.as_ref().map(|v| v.trim().to_owned()),
    };
    draft.secrets.iter().map(write)
}

fn check(draft: &ChannelDraft, known: &[String]) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    let name = draft.name.trim().chars().count();
    if name == 0 || name > NAME_CHARS_MAX {
        wrong.push(Place::new("/name", "name.length", format!("请填写名称，最多 {NAME_CHARS_MAX} 个字")));
    }
    if draft.per_minute == 0 || draft.per_minute > PER_MINUTE_MAX {
        let detail = format!("每分钟条数应在 1 到 {PER_MINUTE_MAX} 之间");
        wrong.push(Place::new("/per_minute", "quota.range", detail));
    }
    wrong.extend(draft.driver.mistakes(&draft.settings, &draft.secrets, known));
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn channel(settings: &[(&str, &str)]) -> Channel {
        Channel {
            id: EntryId::from_u128(1),
            version: 1,
            name: "短信".to_owned(),
            driver: Driver::SmsHttp,
            by: ChannelKind::Sms,
            settings: settings.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            secrets_set: Vec::new(),
            per_minute: 60,
            order: 0,
            enabled: true,
            failing_since: None,
            failing_why: None,
        }
    }

    #[test]
    fn a_quota_and_a_name_have_their_limits() {
        let draft = |name: String, per_minute| ChannelDraft {
            name,
            driver: Driver::Test,
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            per_minute,
            order: 0,
        };
        let full = "名".repeat(NAME_CHARS_MAX);
        assert!(check(&draft(full.clone(), 1), &[]).is_ok());
        assert!(check(&draft(full.clone(), PER_MINUTE_MAX), &[]).is_ok());
        assert_eq!(check(&draft(full.clone() + "字", 0), &[]).unwrap_err().places.len(), 2);
        assert_eq!(check(&draft(full, PER_MINUTE_MAX + 1), &[]).unwrap_err().places.len(), 1);
        assert!(check(&draft(" ".into(), 1), &[]).is_err());
    }

    #[test]
    fn a_setting_left_out_is_the_drivers_default() {
        let channel = channel(&[("method", " "), ("body", "x")]);
        assert_eq!((channel.setting("method"), channel.setting("body")), ("POST", "x"));
        assert_eq!(channel.setting("headers"), "");
    }
}
