//! The people who stand with a unit itself (联系人): whom to call there when nobody is registered for it.

use crate::messages::Recipient;
use fengsui_ledger::Entry;
use serde::Deserialize;

/// A contact as it stands with the unit.
#[derive(Deserialize)]
struct Contact {
    role: String,
    name: String,
    phone: String,
}

/// The unit's own contacts with a telephone.
pub(crate) fn contacts(unit: Option<&Entry>, wanted: impl Fn(&str) -> bool) -> Vec<Recipient> {
    let rows = unit.and_then(|u| crate::entries::field::<Vec<Contact>>(u, "contacts")).unwrap_or_default();
    let called = rows.into_iter().filter(|c| !c.phone.trim().is_empty() && wanted(&c.role));
    called
        .map(|c| Recipient {
            name: c.name,
            role: c.role,
            phone: Some(c.phone.trim().to_owned()),
            ..Recipient::default()
        })
        .collect()
}

/// Whether a contact answers for the unit's fire safety.
pub(crate) fn is_manager(role: &str) -> bool {
    ["管理人", "负责人", "责任人"].iter().any(|word| role.contains(word))
}
