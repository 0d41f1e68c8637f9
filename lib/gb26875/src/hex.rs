//! Hex text: bytes written as pairs of hexadecimal digits.
//!
//! Some radio modules and message queues carry frames as text (`4040…2323`) instead of bytes. On the wire
//! such a frame begins with `34 30 34 30`, which no binary frame does.

/// What a hex text begins with: the digits of the start mark.
pub const TEXT_START: [u8; 4] = *b"4040";

/// Why a text is not hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// A character that is neither a digit 0–9, a letter A–F nor white space.
    #[error("第 {position} 个字符不是十六进制数字；只能有 0–9、A–F 和空格")]
    Character {
        /// Place of the character, counted from 1.
        position: usize,
    },
    /// One digit is left over.
    #[error("十六进制数字有 {digits} 个，是单数；每个字节要两个数字")]
    Odd {
        /// Digits in the text.
        digits: usize,
    },
}

/// Whether these bytes begin like a hex text rather than like a frame. Leading white space is passed over.
pub fn is_text(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(&TEXT_START)
}

/// Reads hex digits, passing over ASCII white space and the difference between `a` and `A`.
///
/// # Errors
/// [`HexError`] for any other character and for an odd number of digits.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let (mut high, mut digits) = (None, 0);
    for (index, &character) in text.iter().enumerate() {
        if character.is_ascii_whitespace() {
            continue;
        }
        let value = digit(character).ok_or(HexError::Character { position: index + 1 })?;
        digits += 1;
        match high.take() {
            None => high = Some(value),
            Some(high) => bytes.push(high << 4 | value),
        }
    }
    if high.is_some() { Err(HexError::Odd { digits }) } else { Ok(bytes) }
}

/// Writes bytes as lower-case hex digits.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).map(character).collect()
}

/// Writes bytes as the upper-case hex text that terminals of this dialect send and expect.
pub fn encode_text(bytes: &[u8]) -> Vec<u8> {
    encode(bytes).to_ascii_uppercase().into_bytes()
}

pub(crate) fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

fn character(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).expect("a nibble is below 16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_letter_case_do_not_matter() {
        assert_eq!(decode(b" 40 4 0\taB\r\n"), Ok(vec![0x40, 0x40, 0xAB]));
        assert_eq!(decode(b""), Ok(vec![]));
        assert_eq!(encode(&[0x40, 0xAB]), "40ab");
    }

    #[test]
    fn anything_else_is_named_by_its_place() {
        assert_eq!(decode(b"40x0"), Err(HexError::Character { position: 3 }));
        assert_eq!(decode("40火".as_bytes()), Err(HexError::Character { position: 3 }));
        assert_eq!(decode(b"404"), Err(HexError::Odd { digits: 3 }));
    }
}
