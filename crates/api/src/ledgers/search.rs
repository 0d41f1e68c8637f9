//! `/search`: one text looked for in units and all ledgers, grouped.

use super::show::{EntryRow, Shown};
use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Parameters, RegionRef};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{App, FoundGroup};
use fengsui_ledger::Entry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParameters {
    /// The text, two characters or more; only the first 60 count.
    q: String,
}

/// What was found: units first, then the ledgers.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchResults {
    units: Option<FoundUnits>,
    ledgers: Vec<FoundEntries>,
}

/// Units that were found.
#[derive(Serialize, ToSchema)]
struct FoundUnits {
    label: String,
    /// Exact up to 99; 100 says that there are more.
    total: u64,
    items: Vec<FoundUnit>,
}

/// A unit that was found.
#[derive(Serialize, ToSchema)]
struct FoundUnit {
    id: String,
    name: String,
    category: String,
    region: RegionRef,
}

/// Entries of a ledger that were found.
#[derive(Serialize, ToSchema)]
struct FoundEntries {
    kind: String,
    label: String,
    /// Exact up to 99; 100 says that there are more.
    total: u64,
    items: Vec<EntryRow>,
}

impl FoundUnit {
    fn of(app: &App, entry: &Entry) -> Self {
        let category = page::text(entry, "category").unwrap_or_default();
        let field = app.catalog().kind("unit").and_then(|kind| kind.field("category"));
        Self {
            id: entry.id.to_string(),
            name: entry.title.clone(),
            category: field.map_or(category.clone(), |f| f.choice_label(&category).to_owned()),
            region: RegionRef::find(app, entry.region),
        }
    }
}

/// What the caller may read that has the text in its title, number or contents, grouped by register.
#[utoipa::path(get, path = "/search", tag = "ledgers", params(SearchParameters), responses((status = 200, body = SearchResults), (status = 403, body = Problem)))]
pub(crate) async fn search(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<SearchParameters>,
) -> Result<Json<SearchResults>, Denied> {
    let found = api.app.search(caller.grant(), &p.q).await?;
    let entries: Vec<Entry> = found.iter().flat_map(|group| group.items.iter().cloned()).collect();
    let shown = Shown::of(&api.app, caller.grant(), &entries).await?;
    let (units, ledgers): (Vec<_>, Vec<_>) = found.into_iter().partition(|group| group.kind == "unit");
    let units = units.into_iter().next().map(|group| FoundUnits {
        items: group.items.iter().map(|entry| FoundUnit::of(&api.app, entry)).collect(),
        label: group.label,
        total: group.total,
    });
    let entries = |group: FoundGroup| FoundEntries {
        items: shown.rows(&group.items),
        kind: group.kind,
        label: group.label,
        total: group.total,
    };
    Ok(Json(SearchResults { units, ledgers: ledgers.into_iter().map(entries).collect() }))
}
