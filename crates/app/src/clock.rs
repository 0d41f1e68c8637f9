//! Time and randomness as they are handed in by the binary, or by a test.

use crate::steady::MachineOff;
use fengsui_base::{EntryId, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds: a store keeps no more, and what memory knows must equal what the store gives back.
    fn now(&self) -> Timestamp;

    /// How far the machine's own clock is from what this one tells.
    fn machine_off(&self) -> MachineOff {
        MachineOff::default()
    }
}

/// Gives random bytes fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// An array of random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }

    /// A new id.
    pub(crate) fn id(&self, now: Timestamp) -> EntryId {
        EntryId::new(now, self.bytes())
    }
}
