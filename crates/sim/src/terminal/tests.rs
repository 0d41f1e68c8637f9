//! Virtual terminals in virtual time, and a few of them against a real socket.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use gb26875::unit::Content;
use gb26875::{
    Clock, Command, Decoder, Event, Frame, Label, Objects, Profile, Request, Route, answer, frame,
};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::county::{County, generate};

use super::device::{ANSWER_WAIT_MS, HEARTBEAT_MS, QUEUE_MAX, RESENDS};
use super::run::{DEAF_INDEX, WRONG_CLOCK_INDEX, cast};
use super::wire::FIRE_BIT;
use super::*;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

fn county() -> &'static County {
    static COUNTY: OnceLock<County> = OnceLock::new();
    COUNTY.get_or_init(|| generate(1))
}

fn noon() -> Timestamp {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

fn frame_of(bytes: &[u8]) -> Frame {
    frame::decode(bytes).unwrap()
}

/// What the centre heard: when, and the frame.
type Heard = Vec<(u64, Frame)>;

/// Lets one terminal live and acknowledges everything it sends.
fn live(device: &mut VirtualTerminal, until_ms: u64) -> Heard {
    let (mut heard, mut now_ms) = (Vec::new(), 0);
    while now_ms < until_ms {
        let actions = device.poll(now_ms);
        if actions.is_empty() {
            now_ms = device.next_wake_ms().max(now_ms + 1);
        }
        for action in actions {
            match action {
                Action::Connect => device.connected(now_ms),
                Action::Send(bytes) => {
                    let frame = frame_of(&bytes);
                    device.received(
                        &frame::encode(&answer::acknowledge(&frame, Label::default())).unwrap(),
                        now_ms,
                    );
                    heard.push((now_ms, frame));
                }
                Action::Close | Action::Report(_) => {}
            }
        }
    }
    heard
}

fn live_all(options: &Options, until_ms: u64) -> BTreeMap<u64, Heard> {
    let mut devices = cast(county(), options, noon());
    devices.iter_mut().map(|d| (d.source(), live(d, until_ms))).collect()
}

/// States of components in a frame: address, bits, time.
fn components(frame: &Frame) -> Vec<(u32, u16, Label)> {
    match Content::decode(&frame.data, &Profile::default()) {
        Content::Unit(unit) => match unit.objects {
            Objects::ComponentStatus(list) => {
                list.iter().map(|c| (c.component_address, c.status.0, c.occurred)).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn devices_of(unit: &str) -> VirtualTerminal {
    let code = &county().units.iter().find(|u| u.name == unit).unwrap().code;
    let sources: Vec<u64> = county().terminals.iter().filter(|t| t.unit == *code).map(|t| t.source).collect();
    let devices = cast(county(), &Options::default(), noon());
    devices.into_iter().find(|d| sources.contains(&d.source())).unwrap()
}

fn plain(cues: Vec<Cue>) -> VirtualTerminal {
    VirtualTerminal::new(Arc::new(county().terminals[100].clone()), Habits::STANDARD, cues, noon(), 1)
}

fn up(device: &mut VirtualTerminal, now_ms: u64) {
    assert!(device.poll(now_ms).contains(&Action::Connect));
    device.connected(now_ms);
}

fn sent(actions: &[Action]) -> Vec<Frame> {
    actions
        .iter()
        .filter_map(|a| match a {
            Action::Send(bytes) => Some(frame_of(bytes)),
            _ => None,
        })
        .collect()
}

#[test]
fn the_first_minute_has_fires_faults_a_shielding_and_a_supervisory_signal() {
    let plan = plan(county(), 1, 720, 1, 1.0);
    let early: Vec<&Cue> =
        plan.cues.values().flatten().filter(|c| c.at_ms < MINUTE_MS && c.at_ms > 0).collect();
    let bit = |bit: u16| {
        early.iter().filter(|c| matches!(&c.signal, Signal::Points(l) if l[0].1 & 1 << bit != 0)).count()
    };
    assert!((4..=6).contains(&bit(1)), "{} fires", bit(1));
    assert_eq!((bit(3), bit(4)), (1, 1));
    assert_eq!(early.iter().filter(|c| matches!(c.signal, Signal::Device(s) if s != 1)).count(), 3);
}

#[test]
fn by_day_an_hour_has_about_a_dozen_false_alarms_and_a_real_fire_and_all_are_restored() {
    let plan = plan(county(), 1, 9 * 60, 1, 1.0);
    let cues: Vec<&Cue> = plan.cues.values().flatten().filter(|c| c.at_ms < 10 * HOUR_MS).collect();
    let notes = |head: &str| cues.iter().filter(|c| c.note.starts_with(head)).count();
    assert!((80..140).contains(&notes("误报")), "{} false alarms in ten hours", notes("误报"));
    assert!((7..20).contains(&notes("火情·首个")), "{} real fires", notes("火情·首个"));
    for (source, cues) in &plan.cues {
        let mut burning: BTreeMap<usize, u16> = BTreeMap::new();
        for (point, status) in cues
            .iter()
            .filter_map(|c| match &c.signal {
                Signal::Points(l) => Some(l),
                _ => None,
            })
            .flatten()
        {
            burning.insert(*point, *status);
        }
        assert!(burning.values().all(|s| s & FIRE_BIT == 0), "terminal {source} burns for ever");
    }
}

#[test]
fn the_night_is_quieter_than_the_day() {
    let night = plan(county(), 1, 0, 1, 1.0);
    let fires = |from_h: u64, to_h: u64| {
        let hours = from_h * HOUR_MS..to_h * HOUR_MS;
        night
            .cues
            .values()
            .flatten()
            .filter(|c| hours.contains(&c.at_ms) && c.note.starts_with("误报"))
            .count()
    };
    assert!(fires(0, 6) * 2 < fires(8, 14));
}

#[test]
fn the_same_seed_plays_the_same_day_and_speed_only_changes_the_pace() {
    assert_eq!(plan(county(), 3, 600, 1, 1.0), plan(county(), 3, 600, 1, 1.0));
    assert_ne!(plan(county(), 3, 600, 1, 1.0), plan(county(), 4, 600, 1, 1.0));
    let (slow, fast) = (plan(county(), 3, 600, 1, 1.0), plan(county(), 3, 600, 1, 10.0));
    let times = |p: &Plan| p.cues.values().flatten().map(|c| c.at_ms).collect::<Vec<_>>();
    assert!(times(&slow).iter().zip(times(&fast)).all(|(s, f)| s / 10 == f));
}

#[test]
fn speeds_beyond_the_limits_are_clamped() {
    assert_eq!(plan(county(), 3, 600, 1, SPEED_MAX), plan(county(), 3, 600, 1, SPEED_MAX * 9.0));
    assert_eq!(plan(county(), 3, 600, 1, SPEED_MIN), plan(county(), 3, 600, 1, 0.0));
}

#[test]
fn an_hour_of_the_whole_county_says_what_the_script_says_and_is_the_same_each_time() {
    let options = Options { strangers: false, ..Options::default() };
    let heard = live_all(&options, HOUR_MS);
    let fires: usize =
        heard.values().flatten().flat_map(|(_, f)| components(f)).filter(|c| c.1 & FIRE_BIT != 0).count();
    assert!((15..45).contains(&fires), "{fires} fires in an hour");
    let heartbeats = heard.values().flatten().filter(|(_, f)| Profile::default().is_heartbeat(f)).count();
    assert!((90_000..115_000).contains(&heartbeats), "{heartbeats} heartbeats");
    let again = live_all(&options, 10 * MINUTE_MS);
    for (source, frames) in again {
        assert!(heard[&source].starts_with(&frames));
    }
}

#[test]
fn the_two_points_of_the_shopping_centre_come_within_a_minute() {
    let heard = live_all(&Options { strangers: false, terminals: Some(0), ..Options::default() }, MINUTE_MS);
    let centre = &county().units.iter().find(|u| u.name == "云岫商业广场").unwrap().code;
    let terminal = county()
        .terminals
        .iter()
        .find(|t| t.unit == *centre && t.points.iter().any(|p| p.floor == 3))
        .unwrap();
    let burning: Vec<&str> = heard[&terminal.source]
        .iter()
        .flat_map(|(_, f)| components(f))
        .filter(|c| c.1 & FIRE_BIT != 0)
        .map(|c| terminal.points.iter().find(|p| p.component_address == c.0).unwrap().label.as_str())
        .collect();
    assert!(burning.starts_with(&["3 层 1 区 017 号", "3 层 1 区 018 号"]), "{burning:?}");
}

#[test]
fn a_fire_overtakes_everything_that_waits() {
    let fault = Cue { at_ms: 0, signal: Signal::Device(0x09), note: "" };
    let fire = Cue { at_ms: 0, signal: Signal::Points(vec![(0, 3)]), note: "" };
    let mut device = plain(vec![fault.clone(), fault, fire]);
    up(&mut device, 60_000);
    assert_eq!(components(&sent(&device.poll(60_001))[0])[0].1, 3);
}

#[test]
fn without_answer_a_frame_is_sent_four_times_ten_seconds_apart_and_again_unchanged_on_the_next_line() {
    let mut device = plain(vec![Cue { at_ms: 0, signal: Signal::Points(vec![(0, 3)]), note: "" }]);
    up(&mut device, 60_000);
    let first = device.poll(60_000);
    let mut now_ms = 60_000;
    for _ in 0..RESENDS {
        assert!(device.poll(now_ms + ANSWER_WAIT_MS - 1).is_empty());
        now_ms += ANSWER_WAIT_MS;
        assert_eq!(sent(&device.poll(now_ms)), sent(&first));
    }
    let given_up = device.poll(now_ms + ANSWER_WAIT_MS);
    assert_eq!(given_up, [Action::Report(Notice::Unanswered), Action::Close]);
    up(&mut device, now_ms + 10 * MINUTE_MS);
    assert_eq!(sent(&device.poll(now_ms + 10 * MINUTE_MS)), sent(&first));
}

#[test]
fn a_denied_frame_is_sent_again_at_once() {
    let mut device = plain(vec![Cue { at_ms: 0, signal: Signal::Device(0x09), note: "" }]);
    up(&mut device, 60_000);
    let frames = sent(&device.poll(60_000));
    let denial = answer::deny(&frames[0].header(), Label::default());
    device.received(&frame::encode(&denial).unwrap(), 60_100);
    assert_eq!(sent(&device.poll(60_100)), frames);
}

#[test]
fn the_queue_is_bounded_and_keeps_the_fires() {
    let mut cues = vec![Cue { at_ms: 0, signal: Signal::Points(vec![(0, 3)]), note: "" }];
    cues.extend((0..QUEUE_MAX + 10).map(|i| Cue { at_ms: i as u64, signal: Signal::Device(0x09), note: "" }));
    let mut device = plain(cues);
    device.poll(59_000);
    device.connected(59_000);
    assert_eq!(device.backlog(), QUEUE_MAX);
    assert_eq!(components(&sent(&device.poll(59_001))[0])[0].1, 3);
}

/// Asks one terminal whether somebody is there: whether somebody went, and whether the key was pressed.
fn duty_check(seed: u64) -> (bool, bool) {
    let terminal = Arc::new(county().terminals[100].clone());
    let mut device = VirtualTerminal::new(terminal, Habits::STANDARD, Vec::new(), noon(), seed);
    up(&mut device, 60_000);
    device.poll(60_000);
    let to = gb26875::Address::from_number(device.source()).unwrap();
    let route = Route { source: gb26875::Address::from_number(1).unwrap(), destination: to, version: (1, 1) };
    let check = Request::DutyCheck { timeout_min: 10 }.frame(route, 77, Label::default()).unwrap();
    device.received(&frame::encode(&check).unwrap(), 60_500);
    let actions = device.poll(60_500);
    let answers = sent(&actions);
    assert_eq!((answers[0].command, answers[0].sequence), (Command::ACKNOWLEDGE, 77));
    let pressed = |(_, f): (u64, Frame)| f.data.starts_with(&[24, 1, 1 << 5]);
    let answered = live(&mut device, 2 * MINUTE_MS).into_iter().any(pressed);
    (actions.contains(&Action::Report(Notice::DutyCheck(true))), answered)
}

#[test]
fn a_duty_check_is_acknowledged_and_mostly_answered_by_hand_within_a_minute() {
    let checks: Vec<(bool, bool)> = (0..40).map(duty_check).collect();
    assert!(checks.iter().all(|(went, answered)| went == answered));
    assert!((30..40).contains(&checks.iter().filter(|(_, answered)| *answered).count()));
}

#[test]
fn questions_about_state_version_and_clock_are_answered_under_their_own_number() {
    let mut device = plain(Vec::new());
    up(&mut device, 60_000);
    let to = gb26875::Address::from_number(device.source()).unwrap();
    let route = Route { source: gb26875::Address::from_number(1).unwrap(), destination: to, version: (1, 1) };
    let asked = [(Request::UitdStatus, 21), (Request::UitdVersion, 25), (Request::UitdClock, 28)];
    for (sequence, (request, kind)) in asked.into_iter().enumerate() {
        let question = request.frame(route, sequence as u16 + 500, Label::default()).unwrap();
        device.received(&frame::encode(&question).unwrap(), 61_000);
        let replies = sent(&device.poll(61_000));
        let reply = replies.iter().find(|f| f.command == Command::REPLY).unwrap();
        assert_eq!((reply.sequence, reply.data[0]), (sequence as u16 + 500, kind));
    }
}

#[test]
fn one_terminal_is_heard_and_answers_nothing_that_it_is_asked() {
    let mut devices = cast(county(), &Options::default(), noon());
    let device = &mut devices[DEAF_INDEX];
    assert_eq!(device.source(), county().terminals[DEAF_INDEX].source);
    up(device, 60_000);
    let to = gb26875::Address::from_number(device.source()).unwrap();
    let route = Route { source: gb26875::Address::from_number(1).unwrap(), destination: to, version: (1, 1) };
    let question = Request::UitdStatus.frame(route, 500, Label::default()).unwrap();
    device.received(&frame::encode(&question).unwrap(), 61_000);
    let replies = sent(&device.poll(61_000));
    assert!(replies.iter().all(|f| f.command != Command::REPLY), "nothing is answered");
    let heard = live(&mut cast(county(), &Options::default(), noon())[DEAF_INDEX], 30 * MINUTE_MS);
    assert!(heard.len() > 20, "it is heard all the time: {} frames", heard.len());
}

#[test]
fn a_wrong_clock_is_nine_days_behind_until_the_centre_sets_it() {
    let mut devices = cast(county(), &Options::default(), noon());
    let device = &mut devices[WRONG_CLOCK_INDEX];
    up(device, 600 * MINUTE_MS);
    let shown = |device: &mut VirtualTerminal, now_ms| {
        sent(&device.poll(now_ms))[0].sent.civil(Clock::Binary).unwrap().date()
    };
    assert_eq!(shown(device, 600 * MINUTE_MS), jiff::civil::date(2026, 11, 12));
    let route =
        Route { source: gb26875::Address::ZERO, destination: gb26875::Address::ZERO, version: (1, 1) };
    let now = Label::from_civil(jiff::civil::date(2026, 11, 21).at(22, 0, 0, 0), Clock::Binary).unwrap();
    let order = Request::SetClock(now).frame(route, 1, now).unwrap();
    device.received(&frame::encode(&order).unwrap(), 600 * MINUTE_MS);
    assert_eq!(shown(device, 600 * MINUTE_MS), jiff::civil::date(2026, 11, 21));
}

#[test]
fn what_happened_while_the_line_was_cut_is_told_later_with_its_own_time() {
    let heard = live(&mut devices_of("云岫县体育中心"), 30 * MINUTE_MS);
    let (told_ms, frame) =
        heard.iter().find(|(_, f)| components(f).iter().any(|c| c.1 & FIRE_BIT != 0)).unwrap();
    let occurred = components(frame)[0].2.civil(Clock::Binary).unwrap();
    assert_eq!(occurred, jiff::civil::date(2026, 11, 21).at(12, 5, 0, 0));
    assert!(*told_ms > 15 * MINUTE_MS);
}

#[test]
fn a_terminal_shows_a_sign_of_life_every_half_minute() {
    let heard = live(&mut plain(Vec::new()), HOUR_MS);
    let beats: Vec<u64> = heard.iter().filter(|(_, f)| f.data.is_empty()).map(|(at, _)| *at).collect();
    assert!(beats.windows(2).all(|w| w[1] - w[0] <= HEARTBEAT_MS + 1000));
}

/// Stands for the gateway: acknowledges every frame of one connection and hands it on.
async fn acknowledge(mut stream: TcpStream, frames: tokio::sync::mpsc::UnboundedSender<Frame>) {
    let (mut decoder, mut bytes) = (Decoder::new(&Profile::default()), [0; 2048]);
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        decoder.push(&bytes[..read]);
        while let Some(Event::Frame(frame)) = decoder.next() {
            if let Some(answer) = answer::answer(&frame, &Profile::default(), frame.sent) {
                stream.write_all(&frame::encode(&answer).unwrap()).await.unwrap();
            }
            frames.send(frame).unwrap();
        }
    }
}

#[tokio::test]
async fn terminals_speak_over_a_real_socket_and_fires_arrive() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = Options {
        target: listener.local_addr().unwrap().to_string(),
        speed: 100.0,
        terminals: Some(5),
        ..Options::default()
    };
    let (sender, mut frames) = tokio::sync::mpsc::unbounded_channel();
    let accept = async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(acknowledge(stream, sender.clone()));
        }
    };
    let arrive = async {
        let mut fires = 0;
        while fires < 3 {
            let frame = frames.recv().await.unwrap();
            fires += components(&frame).iter().filter(|c| c.1 & FIRE_BIT != 0).count();
        }
    };
    let county = Arc::new(county().clone());
    tokio::select! {
        () = run(county, options) => panic!("terminals never end"),
        () = accept => panic!("the listener never ends"),
        arrived = tokio::time::timeout(std::time::Duration::from_secs(30), arrive) => arrived.unwrap(),
    }
}
