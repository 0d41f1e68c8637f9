//! What a terminal says, and how it looks as a data unit of GB/T 26875.3.

use gb26875::state::{ComponentState, FacilityOperations, SystemState, UitdOperations, UitdState};
use gb26875::text::FixedText;
use gb26875::unit::{
    AnalogValue, ComponentStatus, DataUnit, FacilityOperation, SystemStatus, UitdOperation, UitdStatus, kind,
};
use gb26875::{Label, Objects};

use crate::county::{Point, Terminal};

/// Bit 1 of every state: fire (火警).
pub(crate) const FIRE_BIT: u16 = 1 << 1;

/// Something a terminal has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// States of points (type 2): index of the point within the terminal, state bits; at most 22.
    Points(Vec<(usize, u16)>),
    /// State of a whole system (type 1): system type, state bits.
    System(u8, u16),
    /// State of the terminal itself (type 21).
    Device(u8),
    /// Somebody pressed a key at the panel (type 4): operation bits, number of the operator.
    Operation(u8, u8),
    /// Somebody pressed a key at the terminal (type 24): operation bits, number of the operator.
    DeviceOperation(u8, u8),
    /// Measured values (type 3): index of the point, value in the step of its analog type; at most 63.
    Values(Vec<(usize, i16)>),
    /// The value of a point leaves its usual range, or comes back to it; nothing is said of it but the value.
    Strained(usize, bool),
    /// The line is cut for so many milliseconds; what happens meanwhile is told afterwards.
    Silence(u64),
}

impl Signal {
    /// Whether it reports a fire at some point; such signals overtake all others.
    #[must_use]
    pub fn is_fire(&self) -> bool {
        matches!(self, Self::Points(list) if list.iter().any(|(_, status)| status & FIRE_BIT != 0))
    }

    /// The data unit of the signal; `None` for silence and for points that do not exist.
    pub(crate) fn data(&self, terminal: &Terminal, short: bool, at: Label) -> Option<Vec<u8>> {
        let (kind, objects) = match self {
            Self::Points(list) => (kind::COMPONENT_STATUS, components(terminal, list, short, at)),
            Self::System(system_type, status) => (kind::SYSTEM_STATUS, system(*system_type, *status, at)),
            Self::Device(status) => (
                kind::UITD_STATUS,
                Objects::UitdStatus(vec![UitdStatus { status: UitdState(*status), occurred: at }]),
            ),
            Self::Operation(flags, operator) => (kind::FACILITY_OPERATION, operation(*flags, *operator, at)),
            Self::DeviceOperation(flags, operator) => {
                let done =
                    UitdOperation { operation: UitdOperations(*flags), operator: *operator, occurred: at };
                (kind::UITD_OPERATION, Objects::UitdOperation(vec![done]))
            }
            Self::Values(list) => (kind::ANALOG_VALUE, values(terminal, list, at)),
            Self::Silence(_) | Self::Strained(..) => return None,
        };
        DataUnit::new(kind, objects).ok()?.encode().ok()
    }
}

fn components(terminal: &Terminal, list: &[(usize, u16)], short: bool, at: Label) -> Objects {
    let points = list.iter().filter_map(|(i, status)| Some((terminal.points.get(*i)?, *status)));
    Objects::ComponentStatus(points.map(|(point, status)| component(point, status, short, at)).collect())
}

/// A point with its state; the label on its base is the text, which some makers leave out.
pub(crate) fn component(point: &Point, status: u16, short: bool, at: Label) -> ComponentStatus {
    ComponentStatus {
        system_type: point.system_type,
        system_address: point.system_address,
        component_type: point.component_type,
        component_address: point.component_address,
        status: ComponentState(status),
        text: (!short).then(|| FixedText::fit(&point.label)),
        occurred: at,
    }
}

fn system(system_type: u8, status: u16, at: Label) -> Objects {
    let state = SystemStatus { system_type, system_address: 1, status: SystemState(status), occurred: at };
    Objects::SystemStatus(vec![state])
}

fn operation(flags: u8, operator: u8, at: Label) -> Objects {
    let operation = FacilityOperations(flags);
    Objects::FacilityOperation(vec![FacilityOperation {
        system_type: 1,
        system_address: 1,
        operation,
        operator,
        occurred: at,
    }])
}

fn values(terminal: &Terminal, list: &[(usize, i16)], at: Label) -> Objects {
    let value = |(index, value): &(usize, i16)| {
        let point = terminal.points.get(*index)?;
        Some(AnalogValue {
            system_type: point.system_type,
            system_address: point.system_address,
            component_type: point.component_type,
            component_address: point.component_address,
            analog_type: point.analog?.kind,
            value: *value,
            occurred: at,
        })
    };
    Objects::AnalogValue(list.iter().filter_map(value).collect())
}
