//! The site's rules for passwords and second factors, and the judgement of a password that a person chose.

use fengsui_base::{Place, Refusal, Timestamp};

/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Shortest password of a privileged post, in characters.
pub const PASSWORD_CHARS_MIN_PRIVILEGED: usize = 10;
/// Longest password, in bytes.
const BYTES_MAX: usize = 200;
/// How many former passwords may not come back, the present one aside.
pub const FORMER_PASSWORDS: usize = 5;
/// Digits and signs behind a common word that make it no less common.
const TAIL_CHARS: usize = 4;
/// Words that are tried first by whoever tries; one a line. Source: the common ground of published lists, and the
/// words of this field.
const COMMON: &str = include_str!("common-passwords.txt");
/// What everybody knows of this program.
const OURS: &str = "fengsui";

/// The site's rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// After how many days a password must be changed; never without.
    pub password_days_max: Option<u16>,
    /// Who must have a second factor.
    pub second_factor: FactorPolicy,
}

/// Who must have a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FactorPolicy {
    /// Whoever wants one.
    #[default]
    Free,
    /// The posts that the catalog calls privileged.
    Privileged,
    /// Everybody.
    Everybody,
}

impl Policy {
    /// Whether a password that was set then is too old now.
    pub(crate) fn too_old(&self, set_at: Timestamp, now: Timestamp) -> bool {
        let days = |d: u16| i64::from(d) * 86_400;
        self.password_days_max.is_some_and(|d| now.as_second() - set_at.as_second() >= days(d))
    }

    /// Whether the person must have a second factor.
    pub(crate) fn demands_factor(&self, privileged: bool) -> bool {
        match self.second_factor {
            FactorPolicy::Free => false,
            FactorPolicy::Privileged => privileged,
            FactorPolicy::Everybody => true,
        }
    }
}

/// Whether a password may be used by the owner of this login.
pub(crate) fn acceptable(password: &str, login: &str, privileged: bool) -> Result<(), Refusal> {
    let wrong = |code, detail: String| Err(Refusal::invalid(vec![Place::new("/fresh", code, detail)]));
    let least = if privileged { PASSWORD_CHARS_MIN_PRIVILEGED } else { PASSWORD_CHARS_MIN };
    let chars = password.chars().count();
    if chars < least {
        return wrong("password.short", format!("密码有 {chars} 位，至少 {least} 位"));
    }
    if password.len() > BYTES_MAX {
        return wrong("password.long", format!("密码太长，最多 {BYTES_MAX} 字节"));
    }
    let lower = password.to_lowercase();
    if lower.contains(&login.to_lowercase()) {
        return wrong("password.login", "密码不能包含账号".to_owned());
    }
    if lower.contains(OURS) {
        return wrong("password.ours", "密码不能包含本系统的名字".to_owned());
    }
    if only_digits_or_one(password) || in_a_row(&lower) {
        return wrong("password.simple", "密码不能只有数字、只有一个字符，或照键盘顺序".to_owned());
    }
    if common(&lower) {
        return wrong("password.common", "这是人人常用的密码，请换一个；长句子好记也难猜".to_owned());
    }
    Ok(())
}

fn only_digits_or_one(password: &str) -> bool {
    let first = password.chars().next();
    password.chars().all(|c| Some(c) == first) || password.chars().all(|c| c.is_ascii_digit())
}

/// Every letter is the neighbour of the one before: in the alphabet, or on the keyboard.
fn in_a_row(lower: &str) -> bool {
    const ROWS: [&str; 5] =
        ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let letters: Vec<char> = lower.chars().collect();
    let neighbours = |a: char, b: char| {
        let beside = |row: &str| row.find(a).zip(row.find(b)).is_some_and(|(a, b)| a.abs_diff(b) == 1);
        ROWS.iter().any(|row| beside(row))
    };
    let steps = letters.windows(2).filter(|w| neighbours(w[0], w[1])).count();
    // A change of row in between, as in 1qaz2wsx or abcd1234, makes it no better.
    letters.len() > 1 && steps * 4 >= (letters.len() - 1) * 3
}

fn common(lower: &str) -> bool {
    let bare = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let tail = lower.chars().count() - bare.chars().count();
    COMMON.lines().any(|word| word == lower || (tail <= TAIL_CHARS && word == bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_for_its_post_and_not_what_everybody_tries() {
        let judged = |password: &str, privileged| {
            let code =
                acceptable(password, "zhoumin", privileged).err().map(|r| r.places[0].code.to_string());
            code.unwrap_or_default()
        };
        assert_eq!(judged("yu3-qiao", false), "");
        assert_eq!(judged("yu3-qiao", true), "password.short");
        assert_eq!(judged("yu3-qiao-9", true), "");
        assert_eq!(judged("山高水长八个字也行", false), "");
        for (weak, code) in [
            ("yu3-qia", "password.short"),
            ("aaaaaaaaaa", "password.simple"),
            ("1390571234", "password.simple"),
            ("abcdefgh12", "password.simple"),
            ("1qaz2wsx3edc", "password.common"),
            ("qwertyuiop", "password.simple"),
            ("Password2026", "password.common"),
            ("woaini1314", "password.common"),
            ("xiaofang119", "password.common"),
            ("Zhoumin-2026", "password.login"),
            ("fengsui-demo", "password.ours"),
            (&"a1".repeat(101), "password.long"),
        ] {
            assert_eq!(judged(weak, false), code, "{weak}");
        }
    }

    #[test]
    fn a_password_is_too_old_on_its_day_and_not_a_second_before() {
        let policy = Policy { password_days_max: Some(90), ..Policy::default() };
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(!policy.too_old(at(0), at(90 * 86_400 - 1)) && policy.too_old(at(0), at(90 * 86_400)));
        assert!(!Policy::default().too_old(at(0), at(i64::from(u32::MAX))));
    }
}
