//! Terminals nobody knows: the first word makes an entry; beyond the limit frames are kept as they came.

use super::arrival::{Arrival, Receipt};
use super::receipt;
use crate::changes::Said;
use crate::turns::LineTurn;
use crate::{App, Fault};
use fengsui_base::{Actor, Device, Fields, TerminalId};
use fengsui_store::{ChangeSet, Expect, KeyWrite, Numbering};
use serde_json::Value;

/// Most terminals nobody has claimed; the frames of further ones are kept without an entry of their own.
pub(crate) const UNKNOWN_MAX: usize = 20_000;
/// Most frames of an ignored terminal that are kept in a day, fires aside.
pub(super) const IGNORED_FRAMES_A_DAY_MAX: u32 = 100;

impl App {
    /// The first word of a terminal nobody knows: it gets an entry of its own and is heard like any other.
    pub(super) async fn take_in_first(&self, arrival: &Arrival) -> Result<Receipt, Fault> {
        if self.board.stranger_count() >= UNKNOWN_MAX {
            return self.keep_without_terminal(arrival).await;
        }
        let settled = self
            .settle(arrival.says_fire(), |_| std::future::ready(Ok((self.unknown_terminal(arrival), ()))))
            .await;
        match settled {
            Ok(_) => {}
            // Somebody else made it at the same moment: then it is known now.
            Err(Fault::Refused(_)) if self.board.terminal_at(&arrival.source).is_some() => {}
            Err(fault) => return Err(fault),
        }
        match self.board.terminal_at(&arrival.source) {
            Some(terminal) if !arrival.reports.is_empty() => {
                Box::pin(self.take_in_from(&terminal, arrival, &mut LineTurn::default())).await
            }
            Some(terminal) => {
                self.board.heard(&terminal, &arrival.channel, arrival.clocks(None));
                Ok(settled.map_or(Receipt::Heard, |s| receipt(&s)))
            }
            None => Err(Fault::Broken(fengsui_store::StoreError::Broken("新终端未登记成功".to_owned()))),
        }
    }

    fn unknown_terminal(&self, arrival: &Arrival) -> ChangeSet {
        let mut change = ChangeSet::new(arrival.received_at);
        let mut fields = Fields::new();
        fields.insert("source".to_owned(), Value::from(arrival.source.as_str()));
        fields.insert("profile".to_owned(), Value::from(arrival.profile.as_str()));
        fields.insert("channel".to_owned(), Value::from(arrival.channel.as_str()));
        let title = name_of(&arrival.source);
        let mut entry = self.fresh("terminal", self.node.region, &title, fields, arrival.received_at);
        entry.state = "unknown".to_owned();
        let key = crate::terminals::source_key(&arrival.source);
        change.expects.push(Expect::Absent(key.clone()));
        change.keys.push(KeyWrite::Take(key, entry.id));
        let actor =
            Actor::Device(Device { terminal: Some(TerminalId(entry.id)), channel: arrival.channel.clone() });
        let said =
            Said::new("terminal.appeared", format!("未登记终端首次上线，来自 {}", arrival.channel), "帧");
        change.journal.push(self.line_on(&entry, arrival.received_at, &actor, said));
        if arrival.reports.is_empty() {
            change.frames.push(arrival.record(
                Some(TerminalId(entry.id)),
                self.node.region,
                "unknown_terminal",
            ));
        }
        change.entries.push(self.write(entry, Numbering::Keep));
        change
    }

    async fn keep_without_terminal(&self, arrival: &Arrival) -> Result<Receipt, Fault> {
        if arrival.reports.is_empty() {
            return Ok(Receipt::Heard);
        }
        let settled = self
            .settle(false, |_| {
                let mut change = ChangeSet::new(arrival.received_at);
                let actor = Actor::Device(Device { terminal: None, channel: arrival.channel.clone() });
                let node = crate::start::node_id(&self.node);
                let text = format!("待认领终端已达 {UNKNOWN_MAX} 台，来自 {} 的帧只存原文", arrival.source);
                let said = Said::new("terminal.overflow", text, "帧");
                change.journal.push(self.line(
                    "region",
                    node,
                    self.node.region,
                    arrival.received_at,
                    &actor,
                    said,
                ));
                change.frames.push(arrival.record(None, self.node.region, "unknown_terminal"));
                change.receipt = Some(arrival.receipt());
                std::future::ready(Ok((change, ())))
            })
            .await?;
        Ok(receipt(&settled))
    }
}

/// What a terminal that nobody registered is called until somebody does: by its number, or by where it speaks from
/// when its address says nothing.
fn name_of(source: &str) -> String {
    match source.split_once('/') {
        Some(("zero", place)) => {
            format!("未登记终端 零地址 {}", place.split_once('/').map_or(place, |(_, from)| from))
        }
        Some(("ipv4", place)) => format!("未登记终端 {place}"),
        _ => format!("未登记终端 {source}"),
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_stranger_is_called_by_what_a_person_can_look_for() {
        assert_eq!(name_of("70001"), "未登记终端 70001");
        assert_eq!(name_of("zero/tcp/10.1.2.3"), "未登记终端 零地址 10.1.2.3");
        assert_eq!(name_of("zero/tcp/10.1.2.3/2"), "未登记终端 零地址 10.1.2.3/2");
        assert_eq!(name_of("ipv4/10.1.2.3:5000"), "未登记终端 10.1.2.3:5000");
        assert_eq!(name_of("ctwing:8a2f"), "未登记终端 ctwing:8a2f");
    }
}
