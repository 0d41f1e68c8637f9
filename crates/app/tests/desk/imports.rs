//! Registers that come as tables: checked first, taken in, sent again, taken back.

use crate::stores::{in_memory, on_each_store};
use fengsui_alarm::{Bound, Limits};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{
    BULK_NAMED_MAX, BulkChoice, ImportCounts, ImportDraft, ImportSubject, ImportView, PointFilter,
    PointLimits, RowProblem, SignedIn, TerminalFilter, UnitFilter,
};
use fengsui_base::{Datum, Refusal, Scope};
use fengsui_ledger::Entry;
use fengsui_store::{PAGE_MAX, Query};
use std::collections::BTreeMap;

const UNITS: &str = "编号,单位名称,类别,辖区,地址,经度,纬度\n";
const TERMINALS: &str = "源地址,终端名称,单位编号,安装日期,厂家\n";

/// A desk with a folder for uploads and somebody who may take registers in.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) who: SignedIn,
    folder: tempfile::TempDir,
}

pub(crate) async fn office(desk: Desk) -> Office {
    desk.employ("luomin", "骆敏", "fire_supervisor", COUNTY).await;
    let who = desk.sign_in("luomin").await;
    let folder = tempfile::tempdir().unwrap();
    desk.app.keep_uploads_in(folder.path().to_owned()).unwrap();
    desk.app.set_extent([117.0, 29.0, 118.0, 30.0]);
    Office { desk, who, folder }
}

impl Office {
    /// The same office after the program was stopped without a word and started again.
    pub(crate) async fn restarted(self) -> Self {
        let Self { desk, who, folder } = self;
        let desk = desk.restart().await;
        desk.app.keep_uploads_in(folder.path().to_owned()).unwrap();
        Self { desk, who, folder }
    }

    async fn upload(&self, subject: ImportSubject, bytes: &[u8]) -> Result<ImportView, Refusal> {
        let mut file = self.desk.app.receive_import().await.unwrap();
        file.push(bytes).await.unwrap();
        let draft =
            ImportDraft { subject, ledger: None, file_name: "名册.csv".to_owned(), datum: Datum::Cgcs2000 };
        let made = self.desk.app.create_import(&self.who.grant, draft, file).await;
        made.map_err(|fault| fault.refusal())
    }

    async fn work(&self) {
        while self.desk.app.reconcile_imports().await.unwrap() {}
    }

    async fn now(&self, view: &ImportView) -> ImportView {
        self.desk.app.import(&self.who.grant, view.entry.id).await.unwrap()
    }

    pub(crate) async fn checked(&self, subject: ImportSubject, text: &str) -> ImportView {
        let view = self.upload(subject, text.as_bytes()).await.unwrap();
        self.work().await;
        self.now(&view).await
    }

    pub(crate) async fn taken_in(&self, subject: ImportSubject, text: &str) -> ImportView {
        let view = self.checked(subject, text).await;
        self.desk.app.confirm_import(&self.who.grant, view.entry.id).await.unwrap();
        self.work().await;
        self.now(&view).await
    }

    pub(crate) async fn undone(&self, view: &ImportView) -> ImportView {
        self.desk.app.undo_import(&self.who.grant, view.entry.id).await.unwrap();
        self.work().await;
        self.now(view).await
    }

    pub(crate) async fn problems(&self, view: &ImportView) -> Vec<RowProblem> {
        self.desk.app.import_problems(&self.who.grant, view.entry.id).await.unwrap()
    }

    async fn all(&self, kind: &str) -> Vec<Entry> {
        let query = Query { limit: PAGE_MAX, ..Query::newest(kind, Scope::everything()) };
        self.desk.store.list(&query).await.unwrap().items
    }
}

pub(crate) fn counts(view: &ImportView) -> (&str, [u64; 5]) {
    let ImportCounts { rows, new, changed, unchanged, wrong, .. } =
        if matches!(view.entry.state.as_str(), "checking" | "checked") {
            view.facts.checked
        } else {
            view.facts.stored
        };
    (view.entry.state.as_str(), [rows, new, changed, unchanged, wrong])
}

fn unit(code: u32, name: &str) -> String {
    format!("U{code},{name},工厂,东渚镇,工业路 {code} 号,117.2,29.5\n")
}

#[tokio::test]
async fn a_register_is_taken_in_sent_again_changed_and_taken_back() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let table = format!("{UNITS}{}{}{}", unit(1, "一厂"), unit(2, "二厂"), unit(3, "三厂"));
        let first = office.taken_in(ImportSubject::Unit, &table).await;
        assert_eq!(counts(&first), ("done", [3, 3, 0, 0, 0]));
        let again = office.checked(ImportSubject::Unit, &table).await;
        assert_eq!(counts(&again), ("checked", [3, 0, 0, 3, 0]));
        let nothing = office.desk.app.confirm_import(&office.who.grant, again.entry.id).await.unwrap_err();
        assert_eq!(nothing.refusal().code, "import.nothing");
        let table = format!("{UNITS}{}{}", unit(2, "二厂新名"), unit(4, "四厂"));
        let second = office.taken_in(ImportSubject::Unit, &table).await;
        assert_eq!(counts(&second), ("done", [2, 1, 1, 0, 0]));
        assert_eq!(office.desk.count("unit").await, 4);
        let undone = office.undone(&second).await;
        assert_eq!((undone.entry.state.as_str(), undone.facts.undone, undone.facts.kept), ("undone", 2, 0));
        let mut names: Vec<_> = office.all("unit").await.into_iter().map(|e| e.title).collect();
        names.sort();
        assert_eq!(names, ["一厂", "三厂", "二厂"]);
        let back = office.taken_in(ImportSubject::Unit, &table).await;
        assert_eq!(counts(&back), ("done", [2, 1, 1, 0, 0]), "a code that was taken back is free again");
    })
    .await;
}

#[tokio::test]
async fn terminals_and_points_find_what_they_belong_to() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂"))).await;
        let table = format!("{TERMINALS}００８８９,装置,U1,2024.3.5,海湾\n890,装置,U9,,\n889,又一台,U1,,\n");
        let view = office.taken_in(ImportSubject::Terminal, &table).await;
        assert_eq!(counts(&view), ("done", [3, 1, 0, 0, 2]));
        let told: Vec<_> = office.problems(&view).await.into_iter().map(|p| (p.row, p.column, p.value, p.code)).collect();
        let told: Vec<_> = told.iter().map(|(r, c, v, k)| (*r, c.as_str(), v.as_str(), k.as_str())).collect();
        assert_eq!(told, [(3, "单位编号", "U9", "unit.unknown"), (4, "源地址", "889", "row.twice")]);
        let terminal = office.desk.app.board().terminal_at("889").unwrap();
        assert_eq!(terminal.facts().unit.as_ref().unwrap().1, "一厂");
        assert_eq!(terminal.facts().region.to_string(), TOWN);
        let table = "终端源地址,点位名称,部件类型,区号,点号,楼栋\n889,1-001,感烟火灾探测器,1,1,主楼\n889,1-002,40,1,2,主楼\n891,x,40,1,1,\n";
        let points = office.taken_in(ImportSubject::Point, table).await;
        assert_eq!(counts(&points), ("done", [3, 2, 0, 0, 1]));
        assert_eq!(terminal.point_count(), 2);
        let kept = office.undone(&view).await;
        assert_eq!((kept.facts.undone, kept.facts.kept), (0, 1), "a terminal with points stays");
        assert_eq!(office.problems(&kept).await[0].code, "record.in_use");
        let undone = office.undone(&points).await;
        assert_eq!((undone.facts.undone, terminal.point_count()), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_code_that_stands_twice_counts_once_and_one_of_the_register_is_changed_not_doubled() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let first = format!("{UNITS}{}", unit(1, "一厂"));
        assert_eq!(counts(&office.taken_in(ImportSubject::Unit, &first).await), ("done", [1, 1, 0, 0, 0]));
        // Twice in one file, also as somebody types it with full-width letters and a blank: the first one counts.
        let twice = format!(
            "{UNITS}{}{}Ｕ２ ,二厂又一行,工厂,东渚镇,工业路,117.2,29.5\n{}{}",
            unit(2, "二厂"),
            unit(2, "二厂再写"),
            unit(1, "一厂新名"),
            unit(1, "一厂再改")
        );
        let view = office.taken_in(ImportSubject::Unit, &twice).await;
        assert_eq!(counts(&view), ("done", [5, 1, 1, 0, 3]));
        let told: Vec<_> =
            office.problems(&view).await.into_iter().map(|p| (p.row, p.code, p.detail)).collect();
        let told: Vec<_> =
            told.iter().map(|(row, code, detail)| (*row, code.as_str(), detail.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "row.twice", "与第 2 行重复，请删去一行"),
                (4, "row.twice", "与第 2 行重复，请删去一行"),
                (6, "row.twice", "与第 5 行重复，请删去一行"),
            ]
        );
        let mut names: Vec<_> = office.all("unit").await.into_iter().map(|e| e.title).collect();
        names.sort();
        assert_eq!(names, ["一厂新名", "二厂"]);
    })
    .await;
}

#[tokio::test]
async fn positions_outside_the_county_are_told_with_what_is_likely_wrong_and_nothing_of_the_row_is_kept() {
    let office = office(in_memory().await).await;
    let rows = [
        ("117.2,29.5", ""),
        ("29.5,117.2", "填反"),
        ("121.47,31.23", "坐标系"),
        ("0,0", "坐标系"),
        ("117.2,", "一起填"),
        ("117°12′,29.5", "十进制"),
        ("181,29.5", "坐标系"),
        ("118.04,30.04", ""),
        ("118.06,30.0", "坐标系"),
    ];
    let table: String =
        rows.iter().enumerate().map(|(n, (at, _))| format!("U{n},{n}厂,工厂,东渚镇,工业路,{at}\n")).collect();
    let view = office.taken_in(ImportSubject::Unit, &format!("{UNITS}{table}")).await;
    assert_eq!(counts(&view), ("done", [9, 2, 0, 0, 7]));
    let problems = office.problems(&view).await;
    let wrong: Vec<_> = (2..).zip(rows).filter(|(_, (_, says))| !says.is_empty()).collect();
    assert_eq!(
        problems.iter().map(|p| p.row).collect::<Vec<_>>(),
        wrong.iter().map(|(row, _)| *row).collect::<Vec<_>>()
    );
    for (problem, (_, (at, says))) in problems.iter().zip(wrong) {
        assert!(problem.detail.contains(says), "{at}: {}", problem.detail);
    }
    assert_eq!(office.desk.count("unit").await, 2);
}

#[tokio::test]
async fn a_stop_in_the_middle_loses_nothing_and_doubles_nothing() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let rows: String = (1..=2_600).map(|n| unit(n, &format!("{n}厂"))).collect();
        let view = office.checked(ImportSubject::Unit, &format!("{UNITS}{rows}")).await;
        office.desk.app.confirm_import(&office.who.grant, view.entry.id).await.unwrap();
        assert!(office.desk.app.reconcile_imports().await.unwrap());
        assert_eq!(counts(&office.now(&view).await), ("running", [2_000, 2_000, 0, 0, 0]));
        let office = office.restarted().await;
        office.work().await;
        assert_eq!(counts(&office.now(&view).await), ("done", [2_600, 2_600, 0, 0, 0]));
        assert_eq!((office.desk.count("unit").await, office.desk.count("import_batch").await), (2_600, 6));
        office.desk.app.undo_import(&office.who.grant, view.entry.id).await.unwrap();
        assert!(office.desk.app.reconcile_imports().await.unwrap());
        let office = office.restarted().await;
        office.work().await;
        assert_eq!((office.desk.count("unit").await, office.now(&view).await.facts.undone), (0, 2_600));
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_or_heard_since_is_not_taken_back_and_is_named() {
    let office = office(in_memory().await).await;
    office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}{}", unit(1, "一厂"), unit(2, "二厂"))).await;
    let terminals =
        office.taken_in(ImportSubject::Terminal, &format!("{TERMINALS}7,甲,U1,,\n8,乙,U2,,\n")).await;
    office.desk.fire("7", 1).await;
    let undone = office.undone(&terminals).await;
    assert_eq!((undone.facts.undone, undone.facts.kept), (1, 1));
    assert_eq!(office.problems(&undone).await[0].value, "甲 7");
    assert!(office.desk.app.board().terminal_at("8").is_none());
    let changing = office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂改"))).await;
    office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂再改"))).await;
    let undone = office.undone(&changing).await;
    assert_eq!((undone.facts.undone, undone.facts.kept), (0, 1));
    assert_eq!(office.problems(&undone).await[0].code, "record.changed");
}

#[tokio::test]
async fn a_table_without_a_head_is_refused_and_a_wrong_column_can_be_matched_by_hand() {
    let office = office(in_memory().await).await;
    let refused = office.upload(ImportSubject::Unit, "姓名,年龄\n周敏,30\n".as_bytes()).await.unwrap_err();
    assert_eq!(refused.code, "import.no_header");
    assert!(refused.detail.contains("编号"), "{}", refused.detail);
    let broken = office.upload(ImportSubject::Unit, b"PK\x03\x04 no table").await.unwrap_err();
    assert_eq!(broken.code, "import.unreadable");
    let empty = office.upload(ImportSubject::Unit, b"").await.unwrap_err();
    assert_eq!(empty.code, "import.unreadable");
    let table = "工号,单位名称,类别,辖区,地址\nU1,一厂,工厂,东渚镇,工业路\n";
    let view = office.checked(ImportSubject::Unit, table).await;
    assert_eq!(counts(&view), ("checked", [1, 0, 0, 0, 1]));
    let mut columns = view.facts.columns.clone();
    columns[1] = Some("name".to_owned());
    columns[0] = Some("name".to_owned());
    let grant = &office.who.grant;
    let twice = office.desk.app.match_import(grant, view.entry.id, columns.clone(), Datum::Cgcs2000).await;
    assert_eq!(twice.unwrap_err().refusal().places[0].code, "columns.unfit");
    columns[0] = Some("code".to_owned());
    office.desk.app.match_import(grant, view.entry.id, columns, Datum::Cgcs2000).await.unwrap();
    office.work().await;
    assert_eq!(counts(&office.now(&view).await), ("checked", [1, 1, 0, 0, 0]));
    office.desk.app.cancel_import(grant, view.entry.id).await.unwrap();
    let late = office.desk.app.confirm_import(grant, view.entry.id).await.unwrap_err().refusal();
    assert_eq!(late.code, "import.not_now");
    assert_eq!(office.desk.count("unit").await, 0);
}

#[tokio::test]
async fn an_import_and_its_rows_stay_within_the_scope_of_whoever_sends_it() {
    let office = office(in_memory().await).await;
    let table =
        format!("{UNITS}U1,一厂,工厂,石桥镇,工业路,117.2,29.5\nU2,二厂,工厂,东渚镇,工业路,116.2,29.5\n");
    let view = office.checked(ImportSubject::Unit, &table).await;
    let codes: Vec<_> = office.problems(&view).await.into_iter().map(|p| p.code).collect();
    assert_eq!(codes, ["region.outside", "position.outside"]);
    office.desk.employ("linxian", "邻县", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = office.desk.sign_in("linxian").await;
    assert!(office.desk.app.import(&neighbour.grant, view.entry.id).await.is_err());
    assert!(office.desk.app.imports(&neighbour.grant, None, 10).await.unwrap().items.is_empty());
    let theirs =
        office.desk.app.units(&office.who.grant, UnitFilter { limit: 10, ..UnitFilter::default() }).await;
    assert_eq!(theirs.unwrap().1, 0);
}

#[tokio::test]
async fn an_import_whose_file_is_gone_says_so() {
    let office = office(in_memory().await).await;
    let view =
        office.upload(ImportSubject::Unit, format!("{UNITS}{}", unit(1, "一厂")).as_bytes()).await.unwrap();
    std::fs::remove_file(office.folder.path().join(&view.facts.file)).unwrap();
    office.work().await;
    let failed = office.now(&view).await;
    assert_eq!(failed.entry.state, "failed");
    assert!(failed.facts.failure.unwrap().contains("重新上传"));
    assert_eq!(office.desk.app.reconcile_import_files().await.unwrap(), 0);
}

#[tokio::test]
async fn uploaded_files_go_a_week_after_their_import_is_over() {
    let office = office(in_memory().await).await;
    office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂"))).await;
    office.desk.clock.pass_s(7 * 86_400);
    assert_eq!(office.desk.app.reconcile_import_files().await.unwrap(), 0);
    office.desk.clock.pass_s(1);
    assert_eq!(office.desk.app.reconcile_import_files().await.unwrap(), 1);
}

#[tokio::test]
async fn many_are_changed_at_once_checked_first_and_taken_back() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let table = format!("{UNITS}{}{}{}", unit(1, "一厂"), unit(2, "二厂"), unit(3, "三厂"));
        office.taken_in(ImportSubject::Unit, &table).await;
        let terminals = format!("{TERMINALS}889,甲,U1,,海湾\n890,乙,U2,,海湾\n891,丙,U3,,利达\n");
        office.taken_in(ImportSubject::Terminal, &terminals).await;
        let set = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let begun = async |choice, pairs: &[(&str, &str)]| {
            let made = office.desk.app.create_bulk_edit(&office.who.grant, choice, set(pairs)).await;
            made.map_err(|fault| fault.refusal())
        };
        let all = || BulkChoice::Terminals(TerminalFilter::default());
        let view = begun(all(), &[("maker", "利达"), ("service_life_years", "12")]).await.unwrap();
        office.work().await;
        assert_eq!(counts(&office.now(&view).await), ("checked", [3, 0, 3, 0, 0]));
        office.desk.app.confirm_import(&office.who.grant, view.entry.id).await.unwrap();
        office.work().await;
        let makers = async || {
            let all = office.all("terminal").await;
            all.iter().filter(|e| e.fields["maker"] == "利达").count()
        };
        assert_eq!(makers().await, 3);
        let undone = office.undone(&view).await;
        assert_eq!((undone.facts.undone, makers().await), (3, 1));

        let one = office.all("unit").await.remove(0).id;
        let named = begun(BulkChoice::UnitsNamed(vec![one]), &[("grid", "=第三网格")]).await.unwrap();
        office.work().await;
        assert_eq!(counts(&office.now(&named).await), ("checked", [1, 0, 1, 0, 0]));
        let code = async |choice, pairs: &[(&str, &str)]| begun(choice, pairs).await.unwrap_err().code;
        assert_eq!(code(all(), &[]).await, "input.invalid");
        assert_eq!(code(all(), &[("source", "1")]).await, "input.invalid");
        assert_eq!(code(all(), &[("maker", " ")]).await, "input.invalid");
        assert_eq!(code(BulkChoice::UnitsNamed(Vec::new()), &[("grid", "一")]).await, "bulk.nothing");
        let many = vec![one; BULK_NAMED_MAX + 1];
        assert_eq!(code(BulkChoice::UnitsNamed(many), &[("grid", "一")]).await, "bulk.too_many");
        let silent =
            BulkChoice::Terminals(TerminalFilter { online: Some(false), ..TerminalFilter::default() });
        assert_eq!(code(silent, &[("maker", "利达")]).await, "bulk.by_line");
    })
    .await;
}

const POINTS: &str = "终端源地址,点位名称,部件类型,部件地址,测量值,下限,下限恢复值,上限,回差,保持时间\n";

fn limits_of(point: &Entry) -> Vec<PointLimits> {
    point.fields.get("limits").map_or_else(Vec::new, |v| serde_json::from_value(v.clone()).unwrap())
}

#[tokio::test]
async fn limits_of_points_come_by_table_and_hold_like_those_set_by_hand() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂"))).await;
        office.taken_in(ImportSubject::Terminal, &format!("{TERMINALS}889,装置,U1,,\n")).await;
        let table = format!("{POINTS}889,泵出口,99,1,压力 kPa,100,120,,,30\n889,喷淋,99,2,压力 kPa,100,90,,,\n889,烟感,40,3,,,,,,\n");
        let view = office.taken_in(ImportSubject::Point, &table).await;
        assert_eq!(counts(&view), ("done", [3, 2, 0, 0, 1]));
        let told = office.problems(&view).await.remove(0);
        assert_eq!((told.row, told.column.as_str(), told.value.as_str(), told.code.as_str()), (3, "下限恢复值", "90", "limits.clear"));
        let low = Some(Bound { limit: 100.0, clear: 120.0 });
        let known = office.desk.app.board().terminal_at("889").unwrap();
        let held = || known.points().into_iter().find(|(_, p)| &*p.label == "泵出口").unwrap().1.limits_of(5);
        assert_eq!(held(), Some(Limits { low, high: None, hold_s: 30 }), "the board judges by them at once");
        let again = office.checked(ImportSubject::Point, &table).await;
        assert_eq!(counts(&again), ("checked", [3, 0, 0, 2, 1]));

        let other = format!("{POINTS}889,泵出口,99,1,温度,,,60,10,\n");
        let second = office.taken_in(ImportSubject::Point, &other).await;
        assert_eq!(counts(&second), ("done", [1, 0, 1, 0, 0]));
        let point = async || office.all("point").await.into_iter().find(|e| e.title == "泵出口").unwrap();
        let types: Vec<_> = limits_of(&point().await).iter().map(|l| l.analog_type).collect();
        assert_eq!(types, [5, 3], "what the row does not name stays");
        assert_eq!(counts(&office.checked(ImportSubject::Point, &other).await), ("checked", [1, 0, 0, 1, 0]));
        office.undone(&second).await;
        assert_eq!(limits_of(&point().await).len(), 1);
        assert_eq!(held(), Some(Limits { low, high: None, hold_s: 30 }));
    })
    .await;
}

#[tokio::test]
async fn points_are_changed_together_checked_first_and_taken_back() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.taken_in(ImportSubject::Unit, &format!("{UNITS}{}", unit(1, "一厂"))).await;
        office.taken_in(ImportSubject::Terminal, &format!("{TERMINALS}889,甲,U1,,\n890,乙,U1,,\n")).await;
        let table = format!("{POINTS}889,泵一,99,1,,,,,,\n889,泵二,99,2,,,,,,\n890,泵三,99,1,,,,,,\n");
        office.taken_in(ImportSubject::Point, &table).await;
        let begun = async |choice, pairs: &[(&str, &str)]| {
            let set = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let made = office.desk.app.create_bulk_edit(&office.who.grant, choice, set).await;
            let view = made.map_err(|fault| fault.refusal())?;
            office.work().await;
            Ok::<_, Refusal>(office.now(&view).await)
        };
        let of_889 = || {
            let terminal = office.desk.app.board().terminal_at("889").unwrap().id.into();
            BulkChoice::Points(PointFilter { terminal: Some(terminal), unit: None })
        };
        let set = [("building", "泵房"), ("value_type", "压力 kPa"), ("low", "100"), ("hysteresis", "20")];
        let view = begun(of_889(), &set).await.unwrap();
        assert_eq!(counts(&view), ("checked", [2, 0, 2, 0, 0]));
        office.desk.app.confirm_import(&office.who.grant, view.entry.id).await.unwrap();
        office.work().await;
        let limited = async || office.all("point").await.iter().filter(|p| !limits_of(p).is_empty()).count();
        assert_eq!(limited().await, 2);
        let undone = office.undone(&view).await;
        assert_eq!((undone.facts.undone, limited().await), (2, 0));

        let third = office.all("point").await.into_iter().find(|p| p.title == "泵三").unwrap();
        let named = BulkChoice::PointsNamed(vec![third.id]);
        let named = begun(named, &[("floor", "负一层")]).await.unwrap();
        assert_eq!(counts(&named), ("checked", [1, 0, 1, 0, 0]));
        let alone = begun(of_889(), &[("low", "100")]).await.unwrap();
        assert_eq!(counts(&alone), ("checked", [2, 0, 0, 0, 2]), "nobody says what is measured");
        let code = async |pairs: &[(&str, &str)]| begun(of_889(), pairs).await.unwrap_err().code;
        assert_eq!(code(&[("component_address", "9")]).await, "input.invalid");
        let many = BulkChoice::PointsNamed(vec![third.id; BULK_NAMED_MAX + 1]);
        assert_eq!(begun(many, &[("floor", "一层")]).await.unwrap_err().code, "bulk.too_many");
    })
    .await;
}
