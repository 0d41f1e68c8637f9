//! `/alarms`: the queue, the list, one alarm with its timeline and frame, and what officers do with it.

use crate::filtered::{self, CoincidenceView, IncidentView, MarkView, MembershipView, SuppressedView};
use crate::gate::Caller;
use crate::ladder::LadderView;
use crate::limits::ExcessView;
use crate::page::{
    self, Body, ChoiceView, Contact, InPath, Parameters, PersonRef, RegionRef, TimelineItem, etag, lng_lat,
};
use crate::problem::{Denied, Problem};
use crate::reckoning::PointHistory;
use crate::schema::{
    self, AlarmActionName, AlarmCause, AlarmClass, AlarmFinding, AlarmLevel, AlarmState, AlarmTiming,
    ByClass, LngLat, MembersChoice,
};
use crate::{Api, frames};
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use fengsui_alarm::{Alarm as AlarmLife, Cause, Condition, Conditions, Field, FieldKind, Finding, StepState};
use fengsui_app::{AlarmFilter, AlarmView, App, Command, Counts, KnownTerminal, Members};
use fengsui_base::{AccountId, AlarmId, Refusal, Timestamp};
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An alarm in a list.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AlarmSummary {
    id: String,
    /// Number of the day, such as `20261121-0043`.
    number: String,
    version: u64,
    #[schema(value_type = AlarmClass)]
    class: &'static str,
    class_label: &'static str,
    #[schema(value_type = AlarmLevel)]
    level: u8,
    title: String,
    #[schema(value_type = AlarmState)]
    state: &'static str,
    state_label: &'static str,
    #[schema(value_type = AlarmTiming)]
    timing: &'static str,
    /// Whether its bell sounds now.
    rings: bool,
    region: RegionRef,
    township: Option<String>,
    unit: Option<AlarmUnit>,
    place: String,
    #[schema(value_type = Option<LngLat>)]
    position: Option<[f64; 2]>,
    raised_at: String,
    last_at: String,
    count: u32,
    restored_at: Option<String>,
    building: Option<String>,
    /// Why its bell is off.
    suppressed: Option<SuppressedView>,
    /// What confirms it.
    coincidence: Option<CoincidenceView>,
    /// The incident it is a member of.
    member: Option<MembershipView>,
    holder: Option<HolderView>,
    #[schema(value_type = Option<AlarmFinding>)]
    finding: Option<&'static str>,
    finding_label: Option<&'static str>,
    cause_label: Option<&'static str>,
    closed_at: Option<String>,
    /// Whether the desk is asked; in homes and small places the people there are asked first.
    with_desk: bool,
    /// How far it has climbed, in a few words.
    escalated: Option<String>,
    /// How often the bell has been rung again.
    rings_again: u32,
    /// What comes next when nobody acts, and when.
    next_label: Option<&'static str>,
    next_at: Option<String>,
}

/// The unit of an alarm.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct AlarmUnit {
    id: String,
    name: String,
    category_label: String,
    key_unit: bool,
}

/// Who has an alarm.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct HolderView {
    seat: Option<u16>,
    officer: PersonRef,
    at: String,
}

/// One alarm with everything its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alarm {
    #[serde(flatten)]
    summary: AlarmSummary,
    address: Option<String>,
    floor: Option<String>,
    points: Vec<AlarmPoint>,
    terminal: Option<AlarmTerminal>,
    event_at: Option<String>,
    sent_at: Option<String>,
    received_at: String,
    verified: Option<VerifiedView>,
    forwarded: Option<ForwardedView>,
    closed: Option<ClosedView>,
    contacts: Vec<Contact>,
    unit_history: Option<UnitHistory>,
    /// False alarms of its own part in the thirty days before it, for a fire.
    point_history: Option<PointHistory>,
    frame_seq: Option<u64>,
    ladder: Option<LadderView>,
    life: Vec<Step>,
    /// What the filters said of it, oldest first.
    trace: Vec<MarkView>,
    /// The value and its limit, of a value out of bounds.
    excess: Option<ExcessView>,
    /// The incident it stands for.
    incident: Option<IncidentView>,
    actions: Vec<Action>,
}

/// A point of an alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmPoint {
    id: Option<String>,
    label: String,
    component_label: String,
    component_type: u8,
    component_address: u32,
    state_labels: Vec<&'static str>,
    event_at: Option<String>,
    received_at: String,
    sent_at: Option<String>,
    first: bool,
}

/// The terminal of an alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmTerminal {
    id: String,
    name: String,
    source: String,
    known: bool,
    online: Option<bool>,
    last_seen_at: Option<String>,
}

/// The finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerifiedView {
    #[schema(value_type = AlarmFinding)]
    finding: &'static str,
    #[schema(value_type = Option<AlarmCause>)]
    cause: Option<&'static str>,
    cause_label: Option<&'static str>,
    note: Option<String>,
    by: String,
    at: String,
}

/// The forwarding.
#[derive(Serialize, ToSchema)]
pub(crate) struct ForwardedView {
    to: String,
    at: String,
    by: String,
    note: Option<String>,
}

/// The closing.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedView {
    at: String,
    by: String,
    note: Option<String>,
    unrestored_reason: Option<String>,
}

/// Alarms of the unit within thirty days.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnitHistory {
    fires_30d: u64,
    false_30d: u64,
}

/// One step of the life.
#[derive(Serialize, ToSchema)]
pub(crate) struct Step {
    name: &'static str,
    at: Option<String>,
    #[schema(value_type = schema::StepState)]
    state: &'static str,
}

/// Something an officer may do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Action {
    #[schema(value_type = AlarmActionName)]
    name: &'static str,
    label: &'static str,
    key: &'static str,
    allowed: bool,
    reason: Option<String>,
    primary: bool,
    fields: Vec<ActionField>,
}

/// Something to fill in.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActionField {
    name: &'static str,
    label: &'static str,
    #[schema(value_type = schema::FieldKind)]
    kind: &'static str,
    required: bool,
    /// What may be chosen, for a choice.
    choices: Option<Vec<ChoiceView>>,
}

/// A page of alarms.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmList {
    items: Vec<AlarmSummary>,
    next: Option<String>,
}

/// How many stand where.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountsView {
    raised: u64,
    handling: u64,
    to_close: u64,
    silent: u64,
    #[schema(value_type = ByClass)]
    by_class: serde_json::Map<String, serde_json::Value>,
    today: TodayView,
}

/// Of today.
#[derive(Serialize, ToSchema)]
pub(crate) struct TodayView {
    total: u64,
    real: u64,
    #[serde(rename = "false")]
    false_alarms: u64,
    test: u64,
    mean_take_s: Option<f64>,
}

/// A timeline.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimelineView {
    items: Vec<TimelineItem>,
}

/// Which alarms.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlarmParameters {
    /// `open`, or a state.
    state: Option<String>,
    class: Option<String>,
    unit: Option<String>,
    terminal: Option<String>,
    timing: Option<String>,
    finding: Option<String>,
    cause: Option<String>,
    /// The part that raised it.
    slot: Option<String>,
    region: Option<String>,
    /// Raised from this instant on.
    from: Option<String>,
    /// Raised before this instant.
    until: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u16>,
}

impl AlarmParameters {
    pub(crate) fn filter(self) -> Result<AlarmFilter, Refusal> {
        let states = match self.state.as_deref() {
            None | Some("") => Vec::new(),
            Some("open") => ["raised", "taken", "verified", "forwarded"].map(str::to_owned).to_vec(),
            Some(state) => vec![state.to_owned()],
        };
        Ok(AlarmFilter {
            states,
            class: self.class,
            timing: self.timing,
            unit: self.unit.as_deref().map(page::id).transpose()?,
            terminal: self.terminal.as_deref().map(page::id).transpose()?,
            finding: self.finding,
            cause: self.cause,
            slot: self.slot,
            region: self.region.as_deref().map(|r| page::region(r, "/region")).transpose()?,
            from: instant(self.from.as_deref(), "/from")?,
            until: instant(self.until.as_deref(), "/until")?,
            text: self.q,
            after: page::cursor(self.cursor.as_deref())?,
            limit: page::limit(self.limit),
        })
    }
}

/// To whom and why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct HandOverForm {
    to: String,
    reason: String,
}

/// Why.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReasonForm {
    reason: String,
}

/// What was found.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyForm {
    #[schema(value_type = AlarmFinding)]
    finding: String,
    #[schema(value_type = Option<AlarmCause>)]
    cause: Option<String>,
    note: Option<String>,
    /// What becomes of the members, when there are any; the alarm alone when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<MembersChoice>)]
    members: Option<String>,
}

/// A note.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NoteForm {
    #[serde(default)]
    note: Option<String>,
}

/// A remark.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RemarkForm {
    text: String,
}

/// The end.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CloseForm {
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    unrestored_reason: Option<String>,
    /// What becomes of the members, when there are any; the alarm alone when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<MembersChoice>)]
    members: Option<String>,
}

/// Into which alarm.
#[derive(Deserialize, ToSchema)]
pub(crate) struct MergeForm {
    into: String,
}

/// Nothing to say.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EmptyForm {}

impl AlarmSummary {
    pub(crate) fn of(app: &App, entry: &Entry, alarm: &AlarmLife) -> Self {
        let raise = &alarm.raise;
        Self {
            id: alarm.id.to_string(),
            number: entry.number.clone().unwrap_or_default(),
            version: entry.version,
            class: raise.class.code(),
            class_label: raise.class.label(),
            level: raise.class.level(),
            title: raise.title.clone(),
            state: alarm.state(),
            state_label: alarm.state_label(),
            timing: raise.timing.code(),
            rings: alarm.rings(),
            region: RegionRef::find(app, raise.region),
            township: page::township(app, raise.region),
            unit: raise.unit.map(|id| AlarmUnit::of(app, id, raise.unit_name.clone())),
            place: raise.place.clone(),
            position: lng_lat(raise.position),
            raised_at: raise.raised_at.to_string(),
            last_at: alarm.last_at.to_string(),
            count: alarm.count,
            restored_at: alarm.restored_at.map(|t| t.to_string()),
            building: raise.building.clone(),
            suppressed: filtered::suppressed(alarm),
            coincidence: filtered::coincidence(alarm),
            member: filtered::membership(alarm),
            holder: alarm.holder().map(|h| HolderView {
                seat: h.officer.seat,
                officer: PersonRef::of(&h.officer),
                at: h.at.to_string(),
            }),
            finding: alarm.verdict().map(|v| v.finding.code()),
            finding_label: alarm.verdict().map(|v| v.finding.label()),
            cause_label: alarm.verdict().and_then(|v| v.cause).map(Cause::label),
            closed_at: alarm.closed_at().map(|at| at.to_string()),
            with_desk: alarm.ladder.as_ref().is_none_or(|l| l.with_desk),
            escalated: alarm.ladder.as_ref().and_then(|l| l.reached_words()),
            rings_again: alarm.ladder.as_ref().map_or(0, |l| l.rings),
            next_label: alarm.ladder.as_ref().and_then(|l| l.next).map(|rung| rung.label()),
            next_at: alarm.due_at().map(|t| t.to_string()),
        }
    }
}

impl AlarmUnit {
    fn of(app: &App, id: fengsui_base::UnitId, name: Option<String>) -> Self {
        let facts = app.board().unit(id);
        Self {
            id: id.to_string(),
            name: name.unwrap_or_default(),
            category_label: facts
                .as_ref()
                .map(|f| crate::units::category_label(app, &f.category))
                .unwrap_or_default(),
            key_unit: facts.is_some_and(|f| f.key_unit),
        }
    }
}

impl Alarm {
    fn of(app: &App, view: AlarmView) -> Self {
        let (raise, alarm) = (&view.alarm.raise, &view.alarm);
        Self {
            summary: AlarmSummary::of(app, &view.entry, &view.alarm),
            address: view.unit.as_ref().and_then(|u| page::text(u, "address")),
            floor: raise.floor.clone(),
            points: vec![point(app, alarm)],
            terminal: view.terminal.as_deref().map(|t| terminal(app, t)),
            event_at: raise.event_at.map(|t| t.to_string()),
            sent_at: raise.sent_at.map(|t| t.to_string()),
            received_at: raise.raised_at.to_string(),
            verified: alarm.verdict().map(verified),
            forwarded: alarm.forwarding().map(|f| ForwardedView {
                to: f.to.clone(),
                at: f.at.to_string(),
                by: f.by.name.clone(),
                note: f.note.clone(),
            }),
            closed: alarm.closing().map(|c| ClosedView {
                at: c.at.to_string(),
                by: c.by.name.clone(),
                note: c.note.clone(),
                unrestored_reason: c.unrestored_reason.clone(),
            }),
            contacts: view.unit.as_ref().map(|u| page::items(u, "contacts")).unwrap_or_default(),
            unit_history: view.history.map(|(fires_30d, false_30d)| UnitHistory { fires_30d, false_30d }),
            point_history: view.point_account.as_ref().map(|account| PointHistory::of(alarm, account)),
            frame_seq: view.frame_seq,
            ladder: LadderView::of(app, alarm, &view.messages),
            life: alarm
                .steps()
                .into_iter()
                .map(|(name, at, state)| Step { name, at: at.map(|t| t.to_string()), state: step(state) })
                .collect(),
            trace: filtered::trace(alarm),
            excess: ExcessView::of(alarm),
            incident: filtered::incident(app, &view),
            actions: view.actions.into_iter().map(action).collect(),
        }
    }
}

fn verified(verdict: &fengsui_alarm::Verdict) -> VerifiedView {
    VerifiedView {
        finding: verdict.finding.code(),
        cause: verdict.cause.map(Cause::code),
        cause_label: verdict.cause.map(Cause::label),
        note: verdict.note.clone(),
        by: verdict.by.name.clone(),
        at: verdict.at.to_string(),
    }
}

fn point(app: &App, alarm: &AlarmLife) -> AlarmPoint {
    let raise = &alarm.raise;
    let now = app.alarm_point_state(alarm);
    let conditions = now.as_ref().map_or(Conditions::default(), |(_, s)| Conditions::from_bits(s.bits));
    AlarmPoint {
        id: raise.point.map(|p| p.to_string()),
        label: raise.place.clone(),
        component_label: raise.component_label.clone(),
        component_type: raise.component_type,
        component_address: raise.component_address,
        state_labels: if conditions.is_empty() {
            vec!["正常"]
        } else {
            conditions.iter().map(Condition::label).collect()
        },
        event_at: raise.event_at.map(|t| t.to_string()),
        received_at: raise.raised_at.to_string(),
        sent_at: raise.sent_at.map(|t| t.to_string()),
        first: true,
    }
}

fn terminal(app: &App, terminal: &KnownTerminal) -> AlarmTerminal {
    let facts = terminal.facts();
    AlarmTerminal {
        id: terminal.id.to_string(),
        name: facts.name.clone(),
        source: facts.source.to_string(),
        known: facts.known,
        online: terminal.online(app.now()),
        last_seen_at: terminal.last_heard().map(|t| t.to_string()),
    }
}

fn step(state: StepState) -> &'static str {
    match state {
        StepState::Done => "done",
        StepState::Present => "present",
        StepState::Future => "future",
    }
}

fn action(action: fengsui_alarm::Action) -> Action {
    Action {
        name: action.name,
        label: action.label,
        key: action.key,
        allowed: action.refusal.is_none(),
        reason: action.refusal.map(|r| r.detail),
        primary: action.primary,
        fields: action.fields.into_iter().map(field).collect(),
    }
}

fn field(field: Field) -> ActionField {
    let (kind, choices) = match field.kind {
        FieldKind::Text => ("text", None),
        FieldKind::Person => ("person", None),
        FieldKind::Alarm(all) => {
            let view = |(value, label): (String, String)| ChoiceView { value, label };
            ("choice", Some(all.into_iter().map(view).collect()))
        }
        FieldKind::Choice(all) => {
            let view = |(value, label): (&str, &str)| ChoiceView {
                value: value.to_owned(),
                label: label.to_owned(),
            };
            ("choice", Some(all.into_iter().map(view).collect()))
        }
    };
    ActionField { name: field.name, label: field.label, kind, required: field.required, choices }
}

/// A page of alarms, newest first.
#[utoipa::path(get, path = "/alarms", tag = "alarms", params(AlarmParameters), responses((status = 200, body = AlarmList), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<AlarmParameters>,
) -> Result<Json<AlarmList>, Denied> {
    let found = api.app.alarms(caller.grant(), p.filter()?).await?;
    let items = found.items.iter().map(|(e, a)| AlarmSummary::of(&api.app, e, a)).collect();
    Ok(Json(AlarmList { items, next: found.next.as_ref().map(page::cursor_text) }))
}

fn instant(text: Option<&str>, pointer: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let wrong = || page::bad(pointer, "instant.wrong", "时间写法不对，请清除筛选后重选");
    text.map(|t| t.parse().map_err(|_| wrong())).transpose()
}

/// All open alarms, oldest first: the desk's queue.
#[utoipa::path(get, path = "/alarms/queue", tag = "alarms", responses((status = 200, body = AlarmList), (status = 403, body = Problem)))]
pub(crate) async fn queue(State(api): State<Api>, caller: Caller) -> Result<Json<AlarmList>, Denied> {
    let open = api.app.alarm_queue(caller.grant())?;
    let items = open.iter().map(|a| AlarmSummary::of(&api.app, &a.entry, &a.alarm)).collect();
    Ok(Json(AlarmList { items, next: None }))
}

/// How many alarms stand where.
#[utoipa::path(get, path = "/alarms/counts", tag = "alarms", responses((status = 200, body = CountsView), (status = 403, body = Problem)))]
pub(crate) async fn counts(State(api): State<Api>, caller: Caller) -> Result<Json<CountsView>, Denied> {
    let Counts { raised, handling, to_close, silent, by_class, today } =
        api.app.alarm_counts(caller.grant()).await?;
    let by_class = by_class.into_iter().map(|(class, n)| (class, n.into())).collect();
    let today = TodayView {
        total: today.total,
        real: today.real,
        false_alarms: today.false_alarms,
        test: today.test,
        mean_take_s: today.mean_take_s,
    };
    Ok(Json(CountsView { raised, handling, to_close, silent, by_class, today }))
}

/// One alarm.
#[utoipa::path(get, path = "/alarms/{id}", tag = "alarms", params(("id" = String, Path)), responses((status = 200, body = Alarm), (status = 404, body = Problem)))]
pub(crate) async fn one(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<impl IntoResponse, Denied> {
    let view = api.app.alarm(caller.grant(), AlarmId(id)).await?;
    Ok((etag(view.entry.version), Json(Alarm::of(&api.app, view))))
}

/// The timeline of an alarm, newest first.
#[utoipa::path(get, path = "/alarms/{id}/timeline", tag = "alarms", params(("id" = String, Path)), responses((status = 200, body = TimelineView), (status = 404, body = Problem)))]
pub(crate) async fn timeline(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<TimelineView>, Denied> {
    let rows = api.app.alarm_timeline(caller.grant(), AlarmId(id)).await?;
    Ok(Json(TimelineView { items: rows.into_iter().map(|r| TimelineItem::of(&api.app, r)).collect() }))
}

/// The frame that raised an alarm.
#[utoipa::path(get, path = "/alarms/{id}/frame", tag = "alarms", params(("id" = String, Path)), responses((status = 200, body = frames::FrameView), (status = 404, body = Problem)))]
pub(crate) async fn frame(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
) -> Result<Json<frames::FrameView>, Denied> {
    let row = api.app.alarm_frame(caller.grant(), AlarmId(id)).await?;
    Ok(Json(frames::FrameView::stored(&api.app, &row)))
}

async fn act(
    api: &Api,
    caller: &Caller,
    id: fengsui_base::EntryId,
    command: Command,
) -> Result<impl IntoResponse + use<>, Denied> {
    act_with(api, caller, id, command, None).await
}

async fn act_with(
    api: &Api,
    caller: &Caller,
    id: fengsui_base::EntryId,
    command: Command,
    members: Option<String>,
) -> Result<impl IntoResponse + use<>, Denied> {
    let unknown = || page::bad("/members", "choice.unknown", "没有这个选项，请重新选择");
    let members = members.map(|m| Members::from_code(&m).ok_or_else(unknown)).transpose()?;
    let view =
        api.app.act_on_incident(caller.grant(), AlarmId(id), command, members.unwrap_or_default()).await?;
    Ok((etag(view.entry.version), Json(Alarm::of(&api.app, view))))
}

/// Takes an alarm.
#[utoipa::path(post, path = "/alarms/{id}/take", tag = "alarms", params(("id" = String, Path)), request_body = EmptyForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn take(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(_): Body<EmptyForm>,
) -> Result<impl IntoResponse, Denied> {
    act(&api, &caller, id, Command::Take).await
}

/// Gives an alarm to somebody else.
#[utoipa::path(post, path = "/alarms/{id}/hand-over", tag = "alarms", params(("id" = String, Path)), request_body = HandOverForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn hand_over(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<HandOverForm>,
) -> Result<impl IntoResponse, Denied> {
    let to = AccountId(page::id_in(&form.to, "/to")?);
    act(&api, &caller, id, Command::HandOver { to, reason: form.reason }).await
}

/// Takes an alarm from its holder.
#[utoipa::path(post, path = "/alarms/{id}/take-over", tag = "alarms", params(("id" = String, Path)), request_body = ReasonForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn take_over(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<ReasonForm>,
) -> Result<impl IntoResponse, Denied> {
    act(&api, &caller, id, Command::TakeOver { reason: form.reason }).await
}

/// Records the finding.
#[utoipa::path(post, path = "/alarms/{id}/verify", tag = "alarms", params(("id" = String, Path)), request_body = VerifyForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn verify(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<VerifyForm>,
) -> Result<impl IntoResponse, Denied> {
    let unknown = |pointer| page::bad(pointer, "choice.unknown", "没有这个选项，请重新选择");
    let finding = Finding::from_code(&form.finding).ok_or_else(|| unknown("/finding"))?;
    let cause = form.cause.map(|c| Cause::from_code(&c).ok_or_else(|| unknown("/cause"))).transpose()?;
    let command = Command::Verify { finding, cause, note: form.note };
    act_with(&api, &caller, id, command, form.members).await
}

/// Records that the fire brigade was told.
#[utoipa::path(post, path = "/alarms/{id}/forward", tag = "alarms", params(("id" = String, Path)), request_body = NoteForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn forward(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<NoteForm>,
) -> Result<impl IntoResponse, Denied> {
    act(&api, &caller, id, Command::Forward { note: form.note }).await
}

/// Puts an alarm into another one of the same unit.
#[utoipa::path(post, path = "/alarms/{id}/merge", tag = "alarms", params(("id" = String, Path)), request_body = MergeForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn merge(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<MergeForm>,
) -> Result<impl IntoResponse, Denied> {
    let into = AlarmId(page::id_in(&form.into, "/into")?);
    act(&api, &caller, id, Command::Merge { into }).await
}

/// Takes an alarm out again.
#[utoipa::path(post, path = "/alarms/{id}/unmerge", tag = "alarms", params(("id" = String, Path)), request_body = EmptyForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn unmerge(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(_): Body<EmptyForm>,
) -> Result<impl IntoResponse, Denied> {
    act(&api, &caller, id, Command::Unmerge).await
}

/// Adds a remark.
#[utoipa::path(post, path = "/alarms/{id}/note", tag = "alarms", params(("id" = String, Path)), request_body = RemarkForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn note(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<RemarkForm>,
) -> Result<impl IntoResponse, Denied> {
    act(&api, &caller, id, Command::Note { text: form.text }).await
}

/// Closes an alarm.
#[utoipa::path(post, path = "/alarms/{id}/close", tag = "alarms", params(("id" = String, Path)), request_body = CloseForm, responses((status = 200, body = Alarm), (status = 409, body = Problem)))]
pub(crate) async fn close(
    State(api): State<Api>,
    caller: Caller,
    InPath(id): InPath,
    Body(form): Body<CloseForm>,
) -> Result<impl IntoResponse, Denied> {
    let command = Command::Close { note: form.note, unrestored_reason: form.unrestored_reason };
    act_with(&api, &caller, id, command, form.members).await
}
