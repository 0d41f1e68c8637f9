//! Duty checks (查岗) from the question to the score, on the desk.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{DutyState, LATE_WITHIN_S};
use fengsui_app::kit::{Desk, NEIGHBOUR, TOWN};
use fengsui_app::{
    DUTY_UNITS_MAX, DutyFilter, Ending, Fault, LINE_WAIT_S, OpenDutyCheck, Operation, PastCheck, Reach,
    Report, ReportBody, SignedIn,
};
use fengsui_base::{Refusal, UnitId};

/// Minutes that people have to answer.
const MINUTES: u8 = 5;

async fn ask(desk: &Desk, by: &SignedIn, unit: UnitId) -> Result<OpenDutyCheck, Refusal> {
    let mut started = desk.app.start_duty_checks(&by.grant, &[unit], MINUTES, None).await.unwrap();
    started.remove(0).outcome.map(|entry| OpenDutyCheck::of(&entry).unwrap())
}

/// The terminal confirms that it rings, or not.
async fn deliver(desk: &Desk, ending: Ending) {
    for errand in desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap() {
        desk.app.end_errand(errand.id, ending.clone(), 1).await.unwrap();
    }
}

fn confirmed() -> Ending {
    Ending::Answered { words: "终端已确认".to_owned(), raw: vec![0x40, 0x40] }
}

/// Somebody presses the key.
async fn press(desk: &Desk) {
    let body = ReportBody::Operation { system: None, operations: vec![Operation::DutyAnswer], operator: 3 };
    let report = Report { event_at: Some(desk.app.now()), body };
    desk.hears("889", vec![report]).await.unwrap();
}

async fn last(desk: &Desk, by: &SignedIn) -> OpenDutyCheck {
    let filter = DutyFilter { limit: 1, ..DutyFilter::default() };
    let (page, _) = desk.app.duty_checks(&by.grant, filter).await.unwrap();
    OpenDutyCheck::of(&page.items[0]).unwrap()
}

async fn place(desk: &Desk) -> (SignedIn, UnitId) {
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
    (zhou, unit)
}

async fn missed(desk: &Desk, by: &SignedIn, unit: UnitId) {
    ask(desk, by, unit).await.unwrap();
    deliver(desk, confirmed()).await;
    desk.clock.pass_s(60 * i64::from(MINUTES));
    assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 1);
}

#[tokio::test]
async fn a_check_rings_is_answered_and_counts_with_its_seconds() {
    on_each_store(async |desk| {
        let (zhou, unit) = place(&desk).await;
        let before = desk.head().await;
        ask(&desk, &zhou, unit).await.unwrap();
        deliver(&desk, confirmed()).await;
        assert_eq!(last(&desk, &zhou).await.state, DutyState::Asked);
        desk.clock.pass_s(42);
        press(&desk).await;
        let said = desk.sentences_since(before).await;
        assert!(said.contains(&"周敏：查岗 云岫纺织，5 分钟内应答".to_owned()), "{said:?}");
        assert!(said.contains(&"终端：云岫纺织 查岗按时应答，用时 42 秒".to_owned()), "{said:?}");
        let month = desk.app.duty_scores(&zhou.grant, "2026-11-21".parse().unwrap()).await.unwrap();
        assert_eq!(
            (month.total.share_percent(), month.total.mean_s(), month.units.len()),
            (Some(100), Some(42), 1)
        );
        assert_eq!(month.months.last().unwrap().1.on_time, 1, "the month's tally says the same");
        desk.clock.pass_s(3_600);
        assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_check_made_between_two_microseconds_is_answered_like_any_other() {
    on_each_store(async |desk| {
        let (zhou, unit) = place(&desk).await;
        desk.clock.pass_ns(775_406_410);
        ask(&desk, &zhou, unit).await.unwrap();
        deliver(&desk, confirmed()).await;
        desk.clock.pass_s(9);
        press(&desk).await;
        assert_eq!(last(&desk, &zhou).await.state, DutyState::OnTime);
    })
    .await;
}

#[tokio::test]
async fn one_check_at_a_time_and_a_new_one_once_it_is_over() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    ask(&desk, &zhou, unit).await.unwrap();
    assert_eq!(ask(&desk, &zhou, unit).await.unwrap_err().code, "duty_check.running");
    deliver(&desk, confirmed()).await;
    desk.clock.pass_s(60 * i64::from(MINUTES) - 1);
    assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 0);
    desk.clock.pass_s(1);
    assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 1);
    assert_eq!(last(&desk, &zhou).await.state, DutyState::Missed);
    ask(&desk, &zhou, unit).await.unwrap();
}

#[tokio::test]
async fn who_comes_back_from_the_round_is_late_and_after_an_hour_no_answer_belongs_to_it() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    missed(&desk, &zhou, unit).await;
    desk.clock.pass_s(LATE_WITHIN_S);
    press(&desk).await;
    assert_eq!(last(&desk, &zhou).await.state, DutyState::Late);
    missed(&desk, &zhou, unit).await;
    desk.clock.pass_s(LATE_WITHIN_S + 1);
    press(&desk).await;
    assert_eq!(last(&desk, &zhou).await.state, DutyState::Missed);
}

#[tokio::test]
async fn a_terminal_without_a_line_is_nobodys_fault() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    ask(&desk, &zhou, unit).await.unwrap();
    desk.clock.pass_s(LINE_WAIT_S);
    desk.app.reconcile_downlinks(|_| Reach::Cut, 9).await.unwrap();
    let open = last(&desk, &zhou).await;
    assert_eq!(
        (open.state, open.check.reason.as_deref()),
        (DutyState::Unreachable, Some("终端没有连接，没有发出"))
    );
    let month = desk.app.duty_scores(&zhou.grant, "2026-11-21".parse().unwrap()).await.unwrap();
    assert_eq!((month.total.counted(), month.total.unreachable), (0, 1));
    ask(&desk, &zhou, unit).await.unwrap();
    deliver(&desk, Ending::Denied).await;
    assert_eq!(last(&desk, &zhou).await.state, DutyState::Unreachable);
}

#[tokio::test]
async fn the_second_miss_in_a_row_is_told_to_the_manager_and_the_third_is_not() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register_home("云岫纺织", "889", &[("消防安全管理人", "沈会", "13900001111")]).await;
    let unit = desk.app.board().terminal_at("889").unwrap().facts().unit.clone().unwrap().0;
    let mut told = Vec::new();
    for _ in 0..4 {
        let before = desk.head().await;
        missed(&desk, &zhou, unit).await;
        let said = desk.sentences_since(before).await;
        told.push(said.iter().filter(|s| s.contains("发消息") && s.contains("连续")).count());
    }
    assert_eq!(told, [0, 1, 0, 1]);
}

#[tokio::test]
async fn a_check_goes_on_over_a_restart() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    ask(&desk, &zhou, unit).await.unwrap();
    deliver(&desk, confirmed()).await;
    let desk = desk.restart().await;
    desk.clock.pass_s(60 * i64::from(MINUTES));
    assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 1);
    desk.clock.pass_s(1);
    press(&desk).await;
    let zhou = desk.sign_in("zhoumin").await;
    assert_eq!(last(&desk, &zhou).await.state, DutyState::Late);
}

#[tokio::test]
async fn whom_one_may_not_ask_one_may_not_check_and_the_limits_hold() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    desk.employ("linxian", "林岚", "duty_officer", NEIGHBOUR).await;
    desk.employ("hemiao", "何苗", "township_officer", TOWN).await;
    let (lin, he) = (desk.sign_in("linxian").await, desk.sign_in("hemiao").await);
    assert_eq!(ask(&desk, &lin, unit).await.unwrap_err().code, "duty_check.no_terminal");
    let refused = desk.app.start_duty_checks(&he.grant, &[unit], MINUTES, None).await.err();
    assert!(matches!(refused, Some(Fault::Refused(r)) if r.code == "access.denied"));
    for (units, minutes, fits) in [
        (vec![unit; DUTY_UNITS_MAX], 10, true),
        (vec![unit; DUTY_UNITS_MAX + 1], 10, false),
        (vec![], 5, false),
        (vec![unit], 11, false),
        (vec![unit], 0, false),
    ] {
        let started = desk.app.start_duty_checks(&zhou.grant, &units, minutes, None).await;
        assert_eq!(started.is_ok(), fits, "{} {minutes}", units.len());
    }
}

#[tokio::test]
async fn a_plan_checks_by_itself_at_a_time_that_was_drawn_before_and_draws_the_next() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    desk.app.set_duty_plan(&zhou.grant, unit, 7).await.unwrap();
    let mut checks = 0;
    for _ in 0..14 * 24 {
        checks += desk.app.reconcile_duty_checks().await.unwrap();
        deliver(&desk, confirmed()).await;
        press(&desk).await;
        desk.clock.pass_s(1_200);
    }
    let filter = || DutyFilter { limit: 50, ..DutyFilter::default() };
    let (page, total) = desk.app.duty_checks(&zhou.grant, filter()).await.unwrap();
    assert!(checks > 0 && total == checks as u64, "{checks} {total}");
    assert!(page.items.iter().all(|e| e.state == "on_time"));
    desk.app.set_duty_plan(&zhou.grant, unit, 0).await.unwrap();
    desk.clock.pass_s(30 * 86_400);
    assert_eq!(desk.app.reconcile_duty_checks().await.unwrap(), 0);
    let often = desk.app.set_duty_plan(&zhou.grant, unit, 8).await;
    assert!(matches!(often, Err(Fault::Refused(_))));
}

#[tokio::test]
async fn the_past_of_a_demonstration_counts_like_any_other() {
    let desk = in_memory().await;
    let (zhou, unit) = place(&desk).await;
    let at = |text: &str| text.parse().unwrap();
    let past = [
        PastCheck { at: at("2026-10-03T02:00:00Z"), state: DutyState::OnTime, answer_s: Some(30) },
        PastCheck { at: at("2026-10-31T16:00:00Z"), state: DutyState::Missed, answer_s: None },
    ];
    desk.app.make_up_duty_checks(unit, MINUTES, &past).await.unwrap();
    let month = |day: &str| desk.app.duty_scores(&zhou.grant, day.parse().unwrap());
    assert_eq!(month("2026-10-15").await.unwrap().total.share_percent(), Some(100));
    assert_eq!(
        month("2026-11-01").await.unwrap().total.share_percent(),
        Some(0),
        "midnight is in the office's zone"
    );
}
