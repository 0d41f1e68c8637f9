//! Delivery: which channel a message takes, what a failing gateway makes of it, what survives a restart, what
//! gateways say by themselves, and who may see it.

use crate::messages::{notice, rule, stored};
use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::Finding;
use fengsui_app::kit::{COUNTY, Desk, TOWN};
use fengsui_app::{
    AttemptOutcome, Channel, ChannelDraft, ChannelKind, Command, Dispatch, Driver, FAILURES_MAX, Fault,
    Message, MessageFilter, PARALLEL_MAX, PROBE_S, Sent, SignedIn,
};
use fengsui_base::{AlarmId, EntryId, Scope};
use fengsui_store::Query;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) fn draft(name: &str, stands_for: &str, per_minute: u16) -> ChannelDraft {
    ChannelDraft {
        name: name.to_owned(),
        driver: Driver::Test,
        settings: [("stands_for".to_owned(), stands_for.to_owned())].into(),
        secrets: BTreeMap::new(),
        per_minute,
        order: 0,
    }
}

pub(crate) async fn administrator(desk: &Desk) -> SignedIn {
    desk.employ("admin", "何平", "system_admin", COUNTY).await;
    desk.sign_in("admin").await
}

pub(crate) async fn channel(desk: &Desk, admin: &SignedIn, draft: ChannelDraft) -> Arc<Channel> {
    let made = desk.app.create_channel(&admin.grant, draft, None).await.unwrap();
    desk.app.enable_channel(&admin.grant, made.id, true).await.unwrap()
}

pub(crate) async fn answers(desk: &Desk, dispatch: &Dispatch, outcome: AttemptOutcome) {
    let sent = Sent { outcome, detail: "应答".to_owned(), gateway_id: Some(dispatch.number.clone()) };
    desk.app.note_sent(dispatch, sent).await.unwrap();
}

async fn state(desk: &Desk, id: EntryId) -> String {
    stored(desk, id).await.state
}

#[tokio::test]
async fn an_urgent_call_that_fails_twice_goes_out_as_a_text() {
    on_each_store(async |desk| {
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("语音", "voice", 60)).await;
        channel(&desk, &admin, draft("短信", "sms", 60)).await;
        let id = desk.app.send_notice(notice(true), rule()).await.unwrap();
        let mut taken = Vec::new();
        for _ in 0..3 {
            let [dispatch] = &desk.app.dispatch().await.unwrap()[..] else { panic!("one message is due") };
            assert!(desk.app.dispatch().await.unwrap().is_empty(), "it is with a gateway");
            taken.push(dispatch.channel.name.clone());
            let failed = dispatch.channel.by == ChannelKind::Voice;
            let outcome = if failed { AttemptOutcome::Failed } else { AttemptOutcome::Accepted };
            answers(&desk, dispatch, outcome).await;
            desk.clock.pass_s(5);
        }
        assert_eq!(taken, ["语音", "语音", "短信"]);
        let message = Message::of(&stored(&desk, id).await).unwrap();
        assert_eq!((state(&desk, id).await.as_str(), message.attempts.len()), ("sent", 3));
        assert_eq!(message.token, None, "the secret leaves with the message");
        assert!(desk.app.dispatch().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_with_a_gateway_when_the_program_died_is_sent_again_under_the_same_number() {
    on_each_store(async |desk| {
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("短信", "sms", 60)).await;
        desk.app.send_notice(notice(true), rule()).await.unwrap();
        let first = desk.app.dispatch().await.unwrap().remove(0);
        let desk = desk.restart().await;
        let again = desk.app.dispatch().await.unwrap().remove(0);
        assert_eq!((first.message, &first.number), (again.message, &again.number));
        answers(&desk, &again, AttemptOutcome::Accepted).await;
        let desk = desk.restart().await;
        assert!(desk.app.dispatch().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_fails_for_an_hour_is_probed_and_drained_within_its_quota() {
    const MESSAGES: usize = 40;
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    let sms = channel(&desk, &admin, draft("短信", "sms", 10)).await;
    let mut ordinary = notice(false);
    (ordinary.urgent, ordinary.by) = (false, vec![ChannelKind::Sms]);
    for _ in 0..MESSAGES {
        desk.app.send_notice(ordinary.clone(), rule()).await.unwrap();
    }
    let mut asked = 0;
    for _ in 0..3_600 / 5 {
        for dispatch in desk.app.dispatch().await.unwrap() {
            asked += 1;
            answers(&desk, &dispatch, AttemptOutcome::Failed).await;
        }
        desk.clock.pass_s(5);
    }
    let probes = usize::try_from(3_600 / PROBE_S).unwrap() + PARALLEL_MAX + FAILURES_MAX as usize;
    assert!(asked <= probes, "{asked} attempts at a gateway that fails");
    let failing = desk.app.channel(&admin.grant, sms.id).unwrap();
    assert_eq!(failing.failing_since, Some(fengsui_app::kit::instant(fengsui_app::kit::OPENING)));
    let status = desk.app.status(&admin.grant).await.unwrap();
    assert!(status.checks.iter().any(|c| c.name == "messages" && !c.ok && c.detail.contains("短信")));
    let mut sent = 0;
    let mut busiest = 0;
    for _ in 0..15 {
        let mut minute = 0;
        for _ in 0..12 {
            for dispatch in desk.app.dispatch().await.unwrap() {
                minute += 1;
                answers(&desk, &dispatch, AttemptOutcome::Accepted).await;
            }
            desk.clock.pass_s(5);
        }
        sent += minute;
        busiest = busiest.max(minute);
    }
    assert_eq!(sent, MESSAGES, "nothing is lost and nothing is sent twice");
    assert!(busiest <= 10, "{busiest} in a minute");
    assert_eq!(desk.app.channel(&admin.grant, sms.id).unwrap().failing_since, None);
    let lines = desk.sentences_since(0).await;
    assert_eq!(lines.iter().filter(|l| l.contains("消息通道故障，自 ")).count(), 1);
    assert_eq!(lines.iter().filter(|l| l.contains("消息通道恢复")).count(), 1);
}

#[tokio::test]
async fn a_failing_gateway_stays_known_over_a_restart_and_urgent_messages_pass_it() {
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    let voice = channel(&desk, &admin, draft("语音", "voice", 60)).await;
    channel(&desk, &admin, draft("短信", "sms", 60)).await;
    let mut by_voice = notice(false);
    (by_voice.urgent, by_voice.by) = (false, vec![ChannelKind::Voice]);
    for _ in 0..FAILURES_MAX {
        desk.app.send_notice(by_voice.clone(), rule()).await.unwrap();
    }
    for dispatch in desk.app.dispatch().await.unwrap() {
        answers(&desk, &dispatch, AttemptOutcome::Failed).await;
    }
    let desk = desk.restart().await;
    let admin = desk.sign_in("admin").await;
    assert!(desk.app.channel(&admin.grant, voice.id).unwrap().failing_since.is_some());
    desk.clock.pass_s(PROBE_S);
    // The first that is due is the probe; while it is out, the next takes the other way at once.
    let probe = desk.app.dispatch().await.unwrap();
    assert_eq!(probe.len(), 1);
    desk.app.send_notice(notice(true), rule()).await.unwrap();
    let urgent = desk.app.dispatch().await.unwrap();
    assert_eq!(urgent.iter().map(|d| d.channel.name.as_str()).collect::<Vec<_>>(), ["短信"]);
}

#[tokio::test]
async fn a_number_that_does_not_exist_fails_at_once_and_is_marked() {
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    channel(&desk, &admin, draft("语音", "voice", 60)).await;
    channel(&desk, &admin, draft("短信", "sms", 60)).await;
    let mut wrong = notice(true);
    wrong.recipient.entry = Some(EntryId::from_u128(77));
    let id = desk.app.send_notice(wrong, rule()).await.unwrap();
    let dispatch = desk.app.dispatch().await.unwrap().remove(0);
    answers(&desk, &dispatch, AttemptOutcome::NoSuchNumber).await;
    assert_eq!(state(&desk, id).await, "failed");
    assert!(desk.app.dispatch().await.unwrap().is_empty());
    assert!(desk.app.is_wrong_number("13800000001").await.unwrap());
    assert!(desk.sentences_since(0).await.iter().any(|l| l.contains("电话是空号，请核对")));
}

#[tokio::test]
async fn receipts_and_replies_reach_their_message_and_wrong_secrets_reach_nothing() {
    on_each_store(async |desk| {
        let admin = administrator(&desk).await;
        let voice = channel(&desk, &admin, draft("语音", "voice", 60)).await;
        let id = desk.app.send_notice(notice(true), rule()).await.unwrap();
        let dispatch = desk.app.dispatch().await.unwrap().remove(0);
        answers(&desk, &dispatch, AttemptOutcome::Accepted).await;
        let secret = desk.app.renew_inbound(&admin.grant, voice.id).await.unwrap();
        let refused = desk.app.hear_gateway(voice.id, "nothing", &json!({})).await.unwrap_err();
        assert!(matches!(refused, Fault::Refused(r) if r.code == "inbound.unknown"));
        let receipt = json!({ "id": dispatch.number, "status": "delivered" });
        let heard = desk.app.hear_gateway(voice.id, &secret, &receipt).await.unwrap();
        assert_eq!((heard.taken, state(&desk, id).await.as_str()), (1, "delivered"));
        let body = json!([receipt, { "phone": "8613800000001", "text": "2" }, { "phone": "1", "text": "2" }]);
        let heard = desk.app.hear_gateway(voice.id, &secret, &body).await.unwrap();
        assert_eq!((heard.taken, heard.unknown), (2, 1));
        assert_eq!(state(&desk, id).await, "answered");
        let attempts = Message::of(&stored(&desk, id).await).unwrap().attempts;
        assert_eq!(attempts.len(), 2, "the same receipt twice is one");
        // The secret before is void.
        desk.app.renew_inbound(&admin.grant, voice.id).await.unwrap();
        assert!(desk.app.hear_gateway(voice.id, &secret, &receipt).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_receipt_that_says_no_sends_the_message_another_way() {
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    let voice = channel(&desk, &admin, draft("语音", "voice", 60)).await;
    channel(&desk, &admin, draft("短信", "sms", 60)).await;
    let id = desk.app.send_notice(notice(true), rule()).await.unwrap();
    let secret = desk.app.renew_inbound(&admin.grant, voice.id).await.unwrap();
    let dispatch = desk.app.dispatch().await.unwrap().remove(0);
    answers(&desk, &dispatch, AttemptOutcome::Accepted).await;
    let receipt = json!({ "id": dispatch.number, "status": "busy" });
    desk.app.hear_gateway(voice.id, &secret, &receipt).await.unwrap();
    let next = desk.app.dispatch().await.unwrap().remove(0);
    assert_eq!((next.message, next.channel.name.as_str()), (id, "短信"));
    assert!(next.token.is_some(), "with a link of its own");
}

#[tokio::test]
async fn a_test_takes_its_channel_alone_and_once_even_when_it_is_off() {
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    channel(&desk, &admin, draft("短信一", "sms", 60)).await;
    let off = desk.app.create_channel(&admin.grant, draft("短信二", "sms", 60), None).await.unwrap();
    let wrong = desk.app.test_channel(&admin.grant, off.id, "1234").await.unwrap_err();
    assert!(matches!(wrong, Fault::Refused(r) if r.places[0].pointer == "/to"));
    let id = desk.app.test_channel(&admin.grant, off.id, "138 0000 0002").await.unwrap();
    let dispatch = desk.app.dispatch().await.unwrap().remove(0);
    assert_eq!(dispatch.channel.name, "短信二");
    answers(&desk, &dispatch, AttemptOutcome::Failed).await;
    assert_eq!(state(&desk, id).await, "failed");
}

#[tokio::test]
async fn secrets_and_numbers_stay_with_those_who_need_them() {
    let desk = in_memory().await;
    let admin = administrator(&desk).await;
    let officer = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.employ("linxian", "邻县", "system_admin", fengsui_app::kit::NEIGHBOUR).await;
    let other = desk.sign_in("linxian").await;
    let secret = ChannelDraft {
        driver: Driver::Wecom,
        settings: BTreeMap::new(),
        secrets: [("url".to_owned(), Some("https://example.org/?key=SECRET".to_owned()))].into(),
        ..draft("群", "robot", 20)
    };
    let made = channel(&desk, &admin, secret).await;
    assert_eq!(made.secrets_set, ["url"]);
    assert!(!format!("{made:?}").contains("SECRET"));
    assert!(!desk.sentences_since(0).await.iter().any(|l| l.contains("SECRET")));
    assert!(desk.app.channels(&officer.grant).is_err() && desk.app.channels(&other.grant).is_err());
    desk.app.send_notice(notice(true), rule()).await.unwrap();
    let page = |who: &SignedIn| {
        let grant = who.grant.clone();
        let app = desk.app.clone();
        async move { app.messages(&grant, MessageFilter::default(), None, 10).await }
    };
    let seen = page(&officer).await.unwrap().0;
    assert_eq!(seen[0].message.phone.as_deref(), Some("13800000001"));
    assert_eq!(seen[0].message.token, None);
    assert_eq!(page(&admin).await.unwrap().0[0].message.phone.as_deref(), Some("138****0001"));
    assert!(page(&other).await.unwrap().0.is_empty());
}

/// The states of the messages about an alarm, each once.
async fn states_about(desk: &Desk, alarm: EntryId) -> BTreeSet<String> {
    let mut query = Query::newest("message", Scope::everything());
    query.limit = 200;
    let all = desk.store.list(&query).await.unwrap().items;
    let about = |e: &&fengsui_ledger::Entry| Message::of(e).is_some_and(|m| m.about == alarm);
    all.iter().filter(about).map(|e| e.state.clone()).collect()
}

fn states<const N: usize>(all: [&str; N]) -> BTreeSet<String> {
    all.map(str::to_owned).into()
}

#[tokio::test]
async fn what_still_waits_for_a_gateway_is_withdrawn_when_somebody_takes_the_alarm() {
    on_each_store(async |desk| {
        let admin = administrator(&desk).await;
        channel(&desk, &admin, draft("语音", "voice", 60)).await;
        desk.enlist("deputy", "副班李强", "13900000001", COUNTY).await;
        desk.enlist("deputy", "副班王英", "13900000002", COUNTY).await;
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 4).await;
        desk.register("瑞禾电子", TOWN, "890", 4).await;
        let (taken, left) = (desk.fire("889", 1).await.entry.id, desk.fire("890", 1).await.entry.id);
        desk.pass_climbing(60).await;
        let out = desk.app.dispatch().await.unwrap();
        let mut about = Vec::new();
        for dispatch in &out {
            about.push(Message::of(&stored(&desk, dispatch.message).await).unwrap().about);
        }
        // Of the two messages about the first fire one leaves; everything else waits on.
        let first = about.iter().position(|id| *id == taken).unwrap();
        answers(&desk, &out[first], AttemptOutcome::Accepted).await;
        let before = desk.head().await;
        desk.app.act_on_alarm(&zhou.grant, AlarmId(taken), Command::Take).await.unwrap();
        assert_eq!(states_about(&desk, taken).await, states(["cancelled", "sent"]));
        assert_eq!(states_about(&desk, left).await, states(["waiting"]), "another alarm's stay");
        let said = desk.sentences_since(before).await;
        let withdrawn: Vec<_> = said.iter().filter(|s| s.contains("撤回")).collect();
        assert_eq!(withdrawn.len(), 1);
        assert!(withdrawn[0].starts_with("周敏：撤回给副班") && withdrawn[0].ends_with("告警已签收"));
        // What was with the gateway in that moment is noted when it comes back, and is not sent once more.
        for dispatch in out.iter().enumerate().filter(|(n, _)| *n != first).map(|(_, d)| d) {
            answers(&desk, dispatch, AttemptOutcome::Failed).await;
        }
        assert_eq!(states_about(&desk, taken).await, states(["cancelled", "sent"]));
        desk.clock.pass_s(60);
        let again = desk.app.dispatch().await.unwrap();
        assert!(!again.is_empty(), "the other alarm still calls");
        for dispatch in again {
            assert_eq!(Message::of(&stored(&desk, dispatch.message).await).unwrap().about, left);
        }
    })
    .await;
}

#[tokio::test]
async fn merging_and_closing_withdraw_too_and_a_remark_does_not() {
    let desk = in_memory().await;
    desk.enlist("deputy", "副班李强", "13900000001", COUNTY).await;
    desk.enlist("duty_leader", "孙志远", "13900000002", COUNTY).await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.register("云岫纺织", TOWN, "889", 4).await;
    let head = AlarmId(desk.fire("889", 1).await.entry.id);
    desk.app.act_on_alarm(&zhou.grant, head, Command::Take).await.unwrap();
    desk.clock.pass_s(200);
    let member = AlarmId(desk.fire("889", 2).await.entry.id);
    desk.pass_climbing(60).await;
    let note = Command::Note { text: "已电话询问".to_owned() };
    desk.app.act_on_alarm(&zhou.grant, member, note).await.unwrap();
    assert_eq!(states_about(&desk, member.into()).await, states(["waiting"]));
    desk.app.act_on_alarm(&zhou.grant, member, Command::Merge { into: head }).await.unwrap();
    assert_eq!(states_about(&desk, member.into()).await, states(["cancelled"]));
    // The holder's own clock has run out: the duty leader is asked why, and then it is closed.
    desk.pass_climbing(120).await;
    assert_eq!(states_about(&desk, head.into()).await, states(["waiting"]));
    let verdict = Command::Verify { finding: Finding::Test, cause: None, note: None };
    desk.app.act_on_alarm(&zhou.grant, head, verdict).await.unwrap();
    assert_eq!(states_about(&desk, head.into()).await, states(["cancelled"]));
    let close = Command::Close { note: None, unrestored_reason: Some("消防检测".to_owned()) };
    desk.app.act_on_alarm(&zhou.grant, head, close).await.unwrap();
    assert!(desk.app.dispatch().await.unwrap().is_empty());
}
