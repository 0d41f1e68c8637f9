//! `/accounts` and `/posts`: people, their posts, their one-time passwords.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, Parameters, RegionRef, SimpleAction, etag};
use crate::problem::{Denied, Problem};
use crate::schema::{AccountState, PostHeldFor};
use crate::session::PostView;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use fengsui_access::{Appointment, Grant};
use fengsui_app::{
    Account as Known, AccountContact, AccountDraft, AccountEdit, App, AppointmentDraft, Issued,
};
use fengsui_base::{AccountId, Refusal};
use fengsui_catalog::{HeldFor, Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    id: String,
    login: String,
    name: String,
    #[schema(value_type = AccountState)]
    state: String,
    posts: Vec<PostView>,
    /// Number of the certificate by which the person may inspect.
    certificate: Option<String>,
    #[serde(flatten)]
    contact: ContactView,
    last_login_at: Option<String>,
    version: u64,
    actions: Vec<SimpleAction>,
}

/// Where a person is told of deadlines.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactView {
    /// Telephone number.
    phone: Option<String>,
    /// Mail address.
    email: Option<String>,
    /// By what a robot of a group names the person.
    robot_handle: Option<String>,
}

impl From<AccountContact> for ContactView {
    fn from(contact: AccountContact) -> Self {
        let AccountContact { phone, email, handle } = contact;
        Self { phone, email, robot_handle: handle }
    }
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountList {
    items: Vec<Account>,
    next: Option<String>,
}

/// An account with a fresh one-time password.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedView {
    account: Account,
    /// Shown once; absent when the same request was answered before.
    one_time_password: Option<String>,
}

/// A post of the catalog.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostKind {
    post: String,
    label: String,
    description: String,
    permissions: Vec<PermissionView>,
    /// What it is held for within its region.
    #[schema(value_type = PostHeldFor)]
    held_for: HeldFor,
}

/// Something that a post may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionView {
    /// Stable name.
    #[schema(value_type = String)]
    name: Permission,
    /// What people call it.
    label: &'static str,
}

/// All posts.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostKinds {
    items: Vec<PostKind>,
    /// Sectors that units have where the asker may appoint somebody.
    sectors: Vec<String>,
}

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountParameters {
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

/// A post and its region.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AppointmentForm {
    post: String,
    region: String,
    /// Numbers of the units that a post of units is held for.
    #[serde(default)]
    units: Vec<String>,
    /// Sectors that a post of sectors is held for.
    #[serde(default)]
    sectors: Vec<String>,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AccountForm {
    login: String,
    name: String,
    #[serde(default)]
    posts: Vec<AppointmentForm>,
    /// Number of the certificate by which the person may inspect.
    #[serde(default)]
    certificate: Option<String>,
    /// Telephone number at which the person is told of deadlines.
    #[serde(default)]
    phone: Option<String>,
    /// Mail address.
    #[serde(default)]
    email: Option<String>,
    /// By what a robot of a group names the person.
    #[serde(default)]
    robot_handle: Option<String>,
}

/// Changes of an account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AccountChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    posts: Option<Vec<AppointmentForm>>,
    /// Number of the certificate; an empty text takes it away.
    #[serde(default)]
    certificate: Option<String>,
    /// Telephone number at which the person is told of deadlines; an empty text takes it away.
    #[serde(default)]
    phone: Option<String>,
    /// Mail address; an empty text takes it away.
    #[serde(default)]
    email: Option<String>,
    /// By what a robot of a group names the person; an empty text takes it away.
    #[serde(default)]
    robot_handle: Option<String>,
}

impl Account {
    fn of(app: &App, grant: &Grant, known: &Known) -> Self {
        let id = AccountId(known.entry.id);
        let active = known.entry.state == "active";
        let beyond = app.beyond_reach(grant, known);
        let own = beyond.clone().or_else(|| app.own_account(grant, id));
        let toggle = if active { ("disable", "停用") } else { ("enable", "启用") };
        let post = |a: &Appointment| PostView::appointed(app, a);
        Self {
            id: known.entry.id.to_string(),
            login: known.login.clone(),
            name: known.entry.title.clone(),
            certificate: known.certificate.clone().filter(|c| !c.is_empty()),
            contact: known.contact.clone().into(),
            state: known.entry.state.clone(),
            posts: known.appointments.iter().map(post).collect(),
            last_login_at: known.last_login_at.map(|t| t.to_string()),
            version: known.entry.version,
            actions: vec![
                SimpleAction::of("edit", "修改", beyond.clone()),
                SimpleAction::of(toggle.0, toggle.1, own),
                SimpleAction::of("reset_password", "重置密码", beyond.clone()),
                SimpleAction::of("reset_factor", "重置第二验证", beyond),
            ],
        }
    }
}

impl PostView {
    fn appointed(app: &App, appointment: &Appointment) -> Self {
        let label = app
            .catalog()
            .post(&appointment.post)
            .map_or_else(|| appointment.post.clone(), |p| p.label.clone());
        let region = RegionRef::find(app, appointment.region);
        Self::new(appointment.post.clone(), label, region).held_for(
            app,
            &appointment.units,
            &appointment.sectors,
        )
    }
}

async fn appointments(
    api: &Api,
    caller: &Caller,
    forms: Vec<AppointmentForm>,
) -> Result<Vec<Appointment>, Denied> {
    let read = |f: AppointmentForm| {
        let region = page::region(&f.region, "/posts")?;
        Ok(AppointmentDraft { region, post: f.post, unit_codes: f.units, sectors: f.sectors })
    };
    let drafts = forms.into_iter().map(read).collect::<Result<_, Refusal>>()?;
    Ok(api.app.appointments(caller.grant(), drafts).await?)
}

fn issued(api: &Api, caller: &Caller, issued: Issued) -> IssuedView {
    IssuedView {
        account: Account::of(&api.app, caller.grant(), &issued.account),
        one_time_password: issued.one_time_password,
    }
}

/// A page of accounts, by name.
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(AccountParameters), responses((status = 200, body = AccountList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<AccountParameters>,
) -> Result<Json<AccountList>, Denied> {
    let after = page::cursor(p.cursor.as_deref())?;
    let (found, next) = api.app.accounts(caller.grant(), p.q.as_deref(), after, page::limit(p.limit)).await?;
    let items = found.iter().map(|a| Account::of(&api.app, caller.grant(), a)).collect();
    Ok(Json(AccountList { items, next: next.as_ref().map(page::cursor_text) }))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = Account), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let account = api.app.account(caller.grant(), AccountId(id)).await?;
    Ok((etag(account.entry.version), Json(Account::of(&api.app, caller.grant(), &account))))
}

/// Makes an account with a one-time password.
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = AccountForm, responses((status = 201, body = IssuedView), (status = 422, body = Problem)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<AccountForm>,
) -> Result<impl IntoResponse, Denied> {
    let key = page::idempotency_key(&headers)?;
    let draft = AccountDraft {
        login: form.login.trim().to_owned(),
        name: form.name,
        appointments: appointments(&api, &caller, form.posts).await?,
        certificate: form.certificate,
        contact: AccountContact { phone: form.phone, email: form.email, handle: form.robot_handle },
    };
    let made = api.app.create_account(caller.grant(), draft, key).await?;
    Ok((StatusCode::CREATED, Json(issued(&api, &caller, made))))
}

/// Changes name and posts; `If-Match` carries the version that was read.
#[utoipa::path(patch, path = "/accounts/{id}", tag = "accounts", params(("id" = String, Path)), request_body = AccountChange, responses((status = 200, body = Account), (status = 409, body = Problem)))]
pub(crate) async fn change(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    headers: HeaderMap,
    Body(form): Body<AccountChange>,
) -> Result<impl IntoResponse, Denied> {
    let version = page::if_match(&headers)?;
    let appointments = match form.posts {
        Some(forms) => Some(appointments(&api, &caller, forms).await?),
        None => None,
    };
    let edit = AccountEdit {
        name: form.name,
        appointments,
        certificate: form.certificate,
        contact: AccountContact { phone: form.phone, email: form.email, handle: form.robot_handle },
    };
    let account = api.app.change_account(caller.grant(), AccountId(id), version, edit).await?;
    Ok((etag(account.entry.version), Json(Account::of(&api.app, caller.grant(), &account))))
}

/// Disables an account; it is signed out at once.
#[utoipa::path(post, path = "/accounts/{id}/disable", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = Account), (status = 409, body = Problem)))]
pub(crate) async fn disable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Account>, Denied> {
    let account = api.app.enable_account(caller.grant(), AccountId(id), false).await?;
    Ok(Json(Account::of(&api.app, caller.grant(), &account)))
}

/// Enables an account.
#[utoipa::path(post, path = "/accounts/{id}/enable", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = Account), (status = 409, body = Problem)))]
pub(crate) async fn enable(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Account>, Denied> {
    let account = api.app.enable_account(caller.grant(), AccountId(id), true).await?;
    Ok(Json(Account::of(&api.app, caller.grant(), &account)))
}

/// Makes a new one-time password; all sessions of the account end.
#[utoipa::path(post, path = "/accounts/{id}/reset-password", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = IssuedView), (status = 404, body = Problem)))]
pub(crate) async fn reset_password(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<IssuedView>, Denied> {
    let made = api.app.reset_password(caller.grant(), AccountId(id)).await?;
    Ok(Json(issued(&api, &caller, made)))
}

/// Takes the second factor away; all sessions of the account end.
#[utoipa::path(post, path = "/accounts/{id}/reset-factor", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = Account), (status = 404, body = Problem)))]
pub(crate) async fn reset_factor(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<Account>, Denied> {
    let account = api.app.reset_factor(caller.grant(), AccountId(id)).await?;
    Ok(Json(Account::of(&api.app, caller.grant(), &account)))
}

/// All posts of the catalog.
#[utoipa::path(get, path = "/posts", tag = "accounts", responses((status = 200, body = PostKinds), (status = 403, body = Problem)))]
pub(crate) async fn posts(State(api): State<Api>, caller: Caller) -> Result<Json<PostKinds>, Denied> {
    let posts = api.app.posts(caller.grant())?;
    let kind = |p: fengsui_catalog::Post| PostKind {
        post: p.name,
        label: p.label,
        description: p.description,
        permissions: p
            .permissions
            .into_iter()
            .map(|name| PermissionView { name, label: name.label() })
            .collect(),
        held_for: p.held_for,
    };
    let sectors = api.app.appointable_sectors(caller.grant())?;
    Ok(Json(PostKinds { items: posts.into_iter().map(kind).collect(), sectors }))
}
