//! How index values, search grams and receipts are written down.

use fengsui_ledger::IndexValue;
use fengsui_store::{EntryWrite, TITLE_ORDER_CHARS, index_text};
use sha2::{Digest as _, Sha256};

/// Bits of one character; three of them fit into 63.
const CHARACTER_BITS: u32 = 21;

/// An index row as the table has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct StoredRow {
    pub(crate) path: String,
    pub(crate) value: String,
    /// Where the entry stands in the order of the field; on the first row of the field alone, so that a list has it once.
    pub(crate) place: Option<i64>,
}

/// The rows of an entry; the same row twice is one, so that counting rows counts entries.
pub(crate) fn rows(write: &EntryWrite) -> Vec<StoredRow> {
    let mut rows: Vec<StoredRow> = Vec::with_capacity(write.index.len());
    for row in &write.index {
        let (path, value) = (path(&write.entry.kind, &row.field), value(&row.value));
        if rows.iter().all(|r| r.path != path || r.value != value) {
            let first = rows.iter().all(|r| r.path != path);
            let place = if first { write.place(&row.field) } else { None };
            rows.push(StoredRow { path, value, place });
        }
    }
    rows
}

/// Kind and field in one text.
pub(crate) fn path(kind: &str, field: &str) -> String {
    format!("{kind}/{field}")
}

/// What stands before a text.
pub(crate) const TEXT: char = 't';
/// The letter behind it.
pub(crate) const BEHIND_TEXT: char = 'u';

/// A value with its type in front, so that the number 7 and the text 7 are two things.
pub(crate) fn value(value: &IndexValue) -> String {
    match value {
        IndexValue::Integer(number) => format!("i{number}"),
        // Zero has two signs and is one number.
        IndexValue::Real(number) => format!("r{:?}", number + 0.0),
        IndexValue::Text(text) => format!("{TEXT}{}", index_text(text)),
    }
}

/// The beginning of a title that counts for the order.
pub(crate) fn title_order(title: &str) -> String {
    title.chars().take(TITLE_ORDER_CHARS).collect()
}

/// A gram as one number. Up to three characters are packed exactly; longer ones, which no search makes, are
/// hashed into the negative numbers.
pub(crate) fn gram(text: &str) -> i64 {
    if text.chars().count() <= 3 {
        return text.chars().fold(0, |packed, c| (packed << CHARACTER_BITS) | i64::from(u32::from(c)));
    }
    let digest: [u8; 32] = Sha256::digest(text).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h]) | i64::MIN
}

/// Grams as numbers, sorted, each once.
pub(crate) fn grams<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<i64> {
    let mut found: Vec<_> = texts.into_iter().map(gram).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Sorted grams in few bytes: the steps between them, seven bits a byte.
pub(crate) fn pack(grams: &[i64]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(grams.len() * 4);
    let mut last = 0_i64;
    for gram in grams {
        let mut step = gram.wrapping_sub(last).cast_unsigned();
        last = *gram;
        while step >= 0x80 {
            packed.push(step.to_le_bytes()[0] | 0x80);
            step >>= 7;
        }
        packed.push(step.to_le_bytes()[0]);
    }
    packed
}

/// The grams that [`pack`] packed.
pub(crate) fn unpack(packed: &[u8]) -> Vec<i64> {
    let mut grams = Vec::new();
    let (mut last, mut step, mut shift) = (0_i64, 0_u64, 0_u32);
    for byte in packed {
        step |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            last = last.wrapping_add(step.cast_signed());
            grams.push(last);
            (step, shift) = (0, 0);
        }
    }
    grams
}

/// A receipt is found by the digest of its key, which may be of any length.
pub(crate) fn receipt_digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_of_up_to_three_characters_are_told_apart_exactly() {
        let texts =
            ["a", "ab", "ba", "消", "消防", "防消", "𠮷𠮷", "\u{10ffff}\u{10ffff}\u{10ffff}", "a四字词"];
        assert_eq!(grams(texts).len(), texts.len());
        assert_eq!(gram("消防"), gram("消防"));
    }

    #[test]
    fn packed_grams_come_back() {
        let sorted = grams(["消防", "a", "四字的词", "控制", "\u{10ffff}\u{10ffff}\u{10ffff}", "五个字的词"]);
        assert_eq!(unpack(&pack(&sorted)), sorted);
        let edges = [i64::MIN, -1, 0, 1, i64::MAX];
        assert_eq!(unpack(&pack(&edges)), edges);
        assert!(unpack(&pack(&[])).is_empty());
    }

    #[test]
    fn a_long_title_is_ordered_by_its_beginning() {
        assert_eq!(title_order(&"长".repeat(TITLE_ORDER_CHARS + 1)).chars().count(), TITLE_ORDER_CHARS);
        assert_eq!(title_order("短"), "短");
    }
}
