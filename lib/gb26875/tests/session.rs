//! Sessions of a centre with a terminal, on simulated time: answers, resends, giving up, signs of life.

use std::sync::Arc;
use std::time::Duration;

use gb26875::frame::{self, Command, Frame};
use gb26875::request::Request;
use gb26875::session::*;
use gb26875::unit::Content;
use gb26875::{Address, Label, Profile, answer, hex};

const NOW: Label = Label([0x23, 0x3A, 0x09, 0x1A, 0x09, 0x0C]);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn session() -> Session {
    Session::new(Arc::new(Profile::default()), Config::default())
}

fn from_terminal(sequence: u16, command: Command, data: &[u8]) -> Frame {
    Frame {
        sequence,
        version: (2, 255),
        sent: NOW,
        source: Address([7, 0, 0, 0, 0, 0]),
        destination: Address([0x38, 0x5B, 1, 0, 0, 0]),
        command,
        data: data.to_vec(),
    }
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    frame::encode(frame).expect("small enough")
}

fn sent(session: &mut Session) -> Vec<Frame> {
    std::iter::from_fn(|| session.poll_transmit())
        .map(|bytes| frame::decode(&bytes).expect("a frame"))
        .collect()
}

fn happened(session: &mut Session) -> Vec<SessionEvent> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

/// A session whose terminal has said hello.
fn connected() -> Session {
    let mut session = session();
    session.receive(&bytes_of(&from_terminal(0, Command::SEND, &[])), at(0));
    assert_eq!(happened(&mut session).len(), 1);
    session
}

#[test]
fn a_report_is_acknowledged_only_when_the_caller_says_so() {
    let mut session = session();
    let report = from_terminal(5, Command::SEND, &[21, 1, 8, 0, 0, 0, 1, 1, 20]);
    session.receive(&bytes_of(&report), at(1));
    assert_eq!(session.poll_transmit(), None);
    assert_eq!(happened(&mut session), [SessionEvent::Frame(report.clone())]);
    session.acknowledge(&report, NOW).expect("there is room");
    assert_eq!(sent(&mut session), [answer::acknowledge(&report, NOW)]);
    assert_eq!((session.last_heard(), session.poll_timeout()), (Some(at(1)), None));
}

#[test]
fn empty_data_with_every_command_is_taken_and_only_questions_are_answered() {
    for command in 0..=255 {
        let mut session = session();
        let frame = from_terminal(1, Command(command), &[]);
        session.receive(&bytes_of(&frame), at(1));
        assert_eq!(happened(&mut session), [SessionEvent::Frame(frame.clone())]);
        session.acknowledge(&frame, NOW).expect("there is room");
        let commands: Vec<Command> = sent(&mut session).iter().map(|answer| answer.command).collect();
        let expected = if [3, 5, 6].contains(&command) { vec![] } else { vec![Command::ACKNOWLEDGE] };
        assert_eq!(commands, expected, "command {command}");
    }
}

#[test]
fn an_unknown_type_is_acknowledged_and_kept_raw() {
    let mut session = session();
    let frame = from_terminal(1, Command::SEND, &[200, 3, 1, 2, 3]);
    session.receive(&bytes_of(&frame), at(1));
    let Content::Unit(unit) = Content::decode(&frame.data, session.profile()) else { panic!("a unit") };
    assert_eq!(unit.encode().as_ref(), Ok(&frame.data));
    session.acknowledge(&frame, NOW).expect("there is room");
    assert_eq!(sent(&mut session), [answer::acknowledge(&frame, NOW)]);
}

#[test]
fn a_link_up_of_one_byte_is_answered_with_its_twin() {
    let mut session = session();
    let link_up = from_terminal(1, Command::SEND, &[0x16]);
    session.receive(&bytes_of(&link_up), at(1));
    session.acknowledge(&link_up, NOW).expect("there is room");
    let answers = sent(&mut session);
    assert_eq!((answers[0].command, answers[0].data.as_slice()), (Command::ACKNOWLEDGE, &[0x17][..]));
    assert_eq!((answers[0].source, answers[0].destination), (link_up.destination, link_up.source));
    let plain = answer::answer(&link_up, &Profile::standard(), NOW).expect("it is no answer");
    assert!(plain.data.is_empty());
}

#[test]
fn a_wrong_sum_is_denied_and_a_broken_answer_is_not() {
    for (command, denials) in [(Command::SEND, 1), (Command::ACKNOWLEDGE, 0), (Command::DENY, 0)] {
        let mut session = session();
        let mut broken = bytes_of(&from_terminal(9, command, &[1, 2, 3]));
        broken[28] ^= 1;
        session.receive(&broken, at(1));
        let Some(SessionEvent::Refused(refusal)) = session.poll_event() else { panic!("refused") };
        session.deny(&refusal.header.expect("intact"), NOW).expect("there is room");
        let answers = sent(&mut session);
        assert_eq!(answers.len(), denials);
        assert!(answers.iter().all(|answer| answer.command == Command::DENY && answer.sequence == 9));
        assert_eq!(session.last_heard(), None, "a broken frame is no sign of life");
    }
}

#[test]
fn a_request_is_answered_by_its_number() {
    let mut session = connected();
    let first = session.request(&Request::UitdStatus, at(1), NOW).expect("connected");
    let second = session.request(&Request::DutyCheck { timeout_min: 10 }, at(1), NOW).expect("connected");
    let asked = sent(&mut session);
    assert_eq!(
        asked.iter().map(|f| (f.sequence, f.command.0, f.version)).collect::<Vec<_>>(),
        [(0, 4, (2, 255)), (1, 1, (2, 255))]
    );
    assert_eq!((asked[0].destination.number(), asked[0].source.number()), (7, 88_888));
    let done = from_terminal(1, Command::ACKNOWLEDGE, &[]);
    let status = from_terminal(0, Command::REPLY, &[21, 1, 8, 0, 0, 0, 1, 1, 20]);
    session.receive(&[bytes_of(&done), bytes_of(&status)].concat(), at(2));
    let expected = [
        SessionEvent::Answered { ticket: second, answer: done },
        SessionEvent::Answered { ticket: first, answer: status },
    ];
    assert_eq!(happened(&mut session), expected);
    assert_eq!((session.outstanding(), session.poll_timeout()), (0, None));
}

#[test]
fn silence_is_answered_by_three_resends_and_then_giving_up() {
    let mut session = connected();
    let ticket = session.request(&Request::UitdClock, at(100), NOW).expect("connected");
    let first = sent(&mut session);
    for resend in 1..=3 {
        let due = session.poll_timeout().expect("an answer is awaited");
        assert_eq!(due, at(100 + 10 * resend));
        session.handle_timeout(due - Duration::from_millis(1));
        assert_eq!(sent(&mut session), [], "not a moment too early");
        session.handle_timeout(due);
        assert_eq!(sent(&mut session), first, "the same frame again");
    }
    session.handle_timeout(at(140));
    assert_eq!(happened(&mut session), [SessionEvent::GivenUp { ticket, denied: false }]);
    assert_eq!((sent(&mut session), session.poll_timeout()), (vec![], None));
}

#[test]
fn a_denial_is_answered_by_a_resend_at_once_and_by_giving_up_in_the_end() {
    let mut session = connected();
    let ticket = session.request(&Request::UitdClock, at(0), NOW).expect("connected");
    let first = sent(&mut session);
    for _ in 1..=3 {
        session.receive(&bytes_of(&from_terminal(0, Command::DENY, &[])), at(1));
        assert_eq!(sent(&mut session), first);
    }
    session.receive(&bytes_of(&from_terminal(0, Command::DENY, &[])), at(1));
    assert_eq!(happened(&mut session), [SessionEvent::GivenUp { ticket, denied: true }]);
}

#[test]
fn an_answer_to_nothing_is_handed_on_as_a_frame() {
    let mut session = connected();
    let late = from_terminal(77, Command::REPLY, &[25, 1, 1, 1]);
    session.receive(&bytes_of(&late), at(1));
    assert_eq!(happened(&mut session), [SessionEvent::Frame(late)]);
}

#[test]
fn requests_have_a_limit_and_numbers_in_use_are_passed_over() {
    let mut session = connected();
    for _ in 0..MAX_OUTSTANDING {
        session.request(&Request::UitdClock, at(0), NOW).expect("below the limit");
    }
    assert_eq!(session.request(&Request::UitdClock, at(0), NOW), Err(SendError::Outstanding));
    let numbers: Vec<u16> = sent(&mut session).iter().map(|frame| frame.sequence).collect();
    assert_eq!(numbers, (0..16).collect::<Vec<u16>>());
}

#[test]
fn nothing_is_asked_of_a_terminal_that_has_not_spoken() {
    assert_eq!(session().request(&Request::UitdClock, at(0), NOW), Err(SendError::NoPeer));
}

#[test]
fn a_terminal_that_never_reads_gets_a_bounded_number_of_answers() {
    let mut session = connected();
    let frame = from_terminal(1, Command::SEND, &[]);
    for _ in 0..MAX_TRANSMITS {
        session.acknowledge(&frame, NOW).expect("below the limit");
    }
    assert_eq!(session.acknowledge(&frame, NOW), Err(SendError::Transmits));
}

#[test]
fn a_length_that_waits_for_ever_is_given_up_and_the_swallowed_fire_comes_out() {
    let mut session = connected();
    let mut broken = bytes_of(&from_terminal(2, Command::SEND, &[1, 2, 3]));
    broken[24..26].copy_from_slice(&1000u16.to_le_bytes());
    let fire = from_terminal(3, Command::SEND, &[21, 1, 2, 0, 0, 0, 1, 1, 20]);
    session.receive(&[broken, bytes_of(&fire)].concat(), at(60));
    assert_eq!(happened(&mut session), []);
    assert_eq!(session.poll_timeout(), Some(at(60) + PART_WAIT));
    session.handle_timeout(at(60) + PART_WAIT);
    let events = happened(&mut session);
    let [SessionEvent::Refused(refusal), SessionEvent::Frame(found)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((refusal.error.code(), refusal.header.map(|h| h.sequence), found), ("length", Some(2), &fire));
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_slow_frame_is_not_cut_as_long_as_something_completes() {
    let mut session = connected();
    let bytes = bytes_of(&from_terminal(1, Command::SEND, &[]));
    session.receive(&bytes[..10], at(0));
    session.receive(&[&bytes[10..], &bytes[..10]].concat(), at(4));
    assert_eq!(session.poll_timeout(), Some(at(4) + PART_WAIT));
    session.receive(&bytes[10..], at(8));
    assert_eq!((happened(&mut session).len(), session.poll_timeout()), (2, None));
}

#[test]
fn a_terminal_that_writes_hex_text_is_answered_in_hex_text() {
    let mut session = session();
    let report = from_terminal(5, Command::SEND, &[]);
    session.receive(&hex::encode_text(&bytes_of(&report)), at(1));
    session.acknowledge(&report, NOW).expect("there is room");
    let text = session.poll_transmit().expect("an answer");
    assert_eq!(text, hex::encode_text(&bytes_of(&answer::acknowledge(&report, NOW))));
}

#[test]
fn the_end_of_the_stream_decides_what_is_held() {
    let mut session = connected();
    session.receive(&bytes_of(&from_terminal(1, Command::SEND, &[]))[..12], at(1));
    session.close(at(2));
    let events = happened(&mut session);
    assert!(matches!(&events[..], [SessionEvent::Refused(refusal)] if refusal.length == 12), "{events:?}");
}

#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Session>() <= 512, "{} bytes", size_of::<Session>());
}
