//! Passwords: argon2id, never compared in the open, never logged, never hashed in a crowd.
//!
//! Hashing is made costly on purpose (19 MiB, two passes). So that a storm of logins cannot take the memory
//! or the cores of the desk, only a few run at a time and the rest wait their turn.

use crate::{Entropy, Fault};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many are hashed at the same time.
const AT_ONCE: usize = 2;
/// Characters of a one-time password, without those that are mistaken for one another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Hashes a password with a salt from the entropy handed in.
    pub(crate) async fn hash(&self, password: String, entropy: &dyn Entropy) -> Result<String, Fault> {
        let salt: [u8; 16] = entropy.bytes();
        self.in_turn(move || hashed(&password, &salt)).await
    }

    /// Whether the password fits the hash. Without a hash the same work is done, so that the time tells nothing.
    pub(crate) async fn fits(&self, password: String, phc: Option<String>) -> Result<bool, Fault> {
        self.in_turn(move || match phc {
            Some(phc) => PasswordHash::new(&phc)
                .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok()),
            None => hashed(&password, &[0; 16]).is_empty(),
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let turns = self.turns.clone();
        let _turn = turns.acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| Fault::Broken(fengsui_store::StoreError::Broken("口令运算中断".to_owned())))
    }
}

fn hashed(password: &str, salt: &[u8]) -> String {
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    hash.expect("sixteen bytes are a valid salt and the default parameters are valid").to_string()
}

/// A password for one use: sixteen letters and digits in groups of four, about 79 bits.
pub(crate) fn one_time(entropy: &dyn Entropy) -> String {
    let mut letters = Vec::with_capacity(16);
    while letters.len() < 16 {
        // Bytes beyond the last whole multiple are thrown away, so that every letter is equally likely.
        let whole = 256 - 256 % LETTERS.len();
        let drawn: [u8; 32] = entropy.bytes();
        letters.extend(
            drawn
                .iter()
                .filter(|b| usize::from(**b) < whole)
                .map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])),
        );
    }
    letters.truncate(16);
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.iter_mut().for_each(|b| *b = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let passwords = Passwords::new();
        let hash = passwords.hash("正确的口令 horse".into(), &Counting(0.into())).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.fits("正确的口令 horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.fits("正确的口令 hors".into(), Some(hash)).await.unwrap());
        assert!(!passwords.fits("anything".into(), None).await.unwrap());
    }

    #[test]
    fn a_one_time_password_has_four_groups_of_four() {
        let password = one_time(&Counting(0.into()));
        assert_eq!(password.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
    }
}
