//! A past for the demonstration county: a year of fires, most of them false as such places have them, and some devices
//! that have served long enough.

use anyhow::{Context, Result};
use fengsui_alarm::{Cause, Finding};
use fengsui_app::{App, ImportedTerminal, PastFire};
use fengsui_base::Officer;
use fengsui_sim::county::{self, County};
use fengsui_store::{Part, StateKey};
use jiff::civil::{Date, date};
use jiff::tz::Offset;

/// How many whole months of a past there are besides the running one.
const MONTHS: i32 = 12;
/// Terminals that are older than the others, by their place in the county's list: one past its time, one nearly.
const AGED: [(usize, Date); 2] = [(41, date(2014, 6, 18)), (207, date(2015, 3, 9))];

/// Makes some terminals older than the generator has them.
pub(crate) fn age(county: &County, terminals: &mut [ImportedTerminal]) {
    for (place, day) in AGED {
        let source = county.terminals.get(place).map(|t| t.source.to_string());
        for terminal in terminals.iter_mut().filter(|t| Some(&t.source) == source.as_ref()) {
            terminal.fields.insert("installed_on".to_owned(), day.to_string().into());
        }
    }
}

/// Puts a year of fires on record, as this officer handled them. Answers how many.
pub(crate) async fn remember(app: &App, county: &County, login: &str, password: &str) -> Result<usize> {
    let officer = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
    let by = Officer { seat: Some(1), ..officer.grant.officer().clone() };
    // China has one zone without daylight saving: a fixed offset needs no time-zone file.
    let today = Offset::constant(8).to_datetime(app.now()).date();
    let fires = county.past_fires(today, MONTHS).into_iter().map(fire).collect::<Result<Vec<_>>>()?;
    Ok(app.demonstration_past(fires, &by).await?)
}

fn fire(fire: county::PastFire) -> Result<PastFire> {
    let point = &fire.point;
    let label = gb26875::names::component_type(point.component_type).map_or("", |name| name.zh);
    Ok(PastFire {
        source: fire.source.to_string(),
        key: StateKey {
            part: Part::Component,
            system_type: point.system_type,
            system_address: point.system_address,
            component_address: point.component_address,
            analog_type: 0,
        },
        component_label: label.to_owned(),
        at: fire.at,
        taken_after_s: fire.taken_after_s,
        found_after_s: fire.found_after_s,
        finding: Finding::from_code(fire.finding).context("示例县有未知的核实结论")?,
        cause: fire.cause.map(|c| Cause::from_code(c).context("示例县有未知的误报原因")).transpose()?,
    })
}
