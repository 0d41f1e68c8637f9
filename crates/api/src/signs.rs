//! `/units/signs`: the signs of units (一企一码), each with a code that leads a telephone to the unit's page.
//!
//! The code carries the unit's id, which never changes, so that a sign on a wall outlives a new name or number.

use crate::Api;
use crate::gate::Caller;
use crate::page::{self, Parameters};
use crate::problem::{Denied, Problem};
use crate::units::{UnitParameters, category_label};
use crate::whence::Whence;
use axum::Json;
use axum::extract::State;
use fengsui_base::{Refusal, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::Page;
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most units that may be named at once.
pub(crate) const NAMED_MAX: usize = 100;
/// Least side of a picture, in the units of its own drawing.
const PICTURE_PX: u32 = 240;

/// The sign of a unit.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignView {
    id: String,
    code: String,
    name: String,
    address: String,
    category_label: String,
    township: Option<String>,
    key_unit: bool,
    /// What the picture says.
    link: String,
    /// SVG.
    picture: String,
}

/// A page of signs.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignList {
    items: Vec<SignView>,
    next: Option<String>,
    /// How many there are: exact up to 10,000; 10,001 says that there are more.
    total: u64,
    /// The site's address as set; null when the links had to be made from the address of this request.
    site: Option<String>,
}

/// Which units by name, instead of by a filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SignParameters {
    /// Ids with commas between them, at most a hundred; the filter does not count then.
    ids: Option<String>,
}

/// Signs of the units of a list, or of those named.
#[utoipa::path(get, path = "/units/signs", tag = "units", params(SignParameters, UnitParameters), responses((status = 200, body = SignList), (status = 422, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    whence: Whence,
    Parameters(named): Parameters<SignParameters>,
    Parameters(p): Parameters<UnitParameters>,
) -> Result<Json<SignList>, Denied> {
    let (found, total) = match named.ids.as_deref().filter(|ids| !ids.is_empty()) {
        Some(ids) => units_named(&api, &caller, ids).await?,
        None => api.app.units(caller.grant(), p.filter()?).await?,
    };
    let origin = origin(&api, &whence);
    let items = found.items.iter().map(|unit| SignView::of(&api, unit, &origin)).collect::<Result<_, _>>()?;
    let next = found.next.as_ref().map(page::cursor_text);
    Ok(Json(SignList { items, next, total, site: api.site.as_deref().map(str::to_owned) }))
}

async fn units_named(api: &Api, caller: &Caller, ids: &str) -> Result<(Page, u64), Denied> {
    let ids: Vec<_> = ids.split(',').collect();
    if ids.len() > NAMED_MAX {
        let sentence = format!("一次最多选 {NAMED_MAX} 家，请分几次印，或用筛选条件整批印");
        return Err(page::bad("/ids", "ids.too_many", &sentence).into());
    }
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.push(api.app.unit(caller.grant(), UnitId(page::id(id)?)).await?);
    }
    let total = items.len() as u64;
    Ok((Page { items, next: None }, total))
}

/// Where links lead: to the site as set, or else to where this request came to.
fn origin(api: &Api, whence: &Whence) -> String {
    if let Some(site) = &api.site {
        return site.trim_end_matches('/').to_owned();
    }
    let host = if whence.host.is_empty() { "localhost" } else { &whence.host };
    format!("{}://{host}", if api.secure(whence) { "https" } else { "http" })
}

impl SignView {
    fn of(api: &Api, unit: &Entry, origin: &str) -> Result<Self, Refusal> {
        let link = format!("{origin}/u/{}", unit.id);
        let category = page::text(unit, "category").unwrap_or_default();
        Ok(Self {
            id: unit.id.to_string(),
            code: page::text(unit, "code").unwrap_or_default(),
            name: unit.title.clone(),
            address: page::text(unit, "address").unwrap_or_default(),
            category_label: category_label(&api.app, &category),
            township: page::township(&api.app, unit.region),
            key_unit: unit.fields.get("key_unit").and_then(|v| v.as_bool()).unwrap_or(false),
            picture: picture(&link)?,
            link,
        })
    }
}

/// The link as a QR code, drawn as SVG. A quarter of it may be scratched: a sign hangs in a corridor for years.
fn picture(link: &str) -> Result<String, Refusal> {
    let code = QrCode::with_error_correction_level(link, EcLevel::Q)
        .map_err(|_| page::bad("/site", "site.too_long", "本站网址太长，放不进二维码"))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(PICTURE_PX, PICTURE_PX).build())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_drawn_as_svg_and_a_link_beyond_a_code_is_refused() {
        let drawn = picture("https://county.example/u/0192f0c0-0000-7000-8000-000000000001").unwrap();
        assert!(drawn.contains("<svg") && drawn.ends_with("</svg>"));
        assert_eq!(picture(&"x".repeat(4_000)).unwrap_err().places[0].code, "site.too_long");
    }
}
