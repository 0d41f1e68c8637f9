//! Accounts (账号): made, appointed, disabled, and given one-time passwords by a security administrator.

use crate::changes::{Said, receipt};
use crate::committer::Settled;
use crate::contacts::{AccountContact, wrong_contact};
use crate::sessions::login_key;
use crate::{App, Fault, passwords};
use fengsui_access::{Appointment, Grant};
use fengsui_base::{
    AccountId, Actor, Fields, Place, Refusal, RefusalKind, RegionCode, Scope, Timestamp, UnitId,
};
use fengsui_catalog::{HeldFor, Permission, Post, check_fields};
use fengsui_ledger::{Entry, search_terms};
use fengsui_store::{
    ChangeSet, CredentialWrite, Cursor, Direction, Expect, KeyWrite, Numbering, Page, Query, SessionWrite,
    Sort,
};

/// Most appointments of one account.
const APPOINTMENTS_MAX: usize = 20;
/// How many unknown numbers of units a refusal names.
const UNKNOWN_NAMED_MAX: usize = 5;
/// Longest name of a sector, in characters, as the register of units has it.
const SECTOR_CHARS_MAX: usize = 40;
/// Longest name of a person, in characters.
const NAME_CHARS_MAX: usize = 30;

/// Most units or sectors that one appointment names.
pub const NAMED_MAX: usize = 50;

/// A post as a form asks for it: units by their numbers in the register.
#[derive(Clone, Debug)]
pub struct AppointmentDraft {
    /// Post of the catalog.
    pub post: String,
    /// Region.
    pub region: RegionCode,
    /// Numbers of the units it is held for.
    pub unit_codes: Vec<String>,
    /// Sectors it is held for.
    pub sectors: Vec<String>,
}

/// An account as its administrators see it.
#[derive(Clone, Debug)]
pub struct Account {
    /// As stored.
    pub entry: Entry,
    /// Login.
    pub login: String,
    /// Posts with regions.
    pub appointments: Vec<Appointment>,
    /// Number of the certificate.
    pub certificate: Option<String>,
    /// Where the person is reached.
    pub contact: AccountContact,
    /// Last login.
    pub last_login_at: Option<Timestamp>,
}

/// What a form says of an account.
#[derive(Clone, Debug)]
pub struct AccountDraft {
    /// Login.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Posts with regions.
    pub appointments: Vec<Appointment>,
    /// Number of the certificate (执法证) by which the person may inspect and re-check.
    pub certificate: Option<String>,
    /// Where the person is told of deadlines.
    pub contact: AccountContact,
}

/// What changes of an account; nothing for what stays.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    /// Name of the person.
    pub name: Option<String>,
    /// Posts with regions.
    pub appointments: Option<Vec<Appointment>>,
    /// Number of the certificate; an empty text takes it away.
    pub certificate: Option<String>,
    /// Where the person is reached; an empty text takes an address away.
    pub contact: AccountContact,
}

/// An account with the password that was just made for it, shown once.
pub struct Issued {
    /// The account.
    pub account: Account,
    /// For one login; it must be changed then. Absent when the same request was answered before.
    pub one_time_password: Option<String>,
}

impl Account {
    fn of(entry: Entry) -> Self {
        Self {
            login: crate::entries::field(&entry, "login").unwrap_or_default(),
            appointments: crate::entries::field(&entry, "appointments").unwrap_or_default(),
            certificate: crate::entries::field(&entry, "certificate"),
            contact: AccountContact::of(&entry.fields),
            last_login_at: crate::entries::field(&entry, "last_login_at"),
            entry,
        }
    }
}

impl App {
    /// All posts of the catalog.
    pub fn posts(&self, grant: &Grant) -> Result<Vec<Post>, Fault> {
        grant.may(Permission::AccountManage)?;
        Ok(self.catalog.posts().cloned().collect())
    }

    /// The sectors that units have where the asker may appoint somebody.
    pub fn appointable_sectors(&self, grant: &Grant) -> Result<Vec<String>, Fault> {
        Ok(self.board.sectors(&grant.may(Permission::AccountManage)?).into_iter().collect())
    }

    /// The appointments that a form asks for, its units found.
    pub async fn appointments(
        &self,
        grant: &Grant,
        drafts: Vec<AppointmentDraft>,
    ) -> Result<Vec<Appointment>, Fault> {
        let scope = grant.may(Permission::AccountManage)?;
        let (mut found, mut wrong) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (index, draft) in drafts.into_iter().take(APPOINTMENTS_MAX + 1).enumerate() {
            let mut appointment = Appointment::of(draft.post, draft.region);
            appointment.sectors = draft.sectors.iter().map(|s| s.trim().to_owned()).collect();
            let mut unknown = Vec::new();
            for code in draft.unit_codes.iter().map(|code| code.trim()).take(NAMED_MAX + 1) {
                match self.unit_numbered(&scope, draft.region, code).await? {
                    Some(unit) => appointment.units.push(unit),
                    None => unknown.push(code),
                }
            }
            if !unknown.is_empty() {
                let pointer = format!("/posts/{index}/units");
                wrong.push(Place::new(pointer, "unit.unknown", unknown_words(&unknown)));
            }
            found.push(appointment);
        }
        if wrong.is_empty() { Ok(found) } else { Err(Refusal::invalid(wrong).into()) }
    }

    /// The unit with a number, when it lies in the region and the asker may appoint there.
    async fn unit_numbered(
        &self,
        scope: &Scope,
        region: RegionCode,
        code: &str,
    ) -> Result<Option<UnitId>, Fault> {
        let id = self.unit_with_code(code).await?;
        let within = self.board.region(region).map_or_else(Scope::nothing, |r| Scope::of([r.range()]));
        let unit = id.filter(|id| {
            self.board.unit(*id).is_some_and(|u| scope.contains(u.region) && within.contains(u.region))
        });
        Ok(unit)
    }

    /// A page of accounts, by name.
    pub async fn accounts(
        &self,
        grant: &Grant,
        text: Option<&str>,
        after: Option<Cursor>,
        limit: u16,
    ) -> Result<(Vec<Account>, Option<Cursor>), Fault> {
        let mut query = Query::newest("account", grant.may(Permission::AccountManage)?);
        (query.sort, query.direction, query.after, query.limit) =
            (Sort::Title, Direction::Ascending, after, limit);
        query.terms = text.map(search_terms).unwrap_or_default();
        let Page { items, next } = self.store.list(&query).await?;
        Ok((items.into_iter().map(Account::of).collect(), next))
    }

    /// One account.
    pub async fn account(&self, grant: &Grant, id: AccountId) -> Result<Account, Fault> {
        let scope = grant.may(Permission::AccountManage)?;
        let entry = self.store.entry(&scope, id.into()).await?.filter(|e| e.kind == "account");
        Ok(Account::of(entry.ok_or_else(Refusal::not_found)?))
    }

    /// Makes an account with a one-time password.
    pub async fn create_account(
        &self,
        grant: &Grant,
        draft: AccountDraft,
        key: Option<String>,
    ) -> Result<Issued, Fault> {
        let scope = grant.may(Permission::AccountManage)?;
        self.check_draft(&draft, &scope)?;
        let actor = Actor::Officer(grant.officer().clone());
        self.issue_account(draft, actor, key, None).await
    }

    /// Makes an account on behalf of the given actor; `password` is for demonstration accounts only, everybody
    /// else gets a one-time password.
    pub(crate) async fn issue_account(
        &self,
        draft: AccountDraft,
        actor: Actor,
        key: Option<String>,
        password: Option<String>,
    ) -> Result<Issued, Fault> {
        let must_change = password.is_none();
        let password = password.unwrap_or_else(|| passwords::one_time(&*self.entropy));
        let phc = self.passwords.hash(password.clone(), &*self.entropy).await?;
        let settled = self
            .settle(true, |attempt| {
                let (draft, actor, key, phc) = (&draft, &actor, &key, &phc);
                async move {
                    // The first attempt goes to the store, which knows a repeated request from a taken name.
                    if attempt > 0 && self.store.key(&login_key(&draft.login)).await?.is_some() {
                        return Err(taken(&draft.login).into());
                    }
                    let entry = self.draft_entry(draft);
                    let mut change = ChangeSet::new(entry.opened_at);
                    let id = AccountId(entry.id);
                    change.receipt = receipt(key.clone(), by(actor, id), &entry);
                    change.expects.push(Expect::Absent(login_key(&draft.login)));
                    change.keys.push(KeyWrite::Take(login_key(&draft.login), entry.id));
                    change.credentials.push(CredentialWrite { account: id, phc: phc.clone(), must_change });
                    let said = Said::new(
                        "account.created",
                        format!("建立账号 {}：{}", draft.login, self.appointed(&draft.appointments)),
                        "操作",
                    );
                    change.journal.push(self.line_on(&entry, entry.opened_at, actor, said));
                    change.entries.push(self.write(entry.clone(), Numbering::Keep));
                    Ok((change, entry))
                }
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => {
                Ok(Issued { account: Account::of(entry), one_time_password: Some(password) })
            }
            Settled::Before(answer) => {
                Ok(Issued { account: self.answered(&answer).await?, one_time_password: None })
            }
        }
    }

    async fn answered(&self, answer: &serde_json::Value) -> Result<Account, Fault> {
        let id = answer.as_str().and_then(|t| t.parse().ok()).ok_or_else(Refusal::not_found)?;
        let entry = self.store.entry(&Scope::everything(), id).await?;
        Ok(Account::of(entry.ok_or_else(Refusal::not_found)?))
    }

    fn draft_entry(&self, draft: &AccountDraft) -> Entry {
        let region = draft.appointments.first().map_or(self.node.region, |a| a.region);
        self.fresh("account", region, draft.name.trim(), account_fields(draft), self.now())
    }

    /// Changes name, appointments, certificate and addresses.
    pub async fn change_account(
        &self,
        grant: &Grant,
        id: AccountId,
        version: u64,
        edit: AccountEdit,
    ) -> Result<Account, Fault> {
        let AccountEdit { name, appointments, certificate, contact } = edit;
        let scope = grant.may(Permission::AccountManage)?;
        if id == grant.account() && appointments.is_some() {
            return Err(Refusal::new(
                RefusalKind::Conflict,
                "account.own_posts",
                "不能改自己的岗位，请由另一位安全管理员办理。",
            )
            .into());
        }
        self.amend_account(grant, id, Some(version), "account.changed", |account, change| {
            let draft = AccountDraft {
                login: account.login.clone(),
                name: name.clone().unwrap_or_else(|| account.entry.title.clone()),
                appointments: appointments.clone().unwrap_or_else(|| account.appointments.clone()),
                certificate: certificate.clone().or_else(|| account.certificate.clone()),
                contact: contact.clone().or(account.contact.clone()),
            };
            self.check_draft(&draft, &scope)?;
            account.entry.title = draft.name.trim().to_owned();
            account.entry.fields.extend(account_fields(&draft));
            if let Some(appointments) = &appointments {
                account.entry.region = appointments.first().map_or(account.entry.region, |a| a.region);
                change.sessions.push(SessionWrite::CloseAll { account: id, except: None });
            }
            Ok(format!("修改账号：{}", self.appointed(&draft.appointments)))
        })
        .await
    }

    /// Disables or enables an account; a disabled one is signed out at once.
    pub async fn enable_account(&self, grant: &Grant, id: AccountId, active: bool) -> Result<Account, Fault> {
        if let Some(refusal) = self.own_account(grant, id) {
            return Err(refusal.into());
        }
        let verb = if active { "account.enabled" } else { "account.disabled" };
        self.amend_account(grant, id, None, verb, |account, change| {
            account.entry.state = if active { "active" } else { "disabled" }.to_owned();
            if !active {
                change.sessions.push(SessionWrite::CloseAll { account: id, except: None });
            }
            Ok(if active { "启用账号" } else { "停用账号" }.to_owned())
        })
        .await
    }

    /// Why an administrator may not do this to her own account.
    pub fn own_account(&self, grant: &Grant, id: AccountId) -> Option<Refusal> {
        let own = id == grant.account();
        own.then(|| {
            Refusal::new(
                RefusalKind::Conflict,
                "account.own",
                "不能停用自己的账号，请由另一位安全管理员办理。",
            )
        })
    }

    /// Why an administrator may not touch an account: it holds a post beyond her own region, and whoever gives
    /// it a password could use that post.
    pub fn beyond_reach(&self, grant: &Grant, account: &Account) -> Option<Refusal> {
        let scope = grant.scope(Permission::AccountManage);
        let region = |a: &Appointment| self.board.region(a.region);
        let beyond = account.appointments.iter().filter_map(region).any(|r| !scope.covers(&r.range()));
        let sentence = "该账号还有您辖区以外的岗位，请由上级安全管理员办理。";
        beyond.then(|| Refusal::new(RefusalKind::Forbidden, "account.beyond_reach", sentence))
    }

    /// Makes a new one-time password; all sessions end.
    pub async fn reset_password(&self, grant: &Grant, id: AccountId) -> Result<Issued, Fault> {
        let password = passwords::one_time(&*self.entropy);
        let phc = self.passwords.hash(password.clone(), &*self.entropy).await?;
        let account = self
            .amend_account(grant, id, None, "account.password_reset", |_, change| {
                change.credentials.push(CredentialWrite { account: id, phc: phc.clone(), must_change: true });
                change.secrets.push(crate::pins::secret(id, crate::pins::PIN, None));
                change.sessions.push(SessionWrite::CloseAll { account: id, except: None });
                Ok("重置密码".to_owned())
            })
            .await?;
        Ok(Issued { account, one_time_password: Some(password) })
    }

    /// Takes the second factor away, for somebody who has lost her phone and her recovery codes; all sessions end.
    pub async fn reset_factor(&self, grant: &Grant, id: AccountId) -> Result<Account, Fault> {
        self.amend_account(grant, id, None, "account.factor_reset", |_, change| {
            change.secrets.extend(crate::factors::forgotten(id));
            change.sessions.push(SessionWrite::CloseAll { account: id, except: None });
            Ok("重置第二验证".to_owned())
        })
        .await
    }

    async fn amend_account(
        &self,
        grant: &Grant,
        id: AccountId,
        version: Option<u64>,
        verb: &'static str,
        amend: impl Fn(&mut Account, &mut ChangeSet) -> Result<String, Fault>,
    ) -> Result<Account, Fault> {
        let actor = Actor::Officer(grant.officer().clone());
        let settled = self
            .settle(true, |_| async {
                let mut account = self.account(grant, id).await?;
                if let Some(refusal) = self.beyond_reach(grant, &account) {
                    return Err(refusal.into());
                }
                if let Some(stale) = version.filter(|v| *v != account.entry.version) {
                    return Err(crate::units::stale(stale, account.entry.version).into());
                }
                let mut change = ChangeSet::new(self.now());
                let text = amend(&mut account, &mut change)?;
                account.entry.version += 1;
                // Whoever is signed out of everything does not sit at a seat any more.
                if change.sessions.iter().any(|s| matches!(s, SessionWrite::CloseAll { except: None, .. })) {
                    self.add_sign_off(&mut change, id, &actor, "会话由安全管理员结束").await?;
                }
                change.journal.push(self.line_on(
                    &account.entry,
                    change.at,
                    &actor,
                    Said::new(verb, text, "操作"),
                ));
                change.entries.push(self.write(account.entry.clone(), Numbering::Keep));
                Ok((change, account))
            })
            .await?;
        match settled {
            Settled::Now(account, _) => Ok(Account::of(account.entry)),
            Settled::Before(_) => self.account(grant, id).await,
        }
    }

    fn check_draft(&self, draft: &AccountDraft, scope: &Scope) -> Result<(), Refusal> {
        let kind = self.catalog.kind("account").expect("the shipped catalog has accounts");
        let mut fields = account_fields(draft);
        let mut wrong = check_fields(kind, &fields);
        wrong.extend(wrong_contact(&mut fields));
        let name = draft.name.trim().chars().count();
        if name == 0 || name > NAME_CHARS_MAX {
            wrong.push(Place::new("/name", "name.length", format!("请填写姓名，最多 {NAME_CHARS_MAX} 个字")));
        }
        if !draft.login.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            wrong.push(Place::new("/login", "login.letters", "账号只能用字母、数字和 . _ -"));
        }
        if draft.appointments.len() > APPOINTMENTS_MAX {
            wrong.push(Place::new("/posts", "posts.many", format!("岗位最多 {APPOINTMENTS_MAX} 个")));
        }
        wrong.extend(
            draft.appointments.iter().enumerate().filter_map(|(i, a)| self.check_appointment(i, a, scope)),
        );
        if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong)) }
    }

    fn check_appointment(&self, index: usize, appointment: &Appointment, scope: &Scope) -> Option<Place> {
        if self.catalog.post(&appointment.post).is_none() {
            return Some(Place::new(
                format!("/posts/{index}/post"),
                "post.unknown",
                "没有这个岗位，请重新选择",
            ));
        }
        let region = self.board.region(appointment.region);
        if region.is_some_and(|r| scope.covers(&r.range())) {
            return self.check_named(index, appointment);
        }
        Some(Place::new(
            format!("/posts/{index}/region"),
            "region.outside",
            "没有这个辖区，或不在您的管理范围，请重新选择",
        ))
    }

    /// A post of units names units, one of sectors names sectors, every other names neither.
    fn check_named(&self, index: usize, appointment: &Appointment) -> Option<Place> {
        let held_for = self.catalog.post(&appointment.post)?.held_for;
        let (units, sectors) = (appointment.units.len(), appointment.sectors.len());
        let place = |name: &str, code: &'static str, sentence: String| {
            Some(Place::new(format!("/posts/{index}/{name}"), code, sentence))
        };
        let blank = appointment.sectors.iter().any(|s| s.is_empty() || s.chars().count() > SECTOR_CHARS_MAX);
        match held_for {
            HeldFor::Unit if !(1..=NAMED_MAX).contains(&units) => {
                place("units", "units.count", format!("请填写管哪些单位，1 到 {NAMED_MAX} 家"))
            }
            HeldFor::Sector if blank || !(1..=NAMED_MAX).contains(&sectors) => {
                place("sectors", "sectors.count", format!("请选择管哪些行业，1 到 {NAMED_MAX} 个"))
            }
            HeldFor::Region | HeldFor::Sector if units > 0 => {
                place("units", "units.not_here", "这个岗位不按单位任命，请去掉单位".to_owned())
            }
            HeldFor::Region | HeldFor::Unit if sectors > 0 => {
                place("sectors", "sectors.not_here", "这个岗位不按行业任命，请去掉行业".to_owned())
            }
            _ => None,
        }
    }

    fn appointed(&self, appointments: &[Appointment]) -> String {
        let words = |a: &Appointment| {
            let post = self.catalog.post(&a.post).map_or(a.post.as_str(), |p| p.label.as_str()).to_owned();
            let region = self.board.region(a.region).map_or_else(|| a.region.to_string(), |r| r.name);
            let unit = |id: &UnitId| self.board.unit(*id).map_or_else(|| id.to_string(), |u| u.name.clone());
            let named: Vec<_> = a.units.iter().map(unit).chain(a.sectors.iter().cloned()).collect();
            match named.as_slice() {
                [] => format!("{region}{post}"),
                named => format!("{region}{post}（{}）", named.join("，")),
            }
        };
        if appointments.is_empty() {
            "没有岗位".to_owned()
        } else {
            appointments.iter().map(words).collect::<Vec<_>>().join("、")
        }
    }
}

fn account_fields(draft: &AccountDraft) -> Fields {
    let mut fields = Fields::new();
    fields.insert("login".to_owned(), draft.login.trim().into());
    let appointments = serde_json::to_value(&draft.appointments).unwrap_or_default();
    fields.insert("appointments".to_owned(), appointments);
    let certificate = draft.certificate.as_deref().map(str::trim).unwrap_or_default();
    fields.insert("certificate".to_owned(), certificate.into());
    fields.extend(draft.contact.fields());
    // The number is kept as it is dialled; one that cannot be is refused before it comes to be stored.
    wrong_contact(&mut fields);
    fields
}

fn by(actor: &Actor, id: AccountId) -> fengsui_base::EntryId {
    actor.officer().map_or(id.into(), |o| o.id.into())
}

fn taken(login: &str) -> Refusal {
    Refusal::invalid(vec![Place::new("/login", "login.taken", format!("账号 {login} 已有人用，请换一个"))])
}

/// One sentence however many numbers are wrong: somebody who pasted a column of another list reads it once.
fn unknown_words(codes: &[&str]) -> String {
    let named = codes.iter().take(UNKNOWN_NAMED_MAX).copied().collect::<Vec<_>>().join("、");
    match codes.len() {
        0..=UNKNOWN_NAMED_MAX => format!("该辖区没有编号为 {named} 的单位，请核对单位编号"),
        many => format!("该辖区没有编号为 {named} 等 {many} 家单位，请核对单位编号"),
    }
}
