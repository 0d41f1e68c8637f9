//! `/session`: signing in and out, and who one is.

use crate::Api;
use crate::gate::{COOKIE, Caller, Peer};
use crate::page::{Body, PersonRef, RegionRef};
use crate::problem::{Denied, Problem};
use crate::schema::{SessionLock, SoundHeard};
use crate::whence::Whence;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use fengsui_app::{App, DISPLAY_DAYS, Lock, Login, SignedIn};
use fengsui_base::UnitId;
use fengsui_catalog::HeldFor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name of the cookie that says a session was begun in this browser; it grants nothing.
const HINT: &str = "fengsui_signed_in";

/// What anybody may know of this node.
#[derive(Serialize, ToSchema)]
pub(crate) struct NodeView {
    /// Name of the node.
    name: String,
    /// The office that runs it.
    office: String,
    /// Whether the data is invented.
    demonstration: bool,
    /// Version of the program.
    version: String,
    /// Server time.
    time: String,
}

impl NodeView {
    fn of(app: &App) -> Self {
        let node = app.node();
        Self {
            name: node.name.clone(),
            office: node.office.clone(),
            demonstration: node.demonstration,
            version: node.version.clone(),
            time: app.now().to_string(),
        }
    }
}

/// Account and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginForm {
    /// Login.
    account: String,
    /// Password.
    password: String,
    /// Code of the second factor, or a recovery code.
    #[serde(default)]
    code: Option<String>,
}

/// Current and fresh password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordForm {
    /// Current password.
    current: String,
    /// Fresh password.
    fresh: String,
}

/// Who is signed in and what she may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    account: SessionAccount,
    posts: Vec<PostView>,
    scope: Vec<RegionRef>,
    /// Permissions held anywhere.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<fengsui_catalog::Permission>,
    seat: Option<SessionSeat>,
    /// What every change must carry in `X-CSRF-Token`.
    csrf: String,
    must_change_password: bool,
    /// Whether a second factor must be enrolled before anything else.
    must_enrol: bool,
    /// Until when this session may act.
    expires_at: String,
    /// Why its actions wait; the display goes on.
    #[schema(value_type = Option<SessionLock>)]
    lock: Option<&'static str>,
    node: NodeView,
}

/// The account of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAccount {
    login: String,
    #[serde(flatten)]
    person: PersonRef,
}

/// A post with its region.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostView {
    post: String,
    label: String,
    region: RegionRef,
    /// The units that a post of units is held for.
    units: Vec<PostUnit>,
    /// The sectors that a post of sectors is held for.
    sectors: Vec<String>,
}

/// A unit that a post is held for.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostUnit {
    id: String,
    /// Its number in the register.
    code: String,
    name: String,
}

/// The seat one has signed on to.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionSeat {
    seat: u16,
    since: String,
    #[schema(value_type = SoundHeard)]
    sound: String,
}

impl PostView {
    pub(crate) fn new(post: String, label: String, region: RegionRef) -> Self {
        Self { post, label, region, units: Vec::new(), sectors: Vec::new() }
    }

    /// The same with what it is held for; a unit that is registered no longer is left away.
    pub(crate) fn held_for(mut self, app: &App, units: &[UnitId], sectors: &[String]) -> Self {
        let known = |id: &UnitId| {
            let unit = app.board().unit(*id)?;
            Some(PostUnit { id: id.to_string(), code: unit.code.clone(), name: unit.name.clone() })
        };
        self.units = units.iter().filter_map(known).collect();
        self.sectors = sectors.to_vec();
        self
    }
}

impl SessionView {
    pub(crate) fn of(app: &App, signed_in: &SignedIn) -> Self {
        let grant = &signed_in.grant;
        let seat = app.board().seat_of(grant.account());
        let powers = grant.powers();
        let post = |p: &fengsui_access::Power| {
            let units = if p.held_for == HeldFor::Unit { p.units.as_slice() } else { &[] };
            PostView::new(p.post.clone(), p.label.clone(), RegionRef::of(&p.region))
                .held_for(app, units, &p.sectors)
        };
        let mut scope: Vec<_> = powers.iter().map(|p| RegionRef::of(&p.region)).collect();
        scope.dedup_by(|a, b| a.code == b.code);
        Self {
            account: SessionAccount {
                login: signed_in.login.clone(),
                person: PersonRef::of(grant.officer()),
            },
            posts: powers.iter().map(post).collect(),
            scope,
            permissions: grant.permissions().into_iter().collect(),
            seat: seat.map(|(seat, held)| SessionSeat {
                seat,
                since: held.since.to_string(),
                sound: held.sound,
            }),
            csrf: signed_in.csrf.clone(),
            must_change_password: signed_in.must_change_password,
            must_enrol: signed_in.must_enrol,
            expires_at: signed_in.expires_at.to_string(),
            lock: signed_in.lock.map(Lock::code),
            node: NodeView::of(app),
        }
    }
}

/// What anybody may know of this node.
#[utoipa::path(get, path = "/public/node", tag = "session", responses((status = 200, body = NodeView)))]
pub(crate) async fn node(State(api): State<Api>) -> Json<NodeView> {
    Json(NodeView::of(&api.app))
}

/// Signs in. A wrong name and a wrong password get the same answer.
#[utoipa::path(post, path = "/session", tag = "session", request_body = LoginForm,
    responses((status = 200, body = SessionView), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn log_in(
    State(api): State<Api>,
    Peer(peer): Peer,
    whence: Whence,
    Body(form): Body<LoginForm>,
) -> Result<impl IntoResponse, Denied> {
    let login =
        api.app.log_in_with_code(form.account.trim(), form.password, form.code.as_deref(), &peer).await?;
    Ok(begin(&api, &whence, &login))
}

/// The answer with which a session begins in a browser. The cookie outlives the shift: with it the desk goes on
/// showing, and nothing else.
pub(crate) fn begin(api: &Api, whence: &Whence, login: &Login) -> impl IntoResponse + use<> {
    let cookies = set_cookies(&login.token, DISPLAY_DAYS * 24 * 3600, api.secure(whence));
    (AppendHeaders(cookies), Json(SessionView::of(&api.app, &login.signed_in)))
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = SessionView), (status = 401, body = Problem)))]
pub(crate) async fn current(State(api): State<Api>, caller: Caller) -> Json<SessionView> {
    Json(SessionView::of(&api.app, &caller.0))
}

/// Signs out and leaves the seat.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204), (status = 401, body = Problem)))]
pub(crate) async fn log_out(
    State(api): State<Api>,
    caller: Caller,
    whence: Whence,
) -> Result<impl IntoResponse, Denied> {
    api.app.log_out(&caller.0).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders(set_cookies("", 0, api.secure(&whence)))))
}

/// Changes one's own password.
#[utoipa::path(post, path = "/session/password", tag = "session", request_body = PasswordForm,
    responses((status = 200, body = SessionView), (status = 422, body = Problem)))]
pub(crate) async fn change_password(
    State(api): State<Api>,
    caller: Caller,
    Body(form): Body<PasswordForm>,
) -> Result<Json<SessionView>, Denied> {
    api.app.change_password(&caller.0, form.current, form.fresh).await?;
    let mut signed_in = caller.0;
    signed_in.must_change_password = false;
    Ok(Json(SessionView::of(&api.app, &signed_in)))
}

/// The session itself, which no script may read, and the bare fact that there is one, which saves a page from asking
/// in vain.
fn set_cookies(token: &str, seconds: i64, secure: bool) -> [(header::HeaderName, HeaderValue); 2] {
    let secure = if secure { "; Secure" } else { "" };
    let common = format!("Path=/; SameSite=Strict; Max-Age={seconds}{secure}");
    let session = format!("{COOKIE}={token}; HttpOnly; {common}");
    [session, format!("{HINT}=1; {common}")].map(|text| (header::SET_COOKIE, header_value(&text)))
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a hexadecimal token is a header value")
}
