//! Windows (维护窗口): planned, begun and ended by the clock, ended early by people, and what rings when they end.

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::entries::text_is;
use crate::{App, Fault, KnownPoint, KnownTerminal, OpenAlarm, OpenWindow};
use fengsui_access::Grant;
use fengsui_alarm::{Condition, Conditions, Cover, Input, Window, WindowDraft, WindowState, WindowStep};
use fengsui_base::{
    Actor, EntryId, Place, PointId, Refusal, RegionCode, Scope, TerminalId, Timestamp, UnitId,
};
use fengsui_catalog::Permission;
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{ChangeSet, Cursor, Numbering, Query};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most windows that one run of the reconciler moves on.
const WINDOWS_A_RUN: usize = 100;
/// Most alarms that one change makes ring; the next run finds the rest.
const LIFTED_MAX: usize = 200;
/// Most points that a form offers one by one.
const POINTS_SHOWN: usize = 2_000;
/// How many points a window names before it counts them.
const POINTS_NAMED: usize = 3;

/// What a list of windows shows.
#[derive(Clone, Debug, Default)]
pub struct WindowFilter {
    /// States; empty for all.
    pub states: Vec<String>,
    /// Purpose by its stable name.
    pub purpose: Option<String>,
    /// Unit.
    pub unit: Option<EntryId>,
    /// Search text.
    pub text: Option<String>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: u16,
}

/// A window with what surrounds it.
pub struct WindowView {
    /// As stored.
    pub entry: Entry,
    /// As understood.
    pub window: Window,
    /// Where it stands.
    pub state: WindowState,
    /// How many open alarms are silent because of it.
    pub suppressed: usize,
    /// Why the asker may not end it, if so.
    pub end_refusal: Option<Refusal>,
}

/// A page of windows.
pub struct WindowPage {
    /// The windows.
    pub items: Vec<WindowView>,
    /// Where the next page starts.
    pub next: Option<Cursor>,
    /// How many there are; see [`fengsui_store::COUNTED_MAX`].
    pub total: u64,
}

/// Something a window of a unit may cover.
pub struct CoverChoice {
    /// What.
    pub cover: Cover,
    /// In words.
    pub words: String,
    /// How many registered points that is.
    pub points: usize,
}

/// What the windows of a unit may cover.
pub struct CoverChoices {
    /// The whole unit, its floors, zones, terminals and systems.
    pub covers: Vec<CoverChoice>,
    /// Its points with their places in words.
    pub points: Vec<(PointId, String)>,
}

/// The terminals of a unit with their points.
type Facilities = Vec<(Arc<KnownTerminal>, Vec<((u8, u8), Arc<KnownPoint>)>)>;

impl App {
    /// A page of windows, newest first.
    pub async fn windows(&self, grant: &Grant, filter: WindowFilter) -> Result<WindowPage, Fault> {
        let mut query = Query::newest("window", grant.may(Permission::AlarmRead)?);
        (query.states, query.after, query.limit) = (filter.states, filter.after, filter.limit);
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        query.filters.extend(filter.purpose.map(|p| text_is("purpose", p)));
        query.filters.extend(filter.unit.map(|id| text_is("unit", id.to_string())));
        let total = self.total(&query).await?;
        let page = self.store.list(&query).await?;
        let items = page.items.iter().filter_map(|e| self.window_view(grant, e)).collect();
        Ok(WindowPage { items, next: page.next, total })
    }

    /// One window.
    pub async fn window(&self, grant: &Grant, id: EntryId) -> Result<WindowView, Fault> {
        let scope = grant.may(Permission::AlarmRead)?;
        let entry = self.store.entry(&scope, id).await?.filter(|e| e.kind == "window");
        Ok(entry.and_then(|e| self.window_view(grant, &e)).ok_or_else(Refusal::not_found)?)
    }

    fn window_view(&self, grant: &Grant, entry: &Entry) -> Option<WindowView> {
        let OpenWindow { entry, window, state } = OpenWindow::of(entry)?;
        let barred = grant.may_at(Permission::WindowWrite, entry.region).err();
        let end_refusal = barred.or_else(|| window.may_end(state).err());
        let suppressed = self.suppressed_by(entry.id).len();
        Some(WindowView { entry, window, state, suppressed, end_refusal })
    }

    fn suppressed_by(&self, id: EntryId) -> Vec<Arc<OpenAlarm>> {
        let by_this = |open: &Arc<OpenAlarm>| {
            let by = open.alarm.suppressed.as_ref().map(|s| &s.by);
            matches!(by, Some(fengsui_alarm::Suppressor::Window { window, .. }) if *window == id)
        };
        self.board.suppressed_alarms().into_iter().filter(by_this).collect()
    }

    /// What a window of this unit may cover.
    pub async fn window_covers(&self, grant: &Grant, unit: UnitId) -> Result<CoverChoices, Fault> {
        let scope = grant.may(Permission::WindowWrite)?;
        let entry = self.store.entry(&scope, unit.into()).await?.filter(|e| e.kind == "unit");
        entry.ok_or_else(Refusal::not_found)?;
        Ok(cover_choices(&self.facilities(unit)))
    }

    /// Makes a window; refused with the places that are wrong.
    pub async fn create_window(
        &self,
        grant: &Grant,
        unit: UnitId,
        draft: WindowDraft,
        key: Option<String>,
    ) -> Result<WindowView, Fault> {
        let scope = grant.may(Permission::WindowWrite)?;
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| {
                let (draft, key, actor, scope) = (&draft, &key, &actor, &scope);
                async move {
                    let entry = self.store.entry(scope, unit.into()).await?.filter(|e| e.kind == "unit");
                    let unit = entry.ok_or_else(no_unit)?;
                    let (mut change, entry) = self.new_window(draft, &unit, actor)?;
                    change.receipt = receipt(key.clone(), grant.account().into(), &entry);
                    Ok((change, entry.id))
                }
            })
            .await?;
        let id = match settled {
            Settled::Now(id, _) => id,
            Settled::Before(answer) => {
                answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?
            }
        };
        self.window(grant, id).await
    }

    fn new_window(
        &self,
        draft: &WindowDraft,
        unit: &Entry,
        actor: &Actor,
    ) -> Result<(ChangeSet, Entry), Fault> {
        let id = UnitId(unit.id);
        let words = cover_words(&draft.cover, &self.facilities(id)).ok_or_else(nothing_covered)?;
        let now = self.now();
        let (window, state) = Window::make(draft.clone(), id, &unit.title, words, now)?;
        let mut change = ChangeSet::new(now);
        let entry = self.window_entry(&window, state, unit.region, None, now);
        self.write_window(&mut change, entry.clone(), &window, &WindowStep::Made, "操作", actor);
        Ok((change, entry))
    }

    /// The window of a test that a terminal reported, added to the change of its frame.
    pub(crate) fn add_test_window(
        &self,
        change: &mut ChangeSet,
        window: &Window,
        region: RegionCode,
        actor: &Actor,
    ) {
        let entry = self.window_entry(window, WindowState::Active, region, None, change.at);
        self.write_window(change, entry, window, &WindowStep::Made, "帧", actor);
    }

    fn window_entry(
        &self,
        window: &Window,
        state: WindowState,
        region: RegionCode,
        before: Option<&Entry>,
        now: Timestamp,
    ) -> Entry {
        let title = window.unit_name.clone().unwrap_or_else(|| window.cover_words.clone());
        let fields = match serde_json::to_value(window) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => Default::default(),
        };
        let fresh = || self.fresh("window", region, &title, fields.clone(), now);
        let entry = before.map_or_else(fresh, |e| Entry {
            version: e.version + 1,
            fields: fields.clone(),
            revision: self.catalog.revision(),
            ..e.clone()
        });
        Entry {
            state: state.code().to_owned(),
            due_at: window.due_at(state),
            closed_at: window.ended_at,
            ..entry
        }
    }

    fn write_window(
        &self,
        change: &mut ChangeSet,
        entry: Entry,
        window: &Window,
        step: &WindowStep,
        evidence: &'static str,
        actor: &Actor,
    ) {
        let (verb, text) = said(window, step);
        let line = self.line_on(&entry, change.at, actor, Said::new(verb, text, evidence));
        change.journal.push(line);
        change.entries.push(self.write(entry, Numbering::Keep));
    }

    /// Ends a window before its time, or cancels it before it began; what still stands in it rings at once.
    pub async fn end_window(&self, grant: &Grant, id: EntryId, reason: &str) -> Result<WindowView, Fault> {
        let scope = grant.may(Permission::WindowWrite)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.settle(true, |_| {
            let (scope, actor) = (&scope, &actor);
            async move {
                let entry = self.store.entry(scope, id).await?.filter(|e| e.kind == "window");
                let open = entry.and_then(|e| OpenWindow::of(&e)).ok_or_else(Refusal::not_found)?;
                let (window, state, step) = open.window.end(open.state, reason, self.now())?;
                Ok((self.moved_window(&open, &window, state, &step, "操作", actor)?, ()))
            }
        })
        .await?;
        self.window(grant, id).await
    }

    fn moved_window(
        &self,
        open: &OpenWindow,
        window: &Window,
        state: WindowState,
        step: &WindowStep,
        evidence: &'static str,
        actor: &Actor,
    ) -> Result<ChangeSet, Fault> {
        let mut change = ChangeSet::new(self.now());
        let entry = self.window_entry(window, state, open.entry.region, Some(&open.entry), change.at);
        self.write_window(&mut change, entry, window, step, evidence, actor);
        if state == WindowState::Ended {
            let standing = self.suppressed_by(open.entry.id).into_iter();
            let ended = Some(open.entry.id);
            let due = standing.filter(|a| self.no_longer_suppressed(a, ended)).take(LIFTED_MAX);
            for alarm in due.collect::<Vec<_>>() {
                self.lift(&mut change, &alarm, &format!("{}已结束，点位仍在报警", window.words()), actor)?;
            }
        }
        Ok(change)
    }

    /// Begins and ends windows whose time has come, and lets ring what is silent for no reason any more.
    pub async fn reconcile_windows(&self) -> Result<usize, Fault> {
        let now = self.now();
        let windows = self.board.windows().into_iter();
        let due = windows.filter(|o| o.window.pass(o.state, now).is_some()).take(WINDOWS_A_RUN);
        let mut moved = 0;
        for open in due.collect::<Vec<_>>() {
            moved += usize::from(self.pass_window(open.entry.id).await?);
        }
        Ok(moved + self.lift_forgotten().await? + self.release_orphans().await?)
    }

    async fn pass_window(&self, id: EntryId) -> Result<bool, Fault> {
        let settled = self
            .settle(true, |_| async move {
                let entry = self.store.entry(&Scope::everything(), id).await?;
                let open = entry.and_then(|e| OpenWindow::of(&e)).ok_or_else(Refusal::not_found)?;
                // Ended by somebody meanwhile: then there is nothing to do.
                let (window, state, step) =
                    open.window.pass(open.state, self.now()).ok_or_else(Refusal::not_found)?;
                let actor = Self::by_rule("窗口到时");
                Ok((self.moved_window(&open, &window, state, &step, "程序", &actor)?, ()))
            })
            .await;
        match settled {
            Ok(_) => Ok(true),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Alarms that were being decided while their window ended, or were too many for its change.
    async fn lift_forgotten(&self) -> Result<usize, Fault> {
        let silent = self.board.suppressed_alarms().into_iter();
        let forgotten: Vec<_> =
            silent.filter(|a| self.no_longer_suppressed(a, None)).take(LIFTED_MAX).collect();
        for open in &forgotten {
            self.settle(true, |_| {
                let change = self.lifting(open.alarm.id);
                std::future::ready(change.map(|c| (c, ())))
            })
            .await
            .map(|_| ())
            .or_else(gone)?;
        }
        Ok(forgotten.len())
    }

    fn lifting(&self, id: fengsui_base::AlarmId) -> Result<ChangeSet, Fault> {
        let open = self.board.open_alarm(id).filter(|a| self.no_longer_suppressed(a, None));
        let open = open.ok_or_else(Refusal::not_found)?;
        let mut change = ChangeSet::new(self.now());
        let why = "抑制的原因已不在，点位仍在报警";
        self.lift(&mut change, &open, why, &Self::by_rule("窗口到时"))?;
        Ok(change)
    }

    /// Members whose head was closed by something that did not know of them.
    async fn release_orphans(&self) -> Result<usize, Fault> {
        let orphans: Vec<_> = self.board.orphaned_alarms().into_iter().take(LIFTED_MAX).collect();
        for open in &orphans {
            let settled =
                self.settle(true, |_| std::future::ready(self.parting(open.alarm.id).map(|c| (c, ()))));
            settled.await.map(|_| ()).or_else(gone)?;
        }
        Ok(orphans.len())
    }

    fn parting(&self, id: fengsui_base::AlarmId) -> Result<ChangeSet, Fault> {
        let orphan = self.board.orphaned_alarms().into_iter().find(|o| o.alarm.id == id);
        let open = orphan.ok_or_else(Refusal::not_found)?;
        let mut change = ChangeSet::new(self.now());
        let (alarm, event) = open.alarm.clone().handle(Input::Part("首警已销号".to_owned()), change.at)?;
        let steps = vec![Said::of(&event, &alarm, "程序")];
        self.add_alarm(&mut change, &alarm, Some(open.as_ref().into()), steps, &Self::by_rule("首警已销号"));
        Ok(change)
    }

    fn lift(&self, change: &mut ChangeSet, open: &OpenAlarm, why: &str, actor: &Actor) -> Result<(), Fault> {
        let (alarm, event) = open.alarm.clone().handle(Input::Lift(why.to_owned()), change.at)?;
        let steps = vec![Said::of(&event, &alarm, "程序")];
        self.add_alarm(change, &alarm, Some(open.into()), steps, actor);
        Ok(())
    }

    /// Whether a silent alarm still stands although nothing keeps it silent; `ended` is a window that ends in
    /// this very change.
    fn no_longer_suppressed(&self, open: &OpenAlarm, ended: Option<EntryId>) -> bool {
        let alarm = &open.alarm;
        if alarm.suppressed.is_none() || alarm.restored_at.is_some() {
            return false;
        }
        let state = self.alarm_point_state(alarm);
        let conditions = state.map_or(Conditions::default(), |(_, s)| Conditions::from_bits(s.bits));
        let tested = self.board.terminal(alarm.raise.terminal).is_some_and(|t| t.reports_test());
        let conditions = if tested { conditions.with(Condition::Test) } else { conditions };
        self.suppression_of(alarm, conditions, self.now(), ended).is_none()
    }

    fn facilities(&self, unit: UnitId) -> Facilities {
        let all = self.board.terminals_of(unit, &Scope::everything());
        all.into_iter()
            .map(|t| {
                let system = |key: fengsui_store::StateKey| (key.system_type, key.system_address);
                let points = t.points().into_iter().map(|(key, point)| (system(key), point)).collect();
                (t, points)
            })
            .collect()
    }
}

fn gone(fault: Fault) -> Result<(), Fault> {
    match fault {
        Fault::Refused(refusal) if refusal.code == "not_found" => Ok(()),
        other => Err(other),
    }
}

fn said(window: &Window, step: &WindowStep) -> (&'static str, String) {
    let what = format!("{}：{}", window.words(), window.reason);
    match step {
        WindowStep::Made => ("window.made", format!("建立{what}")),
        WindowStep::Begun => ("window.begun", format!("{}开始", window.words())),
        WindowStep::Expired => ("window.ended", format!("{}到时结束", window.words())),
        WindowStep::EndedEarly(reason) => ("window.ended", format!("{}提前结束：{reason}", window.words())),
        WindowStep::Cancelled(reason) => ("window.cancelled", format!("{}取消：{reason}", window.words())),
    }
}

/// Where a point is, as a form shows it.
fn place(point: &KnownPoint) -> String {
    let parts = [point.place.building.as_deref(), point.place.floor.as_deref(), Some(point.label.as_str())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The cover in words, when there is anything in the unit that it covers.
fn cover_words(cover: &Cover, facilities: &Facilities) -> Option<String> {
    if let Cover::Points { points } = cover {
        return point_words(points, facilities);
    }
    cover_choices(facilities).covers.into_iter().find(|c| c.cover == *cover).map(|c| c.words)
}

fn point_words(points: &[PointId], facilities: &Facilities) -> Option<String> {
    let all = facilities.iter().flat_map(|(_, points)| points).map(|(_, p)| p);
    let mut found: Vec<_> = all.filter(|p| points.contains(&p.id)).map(|p| place(p)).collect();
    found.sort();
    if found.len() < points.len() {
        return None;
    }
    let named = found.iter().take(POINTS_NAMED).cloned().collect::<Vec<_>>().join("、");
    let more =
        if found.len() > POINTS_NAMED { format!("等 {} 个点位", found.len()) } else { String::new() };
    Some(format!("{named}{more}"))
}

fn cover_choices(facilities: &Facilities) -> CoverChoices {
    let mut floors: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let mut zones: BTreeMap<(Option<String>, String), usize> = BTreeMap::new();
    let mut systems: BTreeMap<(TerminalId, String, (u8, u8)), usize> = BTreeMap::new();
    let (mut covers, mut points, mut total) = (Vec::new(), Vec::new(), 0);
    for (terminal, own) in facilities {
        total += own.len();
        for (system, point) in own {
            *systems.entry((terminal.id, terminal.facts().name.clone(), *system)).or_default() += 1;
            if let Some(building) = &point.place.building {
                *floors.entry((building.clone(), None)).or_default() += 1;
                *floors
                    .entry((building.clone(), Some(point.place.floor.clone().unwrap_or_default())))
                    .or_default() += 1;
            }
            if let Some(zone) = &point.place.zone {
                *zones.entry((point.place.building.clone(), zone.clone())).or_default() += 1;
            }
            points.push((point.id, place(point)));
        }
    }
    covers.push(CoverChoice { cover: Cover::Unit, words: "全单位".to_owned(), points: total });
    let whole = |floor: &Option<String>| floor.as_deref() != Some("");
    for ((building, floor), points) in floors.into_iter().filter(|((_, floor), _)| whole(floor)) {
        let words = floor.as_ref().map_or_else(|| building.clone(), |f| format!("{building} {f}"));
        covers.push(CoverChoice { cover: Cover::Floor { building, floor }, words, points });
    }
    for ((building, zone), points) in zones {
        let words = format!("{} {zone} 区", building.as_deref().unwrap_or_default()).trim().to_owned();
        covers.push(CoverChoice { cover: Cover::Zone { zone, building }, words, points });
    }
    for (terminal, own) in facilities {
        let (cover, words) = (Cover::Terminal { terminal: terminal.id }, terminal.facts().name.clone());
        covers.push(CoverChoice { cover, words, points: own.len() });
    }
    for ((terminal, name, (system_type, system_address)), points) in systems {
        let cover = Cover::System { terminal, system_type, system_address };
        let words = format!("{name} 系统 {system_type}-{system_address}");
        covers.push(CoverChoice { cover, words, points });
    }
    points.sort_by(|a, b| a.1.cmp(&b.1));
    points.truncate(POINTS_SHOWN);
    CoverChoices { covers, points }
}

fn no_unit() -> Refusal {
    Refusal::invalid(vec![Place::new(
        "/unit",
        "unit.unknown",
        "没有这家单位，或不在您的管理范围，请重新选择",
    )])
}

fn nothing_covered() -> Refusal {
    let sentence = "这家单位没有这个范围的点位，请重新选择";
    Refusal::invalid(vec![Place::new("/cover", "cover.empty", sentence)])
}
