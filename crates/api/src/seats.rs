//! `/seats`: who sits where; signing on and off, changing shift, muting, and whether the bell can sound.

use crate::Api;
use crate::gate::{Caller, Peer};
use crate::guard::ProofForm;
use crate::page::{Body, PersonRef};
use crate::problem::{Denied, Problem};
use crate::schema::{AlarmsInHand, SoundHeard};
use crate::session::SessionView;
use crate::whence::Whence;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use fengsui_app::{InHand, Relief, SeatView, SoundTest};
use fengsui_base::{Refusal, RefusalKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct Seat {
    seat: u16,
    officer: Option<PersonRef>,
    since: Option<String>,
    #[schema(value_type = Option<SoundHeard>)]
    sound: Option<String>,
    mute: Option<MuteView>,
}

/// A seat that is silent on purpose.
#[derive(Serialize, ToSchema)]
pub(crate) struct MuteView {
    /// A fire that came after this rings.
    since: String,
    until: String,
}

/// How long the seat shall be silent.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MuteForm {
    /// Ten to three hundred.
    seconds: u32,
}

/// An officer who may take over a seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReliefView {
    login: String,
    #[serde(flatten)]
    person: PersonRef,
}

/// Officers who may take over a seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reliefs {
    items: Vec<ReliefView>,
}

/// Who takes over the seat, by her PIN or password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ShiftForm {
    /// Login of the incoming officer.
    login: String,
    #[serde(flatten)]
    proof: ProofForm,
    /// What becomes of the alarms in hand.
    #[schema(value_type = AlarmsInHand)]
    in_hand: String,
}

/// All seats.
#[derive(Serialize, ToSchema)]
pub(crate) struct Seats {
    items: Vec<Seat>,
}

/// Whether the test tone was heard.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignOnForm {
    #[schema(value_type = SoundHeard)]
    sound: String,
}

/// An officer at a seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct Colleague {
    #[serde(flatten)]
    person: PersonRef,
    seat: Option<u16>,
}

/// Officers at a seat.
#[derive(Serialize, ToSchema)]
pub(crate) struct Colleagues {
    items: Vec<Colleague>,
}

impl From<SeatView> for Seat {
    fn from(view: SeatView) -> Self {
        Self {
            seat: view.seat,
            officer: view.held.as_ref().map(|h| PersonRef::of(&h.officer)),
            since: view.held.as_ref().map(|h| h.since.to_string()),
            mute: view
                .held
                .as_ref()
                .and_then(|h| h.muted)
                .map(|m| MuteView { since: m.since.to_string(), until: m.until.to_string() }),
            sound: view.held.map(|h| h.sound),
        }
    }
}

/// All seats and who is on them.
#[utoipa::path(get, path = "/seats", tag = "seats", responses((status = 200, body = Seats), (status = 403, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Seats>, Denied> {
    Ok(Json(Seats { items: api.app.seats(caller.grant())?.into_iter().map(Seat::from).collect() }))
}

/// Signs on to a seat.
#[utoipa::path(post, path = "/seats/{seat}/sign-on", tag = "seats", params(("seat" = u16, Path)), request_body = SignOnForm,
    responses((status = 200, body = SessionView), (status = 409, body = Problem)))]
pub(crate) async fn sign_on(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
    Body(form): Body<SignOnForm>,
) -> Result<Json<SessionView>, Denied> {
    api.app.sign_on(&caller.0, seat.0, sound(&form)?).await?;
    Ok(Json(SessionView::of(&api.app, &caller.0)))
}

/// Signs off.
#[utoipa::path(post, path = "/seats/{seat}/sign-off", tag = "seats", params(("seat" = u16, Path)),
    responses((status = 200, body = SessionView), (status = 409, body = Problem)))]
pub(crate) async fn sign_off(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
) -> Result<Json<SessionView>, Denied> {
    let own = api.app.board().seat_of(caller.grant().account()).map(|(n, _)| n);
    if own.is_some_and(|own| own != seat.0) {
        return Err(Refusal::new(RefusalKind::Conflict, "seat.other", "您不在这个席位上。").into());
    }
    api.app.sign_off(caller.grant()).await?;
    Ok(Json(SessionView::of(&api.app, &caller.0)))
}

fn sound(form: &SignOnForm) -> Result<SoundTest, Refusal> {
    let all = [SoundTest::Heard, SoundTest::NotHeard, SoundTest::Blocked];
    let known = all.into_iter().find(|s| s.code() == form.sound);
    known.ok_or_else(|| crate::page::bad("/sound", "sound.unknown", "请选择听到了或没听到"))
}

/// Officers who may take over the caller's seat.
#[utoipa::path(get, path = "/seats/reliefs", tag = "seats", responses((status = 200, body = Reliefs), (status = 403, body = Problem)))]
pub(crate) async fn reliefs(State(api): State<Api>, caller: Caller) -> Result<Json<Reliefs>, Denied> {
    let found = api.app.reliefs(&caller.0).await?;
    let item = |(login, officer): (String, _)| ReliefView { login, person: PersonRef::of(&officer) };
    Ok(Json(Reliefs { items: found.into_iter().map(item).collect() }))
}

/// The next officer takes over the caller's seat; the caller's session ends and the next one's begins.
#[utoipa::path(post, path = "/seats/{seat}/shift", tag = "seats", params(("seat" = u16, Path)), request_body = ShiftForm,
    responses((status = 200, body = SessionView), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn change_shift(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
    Peer(peer): Peer,
    whence: Whence,
    Body(form): Body<ShiftForm>,
) -> Result<impl IntoResponse, Denied> {
    let in_hand = match form.in_hand.as_str() {
        "stay" => InHand::Stay,
        "pass" => InHand::Pass,
        _ => return Err(crate::page::bad("/in_hand", "in_hand.unknown", "请选择在办告警交给谁").into()),
    };
    let relief = Relief { login: form.login.trim().to_owned(), proof: form.proof.proof()?, in_hand };
    let login = api.app.change_shift(&caller.0, seat.0, relief, &peer).await?;
    Ok(crate::session::begin(&api, &whence, &login))
}

/// Mutes the caller's seat for a few minutes; a new fire rings all the same.
#[utoipa::path(post, path = "/seats/{seat}/mute", tag = "seats", params(("seat" = u16, Path)), request_body = MuteForm,
    responses((status = 200, body = Seats), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn mute(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
    Body(form): Body<MuteForm>,
) -> Result<Json<Seats>, Denied> {
    api.app.mute(&caller.0, seat.0, form.seconds).await?;
    list(State(api), caller).await
}

/// Lets the caller's seat ring again.
#[utoipa::path(delete, path = "/seats/{seat}/mute", tag = "seats", params(("seat" = u16, Path)),
    responses((status = 200, body = Seats), (status = 409, body = Problem)))]
pub(crate) async fn unmute(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
) -> Result<Json<Seats>, Denied> {
    api.app.unmute(&caller.0, seat.0).await?;
    list(State(api), caller).await
}

/// The desk says whether its bell can sound.
#[utoipa::path(post, path = "/seats/{seat}/sound", tag = "seats", params(("seat" = u16, Path)), request_body = SignOnForm,
    responses((status = 200, body = Seats), (status = 409, body = Problem)))]
pub(crate) async fn report_sound(
    State(api): State<Api>,
    caller: Caller,
    seat: Seating,
    Body(form): Body<SignOnForm>,
) -> Result<Json<Seats>, Denied> {
    api.app.report_sound(&caller.0, seat.0, sound(&form)?).await?;
    list(State(api), caller).await
}

/// Officers at a seat to whom an alarm may be handed.
#[utoipa::path(get, path = "/colleagues", tag = "seats", responses((status = 200, body = Colleagues), (status = 403, body = Problem)))]
pub(crate) async fn colleagues(State(api): State<Api>, caller: Caller) -> Result<Json<Colleagues>, Denied> {
    let officers = api.app.colleagues(caller.grant())?;
    let items = officers.iter().map(|o| Colleague { person: PersonRef::of(o), seat: o.seat }).collect();
    Ok(Json(Colleagues { items }))
}

/// The seat's number in the path.
pub(crate) struct Seating(u16);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Seating {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Denied> {
        let read = Path::<u16>::from_request_parts(parts, state).await;
        read.map(|Path(n)| Self(n)).map_err(|_| Denied(Refusal::not_found()))
    }
}
