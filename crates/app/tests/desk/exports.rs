//! Lists that leave as tables: what the filters and the scope show, harmless to a spreadsheet, on record, and fit to
//! be taken in again.

use crate::imports::{Office, counts, office};
use crate::stores::{in_memory, on_each_store};
use fengsui_access::Grant;
use fengsui_app::kit::{Desk, NEIGHBOUR};
use fengsui_app::{
    AlarmFilter, ExportFormat, ExportList, ImportSubject, PointFilter, TerminalFilter, UnitFilter,
};

const UNITS: &str = "编号,单位名称,类别,辖区,地址,联系人,联系电话,网格\n\
    U1,云岫纺织,工厂,东渚镇,工业路 1 号,周敏,138 0000 0000,第三网格\n\
    U2,=HYPERLINK(1),宾馆,东渚镇,工业路 2 号,,,\n";
const TERMINALS: &str = "源地址,终端名称,单位编号,规约,安装日期,使用年限,备电安装日期\n\
    889,装置甲,U1,时间用 BCD,2024-03-05,12,2025-06-30\n890,装置乙,U2,,,,\n";
const POINTS: &str = "终端源地址,点位名称,部件类型,区号,点号,楼栋,楼层,测量值,下限,上限,回差,保持时间\n\
    889,1-001,40,1,1,主楼,1 层,,,,,\n889,泵出口,99,1,2,泵房,,压力 kPa,100,900.5,20,30\n\
    889,水箱,99,1,3,泵房,,高度；温度,0.8；,；40,0.1；2,\n";

async fn stocked(desk: Desk) -> Office {
    let office = office(desk).await;
    office.taken_in(ImportSubject::Unit, UNITS).await;
    office.taken_in(ImportSubject::Terminal, TERMINALS).await;
    office.taken_in(ImportSubject::Point, POINTS).await;
    office
}

async fn csv(desk: &Desk, grant: &Grant, list: ExportList) -> String {
    let mut export = desk.app.export(grant, list, ExportFormat::Csv).await.unwrap();
    let mut text = export.csv_head();
    while let Some(lines) = desk.app.export_lines(&mut export).await.unwrap() {
        text.push_str(&lines);
    }
    text
}

#[tokio::test]
async fn what_leaves_as_a_table_comes_in_again_as_unchanged() {
    on_each_store(async |desk| {
        let office = stocked(desk).await;
        let lists = [
            (ImportSubject::Unit, ExportList::Units(UnitFilter::default()), 2),
            (ImportSubject::Terminal, ExportList::Terminals(TerminalFilter::default()), 2),
            (ImportSubject::Point, ExportList::Points(PointFilter::default()), 3),
        ];
        for (subject, list, rows) in lists {
            let text = csv(&office.desk, &office.who.grant, list).await;
            let again = office.checked(subject, &text).await;
            assert_eq!(counts(&again), ("checked", [rows, 0, 0, rows, 0]), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_filters_of_the_list_hold_and_nothing_runs_as_a_formula() {
    let office = stocked(in_memory().await).await;
    let hotels = UnitFilter { category: Some("hotel".to_owned()), ..UnitFilter::default() };
    let text = csv(&office.desk, &office.who.grant, ExportList::Units(hotels)).await;
    assert!(text.starts_with('\u{feff}') && text.lines().count() == 2, "{text}");
    assert!(text.contains("U2,'=HYPERLINK(1),宾馆,"), "{text}");
    let silent = TerminalFilter { online: Some(false), ..TerminalFilter::default() };
    let text = csv(&office.desk, &office.who.grant, ExportList::Terminals(silent)).await;
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("云岫纺织,东渚镇,已登记,从未上报,,3"), "{text}");
}

#[tokio::test]
async fn a_fire_stands_in_the_table_of_alarms_and_the_workbook_is_one() {
    let office = stocked(in_memory().await).await;
    let fire = office.desk.fire("889", 1).await;
    let all = || ExportList::Alarms(AlarmFilter::default());
    office.desk.employ("zhiban", "周敏", "duty_officer", fengsui_app::kit::COUNTY).await;
    let duty = office.desk.sign_in("zhiban").await;
    let text = csv(&office.desk, &duty.grant, all()).await;
    assert!(text.contains(fire.entry.number.as_deref().unwrap()) && text.contains("待签收"), "{text}");
    let export = office.desk.app.export(&duty.grant, all(), ExportFormat::Workbook).await.unwrap();
    let bytes = office.desk.app.export_workbook(export).await.unwrap();
    assert_eq!(bytes.get(..2), Some(&b"PK"[..]));
}

#[tokio::test]
async fn another_county_takes_out_its_own_and_every_taking_out_is_on_record() {
    let office = stocked(in_memory().await).await;
    office.desk.employ("linxian", "邻县", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = office.desk.sign_in("linxian").await;
    let before = office.desk.head().await;
    let text = csv(&office.desk, &neighbour.grant, ExportList::Points(PointFilter::default())).await;
    assert_eq!(text.lines().count(), 1, "{text}");
    csv(&office.desk, &office.who.grant, ExportList::Units(UnitFilter::default())).await;
    assert_eq!(office.desk.sentences_since(before).await, ["邻县：导出点位 0 条", "骆敏：导出单位 2 条"]);
}
