//! What a person who is called is told: place, time and what is asked, in one sentence that a telephone can read
//! aloud. No name of anybody else stands in it.

use super::people::ways;
use crate::App;
use crate::messages::{Notice, Recipient};
use fengsui_alarm::{Alarm, Class, Plan, Rung, Step, Told, local_time};
use fengsui_ledger::{Entry, Subject};
use fengsui_store::ChangeSet;

impl App {
    /// Adds the message to one person, and says who was told.
    pub(super) fn tell(
        &self,
        change: &mut ChangeSet,
        recipient: Recipient,
        step: &Step,
        alarm: &Alarm,
        unit: Option<&Entry>,
    ) -> Told {
        let (name, role) = (recipient.name.clone(), recipient.role.clone());
        let urgent = alarm.raise.class == Class::Fire;
        let by = ways(step.rung, recipient.handle.as_deref());
        let notice = Notice {
            about: Subject { kind: "alarm".to_owned(), id: alarm.id.into() },
            region: alarm.raise.region,
            rung: step.rung.code().to_owned(),
            recipient,
            title: title(alarm),
            text: self.text(step.rung, alarm, unit),
            by,
            urgent,
            answerable: true,
        };
        let message = self.add_notice(change, notice, &Self::by_rule(super::RULE));
        Told { message, name, role }
    }

    fn text(&self, rung: Rung, alarm: &Alarm, unit: Option<&Entry>) -> String {
        let raise = &alarm.raise;
        let time = local_time(raise.raised_at);
        let address = unit.and_then(|u| crate::entries::field::<String>(u, "address"));
        let address = address.map_or(String::new(), |a| format!("，地址 {a}"));
        let what =
            format!("{time} {} {} {}{address}。", raise.class.label(), title_place(alarm), raise.title);
        if rung == Rung::Morning {
            return format!("{what}{}", self.remaining(alarm));
        }
        format!("{what}{}", asked(rung, alarm.ladder.as_ref().map(|l| l.plan)))
    }

    fn remaining(&self, alarm: &Alarm) -> String {
        let of_unit = alarm.raise.unit.map_or_else(Vec::new, |unit| self.board.open_alarms_at(unit.into()));
        let open = of_unit.iter().filter(|o| o.alarm.raise.class != Class::Fire).count();
        format!("贵单位共有 {} 条故障类告警未处理，请安排检修并答复。", open.max(1))
    }
}

/// What is asked of the person.
fn asked(rung: Rung, plan: Option<Plan>) -> &'static str {
    match (rung, plan) {
        (_, Some(Plan::Leader)) => "值班员无法判定，请带班领导决定。",
        (_, Some(Plan::Verify)) => "已签收，超时未核实，请过问。",
        (_, Some(Plan::Forward)) => "已核实为真实，还没有转119，请过问。",
        (Rung::Residents | Rung::SafetyManager | Rung::Neighbours, _) => {
            "请立即到现场查看并答复，确有火情请先打119。"
        }
        (Rung::Deputy | Rung::DutyLeader, _) => "值守台无人签收，请立即处置。",
        _ => "仍无人处置，请立即查看并答复。",
    }
}

fn title(alarm: &Alarm) -> String {
    format!("{} {}", alarm.raise.class.label(), title_place(alarm))
}

fn title_place(alarm: &Alarm) -> String {
    match &alarm.raise.unit_name {
        Some(unit) => format!("{unit} {}", alarm.raise.place),
        None => alarm.raise.place.clone(),
    }
}
