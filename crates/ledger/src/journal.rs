//! The journal (留痕): who did what, when, on whose evidence, in one sentence that is never rewritten.
//!
//! The sentence is written when the act happens and kept as it was said; a correction is a new line. The
//! store chains the lines by salted digests, so that one line may lawfully be erased without breaking the
//! proof that no other was touched.

use fengsui_base::{Actor, EntryId, Fields, RegionCode, Timestamp};
use serde::{Deserialize, Serialize};

/// What a line is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subject {
    /// Kind in the catalog.
    pub kind: String,
    /// The entry.
    pub id: EntryId,
}

/// One line of the journal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct JournalLine {
    /// What the line is about.
    pub subject: Subject,
    /// Region that decides who may read it.
    pub region: RegionCode,
    /// When it happened, by the server's clock.
    pub at: Timestamp,
    /// Stable word for the act, such as `alarm.taken`.
    pub verb: String,
    /// Who acted.
    pub actor: Actor,
    /// What happened, as one Chinese sentence without the actor's name.
    pub text: String,
    /// Where the evidence is: 帧, 键盘, 规则 …
    pub evidence: String,
    /// Facts for machines: old and new values, both clocks.
    pub facts: Fields,
    /// Sixteen random bytes that keep the digest from being guessed.
    #[serde(with = "salt_hex")]
    pub salt: [u8; 16],
}

mod salt_hex {
    //! The salt as 32 hexadecimal digits.
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(salt: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", u128::from_be_bytes(*salt)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u128::from_str_radix(&text, 16).map_err(serde::de::Error::custom)?;
        Ok(number.to_be_bytes())
    }
}
