//! HTTP: one file per resource, one gate for every route, OpenAPI, and the live event stream.
//!
//! A handler extracts, calls one function of `app`, and presents. It holds no rule: what may be done and why
//! not comes from `app` together with the thing itself. [`routes`] is the list of everything there is.

mod accounts;
mod alarms;
mod answers;
mod calendar;
mod certificate;
mod channels;
mod door;
mod downlinks;
mod duty;
mod events;
mod exports;
mod filtered;
mod floors;
mod frames;
mod gate;
mod guard;
mod health;
mod imports;
mod journal;
mod lab;
mod ladder;
mod ledgers;
mod legal_sources;
mod limits;
mod map;
mod messages;
mod outages;
mod page;
mod pages;
mod papers;
mod problem;
mod quarantine;
mod reckoning;
mod regions;
mod responders;
mod rule_packs;
mod schema;
mod seats;
mod session;
mod signs;
mod system;
mod templates;
mod terminals;
mod todos;
mod units;
mod values;
mod whence;
mod windows;
mod wires;

pub use certificate::{CERTIFICATE_URGENT_DAYS, CERTIFICATE_WARNING_DAYS, Certificate, Certificates};
pub use door::{Connection, Door, Encrypted, redirect};
pub use map::BaseMap;
pub use pages::{Page, Pages, serve};
pub use problem::{Problem, ProblemPlace};
pub use system::GatewayFacts;
pub use whence::Proxies;
pub use wires::{BrokerFacts, CodecFacts, SubscriptionFacts, Trial, WireFacts, Wires};

use axum::Router;
use fengsui_app::App;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

/// Largest body of a request, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What all handlers work with.
#[derive(Clone)]
pub struct Api {
    /// The application.
    pub app: Arc<App>,
    /// The county's base map, when the site has one.
    pub map: Option<Arc<BaseMap>>,
    /// How the gateway stands, for the status page.
    pub gateway: Arc<dyn Fn() -> GatewayFacts + Send + Sync>,
    /// How terminals are heard besides the gateway, and how messages are tried.
    pub wires: Arc<dyn Wires>,
    /// Free bytes on the disk of the data, when known.
    pub disk_free: Arc<dyn Fn() -> Option<u64> + Send + Sync>,
    /// Whether cookies are only for encrypted connections even where the request came without encryption.
    pub secure_cookie: bool,
    /// The certificate that is shown, where this program itself encrypts.
    pub certificates: Option<Arc<Certificates>>,
    /// Whose word on where a request comes from is believed.
    pub proxies: Proxies,
    /// Address at which a telephone reaches this site, as the setting `outward.site` has it.
    pub site: Option<Arc<str>>,
    /// The templates of printed papers.
    pub papers: Arc<fengsui_app::PaperTemplates>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "烽燧 Fengsui",
        description = "应急指挥台、管理数据库、安全预警器。所有时间为 UTC，RFC 3339；辖区代码为十二位数字；错误按 RFC 9457。答复里没有内容的项写作 null，不会缺项。",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(
        events::AlarmEvent,
        events::TerminalEvent,
        events::UnitEvent,
        events::SeatEvent,
        events::DutyCheckEvent,
        events::EntryEvent,
        events::Tick,
        events::Resync
    ))
)]
struct Document;

/// Every operation there is, with its handler.
fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(session::node))
        .routes(routes!(session::log_in, session::current, session::log_out))
        .routes(routes!(session::change_password))
        .routes(routes!(guard::lock))
        .routes(routes!(guard::unlock))
        .routes(routes!(guard::security))
        .routes(routes!(guard::set_pin))
        .routes(routes!(guard::offer_factor))
        .routes(routes!(guard::confirm_factor))
        .routes(routes!(guard::end))
        .routes(routes!(seats::list))
        .routes(routes!(seats::sign_on))
        .routes(routes!(seats::sign_off))
        .routes(routes!(seats::reliefs))
        .routes(routes!(seats::change_shift))
        .routes(routes!(seats::mute, seats::unmute))
        .routes(routes!(seats::report_sound))
        .routes(routes!(seats::colleagues))
        .routes(routes!(alarms::list))
        .routes(routes!(alarms::queue))
        .routes(routes!(outages::list))
        .routes(routes!(alarms::counts))
        .routes(routes!(reckoning::accounts))
        .routes(routes!(alarms::one))
        .routes(routes!(alarms::timeline))
        .routes(routes!(alarms::frame))
        .routes(routes!(alarms::take))
        .routes(routes!(alarms::hand_over))
        .routes(routes!(alarms::take_over))
        .routes(routes!(alarms::verify))
        .routes(routes!(alarms::forward))
        .routes(routes!(alarms::merge))
        .routes(routes!(alarms::unmerge))
        .routes(routes!(alarms::note))
        .routes(routes!(alarms::close))
        .routes(routes!(events::stream))
        .routes(routes!(map::base))
        .routes(routes!(map::units))
        .routes(routes!(map::meta))
        .routes(routes!(units::list, units::create))
        .routes(routes!(units::one, units::change))
        .routes(routes!(units::categories))
        .routes(routes!(ledgers::menus))
        .routes(routes!(ledgers::one))
        .routes(routes!(ledgers::entries, ledgers::open))
        .routes(routes!(ledgers::export))
        .routes(routes!(ledgers::batch::steps))
        .routes(routes!(ledgers::batch::make))
        .routes(routes!(ledgers::tallies))
        .routes(routes!(ledgers::entry, ledgers::amend))
        .routes(routes!(ledgers::make_move))
        .routes(routes!(ledgers::judge::judge))
        .routes(routes!(ledgers::remark))
        .routes(routes!(ledgers::journal))
        .routes(routes!(ledgers::file))
        .routes(routes!(ledgers::agenda))
        .routes(routes!(ledgers::people))
        .routes(routes!(ledgers::of_unit))
        .routes(routes!(ledgers::views::list, ledgers::views::save))
        .routes(routes!(ledgers::views::remove))
        .routes(routes!(ledgers::views::set_usual))
        .routes(routes!(ledgers::search::search))
        .routes(routes!(ledgers::archive::of_unit))
        .routes(routes!(ledgers::due_days::days))
        .routes(routes!(ledgers::places::places))
        .routes(routes!(legal_sources::list))
        .routes(routes!(rule_packs::list))
        .routes(
            routes!(ledgers::upload)
                .layer(axum::extract::DefaultBodyLimit::max(fengsui_app::LEDGER_FILE_BYTES_MAX + 1)),
        )
        .routes(routes!(signs::list))
        .routes(routes!(exports::units))
        .routes(routes!(exports::terminals))
        .routes(routes!(exports::points))
        .routes(routes!(exports::alarms))
        .routes(routes!(windows::list, windows::create))
        .routes(routes!(windows::one))
        .routes(routes!(windows::end))
        .routes(routes!(windows::covers))
        .routes(routes!(todos::list))
        .routes(routes!(todos::one))
        .routes(routes!(todos::finish))
        .routes(routes!(todos::decline))
        .routes(routes!(terminals::list, terminals::create))
        .routes(routes!(terminals::one, terminals::change))
        .routes(routes!(terminals::profiles))
        .routes(routes!(terminals::points))
        .routes(routes!(terminals::frames))
        .routes(routes!(downlinks::list, downlinks::create))
        .routes(routes!(downlinks::cancel))
        .routes(routes!(duty::list, duty::start))
        .routes(routes!(duty::scores))
        .routes(routes!(duty::plan))
        .routes(routes!(floors::list))
        .routes(routes!(floors::points))
        .routes(routes!(floors::place))
        .routes(routes!(floors::picture))
        .routes(routes!(floors::of_alarm))
        .routes(
            routes!(floors::set_plan, floors::remove_plan)
                .layer(axum::extract::DefaultBodyLimit::max(fengsui_app::PICTURE_BYTES_MAX + 1)),
        )
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::one))
        .routes(routes!(quarantine::adopt))
        .routes(routes!(quarantine::ignore))
        .routes(routes!(quarantine::block))
        .routes(routes!(quarantine::release))
        .routes(routes!(values::list))
        .routes(routes!(values::chart))
        .routes(routes!(values::set_silence))
        .routes(routes!(limits::one, limits::set))
        .routes(routes!(limits::adopt))
        .routes(routes!(imports::list, imports::upload))
        .routes(routes!(imports::bulk))
        .routes(routes!(imports::known_columns))
        .routes(routes!(imports::template))
        .routes(routes!(imports::one))
        .routes(routes!(imports::problems))
        .routes(routes!(imports::workbook))
        .routes(routes!(imports::columns))
        .routes(routes!(imports::confirm))
        .routes(routes!(imports::undo))
        .routes(routes!(imports::cancel))
        .routes(routes!(frames::one))
        .routes(routes!(lab::decode))
        .routes(routes!(ledgers::papers::of_entry, ledgers::papers::issue))
        .routes(routes!(ledgers::papers::preview))
        .routes(routes!(ledgers::papers::sheet))
        .routes(routes!(papers::list))
        .routes(routes!(papers::template))
        .routes(routes!(papers::form))
        .routes(
            routes!(papers::check)
                .layer(axum::extract::DefaultBodyLimit::max(fengsui_app::TEMPLATE_BYTES_MAX + 1)),
        )
        .routes(routes!(wires::list))
        .routes(routes!(wires::trial))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::one, accounts::change))
        .routes(routes!(accounts::disable))
        .routes(routes!(accounts::enable))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(accounts::reset_factor))
        .routes(routes!(accounts::posts))
        .routes(routes!(responders::list, responders::create))
        .routes(routes!(responders::roles))
        .routes(routes!(responders::one, responders::change))
        .routes(routes!(responders::disable))
        .routes(routes!(responders::enable))
        .routes(routes!(answers::one, answers::answer))
        .routes(routes!(calendar::list))
        .routes(routes!(calendar::one, calendar::set))
        .routes(routes!(templates::list, templates::create))
        .routes(routes!(templates::preview))
        .routes(routes!(templates::attention))
        .routes(routes!(templates::one, templates::change))
        .routes(routes!(templates::adopt))
        .routes(routes!(templates::end))
        .routes(routes!(templates::overlays::change))
        .routes(routes!(templates::overlays::adopt))
        .routes(routes!(templates::overlays::preview))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::faults))
        .routes(routes!(channels::one, channels::change))
        .routes(routes!(channels::enable))
        .routes(routes!(channels::disable))
        .routes(routes!(channels::test))
        .routes(routes!(channels::renew_inbound))
        .routes(routes!(channels::hear))
        .routes(routes!(messages::list))
        .routes(routes!(messages::one))
        .routes(routes!(regions::list))
        .routes(routes!(system::status))
        .routes(routes!(journal::list))
}

/// The OpenAPI document, as committed to the repository.
pub fn openapi() -> utoipa::openapi::OpenApi {
    parts().1
}

fn parts() -> (Router<Api>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::new().nest("/api/v1", routes()).split_for_parts();
    (router, schema::settle(document))
}

/// The whole HTTP side: `/api/v1`, `/healthz`, `/metrics`. [`serve`] puts the pages beside it.
pub fn router(api: Api) -> Router {
    let (router, document) = parts();
    let text: Arc<str> = serde_json::to_string(&document).expect("an OpenAPI document is plain data").into();
    let document = move || std::future::ready(([("content-type", "application/json")], text.to_string()));
    router
        .route("/api/v1/openapi.json", axum::routing::get(document))
        .layer(axum::middleware::from_fn_with_state(api.clone(), gate::pass))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(health::routes())
        .fallback(|| std::future::ready(gate::no_such_route()))
        .layer(axum::middleware::from_fn_with_state(api.clone(), whence::find))
        .with_state(api)
}
