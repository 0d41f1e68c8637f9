//! `/session/lock`, `/session/pin`, `/sessions`: how a person locks her desk, shows that it is she, and sees where
//! else she is signed in.

use crate::Api;
use crate::gate::{Caller, Peer};
use crate::page::Body;
use crate::problem::{Denied, Problem};
use crate::schema::SessionLock;
use crate::session::SessionView;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use fengsui_app::{Lock, OwnSession, Proof};
use fengsui_base::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Edge of the QR code, in pixels.
const PICTURE_PX: u32 = 200;

/// A person's PIN or password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProofForm {
    /// PIN.
    #[serde(default)]
    pin: Option<String>,
    /// Password, where there is no PIN.
    #[serde(default)]
    password: Option<String>,
}

/// A new PIN.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PinForm {
    /// Current password.
    password: String,
    /// Four to six digits.
    pin: String,
}

/// Current password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OfferForm {
    /// Current password.
    password: String,
}

/// A code from the phone.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CodeForm {
    /// Six digits.
    code: String,
}

/// A second factor that is offered.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfferView {
    /// QR code as SVG.
    picture: String,
    /// The same for typing.
    seed: String,
}

/// Recovery codes, each for one login.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryView {
    codes: Vec<String>,
}

/// What a person proves herself with, and where she is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecurityView {
    /// Whether she has set a PIN.
    pin: bool,
    /// Whether codes of a second factor are asked for at login.
    factor: bool,
    /// Recovery codes that are left.
    recovery_left: usize,
    /// Her sessions, the newest first.
    sessions: Vec<SessionItem>,
}

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionItem {
    /// By this it is ended.
    name: String,
    /// Where it was opened.
    origin: String,
    opened_at: String,
    /// Whether it is this one.
    own: bool,
    #[schema(value_type = Option<SessionLock>)]
    lock: Option<&'static str>,
}

impl ProofForm {
    /// The proof, or what to fill in.
    pub(crate) fn proof(self) -> Result<Proof, Refusal> {
        match (self.pin, self.password) {
            (Some(pin), _) if !pin.is_empty() => Ok(Proof::Pin(pin)),
            (_, Some(password)) if !password.is_empty() => Ok(Proof::Password(password)),
            _ => Err(crate::page::bad("/pin", "proof.missing", "请输入口令码或密码")),
        }
    }
}

impl From<OwnSession> for SessionItem {
    fn from(session: OwnSession) -> Self {
        Self {
            name: session.name,
            origin: session.origin,
            opened_at: session.opened_at.to_string(),
            own: session.own,
            lock: session.lock.map(Lock::code),
        }
    }
}

/// Locks the actions of this session; its display goes on.
#[utoipa::path(post, path = "/session/lock", tag = "session", responses((status = 200, body = SessionView), (status = 401, body = Problem)))]
pub(crate) async fn lock(State(api): State<Api>, caller: Caller) -> Result<Json<SessionView>, Denied> {
    api.app.lock_session(&caller.0).await?;
    let mut signed_in = caller.0;
    signed_in.lock = Some(Lock::Left);
    Ok(Json(SessionView::of(&api.app, &signed_in)))
}

/// Unlocks this session by its owner's PIN or password.
#[utoipa::path(post, path = "/session/unlock", tag = "session", request_body = ProofForm,
    responses((status = 200, body = SessionView), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn unlock(
    State(api): State<Api>,
    caller: Caller,
    Peer(peer): Peer,
    Body(form): Body<ProofForm>,
) -> Result<Json<SessionView>, Denied> {
    api.app.unlock_session(&caller.0, &form.proof()?, &peer).await?;
    let mut signed_in = caller.0;
    signed_in.lock = None;
    Ok(Json(SessionView::of(&api.app, &signed_in)))
}

/// What the caller proves herself with, and where she is signed in.
#[utoipa::path(get, path = "/session/security", tag = "session", responses((status = 200, body = SecurityView), (status = 401, body = Problem)))]
pub(crate) async fn security(State(api): State<Api>, caller: Caller) -> Result<Json<SecurityView>, Denied> {
    Ok(Json(view(&api, &caller).await?))
}

/// Sets the caller's PIN.
#[utoipa::path(post, path = "/session/pin", tag = "session", request_body = PinForm,
    responses((status = 200, body = SecurityView), (status = 422, body = Problem)))]
pub(crate) async fn set_pin(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<PinForm>,
) -> Result<Json<SecurityView>, Denied> {
    api.app.set_pin(&caller.0, form.password, &form.pin).await?;
    Ok(Json(view(&api, &caller).await?))
}

/// Offers the caller a second factor: a picture for the phone, shown once.
#[utoipa::path(post, path = "/session/factor", tag = "session", request_body = OfferForm,
    responses((status = 200, body = OfferView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn offer_factor(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<OfferForm>,
) -> Result<Json<OfferView>, Denied> {
    let offered = api.app.offer_factor(&caller.0, form.password).await?;
    Ok(Json(OfferView { picture: picture(&offered.uri), seed: offered.seed }))
}

/// Enrols the offered factor by its first code; the recovery codes are shown once.
#[utoipa::path(post, path = "/session/factor/confirm", tag = "session", request_body = CodeForm,
    responses((status = 200, body = RecoveryView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn confirm_factor(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<CodeForm>,
) -> Result<Json<RecoveryView>, Denied> {
    Ok(Json(RecoveryView { codes: api.app.confirm_factor(&caller.0, &form.code).await? }))
}

/// The address as a QR code, drawn as SVG.
fn picture(uri: &str) -> String {
    let code = qrcode::QrCode::new(uri).expect("the address of a seed is far shorter than a QR code holds");
    code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(PICTURE_PX, PICTURE_PX).build()
}

/// Ends another session of the caller.
#[utoipa::path(delete, path = "/sessions/{name}", tag = "session", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub(crate) async fn end(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Denied> {
    api.app.end_session(&caller.0, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn view(api: &Api, caller: &Caller) -> Result<SecurityView, Denied> {
    let sessions = api.app.own_sessions(&caller.0).await?;
    let factor = api.app.factor_state(caller.grant().account()).await?;
    Ok(SecurityView {
        pin: api.app.has_pin(caller.grant().account()).await?,
        factor: factor.enrolled,
        recovery_left: factor.recovery_left,
        sessions: sessions.into_iter().map(SessionItem::from).collect(),
    })
}
