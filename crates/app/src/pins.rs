//! PIN (口令码): four to six digits by which a person shows at a desk that it is she.
//!
//! It is worth something only together with a machine at which somebody has signed in: it unlocks a session and
//! takes over a seat, it never opens the system from outside. Because it is short it has a throttle of its
//! own: after the last try the PIN rests for a quarter of an hour, or until its owner gives her password.

use crate::changes::Said;
use crate::{App, Fault, SignedIn};
use fengsui_base::{AccountId, Actor, Place, Refusal, RefusalKind};
use fengsui_store::{ChangeSet, SecretWrite};

/// Shortest PIN, in digits.
pub const PIN_DIGITS_MIN: usize = 4;
/// Longest PIN, in digits.
pub const PIN_DIGITS_MAX: usize = 6;

/// Name of the PIN among the secrets of an account: a PHC string.
pub(crate) const PIN: &str = "pin";

/// How a person shows that it is she.
#[derive(Clone)]
pub enum Proof {
    /// By her PIN.
    Pin(String),
    /// By her password.
    Password(String),
}

impl App {
    /// Sets one's own PIN; the password is asked for, so that nobody sets it on an unattended desk.
    pub async fn set_pin(&self, signed_in: &SignedIn, password: String, pin: &str) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        acceptable(pin)?;
        self.own_password(signed_in, password, "/password").await?;
        let value = self.passwords.hash(pin.to_owned(), &*self.entropy).await?;
        let region = self.account_region(account).await?;
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            change.secrets.push(secret(account, PIN, Some(value.clone())));
            let actor = Actor::Officer(signed_in.grant.officer().clone());
            let said = Said::new("account.pin_set", "设置口令码", "操作");
            change.journal.push(self.line("account", account.into(), region, change.at, &actor, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        self.pin_throttle.succeeded(&account.to_string(), "");
        Ok(())
    }

    /// Whether an account has set a PIN.
    pub async fn has_pin(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(self.pin_of(account).await?.is_some())
    }

    async fn pin_of(&self, account: AccountId) -> Result<Option<String>, Fault> {
        Ok(self.store.secrets(account.into()).await?.remove(PIN))
    }

    /// Looks at the proof of a person; a wrong one is counted and on record.
    pub(crate) async fn prove(
        &self,
        account: AccountId,
        login: &str,
        proof: &Proof,
        address: &str,
    ) -> Result<(), Fault> {
        match proof {
            Proof::Pin(pin) => self.prove_by_pin(account, pin, address).await,
            Proof::Password(password) => {
                self.throttle.attempt(login, address, self.now()).map_err(crate::sessions::throttled)?;
                let phc = self.store.credential(account).await?.map(|c| c.phc);
                if self.passwords.fits(password.clone(), phc).await? {
                    self.throttle.succeeded(login, address);
                    self.pin_throttle.succeeded(&account.to_string(), "");
                    return Ok(());
                }
                Err(self.refuse_proof(account, wrong("password.wrong", "密码不对，请重新输入。")).await?)
            }
        }
    }

    async fn prove_by_pin(&self, account: AccountId, pin: &str, address: &str) -> Result<(), Fault> {
        let Some(phc) = self.pin_of(account).await? else {
            return Err(wrong("pin.none", "还没有设口令码，请用密码。口令码在本人的账号菜单里设。").into());
        };
        self.pin_throttle.attempt(&account.to_string(), address, self.now()).map_err(resting)?;
        if self.passwords.fits(pin.to_owned(), Some(phc)).await? {
            self.pin_throttle.succeeded(&account.to_string(), address);
            return Ok(());
        }
        Err(self.refuse_proof(account, wrong("pin.wrong", "口令码不对，请重新输入。")).await?)
    }

    async fn refuse_proof(&self, account: AccountId, refusal: Refusal) -> Result<Fault, Fault> {
        let region = self.account_region(account).await?;
        self.settle(true, |_| {
            let mut change = ChangeSet::new(self.now());
            let said = Said::new("account.proof_refused", "口令核对不符", "席位");
            let rule = Self::by_rule("口令核验");
            change.journal.push(self.line("account", account.into(), region, change.at, &rule, said));
            std::future::ready(Ok((change, ())))
        })
        .await?;
        Ok(refusal.into())
    }

    /// Whether this is the password of the person who is signed in.
    pub(crate) async fn own_password(
        &self,
        signed_in: &SignedIn,
        password: String,
        pointer: &str,
    ) -> Result<(), Fault> {
        self.throttle.attempt(&signed_in.login, "", self.now()).map_err(crate::sessions::throttled)?;
        let phc = self.store.credential(signed_in.grant.account()).await?.map(|c| c.phc);
        if self.passwords.fits(password, phc).await? {
            self.throttle.succeeded(&signed_in.login, "");
            return Ok(());
        }
        let place = Place::new(pointer, "password.wrong", "当前密码不对，请重新输入");
        Err(Refusal::invalid(vec![place]).into())
    }
}

/// A secret of an account set, or taken away.
pub(crate) fn secret(account: AccountId, name: &str, value: Option<String>) -> SecretWrite {
    SecretWrite { owner: account.into(), name: name.to_owned(), value }
}

fn wrong(code: &'static str, sentence: &str) -> Refusal {
    Refusal::new(RefusalKind::Forbidden, code, sentence)
}

fn resting(minutes: i64) -> Refusal {
    let sentence = format!("口令码错误次数太多，停用 {minutes} 分钟，请用密码。");
    Refusal::new(RefusalKind::Limited, "pin.throttled", sentence)
}

/// Whether a PIN a person chose may be used.
fn acceptable(pin: &str) -> Result<(), Refusal> {
    let refuse = |code, detail: String| Err(Refusal::invalid(vec![Place::new("/pin", code, detail)]));
    let digits = pin.len();
    if !pin.bytes().all(|b| b.is_ascii_digit()) || !(PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&digits) {
        return refuse("pin.digits", format!("口令码是 {PIN_DIGITS_MIN} 到 {PIN_DIGITS_MAX} 位数字"));
    }
    let bytes = pin.as_bytes();
    let steps: Vec<i16> = bytes.windows(2).map(|w| i16::from(w[1]) - i16::from(w[0])).collect();
    let even = steps.iter().all(|s| *s == steps[0]) && matches!(steps[0], -1..=1);
    if even {
        return refuse("pin.simple", "口令码不能是同一个数字或连着的数字，如 1111、1234".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::acceptable;

    #[test]
    fn a_pin_has_four_to_six_digits_that_do_not_follow_one_another() {
        for good in ["2580", "119119", "31415"] {
            assert!(acceptable(good).is_ok(), "{good}");
        }
        for bad in ["258", "2580258", "1111", "1234", "654321", "12a4", "", "１２５８"] {
            assert!(acceptable(bad).is_err(), "{bad}");
        }
    }
}
