//! Two checks missed in a row are told to the unit's fire safety manager.

use crate::entries::text_is;
use crate::messages::{ChannelKind, Notice, Recipient};
use crate::{App, Fault, OpenDutyCheck};
use fengsui_alarm::{DutyState, MISSED_TOLD};
use fengsui_base::{Actor, Scope, Timestamp};
use fengsui_ledger::Subject;
use fengsui_store::{ChangeSet, Query};

/// Most checks that are looked back upon.
const LOOKED_AT_MAX: u16 = 20;

impl App {
    /// Adds the message when this miss completes a run of [`MISSED_TOLD`]; the next run tells again.
    pub(super) async fn add_missed_notice(
        &self,
        change: &mut ChangeSet,
        open: &OpenDutyCheck,
        actor: &Actor,
    ) -> Result<(), Fault> {
        let in_a_row = 1 + self.missed_before(open).await?;
        if !in_a_row.is_multiple_of(MISSED_TOLD) {
            return Ok(());
        }
        let unit = self.store.entry(&Scope::everything(), open.check.unit.into()).await?;
        for recipient in self.unit_managers(open.entry.region, open.check.unit, unit.as_ref()) {
            let notice = missed_notice(open, recipient, in_a_row, change.at);
            self.add_notice(change, notice, actor);
        }
        Ok(())
    }

    /// How many checks of the unit that counted were missed right before this one.
    async fn missed_before(&self, open: &OpenDutyCheck) -> Result<usize, Fault> {
        let mut query = Query::newest("duty_check", Scope::everything());
        query.filters = vec![text_is("unit", open.check.unit.to_string())];
        query.states =
            [DutyState::OnTime, DutyState::Late, DutyState::Missed].map(|s| s.code().to_owned()).to_vec();
        query.limit = LOOKED_AT_MAX;
        let page = self.store.list(&query).await?;
        let before = page.items.iter().filter(|e| e.id != open.entry.id);
        Ok(before.take_while(|e| e.state == DutyState::Missed.code()).count())
    }
}

fn missed_notice(open: &OpenDutyCheck, recipient: Recipient, in_a_row: usize, at: Timestamp) -> Notice {
    let unit = &open.check.unit_name;
    let time = fengsui_alarm::local_time(at);
    Notice {
        about: Subject { kind: "duty_check".to_owned(), id: open.entry.id },
        region: open.entry.region,
        rung: "duty_missed".to_owned(),
        recipient,
        title: format!("{unit} 连续 {in_a_row} 次查岗无人应答"),
        text: format!(
            "{time} {unit} 消防控制室查岗无人应答，已连续 {in_a_row} 次。请核实值班人员是否在岗，并答复。"
        ),
        by: vec![ChannelKind::Sms, ChannelKind::Email],
        urgent: false,
        answerable: true,
    }
}
