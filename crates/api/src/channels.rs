//! `/channels`: the gateways by which messages leave, set up by a system administrator. Secrets go in and never
//! come out: of each only whether it is set.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, ChoiceView, InPath, etag};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_app::{Channel as Known, ChannelDraft, Driver, Setting};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct Channel {
    id: String,
    name: String,
    driver: String,
    driver_label: String,
    by: String,
    by_label: String,
    settings: BTreeMap<String, String>,
    /// Names of the secrets that are set.
    secrets_set: Vec<String>,
    per_minute: u16,
    order: u16,
    enabled: bool,
    failing_since: Option<String>,
    failing_why: Option<String>,
    version: u64,
}

/// One line of a driver's form.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingForm {
    name: String,
    label: String,
    hint: String,
    required: bool,
    secret: bool,
    long: bool,
    choices: Vec<ChoiceView>,
    default: String,
}

/// A driver with its form.
#[derive(Serialize, ToSchema)]
pub(crate) struct DriverForm {
    driver: String,
    label: String,
    settings: Vec<SettingForm>,
}

/// All channels, and what can be set up.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelList {
    items: Vec<Channel>,
    drivers: Vec<DriverForm>,
}

/// What a form says of a channel.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChannelForm {
    name: String,
    driver: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// Secrets to be set, or taken away by null; those not named stay.
    #[serde(default)]
    secrets: BTreeMap<String, Option<String>>,
    per_minute: u16,
    order: u16,
}

/// Where a test goes.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TestForm {
    /// Number or address; a group needs none.
    #[serde(default)]
    to: String,
}

/// The message of a test.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestSent {
    message: String,
}

/// Where a gateway reports to, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct InboundAddress {
    path: String,
}

/// A channel whose gateway fails.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelFault {
    id: String,
    name: String,
    since: String,
    why: Option<String>,
}

/// Channels whose gateway fails.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelFaults {
    items: Vec<ChannelFault>,
}

/// What became of a gateway's call.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeardView {
    taken: usize,
    unknown: usize,
}

impl Channel {
    fn of(known: &Known) -> Self {
        Self {
            id: known.id.to_string(),
            name: known.name.clone(),
            driver: known.driver.code().to_owned(),
            driver_label: known.driver.label().to_owned(),
            by: known.by.code().to_owned(),
            by_label: known.by.label().to_owned(),
            settings: known.settings.clone(),
            secrets_set: known.secrets_set.clone(),
            per_minute: known.per_minute,
            order: known.order,
            enabled: known.enabled,
            failing_since: known.failing_since.map(|t| t.to_string()),
            failing_why: known.failing_why.clone(),
            version: known.version,
        }
    }
}

impl SettingForm {
    fn of(setting: &Setting) -> Self {
        let choice =
            |(value, label): &(&str, &str)| ChoiceView { value: (*value).into(), label: (*label).into() };
        Self {
            name: setting.name.to_owned(),
            label: setting.label.to_owned(),
            hint: setting.hint.to_owned(),
            required: setting.required,
            secret: setting.secret,
            long: setting.long,
            choices: setting.choices.iter().map(choice).collect(),
            default: setting.default.to_owned(),
        }
    }
}

impl DriverForm {
    fn of(driver: Driver) -> Self {
        Self {
            driver: driver.code().to_owned(),
            label: driver.label().to_owned(),
            settings: driver.form().iter().map(SettingForm::of).collect(),
        }
    }
}

fn draft(form: ChannelForm) -> Result<ChannelDraft, Denied> {
    let driver = Driver::of(&form.driver);
    let driver = driver.ok_or_else(|| page::bad("/driver", "driver.unknown", "没有这种通道，请重新选择"))?;
    Ok(ChannelDraft {
        name: form.name,
        driver,
        settings: form.settings,
        secrets: form.secrets,
        per_minute: form.per_minute,
        order: form.order,
    })
}

/// All channels with their state, and the form of each driver.
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = ChannelList), (status = 403, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<ChannelList>, Denied> {
    let items = api.app.channels(caller.grant())?.iter().map(|c| Channel::of(c)).collect();
    Ok(Json(ChannelList { items, drivers: Driver::ALL.into_iter().map(DriverForm::of).collect() }))
}

/// Channels whose gateway fails, for whoever is on duty.
#[utoipa::path(get, path = "/channels/faults", tag = "channels", responses((status = 200, body = ChannelFaults), (status = 403, body = Problem)))]
pub(crate) async fn faults(State(api): State<Api>, caller: Caller) -> Result<Json<ChannelFaults>, Denied> {
    let failing = api.app.failing_channels(caller.grant())?;
    let fault = |c: &std::sync::Arc<Known>| {
        let since = c.failing_since?.to_string();
        Some(ChannelFault { id: c.id.to_string(), name: c.name.clone(), since, why: c.failing_why.clone() })
    };
    Ok(Json(ChannelFaults { items: failing.iter().filter_map(fault).collect() }))
}

/// One channel.
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Channel), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let channel = api.app.channel(caller.grant(), id)?;
    Ok((etag(channel.version), Json(Channel::of(&channel))))
}

/// Sets up a channel; it is off until it is switched on.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = ChannelForm, responses((status = 201, body = Channel), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<ChannelForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let made = api.app.create_channel(caller.grant(), draft(form)?, key).await?;
    Ok((StatusCode::CREATED, etag(made.version), Json(Channel::of(&made))))
}

/// Changes a channel; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), request_body = ChannelForm, responses((status = 200, body = Channel), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<ChannelForm>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let changed = api.app.change_channel(caller.grant(), id, version, draft(form)?).await?;
    Ok((etag(changed.version), Json(Channel::of(&changed))))
}

/// Switches a channel on.
#[utoipa::path(post, path = "/channels/{id}/enable", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Channel), (status = 404, body = Problem)))]
pub(crate) async fn enable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Channel>, Denied> {
    Ok(Json(Channel::of(&*api.app.enable_channel(caller.grant(), id, true).await?)))
}

/// Switches a channel off.
#[utoipa::path(post, path = "/channels/{id}/disable", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = Channel), (status = 404, body = Problem)))]
pub(crate) async fn disable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Channel>, Denied> {
    Ok(Json(Channel::of(&*api.app.enable_channel(caller.grant(), id, false).await?)))
}

/// Sends one test message through this channel, on or off.
#[utoipa::path(post, path = "/channels/{id}/test", tag = "channels", params(("id" = String, Path)), request_body = TestForm, responses((status = 202, body = TestSent), (status = 422, body = Problem)))]
pub(crate) async fn test(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<TestForm>,
) -> Result<impl IntoResponse, Denied> {
    let message = api.app.test_channel(caller.grant(), id, &form.to).await?.to_string();
    Ok((StatusCode::ACCEPTED, Json(TestSent { message })))
}

/// Makes a new address for the gateway's receipts and replies; the one before it ends.
#[utoipa::path(post, path = "/channels/{id}/inbound", tag = "channels", params(("id" = String, Path)), responses((status = 200, body = InboundAddress), (status = 404, body = Problem)))]
pub(crate) async fn renew_inbound(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<InboundAddress>, Denied> {
    let secret = api.app.renew_inbound(caller.grant(), id).await?;
    Ok(Json(InboundAddress { path: format!("/api/v1/inbound/{id}/{secret}") }))
}

/// What a gateway says by itself: receipts and replies, as JSON. The secret in the address is all it needs.
#[utoipa::path(post, path = "/inbound/{channel}/{secret}", tag = "channels", params(("channel" = String, Path), ("secret" = String, Path)), responses((status = 200, body = HeardView), (status = 404, body = Problem)))]
pub(crate) async fn hear(
    State(api): State<Api>,
    Path((channel, secret)): Path<(String, String)>,
    Body(body): Body<serde_json::Value>,
) -> Result<Json<HeardView>, Denied> {
    let heard = api.app.hear_gateway(page::id(&channel)?, &secret, &body).await?;
    Ok(Json(HeardView { taken: heard.taken, unknown: heard.unknown }))
}
