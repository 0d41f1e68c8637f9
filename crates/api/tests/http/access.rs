//! Who may call what: every operation of the OpenAPI document is tried as nobody, as a person without a post, as
//! every post that lacks the permission, as the right post of another county, of another unit and of another sector,
//! and as the right post.
//!
//! An operation without a row in the table fails, and so does a row without an operation.

use crate::site::{Answer, Browser, Site};
use axum::http::{Request, StatusCode, header};
use fengsui_access::Appointment;
use fengsui_alarm::{Cause, Cover, Finding, Purpose, WindowDraft, WindowOwner};
use fengsui_app::Command;
use fengsui_app::kit::{self, COUNTY, NEIGHBOUR, NEIGHBOUR_TOWN, PASSWORD, TOWN};
use fengsui_base::AlarmId;
use fengsui_catalog::Permission;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const OPEN_OPERATIONS: &str = include_str!("../open-operations.txt");

/// What it takes to call an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Wants {
    /// Nothing.
    Nothing,
    /// A session, whatever the post.
    Session,
    /// A post with this permission.
    Power(Permission),
}
use Wants::{Nothing, Power, Session};

/// One operation: how to call it with a valid body, what it takes, what the right post gets.
struct Row {
    operation: &'static str,
    wants: Wants,
    gets: u16,
    call: fn(&Things) -> (String, Option<Value>),
}

/// The things of a county that the calls are about.
#[derive(Clone)]
struct Things {
    region: String,
    town: String,
    unit: String,
    terminal: String,
    /// A point of it.
    point: String,
    downlink: String,
    /// A terminal that nobody has claimed.
    stranger: String,
    frame: u64,
    import: String,
    /// Alarms: raised; held by the caller; held by another; found real; found false.
    raised: String,
    mine: String,
    theirs: String,
    real: String,
    wrong: String,
    /// Raised, of the same unit.
    loose: String,
    window: String,
    /// Two hazards, just found.
    hazard: String,
    found: String,
    /// Two open to-dos of units.
    todo: String,
    idle_todo: String,
    account: String,
    colleague: String,
    responder: String,
    idle: String,
    link: String,
    channel: String,
    message: String,
    /// What the names of its drafts of ledgers begin with.
    template: String,
    seat: u16,
}

/// Every operation there is.
fn table() -> Vec<Row> {
    use Permission::{
        AccountManage, AlarmHandle, AlarmRead, CalendarManage, ChannelManage, JournalRead, LabUse,
        LedgerManage, LedgerUse, MessageRead, ResponderRead, ResponderWrite, SystemRead, TerminalAsk,
        TerminalRead, TerminalWrite, TodoWrite, UnitRead, UnitWrite, WindowWrite,
    };
    let row = |operation, wants, gets, call| Row { operation, wants, gets, call };
    let power = Power;
    vec![
        row("GET /api/v1/public/node", Nothing, 200, |_| get("/public/node")),
        row("POST /api/v1/session", Nothing, 200, |_| {
            post("/session", json!({ "account": "sheiye", "password": PASSWORD }))
        }),
        row("GET /api/v1/session", Session, 200, |_| get("/session")),
        row("POST /api/v1/session/password", Session, 422, |_| {
            post("/session/password", json!({ "current": "bu-shi-zhege", "fresh": "lingyige-mima-110" }))
        }),
        row("POST /api/v1/session/lock", Session, 200, |_| empty("/session/lock")),
        row("POST /api/v1/session/unlock", Session, 200, |_| {
            post("/session/unlock", json!({ "password": PASSWORD }))
        }),
        row("GET /api/v1/session/security", Session, 200, |_| get("/session/security")),
        row("POST /api/v1/session/pin", Session, 422, |_| {
            post("/session/pin", json!({ "password": PASSWORD, "pin": "1111" }))
        }),
        row("POST /api/v1/session/factor", Session, 422, |_| {
            post("/session/factor", json!({ "password": "bu-shi-zhege" }))
        }),
        row("POST /api/v1/session/factor/confirm", Session, 409, |_| {
            post("/session/factor/confirm", json!({ "code": "000000" }))
        }),
        row("DELETE /api/v1/sessions/{name}", Session, 404, |_| get("/sessions/0011223344556677")),
        row("DELETE /api/v1/session", Session, 204, |_| get("/session")),
        row("GET /api/v1/seats", power(AlarmHandle), 200, |_| get("/seats")),
        row("POST /api/v1/seats/{seat}/sign-off", Session, 409, |t| {
            empty(format!("/seats/{}/sign-off", t.seat))
        }),
        row("POST /api/v1/seats/{seat}/sign-on", power(AlarmHandle), 409, |t| {
            post(format!("/seats/{}/sign-on", t.seat), json!({ "sound": "heard" }))
        }),
        row("GET /api/v1/seats/reliefs", power(AlarmHandle), 200, |_| get("/seats/reliefs")),
        row("POST /api/v1/seats/{seat}/shift", Session, 409, |t| {
            let form = json!({ "login": "sheiye", "password": PASSWORD, "in_hand": "stay" });
            post(format!("/seats/{}/shift", t.seat), form)
        }),
        row("POST /api/v1/seats/{seat}/mute", Session, 409, |t| {
            post(format!("/seats/{}/mute", t.seat), json!({ "seconds": 60 }))
        }),
        row("DELETE /api/v1/seats/{seat}/mute", Session, 409, |t| get(format!("/seats/{}/mute", t.seat))),
        row("POST /api/v1/seats/{seat}/sound", Session, 409, |t| {
            post(format!("/seats/{}/sound", t.seat), json!({ "sound": "blocked" }))
        }),
        row("GET /api/v1/colleagues", power(AlarmHandle), 200, |_| get("/colleagues")),
        row("GET /api/v1/alarms", power(AlarmRead), 200, |t| {
            get(format!("/alarms?unit={}&terminal={}", t.unit, t.terminal))
        }),
        row("GET /api/v1/alarms/queue", power(AlarmRead), 200, |_| get("/alarms/queue")),
        row("GET /api/v1/outages", power(AlarmRead), 200, |_| get("/outages")),
        row("GET /api/v1/alarms/counts", power(AlarmRead), 200, |_| get("/alarms/counts")),
        row("GET /api/v1/false-alarms", power(AlarmRead), 200, |t| {
            get(format!("/false-alarms?month=2026-11&region={}&unit={}", t.region, t.unit))
        }),
        row("GET /api/v1/alarms/{id}", power(AlarmRead), 200, |t| get(format!("/alarms/{}", t.raised))),
        row("GET /api/v1/alarms/{id}/timeline", power(AlarmRead), 200, |t| {
            get(format!("/alarms/{}/timeline", t.raised))
        }),
        row("GET /api/v1/alarms/{id}/frame", power(AlarmRead), 200, |t| {
            get(format!("/alarms/{}/frame", t.raised))
        }),
        row("POST /api/v1/alarms/{id}/take", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/take", t.raised), json!({}))
        }),
        row("POST /api/v1/alarms/{id}/hand-over", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/hand-over", t.raised), json!({ "to": t.colleague, "reason": "换班" }))
        }),
        row("POST /api/v1/alarms/{id}/take-over", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/take-over", t.theirs), json!({ "reason": "离席" }))
        }),
        row("POST /api/v1/alarms/{id}/verify", power(AlarmHandle), 200, |t| {
            post(
                format!("/alarms/{}/verify", t.mine),
                json!({ "finding": "false", "cause": "steam", "note": "蒸汽" }),
            )
        }),
        row("POST /api/v1/alarms/{id}/merge", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/merge", t.loose), json!({ "into": t.real }))
        }),
        row("POST /api/v1/alarms/{id}/unmerge", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/unmerge", t.loose), json!({}))
        }),
        row("POST /api/v1/alarms/{id}/forward", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/forward", t.real), json!({ "note": "已通话" }))
        }),
        row("POST /api/v1/alarms/{id}/note", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/note", t.mine), json!({ "text": "门卫已到场" }))
        }),
        row("POST /api/v1/alarms/{id}/close", power(AlarmHandle), 200, |t| {
            post(format!("/alarms/{}/close", t.wrong), json!({ "unrestored_reason": "探测器待清洗" }))
        }),
        row("GET /api/v1/events", Session, 200, |_| get("/events?after=0")),
        row("GET /api/v1/map/base", Session, 200, |_| get("/map/base")),
        row("GET /api/v1/map/meta", Session, 200, |_| get("/map/meta")),
        row("GET /api/v1/map/units", power(UnitRead), 200, |_| get("/map/units")),
        row("GET /api/v1/units", power(UnitRead), 200, |t| get(format!("/units?region={}", t.region))),
        row("POST /api/v1/units", power(UnitWrite), 201, |t| post("/units", unit(&t.town, "N-1", "新单位"))),
        row("GET /api/v1/units/{id}", power(UnitRead), 200, |t| get(format!("/units/{}", t.unit))),
        row("PATCH /api/v1/units/{id}", power(UnitWrite), 200, |t| {
            post(format!("/units/{}", t.unit), unit(&t.town, "U889", "云岫纺织"))
        }),
        row("GET /api/v1/units/{id}/covers", power(WindowWrite), 200, |t| {
            get(format!("/units/{}/covers", t.unit))
        }),
        row("GET /api/v1/windows", power(AlarmRead), 200, |t| get(format!("/windows?unit={}", t.unit))),
        row("POST /api/v1/windows", power(WindowWrite), 201, |t| post("/windows", window(&t.unit))),
        row("GET /api/v1/windows/{id}", power(AlarmRead), 200, |t| get(format!("/windows/{}", t.window))),
        row("POST /api/v1/windows/{id}/end", power(WindowWrite), 200, |t| {
            post(format!("/windows/{}/end", t.window), json!({ "reason": "改期" }))
        }),
        row("GET /api/v1/units/signs", power(UnitRead), 200, |t| {
            get(format!("/units/signs?region={}", t.town))
        }),
        row("GET /api/v1/units/export", power(UnitRead), 200, |t| {
            get(format!("/units/export?format=csv&region={}", t.region))
        }),
        row("GET /api/v1/terminals/export", power(TerminalRead), 200, |t| {
            get(format!("/terminals/export?format=csv&unit={}", t.unit))
        }),
        row("GET /api/v1/points/export", power(TerminalRead), 200, |t| {
            get(format!("/points/export?format=csv&terminal={}", t.terminal))
        }),
        row("GET /api/v1/alarms/export", power(AlarmRead), 200, |t| {
            get(format!("/alarms/export?format=csv&unit={}", t.unit))
        }),
        row("GET /api/v1/ledgers", power(LedgerUse), 200, |_| get("/ledgers")),
        row("GET /api/v1/ledgers/{kind}", power(LedgerUse), 200, |_| get("/ledgers/hazard")),
        row("GET /api/v1/ledgers/{kind}/entries", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/entries?region={}", t.region))
        }),
        row("GET /api/v1/ledgers/{kind}/export", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/export?format=csv&region={}", t.region))
        }),
        row("POST /api/v1/ledgers/{kind}/batch/steps", power(LedgerUse), 200, |t| {
            post("/ledgers/hazard/batch/steps", json!({ "ids": [t.hazard] }))
        }),
        row("POST /api/v1/ledgers/{kind}/batch", power(LedgerUse), 200, |t| {
            let body = json!({ "ids": [t.hazard], "move": "fall_due", "fields": {} });
            post("/ledgers/hazard/batch", body)
        }),
        row("GET /api/v1/ledgers/{kind}/tallies", power(LedgerUse), 200, |_| get("/ledgers/hazard/tallies")),
        row("POST /api/v1/ledgers/{kind}/entries", power(LedgerUse), 201, |t| {
            post("/ledgers/hazard/entries", json!({ "move": "register", "fields": hazard(&t.unit) }))
        }),
        row("GET /api/v1/ledgers/{kind}/entries/{id}", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/entries/{}", t.hazard))
        }),
        row("GET /api/v1/ledgers/{kind}/entries/{id}/journal", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/entries/{}/journal", t.hazard))
        }),
        row("GET /api/v1/ledgers/{kind}/entries/{id}/files/{name}", power(LedgerUse), 404, |t| {
            get(format!("/ledgers/hazard/entries/{}/files/none", t.hazard))
        }),
        row("PATCH /api/v1/ledgers/{kind}/entries/{id}", power(LedgerUse), 200, |t| {
            post(format!("/ledgers/hazard/entries/{}", t.hazard), json!({ "fields": { "place": "3 层" } }))
        }),
        row("POST /api/v1/ledgers/{kind}/entries/{id}/moves/{move}", power(LedgerUse), 200, |t| {
            let order = json!({ "correct_by": "2026-12-20", "basis": "消防法 第 16 条" });
            post(format!("/ledgers/hazard/entries/{}/moves/order", t.found), json!({ "fields": order }))
        }),
        row("POST /api/v1/ledgers/{kind}/judgement", power(LedgerUse), 200, |t| {
            post("/ledgers/risk_point/judgement", json!({ "fields": { "unit": t.unit, "method": "lec" } }))
        }),
        row("POST /api/v1/ledgers/{kind}/entries/{id}/remarks", power(LedgerUse), 204, |t| {
            post(format!("/ledgers/hazard/entries/{}/remarks", t.hazard), json!({ "text": "已电话提醒" }))
        }),
        row("GET /api/v1/ledgers/{kind}/entries/{id}/papers", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/entries/{}/papers", t.hazard))
        }),
        row("GET /api/v1/ledgers/{kind}/entries/{id}/papers/{paper}", power(LedgerUse), 404, |t| {
            get(format!("/ledgers/hazard/entries/{}/papers/order_by_date", t.hazard))
        }),
        // The move above has changed it: what was looked at is no longer what would be printed.
        row("POST /api/v1/ledgers/{kind}/entries/{id}/papers", power(LedgerUse), 409, |t| {
            post(format!("/ledgers/hazard/entries/{}/papers", t.found), json!({ "paper": "order_by_date" }))
        }),
        row("GET /api/v1/papers/issued/{id}", power(LedgerUse), 404, |t| {
            get(format!("/papers/issued/{}", t.hazard))
        }),
        row("GET /api/v1/ledgers/{kind}/views", power(LedgerUse), 200, |_| get("/ledgers/hazard/views")),
        row("POST /api/v1/ledgers/{kind}/views", power(LedgerUse), 200, |_| {
            post("/ledgers/hazard/views", json!({ "name": "重大的", "query": { "tab": "overdue" } }))
        }),
        row("PUT /api/v1/ledgers/{kind}/usual-view", power(LedgerUse), 204, |_| {
            post("/ledgers/hazard/usual-view", json!({ "view": null }))
        }),
        row("DELETE /api/v1/ledgers/{kind}/views/{id}", power(LedgerUse), 404, |t| {
            get(format!("/ledgers/hazard/views/{}", t.hazard))
        }),
        row("GET /api/v1/search", power(LedgerUse), 200, |_| get("/search?q=%E9%98%B2%E7%81%AB%E9%97%A8")),
        row("POST /api/v1/ledgers/{kind}/files", power(LedgerUse), 422, |_| {
            post("/ledgers/hazard/files", json!({}))
        }),
        row("GET /api/v1/agenda", power(LedgerUse), 200, |_| get("/agenda")),
        row("GET /api/v1/agenda/days", power(LedgerUse), 200, |_| {
            get("/agenda/days?from=2026-11-01&until=2026-11-30")
        }),
        row("GET /api/v1/rule-packs", power(LedgerUse), 200, |_| get("/rule-packs")),
        row("GET /api/v1/legal-sources", power(LedgerUse), 200, |_| get("/legal-sources")),
        row("GET /api/v1/ledgers/{kind}/places", power(LedgerUse), 200, |t| {
            get(format!("/ledgers/hazard/places?region={}", t.region))
        }),
        row("GET /api/v1/people", power(LedgerUse), 200, |_| get("/people")),
        row("GET /api/v1/units/{id}/archive", power(UnitRead), 200, |t| {
            get(format!("/units/{}/archive", t.unit))
        }),
        row("GET /api/v1/units/{id}/ledgers", power(LedgerUse), 200, |t| {
            get(format!("/units/{}/ledgers", t.unit))
        }),
        row("GET /api/v1/todos", power(UnitRead), 200, |t| {
            get(format!("/todos?unit={}&region={}", t.unit, t.region))
        }),
        row("GET /api/v1/todos/{id}", power(UnitRead), 200, |t| get(format!("/todos/{}", t.todo))),
        row("POST /api/v1/todos/{id}/finish", power(TodoWrite), 200, |t| {
            post(format!("/todos/{}/finish", t.todo), json!({ "done_by": "维保公司", "what": "更换控制器" }))
        }),
        row("POST /api/v1/todos/{id}/decline", power(TodoWrite), 200, |t| {
            post(format!("/todos/{}/decline", t.idle_todo), json!({ "reason": "下月停产拆除" }))
        }),
        row("GET /api/v1/units/categories", Session, 200, |_| get("/units/categories")),
        row("GET /api/v1/imports", power(TerminalWrite), 200, |_| get("/imports")),
        row("POST /api/v1/imports", power(UnitWrite), 422, |_| post("/imports?subject=unit", json!({}))),
        row("POST /api/v1/imports/bulk", power(UnitWrite), 201, |t| {
            let set = json!({ "grid": "第三网格" });
            post("/imports/bulk", json!({ "subject": "unit", "ids": [t.unit], "set": set }))
        }),
        row("GET /api/v1/imports/columns", Session, 200, |_| get("/imports/columns?subject=unit")),
        row("GET /api/v1/imports/template", Session, 200, |_| get("/imports/template?subject=unit")),
        row("GET /api/v1/imports/{id}", power(TerminalWrite), 200, |t| get(format!("/imports/{}", t.import))),
        row("GET /api/v1/imports/{id}/problems", power(TerminalWrite), 200, |t| {
            get(format!("/imports/{}/problems", t.import))
        }),
        row("GET /api/v1/imports/{id}/workbook", power(TerminalWrite), 200, |t| {
            get(format!("/imports/{}/workbook", t.import))
        }),
        row("POST /api/v1/imports/{id}/undo", power(UnitWrite), 409, |t| {
            empty(format!("/imports/{}/undo", t.import))
        }),
        row("POST /api/v1/imports/{id}/confirm", power(UnitWrite), 409, |t| {
            empty(format!("/imports/{}/confirm", t.import))
        }),
        row("POST /api/v1/imports/{id}/columns", power(UnitWrite), 200, |t| {
            let body = json!({ "columns": ["code", "name"], "datum": "cgcs2000" });
            post(format!("/imports/{}/columns", t.import), body)
        }),
        row("POST /api/v1/imports/{id}/cancel", power(UnitWrite), 200, |t| {
            empty(format!("/imports/{}/cancel", t.import))
        }),
        row("GET /api/v1/terminals", power(TerminalRead), 200, |t| {
            get(format!("/terminals?unit={}", t.unit))
        }),
        row("POST /api/v1/terminals", power(TerminalWrite), 201, |t| {
            post("/terminals", json!({ "name": "新终端", "source": "5000", "unit": t.unit }))
        }),
        row("GET /api/v1/terminals/profiles", Session, 200, |_| get("/terminals/profiles")),
        row("GET /api/v1/terminals/{id}", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}", t.terminal))
        }),
        row("GET /api/v1/terminals/{id}/points", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}/points", t.terminal))
        }),
        row("GET /api/v1/terminals/{id}/values", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}/values", t.terminal))
        }),
        row("GET /api/v1/terminals/{id}/values/{key}", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}/values/1.1.1.3?range=month", t.terminal))
        }),
        row("PATCH /api/v1/terminals/{id}/silence", power(TerminalWrite), 200, |t| {
            post(format!("/terminals/{}/silence", t.terminal), json!({ "offline_after_s": 120 }))
        }),
        row("GET /api/v1/points/{id}/limits", power(TerminalRead), 200, |t| {
            get(format!("/points/{}/limits", t.point))
        }),
        row("PATCH /api/v1/points/{id}/limits", power(TerminalWrite), 200, |t| {
            let limits = json!([{ "analog_type": 3, "high": 70, "high_clear": 60, "hold_s": 10 }]);
            post(format!("/points/{}/limits", t.point), json!({ "limits": limits }))
        }),
        row("POST /api/v1/limits/adoption", power(TerminalWrite), 200, |t| {
            post("/limits/adoption", json!({ "unit": t.unit }))
        }),
        // Somebody set its silence just before.
        row("PATCH /api/v1/terminals/{id}", power(TerminalWrite), 409, |t| {
            let form = json!({ "name": "装置", "source": "889", "unit": t.unit, "model": "JB-3208" });
            post(format!("/terminals/{}", t.terminal), form)
        }),
        row("GET /api/v1/terminals/{id}/frames", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}/frames", t.terminal))
        }),
        row("GET /api/v1/terminals/{id}/downlinks", power(TerminalRead), 200, |t| {
            get(format!("/terminals/{}/downlinks", t.terminal))
        }),
        row("POST /api/v1/terminals/{id}/downlinks", power(TerminalAsk), 201, |t| {
            post(format!("/terminals/{}/downlinks", t.terminal), json!({ "order": "read_version" }))
        }),
        row("POST /api/v1/downlinks/{id}/cancel", power(TerminalAsk), 200, |t| {
            empty(format!("/downlinks/{}/cancel", t.downlink))
        }),
        row("GET /api/v1/duty-checks", power(AlarmRead), 200, |t| {
            get(format!("/duty-checks?unit={}&made=2026-11&state=over", t.unit))
        }),
        // Each unit answers for itself: whoever may not see one is told that it has no terminal.
        row("POST /api/v1/duty-checks", power(TerminalAsk), 422, |_| {
            post("/duty-checks", json!({ "units": [], "minutes": 5 }))
        }),
        row("GET /api/v1/duty-checks/scores", power(AlarmRead), 200, |_| {
            get("/duty-checks/scores?month=2026-11")
        }),
        row("PUT /api/v1/units/{id}/duty-plan", power(TerminalAsk), 204, |t| {
            post(format!("/units/{}/duty-plan", t.unit), json!({ "per_week": 2 }))
        }),
        row("GET /api/v1/units/{id}/floors", power(UnitRead), 200, |t| {
            get(format!("/units/{}/floors", t.unit))
        }),
        row("GET /api/v1/units/{id}/floors/points", power(UnitRead), 200, |t| {
            get(format!("/units/{}/floors/points?floor=2", t.unit))
        }),
        row("PUT /api/v1/units/{id}/floors/places", power(UnitWrite), 204, |t| {
            post(format!("/units/{}/floors/places", t.unit), json!({ "places": [] }))
        }),
        // What is sent here is no picture, and a floor without a plan has none to take away: the right post is
        // told so, everybody else is told nothing.
        row("PUT /api/v1/units/{id}/floors/plan", power(UnitWrite), 422, |t| {
            post(format!("/units/{}/floors/plan?floor=2", t.unit), json!({}))
        }),
        row("DELETE /api/v1/units/{id}/floors/plan", power(UnitWrite), 404, |t| {
            get(format!("/units/{}/floors/plan?floor=2", t.unit))
        }),
        row("GET /api/v1/units/{id}/pictures/{name}", power(UnitRead), 404, |t| {
            get(format!("/units/{}/pictures/none", t.unit))
        }),
        row("GET /api/v1/alarms/{id}/plan", power(AlarmRead), 200, |t| {
            get(format!("/alarms/{}/plan", t.raised))
        }),
        row("GET /api/v1/quarantine", power(TerminalRead), 200, |_| get("/quarantine")),
        row("GET /api/v1/quarantine/{id}", power(TerminalRead), 200, |t| {
            get(format!("/quarantine/{}", t.stranger))
        }),
        row("POST /api/v1/quarantine/{id}/ignore", power(TerminalWrite), 200, |t| {
            post(
                format!("/quarantine/{}/ignore", t.stranger),
                json!({ "reason": "调试", "until_on": "2026-11-30" }),
            )
        }),
        row("POST /api/v1/quarantine/{id}/block", power(TerminalWrite), 200, |t| {
            post(format!("/quarantine/{}/block", t.stranger), json!({ "reason": "外地设备" }))
        }),
        row("POST /api/v1/quarantine/{id}/release", power(TerminalWrite), 200, |t| {
            empty(format!("/quarantine/{}/release", t.stranger))
        }),
        row("POST /api/v1/quarantine/{id}/adopt", power(TerminalWrite), 200, |t| {
            post(
                format!("/quarantine/{}/adopt", t.stranger),
                json!({ "name": "二号装置", "source": "", "unit": t.unit }),
            )
        }),
        row("GET /api/v1/frames/{seq}", power(TerminalRead), 200, |t| get(format!("/frames/{}", t.frame))),
        row("GET /api/v1/papers", power(UnitRead), 200, |_| get("/papers")),
        row("GET /api/v1/papers/{name}/template", power(UnitRead), 200, |_| {
            get("/papers/service_receipt/template")
        }),
        row("GET /api/v1/papers/{name}/form", power(UnitRead), 200, |_| get("/papers/service_receipt/form")),
        // What is sent here is no document of Word: the right post is told so, everybody else is told nothing.
        row("POST /api/v1/papers/{name}/check", power(UnitRead), 422, |_| {
            post("/papers/service_receipt/check", json!({}))
        }),
        row("GET /api/v1/wires", power(LabUse), 200, |_| get("/wires")),
        row("POST /api/v1/wires/trial", power(LabUse), 200, |_| {
            post("/wires/trial", json!({ "codec": "nb-smoke", "text": "{}" }))
        }),
        row("POST /api/v1/lab/frames", power(LabUse), 200, |_| post("/lab/frames", json!({ "hex": "4040" }))),
        row("GET /api/v1/accounts", power(AccountManage), 200, |_| get("/accounts")),
        row("POST /api/v1/accounts", power(AccountManage), 201, |t| {
            post(
                "/accounts",
                json!({ "login": "xinren", "name": "新人", "posts": [{ "post": "duty_officer", "region": t.region }] }),
            )
        }),
        row("GET /api/v1/accounts/{id}", power(AccountManage), 200, |t| {
            get(format!("/accounts/{}", t.account))
        }),
        row("PATCH /api/v1/accounts/{id}", power(AccountManage), 200, |t| {
            post(format!("/accounts/{}", t.account), json!({ "name": "赵一" }))
        }),
        row("POST /api/v1/accounts/{id}/disable", power(AccountManage), 200, |t| {
            empty(format!("/accounts/{}/disable", t.account))
        }),
        row("POST /api/v1/accounts/{id}/enable", power(AccountManage), 200, |t| {
            empty(format!("/accounts/{}/enable", t.account))
        }),
        row("POST /api/v1/accounts/{id}/reset-password", power(AccountManage), 200, |t| {
            empty(format!("/accounts/{}/reset-password", t.account))
        }),
        row("POST /api/v1/accounts/{id}/reset-factor", power(AccountManage), 200, |t| {
            empty(format!("/accounts/{}/reset-factor", t.account))
        }),
        row("GET /api/v1/posts", power(AccountManage), 200, |_| get("/posts")),
        row("GET /api/v1/responders", power(ResponderRead), 200, |_| get("/responders?role=deputy")),
        row("POST /api/v1/responders", power(ResponderWrite), 201, |t| {
            post("/responders", responder(&t.region))
        }),
        row("GET /api/v1/responders/roles", Session, 200, |_| get("/responders/roles")),
        row("GET /api/v1/responders/{id}", power(ResponderRead), 200, |t| {
            get(format!("/responders/{}", t.responder))
        }),
        row("PATCH /api/v1/responders/{id}", power(ResponderWrite), 200, |t| {
            post(format!("/responders/{}", t.responder), responder(&t.region))
        }),
        row("POST /api/v1/responders/{id}/disable", power(ResponderWrite), 200, |t| {
            empty(format!("/responders/{}/disable", t.responder))
        }),
        row("POST /api/v1/responders/{id}/enable", power(ResponderWrite), 200, |t| {
            empty(format!("/responders/{}/enable", t.idle))
        }),
        row("GET /api/v1/public/answers/{token}", Nothing, 200, |t| {
            get(format!("/public/answers/{}", t.link))
        }),
        row("POST /api/v1/public/answers/{token}", Nothing, 200, |t| {
            post(format!("/public/answers/{}", t.link), json!({ "answer": "received" }))
        }),
        row("GET /api/v1/regions", Session, 200, |t| get(format!("/regions?parent={}", t.region))),
        row("GET /api/v1/calendar/years", Session, 200, |_| get("/calendar/years")),
        row("GET /api/v1/calendar/years/{year}", Session, 200, |_| get("/calendar/years/2026")),
        row("PUT /api/v1/calendar/years/{year}", power(CalendarManage), 200, |_| {
            let off = json!([{ "on": "2026-01-01", "name": "元旦" }]);
            post("/calendar/years/2026", json!({ "source": "通知", "off": off, "makeup": [] }))
        }),
        row("GET /api/v1/ledger-templates", power(LedgerManage), 200, |_| get("/ledger-templates")),
        row("POST /api/v1/ledger-templates", power(LedgerManage), 201, |t| {
            post("/ledger-templates", template("新整治", "XZZ", &t.region))
        }),
        row("POST /api/v1/ledger-templates/preview", power(LedgerManage), 200, |t| {
            post("/ledger-templates/preview", template("另一整治", "LYZ", &t.region))
        }),
        row("GET /api/v1/ledger-templates/attention", power(LedgerManage), 200, |_| {
            get("/ledger-templates/attention")
        }),
        row("PUT /api/v1/ledger-templates/{kind}/overlay", power(LedgerManage), 409, |_| {
            post("/ledger-templates/hazard/overlay", added())
        }),
        row("POST /api/v1/ledger-templates/{kind}/overlay/adopt", power(LedgerManage), 409, |_| {
            empty("/ledger-templates/hazard/overlay/adopt")
        }),
        row("POST /api/v1/ledger-templates/{kind}/overlay/preview", power(LedgerManage), 200, |_| {
            post("/ledger-templates/hazard/overlay/preview", added())
        }),
        row("GET /api/v1/ledger-templates/{kind}", power(LedgerManage), 200, |t| {
            get(format!("/ledger-templates/{}1", t.template))
        }),
        row("PUT /api/v1/ledger-templates/{kind}", power(LedgerManage), 200, |t| {
            post(format!("/ledger-templates/{}1", t.template), template("整治一", "ZZA", &t.region))
        }),
        row("POST /api/v1/ledger-templates/{kind}/adopt", power(LedgerManage), 200, |t| {
            empty(format!("/ledger-templates/{}2/adopt", t.template))
        }),
        row("POST /api/v1/ledger-templates/{kind}/end", power(LedgerManage), 200, |t| {
            post(format!("/ledger-templates/{}3/end", t.template), json!({ "reason": "不做了" }))
        }),
        row("GET /api/v1/channels", power(ChannelManage), 200, |_| get("/channels")),
        row("POST /api/v1/channels", power(ChannelManage), 201, |_| post("/channels", channel("新通道"))),
        row("GET /api/v1/channels/faults", power(AlarmHandle), 200, |_| get("/channels/faults")),
        row("GET /api/v1/channels/{id}", power(ChannelManage), 200, |t| {
            get(format!("/channels/{}", t.channel))
        }),
        row("PATCH /api/v1/channels/{id}", power(ChannelManage), 200, |t| {
            post(format!("/channels/{}", t.channel), channel("短信"))
        }),
        row("POST /api/v1/channels/{id}/enable", power(ChannelManage), 200, |t| {
            empty(format!("/channels/{}/enable", t.channel))
        }),
        row("POST /api/v1/channels/{id}/disable", power(ChannelManage), 200, |t| {
            empty(format!("/channels/{}/disable", t.channel))
        }),
        row("POST /api/v1/channels/{id}/test", power(ChannelManage), 202, |t| {
            post(format!("/channels/{}/test", t.channel), json!({ "to": "13800000001" }))
        }),
        row("POST /api/v1/channels/{id}/inbound", power(ChannelManage), 200, |t| {
            empty(format!("/channels/{}/inbound", t.channel))
        }),
        row("POST /api/v1/inbound/{channel}/{secret}", Nothing, 404, |t| {
            post(format!("/inbound/{}/nothing", t.channel), json!({}))
        }),
        row("GET /api/v1/messages", power(MessageRead), 200, |t| {
            get(format!("/messages?channel={}", t.channel))
        }),
        row("GET /api/v1/messages/{id}", power(MessageRead), 200, |t| {
            get(format!("/messages/{}", t.message))
        }),
        row("GET /api/v1/system/status", power(SystemRead), 200, |_| get("/system/status")),
        row("GET /api/v1/journal", power(JournalRead), 200, |t| {
            get(format!("/journal?subject={}", t.raised))
        }),
    ]
}

/// The post that is tried as the right one: the one with the fewest other permissions.
fn right_post(permission: Permission) -> &'static str {
    match permission {
        Permission::AlarmRead | Permission::UnitRead | Permission::TerminalRead => "township_officer",
        Permission::AlarmHandle | Permission::LabUse | Permission::MessageRead => "duty_officer",
        Permission::ResponderRead | Permission::TerminalAsk => "duty_officer",
        Permission::TerminalOrder => "system_admin",
        Permission::ResponderWrite => "system_admin",
        Permission::UnitWrite
        | Permission::TerminalWrite
        | Permission::WindowWrite
        | Permission::TodoWrite
        | Permission::LedgerUse => "fire_supervisor",
        Permission::ViewShare => "brigade_head",
        Permission::AccountManage => "security_admin",
        Permission::SystemRead
        | Permission::ChannelManage
        | Permission::CalendarManage
        | Permission::LedgerManage => "system_admin",
        Permission::JournalRead => "audit_admin",
    }
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let rows = table();
    let named: BTreeSet<_> = rows.iter().map(|r| r.operation.to_owned()).collect();
    assert_eq!(named.len(), rows.len(), "an operation stands twice in the table");
    assert_eq!(named, documented(), "table (left) and OpenAPI document (right) differ");
}

#[tokio::test]
async fn nobody_gets_in_but_through_the_open_operations() {
    let county = County::open().await;
    let open = open_operations();
    for row in table() {
        let answer = county.call(&row, &Browser::default(), &county.own).await;
        assert_eq!(
            row.wants == Nothing,
            open.contains(row.operation),
            "{}: see open-operations.txt",
            row.operation
        );
        if row.wants == Nothing {
            assert_eq!(answer.status.as_u16(), row.gets, "{}", row.operation);
        } else {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::UNAUTHORIZED, "session.none"),
                "{}",
                row.operation
            );
        }
    }
    let documented = documented();
    for other in open.iter().filter(|o| !documented.contains(*o)) {
        let (_, path) = other.split_once(' ').unwrap();
        assert_eq!(county.site.get(&Browser::default(), path).await.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn a_person_without_a_post_may_do_nothing() {
    let county = County::open().await;
    for row in table() {
        let browser = county.site.browser("wugang").await;
        let answer = county.call(&row, &browser, &county.own).await;
        match row.wants {
            Power(_) => assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "access.denied"),
                "{}",
                row.operation
            ),
            Nothing | Session => {
                assert_eq!(answer.status.as_u16(), row.gets, "{}: {}", row.operation, answer.body)
            }
        }
    }
}

#[tokio::test]
async fn every_post_that_lacks_the_permission_is_refused() {
    let county = County::open().await;
    let catalog = kit::catalog();
    let mut browsers = BTreeMap::new();
    for post in catalog.posts() {
        browsers.insert(post.name.clone(), county.site.browser(&login_of(&post.name, COUNTY)).await);
    }
    for row in table() {
        let Power(permission) = row.wants else { continue };
        for post in catalog.posts().filter(|p| !p.permissions.contains(&permission)) {
            let answer = county.call(&row, &browsers[&post.name], &county.own).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "access.denied"),
                "{} as {}",
                row.operation,
                post.name
            );
        }
    }
}

#[tokio::test]
async fn to_another_county_nothing_of_this_one_exists() {
    let county = County::open().await;
    for row in table() {
        let post = if let Power(permission) = row.wants { right_post(permission) } else { "duty_leader" };
        let browser = county.site.browser(&login_of(post, NEIGHBOUR)).await;
        let real = county.call(&row, &browser, &county.own).await;
        county.reveals_nothing(&row, &real);
        if matches!(row.wants, Power(_)) {
            let absent = county.call(&row, &browser, &county.absent).await;
            assert_eq!(real, absent, "{}: told apart from what does not exist", row.operation);
            let about_a_thing = row.operation.contains('{') && !OF_EVERY_COUNTY.contains(&row.operation);
            assert!(!about_a_thing || real.code() == "not_found", "{}: {}", row.operation, real.body);
        }
        assert_ne!(real.status.as_u16() / 100, 5, "{}: {}", row.operation, real.body);
    }
}

#[tokio::test]
async fn the_right_post_gets_what_it_asks_for() {
    let county = County::open().await;
    let mut browsers = BTreeMap::new();
    for row in table() {
        let post = if let Power(permission) = row.wants { right_post(permission) } else { "duty_leader" };
        let ends_the_session = row.operation == "DELETE /api/v1/session";
        if ends_the_session || !browsers.contains_key(post) {
            browsers.insert(post, county.site.browser(&login_of(post, COUNTY)).await);
        }
        let answer = county.call(&row, &browsers[post], &county.own).await;
        assert_eq!(answer.status.as_u16(), row.gets, "{} as {post}: {}", row.operation, answer.body);
        if ends_the_session {
            browsers.remove(post);
        }
    }
}

/// What is about a ledger or a form as such, which every county has.
const OF_EVERY_COUNTY: [&str; 16] = [
    "POST /api/v1/ledgers/{kind}/judgement",
    "POST /api/v1/ledgers/{kind}/batch/steps",
    "POST /api/v1/ledgers/{kind}/batch",
    "GET /api/v1/ledgers/{kind}",
    "GET /api/v1/ledgers/{kind}/entries",
    "GET /api/v1/ledgers/{kind}/export",
    "GET /api/v1/ledgers/{kind}/tallies",
    "GET /api/v1/ledgers/{kind}/places",
    "POST /api/v1/ledgers/{kind}/entries",
    "POST /api/v1/ledgers/{kind}/files",
    "GET /api/v1/ledgers/{kind}/views",
    "POST /api/v1/ledgers/{kind}/views",
    "PUT /api/v1/ledgers/{kind}/usual-view",
    "GET /api/v1/papers/{name}/template",
    "GET /api/v1/papers/{name}/form",
    "POST /api/v1/papers/{name}/check",
];

/// Moves of a hazard that are not the unit's and not its department's.
const MOVES_OF_OTHERS: [&str; 3] = [
    "POST /api/v1/ledgers/{kind}/entries",
    "PATCH /api/v1/ledgers/{kind}/entries/{id}",
    "POST /api/v1/ledgers/{kind}/entries/{id}/moves/{move}",
];

/// What a post of units may ask for, and is told nothing of: strangers belong to nobody, the to-do to another unit.
const NOT_OF_UNITS: [&str; 3] = [
    "GET /api/v1/quarantine/{id}",
    "GET /api/v1/todos/{id}",
    // A paper is not offered to whom it does not belong to issue it.
    "POST /api/v1/ledgers/{kind}/entries/{id}/papers",
];

/// Whoever holds a post for units or sectors.
fn of_units() -> [(&'static str, &'static str, &'static str); 2] {
    [("unit_safety_manager", "own.unit", "other.unit"), ("sector_department", "own.sector", "other.sector")]
}

#[tokio::test]
async fn to_another_unit_and_another_sector_nothing_of_this_one_exists() {
    let county = County::open().await;
    for (post, _, other) in of_units() {
        for row in table() {
            let browser = county.site.browser(other).await;
            let real = county.call(&row, &browser, &county.own).await;
            county.reveals_nothing_of_the_unit(&row, &real);
            // A list asked for by the town has what is hers there.
            if matches!(row.wants, Power(_)) && row.operation.contains('{') {
                let absent = county.call(&row, &browser, &county.absent).await;
                assert_eq!(real, absent, "{} as {post}: told apart from what does not exist", row.operation);
            }
            assert_ne!(real.status.as_u16() / 100, 5, "{}: {}", row.operation, real.body);
        }
    }
}

#[tokio::test]
async fn a_post_of_the_unit_or_of_its_sector_reads_what_is_of_the_unit_and_changes_nothing() {
    let county = County::open().await;
    let catalog = kit::catalog();
    for (post, own, _) in of_units() {
        let held = &catalog.posts().find(|p| p.name == post).unwrap().permissions;
        for row in table() {
            let Power(permission) = row.wants else { continue };
            let browser = county.site.browser(own).await;
            let answer = county.call(&row, &browser, &county.own).await;
            let expected = match held.contains(&permission) {
                true if NOT_OF_UNITS.contains(&row.operation) => 404,
                true if MOVES_OF_OTHERS.contains(&row.operation) => 403,
                true => row.gets,
                false => 403,
            };
            assert_eq!(answer.status.as_u16(), expected, "{} as {post}: {}", row.operation, answer.body);
            county.reveals_no_other_unit(&row, &answer);
        }
    }
}

/// The operations of the document, as `METHOD path`.
fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(fengsui_api::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let methods = |(path, item): (&String, &Value)| {
        let named = item
            .as_object()
            .unwrap()
            .keys()
            .filter(|k| ["get", "post", "put", "patch", "delete"].contains(&k.as_str()));
        named.map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.flat_map(methods).collect()
}

/// The reviewed list, as `METHOD path`.
fn open_operations() -> BTreeSet<String> {
    let lines = OPEN_OPERATIONS.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    let operation = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    lines.map(operation).collect()
}

fn get(path: impl Into<String>) -> (String, Option<Value>) {
    (path.into(), None)
}

fn empty(path: impl Into<String>) -> (String, Option<Value>) {
    (path.into(), None)
}

fn post(path: impl Into<String>, body: Value) -> (String, Option<Value>) {
    (path.into(), Some(body))
}

fn responder(region: &str) -> Value {
    json!({ "name": "副班甲", "role": "deputy", "region": region, "phone": "139 0000 0001" })
}

/// A field to add to a shipped ledger.
fn added() -> Value {
    json!({ "fields": [{ "label": "是否涉氨", "type": "truth" }] })
}

/// A ledger of the site as an administrator fills it in.
fn template(label: &str, number: &str, region: &str) -> Value {
    json!({ "label": label, "measure": "处", "number": number, "pattern": "tally", "area": [region],
        "ends_on": "2026-12-31" })
}

fn channel(name: &str) -> Value {
    json!({ "name": name, "driver": "test", "settings": { "stands_for": "sms" }, "per_minute": 60, "order": 0 })
}

fn sector(name: &str) -> fengsui_base::Fields {
    [("sector".to_owned(), name.into())].into_iter().collect()
}

/// A drill of the day after tomorrow.
fn drill() -> WindowDraft {
    WindowDraft {
        purpose: Purpose::Drill,
        cover: Cover::Unit,
        reason: "灭火疏散演练".to_owned(),
        owner: WindowOwner { name: "王强".to_owned(), phone: "13900001234".to_owned() },
        from_at: Some("2026-11-23T10:00:00Z".parse().unwrap()),
        until_at: "2026-11-23T12:00:00Z".parse().unwrap(),
    }
}

/// A drill of tomorrow evening.
fn window(unit: &str) -> Value {
    json!({
        "unit": unit, "purpose": "drill", "cover": "unit", "reason": "灭火疏散演练", "owner_name": "王强",
        "owner_phone": "13900001234", "from_at": "2026-11-22T10:00:00Z", "until_at": "2026-11-22T12:00:00Z"
    })
}

/// A hazard of a unit.
fn hazard(unit: &str) -> Value {
    json!({ "what": "防火门损坏", "unit": unit, "category": "facility", "risk": "low", "found_on": "2026-11-20" })
}

fn unit(region: &str, code: &str, name: &str) -> Value {
    json!({ "code": code, "name": name, "category": "factory", "region": region, "address": "工业路 8 号", "key_unit": true })
}

/// The login of the officer with a post in a county.
fn login_of(post: &str, region: &str) -> String {
    let county = if region == COUNTY { "a" } else { "b" };
    format!("{post}.{county}")
}

/// Two counties with everybody in them.
struct County {
    site: Site,
    own: Things,
    absent: Things,
}

impl County {
    async fn open() -> Self {
        let site = Site::open().await;
        site.desk.employ_with("wugang", "无岗", &[]).await;
        site.desk.employ_with("sheiye", "谁也", &[]).await;
        for post in kit::catalog().posts() {
            for region in [COUNTY, NEIGHBOUR] {
                site.desk
                    .employ(&login_of(&post.name, region), &format!("{}甲", post.label), &post.name, region)
                    .await;
            }
        }
        let own = Self::things(&site).await;
        Self::employ_of_units(&site, &own).await;
        let nothing = "01900000-0000-7000-8000-00000000dead".to_owned();
        let absent = Things {
            region: "990199000000".to_owned(),
            town: "990199001000".to_owned(),
            unit: nothing.clone(),
            terminal: nothing.clone(),
            point: nothing.clone(),
            stranger: nothing.clone(),
            frame: 99_999_999,
            import: nothing.clone(),
            raised: nothing.clone(),
            mine: nothing.clone(),
            theirs: nothing.clone(),
            real: nothing.clone(),
            wrong: nothing.clone(),
            loose: nothing.clone(),
            window: nothing.clone(),
            hazard: nothing.clone(),
            found: nothing.clone(),
            todo: nothing.clone(),
            idle_todo: nothing.clone(),
            downlink: nothing.clone(),
            account: nothing.clone(),
            colleague: nothing.clone(),
            responder: nothing.clone(),
            idle: nothing.clone(),
            link: "0".repeat(32),
            channel: nothing.clone(),
            message: nothing.clone(),
            template: nothing,
            seat: 9,
        };
        Self { site, own, absent }
    }

    async fn things(site: &Site) -> Things {
        let desk = &site.desk;
        let unit = desk.register_in("云岫纺织", TOWN, "889", 8, sector("工业")).await;
        desk.register("石桥粮库", NEIGHBOUR_TOWN, "990", 8).await;
        let li = desk.on_duty("liqiang", "李强", "duty_officer", 2).await;
        let caller = desk.sign_in(&login_of("duty_officer", COUNTY)).await;
        desk.app.sign_on(&caller, 1, fengsui_app::SoundTest::Heard).await.unwrap();
        let caller = desk.sign_in(&login_of("duty_officer", COUNTY)).await;
        let mut alarms = Vec::new();
        for point in 1..=6 {
            alarms.push(AlarmId(desk.fire("889", point).await.entry.id));
        }
        let act = async |by: &fengsui_app::SignedIn, alarm: usize, command| {
            desk.app.act_on_alarm(&by.grant, alarms[alarm], command).await.unwrap();
        };
        act(&caller, 1, Command::Take).await;
        act(&li, 2, Command::Take).await;
        act(&caller, 3, Command::Take).await;
        act(&caller, 3, Command::Verify { finding: Finding::Real, cause: None, note: None }).await;
        act(&caller, 4, Command::Take).await;
        act(&caller, 4, Command::Verify { finding: Finding::False, cause: Some(Cause::Dust), note: None })
            .await;
        let (channel, message) = Self::channel(desk).await;
        let admin = desk.sign_in(&login_of("system_admin", COUNTY)).await;
        let year = desk.app.calendar_year(2026).unwrap().year.clone();
        desk.app.set_calendar_year(&admin.grant, year, 0).await.unwrap();
        for (label, number) in [("整治一", "ZZA"), ("整治二", "ZZB"), ("整治三", "ZZC")] {
            let form = fengsui_catalog::SiteLedger {
                label: label.to_owned(),
                measure: "处".to_owned(),
                number: number.to_owned(),
                pattern: "tally".to_owned(),
                fields: Vec::new(),
                area: desk.app.campaign_area(&[kit::code(COUNTY)]).unwrap(),
                ends_on: "2026-12-31".parse().unwrap(),
                target: None,
            };
            desk.app.draft_site_ledger(&admin.grant, form, None).await.unwrap();
        }
        let window = desk.app.create_window(&caller.grant, unit, drill(), None).await.unwrap().entry.id;
        for source in ["881", "882"] {
            desk.register_aged("东渚老厂", TOWN, source, "2013-05-01", Default::default()).await;
        }
        desk.app.reconcile_ages().await.unwrap();
        let filter = fengsui_app::TodoFilter { limit: 2, ..Default::default() };
        let todos = desk.app.todos(&caller.grant, filter).await.unwrap().items;
        let terminal = desk.terminal("889");
        let clock = fengsui_app::Order::ReadClock;
        let downlink = desk.app.order(&caller.grant, terminal, clock, None).await.unwrap();
        desk.hears("70001", vec![]).await.unwrap();
        let frame = desk.app.frames(&caller.grant, terminal, None, 1).await.unwrap()[0].seq;
        let supervisor = desk.sign_in(&login_of("fire_supervisor", COUNTY)).await;
        let mut hazards = Vec::new();
        for _ in 0..2 {
            let fields = hazard(&unit.to_string()).as_object().unwrap().clone();
            let form = fengsui_app::LedgerForm { mv: "register".to_owned(), fields, ..Default::default() };
            let opened = desk.app.open_entry(&supervisor.grant, "hazard", form, None).await.unwrap();
            hazards.push(opened.id.to_string());
        }
        let mut file = desk.app.receive_import().await.unwrap();
        file.push("编号,单位名称\nU889,云岫纺织\n".as_bytes()).await.unwrap();
        let draft = fengsui_app::ImportDraft {
            subject: fengsui_app::ImportSubject::Unit,
            ledger: None,
            file_name: "云岫名册.csv".to_owned(),
            datum: Default::default(),
        };
        let import =
            desk.app.create_import(&supervisor.grant, draft, file).await.unwrap().entry.id.to_string();
        while desk.app.reconcile_imports().await.unwrap() {}
        let responder = desk.enlist("deputy", "副班甲", "13900000001", COUNTY).await;
        let idle = desk.enlist("deputy", "副班乙", "13900000002", COUNTY).await;
        let leader = desk.sign_in(&login_of("duty_leader", COUNTY)).await;
        desk.app.disable_responder(&leader.grant, idle).await.unwrap();
        Things {
            responder: responder.to_string(),
            idle: idle.to_string(),
            link: desk.link().await,
            region: COUNTY.to_owned(),
            town: TOWN.to_owned(),
            unit: unit.to_string(),
            terminal: terminal.to_string(),
            point: desk.app.board().terminal(terminal).unwrap().points()[0].1.id.to_string(),
            stranger: desk.terminal("70001").to_string(),
            frame,
            import,
            raised: alarms[0].to_string(),
            mine: alarms[1].to_string(),
            theirs: alarms[2].to_string(),
            real: alarms[3].to_string(),
            wrong: alarms[4].to_string(),
            loose: alarms[5].to_string(),
            window: window.to_string(),
            hazard: hazards[0].clone(),
            found: hazards[1].clone(),
            todo: todos[0].entry.id.to_string(),
            idle_todo: todos[1].entry.id.to_string(),
            downlink: downlink.id.to_string(),
            account: desk.employ("zhaoyi", "赵一一", "township_officer", TOWN).await.to_string(),
            colleague: li.grant.account().to_string(),
            channel: channel.to_string(),
            message: message.to_string(),
            template: "local_".to_owned(),
            seat: 1,
        }
    }

    /// Whoever holds a post for the unit, for its sector, for another unit and for another sector.
    async fn employ_of_units(site: &Site, own: &Things) {
        let desk = &site.desk;
        let other = desk.register_in("南湖学校", TOWN, "883", 2, sector("教育")).await;
        desk.fire("883", 1).await;
        let town = || TOWN.parse().unwrap();
        let of_unit =
            |unit| Appointment { units: vec![unit], ..Appointment::of("unit_safety_manager", town()) };
        let of_sector = |name: &str| Appointment {
            sectors: vec![name.to_owned()],
            ..Appointment::of("sector_department", COUNTY.parse().unwrap())
        };
        let own = fengsui_base::UnitId(own.unit.parse().unwrap());
        for (login, appointment) in [
            ("own.unit", of_unit(own)),
            ("other.unit", of_unit(other)),
            ("own.sector", of_sector("工业")),
            ("other.sector", of_sector("教育")),
        ] {
            desk.appoint(login, "张安", vec![appointment]).await;
        }
    }

    /// A channel with a message that was sent through it.
    async fn channel(desk: &kit::Desk) -> (fengsui_base::EntryId, fengsui_base::EntryId) {
        let admin = desk.sign_in(&login_of("system_admin", COUNTY)).await;
        let draft = fengsui_app::ChannelDraft {
            name: "短信".to_owned(),
            driver: fengsui_app::Driver::Test,
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            per_minute: 60,
            order: 0,
        };
        let channel = desk.app.create_channel(&admin.grant, draft, None).await.unwrap().id;
        (channel, desk.app.test_channel(&admin.grant, channel, "13800000001").await.unwrap())
    }

    async fn call(&self, row: &Row, browser: &Browser, about: &Things) -> Answer {
        let (path, body) = (row.call)(about);
        let (method, _) = row.operation.split_once(' ').unwrap();
        let mut request: Request<_> = browser.request(method, &format!("/api/v1{path}"), body.as_ref());
        if method == "PATCH"
            || method == "PUT"
            || row.operation.contains("/moves/")
            || row.operation.ends_with("/entries/{id}/papers")
            || row.operation.contains("/ledger-templates/{kind}/")
        {
            request.headers_mut().insert(header::IF_MATCH, "\"1\"".parse().unwrap());
        }
        self.site.ask(request).await
    }

    /// Nothing that names a thing of the unit stands in an answer to somebody of another one in the same town.
    fn reveals_nothing_of_the_unit(&self, row: &Row, answer: &Answer) {
        let t = &self.own;
        let things =
            [&t.unit, &t.terminal, &t.raised, &t.mine, &t.theirs, &t.real, &t.wrong, &t.loose, &t.window];
        let others = [&t.stranger, &t.todo, &t.account, &t.colleague, &t.hazard, &t.found];
        let names = ["云岫纺织", "东渚老厂", "李强", "赵一一"];
        let words = things.into_iter().chain(others).map(String::as_str).chain(names);
        self.lacks(row, answer, words);
    }

    /// Nothing that names another unit stands in an answer to somebody of this one.
    fn reveals_no_other_unit(&self, row: &Row, answer: &Answer) {
        self.lacks(row, answer, ["东渚老厂", "南湖学校", "U883", "U881"].into_iter());
    }

    fn lacks<'w>(&self, row: &Row, answer: &Answer, words: impl Iterator<Item = &'w str>) {
        for word in words {
            assert!(!answer.body.contains(word), "{} tells of {word}: {}", row.operation, answer.body);
        }
    }

    /// Nothing that names a thing of this county stands in an answer to the other.
    fn reveals_nothing(&self, row: &Row, answer: &Answer) {
        let t = &self.own;
        let words = [
            &t.unit,
            &t.terminal,
            &t.stranger,
            &t.raised,
            &t.mine,
            &t.theirs,
            &t.real,
            &t.wrong,
            &t.loose,
            &t.window,
            &t.todo,
            &t.hazard,
            &t.found,
            &t.account,
            &t.colleague,
            &t.town,
        ];
        let names = ["云岫纺织", "东渚老厂", "李强", "赵一一", "东渚镇", "1-2-001"];
        for word in words.into_iter().map(String::as_str).chain(names) {
            assert!(
                !answer.body.contains(word),
                "{} tells another county of {word}: {}",
                row.operation,
                answer.body
            );
        }
    }
}
