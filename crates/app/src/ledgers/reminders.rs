//! Whom the clock of an entry tells (提醒谁): whoever must act, the post that it came to, and, where nobody holds that
//! post, the next one of its ladder. Only people who may read the entry are told of it.

use crate::changes::Said;
use crate::contacts::AccountContact;
use crate::entries::field;
use crate::messages::{Recipient, Reminded, Reminder, Spoken};
use crate::{App, Fault};
use fengsui_access::{Appointment, Grant};
use fengsui_base::{AccountId, EntryId, RegionCode, Scope, UnitId};
use fengsui_catalog::{HeldFor, Kind};
use fengsui_ledger::{Call, Entry, Life, Owner};
use fengsui_store::{PAGE_MAX, Query};
use std::collections::BTreeMap;

/// Most people who are told that a post must act, those of the nearest region first.
pub const REMINDED_MAX: usize = 8;

/// Everybody who may be told, as the accounts stand at the beginning of a run.
pub(super) struct Known(Vec<Person>);

/// Somebody with an account.
struct Person {
    id: AccountId,
    name: String,
    contact: AccountContact,
    appointments: Vec<Appointment>,
    grant: Grant,
}

/// Who hears of one call.
#[derive(Default)]
pub(super) struct Heard {
    /// Those who can be reached, each with what is said and by what she is known.
    told: Vec<(String, Recipient, Spoken)>,
    /// Those who cannot.
    unreached: Vec<String>,
}

/// What each person hears of the calls of one change.
#[derive(Default)]
pub(super) struct Hearing(BTreeMap<String, (Recipient, Vec<Reminded>)>);

impl Heard {
    fn add(&mut self, people: Vec<(String, Recipient)>, spoken: Spoken) {
        for (key, recipient) in people {
            let Recipient { phone, email, handle, .. } = recipient.clone();
            if !(AccountContact { phone, email, handle }).reaches() {
                self.unreached.retain(|name| *name != recipient.name);
                self.unreached.push(recipient.name);
            } else if !self.told.iter().any(|(known, ..)| *known == key) {
                self.told.push((key, recipient, spoken));
            }
        }
    }

    /// What the timeline of the entry says of it.
    pub(super) fn said(&self) -> Said {
        let to: Vec<_> = self.told.iter().map(|(_, r, _)| format!("{}（{}）", r.name, r.role)).collect();
        let unreached = format!("没有登记电话、邮箱，没能提醒{}", self.unreached.join("、"));
        let text = match (to.as_slice(), self.unreached.as_slice()) {
            ([], []) => "岗位上没有人，没能发消息提醒".to_owned(),
            ([], _) => unreached,
            (to, []) => format!("待发消息提醒{}", to.join("、")),
            (to, _) => format!("待发消息提醒{}；{unreached}", to.join("、")),
        };
        Said::new("ledger.reminding", text, "程序")
    }
}

impl Hearing {
    pub(super) fn add(&mut self, heard: Heard, label: &str, entry: &Entry) {
        for (key, recipient, spoken) in heard.told {
            let deadlines = &mut self.0.entry(key).or_insert_with(|| (recipient, Vec::new())).1;
            deadlines.extend(Reminded::of(label, entry, spoken));
        }
    }

    pub(super) fn reminders(self) -> impl Iterator<Item = Reminder> {
        let reminder = |(key, (recipient, deadlines))| Reminder { key, recipient, deadlines };
        self.0.into_iter().map(reminder)
    }
}

impl App {
    /// Everybody whose account is in use.
    pub(super) async fn those_reminded(&self) -> Result<Known, Fault> {
        let (mut query, mut all) = (Query::newest("account", Scope::everything()), Vec::new());
        (query.states, query.limit) = (vec!["active".to_owned()], PAGE_MAX);
        loop {
            let page = self.store.list(&query).await?;
            all.extend(page.items.into_iter().map(|account| Person::of(self.grant_of(&account), account)));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(Known(all)),
            }
        }
    }

    /// Who hears of the calls that an entry's clock has just made; of several at once the last one counts.
    pub(super) async fn hearers(
        &self,
        known: &Known,
        kind: &Kind,
        entry: &Entry,
        calls: &[Call],
    ) -> Result<Heard, Fault> {
        let (mut heard, life) = (Heard::default(), Life::of(&entry.fields));
        let Some(running) = life.and_then(|life| life.clock) else { return Ok(heard) };
        // How many calls were made before these: the reminder, then one for each step of the ladder.
        let before = usize::from(running.called).saturating_sub(calls.len());
        let owner = self.owner_people(known, kind, entry, &running.owner).await?;
        match calls.last() {
            Some(Call::Reminder) if owner.is_empty() => {
                heard.add(self.ladder_people(known, kind, entry, 0), Spoken::Near);
            }
            Some(Call::Reminder) => heard.add(owner, Spoken::Near),
            Some(Call::Escalated(_)) => {
                let step = usize::from(running.called).saturating_sub(2);
                heard.add(self.ladder_people(known, kind, entry, step), Spoken::Escalated);
                // Whoever must act hears once that it is late; each further step is another post's.
                if before <= 1 {
                    heard.add(owner, Spoken::Late);
                }
            }
            None => {}
        }
        Ok(heard)
    }

    /// The people of the first post of the ladder, from this step on, that anybody holds.
    fn ladder_people(
        &self,
        known: &Known,
        kind: &Kind,
        entry: &Entry,
        step: usize,
    ) -> Vec<(String, Recipient)> {
        let clock = kind.state(&entry.state).and_then(|state| state.clock.as_ref());
        let steps = clock.map(|clock| clock.escalates.as_slice()).unwrap_or_default();
        let people = steps.iter().skip(step).map(|s| self.post_people(known, kind, entry, &s.to));
        people.into_iter().find(|people| !people.is_empty()).unwrap_or_default()
    }

    async fn owner_people(
        &self,
        known: &Known,
        kind: &Kind,
        entry: &Entry,
        owner: &Owner,
    ) -> Result<Vec<(String, Recipient)>, Fault> {
        Ok(match owner {
            Owner::Post(post) => self.post_people(known, kind, entry, post),
            Owner::Account(id) => {
                let own = known.0.iter().filter(|p| EntryId::from(p.id) == *id);
                let reads = |p: &&Person| entry.within(&self.readable(&p.grant, kind));
                own.filter(reads).map(|p| p.recipient("经办人".to_owned())).collect()
            }
            Owner::Unit(id) => {
                let unit = self.store.entry(&Scope::everything(), *id).await?;
                self.unit_people(known, kind, entry, UnitId(*id), unit.as_ref())
            }
        })
    }

    /// Those who hold a post where the entry lies and may read it: those of the nearest region first, then by name.
    fn post_people(&self, known: &Known, kind: &Kind, entry: &Entry, post: &str) -> Vec<(String, Recipient)> {
        let holds = |p: &&Person| {
            let scope = p.grant.scope_of_posts(&[post.to_owned()]).within(&self.readable(&p.grant, kind));
            entry.within(&scope)
        };
        let named = known.0.iter().filter(|p| p.appointments.iter().any(|a| a.post == post));
        let mut people: Vec<_> = named.filter(holds).collect();
        people.sort_by_cached_key(|p| (self.reach_of(p, post), p.name.clone(), p.id));
        people.truncate(REMINDED_MAX);
        people.into_iter().map(|p| p.recipient(self.post_label(post))).collect()
    }

    /// Those who act for a unit: its accounts, and the managers who are registered for it or stand with it.
    fn unit_people(
        &self,
        known: &Known,
        kind: &Kind,
        entry: &Entry,
        unit: UnitId,
        record: Option<&Entry>,
    ) -> Vec<(String, Recipient)> {
        let acts = |a: &&Appointment| {
            let post = self.catalog.post(&a.post);
            post.is_some_and(|p| p.held_for == HeldFor::Unit) && a.units.contains(&unit)
        };
        let own = known.0.iter().filter_map(|p| {
            let post = p.appointments.iter().find(acts)?;
            let reads = entry.within(&self.readable(&p.grant, kind));
            reads.then(|| p.recipient(self.post_label(&post.post)))
        });
        let mut people: Vec<_> = own.collect();
        for manager in self.unit_managers(entry.region, unit, record) {
            // The same person with an account is told once.
            if !people.iter().any(|(_, p)| p.name == manager.name && p.phone == manager.phone) {
                people.push((key_of(&manager), manager));
            }
        }
        people.truncate(REMINDED_MAX);
        people
    }

    /// How wide the nearest region is for which the person holds the post.
    fn reach_of(&self, person: &Person, post: &str) -> u64 {
        let held = person.appointments.iter().filter(|a| a.post == post);
        let wide = |code: RegionCode| self.board.region(code).map(|r| r.range().end - r.range().start);
        held.filter_map(|a| wide(a.region)).min().unwrap_or(u64::MAX)
    }
}

impl Person {
    fn of(grant: Grant, account: Entry) -> Self {
        Self {
            grant,
            id: AccountId(account.id),
            contact: AccountContact::of(&account.fields),
            appointments: field(&account, "appointments").unwrap_or_default(),
            name: account.title,
        }
    }

    fn recipient(&self, role: String) -> (String, Recipient) {
        let AccountContact { phone, email, handle } = self.contact.clone();
        let recipient = Recipient {
            name: self.name.clone(),
            role,
            phone,
            email,
            handle,
            account: Some(self.id),
            entry: None,
        };
        (key_of(&recipient), recipient)
    }
}

/// By what a person is known among those who are reminded: her account, her record, else her number.
fn key_of(recipient: &Recipient) -> String {
    match (recipient.account, recipient.entry) {
        (Some(account), _) => account.to_string(),
        (None, Some(entry)) => entry.to_string(),
        (None, None) => recipient.phone.clone().unwrap_or_default(),
    }
}
