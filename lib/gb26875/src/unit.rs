//! The application data unit (应用数据单元): a type, a count and that many objects of one layout.
//!
//! Reading never fails. A type that is not known, a count of zero, or a count that does not fit the length
//! leaves the bytes as [`Objects::Raw`], so that nothing a terminal says is lost.

use crate::frame::{EncodeError, MAX_DATA};
pub use crate::object::{
    AnalogValue, ComponentConfiguration, ComponentRef, ComponentStatus, DutyCheck, FacilityClock,
    FacilityConfiguration, FacilityOperation, FacilityRecords, FacilityVersion, Reserved, SystemRef,
    SystemStatus, UitdClock, UitdConfiguration, UitdOperation, UitdRecords, UitdStatus, UitdVersion,
};
use crate::object::{Object, Reader, ShortComponentStatus};
use crate::profile::Profile;

/// The types (类型标志) of the standard. Source: GB/T 26875.3 table 4 and §8.3.
#[allow(missing_docs, reason = "each name is the sentence; names::unit_kind gives the words of the standard")]
pub mod kind {
    pub const SYSTEM_STATUS: u8 = 1;
    pub const COMPONENT_STATUS: u8 = 2;
    pub const ANALOG_VALUE: u8 = 3;
    pub const FACILITY_OPERATION: u8 = 4;
    pub const FACILITY_VERSION: u8 = 5;
    pub const FACILITY_CONFIGURATION: u8 = 6;
    pub const COMPONENT_CONFIGURATION: u8 = 7;
    pub const FACILITY_CLOCK: u8 = 8;
    pub const UITD_STATUS: u8 = 21;
    pub const UITD_OPERATION: u8 = 24;
    pub const UITD_VERSION: u8 = 25;
    pub const UITD_CONFIGURATION: u8 = 26;
    pub const UITD_CLOCK: u8 = 28;
    pub const READ_SYSTEM_STATUS: u8 = 61;
    pub const READ_COMPONENT_STATUS: u8 = 62;
    pub const READ_ANALOG_VALUE: u8 = 63;
    pub const READ_FACILITY_OPERATION: u8 = 64;
    pub const READ_FACILITY_VERSION: u8 = 65;
    pub const READ_FACILITY_CONFIGURATION: u8 = 66;
    pub const READ_COMPONENT_CONFIGURATION: u8 = 67;
    pub const READ_FACILITY_CLOCK: u8 = 68;
    pub const READ_UITD_STATUS: u8 = 81;
    pub const READ_UITD_OPERATION: u8 = 84;
    pub const READ_UITD_VERSION: u8 = 85;
    pub const READ_UITD_CONFIGURATION: u8 = 86;
    pub const READ_UITD_CLOCK: u8 = 88;
    pub const INITIALISE_UITD: u8 = 89;
    pub const SET_UITD_CLOCK: u8 = 90;
    pub const DUTY_CHECK: u8 = 91;
}

/// Most objects of a type in one data unit, for the types of the standard.
///
/// Terminals that send more are read all the same as long as the bytes fit.
/// Source: GB/T 26875.3 §8.3, the tables of each type.
pub fn max_objects(kind: u8) -> Option<usize> {
    Some(match kind {
        1 | 4 | 61 => 102,
        2 | 62 => 22,
        3 | 63 => 63,
        6 | 66 => 3,
        7 | 67 => 26,
        24 => 127,
        5 | 8 | 21 | 25 | 26 | 28 | 64 | 65 | 68 | 81 | 84..=86 | 88..=91 => 1,
        _ => return None,
    })
}

/// What the data of a frame is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// No data at all: acknowledgement, denial and, in the field, heartbeat.
    Empty,
    /// One byte, too short for type and count: a link-up of some makers.
    Single(u8),
    /// A type, a count and what follows.
    Unit(DataUnit),
}

impl Content {
    /// Reads the data of a frame. Never fails.
    pub fn decode(data: &[u8], profile: &Profile) -> Content {
        match *data {
            [] => Content::Empty,
            [byte] => Content::Single(byte),
            [kind, count, ref body @ ..] => {
                Content::Unit(DataUnit { kind, count, objects: Objects::decode(kind, count, body, profile) })
            }
        }
    }

    /// Writes the data of a frame.
    ///
    /// # Errors
    /// As [`DataUnit::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        match self {
            Content::Empty => Ok(Vec::new()),
            Content::Single(byte) => Ok(vec![*byte]),
            Content::Unit(unit) => unit.encode(),
        }
    }
}

/// A type, a count and the objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataUnit {
    /// Type (类型标志), one of [`kind`] or any other byte.
    pub kind: u8,
    /// Number of objects (信息对象数目) as stated on the wire.
    pub count: u8,
    /// The objects.
    pub objects: Objects,
}

impl DataUnit {
    /// A unit with as many objects as are given.
    ///
    /// # Errors
    /// None at all, more than the standard allows for the type, or objects of another type.
    pub fn new(kind: u8, objects: Objects) -> Result<DataUnit, EncodeError> {
        let (found, limit) = (objects.len(), max_objects(kind).unwrap_or(usize::from(u8::MAX)));
        if found == 0 {
            return Err(EncodeError::NoObjects);
        }
        if found > limit {
            return Err(EncodeError::TooMany { objects: found, limit });
        }
        let count = u8::try_from(found).expect("every limit is below 256");
        let unit = DataUnit { kind, count, objects };
        unit.check()?;
        Ok(unit)
    }

    /// Reads a unit of at least two bytes; `None` when there are fewer.
    pub fn decode(data: &[u8], profile: &Profile) -> Option<DataUnit> {
        match Content::decode(data, profile) {
            Content::Unit(unit) => Some(unit),
            Content::Empty | Content::Single(_) => None,
        }
    }

    /// Writes the unit.
    ///
    /// # Errors
    /// Objects of another type, a count that is not their number, or more than [`MAX_DATA`] bytes.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.check()?;
        let mut bytes = vec![self.kind, self.count];
        self.objects.write(&mut bytes);
        if bytes.len() > MAX_DATA {
            return Err(EncodeError::TooLong { length: bytes.len() });
        }
        Ok(bytes)
    }

    fn check(&self) -> Result<(), EncodeError> {
        let Some(shape) = self.objects.shape() else { return Ok(()) };
        // A user type may carry any standard layout; a standard type only its own.
        if self.kind < 128 && Shape::of(self.kind) != Some(shape) {
            return Err(EncodeError::Kind { kind: self.kind });
        }
        let objects = self.objects.len();
        if usize::from(self.count) != objects {
            return Err(EncodeError::Count { stated: self.count, objects });
        }
        self.objects.check_sizes()
    }
}

/// The objects of one data unit, all of one layout.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Objects {
    /// Type 1.
    SystemStatus(Vec<SystemStatus>),
    /// Type 2.
    ComponentStatus(Vec<ComponentStatus>),
    /// Type 3.
    AnalogValue(Vec<AnalogValue>),
    /// Type 4.
    FacilityOperation(Vec<FacilityOperation>),
    /// Type 5.
    FacilityVersion(Vec<FacilityVersion>),
    /// Type 6.
    FacilityConfiguration(Vec<FacilityConfiguration>),
    /// Type 7.
    ComponentConfiguration(Vec<ComponentConfiguration>),
    /// Type 8.
    FacilityClock(Vec<FacilityClock>),
    /// Type 21.
    UitdStatus(Vec<UitdStatus>),
    /// Type 24.
    UitdOperation(Vec<UitdOperation>),
    /// Type 25.
    UitdVersion(Vec<UitdVersion>),
    /// Type 26.
    UitdConfiguration(Vec<UitdConfiguration>),
    /// Types 28 (clock of the terminal) and 90 (set it).
    UitdClock(Vec<UitdClock>),
    /// Types 61, 65, 66 and 68: systems asked about.
    Systems(Vec<SystemRef>),
    /// Types 62, 63 and 67: components asked about.
    Components(Vec<ComponentRef>),
    /// Type 64.
    FacilityRecords(Vec<FacilityRecords>),
    /// Type 84.
    UitdRecords(Vec<UitdRecords>),
    /// Types 81, 85, 86, 88 and 89: one reserved byte, 0.
    Reserved(Vec<Reserved>),
    /// Type 91.
    DutyCheck(Vec<DutyCheck>),
    /// Everything else: the bytes after type and count.
    Raw(Vec<u8>),
}

/// Runs one expression for whichever list of objects is there; raw bytes have their own.
macro_rules! each {
    ($objects:expr, $list:ident => $body:expr, $raw:pat => $otherwise:expr) => {
        match $objects {
            Objects::SystemStatus($list) => $body,
            Objects::ComponentStatus($list) => $body,
            Objects::AnalogValue($list) => $body,
            Objects::FacilityOperation($list) => $body,
            Objects::FacilityVersion($list) => $body,
            Objects::FacilityConfiguration($list) => $body,
            Objects::ComponentConfiguration($list) => $body,
            Objects::FacilityClock($list) => $body,
            Objects::UitdStatus($list) => $body,
            Objects::UitdOperation($list) => $body,
            Objects::UitdVersion($list) => $body,
            Objects::UitdConfiguration($list) => $body,
            Objects::UitdClock($list) => $body,
            Objects::Systems($list) => $body,
            Objects::Components($list) => $body,
            Objects::FacilityRecords($list) => $body,
            Objects::UitdRecords($list) => $body,
            Objects::Reserved($list) => $body,
            Objects::DutyCheck($list) => $body,
            Objects::Raw($raw) => $otherwise,
        }
    };
}

impl Objects {
    /// Number of objects; raw bytes are none.
    pub fn len(&self) -> usize {
        each!(self, list => list.len(), _ => 0)
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads `count` objects of a type; [`Objects::Raw`] when they do not fill the body exactly.
    pub fn decode(kind: u8, count: u8, body: &[u8], profile: &Profile) -> Objects {
        let standard = profile.restored_of(kind).unwrap_or(kind);
        Shape::of(standard)
            .and_then(|shape| shape.read(usize::from(count), body, profile))
            .unwrap_or_else(|| Objects::Raw(body.to_vec()))
    }

    fn write(&self, out: &mut Vec<u8>) {
        each!(self, list => list.iter().for_each(|object| object.write(out)), raw => out.extend_from_slice(raw));
    }

    fn check_sizes(&self) -> Result<(), EncodeError> {
        let Objects::ComponentStatus(list) = self else { return Ok(()) };
        let with_text = list.iter().filter(|object| object.text.is_some()).count();
        if with_text == 0 || with_text == list.len() { Ok(()) } else { Err(EncodeError::MixedSizes) }
    }

    fn shape(&self) -> Option<Shape> {
        Some(match self {
            Objects::SystemStatus(_) => Shape::SystemStatus,
            Objects::ComponentStatus(_) => Shape::ComponentStatus,
            Objects::AnalogValue(_) => Shape::AnalogValue,
            Objects::FacilityOperation(_) => Shape::FacilityOperation,
            Objects::FacilityVersion(_) => Shape::FacilityVersion,
            Objects::FacilityConfiguration(_) => Shape::FacilityConfiguration,
            Objects::ComponentConfiguration(_) => Shape::ComponentConfiguration,
            Objects::FacilityClock(_) => Shape::FacilityClock,
            Objects::UitdStatus(_) => Shape::UitdStatus,
            Objects::UitdOperation(_) => Shape::UitdOperation,
            Objects::UitdVersion(_) => Shape::UitdVersion,
            Objects::UitdConfiguration(_) => Shape::UitdConfiguration,
            Objects::UitdClock(_) => Shape::UitdClock,
            Objects::Systems(_) => Shape::Systems,
            Objects::Components(_) => Shape::Components,
            Objects::FacilityRecords(_) => Shape::FacilityRecords,
            Objects::UitdRecords(_) => Shape::UitdRecords,
            Objects::Reserved(_) => Shape::Reserved,
            Objects::DutyCheck(_) => Shape::DutyCheck,
            Objects::Raw(_) => return None,
        })
    }
}

/// The layouts that the types of the standard share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    SystemStatus,
    ComponentStatus,
    AnalogValue,
    FacilityOperation,
    FacilityVersion,
    FacilityConfiguration,
    ComponentConfiguration,
    FacilityClock,
    UitdStatus,
    UitdOperation,
    UitdVersion,
    UitdConfiguration,
    UitdClock,
    Systems,
    Components,
    FacilityRecords,
    UitdRecords,
    Reserved,
    DutyCheck,
}

impl Shape {
    fn of(kind: u8) -> Option<Shape> {
        Some(match kind {
            kind::SYSTEM_STATUS => Shape::SystemStatus,
            kind::COMPONENT_STATUS => Shape::ComponentStatus,
            kind::ANALOG_VALUE => Shape::AnalogValue,
            kind::FACILITY_OPERATION => Shape::FacilityOperation,
            kind::FACILITY_VERSION => Shape::FacilityVersion,
            kind::FACILITY_CONFIGURATION => Shape::FacilityConfiguration,
            kind::COMPONENT_CONFIGURATION => Shape::ComponentConfiguration,
            kind::FACILITY_CLOCK => Shape::FacilityClock,
            kind::UITD_STATUS => Shape::UitdStatus,
            kind::UITD_OPERATION => Shape::UitdOperation,
            kind::UITD_VERSION => Shape::UitdVersion,
            kind::UITD_CONFIGURATION => Shape::UitdConfiguration,
            kind::UITD_CLOCK | kind::SET_UITD_CLOCK => Shape::UitdClock,
            61 | 65 | 66 | 68 => Shape::Systems,
            62 | 63 | 67 => Shape::Components,
            kind::READ_FACILITY_OPERATION => Shape::FacilityRecords,
            kind::READ_UITD_OPERATION => Shape::UitdRecords,
            81 | 85 | 86 | 88 | 89 => Shape::Reserved,
            kind::DUTY_CHECK => Shape::DutyCheck,
            _ => return None,
        })
    }

    fn read(self, count: usize, body: &[u8], profile: &Profile) -> Option<Objects> {
        Some(match self {
            Shape::SystemStatus => Objects::SystemStatus(read_all(count, body)?),
            Shape::ComponentStatus => Objects::ComponentStatus(read_components(count, body, profile)?),
            Shape::AnalogValue => Objects::AnalogValue(read_all(count, body)?),
            Shape::FacilityOperation => Objects::FacilityOperation(read_all(count, body)?),
            Shape::FacilityVersion => Objects::FacilityVersion(read_all(count, body)?),
            Shape::FacilityConfiguration => Objects::FacilityConfiguration(read_all(count, body)?),
            Shape::ComponentConfiguration => Objects::ComponentConfiguration(read_all(count, body)?),
            Shape::FacilityClock => Objects::FacilityClock(read_all(count, body)?),
            Shape::UitdStatus => Objects::UitdStatus(read_all(count, body)?),
            Shape::UitdOperation => Objects::UitdOperation(read_all(count, body)?),
            Shape::UitdVersion => Objects::UitdVersion(read_all(count, body)?),
            Shape::UitdConfiguration => Objects::UitdConfiguration(read_all(count, body)?),
            Shape::UitdClock => Objects::UitdClock(read_all(count, body)?),
            Shape::Systems => Objects::Systems(read_all(count, body)?),
            Shape::Components => Objects::Components(read_all(count, body)?),
            Shape::FacilityRecords => Objects::FacilityRecords(read_all(count, body)?),
            Shape::UitdRecords => Objects::UitdRecords(read_all(count, body)?),
            Shape::Reserved => Objects::Reserved(read_all(count, body)?),
            Shape::DutyCheck => Objects::DutyCheck(read_all(count, body)?),
        })
    }
}

/// Reads exactly `count` objects; `None` unless they fill the body to its last byte.
fn read_all<T: Object>(count: usize, body: &[u8]) -> Option<Vec<T>> {
    // The shortest object must fit that often: checked before memory is asked for.
    if count == 0 || body.len() < count * T::MIN_LEN {
        return None;
    }
    let (mut reader, mut list) = (Reader(body), Vec::with_capacity(count));
    for _ in 0..count {
        list.push(T::read(&mut reader)?);
    }
    reader.0.is_empty().then_some(list)
}

/// Component states come in 46 bytes or, with some makers, in 15: the count tells which.
fn read_components(count: usize, body: &[u8], profile: &Profile) -> Option<Vec<ComponentStatus>> {
    let short = ComponentStatus::SHORT_LEN * count == body.len();
    if !short {
        return read_all(count, body);
    }
    if !profile.short_objects {
        return None;
    }
    let list = read_all::<ShortComponentStatus>(count, body)?;
    Some(list.into_iter().map(|ShortComponentStatus(object)| object).collect())
}
