//! A ledger of the site: drafted, adopted without a restart, used, ended, read back by the next start; and every limit of it.

use crate::delivery::{channel, draft};
use crate::stores::{in_memory, on_each_store};
use fengsui_access::Appointment;
use fengsui_app::kit::{self, COUNTY, Desk, NEIGHBOUR, TOWN, catalog_with, code};
use fengsui_app::{Fault, LedgerForm, Message, SignedIn};
use fengsui_base::{Fields, Scope};
use fengsui_catalog::{
    LABEL_CHARS_MAX, OWN_CHOICES_MAX, OWN_FIELDS_MAX, OwnField, OwnFieldType, SITE_LEDGERS_MAX, SiteLedger,
    Target,
};
use fengsui_store::Query;
use serde_json::json;

async fn admin(desk: &Desk) -> SignedIn {
    desk.employ("tanqing", "谭清", "system_admin", COUNTY).await;
    desk.sign_in("tanqing").await
}

fn own(label: &str, kind: OwnFieldType, choices: &[&str]) -> OwnField {
    OwnField {
        label: label.to_owned(),
        kind,
        required: kind == OwnFieldType::Choice,
        choices: choices.iter().map(|&c| c.to_owned()).collect(),
        unit: None,
        help: None,
        listed: true,
        retired: false,
    }
}

fn rooms(desk: &Desk) -> SiteLedger {
    SiteLedger {
        label: "冬季群租房整治".to_owned(),
        measure: "处".to_owned(),
        number: "QZF".to_owned(),
        pattern: "place_check".to_owned(),
        fields: vec![
            own("房屋用途", OwnFieldType::Choice, &["自住", "出租"]),
            own("间数", OwnFieldType::Integer, &[]),
        ],
        area: desk.app.campaign_area(&[code(COUNTY)]).unwrap(),
        ends_on: "2026-12-31".parse().unwrap(),
        target: Some(Target { count: 2, each_township: true }),
    }
}

fn found() -> LedgerForm {
    let fields: Fields =
        json!({ "place": "中心街 18 号", "checked_on": "2026-11-20", "found": "楼道停放电动车",
        "correct_by": "2026-12-05", "own_1": "choice_2", "own_2": 6 })
        .as_object()
        .unwrap()
        .clone();
    LedgerForm { mv: "register_found".to_owned(), fields, region: Some(code(TOWN)), ..LedgerForm::default() }
}

fn code_of(fault: &Fault) -> String {
    fault.refusal().code.to_string()
}

#[tokio::test]
async fn a_campaign_is_made_used_seen_and_ended_without_a_restart() {
    on_each_store(async |desk| {
        let admin = admin(&desk).await;
        desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        desk.employ("dongzhu", "东渚镇", "township_officer", TOWN).await;
        desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
        let luo = desk.sign_in("luomin").await;
        let revision = desk.app.catalog().revision();
        let draft = desk.app.draft_site_ledger(&admin.grant, rooms(&desk), None).await.unwrap();
        assert!(desk.app.ledger(&luo.grant, &draft.name).is_err(), "a draft is nobody's ledger");
        let judged = desk.app.judge_site_ledger(&admin.grant, Some(&draft.name), &draft.draft).await.unwrap();
        assert_eq!(judged.differences[0].text, "新台账“冬季群租房整治”");
        let made = desk.app.adopt_site_ledger(&admin.grant, &draft.name, 1).await.unwrap();
        assert_eq!((made.entry.state.as_str(), desk.app.catalog().revision()), ("adopted", revision + 1));

        let entry = desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap();
        assert_eq!((entry.number.as_deref(), entry.state.as_str()), (Some("QZF-2026-0001"), "ordered"));
        assert_eq!(entry.revision, revision + 1);
        let township = desk.sign_in("dongzhu").await;
        let tallies = desk.app.ledger_tallies(&township.grant, &made.name).await.unwrap();
        let progress = tallies.campaign.unwrap();
        let towns: Vec<_> = progress.townships.iter().map(|(r, n)| (r.name.as_str(), *n)).collect();
        assert_eq!((progress.done, towns), (1, vec![("东渚镇", 1)]));
        let neighbour = desk.sign_in("linxian").await;
        assert!(desk.app.ledger(&neighbour.grant, &made.name).is_err(), "outside its area it does not exist");

        // After a restart, and at a standby that takes over, it is there; an upgrade leaves it as it is.
        let name = made.name;
        let upgraded = catalog_with(&[("label = \"专项行动\"", "label = \"专项行动计划\"")]);
        let desk = desk.restart_with(upgraded, kit::node()).await;
        let report = LedgerForm {
            mv: "report".to_owned(),
            fields: json!({ "measures": "已搬离" }).as_object().unwrap().clone(),
            ..LedgerForm::default()
        };
        let moved = desk.app.move_entry(&luo.grant, &name, entry.id, entry.version, report).await.unwrap();
        let ended = desk.app.end_site_ledger(&admin.grant, &name, 2, "提前完成").await.unwrap();
        assert_eq!(ended.entry.state, "ended");
        let refused = desk.app.open_entry(&luo.grant, &name, found(), None).await.unwrap_err();
        assert_eq!(code_of(&refused), "campaign.over");
        let pass = LedgerForm {
            mv: "pass".to_owned(),
            fields: json!({ "rechecked_on": "2026-11-21" }).as_object().unwrap().clone(),
            ..LedgerForm::default()
        };
        let closed = desk.app.move_entry(&luo.grant, &name, moved.id, moved.version, pass).await.unwrap();
        assert_eq!(closed.state, "corrected", "what is open goes on");
        let desk = desk.restart().await;
        let refused = desk.app.open_entry(&luo.grant, &name, found(), None).await.unwrap_err();
        assert_eq!(code_of(&refused), "campaign.over");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_opened_behind_the_last_day_nor_outside_the_area() {
    let desk = in_memory().await;
    let admin = admin(&desk).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    let today = desk.app.calendar().day_of(desk.app.now());
    let form =
        SiteLedger { ends_on: today, area: desk.app.campaign_area(&[code(TOWN)]).unwrap(), ..rooms(&desk) };
    let made = desk.app.draft_site_ledger(&admin.grant, form, None).await.unwrap();
    desk.app.adopt_site_ledger(&admin.grant, &made.name, 1).await.unwrap();
    let elsewhere = LedgerForm { region: Some(code(COUNTY)), ..found() };
    let refused = desk.app.open_entry(&luo.grant, &made.name, elsewhere, None).await.unwrap_err();
    assert_eq!(refused.refusal().places[0].code, "campaign.area");
    desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap();
    desk.clock.pass_s(24 * 3600);
    let luo = desk.sign_in("luomin").await;
    let refused = desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap_err();
    assert_eq!(code_of(&refused), "campaign.over");
    assert!(desk.app.campaign_area(&[code(NEIGHBOUR)]).is_err(), "another county is not ours to campaign in");
}

#[tokio::test]
async fn every_mistake_of_the_form_has_its_place_and_every_limit_its_last_good_value() {
    let desk = in_memory().await;
    let admin = admin(&desk).await;
    let wrong = async |form: SiteLedger| {
        let judged = desk.app.judge_site_ledger(&admin.grant, None, &form).await.unwrap();
        judged.mistakes.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect::<Vec<_>>()
    };
    let good = rooms(&desk);
    assert_eq!(wrong(good.clone()).await, Vec::<String>::new());
    let long = |n: usize| "长".repeat(n);
    let many = |n: usize| (0..n).map(|i| own(&format!("项{i}"), OwnFieldType::Text, &[])).collect::<Vec<_>>();
    let chosen = |n: usize| {
        let choices: Vec<String> = (0..n).map(|i| format!("选{i}")).collect();
        vec![own("选", OwnFieldType::Choice, &choices.iter().map(String::as_str).collect::<Vec<_>>())]
    };
    assert!(wrong(SiteLedger { label: long(LABEL_CHARS_MAX), ..good.clone() }).await.is_empty());
    assert!(wrong(SiteLedger { fields: many(OWN_FIELDS_MAX), ..good.clone() }).await.is_empty());
    assert!(wrong(SiteLedger { fields: chosen(OWN_CHOICES_MAX), ..good.clone() }).await.is_empty());
    let cases = [
        (SiteLedger { label: long(LABEL_CHARS_MAX + 1), ..good.clone() }, "/label text.too_long"),
        (SiteLedger { label: "隐患".to_owned(), ..good.clone() }, "/label label.twice"),
        (SiteLedger { number: "YH".to_owned(), ..good.clone() }, "/number number.twice"),
        (SiteLedger { number: "q1".to_owned(), ..good.clone() }, "/number number.letters"),
        (SiteLedger { pattern: "none".to_owned(), ..good.clone() }, "/pattern pattern.unknown"),
        (SiteLedger { area: Vec::new(), ..good.clone() }, "/area area.count"),
        (SiteLedger { ends_on: "2026-11-01".parse().unwrap(), ..good.clone() }, "/ends_on date.past"),
        (
            SiteLedger { target: Some(Target { count: 0, each_township: false }), ..good.clone() },
            "/target number.bounds",
        ),
        (SiteLedger { fields: many(OWN_FIELDS_MAX + 1), ..good.clone() }, "/fields list.too_long"),
        (
            SiteLedger { fields: chosen(OWN_CHOICES_MAX + 1), ..good.clone() },
            "/fields/0/choices choices.count",
        ),
        (SiteLedger { fields: chosen(1), ..good.clone() }, "/fields/0/choices choices.count"),
        (
            SiteLedger { fields: vec![own("现场照片", OwnFieldType::Photos, &[])], ..good.clone() },
            "/fields/0/label label.twice",
        ),
    ];
    for (form, place) in cases {
        assert_eq!(wrong(form).await, [place]);
    }
    let refused =
        desk.app.draft_site_ledger(&admin.grant, SiteLedger { measure: String::new(), ..good }, None).await;
    assert_eq!(refused.unwrap_err().refusal().places[0].pointer, "/measure");
}

#[tokio::test]
async fn what_is_in_use_is_only_added_to() {
    let desk = in_memory().await;
    let admin = admin(&desk).await;
    let made = desk.app.draft_site_ledger(&admin.grant, rooms(&desk), None).await.unwrap();
    desk.app.adopt_site_ledger(&admin.grant, &made.name, 1).await.unwrap();
    let mut less = rooms(&desk);
    less.fields.pop();
    let refused = desk.app.change_site_ledger(&admin.grant, &made.name, 2, less).await.unwrap_err();
    assert_eq!(refused.refusal().places[0].code, "field.fixed");
    let mut more = rooms(&desk);
    more.fields.push(own("房东电话", OwnFieldType::Text, &[]));
    let changed = desk.app.change_site_ledger(&admin.grant, &made.name, 2, more).await.unwrap();
    let stale = desk.app.adopt_site_ledger(&admin.grant, &made.name, 2).await.unwrap_err();
    assert_eq!(code_of(&stale), "version.stale");
    desk.app.adopt_site_ledger(&admin.grant, &made.name, changed.entry.version).await.unwrap();
    let kind = desk.app.catalog().kind(&made.name).unwrap();
    assert_eq!(kind.field("own_3").unwrap().label, "房东电话");
}

#[tokio::test]
async fn a_ledger_that_no_longer_fits_rests_and_everything_else_runs() {
    let desk = in_memory().await;
    let admin = admin(&desk).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    let made = desk.app.draft_site_ledger(&admin.grant, rooms(&desk), None).await.unwrap();
    desk.app.adopt_site_ledger(&admin.grant, &made.name, 1).await.unwrap();
    let entry = desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap();
    // The upgrade calls the group of the menu otherwise.
    let desk = desk.restart_with(catalog_with(&[("\"campaigns\"", "\"drives\"")]), kit::node()).await;
    let templates = desk.app.ledger_templates(&admin.grant).await.unwrap();
    assert!(templates[0].resting.as_deref().unwrap().contains("没有菜单组 campaigns"));
    let read = desk.app.ledger_entry(&luo.grant, &made.name, entry.id).await.unwrap();
    assert!(desk.app.view_of(&luo.grant, read).await.unwrap().actions.is_empty());
    let refused = desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap_err();
    assert_eq!(code_of(&refused), "ledger.resting");
    let desk = desk.restart().await;
    desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap();
}

/// A ledger that rests or was ended is no excuse: what is open in it is called and escalates at its time.
#[tokio::test]
async fn the_clocks_of_what_is_open_go_on_in_a_ledger_that_rests_or_was_ended() {
    on_each_store(async |desk| {
        let admin = admin(&desk).await;
        channel(&desk, &admin, draft("短信", "sms", 60)).await;
        desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        desk.employ_reached("dongzhu", "东渚镇", "township_officer", TOWN, "61206").await;
        let luo = desk.sign_in("luomin").await;
        let made = desk.app.draft_site_ledger(&admin.grant, rooms(&desk), None).await.unwrap();
        desk.app.adopt_site_ledger(&admin.grant, &made.name, 1).await.unwrap();
        let entry = desk.app.open_entry(&luo.grant, &made.name, found(), None).await.unwrap();
        desk.app.end_site_ledger(&admin.grant, &made.name, 2, "提前完成").await.unwrap();
        let drives = catalog_with(&[("\"campaigns\"", "\"drives\"")]);
        let mut desk = desk.restart_with(drives, kit::node()).await;
        assert!(desk.app.catalog().kind(&made.name).unwrap().resting.is_some());
        for (at, to) in [("2026-12-04T00:00:00Z", None), ("2026-12-05T16:00:00Z", Some("township_officer"))] {
            desk.clock.pass_s(kit::instant(at).duration_since(desk.app.now()).as_secs());
            assert_eq!(desk.app.reconcile_deadlines().await.unwrap(), 1, "{at}");
            let called = desk.store.entry(&Scope::everything(), entry.id).await.unwrap().unwrap();
            let clock = fengsui_ledger::Life::of(&called.fields).unwrap().clock.unwrap();
            assert_eq!(clock.escalated_to.as_deref(), to, "{at}");
        }
        let township = desk.sign_in("dongzhu").await;
        let agenda = desk.app.agenda(&township.grant).await.unwrap();
        assert_eq!(agenda[0].entry.id, entry.id, "it stands on the list of whom it escalated to");
        let told = desk.store.list(&Query::newest("message", Scope::everything())).await.unwrap().items;
        let told = told.iter().filter_map(Message::of).find(|m| m.recipient_name == "东渚镇").unwrap();
        assert!(told.text.contains("冬季群租房整治 QZF-2026-0001"), "{}", told.text);
        desk = desk.restart().await;
        assert!(desk.app.catalog().kind(&made.name).unwrap().resting.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_site_has_as_many_ledgers_as_the_limit_and_not_one_more() {
    let desk = in_memory().await;
    let admin = admin(&desk).await;
    let letters = |n: usize| {
        let letter = |n: usize| char::from(b'A' + u8::try_from(n % 26).unwrap());
        format!("X{}{}", letter(n / 26), letter(n))
    };
    let form = |n: usize| SiteLedger { label: format!("台账{n}"), number: letters(n), ..rooms(&desk) };
    for n in 0..SITE_LEDGERS_MAX {
        desk.app.draft_site_ledger(&admin.grant, form(n), None).await.unwrap();
    }
    let refused = desk.app.draft_site_ledger(&admin.grant, form(SITE_LEDGERS_MAX), None).await.unwrap_err();
    assert_eq!(code_of(&refused), "template.limit");
    desk.app.end_site_ledger(&admin.grant, "local_1", 1, "不做了").await.unwrap();
    desk.app.draft_site_ledger(&admin.grant, form(SITE_LEDGERS_MAX), None).await.unwrap();
}

/// What a campaign finds at a unit is the unit's to mend: its own account reads it, has it on its list and reports it done.
/// Another unit's account does not, and to a unit outside the area there is no such campaign.
#[tokio::test]
async fn a_unit_that_must_mend_something_for_a_campaign_reads_it_and_reports() {
    on_each_store(async |desk| {
        let (admin, town) = (admin(&desk).await, code(TOWN));
        let unit = desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let other = desk.register("云岫宾馆", TOWN, "890", 1).await;
        let outside = desk.register("城关商场", COUNTY, "891", 1).await;
        desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        let luo = desk.sign_in("luomin").await;
        let manager = async |login: &str, name: &str, unit| {
            let own =
                Appointment { units: vec![unit], ..Appointment::of("unit_safety_manager", code(COUNTY)) };
            desk.appoint(login, name, vec![own]).await;
            desk.sign_in(login).await
        };
        let qian = manager("qianlixin", "钱立新", unit).await;
        let xu = manager("xujing", "徐静", other).await;
        let wu = manager("wuhao", "吴昊", outside).await;
        let area = desk.app.campaign_area(&[town]).unwrap();
        let fields = vec![own("间数", OwnFieldType::Integer, &[])];
        let campaign = SiteLedger { pattern: "unit_check".to_owned(), area, fields, ..rooms(&desk) };
        let draft = desk.app.draft_site_ledger(&admin.grant, campaign, None).await.unwrap();
        let name = desk.app.adopt_site_ledger(&admin.grant, &draft.name, 1).await.unwrap().name;
        let form = |mv: &str, fields: serde_json::Value| {
            let fields: Fields = fields.as_object().unwrap().clone();
            LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
        };
        let found = json!({ "subject": "车间住人", "unit": unit.to_string(), "checked_on": "2026-11-20",
                            "found": "二楼住 3 人", "correct_by": "2026-12-05", "own_1": 3 });
        let entry =
            desk.app.open_entry(&luo.grant, &name, form("register_found", found), None).await.unwrap();
        assert_eq!(entry.owner, Some(unit.into()));
        let agenda = async |who: &SignedIn| desk.app.agenda(&who.grant).await.unwrap().len();
        assert_eq!((agenda(&qian).await, agenda(&xu).await, agenda(&wu).await), (1, 0, 0));
        let hidden = desk.app.ledger_entry(&xu.grant, &name, entry.id).await.unwrap_err();
        assert_eq!(code_of(&hidden), "not_found");
        assert!(desk.app.ledger(&xu.grant, &name).is_ok() && desk.app.ledger(&wu.grant, &name).is_err());
        let done = form("report", json!({ "measures": "已搬离" }));
        let (id, version) = (entry.id, entry.version);
        let reported = desk.app.move_entry(&qian.grant, &name, id, version, done).await.unwrap();
        assert_eq!(reported.state, "recheck");
    })
    .await;
}

/// Whoever goes away while her adoption is being stored has adopted it: what is durable is in force.
#[tokio::test]
async fn an_adoption_that_nobody_waits_for_is_in_force_when_it_is_stored() {
    use std::task::{Context, Poll, Waker};
    let mut went_early = 0;
    for polls in 1..12 {
        let desk = in_memory().await;
        let admin = admin(&desk).await;
        let draft = desk.app.draft_site_ledger(&admin.grant, rooms(&desk), None).await.unwrap();
        let revision = desk.app.catalog().revision();
        let mut adoption = Box::pin(desk.app.adopt_site_ledger(&admin.grant, &draft.name, 1));
        let mut looks = Context::from_waker(Waker::noop());
        let mut answered = false;
        for _ in 0..polls {
            answered = answered || matches!(adoption.as_mut().poll(&mut looks), Poll::Ready(_));
            if answered {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(adoption);
        // Another change is stored behind it: by then it is stored, if it ever is.
        desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
        let stored = desk.store.catalog().await.unwrap().unwrap().0;
        went_early += u32::from(!answered && stored > revision);
        assert_eq!(desk.app.catalog().revision(), stored, "after {polls} looks");
        assert_eq!(desk.app.catalog().kind(&draft.name).is_some(), stored > revision);
    }
    assert!(went_early > 0, "somebody went away after it was handed in and before it was answered");
}
