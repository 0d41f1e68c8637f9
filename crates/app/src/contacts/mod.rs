//! How people are reached: what is written of them, whether it can be used, and the people who stand with a unit
//! (联系人) when nobody is registered for it.

mod phone;

use crate::App;
use crate::messages::{ChannelKind, Recipient};
use fengsui_base::{Fields, Place, RegionCode, UnitId};
use fengsui_ledger::Entry;
use serde::Deserialize;

/// Most people of a unit who are told.
const MANAGERS_MAX: usize = 3;

/// Where somebody with an account is reached, as an officer is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountContact {
    /// Telephone number.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// By what a robot of a group names the person (群成员账号).
    pub handle: Option<String>,
}

impl AccountContact {
    /// What stands in an entry's fields; an empty text is nothing.
    pub(crate) fn of(fields: &Fields) -> Self {
        let text = |name: &str| {
            let text = fields.get(name).and_then(|v| v.as_str()).map(str::trim);
            text.filter(|t| !t.is_empty()).map(str::to_owned)
        };
        Self { phone: text("phone"), email: text("email"), handle: text("robot_handle") }
    }

    /// What a form says in place of what stood there: nothing for what stays, an empty text for what is taken away.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            phone: self.phone.or(before.phone),
            email: self.email.or(before.email),
            handle: self.handle.or(before.handle),
        }
    }

    /// The fields of an entry.
    pub(crate) fn fields(&self) -> Fields {
        let all = [("phone", &self.phone), ("email", &self.email), ("robot_handle", &self.handle)];
        let text = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
        all.into_iter().map(|(name, value)| (name.to_owned(), text(value).into())).collect()
    }

    /// Whether something reaches the person alone.
    pub(crate) fn has_address(&self) -> bool {
        self.phone.is_some() || self.email.is_some()
    }

    /// Whether anything reaches the person.
    pub(crate) fn reaches(&self) -> bool {
        self.has_address() || self.handle.is_some()
    }
}

/// What cannot be used of the addresses in the fields of an entry; a number is kept as it is dialled.
pub(crate) fn wrong_contact(fields: &mut Fields) -> Vec<Place> {
    let AccountContact { phone, email, .. } = AccountContact::of(fields);
    let mut wrong = Vec::new();
    match phone.map(|p| phone::dialled(&p, "/phone")) {
        Some(Ok(number)) => {
            fields.insert("phone".to_owned(), number.into());
        }
        Some(Err(place)) => wrong.push(place),
        None => {}
    }
    if email.is_some_and(|t| !is_mail(&t)) {
        wrong.push(Place::new("/email", "email.malformed", "邮箱写法不对，请写成 name@example.cn"));
    }
    wrong.extend(wrong_handle(fields));
    wrong
}

fn is_mail(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.') && !text.contains([' ', ',', ';']))
}

/// A member's account as the platforms have it. The word for everybody is nobody's account: a call that wakes a whole
/// group wakes nobody the next time.
fn wrong_handle(fields: &mut Fields) -> Option<Place> {
    let handle = fields.get("robot_handle").and_then(|v| v.as_str()).map(|t| t.trim().to_owned())?;
    let plain = handle.chars().all(|c| c.is_ascii_alphanumeric() || "_-.@".contains(c));
    let everybody = handle.trim_start_matches('@').eq_ignore_ascii_case("all");
    if handle.is_empty() || (plain && !everybody) {
        fields.insert("robot_handle".to_owned(), handle.into());
        return None;
    }
    let detail = "群成员账号照钉钉、企业微信管理后台里的成员账号填写，只有字母、数字和 _ - . @；不能填 all";
    Some(Place::new("/robot_handle", "handle.malformed", detail))
}

/// The ways of a message that wakes nobody, the preferred one first. A robot speaks to its whole group, so it comes
/// after what reaches the person alone, and only for whom it can name.
pub(crate) fn plain_ways(handle: Option<&str>) -> Vec<ChannelKind> {
    let all = [(ChannelKind::Sms, true), (ChannelKind::Robot, handle.is_some()), (ChannelKind::Email, true)];
    all.into_iter().filter(|(_, wanted)| *wanted).map(|(by, _)| by).collect()
}

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

impl App {
    /// The registered managers of a unit, else those who stand with the unit itself.
    pub(crate) fn unit_managers(
        &self,
        region: RegionCode,
        unit: UnitId,
        entry: Option<&Entry>,
    ) -> Vec<Recipient> {
        let known = self.board.responders("safety_manager", region, Some(unit));
        let own = known.iter().filter(|r| r.unit == Some(unit)).map(|r| Recipient {
            name: r.name.clone(),
            role: "消防安全管理人".to_owned(),
            phone: r.phone.clone(),
            email: r.email.clone(),
            handle: r.handle.clone(),
            account: None,
            entry: Some(r.id),
        });
        let mut all: Vec<_> = own.collect();
        if all.is_empty() {
            all = contacts(entry, is_manager);
        }
        all.truncate(MANAGERS_MAX);
        all
    }
}
