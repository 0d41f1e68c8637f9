//! Berths: who is who among the connections of one address whose frames carry no number (source address 0).
//!
//! The first such connection of an address gets berth 1, a second one at the same time berth 2. When a terminal
//! connects again it finds its old berth free, and is the same terminal as before. Where several of them stand
//! behind one address and all connect anew, they may change places: such a site should set their numbers.

use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// The berths taken, by address. It holds no more than there are connections.
#[derive(Default)]
pub(crate) struct Berths(Mutex<BTreeMap<IpAddr, BTreeSet<u16>>>);

/// A berth, free again when it is dropped.
pub(crate) struct Berth {
    berths: Arc<Berths>,
    ip: IpAddr,
    number: u16,
}

impl Berth {
    /// Takes the lowest free berth of the address.
    pub(crate) fn take(berths: &Arc<Berths>, ip: IpAddr) -> Self {
        let mut taken = berths.0.lock();
        let own = taken.entry(ip).or_default();
        // An address has fewer connections than there are numbers; beyond that the last one is shared by nobody
        // who could be told apart anyway.
        let number = (1..u16::MAX).find(|number| !own.contains(number)).unwrap_or(u16::MAX);
        own.insert(number);
        Self { berths: berths.clone(), ip, number }
    }

    /// Its number, from 1.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

impl Drop for Berth {
    fn drop(&mut self) {
        let mut taken = self.berths.0.lock();
        let Some(own) = taken.get_mut(&self.ip) else { return };
        own.remove(&self.number);
        if own.is_empty() {
            taken.remove(&self.ip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_berth_of_an_address_is_taken_and_given_back() {
        let berths = Arc::new(Berths::default());
        let (here, there) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let first = Berth::take(&berths, here);
        let second = Berth::take(&berths, here);
        assert_eq!((first.number(), second.number(), Berth::take(&berths, there).number()), (1, 2, 1));
        drop(first);
        assert_eq!(Berth::take(&berths, here).number(), 1);
        drop(second);
        assert!(berths.0.lock().is_empty(), "nothing is left of those who have gone");
    }
}
