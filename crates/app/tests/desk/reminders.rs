//! What the clocks of ledgers tell people outward: whom, when, how often, and what a restart between speaking and
//! sending makes of it.

use crate::delivery::{administrator, answers, channel, draft};
use crate::messages::stored;
use crate::stores::{in_memory, on_each_store, on_every_store};
use fengsui_access::Appointment;
use fengsui_app::kit::{self, COUNTY, Desk, NEIGHBOUR, TOWN, code, instant};
use fengsui_app::{
    AttemptOutcome, ChannelKind, DEADLINES_MAX, DEADLINES_NAMED_MAX, JOIN_S, LedgerForm, Message, Node,
    REMINDED_MAX, SPOKEN_TOGETHER_MAX, SignedIn,
};
use fengsui_base::{EntryId, Scope, UnitId};
use fengsui_ledger::Entry;
use fengsui_store::Query;
use serde_json::{Value, json};

/// The midnight at which a hazard of the opening day is near, and the morning after it.
const NEAR: &str = "2026-11-23T16:00:00Z";
const MORNING: &str = "2026-11-24T00:00:00Z";
/// The midnight at which it is late, and the morning after it.
const LATE: &str = "2026-11-25T16:00:00Z";
const MORNING_AFTER: &str = "2026-11-26T00:00:00Z";

/// A county with a text channel, a supervisor, her head, and a unit.
struct Office {
    desk: Desk,
    unit: UnitId,
    luo: SignedIn,
}

impl Office {
    async fn open(desk: Desk) -> Self {
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("短信", "sms", 60)).await;
        desk.employ_reached("luomin", "罗敏", "fire_supervisor", COUNTY, "13900000011").await;
        desk.employ_reached("sunzhiyuan", "孙志远", "brigade_head", COUNTY, "13900000012").await;
        desk.employ_reached("linxian", "林岚", "brigade_head", NEIGHBOUR, "13900000019").await;
        Self::of(desk).await
    }

    /// The same county, whoever is employed in it.
    async fn of(desk: Desk) -> Self {
        let unit = desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let luo = desk.sign_in("luomin").await;
        Self { desk, unit, luo }
    }

    async fn hazard(&self, what: &str, found_on: &str) -> Entry {
        let fields = json!({ "what": what, "unit": self.unit.to_string(), "category": "facility",
            "risk": "considerable", "found_on": found_on });
        self.file("hazard", "register", fields).await
    }

    async fn file(&self, kind: &str, mv: &str, fields: Value) -> Entry {
        let fields = fields.as_object().unwrap().clone();
        let form =
            LedgerForm { mv: mv.to_owned(), fields, region: Some(code(TOWN)), ..LedgerForm::default() };
        self.desk.app.open_entry(&self.luo.grant, kind, form, None).await.unwrap()
    }

    /// Orders a hazard to be corrected: its owner is the unit from then on.
    async fn order(&self, hazard: &Entry) -> Entry {
        let fields = json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" });
        let fields = fields.as_object().unwrap().clone();
        let form = LedgerForm { mv: "order".to_owned(), fields, ..LedgerForm::default() };
        let app = &self.desk.app;
        app.move_entry(&self.luo.grant, "hazard", hazard.id, hazard.version, form).await.unwrap()
    }

    /// A complaint of the fire supervisors that runs out a day after it came.
    async fn complaint(&self, received_at: &str) -> Entry {
        let fields = json!({ "subject": "通道堵塞", "came_by": "hotline", "category": "escape",
            "received_at": received_at, "place": "中心街 18 号", "identity": "anonymous" });
        self.file("complaint", "receive", fields).await
    }

    async fn speak_at(&self, at: &str) -> usize {
        until(&self.desk, at);
        self.desk.app.reconcile_deadlines().await.unwrap()
    }

    /// What the timeline of an entry says since its move, newest first.
    async fn timeline(&self, entry: &Entry) -> Vec<String> {
        let rows = self.desk.store.journal_of(&Scope::everything(), entry.id, None, 50).await.unwrap();
        let lines = rows.into_iter().filter_map(|row| row.content);
        lines.take_while(|line| line.verb != "ledger.moved").map(|line| line.text).collect()
    }
}

fn until(desk: &Desk, at: &str) {
    desk.clock.pass_s(instant(at).duration_since(desk.app.now()).as_secs());
}

/// Every message so far, oldest first.
async fn messages(desk: &Desk) -> Vec<(Entry, Message)> {
    let mut query = Query::newest("message", Scope::everything());
    query.limit = 200;
    let mut items = desk.store.list(&query).await.unwrap().items;
    items.reverse();
    items.into_iter().filter_map(|e| Message::of(&e).map(|m| (e, m))).collect()
}

/// Who gets them, each with how many deadlines.
async fn told(desk: &Desk) -> Vec<(String, usize)> {
    let all = messages(desk).await;
    all.into_iter().map(|(_, m)| (m.recipient_name, m.deadlines.len())).collect()
}

async fn state(desk: &Desk, id: EntryId) -> String {
    stored(desk, id).await.state
}

#[tokio::test]
async fn a_deadline_that_is_near_is_told_in_the_morning_once_whatever_stops_in_between() {
    on_every_store(async |desk| {
        let mut office = Office::open(desk).await;
        let hazard = office.hazard("常闭式防火门损坏 4 樘", "2026-11-21").await;
        assert_eq!(office.speak_at(NEAR).await, 1);
        let [(entry, message)] = &messages(&office.desk).await[..] else { panic!("one message") };
        assert_eq!((message.recipient_name.as_str(), message.recipient_role.as_str()), ("罗敏", "经办人"));
        assert_eq!((message.about, message.urgent, message.answerable), (hazard.id, false, false));
        assert_eq!(message.by, [ChannelKind::Sms, ChannelKind::Email], "nobody is rung for office work");
        assert_eq!(entry.due_at, Some(instant(MORNING)));
        assert_eq!(
            message.text,
            "云岫县消防救援局提醒：隐患 YH-2026-0001 常闭式防火门损坏 4 樘（期限11月25日）临近到期，请及时办理。"
        );
        assert_eq!(office.timeline(&hazard).await[..2], ["待发消息提醒罗敏（经办人）", "期限临近，提醒负责人"]);
        // Whoever touches a channel at night sends nothing by that.
        let admin = office.desk.sign_in("admin").await;
        channel(&office.desk, &admin, draft("短信二", "sms", 60)).await;
        assert!(office.desk.app.dispatch().await.unwrap().is_empty());
        office.desk = office.desk.restart().await;
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 0);
        assert!(office.desk.app.dispatch().await.unwrap().is_empty());
        until(&office.desk, MORNING);
        let lost = office.desk.app.dispatch().await.unwrap().remove(0);
        // The program dies while the message is with a gateway: it is sent again under the same number, and once.
        office.desk = office.desk.restart().await;
        let sent = office.desk.app.dispatch().await.unwrap();
        assert_eq!((sent.len(), &sent[0].number, &sent[0].text), (1, &lost.number, &message.text));
        answers(&office.desk, &sent[0], AttemptOutcome::Accepted).await;
        assert_eq!(office.timeline(&hazard).await[0], "已短信提醒罗敏（经办人）");
        office.desk = office.desk.restart().await;
        assert!(office.desk.app.dispatch().await.unwrap().is_empty());
        assert_eq!(told(&office.desk).await, [("罗敏".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn a_deadline_that_passed_is_told_to_whoever_must_act_and_to_the_post_it_came_to() {
    on_each_store(async |desk| {
        let office = Office::open(desk).await;
        office.hazard("灭火器过期 3 具", "2026-11-21").await;
        office.speak_at(NEAR).await;
        until(&office.desk, MORNING);
        let near = office.desk.app.dispatch().await.unwrap().remove(0);
        answers(&office.desk, &near, AttemptOutcome::Accepted).await;
        assert_eq!(office.speak_at(LATE).await, 1);
        until(&office.desk, MORNING_AFTER);
        let mut sent: Vec<_> =
            office.desk.app.dispatch().await.unwrap().into_iter().map(|d| (d.name, d.text)).collect();
        sent.sort();
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert_eq!(sent[0].0, "孙志远");
        assert!(
            sent[0].1.ends_with("灭火器过期 3 具（期限11月25日）逾期转您督办，请及时办理。"),
            "{}",
            sent[0].1
        );
        assert_eq!(sent[1].0, "罗敏");
        assert!(sent[1].1.ends_with("（期限11月25日）已逾期，请及时办理。"), "{}", sent[1].1);
    })
    .await;
}

#[tokio::test]
async fn forty_overdue_hazards_are_one_message_for_each_who_hears_of_them() {
    on_each_store(async |desk| {
        const MANY: usize = 40;
        let office = Office::open(desk).await;
        for n in 1..=MANY {
            office.hazard(&format!("灭火器过期 {n} 具"), "2026-11-21").await;
        }
        assert_eq!(office.speak_at(LATE).await, MANY);
        let mut all = told(&office.desk).await;
        all.sort();
        assert_eq!(all, [("孙志远".to_owned(), MANY), ("罗敏".to_owned(), MANY)]);
        until(&office.desk, MORNING_AFTER);
        let sent = office.desk.app.dispatch().await.unwrap();
        let head = sent.iter().find(|d| d.name == "孙志远").unwrap();
        assert!(head.text.contains("逾期转您督办 40 条") && head.title.starts_with("40 条"), "{}", head.text);
        assert_eq!(head.text.matches("YH-2026-").count(), DEADLINES_NAMED_MAX);
        answers(&office.desk, head, AttemptOutcome::Accepted).await;
        let lines = office.desk.sentences_since(0).await;
        let reminded = lines.iter().filter(|l| l.ends_with("已短信提醒孙志远（消防大队负责人）"));
        assert_eq!(reminded.count(), MANY, "the timeline of each says so");
    })
    .await;
}

/// Speaking is cut into changes and messages hold a limited number; what is beyond makes one more.
#[tokio::test]
async fn a_message_holds_as_many_deadlines_as_the_limit_and_one_more_makes_another() {
    let office = Office::open(in_memory().await).await;
    for n in 0..=DEADLINES_MAX {
        office.hazard(&format!("灭火器过期 {n} 具"), "2026-11-21").await;
    }
    const { assert!(SPOKEN_TOGETHER_MAX < DEADLINES_MAX) };
    until(&office.desk, NEAR);
    let mut spoken = 0;
    while spoken <= DEADLINES_MAX {
        spoken += office.desk.app.reconcile_deadlines().await.unwrap();
    }
    assert_eq!(told(&office.desk).await, [("罗敏".to_owned(), DEADLINES_MAX), ("罗敏".to_owned(), 1)]);
}

#[tokio::test]
async fn what_speaks_while_a_message_stays_joins_it_and_later_it_does_not() {
    let office = Office::open(in_memory().await).await;
    office.hazard("第一处", "2026-11-21").await;
    office.speak_at(NEAR).await;
    let stays = instant(MORNING).as_second() - office.desk.app.now().as_second() - JOIN_S;
    office.desk.clock.pass_s(stays);
    office.hazard("第二处", "2026-11-21").await;
    assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
    assert_eq!(told(&office.desk).await, [("罗敏".to_owned(), 2)]);
    office.desk.clock.pass_s(1);
    office.hazard("第三处", "2026-11-21").await;
    assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
    assert_eq!(told(&office.desk).await, [("罗敏".to_owned(), 2), ("罗敏".to_owned(), 1)]);
    let lines = office.desk.sentences_since(0).await;
    assert!(lines.iter().any(|l| l.ends_with("给罗敏（经办人）的提醒又并入几条，共 2 条")), "{lines:?}");
}

#[tokio::test]
async fn what_is_done_before_the_morning_is_not_reminded_of() {
    on_each_store(async |desk| {
        let office = Office::open(desk).await;
        let (first, second) =
            (office.hazard("第一处", "2026-11-21").await, office.hazard("第二处", "2026-11-21").await);
        office.speak_at(NEAR).await;
        let fresh = |id| stored(&office.desk, id);
        office.order(&fresh(first.id).await).await;
        until(&office.desk, MORNING);
        assert!(office.desk.app.dispatch().await.unwrap().is_empty(), "it is worded anew first");
        let sent = office.desk.app.dispatch().await.unwrap();
        assert!(
            sent[0].text.contains("YH-2026-0002 第二处") && !sent[0].text.contains("第一处"),
            "{}",
            sent[0].text
        );
        // It comes back from the gateway, and by then the other one is done too.
        answers(&office.desk, &sent[0], AttemptOutcome::Failed).await;
        office.order(&fresh(second.id).await).await;
        office.desk.clock.pass_s(60);
        assert!(office.desk.app.dispatch().await.unwrap().is_empty());
        assert_eq!(state(&office.desk, sent[0].message).await, "cancelled");
        let lines = office.desk.sentences_since(0).await;
        assert!(lines.iter().any(|l| l.ends_with("撤回给罗敏（经办人）的提醒：事项都已办理")), "{lines:?}");
    })
    .await;
}

/// A complaint of 24 hours that runs out at three in the morning: whoever must act can still do something before that.
#[tokio::test]
async fn a_deadline_by_the_hour_that_ends_in_the_night_is_told_in_the_night() {
    let office = Office::open(in_memory().await).await;
    let complaint = office.complaint("2026-11-21T03:00:00+08:00").await;
    let wakes = complaint.wake_at.unwrap();
    assert_eq!(complaint.due_at, Some(instant("2026-11-21T19:00:00Z")));
    assert!(wakes > instant("2026-11-21T13:00:00Z"), "after nine in the evening: {wakes}");
    assert_eq!(office.speak_at(&wakes.to_string()).await, 1);
    office.desk.clock.pass_s(fengsui_app::GATHER_S - 1);
    assert!(office.desk.app.dispatch().await.unwrap().is_empty(), "others may join it");
    office.desk.clock.pass_s(1);
    let sent = office.desk.app.dispatch().await.unwrap();
    assert!(sent[0].text.contains("（期限11月22日 03:00）临近到期"), "{}", sent[0].text);
}

/// A gateway that was down all evening does not send office work at two in the night.
#[tokio::test]
async fn what_did_not_leave_by_day_waits_for_the_next_morning() {
    let office = Office::open(in_memory().await).await;
    office.hazard("第一处", "2026-11-21").await;
    office.speak_at(NEAR).await;
    until(&office.desk, "2026-11-24T12:59:00Z");
    let sent = office.desk.app.dispatch().await.unwrap().remove(0);
    answers(&office.desk, &sent, AttemptOutcome::Failed).await;
    until(&office.desk, "2026-11-24T18:00:00Z");
    assert!(office.desk.app.dispatch().await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_has_no_address_is_named_in_the_timeline_and_nothing_is_sent() {
    on_each_store(async |desk| {
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("短信", "sms", 60)).await;
        desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        desk.employ_reached("sunzhiyuan", "孙志远", "brigade_head", COUNTY, "13900000012").await;
        let office = Office::of(desk).await;
        let hazard = office.hazard("第一处", "2026-11-21").await;
        office.speak_at(NEAR).await;
        assert_eq!(office.timeline(&hazard).await[0], "没有登记电话、邮箱，没能提醒罗敏");
        assert_eq!(told(&office.desk).await, [], "her head hears of it when it is late");
        office.speak_at(LATE).await;
        let said = "待发消息提醒孙志远（消防大队负责人）；没有登记电话、邮箱，没能提醒罗敏";
        assert_eq!(office.timeline(&hazard).await[0], said);
        assert_eq!(told(&office.desk).await, [("孙志远".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn where_nobody_holds_the_post_the_next_one_of_the_ladder_hears_of_it() {
    let office = Office::open(in_memory().await).await;
    let complaint = office.complaint("2026-11-21T13:00:00+08:00").await;
    // The only supervisor goes elsewhere, so that the complaint belongs to a post with nobody in it.
    let luo = office.luo.grant.account();
    office.desk.employ("anquan", "安全管理员", "security_admin", COUNTY).await;
    let security = office.desk.sign_in("anquan").await;
    let disabled = office.desk.app.enable_account(&security.grant, luo, false).await;
    disabled.unwrap();
    office.speak_at("2026-11-22T04:30:00Z").await;
    assert_eq!(office.timeline(&complaint).await[0], "待发消息提醒孙志远（消防大队负责人）");
    let only = office.desk.sign_in("sunzhiyuan").await.grant.account();
    office.desk.app.enable_account(&security.grant, only, false).await.unwrap();
    office.speak_at("2026-11-22T05:00:00Z").await;
    assert_eq!(office.timeline(&complaint).await[0], "岗位上没有人，没能发消息提醒");
    assert_eq!(told(&office.desk).await, [("孙志远".to_owned(), 1)]);
}

#[tokio::test]
async fn a_unit_is_told_through_its_accounts_and_its_managers_each_person_once() {
    let office = Office::open(in_memory().await).await;
    let manager =
        Appointment { units: vec![office.unit], ..Appointment::of("unit_safety_manager", code(COUNTY)) };
    office.desk.appoint("qianlixin", "钱立新", vec![manager]).await;
    let hazard = office.hazard("第一处", "2026-11-21").await;
    office.order(&hazard).await;
    office.speak_at("2026-12-09T00:00:00Z").await;
    assert_eq!(office.timeline(&hazard).await[0], "没有登记电话、邮箱，没能提醒钱立新");
    let desk = &office.desk;
    desk.register_home(
        "云溪小区 3 幢",
        "77",
        &[("消防安全管理人", "沈会", "13900001111"), ("户主", "吴刚", "13900001112")],
    )
    .await;
    let home = desk.store.key("unit/code/U77").await.unwrap().unwrap();
    let fields = json!({ "what": "楼道堆物", "unit": home.to_string(), "category": "escape", "risk": "low",
        "found_on": "2026-12-09" });
    let home = office.file("hazard", "register", fields).await;
    office.order(&home).await;
    office.desk.app.reconcile_deadlines().await.unwrap();
    assert_eq!(told(desk).await, [("沈会".to_owned(), 1)]);
}

#[tokio::test]
async fn of_a_post_that_many_hold_the_nearest_are_told_and_not_one_beyond_the_limit() {
    let office = Office::open(in_memory().await).await;
    for n in 0..=REMINDED_MAX {
        let (login, name) = (format!("person{n}"), format!("人员{n}"));
        let region = if n == REMINDED_MAX { TOWN } else { COUNTY };
        office.desk.employ_reached(&login, &name, "fire_supervisor", region, &format!("6130{n}")).await;
    }
    office.complaint("2026-11-21T13:00:00+08:00").await;
    office.speak_at("2026-11-22T04:30:00Z").await;
    let mut all: Vec<_> = told(&office.desk).await.into_iter().map(|(name, _)| name).collect();
    all.sort();
    assert_eq!(all.len(), REMINDED_MAX);
    assert!(all.contains(&format!("人员{REMINDED_MAX}")), "the one of the township: {all:?}");
    assert!(!all.contains(&"罗敏".to_owned()), "by name she is behind the others");
}

#[tokio::test]
async fn a_site_that_wants_none_and_one_that_has_only_a_telephone_tell_nobody() {
    for (silent, way) in [(true, "sms"), (false, "voice")] {
        let desk = in_memory().await;
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("通道", way, 60)).await;
        desk.employ_reached("luomin", "罗敏", "fire_supervisor", COUNTY, "13900000011").await;
        let mut office = Office::of(desk).await;
        let hazard = office.hazard("第一处", "2026-11-21").await;
        let node = Node { reminders: !silent, ..kit::node() };
        office.desk = office.desk.restart_with(kit::catalog(), node).await;
        assert_eq!(office.speak_at(NEAR).await, 1);
        assert_eq!(office.timeline(&hazard).await[0], "期限临近，提醒负责人", "{way}");
        assert_eq!(told(&office.desk).await, []);
    }
}

#[tokio::test]
async fn a_told_past_sends_nothing() {
    let office = Office::open(in_memory().await).await;
    let hazard = office.hazard("第一处", "2026-11-21").await;
    until(&office.desk, "2026-12-01T00:00:00Z");
    for at in [NEAR, LATE] {
        office.desk.app.demonstration_call(hazard.id, instant(at)).await.unwrap();
    }
    assert_eq!(office.timeline(&hazard).await[0], "逾期升级：转消防大队负责人督办");
    assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 0);
    assert_eq!(told(&office.desk).await, []);
}
