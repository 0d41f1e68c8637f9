//! What an administrator fills in to make a ledger, or to add a field to one.

use crate::page;
use fengsui_app::App;
use fengsui_base::Refusal;
use fengsui_catalog::{OwnField, OwnFieldType, SiteLedger, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an administrator fills in.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct SiteLedgerForm {
    label: String,
    measure: String,
    /// Capital letters before the running number.
    number: String,
    /// Name of the pattern.
    pattern: String,
    #[serde(default)]
    fields: Vec<OwnFieldForm>,
    /// Codes of regions.
    area: Vec<String>,
    /// Last day on which entries are opened, as 2026-12-31.
    ends_on: String,
    #[serde(default)]
    target: Option<TargetForm>,
}

/// An own field.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct OwnFieldForm {
    label: String,
    #[serde(rename = "type")]
    #[schema(value_type = OwnFieldKind)]
    kind: OwnFieldType,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    help: Option<String>,
    /// Whether the list shows it.
    #[serde(default)]
    listed: bool,
    /// Whether it is asked for no more.
    #[serde(default)]
    retired: bool,
}

/// What is written into an own field.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used: the catalog's own type has none")]
enum OwnFieldKind {
    Text,
    Lines,
    Integer,
    Real,
    Money,
    Truth,
    Choice,
    Date,
    Photos,
    Files,
}

/// How many are to be reached.
#[derive(Serialize, Deserialize, ToSchema)]
struct TargetForm {
    count: u32,
    /// Whether each township is to reach it.
    #[serde(default)]
    each_township: bool,
}

impl SiteLedgerForm {
    pub(super) fn read(self, app: &App) -> Result<SiteLedger, Refusal> {
        let codes: Result<Vec<_>, _> = self.area.iter().map(|code| page::region(code, "/area")).collect();
        let ends_on = self
            .ends_on
            .trim()
            .parse()
            .map_err(|_| page::bad("/ends_on", "date.impossible", "没有这一天，请写成 2026-12-31"))?;
        Ok(SiteLedger {
            label: self.label,
            measure: self.measure,
            number: self.number.trim().to_owned(),
            pattern: self.pattern,
            fields: self.fields.into_iter().map(OwnFieldForm::read).collect(),
            area: app.campaign_area(&codes?)?,
            ends_on,
            target: self.target.map(|t| Target { count: t.count, each_township: t.each_township }),
        })
    }

    pub(super) fn of(site: &SiteLedger) -> Self {
        Self {
            label: site.label.clone(),
            measure: site.measure.clone(),
            number: site.number.clone(),
            pattern: site.pattern.clone(),
            fields: site.fields.iter().map(OwnFieldForm::of).collect(),
            area: site.area.iter().map(|j| j.code.to_string()).collect(),
            ends_on: site.ends_on.to_string(),
            target: site.target.map(|t| TargetForm { count: t.count, each_township: t.each_township }),
        }
    }
}

impl OwnFieldForm {
    pub(super) fn read(self) -> OwnField {
        OwnField {
            label: self.label,
            kind: self.kind,
            required: self.required,
            choices: self.choices,
            unit: self.unit,
            help: self.help,
            listed: self.listed,
            retired: self.retired,
        }
    }

    pub(super) fn of(field: &OwnField) -> Self {
        Self {
            label: field.label.clone(),
            kind: field.kind,
            required: field.required,
            choices: field.choices.clone(),
            unit: field.unit.clone(),
            help: field.help.clone(),
            listed: field.listed,
            retired: field.retired,
        }
    }
}
