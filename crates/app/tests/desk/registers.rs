//! Units and terminals: registered once, changed by one at a time, claimed when they spoke first.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::Condition;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, NEIGHBOUR_TOWN, TOWN, unit_draft};
use fengsui_app::{Receipt, SignedIn, TerminalDraft, TerminalFilter, UnitFilter};
use fengsui_base::{Fields, RefusalKind, Scope, UnitId};

#[tokio::test]
async fn the_same_request_twice_makes_one_unit() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let create = async |key: &str| {
            let made = desk
                .app
                .create_unit(&supervisor.grant, unit_draft("云岫纺织", TOWN, "889"), Some(key.to_owned()))
                .await;
            made.map(|entry| entry.id).map_err(|fault| fault.refusal())
        };
        let first = create("a").await.unwrap();
        assert_eq!(create("a").await.unwrap(), first);
        assert_eq!(create("b").await.unwrap_err().places[0].code, "code.taken");
        assert_eq!(desk.count("unit").await, 1);
        desk.clock.pass_s(86_400);
        assert_eq!(
            create("a").await.unwrap_err().places[0].code,
            "code.taken",
            "a day later it is another request"
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_key_on_another_form_is_another_request() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    let key = || Some("一次提交".to_owned());
    let unit =
        desk.app.create_unit(&supervisor.grant, unit_draft("云岫纺织", TOWN, "889"), key()).await.unwrap();
    let terminal =
        desk.app.create_terminal(&supervisor.grant, terminal("889", UnitId(unit.id)), key()).await.unwrap();
    assert_eq!((unit.kind.as_str(), terminal.kind.as_str()), ("unit", "terminal"));
}

#[tokio::test]
async fn what_a_form_does_not_name_stays_with_the_unit() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    let mut imported = unit_draft("云岫纺织", TOWN, "889");
    imported.fields.insert("grid".to_owned(), "第三网格".into());
    let unit = desk.app.create_unit(&supervisor.grant, imported, None).await.unwrap();
    let form = unit_draft("云岫棉纺", TOWN, "889");
    let changed = desk.app.change_unit(&supervisor.grant, UnitId(unit.id), 1, form).await.unwrap();
    assert_eq!((changed.title.as_str(), &changed.fields["grid"]), ("云岫棉纺", &"第三网格".into()));
}

#[tokio::test]
async fn of_two_who_change_a_unit_the_second_is_told_that_it_is_not_the_one_she_read() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
        let change = async |name: &str, version| {
            let changed =
                desk.app.change_unit(&supervisor.grant, unit, version, unit_draft(name, TOWN, "889")).await;
            changed.map(|entry| entry.version).map_err(|fault| fault.refusal())
        };
        assert_eq!(change("云岫棉纺", 1).await, Ok(2));
        let stale = change("云岫毛纺", 1).await.unwrap_err();
        assert_eq!(
            (stale.code.as_ref(), &stale.facts["yours"], &stale.facts["now"]),
            ("version.stale", &1.into(), &2.into())
        );
        assert_eq!(change("云岫毛纺", 2).await, Ok(3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_change_a_unit_at_the_same_moment_one_does() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let (app, grant) = (desk.app.clone(), supervisor.grant.clone());
                tokio::spawn(async move {
                    app.change_unit(&grant, unit, 1, unit_draft(&format!("云岫{n}厂"), TOWN, "889")).await
                })
            })
            .collect();
        let mut changed = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => changed += 1,
                Err(fault) => assert_eq!(fault.refusal().code, "version.stale"),
            }
        }
        assert_eq!(changed, 1);
    })
    .await;
}

#[tokio::test]
async fn a_unit_cannot_be_put_where_the_officer_has_no_say() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    let abroad = unit_draft("石桥粮库", NEIGHBOUR_TOWN, "889");
    let refused = desk.app.create_unit(&supervisor.grant, abroad.clone(), None).await.unwrap_err().refusal();
    assert_eq!(refused.places[0].pointer, "/region");
    let own = desk.register("云岫纺织", TOWN, "889", 1).await;
    assert_eq!(
        desk.app.change_unit(&supervisor.grant, own, 1, abroad).await.unwrap_err().refusal().places[0]
            .pointer,
        "/region"
    );
    let foreign = desk.register("石桥粮库", NEIGHBOUR_TOWN, "990", 1).await;
    let taken =
        desk.app.change_unit(&supervisor.grant, foreign, 1, unit_draft("云岫粮库", TOWN, "990")).await;
    assert_eq!(taken.unwrap_err().refusal().kind, RefusalKind::NotFound);
}

#[tokio::test]
async fn a_terminal_that_spoke_before_it_was_registered_keeps_its_identity_its_frames_and_its_alarm() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
        let fire = desk.fire("4711", 5).await;
        let spoke = desk.terminal("4711");
        let claimed =
            desk.app.create_terminal(&supervisor.grant, terminal("4711", unit), None).await.unwrap();
        assert_eq!((claimed.id, claimed.version, claimed.state.as_str()), (spoke.into(), 2, "registered"));
        let frames = desk.app.frames(&supervisor.grant, spoke, None, 50).await.unwrap();
        assert!(!frames.is_empty());
        assert_eq!(desk.open_alarms()[0].entry.id, fire.entry.id);
        desk.clock.pass_s(30);
        desk.hears("4711", vec![desk.state(5, &[Condition::Fire])]).await.unwrap();
        assert_eq!(desk.open_alarms().len(), 1, "the same point goes on with the same alarm");
        let next = desk.fire("4711", 6).await;
        assert_eq!((next.alarm.raise.unit, next.entry.region.to_string()), (Some(unit), TOWN.to_owned()));
        let again = desk
            .app
            .create_terminal(&supervisor.grant, terminal("4711", unit), None)
            .await
            .unwrap_err()
            .refusal();
        assert_eq!(again.places[0].code, "source.taken");
    })
    .await;
}

#[tokio::test]
async fn a_source_address_is_written_as_the_listener_writes_it() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
    for wrong in [
        "",
        "0",
        "0889",
        "-1",
        "12a",
        "281474976710656",
        "99999999999999999999999999",
        "zero/tcp/192.0.2.7:4",
        "onenet:",
        "onenet:8669 7103",
        "elsewhere:8669",
    ] {
        let refused = desk
            .app
            .create_terminal(&supervisor.grant, terminal(wrong, unit), None)
            .await
            .unwrap_err()
            .refusal();
        assert!(refused.places.iter().any(|p| p.pointer == "/source"), "{wrong}");
    }
    desk.app.create_terminal(&supervisor.grant, terminal(" 281474976710655 ", unit), None).await.unwrap();
    // A device of an operator's cloud may be registered before it speaks.
    desk.app
        .create_terminal(&supervisor.grant, terminal("onenet:866971031491171", unit), None)
        .await
        .unwrap();
    // A terminal without a number of its own is known by its line, and claimed by it.
    desk.hears("zero/tcp/192.0.2.7:4", vec![]).await.unwrap();
    desk.app.create_terminal(&supervisor.grant, terminal("zero/tcp/192.0.2.7:4", unit), None).await.unwrap();
}

#[tokio::test]
async fn a_report_period_is_a_second_to_a_day() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
    let with = |source: &str, period_s: i64| {
        let mut draft = terminal(source, unit);
        draft.fields.insert("report_period_s".to_owned(), period_s.into());
        draft
    };
    for wrong in [0, -1, 604_801, i64::MAX] {
        let refused = desk
            .app
            .create_terminal(&supervisor.grant, with("1000", wrong), None)
            .await
            .unwrap_err()
            .refusal();
        assert_eq!(refused.places[0].pointer, "/report_period_s", "{wrong}");
    }
    desk.app.create_terminal(&supervisor.grant, with("1001", 1), None).await.unwrap();
    desk.app.create_terminal(&supervisor.grant, with("1002", 86_400), None).await.unwrap();
}

#[tokio::test]
async fn terminals_heard_lately_are_listed_a_page_at_a_time_each_once() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        for n in 1..=5 {
            desk.register(&format!("单位{n}"), TOWN, &format!("{n}"), 1).await;
            desk.hears(&format!("{n}"), vec![]).await.unwrap();
        }
        desk.register("石桥粮库", NEIGHBOUR_TOWN, "990", 1).await;
        desk.hears("990", vec![]).await.unwrap();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let filter = TerminalFilter { online: Some(true), after, limit: 2, ..TerminalFilter::default() };
            let (page, total) = desk.app.terminals(&supervisor.grant, filter).await.unwrap();
            assert_eq!(total, 5);
            seen.extend(page.items.into_iter().map(|e| e.title));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, (1..=5).map(|n| format!("单位{n}用户信息传输装置")).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn units_are_found_by_words_within_ones_own_county() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        desk.register("云岫纺织", TOWN, "1", 1).await;
        desk.register("云岫消防站", TOWN, "2", 1).await;
        desk.register("石桥消防站", NEIGHBOUR_TOWN, "3", 1).await;
        let found = async |text: &str, region: Option<&str>| {
            let region = region.map(fengsui_app::kit::code);
            let filter =
                UnitFilter { text: Some(text.to_owned()), region, limit: 50, ..UnitFilter::default() };
            let (page, total) = desk.app.units(&supervisor.grant, filter).await.unwrap();
            (page.items.into_iter().map(|e| e.title).collect::<Vec<_>>(), total)
        };
        assert_eq!(found("消防", None).await, (vec!["云岫消防站".to_owned()], 1));
        assert_eq!(found("消防", Some(NEIGHBOUR)).await, (vec![], 0));
        assert_eq!(
            found("消防", Some("123456789012")).await,
            (vec![], 0),
            "a region nobody knows holds nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn beyond_the_limit_of_unclaimed_terminals_frames_are_kept_without_one_and_stored_once() {
    const UNKNOWN_MAX: usize = 20_000;
    let desk = in_memory().await;
    for source in 1..=UNKNOWN_MAX {
        desk.app.take_in(desk.frame(&source.to_string(), vec![])).await.unwrap();
    }
    let unclaimed = || desk.app.board().terminals(&Scope::everything()).len();
    assert_eq!(unclaimed(), UNKNOWN_MAX);
    let frame = desk.frame("30000", vec![desk.state(1, &[Condition::Fire])]);
    let kept = desk.app.take_in(frame.clone()).await.unwrap();
    let Receipt::Stored(seq) = kept else { panic!("{kept:?}") };
    assert!(desk.store.frame(&Scope::everything(), seq).await.unwrap().is_some());
    assert_eq!(desk.app.take_in(frame).await.unwrap(), Receipt::Repeated);
    assert_eq!(desk.app.take_in(desk.frame("30000", vec![])).await.unwrap(), Receipt::Heard);
    assert_eq!((unclaimed(), desk.head().await), (UNKNOWN_MAX, seq));
}

async fn supervisor(desk: &Desk) -> SignedIn {
    desk.employ("fanghuo", "防火员", "fire_supervisor", COUNTY).await;
    desk.sign_in("fanghuo").await
}

fn terminal(source: &str, unit: UnitId) -> TerminalDraft {
    let fields = Fields::from_iter([("profile".to_owned(), "gb26875".into())]);
    TerminalDraft { name: "传输装置".to_owned(), source: source.to_owned(), unit, fields }
}

#[tokio::test]
async fn a_terminal_is_changed_by_one_at_a_time_and_gives_up_what_is_emptied() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        let unit = desk.register("云岫纺织", TOWN, "889", 1).await;
        let other = desk.register("东渚酒店", TOWN, "890", 1).await;
        let id = desk.terminal("889");
        let change = async |version, unit, fields: &[(&str, serde_json::Value)]| {
            let mut draft = terminal("889", unit);
            draft.name = "消防主机".to_owned();
            draft.fields.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())));
            let changed = desk.app.change_terminal(&supervisor.grant, id, version, draft).await;
            changed.map_err(|fault| fault.refusal())
        };
        let entry = change(1, unit, &[("model", "JB-3208".into()), ("service_life_years", 12.into())]).await;
        let entry = entry.unwrap();
        assert_eq!((entry.title.as_str(), &entry.fields["model"]), ("消防主机", &"JB-3208".into()));
        let stale = change(1, unit, &[]).await.unwrap_err();
        assert_eq!(stale.code, "version.stale");
        let wrong = change(2, unit, &[("service_life_years", 51.into())]).await.unwrap_err();
        assert_eq!(wrong.places[0].code, "life.range");
        let moved = change(2, other, &[("model", serde_json::Value::Null)]).await.unwrap();
        assert!(!moved.fields.contains_key("model") && moved.fields["service_life_years"] == 12);
        while desk.app.reconcile_followers().await.unwrap() > 0 {}
        assert_eq!(desk.app.board().terminal(id).unwrap().facts().unit.as_ref().unwrap().0, other);
    })
    .await;
}

#[tokio::test]
async fn the_open_alarms_of_a_terminal_go_with_it_to_its_new_unit_in_the_same_commit() {
    on_each_store(async |desk| {
        let supervisor = supervisor(&desk).await;
        desk.register("云岫纺织", TOWN, "889", 1).await;
        let other = desk.register("云岫中学", TOWN, "890", 1).await;
        let id = desk.terminal("889");
        let fire = desk.fire("889", 1).await;
        let (before, entry) = (desk.head().await, desk.app.terminal(&supervisor.grant, id).await.unwrap().0);
        let fields = Fields::from_iter([("profile".to_owned(), "gb26875".into())]);
        let draft = TerminalDraft { name: entry.title.clone(), source: String::new(), unit: other, fields };
        desk.app.change_terminal(&supervisor.grant, id, entry.version, draft).await.unwrap();
        assert_eq!(desk.head().await, before + 1, "one commit");
        let open = desk.app.board().open_alarm(fire.alarm.id).unwrap();
        assert_eq!(
            (open.alarm.raise.unit, open.alarm.raise.unit_name.as_deref()),
            (Some(other), Some("云岫中学"))
        );
        let said = desk.sentences_since(before).await;
        assert!(said.iter().any(|s| s.ends_with("终端改挂单位，告警归到 云岫中学")), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn an_alarm_that_the_clock_raised_has_no_frame_to_show() {
    let desk = in_memory().await;
    let supervisor = supervisor(&desk).await;
    desk.register("云岫纺织", TOWN, "889", 1).await;
    let fire = desk.fire("889", 1).await;
    desk.clock.pass_s(91);
    desk.app.reconcile_silence().await.unwrap();
    let frame = async |id| desk.app.alarm(&supervisor.grant, id).await.unwrap().frame_seq;
    let offline = desk.open_alarms().into_iter().find(|o| o.alarm.id != fire.alarm.id).unwrap();
    assert_eq!(frame(offline.alarm.id).await, None);
    let seq = frame(fire.alarm.id).await;
    assert_eq!(desk.app.alarm_frame(&supervisor.grant, fire.alarm.id).await.unwrap().seq, seq.unwrap());
}
