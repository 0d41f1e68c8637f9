//! Telephone numbers as people write them, and whether one can be dialled.

use fengsui_base::Place;

/// Digits of a mobile number.
const MOBILE_DIGITS: usize = 11;
/// Digits of a number with its area code.
const LANDLINE_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;
/// Digits of a number inside a town or an exchange, short numbers included.
const LOCAL_DIGITS: std::ops::RangeInclusive<usize> = 3..=8;

/// The number as it is dialled: full-width digits made narrow, blanks, hyphens and brackets dropped, the country's
/// code cut. What cannot be a number is refused with the way to write it.
pub(crate) fn dialled(text: &str, pointer: &'static str) -> Result<String, Place> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        other => other,
    };
    let silent = |c: &char| c.is_whitespace() || matches!(c, '-' | '－' | '—' | '(' | ')' | '（' | '）');
    let all: String = text.chars().map(narrow).filter(|c| !silent(c)).collect();
    let number = all.strip_prefix("+86").or_else(|| all.strip_prefix("0086")).unwrap_or(&all);
    if is_number(number) {
        return Ok(number.to_owned());
    }
    let detail = "电话写法不对：手机 11 位，座机带区号（如 0571-88001234），或 3 至 8 位短号，请核对";
    Err(Place::new(pointer, "phone.malformed", detail))
}

fn is_number(number: &str) -> bool {
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let length = number.len();
    if number.starts_with('0') {
        return LANDLINE_DIGITS.contains(&length);
    }
    let mobile = length == MOBILE_DIGITS && number.starts_with('1') && number.as_bytes()[1] >= b'3';
    mobile || LOCAL_DIGITS.contains(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        dialled(text, "/phone").ok()
    }

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        assert_eq!(of("１３９ 0000 0001").as_deref(), Some("13900000001"));
        assert_eq!(of("+86 139-0000-0001").as_deref(), Some("13900000001"));
        assert_eq!(of("（0571）88001234").as_deref(), Some("057188001234"));
        assert_eq!(of("010-8800123").as_deref(), Some("0108800123"));
        assert_eq!(of("6119").as_deref(), Some("6119"));
    }

    #[test]
    fn both_sides_of_every_length() {
        assert!(of("119").is_some() && of("11").is_none());
        assert!(of("88001234").is_some() && of("880012345").is_none());
        assert!(of("1390000000").is_none() && of("139000000012").is_none());
        assert!(of("057188001234").is_some() && of("0571880012345").is_none() && of("057188001").is_none());
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_way_to_write_it() {
        for wrong in ["", "十二345", "139O0000001", "12345678901", "+1 202 555 0100 99"] {
            assert_eq!(dialled(wrong, "/phone").unwrap_err().code, "phone.malformed", "{wrong}");
        }
    }
}
