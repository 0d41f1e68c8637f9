//! Walking the journal's chain from the first ChangeSet to the last and naming what does not hold.
//!
//! The walk is a pure function of the pages it is given, so that a backup, a live store and a copy handed to
//! an auditor are checked by the same few lines.

use crate::{Chain, JournalChange, Store, StoreError, Verification};

/// How many lines are read at a time.
const LINES_PER_PAGE: u16 = 1_000;

/// A walk along the chain, page by page.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    chain: Chain,
    found: Verification,
}

impl Verifier {
    /// A walk that starts before the first ChangeSet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the next page must start.
    pub fn seq(&self) -> u64 {
        self.chain.seq
    }

    /// Checks one page of [`Store::journal_since`]; answers whether the walk may go on.
    pub fn page(&mut self, page: &[JournalChange]) -> bool {
        page.iter().all(|change| self.change(change))
    }

    fn change(&mut self, (seq, stored, rows): &JournalChange) -> bool {
        match self.chain.check(*seq, stored, rows) {
            Ok(next) => {
                self.chain = next;
                self.count(rows);
                true
            }
            Err(wrong) => {
                self.found.broken = Some((*seq, wrong));
                false
            }
        }
    }

    fn count(&mut self, rows: &[crate::JournalRow]) {
        self.found.lines += rows.len() as u64;
        let erased =
            rows.iter().filter_map(|r| r.erased.as_ref().map(|(_, reason)| (r.seq, r.line, reason.clone())));
        self.found.erasures.extend(erased);
    }

    /// What was found so far.
    pub fn finish(self) -> Verification {
        Verification { verified_to: self.chain.seq, chain: self.chain.digest, ..self.found }
    }
}

/// Verifies the whole journal of a store, in bounded memory but for the erasures it names.
pub async fn verify(store: &dyn Store) -> Result<Verification, StoreError> {
    let mut verifier = Verifier::new();
    loop {
        let page = store.journal_since(verifier.seq(), LINES_PER_PAGE).await?;
        if page.is_empty() || !verifier.page(&page) {
            return Ok(verifier.finish());
        }
    }
}
