//! Signing in: password, session, and what the person behind it may do.
//!
//! A wrong name and a wrong password get the same answer after the same work. The token lives in a cookie; the
//! store knows its digest only. Every login, refused or not, is on record.

use crate::changes::Said;
use crate::{ATTEMPTS_MAX, App, FORMER_PASSWORDS, Fault, LOCK_MINUTES, Lock};
use fengsui_access::Grant;
use fengsui_base::{AccountId, Actor, Officer, Refusal, RefusalKind, Scope, Timestamp};
use fengsui_catalog::Permission;
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, CredentialWrite, Numbering, SessionRow, SessionWrite};
use sha2::{Digest, Sha256};

/// For how long a session may act: a shift, in hours.
pub const SESSION_HOURS: i64 = 12;
/// For how long after its login a desk's session may still show, though not act, in days: a display that nobody
/// has renewed for a week stands in a room that nobody enters.
pub const DISPLAY_DAYS: i64 = 7;

/// Names of former passwords among the secrets of an account, by number from 0.
const FORMER: &str = "former/";

/// A fresh login.
pub struct Login {
    /// The secret for the cookie, in hexadecimal.
    pub token: String,
    /// Who.
    pub signed_in: SignedIn,
}

/// A person with a valid session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What she may do.
    pub grant: Grant,
    /// Her account's login.
    pub login: String,
    /// What every change must carry, so that another site cannot make her browser do it.
    pub csrf: String,
    /// Whether the password must be changed before anything else.
    pub must_change_password: bool,
    /// Whether a second factor must be enrolled before anything else.
    pub must_enrol: bool,
    /// Until when the session may act.
    pub expires_at: Timestamp,
    /// Why its actions wait, if they do; the display of the desk goes on all the same.
    pub lock: Option<Lock>,
    /// Digest of the token.
    pub(crate) digest: [u8; 32],
}

impl SignedIn {
    /// The same person as she sits now: a seat taken after the login counts.
    pub fn at_seat(mut self, app: &App) -> Self {
        let seat = app.board.seat_of(self.grant.account()).map(|(seat, _)| seat);
        self.grant = self.grant.at_seat(seat);
        self
    }
}

impl App {
    /// Signs in with a password.
    pub async fn log_in(&self, login: &str, password: String, address: &str) -> Result<Login, Fault> {
        self.log_in_with_code(login, password, None, address).await
    }

    /// Signs in with a password and, where the account has a second factor, its code.
    pub async fn log_in_with_code(
        &self,
        login: &str,
        password: String,
        code: Option<&str>,
        address: &str,
    ) -> Result<Login, Fault> {
        let now = self.now();
        self.throttle.attempt(login, address, now).map_err(throttled)?;
        let account = self.account_by_login(login).await?;
        let credential = match &account {
            Some(entry) => self.store.credential(AccountId(entry.id)).await?,
            None => None,
        };
        let must_change = credential.as_ref().is_some_and(|c| self.must_change(c, now));
        let fits = self.passwords.fits(password, credential.map(|c| c.phc)).await?;
        match account {
            Some(entry) if fits && entry.state == "active" => {
                let secrets = self.store.secrets(entry.id).await?;
                if let Err(refusal) = self.used_code(AccountId(entry.id), &secrets, code) {
                    return Err(self.refuse_code(entry, refusal, login, address).await?);
                }
                self.open_session(entry, must_change, code, address).await
            }
            account => Err(self.refuse_login(account, address).await?.into()),
        }
    }

    /// A missing code is no failure; a wrong one is, and is on record.
    async fn refuse_code(
        &self,
        account: Entry,
        refusal: Refusal,
        login: &str,
        address: &str,
    ) -> Result<Fault, Fault> {
        if refusal.code == "login.code_needed" {
            self.throttle.unfinished(login, address);
        } else {
            self.refuse_login(Some(account), address).await?;
        }
        Ok(refusal.into())
    }

    /// Whether a password must be changed before anything else, for a session opened at this instant: one that
    /// grows too old during a shift waits until the next login.
    fn must_change(&self, credential: &fengsui_store::Credential, opened_at: Timestamp) -> bool {
        credential.must_change || self.policy().too_old(credential.changed_at, opened_at)
    }

    async fn refuse_login(&self, account: Option<Entry>, address: &str) -> Result<Refusal, Fault> {
        let now = self.now();
        let node = crate::start::node_id(&self.node);
        let (kind, id, region) =
            account.map_or(("region", node, self.node.region), |e| ("account", e.id, e.region));
        // The name as typed may be a password typed into the wrong field: it is not written down.
        let said = Said::new("account.login_refused", "登录被拒绝", "登录页").with("address", address);
        self.settle(true, |_| {
            let mut change = ChangeSet::new(now);
            let said =
                Said { facts: said.facts.clone(), ..Said::new(said.verb, said.text.clone(), said.evidence) };
            change.journal.push(self.line(kind, id, region, now, &Self::by_rule("登录核验"), said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(refused())
    }

    async fn open_session(
        &self,
        account: Entry,
        must_change: bool,
        code: Option<&str>,
        address: &str,
    ) -> Result<Login, Fault> {
        let now = self.now();
        let token: [u8; 32] = self.entropy.bytes();
        let digest = digest_of(token);
        let expires_at = now + jiff::SignedDuration::from_hours(SESSION_HOURS);
        let id = AccountId(account.id);
        self.settle(true, |_| async move {
            let entry = self.store.entry(&Scope::everything(), id.into()).await?;
            // Somebody may have disabled the account while the password was being looked at.
            let mut entry = entry.filter(|e| e.state == "active").ok_or_else(refused)?;
            entry.version += 1;
            entry.fields.insert("last_login_at".to_owned(), now.to_string().into());
            let mut change = ChangeSet::new(now);
            change.sessions.push(opened(digest, id, expires_at, address));
            // Judged again with what is stored now: of two logins with one code the second is decided after the first.
            let secrets = self.store.secrets(id.into()).await?;
            change.secrets.extend(self.used_code(id, &secrets, code)?);
            let actor = Actor::Officer(Officer { id, name: entry.title.clone(), seat: None });
            let said = Said::new("account.logged_in", "登录", "登录页").with("address", address);
            change.journal.push(self.line_on(&entry, now, &actor, said));
            change.entries.push(self.write(entry, Numbering::Keep));
            self.add_staying(&mut change, id, expires_at).await?;
            Ok((change, ()))
        })
        .await?;
        self.throttle
            .succeeded(&crate::entries::field::<String>(&account, "login").unwrap_or_default(), address);
        self.pin_throttle.succeeded(&id.to_string(), "");
        let signed_in = self.signed_in(&account, digest, must_change, (expires_at, None));
        let signed_in = self.with_duties(signed_in).await?;
        Ok(Login { token: hex::encode(token), signed_in })
    }

    /// Who is behind a token, if the session still holds.
    pub async fn authenticate(&self, token: &str) -> Result<SignedIn, Fault> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(token, &mut bytes).map_err(|_| no_session())?;
        let (digest, now) = (digest_of(bytes), self.now());
        let session = self.store.session(digest, now).await?.ok_or_else(no_session)?;
        let entry = self.store.entry(&Scope::everything(), session.account.into()).await?;
        let entry = entry.filter(|e| e.state == "active").ok_or_else(no_session)?;
        let credential = self.store.credential(session.account).await?;
        let must_change = credential.is_some_and(|c| self.must_change(&c, session.opened_at));
        let lock = lock_of(&session, now);
        let signed_in = self.signed_in(&entry, digest, must_change, (acts_until(&session), lock));
        // What goes on showing is a desk; everybody else's session is simply over.
        let over = lock == Some(Lock::Expired) && !self.concerns(&signed_in.grant, Permission::AlarmHandle);
        if over { Err(no_session().into()) } else { self.with_duties(signed_in).await }
    }

    /// Adds what the site's rules demand of this person before anything else.
    async fn with_duties(&self, mut signed_in: SignedIn) -> Result<SignedIn, Fault> {
        if self.policy().demands_factor(signed_in.grant.privileged()) {
            signed_in.must_enrol = !self.factor_state(signed_in.grant.account()).await?.enrolled;
        }
        Ok(signed_in)
    }

    fn signed_in(
        &self,
        account: &Entry,
        digest: [u8; 32],
        must_change_password: bool,
        (expires_at, lock): (Timestamp, Option<Lock>),
    ) -> SignedIn {
        SignedIn {
            grant: self.grant_of(account),
            login: crate::entries::field(account, "login").unwrap_or_default(),
            csrf: hex::encode(Sha256::new().chain_update(b"csrf").chain_update(digest).finalize()),
            must_change_password,
            must_enrol: false,
            expires_at,
            lock,
            digest,
        }
    }

    /// Signs out; the seat is left too.
    pub async fn log_out(&self, signed_in: &SignedIn) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        self.settle(true, |_| async move {
            let now = self.now();
            let mut change = ChangeSet::new(now);
            change.sessions.push(SessionWrite::Close { token_digest: signed_in.digest });
            let actor = Actor::Officer(signed_in.grant.officer().clone());
            let region = self.account_region(account).await?;
            change.journal.push(self.line(
                "account",
                account.into(),
                region,
                now,
                &actor,
                Said::new("account.logged_out", "退出登录", "操作"),
            ));
            self.add_sign_off(&mut change, account, &actor, "退出登录").await?;
            Ok((change, ()))
        })
        .await?;
        Ok(())
    }

    pub(crate) async fn account_region(&self, account: AccountId) -> Result<fengsui_base::RegionCode, Fault> {
        let entry = self.store.entry(&Scope::everything(), account.into()).await?;
        Ok(entry.map_or(self.node.region, |e| e.region))
    }

    /// Changes one's own password; all other sessions of the account end.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        current: String,
        fresh: String,
    ) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        let present = self.store.credential(account).await?.map(|c| c.phc);
        self.own_password(signed_in, current.clone(), "/current").await?;
        crate::policy::acceptable(&fresh, &signed_in.login, signed_in.grant.privileged())?;
        if fresh == current {
            let place = fengsui_base::Place::new("/fresh", "password.same", "新密码和当前密码一样，请换一个");
            return Err(Refusal::invalid(vec![place]).into());
        }
        let former = self.former_passwords(account).await?;
        self.not_used_before(&fresh, &former).await?;
        let remembered: Vec<_> = present.into_iter().chain(former).take(FORMER_PASSWORDS).collect();
        let phc = self.passwords.hash(fresh, &*self.entropy).await?;
        let region = self.account_region(account).await?;
        self.settle(true, |_| {
            let now = self.now();
            let mut change = ChangeSet::new(now);
            change.credentials.push(CredentialWrite { account, phc: phc.clone(), must_change: false });
            change.sessions.push(SessionWrite::CloseAll { account, except: Some(signed_in.digest) });
            change.secrets.extend((0..).zip(&remembered).map(|(n, phc): (u8, &String)| {
                crate::pins::secret(account, &format!("{FORMER}{n}"), Some(phc.clone()))
            }));
            let actor = Actor::Officer(signed_in.grant.officer().clone());
            change.journal.push(self.line(
                "account",
                account.into(),
                region,
                now,
                &actor,
                Said::new("account.password_changed", "修改密码", "操作"),
            ));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// Hashes of the passwords before the present one, the latest first.
    async fn former_passwords(&self, account: AccountId) -> Result<Vec<String>, Fault> {
        let secrets = self.store.secrets(account.into()).await?;
        Ok(secrets.into_iter().filter(|(name, _)| name.starts_with(FORMER)).map(|(_, phc)| phc).collect())
    }

    async fn not_used_before(&self, fresh: &str, former: &[String]) -> Result<(), Fault> {
        for phc in former {
            if self.passwords.fits(fresh.to_owned(), Some(phc.clone())).await? {
                let detail = format!("最近用过的 {FORMER_PASSWORDS} 个密码不能再用，请换一个");
                let place = fengsui_base::Place::new("/fresh", "password.former", detail);
                return Err(Refusal::invalid(vec![place]).into());
            }
        }
        Ok(())
    }

    pub(crate) async fn account_by_login(&self, login: &str) -> Result<Option<Entry>, Fault> {
        let Some(id) = self.store.key(&login_key(login)).await? else { return Ok(None) };
        Ok(self.store.entry(&Scope::everything(), id).await?)
    }
}

/// What the store knows of a token.
pub(crate) fn digest_of(token: [u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A login: it may act until `expires_at` and show for some days after it.
pub(crate) fn opened(
    token_digest: [u8; 32],
    account: AccountId,
    expires_at: Timestamp,
    address: &str,
) -> SessionWrite {
    let shown = jiff::SignedDuration::from_hours(24 * DISPLAY_DAYS - SESSION_HOURS);
    SessionWrite::Open { token_digest, account, expires_at: expires_at + shown, origin: address.to_owned() }
}

/// Until when a session may act.
fn acts_until(session: &SessionRow) -> Timestamp {
    let shift = session.opened_at + jiff::SignedDuration::from_hours(SESSION_HOURS);
    shift.min(session.expires_at)
}

/// Why the actions of a session wait, if they do.
pub(crate) fn lock_of(session: &SessionRow, now: Timestamp) -> Option<Lock> {
    if now >= acts_until(session) { Some(Lock::Expired) } else { session.locked.then_some(Lock::Left) }
}

/// The unique key of a login: names differ by more than letter case.
pub(crate) fn login_key(login: &str) -> String {
    format!("account/login/{}", login.trim().to_lowercase())
}

pub(crate) fn refused() -> Refusal {
    let sentence = format!("账号或密码不对。连错 {ATTEMPTS_MAX} 次锁定 {LOCK_MINUTES} 分钟。");
    Refusal::new(RefusalKind::Unauthenticated, "login.refused", sentence)
}

pub(crate) fn throttled(minutes: i64) -> Refusal {
    Refusal::new(
        RefusalKind::Limited,
        "login.throttled",
        format!("错误次数太多，请 {minutes} 分钟后再试，或找安全管理员重置密码。"),
    )
}

fn no_session() -> Refusal {
    Refusal::new(RefusalKind::Unauthenticated, "session.none", "登录已过期，请重新登录。")
}
