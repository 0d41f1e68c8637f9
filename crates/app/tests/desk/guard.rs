//! Who is at the desk: PIN, shift change, mute, silent bells, locked sessions and displays that go on.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, PASSWORD, TOWN};
use fengsui_app::{
    ATTEMPTS_MAX, Command, DISPLAY_DAYS, Fault, InHand, LOCK_MINUTES, Lock, MUTE_S_MAX, MUTE_S_MIN, Proof,
    Relief, SESSION_HOURS, SignedIn, SoundTest,
};
use fengsui_base::Refusal;

const PIN: &str = "2580";
const HERE: &str = "192.0.2.10";

#[tokio::test]
async fn a_shift_passes_over_in_one_change_with_the_seat_the_sound_and_the_alarms() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        with_pin(&desk, "liqiang", "李强").await;
        desk.register("云岫纺织", TOWN, "889", 2).await;
        for point in [1, 2] {
            let alarm = desk.fire("889", point).await;
            desk.app.act_on_alarm(&zhou.grant, alarm.alarm.id, Command::Take).await.unwrap();
        }
        let token = desk.app.log_in("zhoumin", PASSWORD.to_owned(), HERE).await.unwrap();
        let before = desk.head().await;
        let login = desk
            .app
            .change_shift(&token.signed_in, 1, relief("liqiang", PIN, InHand::Pass), HERE)
            .await
            .unwrap();
        assert_eq!(desk.head().await, before + 1, "one change");
        assert_eq!(
            desk.sentences_since(before).await,
            [
                "周敏：移交给 1 席 李强：换班",
                "周敏：移交给 1 席 李强：换班",
                "周敏：离开 1 席：换班",
                "李强：换班登录",
                "李强：换班：接 周敏 上 1 席，接过在办告警 2 起",
            ]
        );
        let (seat, held) = desk.app.board().seat_of(login.signed_in.grant.account()).unwrap();
        assert_eq!((seat, held.officer.name.as_str(), held.sound.as_str()), (1, "李强", "heard"));
        assert_eq!(login.signed_in.grant.officer().seat, Some(1));
        let holders = desk.open_alarms().into_iter().map(|a| a.alarm.holder().unwrap().officer.name.clone());
        assert_eq!(holders.collect::<Vec<_>>(), ["李强", "李强"]);
        assert!(desk.app.authenticate(&token.token).await.is_err(), "the leaving officer's session is over");
        assert!(desk.app.authenticate(&login.token).await.unwrap().lock.is_none());
        assert!(desk.app.board().seat_of(zhou.grant.account()).is_none());
    })
    .await;
}

#[tokio::test]
async fn alarms_in_hand_may_stay_with_the_one_who_leaves_until_somebody_takes_them_over() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    with_pin(&desk, "liqiang", "李强").await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let alarm = desk.fire("889", 1).await.alarm.id;
    desk.app.act_on_alarm(&zhou.grant, alarm, Command::Take).await.unwrap();
    let li =
        desk.app.change_shift(&zhou, 1, relief("liqiang", PIN, InHand::Stay), HERE).await.unwrap().signed_in;
    assert_eq!(desk.open_alarms()[0].alarm.holder().unwrap().officer.name, "周敏");
    let take_over = Command::TakeOver { reason: "换班".to_owned() };
    desk.app.act_on_alarm(&li.grant, alarm, take_over).await.unwrap();
    assert_eq!(desk.open_alarms()[0].alarm.holder().unwrap().officer.name, "李强");
}

#[tokio::test]
async fn a_shift_is_refused_to_whoever_may_not_sit_there_and_nothing_changes() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    desk.on_duty("chenli", "陈立", "duty_officer", 2).await;
    desk.employ("wangfang", "王芳", "township_officer", TOWN).await;
    desk.employ("linlan", "林岚", "duty_officer", NEIGHBOUR).await;
    with_pin(&desk, "liqiang", "李强").await;
    let offered = desk.app.reliefs(&zhou).await.unwrap();
    assert_eq!(offered.iter().map(|(login, _)| login.as_str()).collect::<Vec<_>>(), ["liqiang"]);
    let by_password = |login: &str| {
        let proof = Proof::Password(PASSWORD.to_owned());
        Relief { login: login.to_owned(), proof, in_hand: InHand::Stay }
    };
    for (relief, code) in [
        (by_password("zhoumin"), "shift.same"),
        (by_password("chenli"), "seat.already"),
        (by_password("wangfang"), "shift.no_post"),
        (by_password("linlan"), "shift.no_post"),
        (by_password("meiyouren"), "shift.unknown"),
        (relief("wangfang", PIN, InHand::Stay), "pin.none"),
        (relief("liqiang", "2581", InHand::Stay), "pin.wrong"),
    ] {
        assert_eq!(refusal(desk.app.change_shift(&zhou, 1, relief, HERE).await.map(drop)).code, code);
    }
    let other = refusal(desk.app.change_shift(&zhou, 2, by_password("liqiang"), HERE).await.map(drop));
    assert_eq!(other.code, "seat.other");
    assert_eq!(desk.app.board().seats()[&1].officer.name, "周敏");
    desk.app.change_shift(&zhou, 1, by_password("liqiang"), HERE).await.unwrap();
}

#[tokio::test]
async fn a_pin_rests_after_the_last_wrong_try_and_the_password_wakes_it() {
    on_each_store(async |desk| {
        let zhou = with_pin(&desk, "zhoumin", "周敏").await;
        desk.app.lock_session(&zhou).await.unwrap();
        let unlock = async |proof: Proof| refused(desk.app.unlock_session(&zhou, &proof, HERE).await);
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(unlock(Proof::Pin("0000".to_owned())).await, "pin.wrong");
        }
        assert_eq!(unlock(Proof::Pin(PIN.to_owned())).await, "pin.throttled");
        assert_eq!(unlock(Proof::Password("cuowu-de-mima".to_owned())).await, "password.wrong");
        assert_eq!(unlock(Proof::Password(PASSWORD.to_owned())).await, "");
        assert_eq!(unlock(Proof::Pin(PIN.to_owned())).await, "");
        for _ in 0..ATTEMPTS_MAX {
            unlock(Proof::Pin("0000".to_owned())).await;
        }
        desk.clock.pass_s(LOCK_MINUTES * 60);
        assert_eq!(unlock(Proof::Pin(PIN.to_owned())).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_pin_is_set_with_the_password_and_dropped_when_the_password_is_reset() {
    let desk = in_memory().await;
    let zhou = with_pin(&desk, "zhoumin", "周敏").await;
    let id = zhou.grant.account();
    let set = async |password: &str, pin: &str| {
        refusal(desk.app.set_pin(&zhou, password.to_owned(), pin).await).places[0].code.clone()
    };
    assert_eq!(set("cuowu-de-mima", "31415").await, "password.wrong");
    assert_eq!(set(PASSWORD, "1234").await, "pin.simple");
    desk.employ("anquan", "安全员", "security_admin", COUNTY).await;
    let admin = desk.sign_in("anquan").await;
    desk.app.reset_password(&admin.grant, id).await.unwrap();
    assert!(!desk.app.has_pin(id).await.unwrap(), "whoever got the reset may not use the old PIN");
}

#[tokio::test]
async fn a_mute_is_short_on_record_and_no_taking() {
    on_each_store(async |desk| {
        let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
        desk.register("云岫纺织", TOWN, "889", 1).await;
        let alarm = desk.fire("889", 1).await;
        let before = desk.head().await;
        desk.app.mute(&zhou, 1, MUTE_S_MAX).await.unwrap();
        let mute = desk.app.board().seats()[&1].muted.unwrap();
        assert_eq!(mute.until.as_second() - mute.since.as_second(), i64::from(MUTE_S_MAX));
        assert_eq!(desk.open_alarms()[0].alarm.state(), "raised");
        assert_eq!(desk.open_alarms()[0].entry.version, alarm.entry.version);
        for wrong in [MUTE_S_MIN - 1, MUTE_S_MAX + 1] {
            assert_eq!(refusal(desk.app.mute(&zhou, 1, wrong).await).places[0].code, "mute.length");
        }
        assert_eq!(refusal(desk.app.mute(&zhou, 2, 60).await).code, "seat.none");
        desk.app.unmute(&zhou, 1).await.unwrap();
        desk.app.unmute(&zhou, 1).await.unwrap();
        assert_eq!(desk.app.board().seats()[&1].muted, None);
        assert_eq!(desk.sentences_since(before).await, ["周敏：1 席消音 5 分钟", "周敏：1 席恢复铃声"]);
    })
    .await;
}

#[tokio::test]
async fn a_bell_that_cannot_sound_is_seen_by_everybody_for_as_long_as_it_lasts() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    let before = desk.head().await;
    for sound in [SoundTest::Heard, SoundTest::Blocked, SoundTest::Blocked, SoundTest::Heard] {
        desk.app.report_sound(&zhou, 1, sound).await.unwrap();
        assert_eq!(desk.app.board().seats()[&1].sound, sound.code());
    }
    assert_eq!(
        desk.sentences_since(before).await,
        ["周敏：1 席无声：声音被拦住或中断", "周敏：1 席声音听到"]
    );
}

#[tokio::test]
async fn a_locked_session_stays_locked_after_a_restart_and_a_display_outlives_the_shift() {
    on_each_store(async |desk| {
        desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
        desk.employ("dongzhu", "何苗", "township_officer", TOWN).await;
        let token = desk.app.log_in("zhoumin", PASSWORD.to_owned(), HERE).await.unwrap().token;
        let office = desk.app.log_in("dongzhu", PASSWORD.to_owned(), HERE).await.unwrap().token;
        let zhou = desk.app.authenticate(&token).await.unwrap();
        desk.app.lock_session(&zhou).await.unwrap();
        let desk = desk.restart().await;
        let locked = desk.app.authenticate(&token).await.unwrap();
        assert_eq!(locked.lock, Some(Lock::Left));
        desk.app.unlock_session(&locked, &Proof::Password(PASSWORD.to_owned()), HERE).await.unwrap();
        assert_eq!(desk.app.authenticate(&token).await.unwrap().lock, None);
        desk.clock.pass_s(SESSION_HOURS * 3600);
        let over = desk.app.authenticate(&token).await.unwrap();
        assert_eq!(over.lock, Some(Lock::Expired));
        let again = desk.app.unlock_session(&over, &Proof::Password(PASSWORD.to_owned()), HERE).await;
        assert_eq!(refusal(again).code, "session.expired");
        assert!(desk.app.authenticate(&office).await.is_err(), "an office has no display to keep");
        desk.clock.pass_s((DISPLAY_DAYS * 24 - SESSION_HOURS) * 3600 - 1);
        assert!(desk.app.authenticate(&token).await.is_ok());
        desk.clock.pass_s(1);
        assert!(desk.app.authenticate(&token).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_person_sees_her_sessions_and_ends_the_one_she_does_not_know() {
    let desk = in_memory().await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    desk.employ("liqiang", "李强", "duty_officer", COUNTY).await;
    let here = desk.app.log_in("zhoumin", PASSWORD.to_owned(), HERE).await.unwrap();
    desk.clock.pass_s(60);
    let elsewhere = desk.app.log_in("zhoumin", PASSWORD.to_owned(), "198.51.100.7").await.unwrap();
    let own = desk.app.own_sessions(&here.signed_in).await.unwrap();
    let seen = own.iter().map(|s| (s.origin.as_str(), s.own)).collect::<Vec<_>>();
    assert_eq!(seen, [("198.51.100.7", false), (HERE, true)]);
    let li = desk.sign_in("liqiang").await;
    let ended = desk.app.end_session(&li, &own[0].name).await;
    assert_eq!(refusal(ended).code, "not_found", "nobody ends the session of another");
    desk.app.end_session(&here.signed_in, &own[0].name).await.unwrap();
    assert!(desk.app.authenticate(&elsewhere.token).await.is_err());
    assert!(desk.app.authenticate(&here.token).await.is_ok());
    let own = desk.app.end_session(&here.signed_in, &own[1].name).await;
    assert_eq!(refusal(own).code, "not_found", "one's own is ended by logging out");
}

async fn with_pin(desk: &Desk, login: &str, name: &str) -> SignedIn {
    desk.employ(login, name, "duty_officer", COUNTY).await;
    let signed_in = desk.sign_in(login).await;
    desk.app.set_pin(&signed_in, PASSWORD.to_owned(), PIN).await.unwrap();
    signed_in
}

fn relief(login: &str, pin: &str, in_hand: InHand) -> Relief {
    Relief { login: login.to_owned(), proof: Proof::Pin(pin.to_owned()), in_hand }
}

fn refusal(outcome: Result<(), Fault>) -> Refusal {
    outcome.expect_err("should have been refused").refusal()
}

fn refused(outcome: Result<(), Fault>) -> String {
    outcome.err().map(|fault| fault.refusal().code.into_owned()).unwrap_or_default()
}
