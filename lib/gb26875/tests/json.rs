//! The JSON form of frames, to the letter where it is promised.

use gb26875::frame::{self, Command, Frame};
use gb26875::profile::RESTORED_TWINS;
use gb26875::{Address, Label, Profile, hex, json};
use serde_json::{Value, json};

const TABLE: &str = include_str!("data/frames.tsv");

fn shown(id: &str) -> Value {
    let line = TABLE.lines().find(|line| line.starts_with(id)).expect("a row");
    let digits = line.split('\t').nth(2).expect("four columns");
    let bytes = hex::decode(digits.as_bytes()).expect("hex");
    json::frame(&frame::decode(&bytes), &Profile::default())
}

fn of_data(data: &[u8]) -> Value {
    with_profile(data, &Profile::default())
}

fn with_profile(data: &[u8], profile: &Profile) -> Value {
    let frame = Frame {
        sequence: 1,
        version: (1, 1),
        sent: Label([0; 6]),
        source: Address::ZERO,
        destination: Address::ZERO,
        command: Command::SEND,
        data: data.to_vec(),
    };
    json::frame(&Ok(frame), profile)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The value without the readable names.
fn bare(value: &Value) -> Value {
    let extra = ["zone", "point", "quantity", "unit"];
    match value {
        Value::Object(fields) => {
            let kept = |key: &&String| {
                !key.ends_with("_name") && !key.ends_with("_names") && !extra.contains(&key.as_str())
            };
            fields
                .iter()
                .filter(|(key, _)| kept(key))
                .map(|(key, value)| (key.clone(), bare(value)))
                .collect()
        }
        Value::Array(list) => list.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[test]
fn a01_reads_as_promised_key_by_key() {
    let promised = concat!(
        r#"{"ok":true,"sequence":1,"version":[1,1],"sent_at":"2012-09-26T09:58:32","source":889,"#,
        r#""destination":88888,"command":2,"type":2,"count":1,"objects":[{"system_type":1,"system_address":1,"#,
        r#""component_type":40,"component_address":131082,"status":2,"text":"","occurred_at":"2012-09-26T09:58:02"}]}"#
    );
    let value = shown("A01");
    assert_eq!(bare(&value).to_string(), promised);
    assert_eq!(value["command_name"], "发送数据");
    assert_eq!(value["objects"][0]["component_name"], "感烟火灾探测器");
    assert_eq!(value["objects"][0]["status_names"], json!(["火警"]));
    assert_eq!((&value["objects"][0]["zone"], &value["objects"][0]["point"]), (&json!(10), &json!(2)));
}

#[test]
fn an_empty_data_unit_has_no_type_count_or_objects() {
    let value = shown("A02");
    assert_eq!(bare(&value).as_object().map(|fields| fields.len()), Some(7));
    assert!(["type", "count", "objects", "raw"].iter().all(|key| value.get(key).is_none()));
}

#[test]
fn one_byte_is_raw_alone_and_an_unknown_type_is_raw_with_type_and_count() {
    let one = shown("C01");
    assert_eq!((&one["raw"], one.get("type"), one.get("count")), (&json!("16"), None, None));
    let unknown = shown("F01");
    assert_eq!(
        (&unknown["type"], &unknown["count"], &unknown["raw"]),
        (&json!(190), &json!(1), &json!("be0100"))
    );
    assert_eq!(unknown.get("objects"), None);
    let two = of_data(&[200, 0]);
    assert_eq!((&two["type"], &two["count"], &two["raw"]), (&json!(200), &json!(0), &json!("c800")));
}

#[test]
fn objects_of_15_bytes_have_no_text() {
    let object = &shown("E01")["objects"][0];
    assert_eq!(object.get("text"), None);
    assert_eq!((&object["status"], &object["component_address"]), (&json!(0x23), &json!(0x1735)));
}

#[test]
fn impossible_dates_are_null_with_their_bytes_beside() {
    let value = of_data(&[28, 1, 0xFF, 1, 2, 3, 4, 5]);
    assert_eq!((&value["sent_at"], &value["sent_at_raw"]), (&Value::Null, &json!("000000000000")));
    assert_eq!(
        (&value["objects"][0]["time"], &value["objects"][0]["time_raw"]),
        (&Value::Null, &json!("ff0102030405"))
    );
    let value = of_data(&[21, 1, 8, 60, 0, 0, 1, 1, 20]);
    assert_eq!(value["objects"][0]["occurred_at"], Value::Null);
    assert_eq!(value["objects"][0]["occurred_at_raw"], "3c0000010114");
    assert!(shown("A01").get("sent_at_raw").is_none());
}

#[test]
fn the_bcd_clock_is_hinted_at_and_obeyed_when_the_profile_says_so() {
    let value = shown("D02");
    assert_eq!(value["objects"][0]["occurred_at"], "2025-01-17T17:37:00");
    assert_eq!(value["objects"][0]["occurred_at_bcd"], "2019-01-11T11:25:00");
    let bcd = Profile { object_clock: gb26875::Clock::Bcd, ..Profile::default() };
    let data = [21, 1, 8, 0x00, 0x25, 0x11, 0x11, 0x01, 0x19];
    assert_eq!(with_profile(&data, &bcd)["objects"][0]["occurred_at"], "2019-01-11T11:25:00");
}

#[test]
fn every_type_has_the_promised_fields() {
    let time = [0, 0, 0, 1, 1, 20];
    let part = [1, 2, 40, 5, 0, 6, 0];
    let cases: [(&[&[u8]], &[&str]); 19] = [
        (&[&[1, 1, 1, 2, 3, 0], &time], &["system_type", "system_address", "status", "occurred_at"]),
        (
            &[&[3, 1], &part, &[3, 0xFD, 0], &time],
            &[
                "system_type",
                "system_address",
                "component_type",
                "component_address",
                "analog_type",
                "value",
                "occurred_at",
            ],
        ),
        (
            &[&[4, 1, 1, 2, 1, 9], &time],
            &["system_type", "system_address", "operation", "operator", "occurred_at"],
        ),
        (&[&[5, 1, 1, 2, 3, 4]], &["system_type", "system_address", "major", "minor"]),
        (&[&[6, 1, 1, 2, 1, b'A']], &["system_type", "system_address", "text"]),
        (
            &[&[7, 1], &part, &[b'B'; 31]],
            &["system_type", "system_address", "component_type", "component_address", "text"],
        ),
        (&[&[8, 1, 1, 2], &time], &["system_type", "system_address", "time"]),
        (&[&[21, 1, 8], &time], &["status", "occurred_at"]),
        (&[&[24, 1, 32, 9], &time], &["operation", "operator", "occurred_at"]),
        (&[&[25, 1, 3, 4]], &["major", "minor"]),
        (&[&[26, 1, 1, b'C']], &["text"]),
        (&[&[28, 1], &time], &["time"]),
        (&[&[61, 1, 1, 2]], &["system_type", "system_address"]),
        (&[&[62, 1, 1, 2, 5, 0, 6, 0]], &["system_type", "system_address", "component_address"]),
        (&[&[64, 1, 1, 2, 10], &time], &["system_type", "system_address", "wanted", "start_time"]),
        (&[&[81, 1, 0]], &["reserved"]),
        (&[&[84, 1, 10], &time], &["wanted", "start_time"]),
        (&[&[90, 1], &time], &["time"]),
        (&[&[91, 1, 10]], &["timeout_min"]),
    ];
    for (parts, expected) in cases {
        let value = of_data(&parts.concat());
        assert_eq!(keys(&bare(&value)["objects"][0]), expected, "{value}");
    }
}

#[test]
fn analog_values_show_their_quantity_in_units() {
    let value = of_data(&[3, 1, 1, 1, 30, 0, 0, 0, 0, 3, 0xFD, 0, 0, 0, 0, 1, 1, 20]);
    let object = &value["objects"][0];
    assert_eq!(
        (&object["value"], &object["quantity"], &object["unit"]),
        (&json!(253), &json!(25.3), &json!("°C"))
    );
    assert_eq!(shown("E04")["objects"][0]["value"], -93);
    assert_eq!(shown("E04")["objects"][0].get("unit"), None);
}

#[test]
fn gb_18030_text_is_read() {
    let mut data = vec![26, 1, 6];
    data.extend([0xB6, 0xFE, 0xC2, 0xA5, b'A', b'1']);
    assert_eq!(of_data(&data)["objects"][0]["text"], "二楼A1");
}

#[test]
fn restored_twins_are_marked() {
    let twins = Profile { user_types: RESTORED_TWINS.to_vec().into(), ..Profile::default() };
    let data = [0x88, 1, 8, 0, 0, 0, 1, 1, 20];
    let value = with_profile(&data, &twins);
    assert_eq!(
        (&value["type"], &value["restored"], &value["objects"][0]["status"]),
        (&json!(0x88), &json!(true), &json!(8))
    );
    assert!(of_data(&data).get("objects").is_none());
}

#[test]
fn broken_frames_have_a_code_and_a_sentence() {
    let good = [
        0x40, 0x40, 1, 0, 1, 1, 0, 0, 0, 1, 1, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 27, 0x23,
        0x23,
    ];
    let broken = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.to_vec();
        change(&mut bytes);
        let value = json::frame(&frame::decode(&bytes), &Profile::default());
        assert_eq!(keys(&value), ["ok", "error", "detail"]);
        assert!(value["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        value["error"].as_str().expect("a code").to_owned()
    };
    assert_eq!(json::frame(&frame::decode(&good), &Profile::default())["ok"], true);
    assert_eq!(broken(&|bytes| bytes.truncate(29)), "too_short");
    assert_eq!(broken(&|bytes| bytes.clear()), "too_short");
    assert_eq!(broken(&|bytes| bytes[1] = 0), "start");
    assert_eq!(broken(&|bytes| bytes[24..26].copy_from_slice(&1025u16.to_le_bytes())), "too_long");
    assert_eq!(broken(&|bytes| bytes[24..26].copy_from_slice(&1024u16.to_le_bytes())), "length");
    assert_eq!(broken(&|bytes| bytes.push(0)), "length");
    assert_eq!(broken(&|bytes| bytes[29] = 0x24), "end");
    assert_eq!(broken(&|bytes| bytes[27] ^= 1), "checksum");
    assert_eq!(broken(&|bytes| bytes[28] = bytes[27] + 1), "end", "end is looked at before the sum");
}

#[test]
fn a_profile_is_plain_data() {
    let profile = Profile { user_types: RESTORED_TWINS.to_vec().into(), ..Profile::default() };
    let text = serde_json::to_string(&profile).expect("plain data");
    assert_eq!(serde_json::from_str::<Profile>(&text).expect("its own form"), profile);
    let partial: Profile = serde_json::from_str(r#"{"name":"甲","part_address_order":"point_first"}"#)
        .expect("the rest is default");
    assert_eq!((partial.name.as_ref(), partial.split_part_address(0x0065_0005)), ("甲", (101, 5)));
}
