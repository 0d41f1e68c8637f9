//! How far anything may go: what is read is measured before it is believed.

/// Largest document, packed, in bytes.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most members of the packed folder.
pub const MEMBERS_MAX: usize = 300;
/// Most bytes that all members unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// How many times larger than its file an unpacked document may be, beyond [`RATIO_FREE_BYTES`].
pub const RATIO_MAX: u64 = 150;
/// Unpacked bytes up to which the ratio does not matter: a short form of much repetition packs very well.
pub const RATIO_FREE_BYTES: u64 = 2 * 1024 * 1024;
/// Deepest nesting of elements.
pub const DEPTH_MAX: usize = 100;
/// Most elements and texts of one part.
pub const NODES_MAX: usize = 400_000;
/// Longest name of a place, in characters.
pub const NAME_CHARS_MAX: usize = 40;
/// Longest blank that a place may ask for, in characters.
pub const BLANK_CHARS_MAX: usize = 60;
/// Length of a blank that does not say how long it is, in characters.
pub const BLANK_CHARS: usize = 8;
/// Longest text of one value, in characters.
pub const VALUE_CHARS_MAX: usize = 20_000;
/// Longest list of records.
pub const RECORDS_MAX: usize = 1_000;
/// Most characters of all values of one filled document together.
pub const FILLED_CHARS_MAX: usize = 1_000_000;
