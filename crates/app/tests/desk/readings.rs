//! Scheduled readings: each terminal once in two hours, nothing written for it but the record, and a to-do where a
//! terminal that could answer does not any more.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{FAILED_READINGS_MAX, READING_PERIOD_S_MAX, ReadingEnd, ReadingRules};
use fengsui_app::kit::{Desk, TOWN, catalog, node};
use fengsui_app::{DownlinkState, Node, Order, Reach, TodoFilter};

/// How far the clock is moved at a time; the terminal says that it lives as often.
const STEP_S: i64 = 30;

/// Lets a whole period pass, in which each reading ends like this; answers how many there were.
async fn period(desk: &Desk, reach: Reach, end: ReadingEnd) -> usize {
    let mut count = 0;
    for _ in 0..READING_PERIOD_S_MAX / STEP_S {
        desk.clock.pass_s(STEP_S);
        desk.hears("889", vec![]).await.unwrap();
        for errand in desk.app.due_readings(|_| reach, 256) {
            desk.app.end_reading(errand.terminal, end).await.unwrap();
            count += 1;
        }
    }
    count
}

async fn read(desk: &Desk, end: ReadingEnd) {
    assert_eq!(period(desk, Reach::Free, end).await, 1, "once in a period");
}

async fn todos(desk: &Desk) -> Vec<String> {
    let zhou = desk.sign_in("zhoumin").await;
    let page = desk.app.todos(&zhou.grant, TodoFilter { limit: 9, ..TodoFilter::default() }).await.unwrap();
    page.items.into_iter().map(|view| view.todo.why).collect()
}

async fn desk_with_terminal(desk: &Desk) {
    desk.employ("zhoumin", "周敏", "duty_officer", fengsui_app::kit::COUNTY).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    desk.hears("889", vec![]).await.unwrap();
}

#[tokio::test]
async fn a_reading_is_no_order_and_is_on_record_after_a_restart() {
    on_each_store(async |desk| {
        desk_with_terminal(&desk).await;
        let before = desk.head().await;
        read(&desk, ReadingEnd::Answered).await;
        assert_eq!(
            (desk.head().await, desk.count("downlink").await),
            (before, 0),
            "nothing is written for it"
        );
        desk.app.reconcile_values().await.unwrap();
        let terminal = desk.terminal("889");
        let known = desk.app.board().terminal(terminal).unwrap();
        let asked = known.reading().unwrap();
        let desk = desk.restart().await;
        let known = desk.app.board().terminal(terminal).unwrap();
        assert_eq!(known.reading(), Some(asked));
        assert_eq!(desk.app.reading_of(&known).unwrap().last, Some(asked));
        // Heard again at once: its turn is in the next period, not now.
        desk.hears("889", vec![]).await.unwrap();
        assert!(desk.app.due_readings(|_| Reach::Free, 256).is_empty());
        read(&desk, ReadingEnd::Answered).await;
    })
    .await;
}

#[tokio::test]
async fn three_readings_without_an_answer_ask_for_a_repair_once() {
    let desk = in_memory().await;
    desk_with_terminal(&desk).await;
    read(&desk, ReadingEnd::Answered).await;
    for _ in 1..FAILED_READINGS_MAX {
        read(&desk, ReadingEnd::TimedOut).await;
    }
    assert!(todos(&desk).await.is_empty());
    read(&desk, ReadingEnd::TimedOut).await;
    read(&desk, ReadingEnd::Denied).await;
    let raised = todos(&desk).await;
    assert!(
        raised.len() == 1 && raised[0].starts_with("终端在线，连续 3 次定时读取没有应答，上次应答 11-21"),
        "{raised:?}"
    );
}

#[tokio::test]
async fn a_terminal_that_never_answered_is_no_fault_and_is_asked_once_a_day() {
    let desk = in_memory().await;
    desk_with_terminal(&desk).await;
    for _ in 0..FAILED_READINGS_MAX {
        read(&desk, ReadingEnd::TimedOut).await;
    }
    assert!(todos(&desk).await.is_empty());
    let known = desk.app.board().terminal(desk.terminal("889")).unwrap();
    assert!(known.reading().unwrap().is_failing());
    let mut asked = 0;
    for _ in 0..12 {
        asked += period(&desk, Reach::Free, ReadingEnd::TimedOut).await;
    }
    assert!((1..=2).contains(&asked), "{asked} in a day");
}

#[tokio::test]
async fn nobody_is_read_without_a_line_while_an_order_waits_or_where_it_is_turned_off() {
    let desk = in_memory().await;
    desk_with_terminal(&desk).await;
    for reach in [Reach::Cut, Reach::Busy] {
        assert_eq!(period(&desk, reach, ReadingEnd::Answered).await, 0);
    }
    let zhou = desk.sign_in("zhoumin").await;
    let order = desk.app.order(&zhou.grant, desk.terminal("889"), Order::ReadClock, None).await.unwrap();
    assert_eq!(order.state, DownlinkState::Waiting.code());
    assert_eq!(period(&desk, Reach::Free, ReadingEnd::Answered).await, 0);
    let off = Node { readings: ReadingRules { period_s: None }, ..node() };
    let desk = desk.restart_with(catalog(), off).await;
    assert_eq!(period(&desk, Reach::Free, ReadingEnd::Answered).await, 0);
    let known = desk.app.board().terminal(desk.terminal("889")).unwrap();
    assert_eq!(desk.app.reading_of(&known), None);
}

#[tokio::test]
async fn a_terminal_behind_an_operators_cloud_or_unheard_for_long_is_not_read() {
    let desk = in_memory().await;
    desk_with_terminal(&desk).await;
    desk.register("云岫中学", TOWN, "ctwing:8a2f", 1).await;
    desk.hears("ctwing:8a2f", vec![]).await.unwrap();
    let cloud = desk.app.board().terminal(desk.terminal("ctwing:8a2f")).unwrap();
    assert_eq!(desk.app.reading_of(&cloud), None, "its page says nothing of readings");
    let mut asked = Vec::new();
    for _ in 0..READING_PERIOD_S_MAX / STEP_S {
        // The device falls silent; what it does not hear it need not answer.
        desk.clock.pass_s(STEP_S);
        desk.hears("ctwing:8a2f", vec![]).await.unwrap();
        if desk.app.board().terminal(desk.terminal("889")).unwrap().online(desk.app.now()) == Some(false) {
            asked.extend(desk.app.due_readings(|_| Reach::Free, 256));
        }
    }
    assert!(asked.is_empty());
}

#[tokio::test]
async fn a_demonstration_begins_with_a_terminal_that_stopped_answering() {
    let desk = in_memory().await;
    desk_with_terminal(&desk).await;
    let ago = |minutes| desk.app.now() - jiff::SignedDuration::from_mins(minutes);
    let past = [
        (ReadingEnd::Answered, ago(40)),
        (ReadingEnd::TimedOut, ago(30)),
        (ReadingEnd::TimedOut, ago(20)),
        (ReadingEnd::TimedOut, ago(10)),
    ];
    desk.app.demonstration_readings("889", &past).await.unwrap();
    desk.app.demonstration_readings("4711", &past).await.unwrap();
    let known = desk.app.board().terminal_at("889").unwrap();
    let reading = known.reading().unwrap();
    assert!(reading.is_fault());
    assert_eq!((reading.answered_at, reading.asked_at), (Some(ago(40)), ago(10)));
    assert_eq!(todos(&desk).await, ["终端在线，连续 3 次定时读取没有应答，上次应答 11-21 13:20:00"]);
}
