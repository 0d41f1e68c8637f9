//! Frames as JSON values, for the frame laboratory, logs and the `frame` commands.
//!
//! Numbers are raw: addresses are little-endian integers, states are bit fields. An impossible date is
//! `null`, with its six bytes as hex beside it under the same name and `_raw`. Keys of the wire come first,
//! in its order; readable names (`component_name`, `status_names` …) follow and never replace them.

use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use crate::frame::{Frame, FrameError};
use crate::hex::{self, HexError};
use crate::label::{Clock, Label};
use crate::names::{self, Name};
use crate::profile::Profile;
use crate::stream::{Event, Refusal};
use crate::text::{CountedText, FixedText};
use crate::unit::*;

type Fields = Map<String, Value>;

/// A decoded frame, or why it is none: `{"ok":true,…}` or `{"ok":false,"error":…,"detail":…}`.
pub fn frame(result: &Result<Frame, FrameError>, profile: &Profile) -> Value {
    match result {
        Ok(frame) => Value::Object(whole(frame, profile)),
        Err(error) => failure(error.code(), &error.to_string()),
    }
}

/// Something found in a stream; a refusal also has its `length` and the `raw` bytes that were kept.
pub fn event(event: &Event, profile: &Profile) -> Value {
    match event {
        Event::Frame(frame) => Value::Object(whole(frame, profile)),
        Event::Refused(refusal) => self::refusal(refusal),
    }
}

/// Refused bytes of a stream.
pub fn refusal(refusal: &Refusal) -> Value {
    let mut value = failure(refusal.error.code(), &refusal.error.to_string());
    value["length"] = json!(refusal.length);
    value["raw"] = json!(hex::encode(&refusal.bytes));
    value
}

/// Text that should have been hex: `{"ok":false,"error":"hex","detail":…}`.
pub fn not_hex(error: &HexError) -> Value {
    failure("hex", &error.to_string())
}

fn failure(code: &str, detail: &str) -> Value {
    json!({ "ok": false, "error": code, "detail": detail })
}

fn whole(frame: &Frame, profile: &Profile) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, "ok", true);
    put(&mut fields, "sequence", frame.sequence);
    put(&mut fields, "version", [frame.version.0, frame.version.1].as_slice());
    put_time(&mut fields, "sent_at", frame.sent, profile.sent_clock);
    put(&mut fields, "source", frame.source.number());
    put(&mut fields, "destination", frame.destination.number());
    put(&mut fields, "command", frame.command.0);
    put_content(&mut fields, frame, profile);
    put_name(&mut fields, "command_name", names::command(frame.command));
    if let Some(&kind) = frame.data.first().filter(|_| frame.data.len() > 1) {
        put_name(&mut fields, "type_name", names::unit_kind(profile.restored_of(kind).unwrap_or(kind)));
        if profile.restored_of(kind).is_some() {
            put(&mut fields, "restored", true);
        }
    }
    fields
}

fn put_content(fields: &mut Fields, frame: &Frame, profile: &Profile) {
    match Content::decode(&frame.data, profile) {
        Content::Empty => {}
        Content::Single(byte) => put(fields, "raw", hex::encode(&[byte])),
        Content::Unit(unit) => {
            put(fields, "type", unit.kind);
            put(fields, "count", unit.count);
            let context = Context { profile, sent: frame.sent };
            match context.objects(&unit.objects) {
                Some(objects) => put(fields, "objects", objects),
                None => put(fields, "raw", hex::encode(&frame.data)),
            }
        }
    }
}

/// What an object needs to know of its frame.
struct Context<'a> {
    profile: &'a Profile,
    sent: Label,
}

impl Context<'_> {
    fn objects(&self, objects: &Objects) -> Option<Vec<Value>> {
        Some(match objects {
            Objects::SystemStatus(list) => each(list, |object, fields| self.system_status(object, fields)),
            Objects::ComponentStatus(list) => {
                each(list, |object, fields| self.component_status(object, fields))
            }
            Objects::AnalogValue(list) => each(list, |object, fields| self.analog_value(object, fields)),
            Objects::FacilityOperation(list) => {
                each(list, |object, fields| self.facility_operation(object, fields))
            }
            Objects::FacilityVersion(list) => each(list, facility_version),
            Objects::FacilityConfiguration(list) => each(list, facility_configuration),
            Objects::ComponentConfiguration(list) => {
                each(list, |object, fields| self.component_configuration(object, fields))
            }
            Objects::FacilityClock(list) => each(list, |object, fields| self.facility_clock(object, fields)),
            Objects::UitdStatus(list) => each(list, |object, fields| self.uitd_status(object, fields)),
            Objects::UitdOperation(list) => each(list, |object, fields| self.uitd_operation(object, fields)),
            Objects::UitdVersion(list) => each(list, uitd_version),
            Objects::UitdConfiguration(list) => {
                each(list, |object, fields| put_text(fields, object.text.read()))
            }
            Objects::UitdClock(list) => {
                each(list, |object, fields| self.put_time(fields, "time", object.time))
            }
            Objects::Systems(list) => each(list, |object, fields| {
                put_system(fields, object.system_type, object.system_address);
                put_name(fields, "system_name", names::system_type(object.system_type));
            }),
            Objects::Components(list) => each(list, |object, fields| self.component_ref(object, fields)),
            Objects::FacilityRecords(list) => {
                each(list, |object, fields| self.facility_records(object, fields))
            }
            Objects::UitdRecords(list) => each(list, |object, fields| {
                put(fields, "wanted", object.wanted);
                self.put_time(fields, "start_time", object.start);
            }),
            Objects::Reserved(list) => each(list, |object, fields| put(fields, "reserved", object.reserved)),
            Objects::DutyCheck(list) => {
                each(list, |object, fields| put(fields, "timeout_min", object.timeout_min))
            }
            Objects::Raw(_) => return None,
        })
    }

    fn system_status(&self, object: &SystemStatus, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put(fields, "status", object.status.0);
        self.put_occurred(fields, object.occurred);
        put_name(fields, "system_name", names::system_type(object.system_type));
        put_names(fields, "status_names", &names::system_state(object.status));
    }

    fn component_status(&self, object: &ComponentStatus, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put_component(fields, object.component_type, object.component_address);
        put(fields, "status", object.status.0);
        if let Some(text) = &object.text {
            put_text(fields, text.read());
        }
        self.put_occurred(fields, object.occurred);
        self.put_component_names(fields, object.system_type, object.component_type, object.component_address);
        put_names(fields, "status_names", &names::component_state(object.status));
    }

    fn analog_value(&self, object: &AnalogValue, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put_component(fields, object.component_type, object.component_address);
        put(fields, "analog_type", object.analog_type);
        put(fields, "value", object.value);
        self.put_occurred(fields, object.occurred);
        self.put_component_names(fields, object.system_type, object.component_type, object.component_address);
        if let Some(analog) = names::analog_type(object.analog_type) {
            put_name(fields, "analog_name", Some(analog.name));
            put(fields, "quantity", analog.quantity(object.value));
            put(fields, "unit", analog.unit);
        }
    }

    fn facility_operation(&self, object: &FacilityOperation, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put(fields, "operation", object.operation.0);
        put(fields, "operator", object.operator);
        self.put_occurred(fields, object.occurred);
        put_name(fields, "system_name", names::system_type(object.system_type));
        put_names(fields, "operation_names", &names::facility_operations(object.operation));
    }

    fn component_configuration(&self, object: &ComponentConfiguration, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put_component(fields, object.component_type, object.component_address);
        put_text(fields, FixedText::read(&object.text));
        self.put_component_names(fields, object.system_type, object.component_type, object.component_address);
    }

    fn facility_clock(&self, object: &FacilityClock, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        self.put_time(fields, "time", object.time);
        put_name(fields, "system_name", names::system_type(object.system_type));
    }

    fn uitd_status(&self, object: &UitdStatus, fields: &mut Fields) {
        put(fields, "status", object.status.0);
        self.put_occurred(fields, object.occurred);
        put_names(fields, "status_names", &names::uitd_state(object.status));
    }

    fn uitd_operation(&self, object: &UitdOperation, fields: &mut Fields) {
        put(fields, "operation", object.operation.0);
        put(fields, "operator", object.operator);
        self.put_occurred(fields, object.occurred);
        put_names(fields, "operation_names", &names::uitd_operations(object.operation));
    }

    fn component_ref(&self, object: &ComponentRef, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put(fields, "component_address", object.component_address);
        put_name(fields, "system_name", names::system_type(object.system_type));
        self.put_place(fields, object.component_address);
    }

    fn facility_records(&self, object: &FacilityRecords, fields: &mut Fields) {
        put_system(fields, object.system_type, object.system_address);
        put(fields, "wanted", object.wanted);
        self.put_time(fields, "start_time", object.start);
        put_name(fields, "system_name", names::system_type(object.system_type));
    }

    fn put_time(&self, fields: &mut Fields, key: &str, label: Label) {
        put_time(fields, key, label, self.profile.object_clock);
    }

    /// The time of the event, and beside it the BCD reading where that is the more likely one.
    fn put_occurred(&self, fields: &mut Fields, occurred: Label) {
        self.put_time(fields, "occurred_at", occurred);
        if self.profile.suspects_bcd(occurred, self.sent) {
            put(fields, "occurred_at_bcd", occurred.civil(Clock::Bcd).map(iso));
        }
    }

    fn put_component_names(&self, fields: &mut Fields, system_type: u8, component_type: u8, address: u32) {
        put_name(fields, "system_name", names::system_type(system_type));
        put_name(fields, "component_name", names::component_type(component_type));
        self.put_place(fields, address);
    }

    fn put_place(&self, fields: &mut Fields, component_address: u32) {
        let (zone, point) = self.profile.split_part_address(component_address);
        put(fields, "zone", zone);
        put(fields, "point", point);
    }
}

fn facility_version(object: &FacilityVersion, fields: &mut Fields) {
    put_system(fields, object.system_type, object.system_address);
    put(fields, "major", object.major);
    put(fields, "minor", object.minor);
    put_name(fields, "system_name", names::system_type(object.system_type));
}

fn facility_configuration(object: &FacilityConfiguration, fields: &mut Fields) {
    put_system(fields, object.system_type, object.system_address);
    put_text(fields, CountedText::read(&object.text));
    put_name(fields, "system_name", names::system_type(object.system_type));
}

fn uitd_version(object: &UitdVersion, fields: &mut Fields) {
    put(fields, "major", object.major);
    put(fields, "minor", object.minor);
}

fn each<T>(list: &[T], write: impl Fn(&T, &mut Fields)) -> Vec<Value> {
    let one = |object: &T| {
        let mut fields = Fields::new();
        write(object, &mut fields);
        Value::Object(fields)
    };
    list.iter().map(one).collect()
}

fn put(fields: &mut Fields, key: &str, value: impl Into<Value>) {
    fields.insert(key.to_owned(), value.into());
}

fn put_text(fields: &mut Fields, text: String) {
    put(fields, "text", text);
}

fn put_system(fields: &mut Fields, system_type: u8, system_address: u8) {
    put(fields, "system_type", system_type);
    put(fields, "system_address", system_address);
}

fn put_component(fields: &mut Fields, component_type: u8, component_address: u32) {
    put(fields, "component_type", component_type);
    put(fields, "component_address", component_address);
}

fn put_time(fields: &mut Fields, key: &str, label: Label, clock: Clock) {
    let moment = label.civil(clock).map(iso);
    if moment.is_none() {
        put(fields, key, Value::Null);
        put(fields, &format!("{key}_raw"), hex::encode(&label.0));
    } else {
        put(fields, key, moment);
    }
}

fn iso(moment: DateTime) -> String {
    moment.to_string()
}

fn put_name(fields: &mut Fields, key: &str, name: Option<Name>) {
    if let Some(name) = name {
        put(fields, key, name.zh);
    }
}

fn put_names(fields: &mut Fields, key: &str, names: &[Name]) {
    put(fields, key, names.iter().map(|name| name.zh).collect::<Vec<_>>());
}
