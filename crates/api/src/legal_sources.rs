//! `/legal-sources`: the laws and orders that the catalog names, with where each article is used (制度依据).

use crate::Api;
use crate::gate::Caller;
use crate::problem::{Denied, Problem};
use axum::Json;
use axum::extract::State;
use fengsui_app::{CitedArticle, LegalSource, LegalUse};
use serde::Serialize;
use utoipa::ToSchema;

/// All sources, by title.
#[derive(Serialize, ToSchema)]
pub(crate) struct LegalSourceList {
    items: Vec<LegalSourceView>,
}

/// A law, standard or order.
#[derive(Serialize, ToSchema)]
struct LegalSourceView {
    title: String,
    articles: Vec<CitedArticleView>,
}

/// An article and where it is used.
#[derive(Serialize, ToSchema)]
struct CitedArticleView {
    /// Such as 第 19 条; null for the whole.
    article: Option<String>,
    uses: Vec<LegalUseView>,
}

/// One use.
#[derive(Serialize, ToSchema)]
struct LegalUseView {
    /// The ledger.
    kind: String,
    what: String,
    /// The state whose deadline rests on it.
    place: String,
    says: String,
    /// The term that is counted.
    term: String,
    /// Whether the number of days is the site's choice, not the law's.
    chosen: bool,
}

impl LegalSourceView {
    fn of(source: LegalSource) -> Self {
        let used = |u: LegalUse| {
            let LegalUse { kind, what, place, says, term, chosen } = u;
            LegalUseView { kind, what, place, says, term, chosen }
        };
        let article = |a: CitedArticle| CitedArticleView {
            article: a.article,
            uses: a.uses.into_iter().map(used).collect(),
        };
        Self { title: source.title, articles: source.articles.into_iter().map(article).collect() }
    }
}

/// The laws and standards behind the deadlines of the ledgers that the caller may read.
#[utoipa::path(get, path = "/legal-sources", tag = "ledgers", responses((status = 200, body = LegalSourceList), (status = 403, body = Problem)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<LegalSourceList>, Denied> {
    let found = api.app.legal_sources(caller.grant())?;
    Ok(Json(LegalSourceList { items: found.into_iter().map(LegalSourceView::of).collect() }))
}
