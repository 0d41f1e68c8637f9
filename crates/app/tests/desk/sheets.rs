//! Ledgers as tables: what leaves, what comes in.

use crate::imports::{Office, counts, office};
use crate::stores::{in_memory, on_each_store, on_every_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{
    BATCH_MAX, BatchChoice, ExportFormat, ExportList, ImportDraft, ImportSubject, ImportView, LedgerColumns,
    LedgerFilter, LedgerForm, SignedIn,
};
use fengsui_base::{Datum, Fields, Refusal};
use fengsui_ledger::{Entry, Life, judgements_of};
use fengsui_store::Sort;
use serde_json::{Value, json};

fn every() -> LedgerFilter {
    LedgerFilter { limit: 50, ..LedgerFilter::default() }
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().unwrap().clone();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

async fn hazard(office: &Office, what: &str) -> Entry {
    let unit = office.desk.app.unit_with_code("U889").await.unwrap();
    let unit = match unit {
        Some(unit) => unit,
        None => office.desk.register("瑞禾电子厂", TOWN, "889", 1).await,
    };
    let today = office.desk.app.calendar().day_of(office.desk.app.now()).to_string();
    let fields = json!({ "what": what, "unit": unit.to_string(), "category": "facility",
        "risk": "considerable", "found_on": today });
    office.desk.app.open_entry(&office.who.grant, "hazard", form("register", fields), None).await.unwrap()
}

async fn csv(desk: &Desk, who: &SignedIn, list: ExportList) -> Vec<String> {
    let mut export = desk.app.export(&who.grant, list, ExportFormat::Csv).await.unwrap();
    let mut text = export.csv_head();
    while let Some(lines) = desk.app.export_lines(&mut export).await.unwrap() {
        text.push_str(&lines);
    }
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_ledger_leaves_in_the_words_of_its_list_with_deadlines_and_harmless_to_a_spreadsheet() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let entry = hazard(&office, "=HYPERLINK(1)").await;
        let list = ExportList::Ledger("hazard".into(), every(), LedgerColumns::List);
        let lines = csv(&office.desk, &office.who, list).await;
        let head =
            "编号,隐患,风险等级,责任单位,隐患类别,辖区名称,状态,责任人,期限,时限情况,登记日期,办结日期";
        assert_eq!(lines[0].trim_start_matches('\u{feff}'), head);
        let number = entry.number.unwrap();
        let begins = format!("{number},'=HYPERLINK(1),较大,瑞禾电子厂,消防设施器材,东渚镇,待责令,骆敏,20");
        assert!(lines[1].starts_with(&begins) && lines.len() == 2, "{lines:?}");
        let all = ExportList::Ledger("hazard".into(), every(), LedgerColumns::All);
        let lines = csv(&office.desk, &office.who, all).await;
        assert!(lines[0].contains("来源系统,外部编号,单位编号,隐患,责任单位,部位"), "{}", lines[0]);
        let journal = office.desk.sentences_since(0).await;
        assert_eq!(journal.iter().filter(|line| line.contains("导出隐患 1 条")).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_leaves_too_and_a_neighbour_takes_nothing() {
    let office = office(in_memory().await).await;
    let entry = hazard(&office, "应急灯不亮 2 盏").await;
    hazard(&office, "灭火器过期 3 具").await;
    office.desk.employ("sunzhiyuan", "孙志远", "brigade_head", COUNTY).await;
    let head = office.desk.sign_in("sunzhiyuan").await;
    let void = form("void", json!({ "void_reason": "重复登记" }));
    office.desk.app.move_entry(&head.grant, "hazard", entry.id, entry.version, void).await.unwrap();
    let all = |columns| ExportList::Ledger("hazard".into(), every(), columns);
    let lines = csv(&office.desk, &office.who, all(LedgerColumns::List)).await;
    assert_eq!(lines.len(), 3, "a list by deadline leaves out what is over, a table does not: {lines:?}");
    let mine = csv(
        &office.desk,
        &office.who,
        ExportList::Errands("hazard".into(), LedgerFilter::default(), LedgerColumns::List),
    )
    .await;
    assert_eq!(mine.len(), 2, "{mine:?}");
    office.desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = office.desk.sign_in("linxian").await;
    assert_eq!(csv(&office.desk, &neighbour, all(LedgerColumns::All)).await.len(), 1);
}

const HEAD: &str = "外部编号,隐患,责任单位,隐患类别,风险等级,发现日期,登记日期,状态,办结日期,整改期限,部位\n";
const OLD: &str = "A1,灭火器过期 3 具,瑞禾电子厂,消防设施器材,一般,2026.1.5,2026年1月5日,,,,\n\
    A2,安全出口上锁,瑞禾电子厂,疏散通道和出口,较大,20260105,2026-01-05,已销号,2026-03-01,,\n\
    A3,应急灯不亮 ２ 盏,Ｕ889,消防设施器材,低,2026/1/5,2026-01-06,限期整改,,2026年2月3日,\n";

async fn upload(office: &Office, who: &SignedIn, text: &str) -> Result<ImportView, Refusal> {
    upload_to("hazard", office, who, text).await
}

async fn upload_to(ledger: &str, office: &Office, who: &SignedIn, text: &str) -> Result<ImportView, Refusal> {
    let app = &office.desk.app;
    let mut file = app.receive_import().await.unwrap();
    file.push(text.as_bytes()).await.unwrap();
    let draft = ImportDraft {
        subject: ImportSubject::Ledger,
        ledger: Some(ledger.to_owned()),
        file_name: "台账.csv".to_owned(),
        datum: Datum::Cgcs2000,
    };
    let view = app.create_import(&who.grant, draft, file).await.map_err(|fault| fault.refusal())?;
    while app.reconcile_imports().await.unwrap() {}
    Ok(app.import(&who.grant, view.entry.id).await.unwrap())
}

async fn brought(office: &Office, text: &str) -> ImportView {
    brought_to("hazard", office, text).await
}

async fn brought_to(ledger: &str, office: &Office, text: &str) -> ImportView {
    let view = upload_to(ledger, office, &office.who, text).await.unwrap();
    let app = &office.desk.app;
    app.confirm_import(&office.who.grant, view.entry.id).await.unwrap();
    while app.reconcile_imports().await.unwrap() {}
    app.import(&office.who.grant, view.entry.id).await.unwrap()
}

async fn hazards(office: &Office) -> Vec<Entry> {
    let filter = LedgerFilter { sort: Sort::Title, ..every() };
    office.desk.app.ledger_entries(&office.who.grant, "hazard", filter).await.unwrap().0.items
}

#[tokio::test]
async fn an_old_overdue_hazard_arrives_overdue_and_one_that_was_over_arrives_over() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        assert_eq!(counts(&brought(&office, &format!("{HEAD}{OLD}")).await), ("done", [3, 3, 0, 0, 0]));
        let all = hazards(&office).await;
        let day = |at| office.desk.app.calendar().day_of(at).to_string();
        let one = |what: &str| all.iter().find(|e| e.title.starts_with(what)).unwrap();
        let (late, over, ordered) = (one("灭火器"), one("安全出口"), one("应急灯"));
        assert_eq!((late.state.as_str(), day(late.opened_at).as_str()), ("found", "2026-01-05"));
        assert!(
            late.due_at.unwrap() < office.desk.app.now()
                && late.owner == Some(office.who.grant.account().into())
        );
        assert_eq!((over.state.as_str(), day(over.closed_at.unwrap()).as_str()), ("closed", "2026-03-01"));
        assert_eq!((over.owner, over.due_at, over.wake_at), (None, None, None));
        assert_eq!(
            (ordered.state.as_str(), ordered.fields["correct_by"].as_str()),
            ("ordered", Some("2026-02-03"))
        );
        let last = ordered.due_at.unwrap() - jiff::SignedDuration::from_micros(1);
        assert_eq!((day(last).as_str(), ordered.owner.is_some()), ("2026-02-03", true));
        assert!(all.iter().all(|e| e.number.as_ref().is_some_and(|n| n.starts_with("YH-"))));
        let source = late.source.clone().unwrap();
        assert_eq!((source.system.as_str(), source.number.as_str()), ("外部", "A1"));
        let journal = office.desk.sentences_since(0).await;
        assert!(journal.iter().any(|line| line.contains("导入：待责令，期限 2026-01-")), "{journal:?}");
    })
    .await;
}

#[tokio::test]
async fn the_same_table_again_changes_nothing_and_a_changed_row_changes_its_entry_alone() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let table = format!("{HEAD}{OLD}");
        brought(&office, &table).await;
        let again = upload(&office, &office.who, &table).await.unwrap();
        assert_eq!(counts(&again), ("checked", [3, 0, 0, 3, 0]));
        let changed = table.replace("2026年1月5日,,,,", "2026年1月5日,,,,三层东侧");
        let second = brought(&office, &changed).await;
        assert_eq!(counts(&second), ("done", [3, 0, 1, 2, 0]));
        let placed = |all: &[Entry]| all.iter().filter(|e| e.fields.contains_key("place")).count();
        assert_eq!((hazards(&office).await.len(), placed(&hazards(&office).await)), (3, 1));
        // The clocks speak in between: that is nobody's hand.
        while office.desk.app.reconcile_deadlines().await.unwrap() > 0 {}
        let undone = office.undone(&second).await;
        assert_eq!((undone.facts.undone, undone.facts.kept, placed(&hazards(&office).await)), (1, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn an_import_is_taken_back_but_for_what_somebody_has_touched_since() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let first = brought(&office, &format!("{HEAD}{OLD}")).await;
        while office.desk.app.reconcile_deadlines().await.unwrap() > 0 {}
        let all = hazards(&office).await;
        let late = all.iter().find(|e| e.title.starts_with("灭火器")).unwrap();
        let order = form("order", json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" }));
        let app = &office.desk.app;
        app.move_entry(&office.who.grant, "hazard", late.id, late.version, order).await.unwrap();
        let undone = office.undone(&first).await;
        assert_eq!((undone.entry.state.as_str(), undone.facts.undone, undone.facts.kept), ("undone", 2, 1));
        let told = office.problems(&undone).await;
        assert_eq!(told[0].code, "record.changed");
        assert!(told[0].value.ends_with("灭火器过期 3 具"), "{told:?}");
        assert_eq!(hazards(&office).await.len(), 1);
        let back = brought(&office, &format!("{HEAD}{OLD}")).await;
        assert_eq!(counts(&back), ("done", [3, 2, 0, 1, 0]), "what was taken back may come again");
    })
    .await;
}

/// What a rule reckons is reckoned of a row too: a grade that the scores do not give is refused, one without its scores
/// stands as it was given elsewhere, and nothing says that a rule has judged it.
#[tokio::test]
async fn a_grade_that_comes_in_a_table_is_the_one_that_its_scores_give() {
    let office = office(in_memory().await).await;
    office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let head =
        "外部编号,风险点,责任单位,可能的事故,评估方法,可能性,暴露频次,后果,风险值,风险等级,评估日期,状态\n";
    let rows = "R1,涂装车间,瑞禾电子厂,爆燃,LEC 法,6,6,40,1440,重大（红）,2026-01-05,管控中\n\
        R2,充电间,瑞禾电子厂,起火,LEC 法,6,6,40,,,2026-01-05,管控中\n\
        R3,危化品库,瑞禾电子厂,爆炸,LEC 法,,,,1440,重大（红）,2026-01-05,管控中\n\
        R4,配电房,瑞禾电子厂,起火,LEC 法,6,6,40,,低（蓝）,2026-01-05,管控中\n\
        R5,厨房,瑞禾电子厂,起火,LEC 法,7,6,40,,,2026-01-05,管控中\n";
    let table = format!("{head}{rows}");
    let view = brought_to("risk_point", &office, &table).await;
    assert_eq!(counts(&view), ("done", [5, 3, 0, 0, 2]), "{:?}", office.problems(&view).await);
    let told = office.problems(&view).await;
    assert_eq!((told[0].code.as_str(), told[1].code.as_str()), ("field.reckoned", "judgement.input"));
    assert!(told[0].detail.contains("重大（红）") && told[1].detail.contains("只能取"), "{told:?}");
    let filter = LedgerFilter { sort: Sort::Title, ..every() };
    let app = &office.desk.app;
    let all = app.ledger_entries(&office.who.grant, "risk_point", filter).await.unwrap().0.items;
    let judged = |title: &str| {
        let entry = all.iter().find(|e| e.title == title).unwrap();
        (entry.fields["colour"].clone(), judgements_of(&entry.fields).len())
    };
    assert_eq!(judged("涂装车间"), (json!("red"), 1));
    assert_eq!(judged("充电间"), (json!("red"), 1), "the rule filled what the table left empty");
    assert_eq!(judged("危化品库"), (json!("red"), 0));
    let again = upload_to("risk_point", &office, &office.who, &table).await.unwrap();
    assert_eq!(counts(&again), ("checked", [5, 0, 0, 3, 2]));
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_ledger_loses_no_row_and_doubles_none() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let row = |n: u32| {
            format!("K{n},灭火器失压 {n} 号,瑞禾电子厂,消防设施器材,一般,2026-01-05,2026-01-05,,,,\n")
        };
        let table = format!("{HEAD}{}", (1..=2_600).map(row).collect::<String>());
        let view = upload(&office, &office.who, &table).await.unwrap();
        assert_eq!(counts(&view), ("checked", [2_600, 2_600, 0, 0, 0]));
        office.desk.app.confirm_import(&office.who.grant, view.entry.id).await.unwrap();
        assert!(office.desk.app.reconcile_imports().await.unwrap());
        let now = office.desk.app.import(&office.who.grant, view.entry.id).await.unwrap();
        assert_eq!(counts(&now), ("running", [2_000, 2_000, 0, 0, 0]));
        let office = office.restarted().await;
        while office.desk.app.reconcile_imports().await.unwrap() {}
        let now = office.desk.app.import(&office.who.grant, view.entry.id).await.unwrap();
        assert_eq!(counts(&now), ("done", [2_600, 2_600, 0, 0, 0]));
        assert_eq!(office.desk.count("hazard").await, 2_600);
        // The numbers have no gap, and the same table has nothing left to bring.
        let last = LedgerFilter { sort: Sort::Opened, text: Some("YH-2026-2600".to_owned()), ..every() };
        let found = office.desk.app.ledger_entries(&office.who.grant, "hazard", last).await.unwrap().0.items;
        assert!(found.iter().any(|e| e.number.as_deref() == Some("YH-2026-2600")));
        let again = upload(&office, &office.who, &table).await.unwrap();
        assert_eq!(counts(&again), ("checked", [2_600, 0, 0, 2_600, 0]));
        office.desk.app.undo_import(&office.who.grant, view.entry.id).await.unwrap();
        assert!(office.desk.app.reconcile_imports().await.unwrap());
        let office = office.restarted().await;
        while office.desk.app.reconcile_imports().await.unwrap() {}
        assert_eq!(office.desk.count("hazard").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_example_row_of_every_template_is_never_taken_in() {
    let office = office(in_memory().await).await;
    office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let app = &office.desk.app;
    for kind in app.ledgers(&office.who.grant).unwrap().iter().filter(|k| k.openings().any(|mv| !mv.issues)) {
        let table = app.import_table(&office.who.grant, &kind.name).unwrap();
        let book = app.import_template(&table).unwrap();
        let mut file = app.receive_import().await.unwrap();
        file.push(&book).await.unwrap();
        let draft = ImportDraft {
            subject: ImportSubject::Ledger,
            ledger: Some(kind.name.clone()),
            file_name: "模板.xlsx".to_owned(),
            datum: Datum::Cgcs2000,
        };
        let Ok(view) = app.create_import(&office.who.grant, draft, file).await else { continue };
        while app.reconcile_imports().await.unwrap() {}
        let view = app.import(&office.who.grant, view.entry.id).await.unwrap();
        assert_eq!(counts(&view), ("checked", [0, 0, 0, 0, 0]), "{}", kind.name);
    }
    // It may stand between rows that count, in a table that was saved as CSV, too.
    let example = "示例行，不会导入,（隐患）,某某有限公司,消防设施器材,低,2026-01-05,2026-01-05,,,,\n";
    let (head, rows) = (HEAD, OLD);
    let view = upload(&office, &office.who, &format!("{head}{example}{rows}{example}")).await.unwrap();
    assert_eq!(counts(&view), ("checked", [3, 3, 0, 0, 0]));
}

#[tokio::test]
async fn every_wrong_row_is_told_with_its_place_and_the_good_ones_come_in() {
    let office = office(in_memory().await).await;
    office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let rows = [
        "B1,,瑞禾电子厂,消防设施器材,一般,2026-01-05,,,,,",
        "B2,甲,没有这家,消防设施器材,一般,2026-01-05,,,,,",
        "B3,乙,瑞禾电子厂,消防,一般,2026-01-05,,,,,",
        "B4,丙,瑞禾电子厂,消防设施器材,一般,2026-02-30,,,,,",
        "B5,丁,瑞禾电子厂,消防设施器材,一般,2026-01-05,2026-01-05,已销号,,,",
        "B6,戊,瑞禾电子厂,消防设施器材,一般,2026-01-05,,没听说过,,,",
        "B7,己,瑞禾电子厂,消防设施器材,一般,2099-01-05,,,,,",
        "B8,庚,瑞禾电子厂,消防设施器材,一般,2026-01-05,2026-01-05,,2026-03-01,,",
        "B9,辛,瑞禾电子厂,消防设施器材,一般,2026-01-05,2026-01-05,限期整改,,,",
        "B9,壬,瑞禾电子厂,消防设施器材,一般,2026-01-05,,,,,",
        "B0,癸,瑞禾电子厂,消防设施器材,一般,2026-01-05,,,,,",
    ];
    let view = upload(&office, &office.who, &format!("{HEAD}{}\n", rows.join("\n"))).await.unwrap();
    assert_eq!(counts(&view), ("checked", [11, 1, 0, 0, 10]));
    let told = office.problems(&view).await;
    let told: Vec<_> = told.iter().map(|p| (p.row, p.column.as_str(), p.code.as_str())).collect();
    let expected = [
        (2, "隐患", "field.required"),
        (3, "责任单位", "name.unknown"),
        (4, "隐患类别", "choice.unknown"),
        (5, "发现日期", "date.impossible"),
        (6, "办结日期", "closed.missing"),
        (7, "状态", "state.unknown"),
        (8, "发现日期", "date.future"),
        (9, "办结日期", "closed.open"),
        (10, "", "clock.unknown"),
        (11, "外部编号", "row.twice"),
    ];
    assert_eq!(told, expected);
    let book = office.desk.app.import_workbook(&office.who.grant, view.entry.id).await.unwrap();
    assert!(book.starts_with(b"PK"));
}

#[tokio::test]
async fn a_ledger_that_left_with_all_its_fields_comes_in_again_as_unchanged() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        hazard(&office, "=HYPERLINK(1)").await;
        brought(&office, &format!("{HEAD}{OLD}")).await;
        let all = ExportList::Ledger("hazard".into(), every(), LedgerColumns::All);
        let text = csv(&office.desk, &office.who, all).await.join("\r\n");
        let again = upload(&office, &office.who, &text).await.unwrap();
        assert_eq!(counts(&again), ("checked", [4, 0, 0, 4, 0]), "{:?}", office.problems(&again).await);
        let mended = text.replace("灭火器过期 3 具", "灭火器过期 5 具");
        assert_eq!(counts(&brought(&office, &mended).await), ("done", [4, 0, 1, 3, 0]));
    })
    .await;
}

#[tokio::test]
async fn whoever_opens_entries_brings_them_in_where_she_may_and_sees_her_own_imports_alone() {
    let office = office(in_memory().await).await;
    office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let (desk, app) = (&office.desk, &office.desk.app);
    desk.employ("dongzhu", "董竹", "township_officer", TOWN).await;
    desk.employ("leader", "何领导", "leader_in_charge", COUNTY).await;
    desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
    let (town, leader) = (desk.sign_in("dongzhu").await, desk.sign_in("leader").await);
    let neighbour = desk.sign_in("linxian").await;
    let view = upload(&office, &town, &format!("{HEAD}{OLD}")).await.unwrap();
    assert_eq!(
        counts(&view),
        ("checked", [3, 1, 0, 0, 2]),
        "what is further on is brought in by who may correct"
    );
    let problems = app.import_problems(&town.grant, view.entry.id).await.unwrap();
    assert!(problems.iter().all(|p| p.code == "entry.editor" && p.column == "状态"), "{problems:?}");
    assert_eq!(app.own_imports(&town.grant, "hazard", None, 10).await.unwrap().items.len(), 1);
    let refused = upload(&office, &leader, HEAD).await.unwrap_err();
    assert_eq!(refused.code, "import.post");
    let denied = app.import(&leader.grant, view.entry.id).await.unwrap_err().refusal();
    assert_eq!(denied.code, "access.denied");
    let elsewhere = upload(&office, &neighbour, &format!("{HEAD}{OLD}")).await.unwrap();
    assert_eq!(counts(&elsewhere), ("checked", [3, 0, 0, 0, 3]), "the unit of another county does not exist");
}

#[tokio::test]
async fn a_foreign_head_is_matched_once_and_known_the_next_time() {
    let office = office(in_memory().await).await;
    office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let app = &office.desk.app;
    let table =
        "工单编号,存在问题,责任单位,隐患类别,风险等级,发现日期\nC1,门坏了,瑞禾电子厂,其他,低,2026-01-05\n";
    let first = upload(&office, &office.who, table).await.unwrap();
    assert_eq!(counts(&first), ("checked", [1, 0, 0, 0, 1]));
    let mut columns = first.facts.columns.clone();
    columns[1] = Some("what".to_owned());
    app.match_import(&office.who.grant, first.entry.id, columns, Datum::Cgcs2000).await.unwrap();
    while app.reconcile_imports().await.unwrap() {}
    let next = upload(&office, &office.who, &table.replace("C1", "C2")).await.unwrap();
    assert_eq!(counts(&next), ("checked", [1, 1, 0, 0, 0]));
}

#[tokio::test]
async fn a_batch_says_what_its_entries_may_do_and_judges_each_on_its_own() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (first, second) = (hazard(&office, "门坏了").await, hazard(&office, "灯坏了").await);
        let (app, grant) = (&office.desk.app, &office.who.grant);
        let order = form("order", json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" }));
        app.move_entry(grant, "hazard", second.id, second.version, order.clone()).await.unwrap();
        let both = || BatchChoice::Named(vec![first.id, second.id]);
        let (entries, steps) = app.batch_actions(grant, "hazard", both()).await.unwrap();
        let may = |name: &str| steps.iter().find(|a| a.name == name).map(|a| (a.may, a.barred.len()));
        assert_eq!(
            (entries, may("order"), may("fall_due"), may("void")),
            (2, Some((1, 1)), Some((1, 1)), None)
        );
        let outcomes = app.batch_move(grant, "hazard", both(), &order, None).await.unwrap();
        let told = |entry: &Entry| outcomes.iter().find(|o| o.entry.id == entry.id).unwrap().refused.clone();
        assert!(told(&first).is_none());
        assert_eq!(told(&second).unwrap().code, "move.state");
        let found = BatchChoice::Found(Box::new(LedgerFilter { states: vec!["ordered".into()], ..every() }));
        let due = app.batch_move(grant, "hazard", found, &form("fall_due", json!({})), None).await.unwrap();
        assert_eq!(due.iter().filter(|o| o.refused.is_none()).count(), 2);
        let nothing = app.batch_move(grant, "hazard", BatchChoice::Named(Vec::new()), &order, None).await;
        assert_eq!(nothing.unwrap_err().refusal().code, "batch.nothing");
    })
    .await;
}

#[tokio::test]
async fn a_batch_has_its_limit() {
    let office = office(in_memory().await).await;
    let one = hazard(&office, "门坏了").await;
    let (app, grant) = (&office.desk.app, &office.who.grant);
    let most = BatchChoice::Named(vec![one.id; BATCH_MAX]);
    assert!(app.batch_actions(grant, "hazard", most).await.is_ok());
    let more = BatchChoice::Named(vec![one.id; BATCH_MAX + 1]);
    let refused = app.batch_actions(grant, "hazard", more).await.unwrap_err().refusal();
    assert_eq!(refused.code, "batch.too_many");
}

/// A batch that is sent again because its answer was lost makes no step a second time, also one that leaves every entry
/// where it was.
#[tokio::test]
async fn a_batch_that_is_sent_again_extends_no_deadline_twice() {
    on_every_store(async |desk| {
        let office = office(desk).await;
        let entry = hazard(&office, "门坏了").await;
        let (app, grant) = (&office.desk.app, &office.who.grant);
        let order = form("order", json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" }));
        app.move_entry(grant, "hazard", entry.id, entry.version, order).await.unwrap();
        office.desk.employ("sunzhiyuan", "孙志远", "brigade_head", COUNTY).await;
        let head = office.desk.sign_in("sunzhiyuan").await;
        let extend = form("extend", json!({ "correct_by": "2026-12-20", "extend_reason": "订货" }));
        let sent = async |key: &str| {
            let which = BatchChoice::Named(vec![entry.id]);
            let told = app.batch_move(&head.grant, "hazard", which, &extend, Some(key)).await.unwrap();
            assert!(told[0].refused.is_none(), "{:?}", told[0].refused);
            let now = app.ledger_entry(grant, "hazard", entry.id).await.unwrap();
            Life::of(&now.fields).unwrap().clock.unwrap().extended
        };
        assert_eq!((sent("k1").await, sent("k1").await, sent("k2").await), (1, 1, 2));
    })
    .await;
}

/// A row that names another unit moves its entry to where that unit is, and taking the import back moves it back, with
/// whoever must act.
#[tokio::test]
async fn an_entry_that_a_table_gives_to_another_unit_is_where_that_unit_is() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let first = office.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
        let second = office.desk.register("云岫商业广场", COUNTY, "890", 1).await;
        let table = format!("{HEAD}{OLD}");
        brought(&office, &table).await;
        let ordered = async || hazards(&office).await.into_iter().find(|e| e.state == "ordered").unwrap();
        let before = ordered().await;
        assert_eq!((before.region.to_string().as_str(), before.owner), (TOWN, Some(first.into())));
        let moved = brought(&office, &table.replace("Ｕ889", "U890")).await;
        let after = ordered().await;
        assert_eq!((after.region.to_string().as_str(), after.owner), (COUNTY, Some(second.into())));
        office.undone(&moved).await;
        let back = ordered().await;
        assert_eq!((back.region, back.owner, back.unit()), (before.region, before.owner, Some(first.into())));
    })
    .await;
}
