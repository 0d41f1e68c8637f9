//! `/rule-packs`: the rule packs of the catalog, each version with its source, where and when it holds, what it says and what
//! it judges (制度依据 › 规则包).

use crate::Api;
use crate::gate::Caller;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{App, PackStanding, PackUse, RulePack};
use serde::Serialize;
use utoipa::ToSchema;

/// All rule packs.
#[derive(Serialize, ToSchema)]
pub(crate) struct RulePackList {
    items: Vec<RulePackView>,
}

/// One version of a rule pack.
#[derive(Serialize, ToSchema)]
struct RulePackView {
    id: String,
    version: String,
    label: String,
    /// The legal source.
    source: String,
    note: Option<String>,
    /// Where it holds, by name or by code; null for the whole country.
    place: Option<String>,
    valid_from_on: Option<String>,
    /// First day on which it holds no longer.
    valid_until_on: Option<String>,
    #[schema(value_type = PackStandingName)]
    standing: &'static str,
    /// What it says, row by row.
    lines: Vec<String>,
    uses: Vec<PackUseView>,
}

/// A field that a pack judges.
#[derive(Serialize, ToSchema)]
struct PackUseView {
    /// The ledger.
    kind: String,
    label: String,
    /// Labels of its fields.
    fields: Vec<String>,
    /// Whether it fills them; else it gives a range that they must keep to.
    fills: bool,
}

/// Whether a version judges here today.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum PackStandingName {
    InForce,
    NotYet,
    Over,
    Elsewhere,
    Replaced,
}

fn standing(standing: PackStanding) -> &'static str {
    match standing {
        PackStanding::InForce => "in_force",
        PackStanding::NotYet => "not_yet",
        PackStanding::Over => "over",
        PackStanding::Elsewhere => "elsewhere",
        PackStanding::Replaced => "replaced",
    }
}

impl RulePackView {
    fn of(app: &App, pack: RulePack) -> Self {
        let named = |code| app.board().region(code).map_or_else(|| format!("{code}"), |r| r.name.clone());
        let used = |u: PackUse| {
            let PackUse { kind, label, fields, fills } = u;
            PackUseView { kind, label, fields, fills }
        };
        Self {
            id: pack.id,
            version: pack.version,
            label: pack.label,
            source: pack.source,
            note: pack.note,
            place: pack.place.map(named),
            valid_from_on: pack.valid_from_on.map(|day| day.to_string()),
            valid_until_on: pack.valid_until_on.map(|day| day.to_string()),
            standing: standing(pack.standing),
            lines: pack.lines,
            uses: pack.uses.into_iter().map(used).collect(),
        }
    }
}

/// The rule packs, with what each judges of the ledgers that the caller may read.
#[utoipa::path(get, path = "/rule-packs", tag = "ledgers", responses((status = 200, body = RulePackList), (status = 403, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<RulePackList>, Denied> {
    let found = api.app.rule_packs(caller.grant())?;
    Ok(Json(RulePackList { items: found.into_iter().map(|pack| RulePackView::of(&api.app, pack)).collect() }))
}
