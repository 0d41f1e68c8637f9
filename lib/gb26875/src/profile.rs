//! Dialects (规约): where makers depart from the standard or where it leaves them free.
//!
//! A profile is plain data, chosen for each terminal. [`Profile::default`] reads everything that can be told
//! apart without knowing the maker; what cannot be told apart (zone before point, BCD clock, "restored" user
//! types) is said by a profile.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use crate::address::Address;
use crate::frame::{Command, Frame};
use crate::label::{Clock, Label};
use crate::unit::kind;

/// What the source address of a frame means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum SourceAddressing {
    /// A little-endian number that names the terminal.
    #[default]
    Number,
    /// An IPv4 address and a port.
    Ipv4AndPort,
    /// Nothing: the terminal is known by the connection or the push channel it comes through.
    Channel,
}

/// Who a frame says it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The number of the terminal, never 0.
    Number(u64),
    /// An IPv4 address and a port.
    Socket(Ipv4Addr, u16),
    /// The frame does not say: only its connection or registration can. Two such terminals are never one.
    Channel,
}

/// How the four bytes of a component address divide into zone (回路/分区) and point (点位).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum PartAddressOrder {
    /// The first two bytes are the zone, the last two the point.
    #[default]
    ZoneFirst,
    /// The first two bytes are the point, the last two the zone.
    PointFirst,
}

/// A link-up of one byte (a dialect): the terminal sends one, the centre answers with its twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Handshake {
    /// The byte that the terminal sends as its whole data unit.
    pub request: u8,
    /// The byte that the centre answers.
    pub answer: u8,
}

/// What a user-defined type (128–254) means with this maker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum UserMeaning {
    /// A sign of life without content.
    Heartbeat,
    /// The states named are over; the objects are laid out as those of this standard type.
    RestoredOf(u8),
}

/// A user-defined type and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct UserType {
    /// The type byte.
    pub kind: u8,
    /// What it means.
    pub meaning: UserMeaning,
}

/// The "restored" twins (恢复) of types 1, 2 and 21 that one maker family sends.
pub const RESTORED_TWINS: [UserType; 3] = [
    UserType { kind: 0x86, meaning: UserMeaning::RestoredOf(kind::SYSTEM_STATUS) },
    UserType { kind: 0x87, meaning: UserMeaning::RestoredOf(kind::COMPONENT_STATUS) },
    UserType { kind: 0x88, meaning: UserMeaning::RestoredOf(kind::UITD_STATUS) },
];

/// One dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize), serde(default))]
pub struct Profile {
    /// Name of the dialect, for people.
    pub name: Cow<'static, str>,
    /// What the source address means.
    pub source_addressing: SourceAddressing,
    /// How the send time of frames is read and written.
    pub sent_clock: Clock,
    /// How the times inside objects are read and written.
    pub object_clock: Clock,
    /// How component addresses divide.
    pub part_address_order: PartAddressOrder,
    /// Whether component states may come in 15 bytes, without the text.
    pub short_objects: bool,
    /// The one-byte link-up, if the maker has one.
    pub handshake: Option<Handshake>,
    /// The meaning of user-defined types; others are kept raw.
    pub user_types: Cow<'static, [UserType]>,
    /// Whether frames may come as hex text (`4040…2323`).
    pub hex_text: bool,
    /// Whether a clear bit 0 of a state really means a test with this maker. Elsewhere it means nothing.
    pub clear_bit_0_is_test: bool,
}

const VENDOR_HEARTBEAT: UserType = UserType { kind: 0xBE, meaning: UserMeaning::Heartbeat };

impl Default for Profile {
    fn default() -> Profile {
        Profile {
            name: Cow::Borrowed("通用"),
            source_addressing: SourceAddressing::Number,
            sent_clock: Clock::Binary,
            object_clock: Clock::Binary,
            part_address_order: PartAddressOrder::ZoneFirst,
            short_objects: true,
            handshake: Some(Handshake { request: 0x16, answer: 0x17 }),
            user_types: Cow::Borrowed(&[VENDOR_HEARTBEAT]),
            hex_text: true,
            clear_bit_0_is_test: false,
        }
    }
}

/// The dialects met in the field, by a stable name; the first reads everything that can be told apart.
pub fn shipped() -> Vec<(&'static str, Profile)> {
    let with = |change: fn(&mut Profile)| {
        let mut profile = Profile::default();
        change(&mut profile);
        profile
    };
    vec![
        ("gb26875", Profile::default()),
        ("gb26875-standard", Profile::standard()),
        ("gb26875-point-first", with(|p| p.part_address_order = PartAddressOrder::PointFirst)),
        ("gb26875-bcd", with(|p| p.object_clock = Clock::Bcd)),
        ("gb26875-ipv4", with(|p| p.source_addressing = SourceAddressing::Ipv4AndPort)),
        ("gb26875-restored", with(says_what_is_over)),
    ]
}

/// One maker family writes the point before the zone and says what is over in types of its own.
fn says_what_is_over(profile: &mut Profile) {
    profile.part_address_order = PartAddressOrder::PointFirst;
    profile.user_types = Cow::Owned([RESTORED_TWINS.as_slice(), &[VENDOR_HEARTBEAT]].concat());
}

impl Profile {
    /// The shipped dialect with this name; the one that reads everything when nobody knows the name.
    pub fn named(name: &str) -> Profile {
        shipped()
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, profile)| profile)
            .unwrap_or_default()
    }

    /// The standard to the letter: no dialect is recognised.
    pub fn standard() -> Profile {
        Profile {
            name: Cow::Borrowed("国标"),
            short_objects: false,
            handshake: None,
            user_types: Cow::Borrowed(&[]),
            hex_text: false,
            ..Profile::default()
        }
    }

    /// Divides a component address into zone (回路/分区) and point (点位). The undivided number stays the key.
    pub fn split_part_address(&self, address: u32) -> (u16, u16) {
        let [a, b, c, d] = address.to_le_bytes();
        let (first, second) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        match self.part_address_order {
            PartAddressOrder::ZoneFirst => (first, second),
            PartAddressOrder::PointFirst => (second, first),
        }
    }

    /// Joins zone and point into the component address that [`Profile::split_part_address`] divides.
    pub fn join_part_address(&self, zone: u16, point: u16) -> u32 {
        let (first, second) = match self.part_address_order {
            PartAddressOrder::ZoneFirst => (zone, point),
            PartAddressOrder::PointFirst => (point, zone),
        };
        u32::from(second) << 16 | u32::from(first)
    }

    /// Who a source address says it is. A zero address is nobody's.
    pub fn identity(&self, source: Address) -> Identity {
        match self.source_addressing {
            _ if source.is_zero() => Identity::Channel,
            SourceAddressing::Number => Identity::Number(source.number()),
            SourceAddressing::Ipv4AndPort => {
                let (ip, port) = source.ipv4_and_port();
                Identity::Socket(ip, port)
            }
            SourceAddressing::Channel => Identity::Channel,
        }
    }

    /// What a type means when the standard does not say.
    pub fn meaning(&self, kind: u8) -> Option<UserMeaning> {
        self.user_types.iter().find(|user| user.kind == kind).map(|user| user.meaning)
    }

    /// The standard type of which `kind` is the "restored" twin with this maker.
    pub fn restored_of(&self, kind: u8) -> Option<u8> {
        match self.meaning(kind)? {
            UserMeaning::RestoredOf(standard) => Some(standard),
            UserMeaning::Heartbeat => None,
        }
    }

    /// Whether the frame is the one-byte link-up of this maker.
    pub fn is_handshake(&self, frame: &Frame) -> bool {
        self.handshake
            .is_some_and(|handshake| frame.command == Command::SEND && frame.data == [handshake.request])
    }

    /// Whether the frame is a mere sign of life (心跳): empty data, a clock, a link-up or a heartbeat type.
    ///
    /// The standard defines no heartbeat; this is what the field sends instead.
    pub fn is_heartbeat(&self, frame: &Frame) -> bool {
        frame.command == Command::SEND
            && match frame.data.first() {
                None => true,
                Some(&kind::UITD_CLOCK) => true,
                Some(&kind) => self.is_handshake(frame) || self.meaning(kind) == Some(UserMeaning::Heartbeat),
            }
    }

    /// Whether an object time looks like BCD read as binary: impossible or after the send time when read
    /// by [`Clock::Binary`], possible and not after it when read by [`Clock::Bcd`].
    ///
    /// A hint for whoever chooses the profile; nothing is decided by it.
    pub fn suspects_bcd(&self, occurred: Label, sent: Label) -> bool {
        let Some(sent) = sent.civil(self.sent_clock) else { return false };
        let Some(digits) = occurred.civil(Clock::Bcd) else { return false };
        let plain_is_later = occurred.civil(Clock::Binary).is_none_or(|plain| plain.date() > sent.date());
        self.object_clock == Clock::Binary && plain_is_later && digits <= sent
    }
}
