//! Locked sessions, and the list of one's own sessions.
//!
//! A desk that is left, or whose shift of twelve hours is over, keeps its display and its bell; only its actions
//! wait. A lock is kept with the session, so that a restart does not unlock a desk.

use crate::changes::Said;
use crate::pins::Proof;
use crate::{App, Fault, SignedIn};
use fengsui_base::{Actor, Refusal, RefusalKind, Timestamp};
use fengsui_store::{ChangeSet, SessionWrite};

/// Most sessions shown to their owner.
const SESSIONS_MAX: u16 = 50;
/// Hexadecimal digits by which a session is named to its owner; they are no secret.
const NAME_DIGITS: usize = 16;

/// Why actions wait while the display goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lock {
    /// Locked by its owner or because nobody touched the desk; her PIN or password unlocks it.
    Left,
    /// The shift is over; the password begins a new one.
    Expired,
}

impl Lock {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Lock::Left => "left",
            Lock::Expired => "expired",
        }
    }
}

/// A session as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnSession {
    /// Name by which it can be ended.
    pub name: String,
    /// Where it was opened.
    pub origin: String,
    /// When.
    pub opened_at: Timestamp,
    /// Whether it is the one that asks.
    pub own: bool,
    /// Why its actions wait, if they do.
    pub lock: Option<Lock>,
}

impl App {
    /// Locks the session: its actions wait, its display goes on.
    pub async fn lock_session(&self, signed_in: &SignedIn) -> Result<(), Fault> {
        self.set_lock(signed_in, true, "锁定操作").await
    }

    /// Unlocks the session for its owner.
    pub async fn unlock_session(
        &self,
        signed_in: &SignedIn,
        proof: &Proof,
        address: &str,
    ) -> Result<(), Fault> {
        if signed_in.lock == Some(Lock::Expired) {
            let sentence = "登录满一班，请用密码重新登录。";
            return Err(Refusal::new(RefusalKind::Forbidden, "session.expired", sentence).into());
        }
        self.prove(signed_in.grant.account(), &signed_in.login, proof, address).await?;
        self.set_lock(signed_in, false, "解除锁定").await
    }

    async fn set_lock(&self, signed_in: &SignedIn, locked: bool, text: &'static str) -> Result<(), Fault> {
        let (account, token_digest) = (signed_in.grant.account(), signed_in.digest);
        let region = self.account_region(account).await?;
        let verb = if locked { "session.locked" } else { "session.unlocked" };
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            change.sessions.push(SessionWrite::Lock { token_digest, locked });
            let actor = Actor::Officer(signed_in.grant.officer().clone());
            let said = Said::new(verb, text, "席位");
            change.journal.push(self.line("account", account.into(), region, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// One's own sessions, the newest first.
    pub async fn own_sessions(&self, signed_in: &SignedIn) -> Result<Vec<OwnSession>, Fault> {
        let now = self.now();
        let found = self.store.sessions_of(signed_in.grant.account(), now, SESSIONS_MAX).await?;
        let shown = |row: fengsui_store::SessionRow| OwnSession {
            name: name(&row.token_digest),
            own: row.token_digest == signed_in.digest,
            lock: crate::sessions::lock_of(&row, now),
            origin: row.origin,
            opened_at: row.opened_at,
        };
        Ok(found.into_iter().map(shown).collect())
    }

    /// Ends one of one's own sessions by its name.
    pub async fn end_session(&self, signed_in: &SignedIn, wanted: &str) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        let found = self.store.sessions_of(account, self.now(), SESSIONS_MAX).await?;
        let session = found.into_iter().find(|s| name(&s.token_digest) == wanted);
        let session =
            session.filter(|s| s.token_digest != signed_in.digest).ok_or_else(Refusal::not_found)?;
        let region = self.account_region(account).await?;
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            change.sessions.push(SessionWrite::Close { token_digest: session.token_digest });
            let actor = Actor::Officer(signed_in.grant.officer().clone());
            let said = Said::new("session.ended", "结束自己的另一个登录", "操作")
                .with("address", session.origin.clone());
            change.journal.push(self.line("account", account.into(), region, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }
}

/// The first digits of the stored digest: they tell sessions apart and open none.
fn name(digest: &[u8; 32]) -> String {
    hex::encode(digest).chars().take(NAME_DIGITS).collect()
}
