//! `/events`: the live stream of a screen: what it missed since the number it knows, then everything as it is
//! committed, and a beat every second so that a screen knows a silent line from a quiet county.

use crate::Api;
use crate::alarms::AlarmSummary;
use crate::duty::DutyCheckView;
use crate::gate::{self, Caller};
use crate::page::{Parameters, PersonRef};
use crate::problem::{Denied, Problem};
use crate::schema;
use crate::system::TerminalsView;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use fengsui_access::Grant;
use fengsui_app::{App, Fault, LiveChange, LiveEvent};
use fengsui_base::{RefusalKind, Scope};
use fengsui_catalog::Permission;
use futures::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior};
use utoipa::{IntoParams, ToSchema};

/// The beat of a live line.
const BEAT: Duration = Duration::from_secs(1);
/// After how many beats the session behind the stream is looked at again.
const CHECK_BEATS: u32 = 15;

/// From where to go on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// Sequence number already known; `Last-Event-ID` does the same.
    after: Option<u64>,
}

/// `alarm`: something happened to an alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmEvent {
    seq: u64,
    #[schema(value_type = schema::AlarmChange)]
    change: String,
    alarm: AlarmSummary,
}

/// `terminal`: a terminal was registered, came or went.
#[derive(Serialize, ToSchema)]
pub(crate) struct TerminalEvent {
    seq: u64,
    id: String,
    source: Option<String>,
}

/// `unit`: a unit was registered or changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitEvent {
    seq: u64,
    id: String,
}

/// `seat`: somebody signed on, or off.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatEvent {
    seq: u64,
    seat: u16,
    officer: Option<PersonRef>,
}

/// `duty_check`: a duty check was ordered, rings, was answered or ran out.
#[derive(Serialize, ToSchema)]
pub(crate) struct DutyCheckEvent {
    seq: u64,
    check: DutyCheckView,
}

/// `entry`: an entry of a ledger was opened, moved, corrected, or said something about.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryEvent {
    seq: u64,
    /// The ledger.
    kind: String,
    id: String,
    /// The version it has now: a page that shows this one has nothing to read.
    version: u64,
}

/// `tick`: the line lives; up to this number everything has been told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tick {
    now: String,
    seq: u64,
    terminals: TerminalsView,
    /// Whether telemetry is shed just now: more comes in than can be stored. Alarms never are.
    shedding: bool,
}

/// `resync`: too much was missed; load everything anew.
#[derive(Serialize, ToSchema)]
pub(crate) struct Resync {
    seq: u64,
}

/// The live stream: events `alarm`, `terminal`, `unit`, `seat`, `duty_check`, `entry`, `tick`, `resync`.
#[utoipa::path(get, path = "/events", tag = "live", params(From),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = Problem)))]
pub(crate) async fn stream(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Parameters(from): Parameters<From>,
) -> Result<impl IntoResponse, Denied> {
    // Listening starts before looking back, so that nothing falls in between.
    let live = api.app.live();
    let known = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|t| t.parse().ok())
        .or(from.after);
    let audience = Audience::of(&api.app, caller.grant());
    let (pending, seen) = look_back(&api.app, &audience, known).await?;
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    api.app.meters().streams.inc();
    let screen = Screen {
        app: api.app.clone(),
        audience,
        live,
        beat,
        pending,
        seen,
        beats: 0,
        token: gate::cookie(&headers),
        open: OpenStream(api.app.clone()),
    };
    Ok(([("cache-control", "no-store"), ("x-accel-buffering", "no")], Sse::new(events(screen))))
}

/// What a screen may be told.
struct Audience {
    alarms: Scope,
    terminals: Scope,
    units: Scope,
    seats: Scope,
    ledgers: BTreeMap<String, Scope>,
}

impl Audience {
    fn of(app: &App, grant: &Grant) -> Self {
        Self {
            alarms: grant.scope(Permission::AlarmRead),
            terminals: grant.scope(Permission::TerminalRead),
            units: grant.scope(Permission::UnitRead),
            seats: grant.scope(Permission::AlarmHandle),
            ledgers: app.ledger_scopes(grant),
        }
    }

    /// Whether a change is told here: by its region, or, to somebody with named units, by its unit.
    async fn hears(&self, app: &App, change: &LiveChange) -> bool {
        let scope = match change.kind.as_str() {
            // Whoever sees alarms sees duty checks, here as in their list.
            "alarm" | "duty_check" => &self.alarms,
            "terminal" => &self.terminals,
            "unit" => &self.units,
            "sign_on" => &self.seats,
            ledger => match self.ledgers.get(ledger) {
                Some(scope) => scope,
                None => return false,
            },
        };
        if scope.contains(change.region) || scope.units().is_empty() {
            return scope.contains(change.region);
        }
        app.changed_entry(change).await.is_some_and(|entry| entry.within(scope))
    }
}

struct Screen {
    app: Arc<App>,
    audience: Audience,
    live: Receiver<Arc<LiveEvent>>,
    beat: Interval,
    pending: VecDeque<Event>,
    seen: u64,
    beats: u32,
    token: Option<String>,
    open: OpenStream,
}

/// Counts a stream for as long as it lives.
struct OpenStream(Arc<App>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.meters().streams.dec();
    }
}

/// What the screen missed, and the number up to which it is told.
async fn look_back(
    app: &App,
    audience: &Audience,
    known: Option<u64>,
) -> Result<(VecDeque<Event>, u64), Fault> {
    let Some(known) = known else { return Ok((VecDeque::new(), 0)) };
    let (missed, seen) = app.live_since(known).await?;
    let Some(missed) = missed else { return Ok((VecDeque::from([resync(seen)]), seen)) };
    let mut pending = VecDeque::new();
    for event in missed {
        pending.extend(told(app, audience, &event).await);
    }
    Ok((pending, seen))
}

/// Tells a screen to load everything anew; from this number on it is told each change again.
fn resync(seq: u64) -> Event {
    Event::default().id(seq.to_string()).event("resync").data(text(&Resync { seq }))
}

fn events(screen: Screen) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(screen, |mut screen| async move {
        loop {
            if let Some(event) = screen.pending.pop_front() {
                return Some((Ok(event), screen));
            }
            if !screen.wait().await {
                return None;
            }
        }
    })
}

impl Screen {
    /// Waits for something to tell; false when the stream must end.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            biased;
            event = self.live.recv() => match event {
                Ok(event) if event.seq > self.seen => {
                    self.seen = event.seq;
                    self.pending.extend(told(&self.app, &self.audience, &event).await);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.pending.push_back(resync(self.seen)),
                Err(RecvError::Closed) => return false,
            },
            _ = self.beat.tick() => return self.tick().await,
        }
        true
    }

    async fn tick(&mut self) -> bool {
        self.beats += 1;
        if self.beats.is_multiple_of(CHECK_BEATS) && !self.still_welcome().await {
            return false;
        }
        self.pending.push_back(beat(&self.open.0, &self.audience, self.seen));
        true
    }

    /// A session that was ended on purpose ends its stream, and so does a disabled account. A desk whose shift is
    /// over keeps the display and the bell, and keeps them when its line breaks and comes back.
    async fn still_welcome(&self) -> bool {
        let Some(token) = &self.token else { return false };
        match self.app.authenticate(token).await {
            Ok(_) | Err(Fault::Broken(_)) => true,
            Err(Fault::Refused(refusal)) => refusal.kind != RefusalKind::Unauthenticated,
        }
    }
}

fn beat(app: &App, audience: &Audience, seq: u64) -> Event {
    let now = app.now();
    let terminals = TerminalsView::from(app.board().terminal_counts(&audience.terminals, now));
    let (shedding, _) = app.shedding();
    Event::default().event("tick").data(text(&Tick { now: now.to_string(), seq, terminals, shedding }))
}

fn text(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("an event is plain data")
}

/// One committed change as events for one audience. Only the last of them carries the number as its id: a line
/// that breaks between two of them resumes before the change, not in the middle of it.
async fn told(app: &App, audience: &Audience, event: &LiveEvent) -> Vec<Event> {
    let mut told = Vec::new();
    for change in &event.changes {
        if audience.hears(app, change).await {
            told.extend(tell(app, event.seq, change).await);
        }
    }
    let last = told.len();
    let event = |(n, (name, data)): (usize, (&str, String))| {
        let bare = Event::default().event(name).data(data);
        if n == last { bare.id(event.seq.to_string()) } else { bare }
    };
    (1..).zip(told).map(event).collect()
}

async fn tell(app: &App, seq: u64, change: &LiveChange) -> Option<(&'static str, String)> {
    let id = change.id.to_string();
    match change.kind.as_str() {
        "alarm" => Some(("alarm", text(&alarm_event(app, seq, change).await?))),
        "terminal" => {
            let source = app
                .board()
                .terminal(fengsui_base::TerminalId(change.id))
                .map(|t| t.facts().source.to_string());
            Some(("terminal", text(&TerminalEvent { seq, id, source })))
        }
        "unit" => Some(("unit", text(&UnitEvent { seq, id }))),
        "sign_on" => Some(("seat", text(&seat_event(app, seq, change).await?))),
        "duty_check" => Some(("duty_check", text(&duty_event(app, seq, change).await?))),
        ledger => {
            let (kind, version) = (ledger.to_owned(), app.changed_entry(change).await?.version);
            Some(("entry", text(&EntryEvent { seq, kind, id, version })))
        }
    }
}

async fn alarm_event(app: &App, seq: u64, change: &LiveChange) -> Option<AlarmEvent> {
    let entry = app.changed_entry(change).await?;
    let alarm = AlarmSummary::of(app, &entry, &app.read_alarm(&entry)?);
    let change = change.verb.strip_prefix("alarm.").unwrap_or(&change.verb).to_owned();
    Some(AlarmEvent { seq, change, alarm })
}

async fn duty_event(app: &App, seq: u64, change: &LiveChange) -> Option<DutyCheckEvent> {
    let entry = app.changed_entry(change).await?;
    Some(DutyCheckEvent { seq, check: DutyCheckView::of(app, &entry)? })
}

async fn seat_event(app: &App, seq: u64, change: &LiveChange) -> Option<SeatEvent> {
    let entry = app.changed_entry(change).await?;
    let seat = entry.fields.get("seat").and_then(|v| v.as_u64()).and_then(|n| u16::try_from(n).ok())?;
    let officer = || PersonRef {
        id: entry.owner.map(|o| o.to_string()).unwrap_or_default(),
        name: entry.title.clone(),
    };
    Some(SeatEvent { seq, seat, officer: (entry.state == "on").then(officer) })
}
