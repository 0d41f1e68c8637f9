//! `/seats`: who sits where; signing on and off.

use crate::Api;
use crate::gate::Caller;
use crate::page::{Body, PersonRef};
use crate::problem::{Denied, Problem};
use crate::schema::SoundHeard;
use crate::session::SessionView;
use axum::Json;
use axum::extract::{Path, State};
use fengsui_app::{SeatView, SoundTest};
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
    let sound = match form.sound.as_str() {
        "heard" => SoundTest::Heard,
        "not_heard" => SoundTest::NotHeard,
        _ => return Err(crate::page::bad("/sound", "sound.unknown", "请选择听到了或没听到").into()),
    };
    api.app.sign_on(&caller.0, seat.0, sound).await?;
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
