//! The working calendar of a site: a year that is announced in November, a year that is mended, and what stays
//! provisional until then.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::Fault;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, instant};
use fengsui_base::{CalendarYear, NamedDay, Refusal};

fn day(on: &str, name: &str) -> NamedDay {
    NamedDay { on: on.parse().unwrap(), name: name.to_owned() }
}

/// 2027 as it might be announced: three days off, the Sunday before worked.
fn announced() -> CalendarYear {
    CalendarYear {
        year: 2027,
        source: "国务院办公厅关于 2027 年部分节假日安排的通知".to_owned(),
        off: vec![day("2027-01-02", "元旦"), day("2027-01-01", " 元旦 "), day("2027-01-04", "元旦")],
        makeup: vec![day("2027-01-10", "元旦")],
    }
}

/// The last day of five working days from 2026-12-30, and whether it is provisional.
fn five_days(desk: &Desk) -> (String, bool) {
    let due = desk.app.calendar().due(instant("2026-12-30T02:00:00Z"), "5wd".parse().unwrap());
    (due.on.unwrap().to_string(), due.provisional)
}

fn code(refused: Result<impl Sized, Fault>) -> String {
    places(refused).0
}

fn places(refused: Result<impl Sized, Fault>) -> (String, Vec<String>) {
    let Err(fault) = refused else { return ("stored".to_owned(), vec![]) };
    let Refusal { code, places, .. } = fault.refusal();
    (code.into_owned(), places.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect())
}

#[tokio::test]
async fn the_year_that_is_announced_ends_what_was_provisional_and_outlives_a_restart() {
    on_each_store(async |desk| {
        desk.employ("admin1", "管理员", "system_admin", COUNTY).await;
        let admin = desk.sign_in("admin1").await;
        assert_eq!(five_days(&desk), ("2027-01-06".to_owned(), true));
        assert_eq!(code(desk.app.calendar_year(2027)), "calendar.unknown_year");
        let before = desk.head().await;
        let year = desk.app.set_calendar_year(&admin.grant, announced(), 0).await.unwrap();
        assert_eq!((year.version, year.entry.is_some()), (1, true));
        let days: Vec<_> = year.year.off.iter().map(|d| format!("{} {}", d.on, d.name)).collect();
        assert_eq!(days, ["2027-01-01 元旦", "2027-01-02 元旦", "2027-01-04 元旦"]);
        assert_eq!(five_days(&desk), ("2027-01-08".to_owned(), false));
        assert_eq!(
            desk.sentences_since(before).await,
            ["管理员：添加 2027 年放假安排：放假 3 天、调休上班 1 天，依据：国务院办公厅关于 2027 年部分节假日安排的通知"]
        );
        let desk = desk.restart().await;
        assert_eq!(five_days(&desk), ("2027-01-08".to_owned(), false));
        assert_eq!(desk.app.calendar_years()[0].year.year, 2027);
        assert_eq!(desk.app.calendar_years().len(), 24);
    })
    .await;
}

#[tokio::test]
async fn a_shipped_year_that_is_mended_holds_as_the_site_wrote_it() {
    let desk = in_memory().await;
    desk.employ("admin1", "管理员", "system_admin", COUNTY).await;
    let admin = desk.sign_in("admin1").await;
    let mut year = desk.app.calendar_year(2026).unwrap().year.clone();
    year.makeup.push(day("2026-12-27", "元旦"));
    year.off.retain(|day| day.on.to_string() != "2026-10-07");
    year.off.push(day("2026-12-31", "元旦"));
    let before = desk.head().await;
    desk.app.set_calendar_year(&admin.grant, year.clone(), 0).await.unwrap();
    let said = desk.sentences_since(before).await;
    let days = "10-07 改为照常、12-27 改为调休上班、12-31 改为放假；";
    assert!(said[0].starts_with(&format!("管理员：修改 2026 年放假安排：{days}")), "{said:?}");
    let works = |on: &str| desk.app.calendar().is_working(on.parse().unwrap()).working;
    assert!(works("2026-12-27") && !works("2026-12-31") && works("2026-10-07"));
    // Whoever read the year before the other's change is told so, and nothing is overwritten.
    assert_eq!(code(desk.app.set_calendar_year(&admin.grant, year.clone(), 0).await), "version.stale");
    let again = desk.app.set_calendar_year(&admin.grant, year, 1).await.unwrap();
    assert_eq!((again.version, desk.count("calendar_year").await), (2, 1));
}

#[tokio::test]
async fn two_who_add_the_same_year_at_once_make_one() {
    let desk = in_memory().await;
    desk.employ("admin1", "管理员", "system_admin", COUNTY).await;
    let admin = desk.sign_in("admin1").await;
    let one = desk.app.set_calendar_year(&admin.grant, announced(), 0);
    let other = desk.app.set_calendar_year(&admin.grant, announced(), 0);
    let (one, other) = tokio::join!(one, other);
    let mut codes = [code(one), code(other)];
    codes.sort();
    assert_eq!((codes, desk.count("calendar_year").await), (["stored".into(), "version.stale".into()], 1));
}

#[tokio::test]
async fn what_is_no_year_or_not_for_this_person_is_refused() {
    let desk = in_memory().await;
    for (login, post, region) in [
        ("admin1", "system_admin", COUNTY),
        ("admin2", "system_admin", NEIGHBOUR),
        ("zhou1", "duty_officer", COUNTY),
    ] {
        desk.employ(login, "某人", post, region).await;
    }
    let admin = desk.sign_in("admin1").await;
    let mut wrong = announced();
    wrong.makeup = vec![day("2027-01-05", "元旦"), day("2027-01-01", "元旦")];
    let expected = ["/makeup/0 calendar.twice", "/makeup/1 calendar.weekday"].map(str::to_owned).to_vec();
    let refused = desk.app.set_calendar_year(&admin.grant, wrong, 0).await;
    assert_eq!(places(refused), ("input.invalid".to_owned(), expected));
    let moved = |year: i16| CalendarYear {
        year,
        off: vec![NamedDay { on: jiff::civil::date(year, 1, 1), name: "元旦".to_owned() }],
        makeup: vec![],
        ..announced()
    };
    for (year, gets) in [(2028, "input.invalid"), (2002, "input.invalid"), (2003, "stored"), (2027, "stored")]
    {
        assert_eq!(code(desk.app.set_calendar_year(&admin.grant, moved(year), 0).await), gets, "{year}");
    }
    for (login, gets) in [("zhou1", "access.denied"), ("admin2", "not_found")] {
        let person = desk.sign_in(login).await;
        assert_eq!(code(desk.app.set_calendar_year(&person.grant, announced(), 1).await), gets, "{login}");
    }
}
