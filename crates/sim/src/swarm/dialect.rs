//! The dialects (规约变体) of a swarm: how makers really write what the standard asks for.

use gb26875::{Clock, Profile};

/// How one connection writes its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As the standard has it.
    Standard,
    /// Clocks in BCD (时钟按 BCD 写).
    Bcd,
    /// Point before zone in component addresses (点位在前).
    PointFirst,
    /// Frames as hexadecimal text (十六进制文本).
    HexText,
}

/// Parts of the dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialectMix {
    /// Parts by the standard.
    pub standard: u32,
    /// Parts with clocks in BCD.
    pub bcd: u32,
    /// Parts with the point first.
    pub point_first: u32,
    /// Parts as hexadecimal text.
    pub hex_text: u32,
}

impl DialectMix {
    /// The standard alone.
    pub const STANDARD: Self = Self { standard: 1, bcd: 0, point_first: 0, hex_text: 0 };
    /// Every second terminal by the standard, the others in equal shares.
    pub const MIXED: Self = Self { standard: 3, bcd: 1, point_first: 1, hex_text: 1 };

    pub(crate) fn total(self) -> u64 {
        [self.standard, self.bcd, self.point_first, self.hex_text].map(u64::from).iter().sum()
    }

    /// The dialect of a connection: in turn, so that shares hold for few connections as well.
    pub(crate) fn of(self, index: usize) -> Dialect {
        let parts = [
            (Dialect::Standard, self.standard),
            (Dialect::Bcd, self.bcd),
            (Dialect::PointFirst, self.point_first),
            (Dialect::HexText, self.hex_text),
        ];
        let mut place = index as u64 % self.total().max(1);
        for (dialect, part) in parts {
            match place.checked_sub(u64::from(part)) {
                Some(rest) => place = rest,
                None => return dialect,
            }
        }
        Dialect::Standard
    }
}

impl Dialect {
    pub(crate) fn clock(self) -> Clock {
        if self == Dialect::Bcd { Clock::Bcd } else { Clock::Binary }
    }

    pub(crate) fn component_address(self, zone: u32, point: u32) -> u32 {
        if self == Dialect::PointFirst { (zone << 16) | point } else { (point << 16) | zone }
    }

    /// The bytes on the wire.
    pub(crate) fn wire(self, frame: Vec<u8>) -> Vec<u8> {
        match self {
            Dialect::HexText => frame.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect(),
            Dialect::Standard | Dialect::Bcd | Dialect::PointFirst => frame,
        }
    }

    /// How answers to it are read: whoever writes text may be answered in text.
    pub(crate) fn profile(self) -> Profile {
        if self == Dialect::HexText { Profile::default() } else { Profile::standard() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_hold_in_every_round_of_connections() {
        let all: Vec<_> = (0..60).map(|n| DialectMix::MIXED.of(n)).collect();
        let count = |d| all.iter().filter(|x| **x == d).count();
        assert_eq!(
            [Dialect::Standard, Dialect::Bcd, Dialect::PointFirst, Dialect::HexText].map(count),
            [30, 10, 10, 10]
        );
        assert!((0..9).all(|n| DialectMix::STANDARD.of(n) == Dialect::Standard));
    }

    #[test]
    fn a_frame_as_text_is_twice_as_long_and_reads_back() {
        let text = Dialect::HexText.wire(vec![0x40, 0x40, 0x0a]);
        assert_eq!(text, b"40400A");
    }
}
