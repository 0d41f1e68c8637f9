//! The past of the demonstration county: months of measured values, so that a chart has something to show and a limit
//! something to be held against.

use fengsui_app::{App, Remembered};
use fengsui_sim::county::{County, Point, Terminal};
use fengsui_sim::terminal::measured;
use fengsui_store::{Part, StateKey};
use std::sync::Arc;

/// How far back, in seconds: four months.
const BACK_S: i64 = 120 * 86_400;
/// Between two values of the past, in seconds.
const STEP_S: i64 = 3 * 3_600;
/// The last day is told more closely, in seconds.
const CLOSE_S: i64 = 86_400;
/// Between two values of the last day, in seconds.
const CLOSE_STEP_S: i64 = 900;
/// Most values that have a past.
const VALUES_MAX: usize = 120;

/// Writes it, a value at a time, while the county already lives; a failure costs a curve and nothing else.
pub(crate) async fn remember(app: Arc<App>, county: Arc<County>) {
    for value in values(&app, &county) {
        if let Err(fault) = app.demonstration_values(&[value]).await {
            tracing::warn!(%fault, "the past of a value was not written");
            return;
        }
    }
}

fn values(app: &App, county: &County) -> Vec<Remembered> {
    let now_s = app.now().as_second();
    let measuring = county.terminals.iter().flat_map(|t| t.points.iter().map(move |p| (t, p)));
    let measuring = measuring.filter(|(_, p)| p.analog.is_some()).take(VALUES_MAX);
    measuring.filter_map(|(terminal, point)| value(app, terminal, point, now_s)).collect()
}

fn value(app: &App, terminal: &Terminal, point: &Point, now_s: i64) -> Option<Remembered> {
    let known = app.board().terminal_at(&terminal.source.to_string())?;
    let key = StateKey {
        part: Part::Value,
        system_type: point.system_type,
        system_address: point.system_address,
        component_address: point.component_address,
        analog_type: point.analog?.kind,
    };
    let long_ago = (now_s - BACK_S..now_s - CLOSE_S).step_by(usize::try_from(STEP_S).unwrap_or(1));
    let lately = (now_s - CLOSE_S..now_s).step_by(usize::try_from(CLOSE_STEP_S).unwrap_or(1));
    let sample = |second| Some((second, i32::from(measured(point, terminal.source, second)?)));
    Some((known.id, key, long_ago.chain(lately).filter_map(sample).collect()))
}
