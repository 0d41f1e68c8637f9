//! A past for the demonstration county: fires that were reported, verified and closed before anybody looked, so that its
//! accounts have months to compare. Refused on every other node: what did not happen is never put on record.

use crate::changes::{Said, daily_number};
use crate::{App, Fault};
use fengsui_alarm::{Alarm, Cause, Class, Event, Finding, Input, Raise, Timing};
use fengsui_base::{Actor, AlarmId, Officer, Refusal, RefusalKind, Timestamp};
use fengsui_ledger::JournalLine;
use fengsui_store::{ChangeSet, StateKey};

/// Most fires in one change.
const PIECE_MAX: usize = 50;
/// How long after its finding a fire of the past was closed, in seconds.
const CLOSED_AFTER_S: i64 = 90;

/// A fire of the past.
#[derive(Clone, PartialEq, Debug)]
pub struct PastFire {
    /// Source address of its terminal, as the listener names it.
    pub source: String,
    /// The part that reported it.
    pub key: StateKey,
    /// What the part is, in words.
    pub component_label: String,
    /// When it was reported.
    pub at: Timestamp,
    /// How long until it was taken, in seconds.
    pub taken_after_s: i64,
    /// How long from then until its finding, in seconds.
    pub found_after_s: i64,
    /// What was found.
    pub finding: Finding,
    /// Why, for a false one.
    pub cause: Option<Cause>,
}

impl App {
    /// Puts fires of the past on record as this officer handled them; those of unknown terminals are passed over.
    /// Answers how many there are.
    pub async fn demonstration_past(&self, fires: Vec<PastFire>, by: &Officer) -> Result<usize, Fault> {
        if !self.node.demonstration {
            let sentence = "往日的告警只在演示模式下补录。";
            return Err(Refusal::new(RefusalKind::Forbidden, "demonstration.only", sentence).into());
        }
        let mut count = 0;
        for piece in fires.chunks(PIECE_MAX) {
            self.settle(false, |_| std::future::ready(self.past_change(piece, by).map(|c| (c, ())))).await?;
            count += piece.len();
        }
        Ok(count)
    }

    fn past_change(&self, fires: &[PastFire], by: &Officer) -> Result<ChangeSet, Fault> {
        let mut change = ChangeSet::new(self.now());
        for fire in fires {
            let Some(raise) = self.past_raise(fire) else { continue };
            let (alarm, steps) = lived(AlarmId(self.entropy.id(fire.at)), raise, fire, by)?;
            let entry = self.alarm_entry(&alarm, None);
            let lines = steps.into_iter().map(|(at, actor, said)| self.line_on(&entry, at, &actor, said));
            change.journal.extend(lines.collect::<Vec<JournalLine>>());
            change.entries.push(self.write(entry, daily_number(fire.at)));
        }
        Ok(change)
    }

    fn past_raise(&self, fire: &PastFire) -> Option<Raise> {
        let terminal = self.board.terminal_at(&fire.source)?;
        let (facts, point) = (terminal.facts(), terminal.point(fire.key)?);
        let parts =
            [point.place.building.as_deref(), point.place.floor.as_deref(), Some(point.label.as_str())];
        let spoken = fire.component_label.strip_suffix("火灾探测器").unwrap_or(&fire.component_label);
        Some(Raise {
            class: Class::Fire,
            title: format!("火警·{spoken}"),
            region: facts.region,
            unit: facts.unit.as_ref().map(|u| u.0),
            unit_name: facts.unit.as_ref().map(|u| u.1.clone()),
            terminal: terminal.id,
            point: Some(point.id),
            slot: crate::intake::slot(Class::Fire, terminal.id, fire.key),
            building: point.place.building.clone(),
            floor: point.place.floor.clone(),
            zone: point.place.zone.clone(),
            place: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
            component_type: point.component_type,
            component_label: fire.component_label.clone(),
            component_address: fire.key.component_address,
            position: point.position.or(facts.position),
            timing: Timing::OnTime,
            raised_at: fire.at,
            event_at: Some(fire.at),
            sent_at: Some(fire.at),
        })
    }
}

/// A step of a life: when, by whom, what the record says.
type Lived = (Timestamp, Actor, Said);

/// The whole life of a fire of the past, as the same rules allow it that judge every other.
fn lived(id: AlarmId, raise: Raise, fire: &PastFire, by: &Officer) -> Result<(Alarm, Vec<Lived>), Refusal> {
    let after = |s: i64| fire.at + jiff::SignedDuration::from_secs(s);
    let taken = after(fire.taken_after_s);
    let found = after(fire.taken_after_s + fire.found_after_s);
    let closed = after(fire.taken_after_s + fire.found_after_s + CLOSED_AFTER_S);
    let by = || by.clone();
    let verify = Input::Verify { by: by(), finding: fire.finding, cause: fire.cause, note: None };
    let forward = Input::Forward { by: by(), to: "119".to_owned(), note: None };
    let close = Input::Close { by: by(), note: None, unrestored_reason: None };
    let mut inputs = vec![(taken, Input::Take(by())), (found, verify)];
    if fire.finding == Finding::Real {
        inputs.push((found, forward));
    }
    inputs.extend([(closed, Input::Restore), (closed, close)]);
    let (mut alarm, event) = Alarm::raise(id, raise);
    let device = Actor::Device(fengsui_base::Device {
        terminal: Some(alarm.raise.terminal),
        channel: "示例数据".to_owned(),
    });
    let mut steps = vec![(fire.at, device.clone(), Said::of(&event, &alarm, "示例数据"))];
    for (at, input) in inputs {
        let (next, event) = alarm.handle(input, at)?;
        let actor = if event == Event::Restored { device.clone() } else { Actor::Officer(by()) };
        steps.push((at, actor, Said::of(&event, &next, "示例数据")));
        alarm = next;
    }
    Ok((alarm, steps))
}
