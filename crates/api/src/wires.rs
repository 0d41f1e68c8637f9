//! `/wires`: how terminals are heard (接法): the gateway, the subscriptions at operators' clouds, the codecs that
//! read them; and a message tried with a codec before a subscription is made.
//!
//! What the edge knows comes in through [`Wires`]; secrets are never part of it.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, ChoiceView};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::WireCounts;
use fengsui_base::Timestamp;
use fengsui_catalog::Permission;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest message that is tried, in bytes.
pub(crate) const TRIAL_BYTES_MAX: usize = 64 * 1024;

/// What the edge tells of the wires, and the trial of a message.
pub trait Wires: Send + Sync {
    /// The wires as they stand.
    fn facts(&self) -> WireFacts;

    /// What a codec reads out of a message: the JSON of a push, fields as JSON, or bytes as hexadecimal digits.
    ///
    /// # Errors
    /// There is no such codec, or the text is none of these; a sentence says which.
    fn try_message(&self, codec: &str, text: &str) -> Result<Vec<Trial>, String>;
}

/// The wires as they stand.
#[derive(Clone, Default)]
pub struct WireFacts {
    /// Where pushes are received; none when nobody subscribed.
    pub push: Option<String>,
    /// Requests to paths that are no subscription's.
    pub strays: u64,
    /// Subscriptions.
    pub subscriptions: Vec<SubscriptionFacts>,
    /// Brokers of the site.
    pub brokers: Vec<BrokerFacts>,
    /// Codecs, dialects first.
    pub codecs: Vec<CodecFacts>,
}

/// A broker as it stands.
#[derive(Clone)]
pub struct BrokerFacts {
    /// Its name.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// Topics with their codecs.
    pub topics: Vec<(String, String)>,
    /// Why we are not connected; none when we are.
    pub problem: Option<String>,
    /// Messages by what became of them: stored, heard, repeated, failed.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Messages refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// When the last one was taken.
    pub last_at: Option<Timestamp>,
}

/// A subscription as it stands.
#[derive(Clone)]
pub struct SubscriptionFacts {
    /// Its name.
    pub name: String,
    /// The operator, in words.
    pub operator: String,
    /// Its path, secrets covered.
    pub path: String,
    /// Its codec.
    pub codec: String,
    /// Whether only some networks may push.
    pub allow_listed: bool,
    /// Whether messages are encrypted.
    pub encrypted: bool,
    /// Messages by what became of them: stored, heard, repeated, failed.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Messages refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// When the last one was taken.
    pub last_at: Option<Timestamp>,
    /// When the last one was refused, and why.
    pub last_refused: Option<(&'static str, Timestamp)>,
}

/// A codec.
#[derive(Clone)]
pub struct CodecFacts {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What it reads.
    pub note: String,
    /// Whether it is a dialect of GB/T 26875.3.
    pub is_dialect: bool,
}

/// What a codec read out of one message.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    /// The device that the message names.
    pub device: Option<String>,
    /// When it says that it happened.
    pub at: Option<String>,
    /// What it says, in words; empty for a mere sign of life.
    pub says: Vec<String>,
    /// Whether all of it was understood.
    pub understood: bool,
}

/// The wires as they stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct WiresView {
    gateway: GatewayWire,
    push: PushWire,
    brokers: Vec<BrokerView>,
    codecs: Vec<CodecView>,
}

/// Connections and datagrams of GB/T 26875.3.
#[derive(Serialize, ToSchema)]
pub(crate) struct GatewayWire {
    tcp: String,
    udp: String,
    connections: i64,
    terminals: u64,
}

/// Pushes of operators' clouds.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushWire {
    /// Where they are received; none when nobody subscribed.
    address: Option<String>,
    /// Requests to paths that are no subscription's.
    strays: u64,
    subscriptions: Vec<SubscriptionView>,
}

/// A subscription at an operator's cloud.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubscriptionView {
    name: String,
    operator: String,
    path: String,
    codec: String,
    codec_label: String,
    allow_listed: bool,
    encrypted: bool,
    terminals: u64,
    stored: u64,
    heard: u64,
    repeated: u64,
    failed: u64,
    refused: Vec<RefusedView>,
    last_at: Option<String>,
    last_refused: Option<String>,
    last_refused_at: Option<String>,
}

/// A broker of the site.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrokerView {
    name: String,
    address: String,
    encrypted: bool,
    connected: bool,
    problem: Option<String>,
    topics: Vec<TopicView>,
    terminals: u64,
    stored: u64,
    heard: u64,
    repeated: u64,
    failed: u64,
    refused: Vec<RefusedView>,
    last_at: Option<String>,
}

/// A topic that is subscribed to.
#[derive(Serialize, ToSchema)]
pub(crate) struct TopicView {
    filter: String,
    codec: String,
}

impl BrokerView {
    fn of(facts: &BrokerFacts, terminals: &WireCounts) -> Self {
        let outcome = |name: &str| facts.outcomes.get(name).copied().unwrap_or(0);
        let topic =
            |(filter, codec): &(String, String)| TopicView { filter: filter.clone(), codec: codec.clone() };
        Self {
            name: facts.name.clone(),
            address: facts.address.clone(),
            encrypted: facts.encrypted,
            connected: facts.problem.is_none(),
            problem: facts.problem.clone(),
            topics: facts.topics.iter().map(topic).collect(),
            terminals: terminals.by_wire.get(&format!("mqtt {}", facts.name)).copied().unwrap_or(0),
            stored: outcome("stored"),
            heard: outcome("heard"),
            repeated: outcome("repeated"),
            failed: outcome("failed"),
            refused: refused(&facts.refused),
            last_at: facts.last_at.map(|at| at.to_string()),
        }
    }
}

fn refused(counts: &BTreeMap<&'static str, u64>) -> Vec<RefusedView> {
    let view = |(reason, count): (&&'static str, &u64)| RefusedView {
        reason: (*reason).to_owned(),
        label: reason_label(reason).to_owned(),
        count: *count,
    };
    counts.iter().map(view).collect()
}

/// Messages refused for one reason.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedView {
    reason: String,
    label: String,
    count: u64,
}

/// A codec with the terminals that it reads.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodecView {
    name: String,
    label: String,
    note: String,
    is_dialect: bool,
    terminals: u64,
}

/// A message to be tried.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TrialForm {
    /// Name of the codec.
    codec: String,
    /// The JSON of a push, fields as JSON, or bytes as hexadecimal digits.
    text: String,
}

/// What a codec read.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialView {
    messages: Vec<Trial>,
}

/// How terminals are heard.
#[utoipa::path(get, path = "/wires", tag = "wires", responses((status = 200, body = WiresView)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<WiresView>, Denied> {
    let scope = caller.grant().may(Permission::LabUse)?;
    let (facts, gateway) = (api.wires.facts(), (api.gateway)());
    let terminals = api.app.board().wire_counts(&scope);
    let gateway = GatewayWire {
        tcp: gateway.tcp,
        udp: gateway.udp,
        connections: api.app.meters().connections.get(),
        terminals: ["tcp", "udp"].iter().filter_map(|wire| terminals.by_wire.get(*wire)).sum(),
    };
    // A terminal's form and this page call a dialect the same.
    let offered = ChoiceView::of(&api.app, "terminal", "profile");
    let label = |name: &str| {
        let own = facts.codecs.iter().find(|c| c.name == name).map(|c| c.label.clone());
        let choice = offered.iter().find(|c| c.value == name).map(|c| c.label.clone());
        choice.or(own).unwrap_or_else(|| name.to_owned())
    };
    let subscriptions =
        facts.subscriptions.iter().map(|s| SubscriptionView::of(s, label(&s.codec), &terminals));
    let push = PushWire {
        address: facts.push.clone(),
        strays: facts.strays,
        subscriptions: subscriptions.collect(),
    };
    let brokers = facts.brokers.iter().map(|b| BrokerView::of(b, &terminals)).collect();
    let codecs = facts.codecs.iter().map(|c| CodecView {
        terminals: terminals.by_codec.get(&c.name).copied().unwrap_or(0),
        name: c.name.clone(),
        label: label(&c.name),
        note: c.note.clone(),
        is_dialect: c.is_dialect,
    });
    Ok(Json(WiresView { gateway, push, brokers, codecs: codecs.collect() }))
}

/// Tries a message with a codec; nothing is stored.
#[utoipa::path(post, path = "/wires/trial", tag = "wires", request_body = TrialForm, responses((status = 200, body = TrialView), (status = 422, body = Problem)))]
pub(crate) async fn trial(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<TrialForm>,
) -> Result<Json<TrialView>, Denied> {
    caller.grant().may(Permission::LabUse)?;
    if form.text.len() > TRIAL_BYTES_MAX {
        return Err(page::bad(
            "/text",
            "text.length",
            &format!("最长 {} KiB，请分段", TRIAL_BYTES_MAX / 1024),
        )
        .into());
    }
    let messages = api.wires.try_message(&form.codec, &form.text);
    let messages = messages.map_err(|sentence| page::bad("/text", "text.unreadable", &sentence))?;
    Ok(Json(TrialView { messages }))
}

impl SubscriptionView {
    fn of(facts: &SubscriptionFacts, codec_label: String, terminals: &WireCounts) -> Self {
        let outcome = |name: &str| facts.outcomes.get(name).copied().unwrap_or(0);
        Self {
            name: facts.name.clone(),
            operator: facts.operator.clone(),
            path: facts.path.clone(),
            codec: facts.codec.clone(),
            codec_label,
            allow_listed: facts.allow_listed,
            encrypted: facts.encrypted,
            terminals: terminals.by_wire.get(&format!("push {}", facts.name)).copied().unwrap_or(0),
            stored: outcome("stored"),
            heard: outcome("heard"),
            repeated: outcome("repeated"),
            failed: outcome("failed"),
            refused: refused(&facts.refused),
            last_at: facts.last_at.map(|at| at.to_string()),
            last_refused: facts.last_refused.map(|(reason, _)| reason_label(reason).to_owned()),
            last_refused_at: facts.last_refused.map(|(_, at)| at.to_string()),
        }
    }
}

/// Why a message was not taken, in words.
fn reason_label(reason: &str) -> &str {
    match reason {
        "signature" => "签名不对",
        "encryption" => "加密方式不一致",
        "decryption" => "不能解密",
        "json" => "不是可读的 JSON",
        "too_many" => "一次太多条",
        "shape" => "不是这家平台的推送",
        "network" => "网段不允许",
        "body" => "内容过长或残缺",
        "retained" => "保留消息",
        "topic" => "主题不在订阅里",
        "device" => "没有设备编号",
        "slow" => "没有按时发完",
        other => other,
    }
}
