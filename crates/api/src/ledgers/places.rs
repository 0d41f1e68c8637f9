//! `/ledgers/{kind}/places`: a list of a ledger on the map.

use super::forms::LedgerParameters;
use super::show::{EntryRow, Shown};
use crate::Api;
use crate::gate::Caller;
use crate::page::Parameters;
use crate::problem::{Denied, Problem};
use crate::schema::LngLat;
use axum::Json;
use axum::extract::{Path, State};
use fengsui_ledger::Entry;
use serde::Serialize;
use utoipa::ToSchema;

/// How many entries without a position are listed beside the map; all of them are counted.
const UNPLACED_SHOWN: usize = 100;

/// A list on the map.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntryPlaces {
    items: Vec<EntryPlace>,
    /// The first of those without a position of their own or of a unit.
    unplaced: Vec<EntryRow>,
    /// How many there are of them.
    unplaced_total: usize,
    /// Whether the list has more entries than a map shows, which is 2,000.
    more: bool,
}

/// An entry with where it is.
#[derive(Serialize, ToSchema)]
struct EntryPlace {
    #[serde(flatten)]
    row: EntryRow,
    #[schema(value_type = LngLat)]
    at: [f64; 2],
}

/// Where the entries of a list are, by the same filters as the list.
#[utoipa::path(get, path = "/ledgers/{kind}/places", tag = "ledgers", params(("kind" = String, Path), LedgerParameters), responses((status = 200, body = EntryPlaces), (status = 404, body = Problem)))]
pub(crate) async fn places(
    State(api): State<Api>,
    caller: Caller,
    Path(kind): Path<String>,
    Parameters(p): Parameters<LedgerParameters>,
) -> Result<Json<EntryPlaces>, Denied> {
    let grant = caller.grant();
    let found = match p.mine {
        Some(true) => api.app.errand_places(grant, &kind, p.filter()?).await?,
        _ => api.app.ledger_places(grant, &kind, p.filter()?).await?,
    };
    let (placed, at): (Vec<Entry>, Vec<_>) = found.placed.into_iter().unzip();
    let unplaced: Vec<Entry> = found.unplaced.iter().take(UNPLACED_SHOWN).cloned().collect();
    let named: Vec<Entry> = placed.iter().chain(&unplaced).cloned().collect();
    let shown = Shown::of(&api.app, grant, &named).await?;
    let place = |(entry, at): (&Entry, fengsui_base::Position)| {
        Some(EntryPlace { row: shown.row(entry)?, at: [at.lng, at.lat] })
    };
    Ok(Json(EntryPlaces {
        items: placed.iter().zip(at).filter_map(place).collect(),
        unplaced: shown.rows(&unplaced),
        unplaced_total: found.unplaced.len(),
        more: found.more,
    }))
}
