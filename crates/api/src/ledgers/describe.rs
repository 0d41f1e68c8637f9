//! What a ledger is, as a page draws its forms and lists from it.

use crate::problem::Denied;
use crate::schema::FourColours;
use fengsui_access::Grant;
use fengsui_app::App;
use fengsui_catalog::{Field, FieldType, Kind, Move};
use serde::Serialize;
use utoipa::ToSchema;

/// The menu of the office.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerMenus {
    menus: Vec<LedgerMenu>,
}

/// A group of the menu.
#[derive(Serialize, ToSchema)]
struct LedgerMenu {
    name: String,
    label: String,
    ledgers: Vec<LedgerItem>,
}

/// A ledger in the menu.
#[derive(Serialize, ToSchema)]
struct LedgerItem {
    kind: String,
    label: String,
    measure: String,
    /// How many are open: exact up to 10,000; 10,001 says that there are more.
    open: u64,
    /// How many of them are overdue.
    overdue: u64,
}

impl LedgerMenus {
    pub(crate) async fn of(app: &App, grant: &Grant) -> Result<Self, Denied> {
        let readable = app.ledgers(grant)?;
        let counts = app.ledger_counts(grant, &readable).await?;
        let mut menus = Vec::new();
        for menu in app.catalog().menus() {
            let mut ledgers = Vec::new();
            let here = |kind: &Kind| kind.office.as_ref().is_some_and(|o| o.menu == menu.name);
            for (kind, &(open, overdue)) in readable.iter().zip(&counts).filter(|(kind, _)| here(kind)) {
                let (label, measure) = (kind.label.clone(), kind.measure.clone());
                ledgers.push(LedgerItem { kind: kind.name.clone(), label, measure, open, overdue });
            }
            if !ledgers.is_empty() {
                menus.push(LedgerMenu { name: menu.name.clone(), label: menu.label.clone(), ledgers });
            }
        }
        Ok(Self { menus })
    }
}

/// A ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ledger {
    kind: String,
    label: String,
    measure: String,
    menu: String,
    menu_label: String,
    /// The field whose levels draw the mark.
    mark: Option<String>,
    /// Fields that the list shows.
    columns: Vec<String>,
    states: Vec<LedgerState>,
    fields: Vec<LedgerField>,
    /// Fields that rules look at: a form with one of them may ask what comes out.
    judged: Vec<String>,
    /// How an entry is opened, by the moves that the caller may make somewhere.
    openings: Vec<Opening>,
    /// Why nothing is opened or moved in it now; none where it is.
    notice: Option<String>,
}

/// A state of a ledger.
#[derive(Serialize, ToSchema)]
struct LedgerState {
    name: String,
    label: String,
    /// Whether life is over in it.
    end: bool,
}

/// A field of a ledger.
#[derive(Serialize, ToSchema)]
struct LedgerField {
    name: String,
    label: String,
    #[serde(rename = "type")]
    #[schema(value_type = LedgerFieldType)]
    field_type: FieldType,
    required: bool,
    max_chars: Option<usize>,
    lines: bool,
    choices: Vec<LedgerChoice>,
    unit: Option<String>,
    least: Option<f64>,
    most: Option<f64>,
    /// The ledger a link leads to.
    to: Option<String>,
    /// A date that may not lie in the future.
    past: bool,
    help: Option<String>,
    filter: bool,
    /// Whether lists may be sorted by it.
    sort: bool,
}

/// Types of fields.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used: the catalog's own type has none")]
enum LedgerFieldType {
    Text,
    Integer,
    Real,
    Truth,
    Choice,
    Date,
    Instant,
    Link,
    Links,
    Money,
    Region,
    Person,
    People,
    Photos,
    Files,
    List,
    Record,
}

/// A choice of a field.
#[derive(Serialize, ToSchema)]
struct LedgerChoice {
    value: String,
    label: String,
    /// 1 (red) to 4 (blue), where it is a level.
    #[schema(value_type = Option<FourColours>)]
    level: Option<u8>,
}

/// A move that opens an entry.
#[derive(Serialize, ToSchema)]
struct Opening {
    name: String,
    label: String,
    help: Option<String>,
    asks: Vec<Ask>,
}

/// A field that a form asks for.
#[derive(Serialize, ToSchema)]
pub(super) struct Ask {
    field: String,
    required: bool,
}

impl Ask {
    pub(super) fn of(mv: &Move) -> Vec<Self> {
        mv.asked().map(|(name, required)| Self { field: name.to_owned(), required }).collect()
    }
}

impl Ledger {
    /// The ledger with all its openings, for whoever looks after it.
    pub(crate) fn whole(app: &App, kind: &Kind) -> Self {
        Self::told(app, kind, |_| true)
    }

    pub(crate) fn of(app: &App, grant: &Grant, kind: &Kind) -> Self {
        Self::told(app, kind, |m| !grant.scope_of_posts(&m.by).is_empty())
    }

    fn told(app: &App, kind: &Kind, may: impl Fn(&Move) -> bool) -> Self {
        let office = kind.office.as_ref();
        let menu = office.map(|o| o.menu.clone()).unwrap_or_default();
        let menu_label = app.catalog().menus().iter().find(|m| m.name == menu).map(|m| m.label.clone());
        let state = |s: &fengsui_catalog::State| LedgerState {
            name: s.name.clone(),
            label: s.label.clone(),
            end: s.end,
        };
        let notice = app.ledger_notice(kind);
        Self {
            kind: kind.name.clone(),
            label: kind.label.clone(),
            measure: kind.measure.clone(),
            menu_label: menu_label.unwrap_or_default(),
            menu,
            mark: office.and_then(|o| o.mark.clone()),
            columns: office.map(|o| o.columns.clone()).unwrap_or_default(),
            states: kind.states.iter().map(state).collect(),
            fields: kind.fields.iter().map(LedgerField::of).collect(),
            judged: fengsui_ledger::looked_at(kind),
            openings: kind
                .openings()
                .filter(|m| notice.is_none() && !m.issues && may(m))
                .map(Opening::of)
                .collect(),
            notice,
        }
    }
}

impl LedgerField {
    fn of(field: &Field) -> Self {
        let choice = |c: &fengsui_catalog::Choice| LedgerChoice {
            value: c.value.clone(),
            label: c.label.clone(),
            level: c.level,
        };
        Self {
            name: field.name.clone(),
            label: field.label.clone(),
            field_type: field.kind,
            required: field.required,
            max_chars: field.max_chars,
            lines: field.lines,
            choices: field.choices.iter().map(choice).collect(),
            unit: field.unit.clone(),
            least: field.least,
            most: field.most,
            to: field.to.clone(),
            past: field.past,
            help: field.help.clone(),
            filter: field.filter,
            sort: field.sort,
        }
    }
}

impl Opening {
    fn of(mv: &Move) -> Self {
        Self { name: mv.name.clone(), label: mv.label.clone(), help: mv.help.clone(), asks: Ask::of(mv) }
    }
}
