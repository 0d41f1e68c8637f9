//! Persons that a form may name (经办人员): accounts in use, with their posts and certificates.

use crate::entries::field;
use crate::{App, Fault};
use fengsui_access::{Appointment, Grant};
use fengsui_base::{AccountId, Scope};
use fengsui_catalog::HeldFor;
use fengsui_ledger::search_terms;
use fengsui_store::{Direction, PAGE_MAX, Query, Sort};

/// Most persons that one question is answered with.
pub const PEOPLE_MAX: usize = 50;

/// A person that a form may name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The account.
    pub id: AccountId,
    /// The name.
    pub name: String,
    /// Labels of the posts.
    pub posts: Vec<String>,
    /// Number of the certificate (执法证).
    pub certificate: Option<String>,
}

impl App {
    /// Persons with this in their names, by name: those whose posts make moves in some ledger that the asker may read, and
    /// who hold one where she holds hers.
    pub async fn nameable_people(&self, grant: &Grant, text: Option<&str>) -> Result<Vec<Named>, Fault> {
        // A post of units does not open the list of officials.
        let whole = grant.powers().iter().filter(|p| p.held_for == HeldFor::Region);
        let own = Scope::of(whole.map(|p| p.region.range()));
        if self.ledgers(grant)?.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = Query::newest("account", Scope::everything());
        (query.sort, query.direction, query.limit) = (Sort::Title, Direction::Ascending, PAGE_MAX);
        query.states = vec!["active".to_owned()];
        query.terms = text.map(search_terms).unwrap_or_default();
        let mut found = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            for account in page.items {
                let held: Vec<Appointment> = field(&account, "appointments").unwrap_or_default();
                let posts: Vec<_> = held.iter().filter(|a| self.acts(a) && self.meets(&own, a)).collect();
                if posts.is_empty() {
                    continue;
                }
                let mut labels: Vec<_> = posts.iter().map(|a| self.post_label(&a.post)).collect();
                labels.dedup();
                let certificate = field::<String>(&account, "certificate").filter(|c| !c.trim().is_empty());
                found.push(Named {
                    id: AccountId(account.id),
                    name: account.title,
                    posts: labels,
                    certificate,
                });
                if found.len() == PEOPLE_MAX {
                    return Ok(found);
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Whether the post makes moves in some ledger for the authority.
    fn acts(&self, appointment: &Appointment) -> bool {
        let of_region = self.catalog.post(&appointment.post).is_some_and(|p| p.held_for == HeldFor::Region);
        of_region && self.catalog.ledgers().flat_map(|k| &k.moves).any(|m| m.by.contains(&appointment.post))
    }

    /// Whether an appointment lies above, below or in the regions that are the asker's own.
    fn meets(&self, own: &Scope, appointment: &Appointment) -> bool {
        let Some(region) = self.board.region(appointment.region) else { return false };
        let range = region.range();
        own.ranges().iter().any(|r| r.start < range.end && range.start < r.end)
    }
}
