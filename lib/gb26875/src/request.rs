//! Requests and orders from the centre: types 61–91.
//!
//! Reading (61–88) travels with command 4, ordering (89–91) with command 1.
//! Source: GB/T 26875.3 §8.3.2.

use crate::address::Address;
use crate::frame::{Command, EncodeError, Frame, Header};
use crate::label::Label;
use crate::unit::{
    ComponentRef, DataUnit, DutyCheck, FacilityRecords, Objects, Reserved, SystemRef, UitdClock, UitdRecords,
    kind,
};

/// Something the centre wants of a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Type 61: states of systems, at most 102.
    SystemStatus(Vec<SystemRef>),
    /// Type 62: states of components, at most 22.
    ComponentStatus(Vec<ComponentRef>),
    /// Type 63: measured values of components, at most 63.
    AnalogValue(Vec<ComponentRef>),
    /// Type 64: operation records of a system.
    FacilityOperation(FacilityRecords),
    /// Type 65: software version of a system.
    FacilityVersion(SystemRef),
    /// Type 66: configuration of systems, at most 3.
    FacilityConfiguration(Vec<SystemRef>),
    /// Type 67: configuration of components, at most 26.
    ComponentConfiguration(Vec<ComponentRef>),
    /// Type 68: clock of a system.
    FacilityClock(SystemRef),
    /// Type 81: state of the terminal.
    UitdStatus,
    /// Type 84: operation records of the terminal.
    UitdOperation(UitdRecords),
    /// Type 85: software version of the terminal.
    UitdVersion,
    /// Type 86: configuration of the terminal.
    UitdConfiguration,
    /// Type 88: clock of the terminal.
    UitdClock,
    /// Type 89: initialise the terminal (初始化).
    Initialise,
    /// Type 90: set the clock of the terminal (同步时钟).
    SetClock(Label),
    /// Type 91: duty check (查岗): somebody must answer at the terminal within this many minutes.
    DutyCheck {
        /// Minutes to answer.
        timeout_min: u8,
    },
}

impl Request {
    /// The type byte.
    pub fn kind(&self) -> u8 {
        match self {
            Request::SystemStatus(_) => kind::READ_SYSTEM_STATUS,
            Request::ComponentStatus(_) => kind::READ_COMPONENT_STATUS,
            Request::AnalogValue(_) => kind::READ_ANALOG_VALUE,
            Request::FacilityOperation(_) => kind::READ_FACILITY_OPERATION,
            Request::FacilityVersion(_) => kind::READ_FACILITY_VERSION,
            Request::FacilityConfiguration(_) => kind::READ_FACILITY_CONFIGURATION,
            Request::ComponentConfiguration(_) => kind::READ_COMPONENT_CONFIGURATION,
            Request::FacilityClock(_) => kind::READ_FACILITY_CLOCK,
            Request::UitdStatus => kind::READ_UITD_STATUS,
            Request::UitdOperation(_) => kind::READ_UITD_OPERATION,
            Request::UitdVersion => kind::READ_UITD_VERSION,
            Request::UitdConfiguration => kind::READ_UITD_CONFIGURATION,
            Request::UitdClock => kind::READ_UITD_CLOCK,
            Request::Initialise => kind::INITIALISE_UITD,
            Request::SetClock(_) => kind::SET_UITD_CLOCK,
            Request::DutyCheck { .. } => kind::DUTY_CHECK,
        }
    }

    /// The command it travels with: control for 89–91, request for the others.
    pub fn command(&self) -> Command {
        if self.kind() >= kind::INITIALISE_UITD { Command::CONTROL } else { Command::REQUEST }
    }

    /// The data unit.
    ///
    /// # Errors
    /// No object at all, or more than the standard allows for the type.
    pub fn unit(&self) -> Result<DataUnit, EncodeError> {
        DataUnit::new(self.kind(), self.objects())
    }

    fn objects(&self) -> Objects {
        match self.clone() {
            Request::SystemStatus(systems) | Request::FacilityConfiguration(systems) => {
                Objects::Systems(systems)
            }
            Request::FacilityVersion(system) | Request::FacilityClock(system) => {
                Objects::Systems(vec![system])
            }
            Request::ComponentStatus(components)
            | Request::AnalogValue(components)
            | Request::ComponentConfiguration(components) => Objects::Components(components),
            Request::FacilityOperation(records) => Objects::FacilityRecords(vec![records]),
            Request::UitdOperation(records) => Objects::UitdRecords(vec![records]),
            Request::SetClock(time) => Objects::UitdClock(vec![UitdClock { time }]),
            Request::DutyCheck { timeout_min } => Objects::DutyCheck(vec![DutyCheck { timeout_min }]),
            Request::UitdStatus
            | Request::UitdVersion
            | Request::UitdConfiguration
            | Request::UitdClock
            | Request::Initialise => Objects::Reserved(vec![Reserved { reserved: 0 }]),
        }
    }

    /// The frame that carries the request along a route.
    ///
    /// # Errors
    /// As [`Request::unit`].
    pub fn frame(&self, route: Route, sequence: u16, now: Label) -> Result<Frame, EncodeError> {
        let Route { source, destination, version } = route;
        let header = Header { sequence, version, sent: now, source, destination, command: self.command() };
        Ok(Frame::new(header, self.unit()?.encode()?))
    }
}

/// From whom to whom a frame goes, and in which version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// Address of the sender.
    pub source: Address,
    /// Address of the receiver.
    pub destination: Address,
    /// Protocol version: main, user. Best the version that the terminal itself writes.
    pub version: (u8, u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn systems(count: usize) -> Vec<SystemRef> {
        vec![SystemRef { system_type: 1, system_address: 1 }; count]
    }

    #[test]
    fn a_request_at_its_limit_is_written_and_one_more_object_is_refused() {
        assert_eq!(Request::SystemStatus(systems(102)).unit().map(|unit| unit.count), Ok(102));
        assert_eq!(
            Request::SystemStatus(systems(103)).unit(),
            Err(EncodeError::TooMany { objects: 103, limit: 102 })
        );
        assert_eq!(Request::FacilityConfiguration(vec![]).unit(), Err(EncodeError::NoObjects));
    }

    #[test]
    fn orders_travel_as_control_and_questions_as_request() {
        assert_eq!(Request::DutyCheck { timeout_min: 10 }.command(), Command::CONTROL);
        assert_eq!(Request::Initialise.command(), Command::CONTROL);
        assert_eq!(Request::UitdClock.command(), Command::REQUEST);
    }
}
