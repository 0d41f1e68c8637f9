//! The second factor (第二验证): enrolled by its owner, asked for at login, reset by a security administrator.
//!
//! The seed is shown once, while it is being enrolled, and never again. Ten recovery codes, each good for one login,
//! are for the day the phone is lost; only their digests are kept. A code that was used does not count a second
//! time, also not in the same second at another machine: the step used last is stored with the login itself.

use crate::changes::Said;
use crate::pins::secret;
use crate::{App, Fault, SignedIn};
use fengsui_access::totp;
use fengsui_base::{AccountId, Actor, Place, Refusal, RefusalKind};
use fengsui_store::{ChangeSet, SecretWrite};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How many recovery codes are given.
pub const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: fifty bits.
const RECOVERY_LETTERS: usize = 10;
/// Seed in use, hexadecimal.
const SEED: &str = "factor";
/// Seed that was offered and not yet proved.
const OFFERED: &str = "factor/offered";
/// The last step used.
const STEP: &str = "factor/step";
/// Digests of the recovery codes, by number.
const RECOVERY: &str = "recovery/";

/// A seed that is offered to its owner, once.
#[derive(Clone)]
pub struct OfferedFactor {
    /// For typing, in base 32.
    pub seed: String,
    /// For the authenticator's camera.
    pub uri: String,
}

/// How an account stands with its second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FactorState {
    /// Whether codes are asked for.
    pub enrolled: bool,
    /// Recovery codes that are left.
    pub recovery_left: usize,
}

/// The secrets of an account, as stored.
pub(crate) type Secrets = BTreeMap<String, String>;

impl App {
    /// How an account stands with its second factor.
    pub async fn factor_state(&self, account: AccountId) -> Result<FactorState, Fault> {
        let secrets = self.store.secrets(account.into()).await?;
        let recovery_left = secrets.keys().filter(|name| name.starts_with(RECOVERY)).count();
        Ok(FactorState { enrolled: secrets.contains_key(SEED), recovery_left })
    }

    /// Offers a fresh seed to the person who is signed in; nothing is asked for until she has proved it.
    pub async fn offer_factor(&self, signed_in: &SignedIn, password: String) -> Result<OfferedFactor, Fault> {
        self.own_password(signed_in, password, "/password").await?;
        let account = signed_in.grant.account();
        if self.factor_state(account).await?.enrolled {
            return Err(conflict("factor.enrolled", "第二验证已启用。换手机请找安全管理员重置。").into());
        }
        let seed: [u8; totp::SEED_BYTES] = self.entropy.bytes();
        let offered = vec![secret(account, OFFERED, Some(hex::encode(seed)))];
        self.keep_factor(signed_in, offered, "account.factor_offered", "开始启用第二验证").await?;
        let uri = totp::key_uri(&self.node.office, &signed_in.login, &seed);
        Ok(OfferedFactor { seed: totp::base32(&seed), uri })
    }

    /// Enrols the offered seed by its first code; answers the recovery codes, which are shown once.
    pub async fn confirm_factor(&self, signed_in: &SignedIn, code: &str) -> Result<Vec<String>, Fault> {
        let account = signed_in.grant.account();
        let secrets = self.store.secrets(account.into()).await?;
        let seed = secrets.get(OFFERED).and_then(|text| hex::decode(text).ok());
        let seed = seed.ok_or_else(|| conflict("factor.not_offered", "请先取得二维码，再输入验证码。"))?;
        let step = totp::step_of(&seed, code.trim(), self.now(), None).ok_or_else(|| {
            let detail = "验证码不对；请核对手机的时间，等下一个码再试";
            Refusal::invalid(vec![Place::new("/code", "code.wrong", detail)])
        })?;
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| self.recovery_code()).collect();
        let mut kept = vec![
            secret(account, SEED, Some(hex::encode(&seed))),
            secret(account, STEP, Some(step.to_string())),
            secret(account, OFFERED, None),
        ];
        kept.extend(
            codes
                .iter()
                .enumerate()
                .map(|(n, code)| secret(account, &format!("{RECOVERY}{n}"), Some(digest_of_code(code)))),
        );
        self.keep_factor(signed_in, kept, "account.factor_enrolled", "启用第二验证").await?;
        Ok(codes)
    }

    async fn keep_factor(
        &self,
        signed_in: &SignedIn,
        secrets: Vec<SecretWrite>,
        verb: &'static str,
        text: &'static str,
    ) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        let region = self.account_region(account).await?;
        let actor = Actor::Officer(signed_in.grant.officer().clone());
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            change.secrets.clone_from(&secrets);
            let said = Said::new(verb, text, "操作");
            change.journal.push(self.line("account", account.into(), region, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(())
    }

    /// What a login must change so that its code cannot be used again; the refusal when the code does not count.
    /// An account without a second factor needs none.
    pub(crate) fn used_code(
        &self,
        account: AccountId,
        secrets: &Secrets,
        code: Option<&str>,
    ) -> Result<Option<SecretWrite>, Refusal> {
        let Some(seed) = secrets.get(SEED).and_then(|text| hex::decode(text).ok()) else { return Ok(None) };
        let code = code.map(str::trim).filter(|c| !c.is_empty()).ok_or_else(code_needed)?;
        let last = secrets.get(STEP).and_then(|text| text.parse().ok());
        if let Some(step) = totp::step_of(&seed, code, self.now(), last) {
            return Ok(Some(secret(account, STEP, Some(step.to_string()))));
        }
        let digest = digest_of_code(code);
        let recovery = secrets.iter().find(|(name, kept)| name.starts_with(RECOVERY) && **kept == digest);
        let (name, _) = recovery.ok_or_else(code_wrong)?;
        Ok(Some(secret(account, name, None)))
    }

    fn recovery_code(&self) -> String {
        let drawn: [u8; 10] = self.entropy.bytes();
        let letters: Vec<char> =
            totp::base32(&drawn).to_lowercase().chars().rev().take(RECOVERY_LETTERS).collect();
        letters.chunks(RECOVERY_LETTERS / 2).map(String::from_iter).collect::<Vec<_>>().join("-")
    }
}

/// Everything of a second factor taken away.
pub(crate) fn forgotten(account: AccountId) -> Vec<SecretWrite> {
    let recovery = (0..RECOVERY_CODES).map(|n| format!("{RECOVERY}{n}"));
    let names = [SEED, OFFERED, STEP].map(str::to_owned).into_iter().chain(recovery);
    names.map(|name| secret(account, &name, None)).collect()
}

/// Codes are typed with or without the hyphen, in any case.
fn digest_of_code(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hex::encode(Sha256::digest(letters.to_lowercase()))
}

fn code_needed() -> Refusal {
    Refusal::new(RefusalKind::Unauthenticated, "login.code_needed", "请输入手机上的六位验证码。")
}

fn code_wrong() -> Refusal {
    let sentence = "验证码不对或已用过，请等下一个码再试；手机不在身边可用恢复码。";
    Refusal::new(RefusalKind::Unauthenticated, "login.code_wrong", sentence)
}

fn conflict(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Conflict, code, sentence)
}
