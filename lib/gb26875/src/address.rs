//! Addresses: the six bytes that name a terminal or a centre.
//!
//! The standard leaves their content open. Most makers write a little-endian number; some leave zeros,
//! some write an IPv4 address and a port. The bytes are therefore kept and read on demand.

use std::net::Ipv4Addr;

/// Six bytes of source or destination address as they stand on the wire.
///
/// Source: GB/T 26875.3 table 2 (source address, destination address).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub [u8; Address::LEN]);

impl Address {
    /// Bytes of an address on the wire.
    pub const LEN: usize = 6;
    /// The largest number that fits: 2⁴⁸ − 1.
    pub const MAX_NUMBER: u64 = 0xFFFF_FFFF_FFFF;
    /// All zero: a terminal that names nobody. It must never stand for one particular terminal.
    pub const ZERO: Address = Address([0; Address::LEN]);

    /// The six bytes as a little-endian number.
    pub fn number(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
    }

    /// The address that a number is written as, or `None` above [`Address::MAX_NUMBER`].
    pub fn from_number(number: u64) -> Option<Address> {
        let [a, b, c, d, e, f, 0, 0] = number.to_le_bytes() else { return None };
        Some(Address([a, b, c, d, e, f]))
    }

    /// The bytes read as four bytes of IPv4 address and a little-endian port (a dialect).
    pub fn ipv4_and_port(self) -> (Ipv4Addr, u16) {
        let [a, b, c, d, low, high] = self.0;
        (Ipv4Addr::new(a, b, c, d), u16::from_le_bytes([low, high]))
    }

    /// Whether all six bytes are zero.
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_little_endian() {
        assert_eq!(Address([0x38, 0x5B, 0x01, 0, 0, 0]).number(), 88_888);
        assert_eq!(Address::from_number(88_888), Some(Address([0x38, 0x5B, 0x01, 0, 0, 0])));
    }

    #[test]
    fn the_largest_number_fits_and_the_next_does_not() {
        assert_eq!(Address::from_number(Address::MAX_NUMBER), Some(Address([0xFF; 6])));
        assert_eq!(Address::from_number(Address::MAX_NUMBER + 1), None);
    }

    #[test]
    fn an_address_may_be_a_socket() {
        let address = Address([0xC0, 0xA8, 0x01, 0x04, 0x6D, 0x1D]);
        assert_eq!(address.ipv4_and_port(), (Ipv4Addr::new(192, 168, 1, 4), 7533));
    }
}
