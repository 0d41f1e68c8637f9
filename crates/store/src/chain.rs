//! The chain over the journal: each ChangeSet's digest covers the one before it and the digests of its lines.
//!
//! A line's digest covers the exact text that is stored for it, salt included: an erased line's content
//! cannot be guessed from its digest, and a later program that writes lines with more fields still verifies
//! the old ones, because it checks the stored bytes and never writes them again. Erasing a line removes its
//! text and leaves its digest, and therefore the chain.

use crate::JournalRow;
use fengsui_ledger::JournalLine;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// The text of a line as it is stored and digested: its JSON, salt included.
pub fn line_text(line: &JournalLine) -> String {
    serde_json::to_string(line).expect("a journal line has string keys only")
}

/// The digest of a stored line.
pub fn line_digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// The chain as it is walked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    /// Number of the last link.
    pub seq: u64,
    /// Digest of the last link.
    pub digest: Digest,
}

impl Chain {
    /// The chain with one more ChangeSet, whose lines have these digests.
    #[must_use]
    pub fn link(self, lines: &[Digest]) -> Self {
        let seq = self.seq + 1;
        let mut hash = Sha256::new().chain_update(self.digest).chain_update(seq.to_be_bytes());
        for line in lines {
            hash.update(line);
        }
        Self { seq, digest: hash.finalize().into() }
    }

    /// Walks one stored ChangeSet: the next link, or what is wrong with it, in Chinese.
    pub fn check(self, seq: u64, stored: &Digest, rows: &[JournalRow]) -> Result<Self, String> {
        if seq != self.seq + 1 {
            return Err(format!("缺少第 {} 号，其后是第 {seq} 号", self.seq + 1));
        }
        if let Some(row) = rows.iter().find(|r| r.text.as_ref().is_some_and(|t| line_digest(t) != r.digest)) {
            return Err(format!("第 {seq} 号第 {} 行内容与摘要不符", row.line + 1));
        }
        if let Some(row) = rows.iter().find(|r| r.text.is_none() && r.erased.is_none()) {
            return Err(format!("第 {seq} 号第 {} 行没有内容，也没有删除记录", row.line + 1));
        }
        let digests: Vec<_> = rows.iter().map(|r| r.digest).collect();
        let next = self.link(&digests);
        if next.digest == *stored { Ok(next) } else { Err(format!("第 {seq} 号链接摘要不符")) }
    }
}
