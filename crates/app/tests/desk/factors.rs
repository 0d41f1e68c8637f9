//! Second factors and the rules for passwords, told through logins.

use crate::stores::{in_memory, on_each_store};
use fengsui_access::totp;
use fengsui_app::kit::{COUNTY, Desk, PASSWORD};
use fengsui_app::{
    ATTEMPTS_MAX, FORMER_PASSWORDS, FactorPolicy, Fault, InHand, LOCK_MINUTES, Login, Policy, Proof,
    RECOVERY_CODES, Relief, SignedIn,
};
use fengsui_base::AccountId;

const HERE: &str = "192.0.2.10";

#[tokio::test]
async fn a_login_with_a_second_factor_takes_a_code_that_was_never_used() {
    on_each_store(async |desk| {
        let (_, seed, _) = enrolled(&desk, "anquan", "security_admin").await;
        assert_eq!(refused(log_in(&desk, "anquan", None).await), "login.code_needed");
        assert_eq!(refused(log_in(&desk, "anquan", Some("000000")).await), "login.code_wrong");
        let used = code(&desk, &seed, 0);
        assert_eq!(
            refused(log_in(&desk, "anquan", Some(&used)).await),
            "login.code_wrong",
            "it enrolled the factor"
        );
        let next = code(&desk, &seed, 1);
        log_in(&desk, "anquan", Some(&next)).await.unwrap();
        assert_eq!(refused(log_in(&desk, "anquan", Some(&next)).await), "login.code_wrong", "it was used");
        desk.clock.pass_s(120);
        assert_eq!(refused(log_in(&desk, "anquan", Some(&code(&desk, &seed, -2))).await), "login.code_wrong");
        log_in(&desk, "anquan", Some(&code(&desk, &seed, -1))).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_logins_with_one_code_at_the_same_moment_one_gets_in() {
    let desk = in_memory().await;
    let (_, seed, _) = enrolled(&desk, "anquan", "security_admin").await;
    let next = code(&desk, &seed, 1);
    let tasks = [0, 1].map(|_| {
        let (app, next) = (desk.app.clone(), next.clone());
        tokio::spawn(async move {
            app.log_in_with_code("anquan", PASSWORD.to_owned(), Some(&next), HERE).await.is_ok()
        })
    });
    let [a, b] = tasks;
    assert!(a.await.unwrap() ^ b.await.unwrap());
}

#[tokio::test]
async fn a_recovery_code_is_good_for_one_login_and_wrong_codes_lock_like_wrong_passwords() {
    on_each_store(async |desk| {
        let (who, seed, recovery) = enrolled(&desk, "anquan", "security_admin").await;
        assert_eq!(recovery.len(), RECOVERY_CODES);
        let typed = recovery[3].to_uppercase().replace('-', " ");
        log_in(&desk, "anquan", Some(&typed)).await.unwrap();
        assert_eq!(refused(log_in(&desk, "anquan", Some(&recovery[3])).await), "login.code_wrong");
        let state = desk.app.factor_state(who.grant.account()).await.unwrap();
        assert_eq!((state.enrolled, state.recovery_left), (true, RECOVERY_CODES - 1));
        for _ in 1..ATTEMPTS_MAX {
            assert_eq!(refused(log_in(&desk, "anquan", None).await), "login.code_needed");
            assert_eq!(refused(log_in(&desk, "anquan", Some("000000")).await), "login.code_wrong");
        }
        desk.clock.pass_s(60);
        let right = code(&desk, &seed, 0);
        assert_eq!(refused(log_in(&desk, "anquan", Some(&right)).await), "login.throttled");
        desk.clock.pass_s(LOCK_MINUTES * 60);
        log_in(&desk, "anquan", Some(&code(&desk, &seed, 0))).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn privileged_posts_must_enrol_where_the_site_demands_it_and_others_need_not() {
    let desk = in_memory().await;
    desk.app.set_policy(Policy { second_factor: FactorPolicy::Privileged, password_days_max: None });
    desk.employ("shenji", "审计员", "audit_admin", COUNTY).await;
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    assert!(!desk.sign_in("zhoumin").await.must_enrol);
    let auditor = desk.app.log_in("shenji", PASSWORD.to_owned(), HERE).await.unwrap();
    assert!(auditor.signed_in.must_enrol);
    enrol(&desk, &auditor.signed_in).await;
    assert!(!desk.app.authenticate(&auditor.token).await.unwrap().must_enrol);
}

#[tokio::test]
async fn a_security_administrator_resets_a_factor_and_it_is_on_record() {
    let desk = in_memory().await;
    let (who, _, _) = enrolled(&desk, "shenji", "audit_admin").await;
    desk.employ("anquan", "安全员", "security_admin", COUNTY).await;
    let admin = desk.sign_in("anquan").await;
    let before = desk.head().await;
    desk.app.reset_factor(&admin.grant, who.grant.account()).await.unwrap();
    assert_eq!(desk.sentences_since(before).await, ["anquan：重置第二验证".replace("anquan", "安全员")]);
    assert_eq!(desk.app.factor_state(who.grant.account()).await.unwrap(), Default::default());
    log_in(&desk, "shenji", None).await.unwrap();
}

#[tokio::test]
async fn whoever_has_a_second_factor_does_not_come_in_by_a_shift_change() {
    let desk = in_memory().await;
    let zhou = desk.on_duty("zhoumin", "周敏", "duty_officer", 1).await;
    enrolled(&desk, "liqiang", "duty_officer").await;
    let proof = Proof::Password(PASSWORD.to_owned());
    let relief = Relief { login: "liqiang".to_owned(), proof, in_hand: InHand::Stay };
    assert_eq!(refused(desk.app.change_shift(&zhou, 1, relief, HERE).await), "shift.factor");
}

#[tokio::test]
async fn the_last_passwords_do_not_come_back() {
    on_each_store(async |desk| {
        desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
        let zhou = desk.sign_in("zhoumin").await;
        let change = async |from: &str, to: &str| {
            let changed = desk.app.change_password(&zhou, from.to_owned(), to.to_owned()).await;
            changed.err().map(|f| f.refusal().places[0].code.to_string()).unwrap_or_default()
        };
        let mut present = PASSWORD.to_owned();
        for n in 0..FORMER_PASSWORDS {
            let next = format!("shan-gao-shui-chang-{n}x");
            assert_eq!(change(&present, &next).await, "");
            assert_eq!(change(&next, PASSWORD).await, "password.former", "after {n}");
            present = next;
        }
        assert_eq!(change(&present, "shan-gao-shui-chang-5x").await, "");
        assert_eq!(change("shan-gao-shui-chang-5x", PASSWORD).await, "", "six changes ago");
    })
    .await;
}

#[tokio::test]
async fn a_password_that_grew_too_old_is_changed_at_the_next_login_and_not_in_the_middle_of_a_shift() {
    let desk = in_memory().await;
    desk.app.set_policy(Policy { password_days_max: Some(1), ..Policy::default() });
    desk.employ("zhoumin", "周敏", "duty_officer", COUNTY).await;
    desk.clock.pass_s(86_400 - 60);
    let login = log_in(&desk, "zhoumin", None).await.unwrap();
    desk.clock.pass_s(60);
    assert!(!desk.app.authenticate(&login.token).await.unwrap().must_change_password);
    let next = log_in(&desk, "zhoumin", None).await.unwrap();
    assert!(next.signed_in.must_change_password);
    desk.app
        .change_password(&next.signed_in, PASSWORD.to_owned(), "lingyige-mima-110".to_owned())
        .await
        .unwrap();
    assert!(!desk.app.authenticate(&next.token).await.unwrap().must_change_password);
}

async fn enrolled(desk: &Desk, login: &str, post: &str) -> (SignedIn, Vec<u8>, Vec<String>) {
    let id: AccountId = desk.employ(login, "李强", post, COUNTY).await;
    let who = desk.sign_in(login).await;
    assert_eq!(who.grant.account(), id);
    let (seed, recovery) = enrol(desk, &who).await;
    (who, seed, recovery)
}

async fn enrol(desk: &Desk, who: &SignedIn) -> (Vec<u8>, Vec<String>) {
    let offered = desk.app.offer_factor(who, PASSWORD.to_owned()).await.unwrap();
    let stored = desk.store.secrets(who.grant.account().into()).await.unwrap();
    let seed = hex::decode(&stored["factor/offered"]).unwrap();
    assert!(offered.uri.contains(&totp::base32(&seed)) && offered.seed == totp::base32(&seed));
    let recovery = desk.app.confirm_factor(who, &code(desk, &seed, 0)).await.unwrap();
    (seed, recovery)
}

/// The code that the phone shows some steps from now.
fn code(desk: &Desk, seed: &[u8], steps: i64) -> String {
    totp::code_at(seed, desk.app.now().as_second() / 30 + steps)
}

async fn log_in(desk: &Desk, login: &str, code: Option<&str>) -> Result<Login, Fault> {
    desk.app.log_in_with_code(login, PASSWORD.to_owned(), code, HERE).await
}

fn refused(outcome: Result<Login, Fault>) -> String {
    outcome.err().expect("should have been refused").refusal().code.into_owned()
}
