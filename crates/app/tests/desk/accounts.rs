//! Accounts: one-time passwords, throttled logins, and administrators who cannot reach beyond their own region.

use crate::stores::{in_memory, on_each_store};
use fengsui_access::Appointment;
use fengsui_app::kit::{COUNTY, Desk, PASSWORD, TOWN, code};
use fengsui_app::{
    ATTEMPTS_MAX, AccountContact, AccountDraft, AccountEdit, AppointmentDraft, Fault, LOCK_MINUTES,
    SESSION_HOURS, SignedIn,
};
use fengsui_base::{AccountId, Refusal, RefusalKind};

#[tokio::test]
async fn a_one_time_password_must_become_ones_own_and_not_itself() {
    on_each_store(async |desk| {
        let admin = administrator(&desk, COUNTY).await;
        let issued = desk
            .app
            .create_account(&admin.grant, draft("zhoumin", "duty_officer", COUNTY), None)
            .await
            .unwrap();
        let one_time = issued.one_time_password.unwrap();
        let login = desk.app.log_in("zhoumin", one_time.clone(), "192.0.2.10").await.unwrap();
        assert!(login.signed_in.must_change_password);
        let change = async |fresh: &str| {
            desk.app.change_password(&login.signed_in, one_time.clone(), fresh.to_owned()).await
        };
        assert_eq!(change(&one_time).await.unwrap_err().refusal().places[0].code, "password.same");
        assert_eq!(change("short").await.unwrap_err().refusal().places[0].code, "password.short");
        change(PASSWORD).await.unwrap();
        assert!(!desk.app.authenticate(&login.token).await.unwrap().must_change_password);
        assert!(desk.app.log_in("zhoumin", one_time, "192.0.2.10").await.is_err(), "it is used up");
    })
    .await;
}

#[tokio::test]
async fn the_same_request_twice_makes_one_account_and_shows_its_password_once() {
    on_each_store(async |desk| {
        let admin = administrator(&desk, COUNTY).await;
        let create = async |login: &str, key: &str| {
            desk.app
                .create_account(&admin.grant, draft(login, "duty_officer", COUNTY), Some(key.to_owned()))
                .await
        };
        let first = create("zhoumin", "a").await.unwrap();
        let again = create("zhoumin", "a").await.unwrap();
        assert_eq!((again.account.entry.id, again.one_time_password), (first.account.entry.id, None));
        let taken = create("Zhoumin", "b").await.err().unwrap().refusal();
        assert_eq!(taken.places[0].detail, "账号 Zhoumin 已有人用，请换一个");
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_after_a_shift_and_not_a_second_before() {
    on_each_store(async |desk| {
        desk.employ("zhoumin", "周敏", "fire_supervisor", COUNTY).await;
        let token = desk.app.log_in("zhoumin", PASSWORD.to_owned(), "192.0.2.10").await.unwrap().token;
        desk.clock.pass_s(SESSION_HOURS * 3600 - 1);
        assert_eq!(desk.app.authenticate(&token).await.unwrap().login, "zhoumin");
        desk.clock.pass_s(1);
        assert_eq!(
            desk.app.authenticate(&token).await.unwrap_err().refusal().kind,
            RefusalKind::Unauthenticated
        );
        for nonsense in ["", "zz", "00", &"0".repeat(64), "周敏"] {
            assert_eq!(desk.app.authenticate(nonsense).await.unwrap_err().refusal().code, "session.none");
        }
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_not_ones_own() {
    let desk = in_memory().await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let log_in = async || desk.app.log_in("zhoumin", PASSWORD.to_owned(), "192.0.2.10").await.unwrap();
    let (here, elsewhere) = (log_in().await, log_in().await);
    desk.app
        .change_password(&here.signed_in, PASSWORD.to_owned(), "lingyige-mima-110".to_owned())
        .await
        .unwrap();
    assert!(desk.app.authenticate(&here.token).await.is_ok());
    assert!(desk.app.authenticate(&elsewhere.token).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_wrong_passwords_at_the_same_moment_get_no_more_tries_than_one_after_another() {
    let desk = in_memory().await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let app = desk.app.clone();
            tokio::spawn(async move {
                app.log_in("zhoumin", format!("cuowu-de-mima-{n}"), &format!("192.0.2.{n}")).await
            })
        })
        .collect();
    let mut looked_at = 0;
    for task in tasks {
        let refusal = refusal(task.await.unwrap());
        looked_at += u32::from(refusal.kind == RefusalKind::Unauthenticated);
    }
    assert_eq!(looked_at, ATTEMPTS_MAX);
    let locked = refusal(desk.app.log_in("zhoumin", PASSWORD.to_owned(), "192.0.2.99").await);
    assert_eq!((locked.kind, locked.code.as_ref()), (RefusalKind::Limited, "login.throttled"));
    desk.clock.pass_s(LOCK_MINUTES * 60);
    desk.sign_in("zhoumin").await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_one_answer_and_both_are_on_record() {
    on_each_store(async |desk| {
        desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
        let before = desk.head().await;
        let wrong = refusal(desk.app.log_in("zhoumin", "cuowu-de-mima".to_owned(), "192.0.2.10").await);
        let unknown = refusal(desk.app.log_in("meiyouren", "cuowu-de-mima".to_owned(), "192.0.2.10").await);
        assert_eq!(wrong, unknown);
        assert_eq!(desk.sentences_since(before).await, ["规则 登录核验：登录被拒绝"; 2]);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_cannot_touch_an_account_that_holds_a_post_beyond_her_region() {
    let desk = in_memory().await;
    let county = administrator(&desk, COUNTY).await;
    desk.employ("zhenanquan", "镇安全员", "security_admin", TOWN).await;
    let town = desk.sign_in("zhenanquan").await;
    let both =
        desk.employ_with("chenli", "陈立", &[("township_officer", TOWN), ("duty_leader", COUNTY)]).await;
    let own = desk.employ("wangfang", "王芳", "township_officer", TOWN).await;
    for account in [
        desk.app.account(&town.grant, both).await.unwrap(),
        desk.app.account(&town.grant, own).await.unwrap(),
    ] {
        let id = AccountId(account.entry.id);
        let outcomes = [
            desk.app.reset_password(&town.grant, id).await.map(|_| ()),
            desk.app.enable_account(&town.grant, id, false).await.map(|_| ()),
        ];
        let said = desk.app.beyond_reach(&town.grant, &account);
        assert_eq!(said.is_some(), id == both);
        for outcome in outcomes {
            assert_eq!(outcome.err().map(|fault| fault.refusal()), said, "the button and the act agree");
        }
    }
    assert!(desk.app.reset_password(&county.grant, both).await.is_ok());
}

#[tokio::test]
async fn an_account_moves_with_its_first_post() {
    let desk = in_memory().await;
    let county = administrator(&desk, COUNTY).await;
    desk.employ("zhenanquan", "镇安全员", "security_admin", TOWN).await;
    let town = desk.sign_in("zhenanquan").await;
    let id = desk.employ("chenli", "陈立", "duty_leader", COUNTY).await;
    assert_eq!(desk.app.account(&town.grant, id).await.unwrap_err().refusal().kind, RefusalKind::NotFound);
    let posts = vec![Appointment::of("township_officer", code(TOWN))];
    desk.app
        .change_account(&county.grant, id, 1, AccountEdit { appointments: Some(posts), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(desk.app.account(&town.grant, id).await.unwrap().entry.version, 2);
}

#[tokio::test]
async fn nobody_disables_herself_or_gives_herself_posts() {
    let desk = in_memory().await;
    let admin = administrator(&desk, COUNTY).await;
    let own = admin.grant.account();
    assert_eq!(
        desk.app.enable_account(&admin.grant, own, false).await.unwrap_err().refusal().code,
        "account.own"
    );
    let version = desk.app.account(&admin.grant, own).await.unwrap().entry.version;
    let posts = Some(vec![Appointment::of("duty_leader", code(COUNTY))]);
    assert_eq!(
        desk.app
            .change_account(
                &admin.grant,
                own,
                version,
                AccountEdit { appointments: posts, ..Default::default() }
            )
            .await
            .unwrap_err()
            .refusal()
            .code,
        "account.own_posts"
    );
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_cannot_come_back() {
    on_each_store(async |desk| {
        let admin = administrator(&desk, COUNTY).await;
        let zhou = desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
        let token = desk.app.log_in("zhoumin", PASSWORD.to_owned(), "192.0.2.10").await.unwrap().token;
        desk.app.enable_account(&admin.grant, zhou, false).await.unwrap();
        assert!(desk.app.authenticate(&token).await.is_err());
        let refused = refusal(desk.app.log_in("zhoumin", PASSWORD.to_owned(), "192.0.2.10").await);
        assert_eq!(refused.code, "login.refused");
        desk.app.enable_account(&admin.grant, zhou, true).await.unwrap();
        assert!(desk.app.authenticate(&token).await.is_err(), "the old session stays ended");
        desk.sign_in("zhoumin").await;
    })
    .await;
}

#[tokio::test]
async fn numbers_of_units_that_nobody_has_are_told_in_one_sentence() {
    let desk = in_memory().await;
    let anquan = administrator(&desk, COUNTY).await;
    let asked = async |count: u32| {
        let unit_codes = (1..=count).map(|n| format!("DW-{n}")).collect();
        let draft = AppointmentDraft {
            post: "unit_safety_manager".to_owned(),
            region: code(COUNTY),
            unit_codes,
            sectors: Vec::new(),
        };
        let refused = desk.app.appointments(&anquan.grant, vec![draft]).await.unwrap_err().refusal();
        assert_eq!((refused.places.len(), refused.places[0].pointer.as_str()), (1, "/posts/0/units"));
        refused.places[0].detail.clone()
    };
    assert_eq!(asked(1).await, "该辖区没有编号为 DW-1 的单位，请核对单位编号");
    assert!(asked(5).await.contains("DW-1、DW-2、DW-3、DW-4、DW-5 的单位"));
    assert!(asked(40).await.contains("DW-1、DW-2、DW-3、DW-4、DW-5 等 40 家单位"));
}

async fn administrator(desk: &Desk, region: &str) -> SignedIn {
    desk.employ("anquan", "安全管理员", "security_admin", region).await;
    desk.sign_in("anquan").await
}

fn draft(login: &str, post: &str, region: &str) -> AccountDraft {
    let appointments = vec![Appointment::of(post, code(region))];
    AccountDraft {
        login: login.to_owned(),
        name: "周敏".to_owned(),
        appointments,
        certificate: None,
        contact: AccountContact::default(),
    }
}

fn refusal<T>(outcome: Result<T, Fault>) -> Refusal {
    match outcome {
        Ok(_) => panic!("should have been refused"),
        Err(fault) => fault.refusal(),
    }
}

/// Where an officer is reached is kept as it is dialled, changed by itself, and taken away by an empty text.
#[tokio::test]
async fn the_addresses_of_an_officer_are_checked_and_kept_as_they_are_dialled() {
    on_each_store(async |desk| {
        let admin = administrator(&desk, COUNTY).await;
        let reached = |phone: &str, email: &str| {
            let contact = AccountContact {
                phone: Some(phone.to_owned()),
                email: Some(email.to_owned()),
                ..AccountContact::default()
            };
            AccountDraft { contact, ..draft("luomin", "fire_supervisor", COUNTY) }
        };
        let wrong = desk.app.create_account(&admin.grant, reached("12", "luo"), None).await;
        let places: Vec<_> = refusal(wrong).places.into_iter().map(|p| (p.pointer, p.code)).collect();
        assert_eq!(places[0], ("/phone".to_owned(), "phone.malformed".into()));
        assert_eq!(places[1], ("/email".to_owned(), "email.malformed".into()));
        let draft = reached("139 0000-0011", "luo@county.example");
        let made = desk.app.create_account(&admin.grant, draft, None).await.unwrap().account;
        assert_eq!(made.contact.phone.as_deref(), Some("13900000011"));
        let contact = AccountContact { email: Some(String::new()), ..AccountContact::default() };
        let edit = AccountEdit { contact, ..AccountEdit::default() };
        let id = AccountId(made.entry.id);
        let changed = desk.app.change_account(&admin.grant, id, 1, edit).await.unwrap();
        assert_eq!((changed.contact.phone.as_deref(), changed.contact.email), (Some("13900000011"), None));
    })
    .await;
}
