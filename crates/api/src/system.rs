//! `/system/status`: how the system stands, in facts an administrator can act on.

use crate::Api;
use crate::certificate::{Due, Standing};
use crate::gate::Caller;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{Check, TerminalCounts};
use serde::Serialize;
use utoipa::ToSchema;

/// How the gateway stands.
#[derive(Clone, Default, Serialize, ToSchema)]
pub struct GatewayFacts {
    /// Address of the TCP listener.
    pub tcp: String,
    /// Address of the UDP listener.
    pub udp: String,
}

/// How the system stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusView {
    version: String,
    started_at: String,
    now: String,
    database: DatabaseView,
    lease: LeaseView,
    sequence: u64,
    chain: ChainView,
    gateway: GatewayView,
    outbox_pending: u64,
    disk_free_bytes: Option<u64>,
    terminals: TerminalsView,
    sessions: u64,
    live_streams: i64,
    checks: Vec<CheckView>,
}

/// Storage.
#[derive(Serialize, ToSchema)]
pub(crate) struct DatabaseView {
    kind: String,
    size_bytes: Option<u64>,
}

/// The lease of the active node.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeaseView {
    holder: String,
    epoch: u64,
}

/// The journal's chain.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainView {
    head: String,
    verified_to: u64,
    verified_at: Option<String>,
    ok: bool,
}

/// The gateway with its counters since the start.
#[derive(Serialize, ToSchema)]
pub(crate) struct GatewayView {
    #[serde(flatten)]
    facts: GatewayFacts,
    connections: i64,
    frames_total: u64,
    refused_total: u64,
    acks_total: u64,
    denied_total: u64,
    commit_p50_ms: Option<f64>,
    commit_p99_ms: Option<f64>,
}

/// Terminals.
#[derive(Serialize, ToSchema)]
pub(crate) struct TerminalsView {
    total: u64,
    online: u64,
    /// Heard, but not lately.
    offline: u64,
    /// Registered and never heard.
    never_heard: u64,
    unknown: u64,
}

/// One thing that is well or not.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckView {
    name: &'static str,
    label: &'static str,
    ok: bool,
    detail: String,
    /// How pressing it is, where it has a date.
    due: Option<Due>,
}

impl From<TerminalCounts> for TerminalsView {
    fn from(counts: TerminalCounts) -> Self {
        let TerminalCounts { total, online, offline, never_heard, unknown } = counts;
        Self { total, online, offline, never_heard, unknown }
    }
}

impl From<Check> for CheckView {
    fn from(check: Check) -> Self {
        Self { name: check.name, label: check.label, ok: check.ok, detail: check.detail, due: None }
    }
}

/// Free space below which the disk is named, in bytes.
const DISK_LOW_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How the system stands.
#[utoipa::path(get, path = "/system/status", tag = "system", responses((status = 200, body = StatusView), (status = 403, body = Problem)))]
pub(crate) async fn status(State(api): State<Api>, caller: Caller) -> Result<Json<StatusView>, Denied> {
    let status = api.app.status(caller.grant()).await?;
    let disk_free_bytes = (api.disk_free)();
    let mut checks: Vec<_> = status.checks.into_iter().map(CheckView::from).collect();
    checks.extend(disk_free_bytes.map(disk_check));
    checks.extend(api.certificates.as_ref().map(|c| certificate_check(c.standing(api.app.now()))));
    let chain_ok = checks.iter().all(|c| c.name != "chain" || c.ok);
    Ok(Json(StatusView {
        version: api.app.node().version.clone(),
        started_at: status.started_at.to_string(),
        now: api.app.now().to_string(),
        database: DatabaseView { kind: status.storage.engine, size_bytes: status.storage.size_bytes },
        lease: LeaseView { holder: api.app.node().name.clone(), epoch: status.epoch },
        sequence: status.sequence,
        chain: ChainView {
            head: status.chain_head,
            verified_to: status.verified_to,
            verified_at: status.verified_at.map(|t| t.to_string()),
            ok: chain_ok,
        },
        gateway: gateway(&api),
        outbox_pending: status.storage.outbox_pending,
        disk_free_bytes,
        terminals: status.terminals.into(),
        sessions: status.storage.sessions,
        live_streams: api.app.meters().streams.get(),
        checks,
    }))
}

fn gateway(api: &Api) -> GatewayView {
    let meters = api.app.meters();
    let answers = |name: &str| meters.answers.with_label_values(&[name]).get();
    GatewayView {
        facts: (api.gateway)(),
        connections: meters.connections.get(),
        frames_total: sum(&meters.frames),
        refused_total: sum(&meters.refused),
        acks_total: answers("acknowledge"),
        denied_total: answers("deny"),
        commit_p50_ms: meters.commit_quantile_ms(0.5),
        commit_p99_ms: meters.commit_quantile_ms(0.99),
    }
}

fn sum(family: &prometheus::IntCounterVec) -> u64 {
    use prometheus::core::Collector;
    let families = family.collect();
    let all = families.iter().flat_map(|f| f.get_metric());
    // Counters are whole numbers far below the precision of a float.
    all.map(|m| m.get_counter().get_value() as u64).sum()
}

fn certificate_check(Standing { due, detail }: Standing) -> CheckView {
    CheckView { name: "certificate", label: "HTTPS 证书", ok: due.is_none(), detail, due }
}

fn disk_check(free: u64) -> CheckView {
    let gib = free as f64 / f64::from(1 << 30);
    let ok = free >= DISK_LOW_BYTES;
    let detail = if ok {
        format!("剩余 {gib:.1} GB")
    } else {
        format!("只剩 {gib:.1} GB，请清理或扩容；写满后终端得不到应答")
    };
    CheckView { name: "disk", label: "磁盘", ok, detail, due: None }
}
