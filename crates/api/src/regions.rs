//! `/regions`: the tree of regions, one level at a time, within what the asker may see.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Parameters, RegionRef};
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A region in the tree.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegionItem {
    #[serde(flatten)]
    region: RegionRef,
    children: usize,
}

/// One level of the tree.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegionList {
    items: Vec<RegionItem>,
}

/// Below which region.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RegionParameters {
    parent: Option<String>,
}

/// The regions directly below `parent`, or one's own.
#[utoipa::path(get, path = "/regions", tag = "regions", params(RegionParameters), responses((status = 200, body = RegionList), (status = 422, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(p): Parameters<RegionParameters>,
) -> Result<Json<RegionList>, Denied> {
    let parent = p.parent.as_deref().map(|r| page::region(r, "/parent")).transpose()?;
    let found = api.app.regions_below(caller.grant(), parent)?;
    let items =
        found.into_iter().map(|v| RegionItem { region: RegionRef::of(&v.region), children: v.children });
    Ok(Json(RegionList { items: items.collect() }))
}
