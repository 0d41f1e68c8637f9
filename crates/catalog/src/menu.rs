//! The groups of the office's menu (菜单组), in their order.

use serde::{Deserialize, Serialize};

/// A group of ledgers in the menu of the office.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Stable English name.
    pub name: String,
    /// What people call it: 监督执法.
    pub label: String,
}
