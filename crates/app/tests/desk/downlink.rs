//! What may be asked of terminals, by whom, and how much of it may wait.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{
    CLOCK_SKEW_S, DOWNLINKS_OF_TERMINAL_MAX, DownlinkState, Ending, Fault, LINE_WAIT_S, OpenDownlink, Order,
    Reach,
};
use fengsui_base::{EntryId, Scope};

async fn stored(desk: &Desk, id: EntryId) -> OpenDownlink {
    let entry = desk.store.entry(&Scope::everything(), id).await.unwrap().unwrap();
    OpenDownlink::of(&entry).unwrap()
}

fn code(answer: Result<fengsui_ledger::Entry, Fault>) -> String {
    match answer {
        Err(Fault::Refused(refusal)) => refusal.code.to_string(),
        Err(other) => panic!("{other}"),
        Ok(entry) => entry.state,
    }
}

#[tokio::test]
async fn a_question_is_stored_then_sent_then_answered_each_step_on_record() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 1).await;
        let before = desk.head().await;
        let terminal = desk.terminal("889");
        let id = desk.app.order(&zhou.grant, terminal, Order::ReadVersion, None).await.unwrap().id;
        let errands = desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap();
        assert_eq!(errands.iter().map(|e| (e.id, e.profile.as_str())).collect::<Vec<_>>(), [(id, "gb26875")]);
        assert!(
            desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap().is_empty(),
            "handed out once"
        );
        let answered =
            Ending::Answered { words: "传输装置软件版本 3.7".to_owned(), raw: vec![0x40, 0x40] };
        desk.app.end_errand(id, answered, 1).await.unwrap();
        assert_eq!(
            desk.sentences_since(before).await,
            [
                "周敏：下行：读软件版本 云岫纺织用户信息传输装置",
                "规则 下行指令：读软件版本 云岫纺织用户信息传输装置 已发出",
                "规则 下行指令：读软件版本 云岫纺织用户信息传输装置 已应答：传输装置软件版本 3.7",
            ]
        );
        let (page, total) = desk.app.downlinks(&zhou.grant, terminal, None, 9).await.unwrap();
        assert_eq!((page.items[0].state.as_str(), total), ("answered", 1));
        // The line answers a second time: what has ended stays so.
        assert!(desk.app.end_errand(id, Ending::TimedOut, 4).await.is_err());
        assert_eq!(stored(&desk, id).await.state, DownlinkState::Answered);
    })
    .await;
}

#[tokio::test]
async fn a_terminal_is_asked_one_thing_at_a_time_and_what_waits_may_be_taken_back() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let ask = async |order| desk.app.order(&zhou.grant, desk.terminal("889"), order, None).await.unwrap().id;
    let (first, second) = (ask(Order::ReadVersion).await, ask(Order::ReadClock).await);
    assert_eq!(desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap().len(), 1);
    assert_eq!(code(desk.app.cancel_downlink(&zhou.grant, first).await), "downlink.sent");
    assert_eq!(code(desk.app.cancel_downlink(&zhou.grant, second).await), "cancelled");
    desk.app.end_errand(first, Ending::Denied, 4).await.unwrap();
    assert!(desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_more_than_may_wait_is_refused_with_a_remedy() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let terminal = desk.terminal("889");
    for _ in 0..DOWNLINKS_OF_TERMINAL_MAX {
        desk.app.order(&zhou.grant, terminal, Order::ReadClock, None).await.unwrap();
    }
    let more = desk.app.order(&zhou.grant, terminal, Order::ReadClock, None).await;
    assert_eq!(code(more), "downlink.terminal_full");
    desk.clock.pass_s(LINE_WAIT_S);
    desk.app.reconcile_downlinks(|_| Reach::Cut, 9).await.unwrap();
    assert_eq!(code(desk.app.order(&zhou.grant, terminal, Order::ReadClock, None).await), "waiting");
}

#[tokio::test]
async fn only_an_administrator_sets_clocks_and_the_neighbour_knows_of_nothing() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.employ("admin2", "管理员", "system_admin", COUNTY).await;
    desk.employ("linxian", "林岚", "duty_officer", NEIGHBOUR).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    desk.hears("70001", vec![]).await.unwrap();
    let (terminal, stranger) = (desk.terminal("889"), desk.terminal("70001"));
    let (admin, lin) = (desk.sign_in("admin2").await, desk.sign_in("linxian").await);
    let order = async |by: &fengsui_app::SignedIn, terminal, order| {
        code(desk.app.order(&by.grant, terminal, order, None).await)
    };
    assert_eq!(order(&zhou, terminal, Order::SetClock).await, "access.denied");
    assert_eq!(order(&admin, terminal, Order::SetClock).await, "waiting");
    assert_eq!(order(&lin, terminal, Order::ReadClock).await, "not_found");
    assert_eq!(order(&zhou, stranger, Order::ReadClock).await, "downlink.unknown");
    assert_eq!(order(&zhou, terminal, Order::ReadValues).await, "downlink.no_values");
    assert_eq!(order(&zhou, terminal, Order::DutyCheck).await, "downlink.duty_check");
}

#[tokio::test]
async fn what_waits_is_sent_after_a_restart() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let id = desk.app.order(&zhou.grant, desk.terminal("889"), Order::ReadClock, None).await.unwrap().id;
    let desk = desk.restart().await;
    let errands = desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap();
    assert_eq!(errands.iter().map(|e| e.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_a_minute_is_set_once_a_day() {
    let desk = in_memory().await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let hears = async |behind_s: i64| {
        let mut frame = desk.frame("889", vec![]);
        frame.sent_at = Some(desk.app.now() - jiff::SignedDuration::from_secs(behind_s));
        desk.app.take_in(frame).await.unwrap();
    };
    hears(CLOCK_SKEW_S).await;
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 0);
    hears(CLOCK_SKEW_S + 1).await;
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 1);
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 0, "once");
    let errands = desk.app.reconcile_downlinks(|_| Reach::Free, 9).await.unwrap();
    assert_eq!((errands[0].downlink.order, errands[0].downlink.by.as_str()), (Order::SetClock, "自动校时"));
    desk.app.end_errand(errands[0].id, Ending::Denied, 4).await.unwrap();
    desk.clock.pass_s(24 * 3_600 - 1);
    hears(CLOCK_SKEW_S + 1).await;
    assert_eq!(
        desk.app.reconcile_clocks().await.unwrap(),
        0,
        "what it denied is not asked again the same day"
    );
    desk.clock.pass_s(1);
    hears(CLOCK_SKEW_S + 1).await;
    assert_eq!(desk.app.reconcile_clocks().await.unwrap(), 1);
}
