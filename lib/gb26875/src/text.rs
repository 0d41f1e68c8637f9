//! Texts (说明): GB 18030, in a fixed field of 31 bytes or counted by a length byte.
//!
//! The field pads with NUL, spaces or 0xA0, leaves old bytes after the first NUL and sometimes begins with a
//! control byte. Reading cleans all of that away and never fails; the bytes themselves are kept.

use encoding_rs::GB18030;

/// Bytes of the text field of component status and component configuration.
///
/// Source: GB/T 26875.3 §8.2.1.2 (component description).
pub const FIXED_TEXT: usize = 31;
/// Longest counted text in bytes, by its one-byte length.
pub const MAX_COUNTED_TEXT: usize = 255;

const PAD: u8 = 0xA0;
const ERASED: u8 = 0xFF;

/// A text in a field of [`FIXED_TEXT`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FixedText(pub [u8; FIXED_TEXT]);

impl FixedText {
    /// The field that holds as much of the text as fits, cut between characters and filled with NUL.
    pub fn fit(text: &str) -> FixedText {
        let mut field = [0; FIXED_TEXT];
        let bytes = encode_within(text, FIXED_TEXT);
        field[..bytes.len()].copy_from_slice(&bytes);
        FixedText(field)
    }

    /// The text, cleaned.
    pub fn read(&self) -> String {
        clean(&self.0)
    }
}

/// A text whose length stands before it in one byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CountedText(Vec<u8>);

impl CountedText {
    /// The bytes as a text, or `None` when there are more than [`MAX_COUNTED_TEXT`].
    pub fn new(bytes: Vec<u8>) -> Option<CountedText> {
        (bytes.len() <= MAX_COUNTED_TEXT).then_some(CountedText(bytes))
    }

    /// As much of the text as fits, cut between characters.
    pub fn fit(text: &str) -> CountedText {
        CountedText(encode_within(text, MAX_COUNTED_TEXT))
    }

    /// The bytes as they stand on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, cleaned.
    pub fn read(&self) -> String {
        clean(&self.0)
    }
}

/// Reads GB 18030: cut at the first NUL, control bytes and padding (space, 0xA0, erased 0xFF) removed.
///
/// Never fails: bytes that are no GB 18030 become U+FFFD.
pub fn clean(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let printable: Vec<u8> = bytes[..end].iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
    let unpadded = without_padding(&printable);
    let (text, _) = GB18030.decode_without_bom_handling(&unpadded);
    let text: String = text.chars().filter(|character| !character.is_control()).collect();
    text.trim_matches([' ', '\u{A0}']).to_owned()
}

/// Removes padding bytes. 0xA0 also occurs as half of a character, so the bytes are walked by characters;
/// only before the first character, and twice in a row, is it always padding (the one rare character that
/// is written A0 A0 is lost by that).
fn without_padding(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| ![b' ', PAD, ERASED].contains(byte)).unwrap_or(bytes.len());
    let (mut kept, mut rest) = (Vec::with_capacity(bytes.len()), &bytes[start..]);
    while let [first, tail @ ..] = rest {
        let second = tail.first().copied();
        rest = match (*first, second) {
            (ERASED, _) => tail,
            (PAD, None | Some(PAD)) => tail.trim_start_pad(),
            (PAD, Some(second)) if second < 0x40 => tail,
            (0x81.., Some(second)) if second >= 0x30 => {
                kept.extend([*first, second]);
                &tail[1..]
            }
            (single, _) => {
                kept.push(single);
                tail
            }
        };
    }
    kept
}

trait TrimPad {
    fn trim_start_pad(&self) -> &Self;
}

impl TrimPad for [u8] {
    /// A run of padding is padding to its last byte.
    fn trim_start_pad(&self) -> &[u8] {
        let start = self.iter().position(|&byte| byte != PAD).unwrap_or(self.len());
        &self[start..]
    }
}

/// The GB 18030 bytes of the longest beginning of `text` that needs at most `limit` bytes.
fn encode_within(text: &str, limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4];
    for character in text.chars() {
        let (encoded, _, _) = GB18030.encode(character.encode_utf8(&mut buffer));
        if bytes.len() + encoded.len() > limit {
            break;
        }
        bytes.extend_from_slice(&encoded);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_ends_at_the_first_nul() {
        assert_eq!(clean(b"A-1\0junk"), "A-1");
        assert_eq!(clean(b"\0junk"), "");
    }

    #[test]
    fn padding_and_control_bytes_go_and_inner_spaces_stay() {
        assert_eq!(clean(b"\x01\xA0\xA0\xA0"), "");
        assert_eq!(clean(b"\x02  1-2 F\xA0\xA0\xA0\0"), "1-2 F");
        assert_eq!(clean(b"\xA0\xBB\xF0 \xA0"), "火");
        assert_eq!(clean(b"\xA0\xA0\xA0\xBB\xF0\xA0\xA0"), "火");
        assert_eq!(clean(&[0xFF; 31]), "");
    }

    #[test]
    fn a_character_that_ends_in_the_padding_byte_survives() {
        let (bytes, _, _) = GB18030.encode("盃");
        assert!(bytes.contains(&PAD), "the test wants a character with 0xA0 in it: {bytes:?}");
        assert_eq!(clean(&[b"1".as_slice(), &bytes, b" "].concat()), "1盃");
    }

    #[test]
    fn two_and_four_byte_characters_are_read() {
        for text in ["消火栓泵房3号", "𠮷", "€", "①层"] {
            let field = FixedText::fit(text);
            assert_eq!(field.read(), text);
            assert_eq!(CountedText::fit(text).read(), text);
        }
    }

    #[test]
    fn bad_bytes_never_fail() {
        assert_eq!(clean(&[0x81]), "\u{FFFD}");
        assert!(clean(&[0xBB, 0x20, 0x41]).ends_with('A'));
    }

    #[test]
    fn a_text_at_the_limit_fits_and_one_more_is_cut_between_characters() {
        let fifteen = "火".repeat(15);
        assert_eq!(FixedText::fit(&format!("{fifteen}A")).read(), format!("{fifteen}A"));
        assert_eq!(FixedText::fit(&format!("{fifteen}火")).read(), fifteen);
        assert_eq!(CountedText::new(vec![b'x'; MAX_COUNTED_TEXT]).map(|t| t.bytes().len()), Some(255));
        assert_eq!(CountedText::new(vec![b'x'; MAX_COUNTED_TEXT + 1]), None);
    }
}
