//! `/quarantine`: terminals that came by themselves (待认领终端): who they are, what they said, which dialect
//! they seem to speak; claimed, ignored, turned away or taken back.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Body, InPath, Parameters, RegionRef, SimpleAction};
use crate::problem::{Denied, Problem};
use crate::terminals::{Terminal, TerminalForm};
use axum::Json;
use axum::extract::State;
use fengsui_access::Grant;
use fengsui_alarm::Condition;
use fengsui_app::{App, Quarantined, Standing};
use fengsui_base::{Refusal, TerminalId};
use fengsui_catalog::Permission;
use fengsui_store::FrameRow;
use gb26875::guess::{self, Guess, Received};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Frames of a stranger that its page shows.
const FRAMES_SHOWN: u16 = 20;
/// The zone of terminals' clocks.
const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);

/// A stranger in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stranger {
    id: String,
    name: String,
    source: String,
    /// `unknown`, `ignored` or `blocked`.
    standing: &'static str,
    standing_label: String,
    standing_reason: Option<String>,
    ignored_until_on: Option<String>,
    region: RegionRef,
    profile: String,
    channel: Option<String>,
    first_heard_at: String,
    /// Since the program started; nothing when it was not heard since.
    last_heard_at: Option<String>,
    online: Option<bool>,
    /// Frames heard since the program started.
    frames: u64,
    open_alarms: usize,
    /// Whether it reports a fire that has not been restored.
    fire: bool,
    status_labels: Vec<&'static str>,
    clock_offset_s: Option<i64>,
}

/// The strangers, those with a fire first.
#[derive(Serialize, ToSchema)]
pub(crate) struct StrangerList {
    items: Vec<Stranger>,
    total: usize,
}

/// A stranger with what it said and what may be done.
#[derive(Serialize, ToSchema)]
pub(crate) struct StrangerPage {
    #[serde(flatten)]
    summary: Stranger,
    /// Its newest frames.
    said: Vec<SaidFrame>,
    /// The dialects, the likeliest first.
    guesses: Vec<GuessView>,
    actions: Vec<SimpleAction>,
}

/// A frame in one sentence.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaidFrame {
    seq: u64,
    received_at: String,
    sentence: String,
    ok: bool,
}

/// A dialect weighed.
#[derive(Serialize, ToSchema)]
pub(crate) struct GuessView {
    profile: &'static str,
    label: String,
    /// 0 to 100.
    score: u8,
    reasons: Vec<ReasonView>,
}

/// What speaks for a dialect, or against it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonView {
    points: i8,
    text: String,
}

/// Which strangers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StrangerParameters {
    /// `unknown`, `ignored` or `blocked`; all when absent.
    standing: Option<String>,
    limit: Option<u16>,
}

/// Why, and until when.
#[derive(Deserialize, ToSchema)]
pub(crate) struct IgnoreForm {
    reason: String,
    /// Last day, such as 2026-11-30.
    until_on: String,
}

/// Why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BlockForm {
    reason: String,
}

impl Stranger {
    fn of(app: &App, found: &Quarantined) -> Self {
        let (entry, known) = (&found.entry, &found.known);
        let state =
            app.catalog().kind("terminal").and_then(|k| k.states.iter().find(|s| s.name == entry.state));
        Self {
            id: entry.id.to_string(),
            name: entry.title.clone(),
            source: page::text(entry, "source").unwrap_or_default(),
            standing: known.facts().standing.state(),
            standing_label: state.map(|s| s.label.clone()).unwrap_or_default(),
            standing_reason: page::text(entry, "standing_reason"),
            ignored_until_on: page::text(entry, "ignored_until_on"),
            region: RegionRef::find(app, entry.region),
            profile: page::text(entry, "profile").unwrap_or_default(),
            channel: known.channel().or_else(|| page::text(entry, "channel")),
            first_heard_at: entry.opened_at.to_string(),
            last_heard_at: known.seen_at().map(|at| at.to_string()),
            online: known.online(app.now()),
            frames: known.frame_count(),
            open_alarms: found.open_alarms,
            fire: found.fire,
            status_labels: known.conditions().iter().map(Condition::label).collect(),
            clock_offset_s: known.clock_offset_s(),
        }
    }
}

impl StrangerPage {
    fn of(app: &App, grant: &Grant, found: &Quarantined, frames: &[FrameRow]) -> Self {
        let view = |row: &FrameRow| {
            let view = crate::frames::FrameView::stored(app, row);
            let received_at = row.frame.received_at.to_string();
            SaidFrame { seq: row.seq, received_at, sentence: view.sentence, ok: view.ok }
        };
        let received: Vec<_> = frames
            .iter()
            .map(|row| Received { bytes: &row.frame.bytes, at: CHINA.to_datetime(row.frame.received_at) })
            .collect();
        Self {
            summary: Stranger::of(app, found),
            said: frames.iter().map(view).collect(),
            guesses: guess::guess(&received).into_iter().map(|g| GuessView::of(app, g)).collect(),
            actions: actions(grant, found),
        }
    }
}

impl GuessView {
    fn of(app: &App, guess: Guess) -> Self {
        let field = app.catalog().kind("terminal").and_then(|k| k.field("profile"));
        let label = field.map_or(guess.name, |f| f.choice_label(guess.name)).to_owned();
        let reasons =
            guess.reasons.into_iter().map(|r| ReasonView { points: r.points, text: r.text }).collect();
        Self { profile: guess.name, label, score: guess.score, reasons }
    }
}

fn actions(grant: &Grant, found: &Quarantined) -> Vec<SimpleAction> {
    let denied = || grant.may_at(Permission::TerminalWrite, found.entry.region).err();
    let back = found.known.facts().standing != Standing::Unknown;
    let mut all = vec![
        SimpleAction::of("adopt", "认领", denied()),
        SimpleAction::of("ignore", "忽略", denied()),
        SimpleAction::of("block", "拒收", denied()),
    ];
    all.extend(back.then(|| SimpleAction::of("release", "恢复待认领", denied())));
    all
}

fn standing(text: Option<&str>) -> Result<Option<Standing>, Refusal> {
    match text {
        None | Some("") => Ok(None),
        Some("unknown") => Ok(Some(Standing::Unknown)),
        Some("ignored") => Ok(Some(Standing::Ignored)),
        Some("blocked") => Ok(Some(Standing::Blocked)),
        Some(_) => Err(page::bad("/standing", "standing.unknown", "没有这种状态，请重新选择")),
    }
}

async fn shown(api: &Api, grant: &Grant, id: TerminalId) -> Result<StrangerPage, Denied> {
    let found = api.app.stranger(grant, id).await?;
    let frames = api.app.frames(grant, id, None, FRAMES_SHOWN).await?;
    Ok(StrangerPage::of(&api.app, grant, &found, &frames))
}

/// Terminals that came by themselves, those with a fire first, then those heard last.
#[utoipa::path(get, path = "/quarantine", tag = "terminals", params(StrangerParameters), responses((status = 200, body = StrangerList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<StrangerParameters>,
) -> Result<Json<StrangerList>, Denied> {
    let standing = standing(p.standing.as_deref())?;
    let (found, total) = api.app.quarantine(caller.grant(), standing, page::limit(p.limit)).await?;
    Ok(Json(StrangerList { items: found.iter().map(|q| Stranger::of(&api.app, q)).collect(), total }))
}

/// One of them, with what it said and which dialect it seems to speak.
#[utoipa::path(get, path = "/quarantine/{id}", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = StrangerPage), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<StrangerPage>, Denied> {
    shown(&api, caller.grant(), TerminalId(id)).await.map(Json)
}

/// Claims it for a unit; the source of the form is not asked.
#[utoipa::path(post, path = "/quarantine/{id}/adopt", tag = "terminals", params(("id" = String, Path)), request_body = TerminalForm, responses((status = 200, body = Terminal), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn adopt(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<TerminalForm>,
) -> Result<Json<Terminal>, Denied> {
    let entry = api.app.adopt(caller.grant(), TerminalId(id), form.draft()?).await?;
    let (_, known) = api.app.terminal(caller.grant(), TerminalId(id)).await?;
    Ok(Json(Terminal::of(&api.app, caller.grant(), &entry, &known)))
}

/// Lets it be silent until the end of a day.
#[utoipa::path(post, path = "/quarantine/{id}/ignore", tag = "terminals", params(("id" = String, Path)), request_body = IgnoreForm, responses((status = 200, body = StrangerPage), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn ignore(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<IgnoreForm>,
) -> Result<Json<StrangerPage>, Denied> {
    let until_on = form
        .until_on
        .trim()
        .parse()
        .map_err(|_| page::bad("/until_on", "until.malformed", "日期请写成 2026-11-30 这样"))?;
    api.app.ignore(caller.grant(), TerminalId(id), &form.reason, until_on).await?;
    shown(&api, caller.grant(), TerminalId(id)).await.map(Json)
}

/// Takes nothing of it in any more.
#[utoipa::path(post, path = "/quarantine/{id}/block", tag = "terminals", params(("id" = String, Path)), request_body = BlockForm, responses((status = 200, body = StrangerPage), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn block(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<BlockForm>,
) -> Result<Json<StrangerPage>, Denied> {
    api.app.block(caller.grant(), TerminalId(id), &form.reason).await?;
    shown(&api, caller.grant(), TerminalId(id)).await.map(Json)
}

/// Hears it like any other again.
#[utoipa::path(post, path = "/quarantine/{id}/release", tag = "terminals", params(("id" = String, Path)), responses((status = 200, body = StrangerPage), (status = 409, body = Problem)))]
pub(crate) async fn release(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<StrangerPage>, Denied> {
    api.app.release(caller.grant(), TerminalId(id)).await?;
    shown(&api, caller.grant(), TerminalId(id)).await.map(Json)
}
