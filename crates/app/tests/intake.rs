//! What devices report, decided against what is known: order of states, clocks that are wrong, frames that
//! were kept, and terminals nobody knows.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use fengsui_alarm::{Condition, Conditions, Timing};
use fengsui_app::{
    App, Arrival, Clock, Entropy, Node, OpenAlarm, Operation, Receipt, Report, ReportBody, Setup,
};
use fengsui_base::{Level, Scope, Timestamp};
use fengsui_catalog::Catalog;
use fengsui_store::{Lease, MemoryStore, Part, StateKey, Store};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const FIRE: &[Condition] = &[Condition::Fire];
const NORMAL: &[Condition] = &[];

#[tokio::test]
async fn a_state_from_the_future_is_not_the_newest_for_ever() {
    let site = Site::open().await;
    site.says("06:00:00", "06:00:00", state("2036-01-01T00:00:00Z", FIRE)).await;
    assert_eq!((site.alarm().alarm.raise.timing, site.alarm().alarm.rings()), (Timing::Skewed, false));
    site.says("06:01:00", "06:01:00", state("2026-11-21T06:01:00Z", NORMAL)).await;
    assert!(site.alarm().alarm.restored_at.is_some(), "the restore is newer than a time that cannot be");
    assert!(site.known().conditions().is_empty());
}

#[tokio::test]
async fn a_message_with_an_identity_is_one_for_three_hours_although_its_fire_was_over_meanwhile() {
    let site = Site::open().await;
    let push = |received: &str| Arrival {
        message: Some("m1".to_owned()),
        ..arrival(1, received, "2026-11-21T06:00:00Z", vec![state("2026-11-21T06:00:00Z", FIRE)])
    };
    assert!(matches!(site.app.take_in(push("2026-11-21T06:00:00Z")).await, Ok(Receipt::Stored(_))));
    site.says("06:01:00", "06:01:00", state("2026-11-21T06:01:00Z", NORMAL)).await;
    assert!(matches!(site.app.take_in(push("2026-11-21T08:45:00Z")).await, Ok(Receipt::Repeated)));
    assert!(site.alarm().alarm.restored_at.is_some());
}

#[tokio::test]
async fn a_minute_ahead_is_the_terminals_own_time() {
    let site = Site::open().await;
    site.says("06:00:00", "06:00:00", state("2026-11-21T06:01:00Z", FIRE)).await;
    site.says("06:00:30", "06:00:30", state("2026-11-21T06:00:59Z", NORMAL)).await;
    assert!(site.alarm().alarm.restored_at.is_none(), "the limit itself is still its own time");
}

#[tokio::test]
async fn a_clock_that_is_set_right_by_minutes_hides_neither_the_restore_nor_the_next_fire() {
    let site = Site::open().await;
    site.says("06:00:00", "06:09:00", state("2026-11-21T06:09:00Z", FIRE)).await;
    let restore = site.says("06:02:00", "06:02:00", state("2026-11-21T06:02:00Z", NORMAL)).await;
    assert!(matches!(restore, Receipt::Stored(_)), "what differs is kept before it is acknowledged");
    assert!(site.alarm().alarm.restored_at.is_some());
}

#[tokio::test]
async fn a_late_fire_that_nobody_took_rings_when_the_point_reports_it_live() {
    let site = Site::open().await;
    site.beats("06:00:00", "06:00:00").await;
    site.says("06:00:10", "02:00:01", state("2026-11-21T02:00:00Z", FIRE)).await;
    assert!(!site.alarm().alarm.rings());
    site.says("06:05:00", "06:05:00", state("2026-11-21T06:05:00Z", FIRE)).await;
    assert!(site.alarm().alarm.rings());
}

#[tokio::test]
async fn on_a_nearly_full_disk_a_fire_is_stored_even_from_a_stranger_and_a_fault_waits_unanswered() {
    let site = Site::open().await;
    site.app.keep_room_for_urgent(true);
    let frame = |sequence, conditions: &[Condition]| {
        let at = "2026-11-21T06:00:00Z";
        arrival(sequence, at, at, vec![state(at, conditions)])
    };
    let waits = site.app.take_in(frame(1, &[Condition::Fault])).await.unwrap_err();
    assert!(waits.to_string().contains("留给火警"), "{waits}");
    assert!(matches!(site.app.take_in(frame(2, FIRE)).await.unwrap(), Receipt::Stored(_)));
    assert!(site.alarm().alarm.rings());
    site.app.keep_room_for_urgent(false);
    assert!(matches!(site.app.take_in(frame(3, NORMAL)).await.unwrap(), Receipt::Stored(_)));
}

#[tokio::test]
async fn a_fire_and_its_restore_in_one_frame_leave_a_restored_alarm() {
    let site = Site::open().await;
    let both = vec![state("2026-11-21T06:00:00Z", FIRE), state("2026-11-21T06:00:05Z", NORMAL)];
    site.take("06:00:10", "2026-11-21T06:00:10Z", both).await;
    let alarm = site.alarm();
    assert!(alarm.alarm.restored_at.is_some() && alarm.alarm.rings());
    assert_eq!(alarm.entry.version, 1, "one frame writes an alarm once");
}

#[tokio::test]
async fn the_same_bytes_of_a_terminal_whose_clock_stands_still_raise_a_second_alarm_after_the_first_is_over()
{
    let site = Site::open().await;
    let still = "2000-01-01T00:00:00Z";
    let fire = || vec![state(still, FIRE)];
    for (at, reports) in
        [("06:00:00", fire()), ("06:00:20", vec![state(still, NORMAL)]), ("06:00:40", fire())]
    {
        let same_number = arrival(7, &format!("2026-11-21T{at}Z"), still, reports);
        site.app.take_in(same_number).await.unwrap();
    }
    assert_eq!(site.alarm().alarm.count, 2, "the second fire is heard, not taken for a resend");
    assert!(site.alarm().alarm.restored_at.is_none());
}

#[tokio::test]
async fn after_a_clock_fell_back_to_its_first_day_fires_ring_and_restores_count() {
    let site = Site::open().await;
    site.beats("06:00:00", "06:00:00").await;
    site.says("06:00:30", "06:00:30", state("2026-11-21T06:00:30Z", NORMAL)).await;
    site.take("06:05:00", "2000-01-01T00:00:06Z", vec![state("2000-01-01T00:00:05Z", FIRE)]).await;
    assert!(site.alarm().alarm.rings());
    site.take("06:06:00", "2000-01-01T00:01:06Z", vec![state("2000-01-01T00:01:05Z", NORMAL)]).await;
    assert!(site.alarm().alarm.restored_at.is_some());
}

#[tokio::test]
async fn a_clock_set_wrong_by_hours_is_noticed_by_the_next_heartbeat_and_fires_ring_again() {
    let site = Site::open().await;
    site.beats("06:00:00", "06:00:00").await;
    site.beats("14:00:00", "06:00:01").await;
    site.says("14:00:10", "06:00:11", state("2026-11-21T06:00:11Z", FIRE)).await;
    assert!(site.alarm().alarm.rings());
}

#[tokio::test]
async fn a_terminal_without_heartbeats_whose_clock_was_set_wrong_is_silent_for_one_minute_at_most() {
    let site = Site::open().await;
    site.says("14:00:00", "14:00:00", state_of(1, "2026-11-21T14:00:00Z", NORMAL)).await;
    site.says("14:01:00", "06:01:00", state_of(2, "2026-11-21T06:01:00Z", FIRE)).await;
    site.says("14:01:59", "06:01:59", state_of(3, "2026-11-21T06:01:59Z", FIRE)).await;
    site.says("14:02:00", "06:02:00", state_of(4, "2026-11-21T06:02:00Z", FIRE)).await;
    let rings: Vec<_> = site.alarms().iter().map(|a| a.alarm.rings()).collect();
    assert_eq!(rings, [false, false, true], "the delay of a kept frame varies, that of a wrong clock stays");
}

#[tokio::test]
async fn a_frame_kept_for_hours_is_late_and_says_nothing_about_the_clock() {
    let site = Site::open().await;
    site.beats("06:00:00", "06:00:00").await;
    for point in 1..=2 {
        let kept = state_of(point, "2026-11-21T02:00:00Z", FIRE);
        site.says("06:00:10", "02:00:01", kept).await;
    }
    let timings: Vec<_> = site.alarms().iter().map(|a| a.alarm.raise.timing).collect();
    assert_eq!(timings, [Timing::Late, Timing::Late]);
}

#[tokio::test]
async fn what_is_said_to_be_over_is_taken_from_what_is_known() {
    let site = Site::open().await;
    let both = &[Condition::Fire, Condition::Fault];
    site.says("06:00:00", "06:00:00", state("2026-11-21T06:00:00Z", both)).await;
    site.says("06:01:00", "06:01:00", over(state("2026-11-21T06:01:00Z", FIRE))).await;
    assert_eq!(site.known().conditions().iter().collect::<Vec<_>>(), [Condition::Fault]);
    site.says("06:02:00", "06:02:00", over(state("2026-11-21T06:02:00Z", NORMAL))).await;
    assert!(site.known().conditions().is_empty());
    assert!(site.alarms().iter().all(|a| a.alarm.restored_at.is_some()));
}

#[tokio::test]
async fn a_reset_by_a_clock_that_fell_back_still_ends_the_fire() {
    let site = Site::open().await;
    site.says("06:00:00", "06:00:00", state("2026-11-21T06:00:00Z", FIRE)).await;
    let body =
        ReportBody::Operation { system: Some((1, 1)), operations: vec![Operation::Reset], operator: 1 };
    let reset = Report { event_at: Some("2000-01-01T00:00:05Z".parse().unwrap()), body };
    site.take("06:05:00", "2000-01-01T00:00:06Z", vec![reset]).await;
    assert!(site.alarm().alarm.restored_at.is_some());
}

#[tokio::test]
async fn of_values_the_newest_is_known_at_once() {
    let site = Site::open().await;
    let key = StateKey { part: Part::Value, analog_type: 3, ..key(1) };
    let value = |at: &str, raw| Report {
        event_at: Some(at.parse().unwrap()),
        body: ReportBody::Value { key, component_type: 30, raw },
    };
    site.beats("06:00:00", "06:00:00").await;
    site.says("06:00:00", "06:00:00", value("2026-11-21T06:00:00Z", 250)).await;
    assert_eq!(site.known().state(key).unwrap().bits, 250);
    assert_eq!(site.says("06:01:00", "06:01:00", value("2026-11-21T06:01:00Z", 260)).await, Receipt::Heard);
    assert_eq!(site.says("06:02:00", "06:02:00", value("2026-11-21T05:00:00Z", 99)).await, Receipt::Heard);
    assert_eq!(site.known().state(key).unwrap().bits, 260);
}

#[tokio::test]
async fn two_first_words_of_a_terminal_at_the_same_moment_make_one_terminal() {
    let site = Site::open().await;
    let at = "2026-11-21T06:00:00Z";
    let beats: Vec<_> = (0..20).map(|n| site.app.take_in(arrival(n, at, at, vec![]))).collect();
    for receipt in futures_all(beats).await {
        assert!(receipt.is_ok(), "{receipt:?}");
    }
    assert_eq!(site.app.board().terminals(&Scope::everything()).len(), 1);
}

/// Runs all at once, on this task.
async fn futures_all<F: Future>(all: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.into_iter().map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in all.iter_mut().filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(done) = future.as_mut().poll(context) {
                *output = Some(done);
            }
        }
        if all.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    all.into_iter().filter_map(|(_, output)| output).collect()
}

struct Site {
    app: Arc<App>,
    sequence: AtomicU64,
}

impl Site {
    async fn open() -> Self {
        let (store, clock) = (
            Arc::new(MemoryStore::new()),
            Arc::new(HandClock(Mutex::new("2026-11-21T06:00:00Z".parse().unwrap()))),
        );
        let lease =
            store.claim_lease("试验节点", None, clock.now(), Duration::from_secs(3_600)).await.unwrap();
        let Lease::Held { epoch, .. } = lease else { panic!("the store is new") };
        let node = Node {
            name: "试验节点".to_owned(),
            office: "试验单位".to_owned(),
            region: "990101000000".parse().unwrap(),
            region_name: "云岫县".to_owned(),
            level: Level::County,
            seats: 3,
            demonstration: false,
            spool: false,
            waits: Default::default(),
            filters: Default::default(),
            duty: Default::default(),
            readings: Default::default(),
            lines: Default::default(),
            keeping: Default::default(),
            reminders: true,
            version: "0".to_owned(),
        };
        let setup =
            Setup { store, epoch, catalog: catalog(), clock, entropy: Arc::new(Counting::default()), node };
        Self { app: App::start(setup).await.unwrap(), sequence: AtomicU64::new(0) }
    }

    /// One report, received and sent at these times of the day.
    async fn says(&self, received: &str, sent: &str, report: Report) -> Receipt {
        self.take(received, &format!("2026-11-21T{sent}Z"), vec![report]).await
    }

    async fn beats(&self, received: &str, sent: &str) {
        self.take(received, &format!("2026-11-21T{sent}Z"), vec![]).await;
    }

    async fn take(&self, received: &str, sent: &str, reports: Vec<Report>) -> Receipt {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        let received = format!("2026-11-21T{received}Z");
        self.app.take_in(arrival(sequence, &received, sent, reports)).await.unwrap()
    }

    fn alarms(&self) -> Vec<Arc<OpenAlarm>> {
        self.app.board().open_alarms(&Scope::everything())
    }

    fn alarm(&self) -> Arc<OpenAlarm> {
        let fires = self.alarms();
        assert_eq!(fires.len(), 1);
        fires[0].clone()
    }

    fn known(&self) -> Arc<fengsui_app::KnownTerminal> {
        self.app.board().terminal_at("889").unwrap()
    }
}

fn arrival(sequence: u64, received: &str, sent: &str, reports: Vec<Report>) -> Arrival {
    Arrival {
        source: "889".to_owned(),
        channel: "tcp 192.0.2.7:40123".to_owned(),
        profile: "gb26875".to_owned(),
        sequence: u16::try_from(sequence).unwrap(),
        command: 2,
        unit_type: Some(2),
        sent_at: Some(sent.parse().unwrap()),
        received_at: received.parse().unwrap(),
        digest: sequence,
        message: None,
        bytes: vec![0x40, 0x40],
        reports,
    }
}

fn key(point: u32) -> StateKey {
    StateKey {
        part: Part::Component,
        system_type: 1,
        system_address: 1,
        component_address: point,
        analog_type: 0,
    }
}

fn state(at: &str, conditions: &[Condition]) -> Report {
    state_of(1, at, conditions)
}

fn state_of(point: u32, at: &str, conditions: &[Condition]) -> Report {
    let conditions: Conditions = conditions.iter().copied().collect();
    let body = ReportBody::State {
        key: key(point),
        conditions,
        over: false,
        component_type: 40,
        component_label: "感烟火灾探测器".to_owned(),
        part_label: format!("10 区 {point} 号"),
        text: String::new(),
    };
    Report { event_at: Some(at.parse().unwrap()), body }
}

fn over(mut report: Report) -> Report {
    if let ReportBody::State { over, .. } = &mut report.body {
        *over = true;
    }
    report
}

fn catalog() -> Catalog {
    let files = [
        ("alarm.toml", include_str!("../../../catalog/alarm.toml")),
        ("office.toml", include_str!("../../../catalog/office.toml")),
        ("posts.toml", include_str!("../../../catalog/posts.toml")),
        ("unit.toml", include_str!("../../../catalog/unit.toml")),
    ];
    Catalog::load(&files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Distinct bytes each time.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        buffer.iter_mut().rev().zip(count.iter().rev()).for_each(|(to, from)| *to = *from);
    }
}
