//! Limits of measured values (限值): what holds for each value of a point, what is usual, and setting it.
//!
//! Limits belong to the point that measures. What the catalog proposes holds only when an officer adopts it, for one
//! point or for all of a unit.

use crate::changes::Said;
use crate::committer::Settled;
use crate::entries::field;
use crate::{App, Fault, KnownPoint, KnownTerminal, PointLimits};
use fengsui_access::Grant;
use fengsui_alarm::{Bound, HOLD_S_MAX, LIMIT_MAX, LimitMistake, LimitState, Limits, Side};
use fengsui_base::{Actor, EntryId, Place, PointId, Refusal, Scope, TerminalId, UnitId};
use fengsui_catalog::{Permission, Proposal};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, LastState, Numbering, Part, StateKey};
use gb26875::names;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most values of one point that have limits.
pub const LIMITS_MAX: usize = 8;
/// Most points that one adoption gives limits to.
pub const ADOPTED_MAX: usize = 5_000;
/// Points of one ChangeSet of an adoption.
const PIECE: usize = 200;

/// What holds for one value of a point.
#[derive(Clone, PartialEq, Debug)]
pub struct ValueLimits {
    /// The value.
    pub key: StateKey,
    /// What it was last.
    pub value: Option<LastState>,
    /// What holds.
    pub limits: Option<Limits>,
    /// Where it stands to that.
    pub state: LimitState,
    /// What is usual.
    pub proposal: Option<Proposal>,
}

impl App {
    /// A point with the limits of each value that it measures, or that is usually measured there.
    pub async fn point_limits(
        &self,
        grant: &Grant,
        id: PointId,
    ) -> Result<(Entry, Arc<KnownTerminal>, Vec<ValueLimits>), Fault> {
        let scope = grant.may(Permission::TerminalRead)?;
        let (entry, terminal) = self.point_entry(&scope, id).await?;
        let values = self.values_of(&terminal, address(&entry));
        Ok((entry, terminal, values))
    }

    /// Sets the limits of a point; `version` is the one that was read. Values that are not named have none.
    pub async fn set_limits(
        &self,
        grant: &Grant,
        id: PointId,
        version: u64,
        limits: Vec<PointLimits>,
    ) -> Result<(Entry, Arc<KnownTerminal>, Vec<ValueLimits>), Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        check(&limits)?;
        let settled = self
            .settle(true, |_| async {
                let (before, _) = self.point_entry(&scope, id).await?;
                if before.version != version {
                    return Err(crate::units::stale(version, before.version).into());
                }
                let mut change = ChangeSet::new(self.now());
                self.put_limits(&mut change, before, &limits, &Actor::Officer(grant.officer().clone()));
                Ok((change, ()))
            })
            .await?;
        match settled {
            Settled::Now((), _) | Settled::Before(_) => self.point_limits(grant, id).await,
        }
    }

    /// Gives every point that measures something, and has no limits for it, those that are usual; within a unit or
    /// everywhere. Answers how many points; at most [`ADOPTED_MAX`] at once.
    pub async fn adopt_limits(&self, grant: &Grant, unit: Option<UnitId>) -> Result<usize, Fault> {
        let scope = grant.may(Permission::TerminalWrite)?;
        if let Some(unit) = unit {
            let entry = self.store.entry(&scope, unit.into()).await?.filter(|e| e.kind == "unit");
            entry.ok_or_else(Refusal::not_found)?;
        }
        let of_unit = |t: &Arc<KnownTerminal>| {
            let facts = t.facts();
            facts.known && unit.is_none_or(|unit| facts.unit.as_ref().is_some_and(|own| own.0 == unit))
        };
        let terminals = self.board.terminals(&scope).into_iter().filter(of_unit);
        let mut wanted: Vec<_> = terminals.flat_map(|t| self.without_limits(&t)).take(ADOPTED_MAX).collect();
        wanted.sort_unstable();
        let actor = Actor::Officer(grant.officer().clone());
        for piece in wanted.chunks(PIECE) {
            self.settle(false, |_| async { Ok((self.adoption(&scope, piece, &actor).await?, ())) }).await?;
        }
        Ok(wanted.len())
    }

    /// Points of a terminal that measure something for which limits are usual and not set.
    fn without_limits(&self, terminal: &KnownTerminal) -> Vec<PointId> {
        let bare = |key: &StateKey, point: &KnownPoint| {
            point.limits_of(key.analog_type).is_none()
                && self.catalog.proposal(key.system_type, point.component_type, key.analog_type).is_some()
        };
        let values = terminal.states().into_iter().filter(|(key, _)| key.part == Part::Value);
        let found: BTreeSet<_> = values
            .filter_map(|(key, _)| terminal.point(key).filter(|point| bare(&key, point)).map(|p| p.id))
            .collect();
        found.into_iter().collect()
    }

    async fn adoption(&self, scope: &Scope, points: &[PointId], actor: &Actor) -> Result<ChangeSet, Fault> {
        let mut change = ChangeSet::new(self.now());
        for id in points {
            let Ok((entry, terminal)) = self.point_entry(scope, *id).await else { continue };
            let mut limits = limits_of(&entry);
            let usual = self.values_of(&terminal, address(&entry)).into_iter();
            let usual = usual.filter(|v| v.limits.is_none() && v.value.is_some());
            limits.extend(usual.filter_map(|v| {
                v.proposal.map(|p| PointLimits { analog_type: v.key.analog_type, limits: proposed(&p) })
            }));
            limits.truncate(LIMITS_MAX);
            self.put_limits(&mut change, entry, &limits, actor);
        }
        if change.journal.is_empty() {
            let (node, said) =
                (crate::start::node_id(&self.node), Said::new("limits.adopted", "没有点位需要限值", "操作"));
            change.journal.push(self.line("region", node, self.node.region, change.at, actor, said));
        }
        Ok(change)
    }

    /// Where the registered points of a terminal's values stand, for what is usual too.
    fn values_of(&self, terminal: &KnownTerminal, address: StateKey) -> Vec<ValueLimits> {
        let point = terminal.point(address);
        let component_type = point.as_ref().map_or(0, |p| p.component_type);
        let same = |k: &StateKey| {
            k.part == Part::Value && StateKey { part: address.part, analog_type: 0, ..*k } == address
        };
        let mut kinds: BTreeSet<u8> =
            terminal.states().into_iter().filter(|(k, _)| same(k)).map(|(k, _)| k.analog_type).collect();
        let measured = !kinds.is_empty();
        kinds.extend(point.iter().flat_map(|p| p.limits.iter().map(|l| l.analog_type)));
        if !measured {
            let usual = self.catalog.proposals_for(address.system_type, component_type);
            kinds.extend(usual.map(|p| p.analog_type).take(1));
        }
        let of_kind = |analog_type| {
            let key = StateKey { part: Part::Value, analog_type, ..address };
            ValueLimits {
                key,
                value: terminal.state(key),
                limits: point.as_ref().and_then(|p| p.limits_of(analog_type)),
                state: terminal.limit_state(key),
                proposal: self.catalog.proposal(address.system_type, component_type, analog_type).cloned(),
            }
        };
        kinds.into_iter().map(of_kind).collect()
    }

    async fn point_entry(&self, scope: &Scope, id: PointId) -> Result<(Entry, Arc<KnownTerminal>), Fault> {
        let entry = self.store.entry(scope, id.into()).await?.filter(|e| e.kind == "point");
        let entry = entry.ok_or_else(Refusal::not_found)?;
        let terminal = field::<EntryId>(&entry, "terminal").and_then(|t| self.board.terminal(TerminalId(t)));
        Ok((entry, terminal.ok_or_else(Refusal::not_found)?))
    }

    fn put_limits(&self, change: &mut ChangeSet, before: Entry, limits: &[PointLimits], actor: &Actor) {
        let mut entry = Entry { version: before.version + 1, revision: self.catalog.revision(), ..before };
        entry.fields.remove("limits");
        if !limits.is_empty() {
            let stored = serde_json::to_value(limits).expect("limits are plain numbers");
            entry.fields.insert("limits".to_owned(), stored);
        }
        let words: Vec<_> = limits.iter().map(words).collect();
        let what = if words.is_empty() {
            "取消限值".to_owned()
        } else {
            format!("设限值：{}", words.join("；"))
        };
        let said = Said::new("point.limited", format!("{} {what}", entry.title), "操作");
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        change.entries.push(self.write(entry, Numbering::Keep));
    }
}

/// The limits that a proposal amounts to.
pub(crate) fn proposed(proposal: &Proposal) -> Limits {
    let bound = |pair: [f64; 2]| Bound { limit: pair[0], clear: pair[1] };
    Limits { low: proposal.low.map(bound), high: proposal.high.map(bound), hold_s: proposal.hold_s }
}

/// The limits of a point as stored.
pub(crate) fn limits_of(entry: &Entry) -> Vec<PointLimits> {
    field(entry, "limits").unwrap_or_default()
}

/// The address of a registered point.
fn address(entry: &Entry) -> StateKey {
    let number = |name: &str| entry.fields.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let byte = |name: &str| u8::try_from(number(name)).unwrap_or(0);
    StateKey {
        part: Part::Component,
        system_type: byte("system_type"),
        system_address: byte("system_address"),
        component_address: u32::try_from(number("component_address")).unwrap_or(0),
        analog_type: 0,
    }
}

/// 压力 下限 100（恢复 120）kPa，保持 30 秒.
fn words(limits: &PointLimits) -> String {
    let kind = names::analog_type(limits.analog_type);
    let label = kind.map_or_else(|| format!("模拟量 {}", limits.analog_type), |a| a.name.zh.to_owned());
    let unit = kind.map_or("", |a| a.unit);
    let bound = |what: &str, b: Bound| format!("{what} {}（恢复 {}）{unit}", b.limit, b.clear);
    let low = limits.limits.low.map(|b| bound("下限", b));
    let high = limits.limits.high.map(|b| bound("上限", b));
    let both: Vec<_> = low.into_iter().chain(high).collect();
    format!("{label} {}，保持 {} 秒", both.join("，"), limits.limits.hold_s)
}

/// What is wrong with the limits of a point, place by place.
pub(crate) fn check(all: &[PointLimits]) -> Result<(), Refusal> {
    if all.len() > LIMITS_MAX {
        let sentence = format!("一个点位最多给 {LIMITS_MAX} 种测量值设限值");
        return Err(Refusal::invalid(vec![Place::new("/limits", "limits.many", sentence)]));
    }
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (n, limits) in all.iter().enumerate() {
        if !seen.insert(limits.analog_type) {
            wrong.push(Place::new(
                format!("/limits/{n}"),
                "limits.twice",
                "同一种测量值只设一次限值，请合在一起",
            ));
        }
        wrong.extend(limits.limits.mistake().map(|m| place(n, m)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
}

fn place(n: usize, mistake: LimitMistake) -> Place {
    let (pointer, code, sentence) = mistake_words(mistake);
    Place::new(format!("/limits/{n}/{pointer}"), code, sentence)
}

/// What is wrong with limits: in which number, the stable code, and how to mend it.
pub(crate) fn mistake_words(mistake: LimitMistake) -> (&'static str, &'static str, String) {
    match mistake {
        LimitMistake::Nothing => ("low", "limits.nothing", "请至少填一个下限或上限".to_owned()),
        LimitMistake::Number(side) => {
            (pointer(side), "limits.number", format!("限值和恢复值是数，绝对值不超过 {LIMIT_MAX}"))
        }
        LimitMistake::Clear(Side::Low) => {
            ("low_clear", "limits.clear", "下限的恢复值要比下限大，否则会反复响铃".to_owned())
        }
        LimitMistake::Clear(Side::High) => {
            ("high_clear", "limits.clear", "上限的恢复值要比上限小，否则会反复响铃".to_owned())
        }
        LimitMistake::Order => {
            ("high", "limits.order", "上限连同它的恢复值要在下限和它的恢复值之上".to_owned())
        }
        LimitMistake::Hold => ("hold_s", "limits.hold", format!("保持时间是 0 到 {HOLD_S_MAX} 秒")),
    }
}

fn pointer(side: Side) -> &'static str {
    side.code()
}
