//! A facility (设施) that gives too many false alarms in a day.

use fengsui_base::TerminalId;
use std::collections::BTreeMap;

/// How many false alarms of one facility a day are still borne; with one more somebody must be told to mend it.
///
/// Source: GB 50440, acceptance items (second-hand): more than five a day, and the facility cannot be repaired at
/// once, agree a procedure with the monitoring centre.
pub const FALSE_A_DAY_MAX: u64 = 5;

/// A facility: one system of a unit as its terminal reports it, or the terminal itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Facility {
    /// The terminal that reports it.
    pub terminal: TerminalId,
    /// Type and address of the system; the device itself without.
    pub system: Option<(u8, u8)>,
}

impl Facility {
    /// The facility of an alarm's slot, such as `alarm/fire/<terminal>/c1.2.7`.
    pub fn of_slot(slot: &str) -> Option<Self> {
        let mut parts = slot.rsplit('/');
        let (part, terminal) = (parts.next()?, parts.next()?);
        let terminal = TerminalId(terminal.parse().ok()?);
        let numbers = part.strip_prefix(['c', 's', 'v']);
        let mut numbers = numbers.into_iter().flat_map(|n| n.split('.')).map(str::parse::<u8>);
        let system = numbers.next().and_then(Result::ok).zip(numbers.next().and_then(Result::ok));
        Some(Self { terminal, system })
    }

    /// Stable name, for keys.
    pub fn key(&self) -> String {
        let system = self.system.map_or_else(|| "device".to_owned(), |(kind, at)| format!("{kind}.{at}"));
        format!("{}/{system}", self.terminal)
    }
}

/// The facilities with more than [`FALSE_A_DAY_MAX`] false alarms, from a tally of one day by slot, with how many.
pub fn over_limit(by_slot: &[(String, u64)]) -> Vec<(Facility, u64)> {
    let mut sums: BTreeMap<Facility, u64> = BTreeMap::new();
    for (slot, count) in by_slot {
        if let Some(facility) = Facility::of_slot(slot) {
            *sums.entry(facility).or_default() += count;
        }
    }
    sums.into_iter().filter(|(_, count)| *count > FALSE_A_DAY_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_base::EntryId;

    fn slot(terminal: u128, part: &str) -> String {
        format!("alarm/fire/{}/{part}", EntryId::from_u128(terminal))
    }

    #[test]
    fn five_a_day_are_borne_and_six_are_not() {
        let five = [(slot(1, "c1.1.7"), 3), (slot(1, "c1.1.8"), 2)];
        assert!(over_limit(&five).is_empty());
        let six = [(slot(1, "c1.1.7"), 3), (slot(1, "c1.1.8"), 3)];
        let found = over_limit(&six);
        assert_eq!((found.len(), found[0].0.system, found[0].1), (1, Some((1, 1)), 6));
    }

    #[test]
    fn the_systems_of_a_terminal_are_counted_apart() {
        let apart =
            [(slot(1, "c1.1.7"), 3), (slot(1, "c1.2.7"), 3), (slot(2, "c1.1.7"), 3), (slot(1, "d0.0.0"), 3)];
        assert!(over_limit(&apart).is_empty());
        let device = Facility::of_slot(&slot(1, "d0.0.0")).unwrap();
        assert_eq!((device.system, device.key().ends_with("/device")), (None, true));
    }

    #[test]
    fn what_is_no_slot_is_passed_over() {
        assert_eq!(Facility::of_slot("alarm/fire/nobody/c1.1.1"), None);
        assert!(over_limit(&[("…a digest".to_owned(), 99)]).is_empty());
    }
}
