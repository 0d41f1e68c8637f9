//! Digests: what makes a repeated message the same, and comparing signatures without telling how much of them
//! was right.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Base64 with or without its padding, as different products write it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The identity of the `n`-th message of a signed text.
pub(crate) fn id(text: &[u8], n: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(text);
    hash.update(n.to_be_bytes());
    hex::encode(hash.finalize())
}

/// Base64 of the MD5 of the parts joined, without padding.
pub(crate) fn md5_base64(parts: [&[u8]; 3]) -> String {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    STANDARD_NO_PAD.encode(hash.finalize())
}

/// Hexadecimal SHA-256 of the parts sorted as text and joined.
pub(crate) fn sha256_sorted(mut parts: [&str; 3]) -> String {
    parts.sort_unstable();
    hex::encode(Sha256::digest(parts.concat()))
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Reads base64.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    STANDARD.decode(text).or_else(|_| LENIENT.decode(text)).ok()
}
