//! The second factor: a six-digit code that an authenticator on the phone shows anew every thirty seconds.
//!
//! Time and seed come in as arguments. A code counts in its own step and in the ones beside it, because phones and
//! servers differ by seconds; a step that was used once never counts again, nor does an earlier one.
//! Source: RFC 6238 (time-based one-time password), RFC 4226 (truncation), RFC 4648 §6 (base 32).

use fengsui_base::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a seed in bytes: that of the digest. Source: RFC 4226 §4, R6.
pub const SEED_BYTES: usize = 20;
/// Length of a step, in seconds.
const STEP_S: i64 = 30;
/// Steps to either side that still count.
const SKEW_STEPS: i64 = 1;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step whose code this is, when it counts now and is later than the last one used.
pub fn step_of(seed: &[u8], code: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
    let present = now.as_second().div_euclid(STEP_S);
    let steps =
        (present - SKEW_STEPS..=present + SKEW_STEPS).filter(|s| last_used.is_none_or(|last| *s > last));
    // Every step is computed, so that the time tells nothing of which one it was.
    steps.fold(None, |found, step| if code_at(seed, step) == code { Some(step) } else { found })
}

/// The code of a step.
pub fn code_at(seed: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("a MAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[digest.len() - 1] & 0x0f);
    let word = digest.iter().skip(offset).take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:0width$}", (word & 0x7fff_ffff) % MODULUS, width = CODE_DIGITS)
}

/// A seed as people type it into an authenticator.
pub fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)).collect::<Vec<_>>();
    let letter = |group: &[u8]| {
        let value = group.iter().fold(0_u8, |value, bit| value << 1 | bit) << (5 - group.len());
        char::from(BASE32[usize::from(value)])
    };
    bits.chunks(5).map(letter).collect()
}

/// The address that an authenticator reads from a picture. `issuer` and `login` are percent-encoded.
/// Source: the key URI format of the common authenticators.
pub fn key_uri(issuer: &str, login: &str, seed: &[u8]) -> String {
    let (issuer, login) = (percent(issuer), percent(login));
    format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", base32(seed))
}

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Source: RFC 6238 appendix B, the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SEED, second / 30), code, "at {second}");
        }
    }

    /// Source: RFC 4648 §10.
    #[test]
    fn seeds_are_written_as_the_standard_says() {
        for (text, letters) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), letters);
        }
        assert_eq!(
            key_uri("云 岫", "zhoumin", b"f"),
            "otpauth://totp/%E4%BA%91%20%E5%B2%AB:zhoumin?secret=MY&issuer=%E4%BA%91%20%E5%B2%AB"
        );
    }

    #[test]
    fn a_code_counts_one_step_early_and_late_and_once() {
        let now = at(600);
        for (step, counts) in [(18, false), (19, true), (20, true), (21, true), (22, false)] {
            let found = step_of(SEED, &code_at(SEED, step), now, None);
            assert_eq!(found, counts.then_some(step));
        }
        assert_eq!(step_of(SEED, &code_at(SEED, 20), now, Some(19)), Some(20));
        assert_eq!(step_of(SEED, &code_at(SEED, 20), now, Some(20)), None, "it was used");
        assert_eq!(step_of(SEED, &code_at(SEED, 19), now, Some(20)), None, "a later one was used");
        for nonsense in ["", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(SEED, nonsense, now, None), None);
        }
    }
}
