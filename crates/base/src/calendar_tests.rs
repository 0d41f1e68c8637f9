//! Terms over real holidays, both sides of each limit.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const CHINA: Offset = Offset::constant(8);

fn days(name: &str, on: impl IntoIterator<Item = Date>) -> Vec<NamedDay> {
    on.into_iter().map(|on| NamedDay { on, name: name.to_owned() }).collect()
}

fn through(from: Date, last: Date) -> Vec<Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(|day| *day <= last).collect()
}

fn year(year: i16, off: Vec<NamedDay>, makeup: Vec<NamedDay>) -> CalendarYear {
    CalendarYear { year, source: "国务院办公厅通知".to_owned(), off, makeup }
}

/// National Day 2025 and the holidays of 2026 as announced.
pub(crate) fn announced() -> WorkingCalendar {
    let national = days("国庆节", through(date(2025, 10, 1), date(2025, 10, 8)));
    let mut off = days("元旦", through(date(2026, 1, 1), date(2026, 1, 3)));
    off.extend(days("春节", through(date(2026, 2, 15), date(2026, 2, 23))));
    off.extend(days("国庆节", through(date(2026, 10, 1), date(2026, 10, 7))));
    let makeup_2025 = days("国庆节", [date(2025, 9, 28), date(2025, 10, 11)]);
    let mut makeup = days("元旦", [date(2026, 1, 4)]);
    makeup.extend(days("春节", [date(2026, 2, 14), date(2026, 2, 28)]));
    WorkingCalendar::new([year(2025, national, makeup_2025), year(2026, off, makeup)], CHINA)
}

fn at(day: Date, hour: i8) -> Timestamp {
    CHINA.to_timestamp(day.at(hour, 0, 0, 0)).unwrap()
}

/// The last day of a term that begins at ten in the morning, and whether it is provisional.
fn last(from: Date, term: &str) -> (Date, bool) {
    let due = announced().due(at(from, 10), term.parse().unwrap());
    (due.on.unwrap(), due.provisional)
}

#[test]
fn offices_work_on_the_sunday_before_national_day_and_not_in_its_week() {
    let calendar = announced();
    let working = |month, day| calendar.is_working(date(2025, month, day)).working;
    assert_eq!(
        [(9, 27), (9, 28), (9, 30), (10, 1), (10, 8), (10, 9)].map(|(m, d)| working(m, d)),
        [false, true, true, false, false, true]
    );
    assert_eq!([10, 11, 12].map(|day| working(10, day)), [true, true, false]);
    let eighth = calendar.is_working(date(2025, 10, 8));
    assert_eq!((eighth.guess, eighth.name), (false, Some("国庆节")));
}

#[test]
fn a_year_that_nobody_announced_goes_by_the_week_and_says_so() {
    let calendar = announced();
    let monday = calendar.is_working(date(2027, 1, 4));
    assert_eq!(monday, WorkingDay { working: true, guess: true, name: None });
    assert_eq!(calendar.known_until(), Some(date(2026, 12, 31)));
    let none = WorkingCalendar::new([], CHINA);
    assert!(none.known_until().is_none() && none.is_working(date(2026, 10, 1)).guess);
}

#[test]
fn of_two_years_with_one_number_the_later_holds_whole() {
    let (shipped, own) = (days("国庆节", [date(2026, 10, 1)]), days("国庆节", [date(2026, 10, 2)]));
    let calendar = WorkingCalendar::new([year(2026, shipped, vec![]), year(2026, own, vec![])], CHINA);
    assert!(
        calendar.is_working(date(2026, 10, 1)).working && !calendar.is_working(date(2026, 10, 2)).working
    );
}

#[test]
fn working_days_pass_over_the_holiday_and_take_the_worked_weekend() {
    // From Friday 09-26: Sunday 28 is worked, 29, 30, then 10-09, 10-10 and Saturday 10-11.
    let from = date(2025, 9, 26);
    assert_eq!(last(from, "1wd"), (date(2025, 9, 28), false));
    assert_eq!(last(from, "3wd"), (date(2025, 9, 30), false));
    assert_eq!(last(from, "4wd"), (date(2025, 10, 9), false));
    assert_eq!(last(from, "6wd"), (date(2025, 10, 11), false));
    assert_eq!(last(from, "7wd"), (date(2025, 10, 13), false));
    // A term that begins on a holiday begins to count with the first day worked.
    assert_eq!(last(date(2025, 10, 3), "1wd"), (date(2025, 10, 9), false));
}

#[test]
fn calendar_days_run_through_and_only_a_last_day_off_moves() {
    assert_eq!(last(date(2025, 9, 15), "15d"), (date(2025, 9, 30), false));
    assert_eq!(last(date(2025, 9, 16), "15d"), (date(2025, 10, 9), false));
    assert_eq!(last(date(2025, 9, 23), "15d"), (date(2025, 10, 9), false));
    assert_eq!(last(date(2025, 9, 13), "15d"), (date(2025, 9, 28), false));
    assert_eq!(last(date(2026, 1, 31), "15d"), (date(2026, 2, 24), false));
    assert_eq!(last(date(2026, 1, 30), "15d"), (date(2026, 2, 14), false));
}

#[test]
fn a_day_ends_at_its_midnight_in_the_office_and_hours_at_their_instant() {
    let calendar = announced();
    let due = calendar.due(at(date(2025, 9, 29), 23), "1wd".parse().unwrap());
    assert_eq!(due.at, at(date(2025, 10, 1), 0));
    // Half past midnight in the office is still the day before in UTC: the office's day counts.
    let early = CHINA.to_timestamp(date(2025, 9, 29).at(0, 30, 0, 0)).unwrap();
    assert_eq!(calendar.due(early, "1wd".parse().unwrap()).on, Some(date(2025, 9, 30)));
    let hours = calendar.due(at(date(2025, 9, 30), 17), "24h".parse().unwrap());
    assert_eq!(hours, Due { at: at(date(2025, 10, 1), 17), on: None, provisional: false });
    let fixed = calendar.due_on(date(2025, 10, 5));
    assert_eq!((fixed.at, fixed.on), (at(date(2025, 10, 6), 0), Some(date(2025, 10, 5))));
}

#[test]
fn a_deadline_reckoned_beyond_the_known_years_is_provisional() {
    assert_eq!(last(date(2026, 12, 30), "1wd"), (date(2026, 12, 31), false));
    assert_eq!(last(date(2026, 12, 30), "2wd"), (date(2027, 1, 1), true));
    assert_eq!(last(date(2026, 12, 16), "15d"), (date(2026, 12, 31), false));
    assert_eq!(last(date(2026, 12, 17), "15d"), (date(2027, 1, 1), true));
    assert!(!announced().due(at(date(2026, 12, 31), 20), "24h".parse().unwrap()).provisional);
    assert!(!announced().due_on(date(2027, 3, 1)).provisional);
    // What begins before the first known year is counted by a guess as well.
    assert_eq!(last(date(2024, 12, 30), "2wd"), (date(2025, 1, 1), true));
}

#[test]
fn what_must_be_asked_for_before_the_end_has_its_own_last_instant() {
    let calendar = announced();
    let due = calendar.due_on(date(2025, 10, 13));
    let before = |term: &str| calendar.before(&due, term.parse().unwrap());
    assert_eq!(before("1wd"), at(date(2025, 10, 13), 0));
    assert_eq!(before("2wd"), at(date(2025, 10, 11), 0));
    assert_eq!(before("5wd"), at(date(2025, 9, 30), 0));
    assert_eq!(before("3d"), at(date(2025, 10, 11), 0));
    assert_eq!(before("24h"), at(date(2025, 10, 13), 0));
}

#[test]
fn the_ends_of_time_are_met_without_a_fall() {
    let calendar = announced();
    let term: Term = "3660wd".parse().unwrap();
    assert_eq!(calendar.due(Timestamp::MAX, term).on, Some(Date::MAX));
    assert_eq!(calendar.due_on(Date::MAX).at, Timestamp::MAX);
    let first = calendar.due_on(Date::MIN);
    assert!(calendar.before(&first, term) <= first.at);
    assert!(calendar.working_days_between(Date::MIN, Date::MAX) > 5_000_000);
}

fn any_day() -> impl Strategy<Value = Date> {
    (0..1_100_i64).prop_map(|n| date(2024, 12, 1).saturating_add(n.days()))
}

fn any_unit() -> impl Strategy<Value = TermUnit> {
    prop_oneof![Just(TermUnit::Hours), Just(TermUnit::Days), Just(TermUnit::WorkingDays)]
}

proptest! {
    #[test]
    fn a_longer_term_never_ends_earlier(day in any_day(), unit in any_unit(), amount in 1..400_u32) {
        let calendar = announced();
        let due = |n| calendar.due(at(day, 9), Term::new(n, unit).unwrap()).at;
        prop_assert!(due(amount) <= due(amount + 1) && at(day, 9) < due(amount));
    }

    #[test]
    fn so_many_working_days_hold_so_many_working_days(day in any_day(), amount in 1..300_u32) {
        let calendar = announced();
        let last = calendar.due(at(day, 9), Term::new(amount, TermUnit::WorkingDays).unwrap()).on.unwrap();
        let worked = through(next(day), last).into_iter().filter(|d| calendar.is_working(*d).working).count();
        prop_assert_eq!(worked, amount as usize);
        prop_assert_eq!(calendar.working_days_between(day, last), amount);
        prop_assert!(calendar.is_working(last).working);
    }

    #[test]
    fn a_term_that_begins_before_its_last_instant_still_fits(
        day in any_day(), end in any_day(), unit in prop_oneof![Just(TermUnit::Hours), Just(TermUnit::WorkingDays)],
        amount in 1..60_u32, hour in 0..24_i8,
    ) {
        let (calendar, term) = (announced(), Term::new(amount, unit).unwrap());
        let due = calendar.due_on(end);
        let (from, before) = (at(day, hour), calendar.before(&due, term));
        let fits = calendar.due(from, term).at <= due.at;
        prop_assert_eq!(fits, if unit == TermUnit::Hours { from <= before } else { from < before });
    }
}
