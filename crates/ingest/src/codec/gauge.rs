//! A wireless gauge of MEOKON V3: alarm bits become conditions, the value a measured value.
//!
//! A pressure outside its limits is a supervisory signal (监管): the water is not as it should be. The device
//! keeps samples for hours; only the newest is what the pressure is, so the others are not taken for it.

use super::{Decoded, SEND, not_understood, said};
use fengsui_alarm::{Condition, Conditions};
use fengsui_app::{Report, ReportBody};
use fengsui_base::Timestamp;
use fengsui_store::{Part, StateKey};
use iotpush::Payload;
use meokon::Frame;

/// The hydrant system (消火栓系统). Source: GB/T 26875.3 table of system types.
const SYSTEM: u8 = 11;
/// A general component (通用): the standard has no type for a gauge.
const COMPONENT: u8 = 0;
/// Pressure in kPa. Source: GB/T 26875.3 table of analog types.
const PRESSURE: u8 = 5;

/// The frame of a message.
pub(super) fn decode(payload: &Payload, at: Option<Timestamp>) -> Vec<Decoded> {
    let found = payload.bytes().into_iter().find(|bytes| bytes.starts_with(&meokon::START));
    let Some(bytes) = found else { return not_understood(payload, "消息里没有 A5 5A 开头的帧") };
    match meokon::decode(&bytes) {
        Ok(frame) => vec![Decoded {
            reports: reports(&frame, at),
            sequence: 0,
            command: SEND,
            unit_type: None,
            sent_at: None,
            bytes,
        }],
        Err(error) => not_understood(payload, &format!("帧不完整：{error}")),
    }
}

fn reports(frame: &Frame, at: Option<Timestamp>) -> Vec<Report> {
    let sampled = frame.gauge.as_ref().and_then(|g| Timestamp::from_second(i64::from(g.sampled_at_s)).ok());
    let event_at = sampled.or(at);
    let mut reports =
        vec![state(frame, Part::Component, component(frame), event_at), device(frame, event_at)];
    reports.extend(value(frame, event_at));
    if !frame.rest.is_empty() {
        reports
            .push(said(ReportBody::Information(format!("类型 {} 的数据没有公开格式，原文保存", frame.kind))));
    }
    reports
}

fn device(frame: &Frame, event_at: Option<Timestamp>) -> Report {
    let low = frame.alarm.battery().then_some(Condition::BatteryFault);
    state(frame, Part::Device, low.into_iter().collect(), event_at)
}

/// A hydrant that runs or was struck, and a pressure outside its limits, are supervisory.
fn component(frame: &Frame) -> Conditions {
    let alarm = frame.alarm;
    let touched = frame.is_hydrant() && (alarm.drawn() || alarm.struck());
    let all = [
        (alarm.low() || alarm.high() || touched, Condition::Supervisory),
        (alarm.broken(), Condition::Fault),
    ];
    all.into_iter().filter(|(set, _)| *set).map(|(_, condition)| condition).collect()
}

fn state(frame: &Frame, part: Part, conditions: Conditions, event_at: Option<Timestamp>) -> Report {
    let is_device = part == Part::Device;
    let component_label = if is_device {
        "无线表计"
    } else if frame.is_hydrant() {
        "消火栓"
    } else {
        "压力表"
    };
    let body = ReportBody::State {
        key: if is_device { key(part, 0, 0) } else { key(part, SYSTEM, 0) },
        conditions,
        over: false,
        component_type: COMPONENT,
        component_label: component_label.to_owned(),
        part_label: format!("{component_label} {}", frame.device),
        text: words(frame),
    };
    Report { event_at, body }
}

/// What an officer would ask next: too high or too low, drawn or struck.
fn words(frame: &Frame) -> String {
    let alarm = frame.alarm;
    let all = [
        (alarm.low(), "低于下限"),
        (alarm.high(), "高于上限"),
        (frame.is_hydrant() && alarm.drawn(), "放水"),
        (frame.is_hydrant() && alarm.struck(), "撞击或倾斜"),
    ];
    all.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect::<Vec<_>>().join("、")
}

fn value(frame: &Frame, event_at: Option<Timestamp>) -> Option<Report> {
    let gauge = frame.gauge.as_ref()?;
    let raw = gauge.unit.kpa_tenths(gauge.now)?;
    let body = ReportBody::Value { key: key(Part::Value, SYSTEM, PRESSURE), component_type: COMPONENT, raw };
    Some(Report { event_at, body })
}

fn key(part: Part, system_type: u8, analog_type: u8) -> StateKey {
    StateKey { part, system_type, system_address: 0, component_address: 0, analog_type }
}
