//! Messages of clouds and brokers, read by frames, by a maker's own format and by tables.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_alarm::{Condition, Conditions};
use fengsui_app::{Report, ReportBody};
use fengsui_ingest::codec::{Codecs, Decoded, MEOKON, Table, read_table};
use fengsui_store::Part;
use iotpush::{Payload, ctwing};

const SHIPPED: [(&str, &str); 4] = [
    ("nb-smoke.toml", include_str!("../../../catalog/codecs/nb-smoke.toml")),
    ("nb-smoke-state.toml", include_str!("../../../catalog/codecs/nb-smoke-state.toml")),
    ("nb-gas.toml", include_str!("../../../catalog/codecs/nb-gas.toml")),
    ("nb-door.toml", include_str!("../../../catalog/codecs/nb-door.toml")),
];

/// The vendor's own example of a fire, row A01 of the captured frames.
static FIRE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let table = include_str!("../../../lib/gb26875/tests/data/frames.tsv");
    let row = table.lines().find(|line| line.starts_with("A01\t")).unwrap();
    row.split('\t').nth(2).unwrap().to_uppercase()
});

fn codecs() -> Codecs {
    let table = |(file, text): &(&str, &str)| read_table(file, text).unwrap_or_else(|m| panic!("{m:?}"));
    Codecs::new(SHIPPED.iter().map(table).collect()).unwrap()
}

fn fields(json: &str) -> Payload {
    let body = format!(r#"{{"messageType":"dataReport","deviceId":"d","payload":{json}}}"#);
    ctwing::read(body.as_bytes()).unwrap().remove(0).payload
}

fn decode(codec: &str, payload: &Payload) -> Vec<Decoded> {
    let at = "2026-11-21T06:00:00Z".parse().ok();
    codecs().get(codec).unwrap_or_else(|| panic!("no codec {codec}")).codec.decode(payload, at)
}

fn reports(codec: &str, payload: &Payload) -> Vec<Report> {
    let mut decoded = decode(codec, payload);
    assert_eq!(decoded.len(), 1);
    decoded.remove(0).reports
}

/// The states that are told: whether of the device, and what.
fn states(reports: &[Report]) -> Vec<(bool, Vec<Condition>)> {
    let of = |report: &Report| match &report.body {
        ReportBody::State { key, conditions, .. } => {
            Some((key.part == Part::Device, conditions.iter().collect()))
        }
        _ => None,
    };
    reports.iter().filter_map(of).collect()
}

fn values(reports: &[Report]) -> Vec<(u8, i16)> {
    let of = |report: &Report| match &report.body {
        ReportBody::Value { key, raw, .. } => Some((key.analog_type, *raw)),
        _ => None,
    };
    reports.iter().filter_map(of).collect()
}

fn unknown(reports: &[Report]) -> &str {
    match reports {
        [Report { body: ReportBody::Unknown(why), .. }] => why,
        other => panic!("{other:?}"),
    }
}

fn bytes(hex: &str) -> Payload {
    Payload::Bytes(hex::decode(hex.replace(' ', "")).unwrap())
}

#[test]
fn a_frame_of_the_standard_is_found_as_bytes_and_as_text_of_a_field() {
    for payload in [
        bytes(&FIRE),
        Payload::Bytes(FIRE.as_bytes().to_vec()),
        fields(&format!(r#"{{"3200_0_5750":"{}"}}"#, *FIRE)),
    ] {
        let decoded = decode("gb26875", &payload);
        assert_eq!((decoded.len(), decoded[0].sequence, decoded[0].unit_type), (1, 1, Some(2)));
        assert_eq!(states(&decoded[0].reports), [(false, vec![Condition::Fire])]);
        assert_eq!(hex::encode_upper(&decoded[0].bytes), *FIRE);
    }
}

#[test]
fn two_frames_in_one_message_are_two_and_a_broken_one_is_kept() {
    assert_eq!(decode("gb26875", &bytes(&FIRE.repeat(2))).len(), 2);
    let broken = FIRE.replace("0C462323", "0C472323");
    let decoded = decode("gb26875", &bytes(&broken));
    assert!(unknown(&decoded[0].reports).contains("不完整"));
    assert_eq!(hex::encode_upper(&decoded[0].bytes), broken);
    assert!(unknown(&reports("gb26875", &bytes("A55A0000"))).contains("没有"));
}

#[test]
fn a_smoke_detector_by_its_fields() {
    let push = fields(r#"{"serviceId":"n","serviceData":{"TData":30,"Battery_Level":100,"Alarm_Status":1}}"#);
    let found = reports("nb-smoke", &push);
    assert_eq!(states(&found), [(false, vec![Condition::Fire]), (true, vec![])]);
    assert_eq!(values(&found), [(3, 300)]);
    assert!(found.iter().all(|r| r.event_at.is_some()), "the cloud's time counts");
}

#[test]
fn a_field_that_is_not_there_says_nothing() {
    let found = reports("nb-smoke", &fields(r#"{"TData":"21.5"}"#));
    assert_eq!((states(&found), values(&found)), (vec![], vec![(3, 215)]));
    let found = reports("nb-smoke", &fields(r#"{"Battery_Level":19}"#));
    assert_eq!(states(&found), [(true, vec![Condition::BatteryFault])]);
    let found = reports("nb-smoke", &fields(r#"{"Battery_Level":20}"#));
    assert_eq!(states(&found), [(true, vec![])], "the limit itself is not below it");
}

#[test]
fn what_a_table_does_not_know_is_kept() {
    assert!(unknown(&reports("nb-smoke", &fields(r#"{"Alarm_Status":9}"#))).contains("的值 9"));
    assert!(unknown(&reports("nb-smoke", &fields(r#"{"Water":1}"#))).contains("没有一项"));
    assert!(unknown(&reports("nb-smoke", &fields(r#"{"TData":99999}"#))).contains("TData"));
    assert!(unknown(&reports("nb-smoke", &bytes("00010203"))).contains("字节"));
}

#[test]
fn a_door_by_its_bytes() {
    let open = reports("nb-door", &bytes("AA5501030A010000000000280C000043"));
    assert_eq!(states(&open), [(false, vec![Condition::Supervisory]), (true, vec![])]);
    let shut = reports("nb-door", &bytes("AA5501030A000000000000530C00006D"));
    assert_eq!(states(&shut), [(false, vec![]), (true, vec![])]);
    // Cut before the voltage: the state still counts.
    assert_eq!(
        states(&reports("nb-door", &bytes("AA5501030A0100"))),
        [(false, vec![Condition::Supervisory])]
    );
    assert!(unknown(&reports("nb-door", &bytes("AA5502"))).contains("开头"));
}

#[test]
fn a_gauge_that_is_too_high_is_supervisory_and_its_pressure_is_known() {
    let ten = "a55a00003b53484d4b31393036303031 3334c8003c000a0102006401f4021a5d1966b60219021a021602180218\
               0213021e021c021d021d7e0355aa";
    let found = reports(MEOKON, &bytes(ten));
    assert_eq!(states(&found), [(false, vec![Condition::Supervisory]), (true, vec![])]);
    assert_eq!(values(&found), [(5, 5_380)]);
    assert_eq!(found[0].event_at.unwrap().to_string(), "2019-07-01T01:49:42Z");
    let ReportBody::State { text, .. } = &found[0].body else { panic!() };
    assert_eq!(text, "高于上限");
    let spoiled = ten.replace("7e0355aa", "7e0455aa");
    assert!(unknown(&reports(MEOKON, &bytes(&spoiled))).contains("校验"));
}

#[test]
fn coming_and_going_is_a_sign_of_life_and_no_state() {
    for online in [true, false] {
        assert!(reports("nb-smoke", &Payload::Lifecycle { online }).is_empty());
    }
}

#[test]
fn a_table_is_checked_as_a_whole_with_lines() {
    let text = "name = \"Nb Smoke\"\nlabel = \"x\"\nnote = \"x\"\nsystem_type = 1\ncomponent_type = 42\npart = \"x\"\n\
                [[state]]\nfield = \"a\"\nvalues = { \"1\" = [\"fier\"] }\n\
                [[state]]\nfield = []\nabove = 3\n\
                [[value]]\nfield = \"t\"\nanalog_type = 3\ntimes = 0\n";
    let found = read_table("bad.toml", text).unwrap_err();
    let expected = [
        (1, "name 只用"),
        (7, "没有状态 fier"),
        (10, "field 至少"),
        (10, "写 values"),
        (13, "times 是"),
        (10, "同一部位"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (mistake, (line, begins)) in found.iter().zip(expected) {
        assert!(
            mistake.line == line && mistake.sentence.starts_with(begins),
            "{mistake} instead of {line} {begins}"
        );
    }
    let typo = read_table("bad.toml", "name = \"a\"\nlable = \"x\"\n").unwrap_err();
    assert_eq!((typo[0].line, typo[0].to_string().contains("lable")), (2, true));
}

#[test]
fn names_of_codecs_are_distinct() {
    let one = || -> Table { read_table(SHIPPED[0].0, SHIPPED[0].1).unwrap() };
    assert_eq!(Codecs::new(vec![one(), one()]).unwrap_err(), "nb-smoke");
    let mut twin = one();
    twin.name = MEOKON.to_owned();
    assert_eq!(Codecs::new(vec![twin]).unwrap_err(), MEOKON);
    let none = Conditions::default();
    assert!(none.is_empty());
}
