//! The objects (信息对象) of a data unit, one struct for each layout of the standard.
//!
//! Fields stand in the order of the wire and keep the raw numbers; `names` has the words for them. All
//! numbers are little-endian.

use crate::label::Label;
use crate::state::{ComponentState, FacilityOperations, SystemState, UitdOperations, UitdState};
use crate::text::{CountedText, FIXED_TEXT, FixedText};

/// Bytes still to be read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
}

/// One field of an object.
pub(crate) trait Field: Sized {
    const MIN_LEN: usize;
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
    fn write(&self, out: &mut Vec<u8>);
}

/// One object.
pub(crate) trait Object: Sized {
    /// Fewest bytes that an object of this layout can have.
    const MIN_LEN: usize;
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
    fn write(&self, out: &mut Vec<u8>);
}

macro_rules! number_field {
    ($($number:ty)+) => {$(
        impl Field for $number {
            const MIN_LEN: usize = size_of::<$number>();
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Some(<$number>::from_le_bytes(reader.array()?))
            }
            fn write(&self, out: &mut Vec<u8>) {
                out.extend(self.to_le_bytes());
            }
        }
    )+};
}

macro_rules! wrapped_field {
    ($($wrapper:ident($inner:ty))+) => {$(
        impl Field for $wrapper {
            const MIN_LEN: usize = <$inner as Field>::MIN_LEN;
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                <$inner as Field>::read(reader).map($wrapper)
            }
            fn write(&self, out: &mut Vec<u8>) {
                Field::write(&self.0, out);
            }
        }
    )+};
}

number_field!(u8 i16 u16 u32);
wrapped_field!(SystemState(u16) ComponentState(u16) UitdState(u8) FacilityOperations(u8) UitdOperations(u8));
wrapped_field!(Label([u8; Label::LEN]) FixedText([u8; FIXED_TEXT]));

impl<const N: usize> Field for [u8; N] {
    const MIN_LEN: usize = N;
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.array()
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self);
    }
}

impl Field for CountedText {
    const MIN_LEN: usize = 1;
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let length = usize::from(u8::read(reader)?);
        let (bytes, rest) = reader.0.split_at_checked(length)?;
        reader.0 = rest;
        CountedText::new(bytes.to_vec())
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::try_from(self.bytes().len()).expect("a counted text has at most 255 bytes"));
        out.extend_from_slice(self.bytes());
    }
}

macro_rules! objects {
    ($($(#[$note:meta])* $name:ident { $($(#[$field_note:meta])* $field:ident: $kind:ty,)+ })+) => {$(
        $(#[$note])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            $($(#[$field_note])* pub $field: $kind,)+
        }

        impl Object for $name {
            const MIN_LEN: usize = 0 $(+ <$kind as Field>::MIN_LEN)+;
            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Some($name { $($field: Field::read(reader)?,)+ })
            }
            fn write(&self, out: &mut Vec<u8>) {
                $(Field::write(&self.$field, out);)+
            }
        }
    )+};
}

objects! {
    /// Type 1: state of a system of fire equipment (上传建筑消防设施系统状态). 10 bytes.
    SystemStatus {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// The state bits.
        status: SystemState,
        /// When it was so, by the terminal's clock.
        occurred: Label,
    }

    /// Type 3: measured value of a component (上传建筑消防设施部件模拟量值). 16 bytes.
    AnalogValue {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// Component type (部件类型).
        component_type: u8,
        /// Component address (部件地址), undivided.
        component_address: u32,
        /// What was measured (模拟量类型); its unit and step are in `names::analog_type`.
        analog_type: u8,
        /// The value, in steps of its type.
        value: i16,
        /// When it was measured, by the terminal's clock.
        occurred: Label,
    }

    /// Type 4: operation at the fire equipment (上传建筑消防设施操作信息). 10 bytes.
    FacilityOperation {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// What was done.
        operation: FacilityOperations,
        /// Number of the operator (操作员编号).
        operator: u8,
        /// When it was done, by the terminal's clock.
        occurred: Label,
    }

    /// Type 5: software version of fire equipment (上传建筑消防设施软件版本). 4 bytes.
    FacilityVersion {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// Main version.
        major: u8,
        /// Minor version.
        minor: u8,
    }

    /// Type 6: configuration of a system (上传建筑消防设施系统配置情况). 3 bytes and the text.
    FacilityConfiguration {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// The description, counted.
        text: CountedText,
    }

    /// Type 7: configuration of a component (上传建筑消防设施部件配置情况). 38 bytes.
    ComponentConfiguration {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// Component type (部件类型).
        component_type: u8,
        /// Component address (部件地址), undivided.
        component_address: u32,
        /// The description, mostly the place.
        text: FixedText,
    }

    /// Type 8: clock of fire equipment (上传建筑消防设施系统时间). 8 bytes.
    FacilityClock {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// What its clock shows.
        time: Label,
    }

    /// Type 21: state of the terminal (上传用户信息传输装置运行状态). 7 bytes.
    UitdStatus {
        /// The state bits.
        status: UitdState,
        /// When it was so, by the terminal's clock.
        occurred: Label,
    }

    /// Type 24: operation at the terminal (上传用户信息传输装置操作信息). 8 bytes.
    UitdOperation {
        /// What was done.
        operation: UitdOperations,
        /// Number of the operator (操作员编号).
        operator: u8,
        /// When it was done, by the terminal's clock.
        occurred: Label,
    }

    /// Type 25: software version of the terminal (上传用户信息传输装置软件版本). 2 bytes.
    UitdVersion {
        /// Main version.
        major: u8,
        /// Minor version.
        minor: u8,
    }

    /// Type 26: configuration of the terminal (上传用户信息传输装置配置情况). 1 byte and the text.
    UitdConfiguration {
        /// The description, counted.
        text: CountedText,
    }

    /// Types 28 and 90: clock of the terminal, shown or to be set (用户信息传输装置系统时间). 6 bytes.
    UitdClock {
        /// The time.
        time: Label,
    }

    /// Types 61, 65, 66, 68: a system that is asked about. 2 bytes.
    SystemRef {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
    }

    /// Types 62, 63, 67: a component that is asked about. 6 bytes.
    ComponentRef {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// Component address (部件地址), undivided.
        component_address: u32,
    }

    /// Type 64: operation records of fire equipment that are asked for. 9 bytes.
    FacilityRecords {
        /// System type (系统类型标志).
        system_type: u8,
        /// System address (系统地址).
        system_address: u8,
        /// How many records are wanted.
        wanted: u8,
        /// From when on.
        start: Label,
    }

    /// Type 84: operation records of the terminal that are asked for. 7 bytes.
    UitdRecords {
        /// How many records are wanted.
        wanted: u8,
        /// From when on.
        start: Label,
    }

    /// Types 81, 85, 86, 88, 89: one reserved byte.
    Reserved {
        /// 0 by the standard.
        reserved: u8,
    }

    /// Type 91: duty check (查岗命令). 1 byte.
    DutyCheck {
        /// Minutes within which the duty officer must answer.
        timeout_min: u8,
    }
}

/// Type 2: state of a component (上传建筑消防设施部件运行状态). 46 bytes, or 15 without the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ComponentStatus {
    /// System type (系统类型标志).
    pub system_type: u8,
    /// System address (系统地址).
    pub system_address: u8,
    /// Component type (部件类型).
    pub component_type: u8,
    /// Component address (部件地址), undivided.
    pub component_address: u32,
    /// The state bits.
    pub status: ComponentState,
    /// The description, mostly the place; `None` in the 15-byte dialect.
    pub text: Option<FixedText>,
    /// When it was so, by the terminal's clock.
    pub occurred: Label,
}

impl ComponentStatus {
    /// Bytes of the object as the standard has it.
    pub const LEN: usize = Self::SHORT_LEN + FIXED_TEXT;
    /// Bytes of the object without its text (a dialect).
    pub const SHORT_LEN: usize = 15;

    fn read_with(
        reader: &mut Reader<'_>,
        text: impl FnOnce(&mut Reader<'_>) -> Option<Option<FixedText>>,
    ) -> Option<Self> {
        Some(ComponentStatus {
            system_type: Field::read(reader)?,
            system_address: Field::read(reader)?,
            component_type: Field::read(reader)?,
            component_address: Field::read(reader)?,
            status: Field::read(reader)?,
            text: text(reader)?,
            occurred: Field::read(reader)?,
        })
    }
}

impl Object for ComponentStatus {
    const MIN_LEN: usize = Self::LEN;
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Self::read_with(reader, |reader| <FixedText as Field>::read(reader).map(Some))
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.extend([self.system_type, self.system_address, self.component_type]);
        Field::write(&self.component_address, out);
        Field::write(&self.status, out);
        if let Some(text) = &self.text {
            Field::write(text, out);
        }
        Field::write(&self.occurred, out);
    }
}

/// A component state read without its text.
pub(crate) struct ShortComponentStatus(pub(crate) ComponentStatus);

impl Object for ShortComponentStatus {
    const MIN_LEN: usize = ComponentStatus::SHORT_LEN;
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        ComponentStatus::read_with(reader, |_| Some(None)).map(ShortComponentStatus)
    }
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
}
