//! What each captured frame says, in words independent of the wire.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod site;

use fengsui_app::{Arrival, Report, ReportBody};
use fengsui_ingest::translate::{self, Heard};
use fengsui_ingest::{Channel, Dialects, Protocol};
use fengsui_store::Part;
use gb26875::unit::kind;
use gb26875::{Command, Decoder, Event, Frame, Label, frame};
use site::{Writer, rows};

/// Every row of the captured frames: source, and what is reported (`-` for a heartbeat, `refused` for bytes
/// that are no frame).
const MEANINGS: &str = "\
A01 889 | 2012-09-26T01:58:02Z 10 区 2 号 感烟火灾探测器 [火警]
A02 88888 | unknown 命令 3（确认）
A03 88888 | unknown 命令 6（否认）
A04 889 | 2012-09-26T01:58:02Z 传输装置 传输装置 [主电故障]
A06 889 | told 传输装置软件版本 1.1
A07 889 | -
A08 88888 | unknown 命令 4（请求）
A09 889 | 2012-09-26T01:58:02Z 传输装置 传输装置 [主电故障]
A10 88888 | unknown 命令 4（请求）
A11 889 | told 传输装置软件版本 1.1
A12 88888 | unknown 命令 4（请求）
A14 88888 | unknown 命令 1（控制）
A16 88888 | unknown 命令 1（控制）
B02 4328719365 | unknown 命令 4（请求）
C01 zero/tcp/192.0.2.7:40123 | -
C02 zero/tcp/192.0.2.7:40123 | -
C04 zero/tcp/192.0.2.7:40123 | -
C05 zero/tcp/192.0.2.7:40123 | 2022-07-12T03:46:58Z None [Reset] by 1
C06 zero/tcp/192.0.2.7:40123 | 2022-03-03T09:15:22Z None [Silence] by 0
C08 refused
C11 zero/tcp/192.0.2.7:40123 | 2022-07-12T08:42:10Z 传输装置 传输装置 []
C12 zero/tcp/192.0.2.7:40123 | 2022-07-12T08:42:10Z None [Reset] by 1
D02 53266633574 | 2025-01-17T09:37:00Z 255 区 255 号 测温式电气火灾监控探测器 [火警]
D03 refused
D05 refused
D07 801014 | 2021-10-28T02:35:44Z 35579 区 1 号 通用部件 [火警]
D09 123456 | 2020-01-19T05:52:53Z 传输装置 传输装置 [故障、备电故障]
D10 11111 | -
E01 280401234892597 | 2021-06-03T07:19:59Z 5941 区 0 号 感烟火灾探测器 [火警、启动]
E02 280401234886731 | 2020-06-16T02:04:43Z 75 区 0 号 感烟火灾探测器 [火警、启动]
E04 280401234886731 | 2020-06-16T01:50:31Z 75 类型 128 = -93 ; 2020-06-16T01:50:31Z 75 类型 136 = 3463
E06 280392644954026 | 2021-06-17T09:38:28Z 1962 区 0 号 F9164-TD-NB_V1.0.1_STD-ON_2021 部件类型 128 []
E07 280392644954026 | 2021-06-17T09:38:49Z 1962 类型 5 = 0 ; 2021-06-17T09:38:49Z 1962 类型 128 = -91 ; 2021-06-17T09:38:49Z 1962 类型 136 = 3575
E09 280392644952064 | 2018-11-19T08:30:17Z 0 类型 154 = 134 ; 2018-11-19T08:30:17Z 0 类型 128 = 11 ; 2018-11-19T08:30:17Z 0 类型 136 = 3914 ; 2018-11-19T08:30:17Z 0 类型 5 = 0 ; 2018-11-19T08:30:17Z 0 类型 128 = 11 ; 2018-11-19T08:30:17Z 0 类型 136 = 3914
F01 140 | -
G01 70001 | 2019-10-21T14:16:12Z 5 区 101 号 手动火灾报警按钮 [火警]
G02 refused
";

#[test]
fn every_captured_frame_says_what_its_table_says() {
    let found: String = rows().iter().map(|(id, _, bytes)| format!("{id} {}\n", meaning(bytes))).collect();
    let (mut found, mut expected) = (found.lines(), MEANINGS.lines());
    while let (Some(found), Some(expected)) = (found.next(), expected.next()) {
        assert_eq!(found, expected);
    }
    assert_eq!((found.next(), expected.next()), (None, None));
}

#[test]
fn an_arrival_carries_the_frame_as_it_came_and_both_clocks() {
    let arrival = arrival(&frame::decode(&site::row("A01")).unwrap(), "gb26875");
    assert_eq!(arrival.bytes, site::row("A01"));
    assert_eq!((arrival.sequence, arrival.command, arrival.unit_type), (1, 2, Some(2)));
    assert_eq!((arrival.channel.as_str(), arrival.profile.as_str()), ("tcp 192.0.2.7:40123", "gb26875"));
    assert_eq!(arrival.sent_at, Some("2012-09-26T01:58:32Z".parse().unwrap()));
    assert_eq!(arrival.received_at, site::NOW.parse().unwrap());
}

#[test]
fn two_frames_of_one_number_have_different_digests_and_a_resent_one_the_same() {
    let mut writer = Writer::new(889);
    let one = writer.component(1, 2, "2026-11-21T14:00:00");
    writer.sequence = 0;
    let other = writer.component(2, 2, "2026-11-21T14:00:00");
    let digest = |bytes: &[u8]| arrival(&frame::decode(bytes).unwrap(), "gb26875").digest;
    assert_ne!(digest(&one), digest(&other));
    assert_eq!(digest(&one), digest(&one));
}

#[test]
fn a_dialect_decides_what_cannot_be_told_apart() {
    let read =
        |id: &str, dialect: &str| render(&arrival(&frame::decode(&site::row(id)).unwrap(), dialect).reports);
    assert_eq!(
        read("D02", "gb26875-bcd"),
        "2019-01-11T03:25:00Z 255 区 255 号 测温式电气火灾监控探测器 [火警]"
    );
    assert_eq!(
        read("G01", "gb26875-point-first"),
        "2019-10-21T14:16:12Z 101 区 5 号 手动火灾报警按钮 [火警]"
    );
    assert_eq!(read("F01", "gb26875-standard"), "unknown 类型 190，1 个对象");
    assert_eq!(read("C01", "gb26875-standard"), "unknown 单字节数据 16");
    assert_eq!(
        read("E01", "gb26875-standard"),
        "unknown 类型 2（建筑消防设施部件运行状态），1 个对象，长度 15 字节与个数不符"
    );
}

#[test]
fn a_restored_twin_says_what_is_over() {
    let mut fire = frame::decode(&site::row("A01")).unwrap();
    fire.data[0] = 0x87;
    assert_eq!(render(&arrival(&fire, "gb26875").reports), "unknown 类型 135，1 个对象");
    let reports = arrival(&fire, "gb26875-restored").reports;
    let [Report { body: ReportBody::State { over, .. }, .. }] = &reports[..] else { panic!("{reports:?}") };
    assert!(over);
    assert_eq!(render(&reports), "2012-09-26T01:58:02Z 2 区 10 号 感烟火灾探测器 over [火警]");
}

#[test]
fn an_impossible_date_is_no_time_and_the_fire_stays() {
    let mut fire = frame::decode(&site::row("A01")).unwrap();
    let at = fire.data.len() - 2;
    fire.data[at] = 13;
    fire.sent = Label([60, 0, 0, 0, 0, 0]);
    let arrival = arrival(&fire, "gb26875");
    assert_eq!((arrival.sent_at, arrival.reports[0].event_at), (None, None));
    assert_eq!(render(&arrival.reports), "when? 10 区 2 号 感烟火灾探测器 [火警]");
}

#[test]
fn a_source_may_be_a_socket_by_dialect() {
    let mut frame = frame::decode(&site::row("A01")).unwrap();
    frame.source = gb26875::Address([192, 168, 1, 4, 0x6D, 0x1D]);
    let dialects = Dialects::new("gb26875-ipv4").unwrap();
    assert_eq!(translate::source(&frame, dialects.listener().1, channel()), "ipv4/192.168.1.4:7533");
}

#[test]
fn clocks_that_come_unasked_are_signs_of_life_and_those_asked_for_are_kept() {
    let mut writer = Writer::new(889);
    let mut says = |command, data: Vec<u8>| {
        let frame = frame::decode(&writer.frame(command, data)).unwrap();
        render(&arrival(&frame, "gb26875").reports)
    };
    let time = site::label("2026-11-21T14:00:00").0;
    let device = [vec![kind::UITD_CLOCK, 1], time.to_vec()].concat();
    let facility = [vec![kind::FACILITY_CLOCK, 1, 11, 1], time.to_vec()].concat();
    assert_eq!(says(Command::SEND, device.clone()), "-");
    assert_eq!(says(Command::SEND, facility.clone()), "-");
    assert_eq!(says(Command::REPLY, device), "told 传输装置时间 2026-11-21 14:00:00");
    assert_eq!(says(Command::REPLY, facility), "told 消火栓系统 1 号时间 2026-11-21 14:00:00");
    assert_eq!(
        says(Command::SEND, vec![kind::UITD_CLOCK, 1, 0]),
        "unknown 类型 28（用户信息传输装置系统时间），1 个对象，长度 1 字节与个数不符"
    );
}

#[test]
fn versions_configurations_and_empty_operations_are_told_in_words() {
    let mut writer = Writer::new(889);
    let mut says = |data: Vec<u8>| {
        let frame = frame::decode(&writer.frame(Command::SEND, data)).unwrap();
        render(&arrival(&frame, "gb26875").reports)
    };
    let time = site::label("2026-11-21T14:00:00").0;
    assert_eq!(says(vec![5, 1, 1, 2, 3, 4]), "told 火灾报警系统 2 号软件版本 3.4");
    assert_eq!(says(vec![6, 1, 150, 2, 2, b'A', b'B']), "told 系统类型 150 2 号配置：AB");
    assert_eq!(
        says([vec![7, 1, 1, 2, 23, 1, 0, 2, 0, b'F'], vec![0; 30]].concat()),
        "told 1 区 2 号 手动火灾报警按钮配置：F"
    );
    assert_eq!(says(vec![26, 1, 1, b'C']), "told 传输装置配置：C");
    assert_eq!(says([vec![24, 1, 0, 9], time.to_vec()].concat()), "told 操作记录没有写明操作，操作员 9");
    assert_eq!(
        says([vec![4, 1, 1, 1, 0x7F, 9], time.to_vec()].concat()),
        "2026-11-21T06:00:00Z Some((1, 1)) [Reset, Silence, ManualAlarm, Cleared, SelfTest, Confirm, Test] by 9"
    );
    assert_eq!(
        says([vec![24, 1, 0x20, 9], time.to_vec()].concat()),
        "2026-11-21T06:00:00Z None [DutyAnswer] by 9"
    );
    assert_eq!(
        says([vec![1, 1, 11, 3, 0xFF, 0x3F], time.to_vec()].concat()),
        "2026-11-21T06:00:00Z 消火栓系统 3 号 消火栓系统 [火警、故障、屏蔽、监管、启动、反馈、延时、主电故障、备电故障、总线故障、手动状态、配置改变、复位]"
    );
    assert_eq!(says(vec![91, 1, 10]), "unknown 类型 91（查岗命令），1 个对象");
}

fn channel() -> Channel {
    Channel::new(Protocol::Tcp, "[::ffff:192.0.2.7]:40123".parse().unwrap())
}

fn arrival(frame: &Frame, dialect: &str) -> Arrival {
    let dialects = Dialects::new(dialect).unwrap();
    let (name, profile) = dialects.listener();
    let source = translate::source(frame, profile, channel());
    let received_at = site::NOW.parse().unwrap();
    Heard { frame, profile, dialect: name, source, channel: channel(), received_at }.arrival()
}

fn meaning(bytes: &[u8]) -> String {
    let mut decoder = Decoder::new(&gb26875::Profile::default());
    decoder.push(bytes);
    match decoder.finish().into_iter().find(|e| matches!(e, Event::Frame(_))) {
        Some(Event::Frame(frame)) => {
            let arrival = arrival(&frame, "gb26875");
            format!("{} | {}", arrival.source, render(&arrival.reports))
        }
        _ => "refused".to_owned(),
    }
}

fn render(reports: &[Report]) -> String {
    let all: Vec<_> = reports.iter().map(report).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ; ") }
}

fn report(report: &Report) -> String {
    let at = report.event_at.map_or("when?".to_owned(), |at| at.to_string());
    match &report.body {
        ReportBody::State { key, conditions, over, component_label, part_label, .. } => {
            let words: Vec<_> = conditions.iter().map(fengsui_alarm::Condition::label).collect();
            assert_ne!(key.part, Part::Value);
            let over = if *over { "over " } else { "" };
            format!("{at} {part_label} {component_label} {over}[{}]", words.join("、"))
        }
        ReportBody::Value { key, raw, .. } => {
            format!("{at} {} 类型 {} = {raw}", key.component_address, key.analog_type)
        }
        ReportBody::Operation { system, operations, operator } => {
            format!("{at} {system:?} {operations:?} by {operator}")
        }
        ReportBody::Information(text) => format!("told {text}"),
        ReportBody::Unknown(reason) => format!("unknown {reason}"),
    }
}
