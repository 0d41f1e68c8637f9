//! How deadlines stand and read, on both sides of each limit.

use super::*;
use crate::{CalendarYear, NamedDay, Term};
use jiff::civil::date;
use jiff::tz::Offset;

const CHINA: Offset = Offset::constant(8);

/// National Day 2025: 09-28 is a worked Sunday, 10-01 to 10-08 are off, 10-11 is a worked Saturday.
fn calendar() -> WorkingCalendar {
    let named = |on| NamedDay { on, name: "国庆节".to_owned() };
    let off = (1..=8).map(|day| named(date(2025, 10, day))).collect();
    let makeup = vec![named(date(2025, 9, 28)), named(date(2025, 10, 11))];
    WorkingCalendar::new([CalendarYear { year: 2025, source: "通知".to_owned(), off, makeup }], CHINA)
}

fn at(month: i8, day: i8, hour: i8) -> Timestamp {
    CHINA.to_timestamp(date(2025, month, day).at(hour, 0, 0, 0)).unwrap()
}

fn began(started_at: Timestamp, term: &str) -> Deadline {
    let term: Term = term.parse().unwrap();
    Deadline { started_at, due: calendar().due(started_at, term), unit: term.unit(), closed_at: None }
}

fn reads(deadline: &Deadline, now: Timestamp) -> (DeadlineStanding, String) {
    (deadline.standing(now, &calendar()), deadline.words(now, &calendar()))
}

fn closed(deadline: &Deadline, closed_at: Timestamp) -> (DeadlineStanding, String) {
    reads(&Deadline { closed_at: Some(closed_at), ..*deadline }, at(12, 1, 0))
}

use DeadlineStanding::{DueSoon, Met, MetLate, Overdue, Running};

#[test]
fn working_days_are_left_and_over_in_working_days() {
    // Five working days from Friday 09-26 end with 10-10.
    let order = began(at(9, 26, 10), "5wd");
    assert_eq!(reads(&order, at(9, 26, 10)), (Running, "剩 5 个工作日".to_owned()));
    assert_eq!(reads(&order, at(9, 30, 23)), (Running, "剩 2 个工作日".to_owned()));
    // The holiday is not counted; of its last two working days none has begun, and yet they are all that is left.
    assert_eq!(reads(&order, at(10, 1, 0)), (DueSoon, "剩 2 个工作日".to_owned()));
    assert_eq!(reads(&order, at(10, 9, 8)), (DueSoon, "剩 1 个工作日".to_owned()));
    assert_eq!(reads(&order, at(10, 10, 23)), (DueSoon, "今天到期".to_owned()));
    assert_eq!(reads(&order, at(10, 11, 0)), (Overdue, "逾期 1 个工作日".to_owned()));
    assert_eq!(reads(&order, at(10, 12, 9)), (Overdue, "逾期 1 个工作日".to_owned()));
    assert_eq!(reads(&order, at(10, 14, 9)), (Overdue, "逾期 3 个工作日".to_owned()));
}

#[test]
fn a_weekend_after_the_last_day_is_late_in_days() {
    let order = began(at(10, 16, 9), "1wd");
    assert_eq!(reads(&order, at(10, 18, 9)), (Overdue, "逾期 1 天".to_owned()));
    assert_eq!(reads(&order, at(10, 20, 9)), (Overdue, "逾期 1 个工作日".to_owned()));
}

#[test]
fn calendar_days_are_left_and_over_in_days() {
    let order = began(at(9, 13, 10), "15d");
    assert_eq!(reads(&order, at(9, 25, 23)), (Running, "剩 3 天".to_owned()));
    // The last day is the worked Sunday: Friday and it are the last two working days.
    assert_eq!(reads(&order, at(9, 26, 0)), (DueSoon, "剩 2 天".to_owned()));
    assert_eq!(reads(&order, at(9, 28, 23)), (DueSoon, "今天到期".to_owned()));
    assert_eq!(reads(&order, at(9, 29, 0)), (Overdue, "逾期 1 天".to_owned()));
    assert_eq!(reads(&order, at(10, 2, 0)), (Overdue, "逾期 4 天".to_owned()));
}

#[test]
fn hours_are_near_in_their_last_fifth_and_end_at_the_instant() {
    let call = began(at(10, 1, 0), "10h");
    assert_eq!(reads(&call, at(10, 1, 7)), (Running, "剩 3 小时".to_owned()));
    assert_eq!(reads(&call, at(10, 1, 8)), (DueSoon, "剩 2 小时".to_owned()));
    let half = at(10, 1, 9) + SignedDuration::from_mins(30);
    assert_eq!(reads(&call, half), (DueSoon, "剩 30 分钟".to_owned()));
    assert_eq!(reads(&call, at(10, 1, 10)), (Overdue, "刚逾期".to_owned()));
    assert_eq!(reads(&call, at(10, 4, 9)), (Overdue, "逾期 71 小时".to_owned()));
    assert_eq!(reads(&call, at(10, 4, 10)), (Overdue, "逾期 3 天".to_owned()));
}

#[test]
fn what_is_done_keeps_how_early_or_late_it_was() {
    let order = began(at(9, 15, 10), "15d");
    assert_eq!(closed(&order, at(9, 28, 9)), (Met, "提前 2 天".to_owned()));
    assert_eq!(closed(&order, at(9, 30, 23)), (Met, "按期办结".to_owned()));
    assert_eq!(closed(&order, at(10, 1, 0)), (MetLate, "迟 1 天办结".to_owned()));
    let call = began(at(10, 1, 0), "10h");
    assert_eq!(closed(&call, at(10, 1, 13)), (MetLate, "迟 3 小时办结".to_owned()));
    assert_eq!(closed(&call, at(10, 1, 10)), (MetLate, "迟办结".to_owned()));
}

#[test]
fn a_provisional_deadline_says_so_until_it_is_closed() {
    let order = began(at(12, 30, 9), "3wd");
    assert_eq!(reads(&order, at(12, 30, 10)), (Running, "剩 3 个工作日（暂定）".to_owned()));
    assert_eq!(closed(&order, at(12, 30, 11)), (Met, "提前 3 个工作日".to_owned()));
}
