//! The entry envelope: the columns that all kinds have in common.

use fengsui_base::{EntryId, Fields, Position, RegionCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// One record of any kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Identity, never reused.
    pub id: EntryId,
    /// Kind in the catalog, such as `unit` or `alarm`.
    pub kind: String,
    /// Region the entry belongs to; decides who may see it.
    pub region: RegionCode,
    /// State within the kind's lifecycle.
    pub state: String,
    /// Running number given by the store, such as `20261119-0043`; absent where the kind has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What a list calls it; also its first search text.
    pub title: String,
    /// Who must act: an account or a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<EntryId>,
    /// When its life began.
    pub opened_at: Timestamp,
    /// By when the owner must act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When its clock has something to say next: a reminder or an escalation. Only ledgers have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
    /// When its life ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// 1 when made, one more with every change.
    pub version: u64,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The system that reported it and its number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Catalog revision the fields were checked against.
    pub revision: u32,
    /// The rest, by the catalog's field names.
    pub fields: Fields,
}

/// Name of the field that links an entry to its unit, in every kind.
pub const UNIT_FIELD: &str = "unit";

impl Entry {
    /// The entry without its fields, for whoever keeps what they say in another shape.
    pub fn head(&self) -> Self {
        Self {
            id: self.id,
            kind: self.kind.clone(),
            region: self.region,
            state: self.state.clone(),
            number: self.number.clone(),
            title: self.title.clone(),
            owner: self.owner,
            opened_at: self.opened_at,
            due_at: self.due_at,
            wake_at: self.wake_at,
            closed_at: self.closed_at,
            version: self.version,
            position: self.position,
            source: self.source.clone(),
            revision: self.revision,
            fields: Fields::new(),
        }
    }

    /// The unit it belongs to: itself, when it is one.
    pub fn unit(&self) -> Option<EntryId> {
        if self.kind == UNIT_FIELD {
            return Some(self.id);
        }
        self.fields.get(UNIT_FIELD).and_then(|v| v.as_str()).and_then(|text| text.parse().ok())
    }

    /// Whether it lies within a scope: by its region, or by its unit.
    pub fn within(&self, scope: &Scope) -> bool {
        scope.contains(self.region) || (!scope.units().is_empty() && scope.holds(self.region, self.unit()))
    }
}

/// A record's name in another system.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// The other system.
    pub system: String,
    /// Its number there.
    pub number: String,
}
