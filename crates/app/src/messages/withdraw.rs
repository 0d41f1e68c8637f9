//! Withdrawal (撤回): what was still to be sent about an alarm is not sent any more once somebody has it in hand.
//!
//! A message asks for something: look, take it, decide. When an officer has taken, judged, merged or closed the alarm,
//! what the messages of the former way asked for is done; one that has waited for a gateway until then would only send
//! people running. The withdrawal stands in the same ChangeSet as the act. A message that has left stays as it is.

use super::Message;
use super::delivery::end;
use crate::changes::Said;
use crate::entries::read;
use crate::{App, Fault};
use fengsui_alarm::{Alarm, Life};
use fengsui_base::{Actor, EntryId, Scope};
use fengsui_store::{ChangeSet, Numbering};
use std::collections::BTreeMap;

impl App {
    /// Adds to a change the withdrawal of the waiting messages that it overtakes.
    pub(crate) async fn withdraw_overtaken(
        &self,
        change: &mut ChangeSet,
        actor: &Actor,
    ) -> Result<(), Fault> {
        let overtaken = self.overtaken(change);
        if overtaken.is_empty() {
            return Ok(());
        }
        for id in self.outward.waiting_about(&overtaken.keys().copied().collect()) {
            let Some(entry) = self.store.entry(&Scope::everything(), id).await? else { continue };
            let Some(mut message) = Message::of(&entry).filter(|_| entry.state == "waiting") else {
                continue;
            };
            let Some(why) = overtaken.get(&message.about) else { continue };
            let mut entry = entry;
            end(&mut entry, &mut message, "cancelled", change.at);
            (entry.version, entry.fields) = (entry.version + 1, message.fields());
            let text = format!("撤回给{}的消息：{why}", message.to());
            let said = Said::new("message.cancelled", text, "规则").with("about", message.about.to_string());
            change.journal.push(self.line_on(&entry, change.at, actor, said));
            change.entries.push(self.write(entry, Numbering::Keep));
        }
        Ok(())
    }

    /// The alarms in a change that leave the way on which their messages were written, and why.
    fn overtaken(&self, change: &ChangeSet) -> BTreeMap<EntryId, &'static str> {
        let alarms = change.entries.iter().filter(|w| w.entry.kind == "alarm");
        let after = alarms.filter_map(|w| read(&w.entry));
        let why = |alarm: Alarm| {
            let before = self.board.open_alarm(alarm.id)?;
            Some((alarm.id.into(), overtakes(&before.alarm, &alarm)?))
        };
        after.filter_map(why).collect()
    }
}

/// Why what was asked about the alarm before is not asked any more.
fn overtakes(before: &Alarm, after: &Alarm) -> Option<&'static str> {
    let way = |alarm: &Alarm| alarm.ladder.as_ref().map(|l| (l.plan, l.next.is_none()));
    if way(before) == way(after) {
        return None;
    }
    match (&after.life, &after.member) {
        (Life::Closed { .. } | Life::Ended { .. }, _) => Some("告警已销号"),
        (_, Some(_)) if before.member.is_none() => Some("告警已并入另一条"),
        (Life::Taken { .. }, _) => Some("告警已签收"),
        (Life::Verified { .. } | Life::Forwarded { .. }, _) => Some("告警已核实"),
        (Life::Raised, _) => None,
    }
}
