//! A codec as a table (编解码表): which field, or which byte, means what.
//!
//! A field that a message does not carry says nothing: a push with only the temperature does not end a fire.
//! Each part of the terminal has one rule for its state, so that a state is always whole.

use fengsui_alarm::Conditions;
use fengsui_app::{Report, ReportBody};
use fengsui_base::Timestamp;
use fengsui_store::{Part, StateKey};
use iotpush::{Fields, Payload, Scalar};

/// A table.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Stable name.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// What it reads, in a sentence.
    pub note: String,
    /// System type of its parts. Source: GB/T 26875.3.
    pub system_type: u8,
    /// Component type of its parts.
    pub component_type: u8,
    /// What the device is called on an alarm.
    pub part_label: String,
    /// Where fields stand in bytes, for devices whose bytes are passed through.
    pub binary: Option<Binary>,
    /// States.
    pub states: Vec<StateRule>,
    /// Measured values.
    pub values: Vec<ValueRule>,
}

/// How one field tells the state of one part.
#[derive(Clone, PartialEq, Debug)]
pub struct StateRule {
    /// Names that the field has with different makers.
    pub fields: Vec<String>,
    /// Whether it is about the device itself, not about what it watches.
    pub device: bool,
    /// Address of the part, where a device has several.
    pub address: u32,
    /// What it says.
    pub says: Says,
}

/// What a field says.
#[derive(Clone, PartialEq, Debug)]
pub enum Says {
    /// Each value has its meaning; another value is not understood.
    Values(Vec<(String, Conditions)>),
    /// Below this number these conditions hold, otherwise none.
    Below(f64, Conditions),
    /// Above this number these conditions hold, otherwise none.
    Above(f64, Conditions),
}

/// How one field tells a measured value.
#[derive(Clone, PartialEq, Debug)]
pub struct ValueRule {
    /// Names that the field has with different makers.
    pub fields: Vec<String>,
    /// Analog type. Source: GB/T 26875.3.
    pub analog_type: u8,
    /// The field times this is a number of steps of that type.
    pub times: f64,
}

/// Fields at fixed places.
#[derive(Clone, PartialEq, Debug)]
pub struct Binary {
    /// What the bytes begin with.
    pub start: Vec<u8>,
    /// Name, offset, type.
    pub fields: Vec<(String, usize, Number)>,
}

/// A number in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Number {
    /// One byte.
    U8,
    /// One byte with a sign.
    I8,
    /// Two bytes, the high one first.
    U16Be,
    /// Two bytes, the low one first.
    U16Le,
    /// Two bytes with a sign, the high one first.
    I16Be,
    /// Two bytes with a sign, the low one first.
    I16Le,
}

impl Number {
    /// By its name in a table.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "u8" => Self::U8,
            "i8" => Self::I8,
            "u16be" => Self::U16Be,
            "u16le" => Self::U16Le,
            "i16be" => Self::I16Be,
            "i16le" => Self::I16Le,
            _ => return None,
        })
    }

    fn read(self, bytes: &[u8], at: usize) -> Option<f64> {
        let pair = || Some([*bytes.get(at)?, *bytes.get(at + 1)?]);
        Some(match self {
            Self::U8 => f64::from(*bytes.get(at)?),
            Self::I8 => f64::from(i8::from_be_bytes([*bytes.get(at)?])),
            Self::U16Be => f64::from(u16::from_be_bytes(pair()?)),
            Self::U16Le => f64::from(u16::from_le_bytes(pair()?)),
            Self::I16Be => f64::from(i16::from_be_bytes(pair()?)),
            Self::I16Le => f64::from(i16::from_le_bytes(pair()?)),
        })
    }
}

impl Table {
    /// What a message says by this table.
    pub(super) fn reports(&self, payload: &Payload, at: Option<Timestamp>) -> Vec<Report> {
        let Some(fields) = self.fields(payload) else {
            return vec![super::said(ReportBody::Unknown("字节的开头与编解码表不符".to_owned()))];
        };
        let states =
            self.states.iter().filter_map(|rule| Some(self.state(rule, find(&fields, &rule.fields)?)));
        let values =
            self.values.iter().filter_map(|rule| Some(self.value(rule, find(&fields, &rule.fields)?)));
        let reports: Vec<_> = states.chain(values).map(|body| Report { event_at: at, body }).collect();
        if reports.is_empty() {
            return vec![super::said(ReportBody::Unknown("没有一项在编解码表里".to_owned()))];
        }
        reports
    }

    /// The fields of a message: as the cloud decoded them, or out of the bytes.
    fn fields(&self, payload: &Payload) -> Option<Fields> {
        let Some(binary) = &self.binary else {
            return if let Payload::Fields(fields) = payload { Some(fields.clone()) } else { None };
        };
        let bytes = payload.bytes().into_iter().find(|bytes| bytes.starts_with(&binary.start))?;
        let read = |(name, at, number): &(String, usize, Number)| {
            Some((name.clone(), Scalar::Number(number.read(&bytes, *at)?)))
        };
        Some(binary.fields.iter().filter_map(read).collect())
    }

    fn state(&self, rule: &StateRule, (name, value): (&str, &Scalar)) -> ReportBody {
        let Some(conditions) = rule.says.conditions(value) else {
            return ReportBody::Unknown(format!("字段 {name} 的值 {} 不在编解码表里", short(value)));
        };
        ReportBody::State {
            key: StateKey {
                part: if rule.device { Part::Device } else { Part::Component },
                system_type: if rule.device { 0 } else { self.system_type },
                system_address: 0,
                component_address: rule.address,
                analog_type: 0,
            },
            conditions,
            over: false,
            component_type: if rule.device { 0 } else { self.component_type },
            component_label: self.part_label.clone(),
            part_label: self.part_label.clone(),
            text: String::new(),
        }
    }

    fn value(&self, rule: &ValueRule, (name, value): (&str, &Scalar)) -> ReportBody {
        let steps = value.number().map(|number| (number * rule.times).round());
        let Some(steps) = steps.filter(|s| (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(s)) else {
            return ReportBody::Unknown(format!("字段 {name} 的值 {} 不是可用的数", short(value)));
        };
        let key = StateKey {
            part: Part::Value,
            system_type: self.system_type,
            system_address: 0,
            component_address: 0,
            analog_type: rule.analog_type,
        };
        // Within the bounds of the type, as just checked.
        ReportBody::Value { key, component_type: self.component_type, raw: steps as i16 }
    }
}

impl Says {
    fn conditions(&self, value: &Scalar) -> Option<Conditions> {
        match self {
            Says::Values(all) => {
                let text = value.to_string();
                all.iter().find(|(known, _)| *known == text.trim()).map(|(_, conditions)| *conditions)
            }
            Says::Below(limit, conditions) => {
                value.number().map(|n| if n < *limit { *conditions } else { Conditions::default() })
            }
            Says::Above(limit, conditions) => {
                value.number().map(|n| if n > *limit { *conditions } else { Conditions::default() })
            }
        }
    }
}

/// The first of these names that the message carries.
fn find<'a>(fields: &'a Fields, names: &'a [String]) -> Option<(&'a str, &'a Scalar)> {
    names.iter().find_map(|name| fields.get(name).map(|value| (name.as_str(), value)))
}

fn short(value: &Scalar) -> String {
    value.to_string().chars().take(40).collect()
}
