//! The clock of the machine jumps by ten years, forward and back: nobody is called early, nobody late, deadlines stay
//! where they were, no terminal gets a wrong clock, and 运行状态 says what to do.

use crate::ladder::staff;
use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, TOWN};
use fengsui_app::{CLOCK_SKEW_S, Check};

const TEN_YEARS_S: i64 = 10 * 365 * 86_400;

/// What 运行状态 says of the time.
async fn clock_check(desk: &Desk) -> Check {
    let admin = desk.sign_in("admin2").await;
    desk.app.status(&admin.grant).await.unwrap().checks.into_iter().find(|c| c.name == "clock").unwrap()
}

/// How many climb in each second of five minutes, and when each open alarm is due, in seconds of the same day: with a
/// fire before the jump, one while it lasts, and the jump undone.
async fn five_minutes(desk: &Desk, jump_s: i64) -> (Vec<usize>, Vec<i64>) {
    staff(desk).await;
    desk.employ("admin2", "管理员", "system_admin", COUNTY).await;
    desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    desk.register("云岫粮库", TOWN, "890", 4).await;
    let begun = desk.app.now();
    let (mut climbed, mut due) = (Vec::new(), Vec::new());
    for second in 0..300 {
        match second {
            3 => drop(desk.fire("889", 1).await),
            10 => desk.clock.machine_jumps_s(jump_s),
            40 => drop(desk.fire("890", 1).await),
            200 => desk.clock.machine_jumps_s(-jump_s),
            _ => {}
        }
        climbed.push(desk.pass_climbing(1).await);
        due.extend(desk.open_alarms().iter().filter_map(|open| open.entry.due_at));
        if second == 100 && jump_s != 0 {
            let said = clock_check(desk).await;
            assert!(!said.ok && said.detail.contains("没有跟着走"), "{}", said.detail);
            assert!(said.detail.contains(if jump_s > 0 { "快了" } else { "慢了" }), "{}", said.detail);
        }
    }
    assert!(clock_check(desk).await.ok);
    (climbed, due.into_iter().map(|at| at.duration_since(begun).as_secs()).collect())
}

#[tokio::test]
async fn a_jump_of_ten_years_calls_everybody_at_the_same_second_as_if_it_had_not_been() {
    let calm = five_minutes(&in_memory().await, 0).await;
    assert!(calm.0.iter().sum::<usize>() >= 6 && calm.1.iter().all(|due_s| (0..1_000).contains(due_s)));
    for jump_s in [TEN_YEARS_S, -TEN_YEARS_S] {
        on_each_store(async |desk| assert_eq!(five_minutes(&desk, jump_s).await, calm)).await;
    }
}

#[tokio::test]
async fn whoever_does_not_know_the_time_sets_no_terminals_clock() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let mut frame = desk.frame("889", vec![]);
    frame.sent_at = Some(desk.app.now() - jiff::SignedDuration::from_secs(CLOCK_SKEW_S + 1));
    desk.app.take_in(frame).await.unwrap();
    desk.clock.machine_jumps_s(TEN_YEARS_S);
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 0);
    desk.clock.machine_jumps_s(-TEN_YEARS_S);
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 1);
}

#[tokio::test]
async fn a_machine_that_was_paused_for_minutes_is_followed_slowly() {
    let desk = in_memory().await;
    desk.employ("admin2", "管理员", "system_admin", COUNTY).await;
    desk.clock.machine_jumps_s(120);
    let said = clock_check(&desk).await;
    assert!(said.ok && said.detail.contains("正在慢慢对齐"), "{}", said.detail);
    desk.clock.pass_s(1_200);
    let said = clock_check(&desk).await;
    assert_eq!((said.ok, said.detail.as_str()), (true, "与机器的时间一致"));
}
