//! To-dos of units: raised at the sixth false alarm of a day and when a device grows old, once for each cause and day,
//! and ended by people alone.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{Cause, Finding, Task, TodoState, TodoStep};
use fengsui_app::kit::{Desk, NEIGHBOUR, NEIGHBOUR_TOWN, TOWN};
use fengsui_app::{Command, Fault, LOOK_BACK_DAYS, SignedIn, TodoFilter, TodoView};
use fengsui_base::{AlarmId, EntryId, Fields};

const DAY_S: i64 = 86_400;

async fn wrong(desk: &Desk, by: &SignedIn, source: &str, point: u32) -> AlarmId {
    let id = fire(desk, by, source, point).await;
    judge(desk, by, id, Finding::False, Some(Cause::Cooking)).await;
    id
}

async fn fire(desk: &Desk, by: &SignedIn, source: &str, point: u32) -> AlarmId {
    let id = desk.fire(source, point).await.alarm.id;
    desk.app.act_on_alarm(&by.grant, id, Command::Take).await.unwrap();
    desk.restore(source, point).await;
    id
}

async fn judge(desk: &Desk, by: &SignedIn, id: AlarmId, finding: Finding, cause: Option<Cause>) {
    let verify = Command::Verify { finding, cause, note: None };
    desk.app.act_on_alarm(&by.grant, id, verify).await.unwrap();
}

async fn todos(desk: &Desk, by: &SignedIn) -> Vec<TodoView> {
    let filter = TodoFilter { limit: 50, ..TodoFilter::default() };
    desk.app.todos(&by.grant, filter).await.unwrap().items
}

async fn repairs(desk: &Desk) -> usize {
    desk.app.reconcile_repairs().await.unwrap()
}

fn finish() -> TodoStep {
    TodoStep::Finish {
        done_by: "维保公司 王强".to_owned(), what: "清洗并更换两只探测器".to_owned()
    }
}

fn none() -> Fields {
    Fields::new()
}

#[tokio::test]
async fn the_sixth_false_alarm_of_a_day_asks_for_a_repair_once() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫饭店", TOWN, "889", 8).await;
        for point in 1..=5 {
            wrong(&desk, &zhou, "889", point).await;
        }
        assert_eq!(repairs(&desk).await, 0, "five a day are borne");
        wrong(&desk, &zhou, "889", 1).await;
        assert_eq!((repairs(&desk).await, repairs(&desk).await), (1, 0));
        let desk = desk.restart().await;
        wrong(&desk, &zhou, "889", 2).await;
        assert_eq!(repairs(&desk).await, 0, "neither a restart nor a seventh raises another");
        let all = todos(&desk, &zhou).await;
        assert_eq!(all.len(), 1);
        let todo = &all[0].todo;
        assert_eq!((todo.task, todo.count, all[0].state), (Task::Repair, Some(6), TodoState::Open));
        assert_eq!(todo.why, "11-21 误报 6 起（油烟 6），每天多于 5 起");
        assert_eq!(all[0].entry.due_at, Some("2026-11-23T06:00:00Z".parse().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn two_systems_and_two_days_are_counted_apart() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫饭店", TOWN, "889", 8).await;
    desk.register("云岫纺织", TOWN, "890", 8).await;
    for point in 1..=3 {
        wrong(&desk, &zhou, "889", point).await;
        wrong(&desk, &zhou, "890", point).await;
    }
    // The next day in the office's zone begins at 16:00 UTC.
    desk.clock.pass_s(10 * 3_600);
    for point in 1..=3 {
        wrong(&desk, &zhou, "889", point).await;
    }
    assert_eq!(repairs(&desk).await, 0);
}

#[tokio::test]
async fn a_late_verdict_counts_on_the_day_of_its_alarm_as_long_as_the_day_is_looked_at() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫饭店", TOWN, "889", 8).await;
    let mut waiting = Vec::new();
    for point in 1..=6 {
        waiting.push(fire(&desk, &zhou, "889", point).await);
    }
    desk.clock.pass_s((LOOK_BACK_DAYS - 1) * DAY_S);
    for id in waiting {
        judge(&desk, &zhou, id, Finding::False, Some(Cause::Steam)).await;
    }
    assert_eq!(repairs(&desk).await, 1);
    assert_eq!(todos(&desk, &zhou).await[0].todo.day_on.to_string(), "2026-11-21");
}

#[tokio::test]
async fn an_open_repair_takes_in_the_next_bad_day_and_a_later_one_asks_again() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", fengsui_app::kit::COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    desk.register("云岫饭店", TOWN, "889", 8).await;
    let bad_day = async || {
        for point in 1..=6 {
            wrong(&desk, &zhou, "889", point).await;
        }
    };
    bad_day().await;
    assert_eq!(repairs(&desk).await, 1);
    desk.clock.pass_s(DAY_S);
    bad_day().await;
    let before = desk.head().await;
    assert_eq!((repairs(&desk).await, repairs(&desk).await), (1, 0));
    let said = desk.sentences_since(before).await;
    assert_eq!(said, ["规则 检修：11-22 误报 6 起（油烟 6），每天多于 5 起，并入本项"]);
    let one = todos(&desk, &luo).await.remove(0);
    let ended = desk.app.end_todo(&luo.grant, one.entry.id, finish()).await.unwrap();
    assert_eq!(ended.state, TodoState::Done);
    assert_eq!(repairs(&desk).await, 0, "the day that was mended asks for nothing more");
    desk.clock.pass_s(DAY_S);
    bad_day().await;
    assert_eq!(repairs(&desk).await, 1);
    assert_eq!(todos(&desk, &luo).await.len(), 2);
}

#[tokio::test]
async fn what_grows_old_asks_for_replacement_six_months_before_and_once() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        // Twelve years are over on 21 May 2027: six months before is today. A day later is a day too early.
        desk.register_aged("老厂", TOWN, "1", "2015-05-21", none()).await;
        desk.register_aged("新厂", TOWN, "2", "2015-05-22", none()).await;
        let maker = [("service_life_years".to_owned(), 5.into())].into_iter().collect();
        desk.register_aged("短寿厂", TOWN, "3", "2021-01-01", maker).await;
        let battery = [("battery_installed_on".to_owned(), "2020-03-01".into())].into_iter().collect();
        desk.register_aged("电池厂", TOWN, "4", "2024-01-01", battery).await;
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 3);
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 0);
        let desk = desk.restart().await;
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 0, "a restart walks again and raises nothing");
        let all = todos(&desk, &zhou).await;
        let of = |unit: &str| all.iter().find(|t| t.todo.unit_name == unit);
        assert_eq!(of("老厂").unwrap().todo.why, "2015-05-21 安装，使用年限 12 年，2027-05-21 到期");
        assert_eq!((of("老厂").unwrap().overdue, of("短寿厂").unwrap().overdue), (false, true));
        assert_eq!(of("短寿厂").unwrap().todo.basis, "厂家规定");
        assert!(of("电池厂").unwrap().todo.object.ends_with("备用电池"));
        assert!(of("新厂").is_none());
        desk.register_aged("旧厂", TOWN, "5", "2012-02-29", none()).await;
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 1, "a register that has grown is walked again");
        desk.clock.pass_s(DAY_S);
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 1, "the next day its time has come");
    })
    .await;
}

#[tokio::test]
async fn what_is_open_is_listed_by_its_deadline_and_the_rest_by_its_age() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        // Twelve years each: due in May 2027, in January 2026, in December 2026.
        for (unit, source, day) in
            [("五月厂", "1", "2015-05-01"), ("过期厂", "2", "2014-01-01"), ("十二月厂", "3", "2014-12-01")]
        {
            desk.register_aged(unit, TOWN, source, day, none()).await;
            desk.clock.pass_s(1);
        }
        assert_eq!(desk.app.reconcile_ages().await.unwrap(), 3);
        let listed = async |states: &[&str]| {
            let states = states.iter().map(|s| (*s).to_owned()).collect();
            let mut filter = TodoFilter { states, limit: 1, ..TodoFilter::default() };
            let mut units = Vec::new();
            loop {
                let page = desk.app.todos(&zhou.grant, filter.clone()).await.unwrap();
                assert_eq!(page.total, 3);
                units.extend(page.items.into_iter().map(|t| t.todo.unit_name));
                filter.after = page.next;
                if filter.after.is_none() {
                    return units;
                }
            }
        };
        assert_eq!(listed(&["open"]).await, ["过期厂", "十二月厂", "五月厂"]);
        assert_eq!(listed(&[]).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_gas_detector_serves_three_years_outside_of_homes() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let gas = || [("profile".to_owned(), "nb-gas".into())].into_iter().collect();
    desk.register_aged("气站", TOWN, "1", "2023-11-22", gas()).await;
    desk.register_aged("新气站", TOWN, "2", "2024-11-22", gas()).await;
    desk.app.reconcile_ages().await.unwrap();
    let all = todos(&desk, &zhou).await;
    let what: Vec<_> = all.iter().map(|t| (t.todo.unit_name.as_str(), t.todo.basis.as_str())).collect();
    assert_eq!(what, [("气站", "T/CPQS XF009-2024，商用 3 年")]);
}

#[tokio::test]
async fn a_unit_names_its_manager_and_the_township_its_grid_worker() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.enlist("grid_worker", "何苗", "62001", TOWN).await;
    desk.register_aged("老厂", TOWN, "1", "2010-01-01", none()).await;
    desk.app.reconcile_ages().await.unwrap();
    let owner = todos(&desk, &zhou).await.remove(0).todo.owner.unwrap();
    assert_eq!((owner.role.as_str(), owner.name.as_str(), owner.phone.as_str()), ("网格员", "何苗", "62001"));
}

#[tokio::test]
async fn only_who_may_ends_a_to_do_and_only_in_her_own_region() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    for (login, name, post, region) in
        [("hemiao", "何苗", "township_officer", TOWN), ("linxian", "林岚", "fire_supervisor", NEIGHBOUR)]
    {
        desk.employ(login, name, post, region).await;
    }
    let (he, lin) = (desk.sign_in("hemiao").await, desk.sign_in("linxian").await);
    desk.register_aged("老厂", TOWN, "1", "2010-01-01", none()).await;
    desk.register_aged("邻厂", NEIGHBOUR_TOWN, "2", "2010-01-01", none()).await;
    desk.app.reconcile_ages().await.unwrap();
    let own: EntryId = todos(&desk, &he).await.remove(0).entry.id;
    assert_eq!(todos(&desk, &lin).await.len(), 1);
    let refused = |result: Result<TodoView, Fault>| match result {
        Err(Fault::Refused(refusal)) => refusal.code.into_owned(),
        _ => String::new(),
    };
    assert_eq!(refused(desk.app.end_todo(&zhou.grant, own, finish()).await), "access.denied");
    assert_eq!(refused(desk.app.end_todo(&lin.grant, own, finish()).await), "not_found");
    let ended = desk.app.end_todo(&he.grant, own, TodoStep::Decline("下月拆除".to_owned())).await.unwrap();
    assert_eq!((ended.state, ended.end_refusal.unwrap().code.as_ref()), (TodoState::Declined, "todo.ended"));
    assert_eq!(refused(desk.app.end_todo(&he.grant, own, finish()).await), "todo.ended");
}

#[tokio::test]
async fn a_past_is_invented_for_the_demonstration_alone() {
    let mut node = fengsui_app::kit::node();
    node.demonstration = false;
    let desk = in_memory().await.restart_with(fengsui_app::kit::catalog(), node).await;
    let by = fengsui_base::Officer {
        id: fengsui_base::AccountId(EntryId::from_u128(1)),
        name: "周敏".to_owned(),
        seat: Some(1),
    };
    let refused = desk.app.demonstration_past(Vec::new(), &by).await;
    assert!(matches!(refused, Err(Fault::Refused(r)) if r.code == "demonstration.only"));
}
