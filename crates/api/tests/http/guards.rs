//! Every guard (条件) of the closed vocabulary refused once over HTTP: with its stable code, with a sentence that says what
//! is missing, and with nothing changed. A guard without a case fails.

use crate::site::{Answer, Browser, Site};
use axum::http::StatusCode;
use fengsui_access::Appointment;
use fengsui_app::kit::{self, COUNTY, TOWN, catalog_and};
use fengsui_base::{AccountId, UnitId};
use fengsui_catalog::Guard;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A ledger with a move for each guard, and nothing else that could bar it.
const LEDGER: &str = r#"
[[kind]]
name = "guarded"
label = "条件试验"
measure = "件"
states = [
  { name = "open", label = "在办", clock = { owner = "maker", due = { field = "by_on" }, basis = "试验" } },
  { name = "done", label = "已办", end = true },
]
fields = [
  { name = "what", label = "事项", type = "text", required = true },
  { name = "by_on", label = "办理期限", type = "date", required = true },
  { name = "unit", label = "责任单位", type = "link", to = "unit", filter = true },
  { name = "part_of", label = "上一件", type = "link", to = "guarded", filter = true },
  { name = "officers", label = "办理人员", type = "people" },
  { name = "note", label = "情况", type = "text" },
  { name = "manner", label = "方式", type = "choice", choices = [{ value = "plain", label = "普通" }, { value = "quick", label = "简易" }] },
  { name = "photos", label = "照片", type = "photos" },
  { name = "sealed_on", label = "查封日期", type = "date" },
  { name = "opened_on", label = "解封日期", type = "date" },
  { name = "fine_fen", label = "罚款", type = "money" },
  { name = "area_m2", label = "面积", type = "real", unit = "平方米" },
  { name = "reached", label = "已查", type = "integer", unit = "家" },
  { name = "target", label = "目标", type = "integer", unit = "家" },
  { name = "agreed", label = "同意人数", type = "integer" },
  { name = "experts", label = "专家人数", type = "integer" },
  { name = "article", label = "处罚条款", type = "choice", choices = [{ value = "fire_58", label = "消防法 第 58 条" }] },
  { name = "party_kind", label = "当事人", type = "choice", choices = [{ value = "unit", label = "单位" }, { value = "citizen", label = "个人" }] },
]
moves = [
  { name = "begin", label = "登记", to = "open", by = ["fire_supervisor"], asks = ["what", "by_on", "unit?", "part_of?", "manner?"] },
  { name = "approve", label = "批准", from = ["open"], by = ["fire_supervisor"] },
  { name = "with_officers", label = "两人办理", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["officers"], guards = [{ officers = { field = "officers", least = 2 } }] },
  { name = "by_authority", label = "部门办理", from = ["open"], to = "done", by = ["unit_safety_manager"], guards = ["not_the_unit"] },
  { name = "when_approved", label = "批准后办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ approved = "approve" }] },
  { name = "when_filled", label = "写明后办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ filled = "note" }] },
  { name = "when_quick", label = "简易办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ is = { field = "manner", one_of = ["quick"] } }] },
  { name = "with_photos", label = "凭照片办理", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["photos?"], guards = [{ files = { field = "photos", least = 2 } }] },
  { name = "before_due", label = "期内办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = ["in_time"] },
  { name = "after_due", label = "期满办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = ["past_due"] },
  { name = "well_before", label = "提前办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ ahead = "5d" }] },
  { name = "on_site", label = "到场办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ within_m = 200 }] },
  { name = "with_parts", label = "有下件才办", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ linked = { kind = "guarded", least = 1 } }] },
  { name = "parts_over", label = "下件办完才办", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ linked_ended = "guarded" }] },
  { name = "by_another", label = "另一人办理", from = ["open"], to = "done", by = ["fire_supervisor"], guards = [{ not_who_did = "approve" }] },
  { name = "in_span", label = "期间内解封", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["sealed_on", "opened_on"], guards = [{ span = { from = "sealed_on", to = "opened_on", most = "30d" } }] },
  { name = "at_most", label = "限额办理", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["fine_fen"], guards = [{ at_most = { field = "fine_fen", most = 20000.0 } }] },
  { name = "below", label = "小场所办理", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["area_m2"], guards = [{ below = { field = "area_m2", threshold = 300.0 } }] },
  { name = "in_range", label = "幅度内处罚", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["article", "party_kind", "fine_fen"], guards = [{ in_range = { field = "fine_fen", pack = "fire-fines", takes = { article = "article", party_kind = "party_kind" } } }] },
  { name = "reaches", label = "达标办结", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["reached", "target"], guards = [{ reaches = { field = "reached", target = "target" } }] },
  { name = "share", label = "专家同意", from = ["open"], to = "done", by = ["fire_supervisor"], asks = ["agreed", "experts"], guards = [{ share = { part = "agreed", whole = "experts", least = [2, 3] } }] },
]

[kind.office]
menu = "enforcement"
number = "TJ"
title = "what"
readers = ["fire_supervisor", "unit_safety_manager"]
"#;

/// How one guard refuses.
struct Case {
    /// The guard's name in the catalog.
    guard: &'static str,
    /// The move that it stops.
    mv: &'static str,
    /// What the form says.
    form: Value,
    /// What is missing, as the officer reads it.
    why: &'static str,
    /// What is so before.
    given: Given,
}

/// What is so before a move is refused.
#[derive(Clone, Copy, PartialEq)]
enum Given {
    /// Just opened, due in ten days.
    Fresh,
    /// Its deadline was yesterday.
    Overdue,
    /// The one who acts has approved it.
    Approved,
    /// An entry that is linked to it is open.
    WithOpenPart,
}

/// One case for each guard.
fn cases(luo: AccountId, wang: AccountId) -> Vec<Case> {
    let case = |guard, mv, form, why| Case { guard, mv, form, why, given: Given::Fresh };
    let given = |given, case: Case| Case { given, ..case };
    let nothing = || json!({});
    vec![
        case(
            "officers",
            "with_officers",
            json!({ "officers": [luo.to_string(), wang.to_string()] }),
            "办理人员须有 2 名持执法证的人员，现有 1 名",
        ),
        case("not_the_unit", "by_authority", nothing(), "责任单位不能办理自己的这一步，须由主管部门办理"),
        case("approved", "when_approved", nothing(), "还没有“批准”"),
        case("filled", "when_filled", nothing(), "还缺情况"),
        case("is", "when_quick", nothing(), "方式须是简易"),
        case("files", "with_photos", nothing(), "照片须有 2 张（份），现有 0"),
        given(Given::Overdue, case("in_time", "before_due", nothing(), "期限已过，不能再办这一步")),
        case("past_due", "after_due", nothing(), "期限还没有过（2026-12-01），过后才能办这一步"),
        given(Given::Overdue, case("ahead", "well_before", nothing(), "须在到期前 5 天 提出，已经过了")),
        case("within_m", "on_site", nothing(), "须在现场 200 米以内办理，您距现场约 968 米"),
        case("linked", "with_parts", nothing(), "关联的记录须有 1 条，现有 0 条"),
        given(
            Given::WithOpenPart,
            case("linked_ended", "parts_over", nothing(), "关联的记录还有 1 条没有办结"),
        ),
        given(
            Given::Approved,
            case("not_who_did", "by_another", nothing(), "“批准”是您办的，这一步须由他人办理"),
        ),
        case(
            "span",
            "in_span",
            json!({ "sealed_on": "2026-11-01", "opened_on": "2026-12-02" }),
            "解封日期距查封日期不得超过 30 天，最迟 2026-12-01",
        ),
        case("at_most", "at_most", json!({ "fine_fen": 20_001 }), "罚款不得超过 200 元，现为 200.01 元"),
        case("below", "below", json!({ "area_m2": 300.0 }), "面积须小于 300 平方米，现为 300 平方米"),
        case(
            "in_range",
            "in_range",
            json!({ "article": "fire_58", "party_kind": "unit", "fine_fen": 2_999_999 }),
            "消防法 第 58 条：罚款应为 30000 元 至 300000 元，现为 29999.99 元",
        ),
        case(
            "reaches",
            "reaches",
            json!({ "reached": 119, "target": 120 }),
            "已查 119 家，没有达到目标 120 家",
        ),
        case(
            "share",
            "share",
            json!({ "agreed": 3, "experts": 5 }),
            "同意人数须达到专家人数的 2/3，现为 3/5",
        ),
    ]
}

/// A county with the ledger, its people and a unit.
struct Office {
    site: Site,
    unit: UnitId,
    luo: Browser,
    manager: Browser,
}

async fn office() -> (Office, Vec<Case>) {
    let site = Site::open_on(catalog_and(LEDGER)).await;
    let unit = site.desk.register("瑞禾电子厂", TOWN, "889", 1).await;
    let luo = site.desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let wang = site.desk.employ("wangwei", "王伟", "fire_supervisor", COUNTY).await;
    let manages =
        Appointment { units: vec![unit], ..Appointment::of("unit_safety_manager", kit::code(TOWN)) };
    site.desk.appoint("qianlixin", "钱立新", vec![manages]).await;
    let (luo_at, manager) = (site.browser("luomin").await, site.browser("qianlixin").await);
    (Office { site, unit, luo: luo_at, manager }, cases(luo, wang))
}

impl Office {
    async fn begin(&self, by_on: &str, part_of: Option<&str>) -> String {
        let fields = json!({ "what": "试验", "by_on": by_on, "unit": self.unit.to_string(), "part_of": part_of,
            "manner": "plain" });
        let form = json!({ "move": "begin", "fields": fields });
        let answer = self.site.post(&self.luo, "/api/v1/ledgers/guarded/entries", form).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// An entry as the case needs it, with its version.
    async fn given(&self, case: &Case) -> (String, u64) {
        let by_on = if case.given == Given::Overdue { "2026-11-20" } else { "2026-12-01" };
        let id = self.begin(by_on, None).await;
        match case.given {
            Given::Fresh | Given::Overdue => {}
            Given::Approved => {
                let approved = self.moves(&self.luo, &id, 1, "approve", json!({})).await;
                assert_eq!(approved.status, StatusCode::OK, "{}", approved.body);
                return (id, 2);
            }
            Given::WithOpenPart => drop(self.begin("2026-12-01", Some(&id)).await),
        }
        (id, 1)
    }

    async fn moves(&self, by: &Browser, id: &str, version: u64, mv: &str, fields: Value) -> Answer {
        // A kilometre east of the unit.
        let form = json!({ "fields": fields, "position": [117.26, 29.5] });
        let path = format!("/api/v1/ledgers/guarded/entries/{id}/moves/{mv}");
        self.site.post_on(by, &path, version, form).await
    }

    async fn refuses(&self, case: &Case) {
        let by = if case.guard == "not_the_unit" { &self.manager } else { &self.luo };
        let (id, version) = self.given(case).await;
        let refused = self.moves(by, &id, version, case.mv, case.form.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "move.barred"));
        let page = self.site.get(by, &format!("/api/v1/ledgers/guarded/entries/{id}")).await.json();
        assert_eq!((&page["state"], &page["version"]), (&json!("open"), &json!(version)), "{page}");
        let action = page["actions"].as_array().unwrap().iter().find(|a| a["name"] == case.mv).unwrap();
        let label = action["label"].as_str().unwrap();
        assert_eq!(refused.json()["detail"], format!("不能{label}：{}。", case.why), "{}", case.guard);
        // What a form could not mend the page says before anybody tries, in the same words.
        if action["allowed"] == false {
            assert_eq!(action["reason"], case.why, "{}", case.guard);
        }
    }
}

/// The names of all guards, as the catalog reads them: a word that is none is answered with those that are.
fn vocabulary() -> BTreeSet<String> {
    let said = serde_json::from_str::<Guard>("\"?\"").unwrap_err().to_string();
    said.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// The guards of a move, by name.
fn guards_of(mv: &str) -> Vec<String> {
    let catalog = catalog_and(LEDGER);
    let known = catalog.kind("guarded").and_then(|k| k.mv(mv)).unwrap();
    let name = |guard: &Guard| match serde_json::to_value(guard).unwrap() {
        Value::String(name) => name,
        guard => guard.as_object().unwrap().keys().next().unwrap().clone(),
    };
    known.guards.iter().map(name).collect()
}

#[tokio::test]
async fn every_guard_refuses_once_over_http_in_words_that_say_what_is_missing() {
    let (office, cases) = office().await;
    let told: BTreeSet<String> = cases.iter().map(|c| c.guard.to_owned()).collect();
    assert_eq!(told, vocabulary(), "each guard of the catalog has its case");
    for case in &cases {
        assert_eq!(guards_of(case.mv), [case.guard], "nothing but this guard stops the move");
        office.refuses(case).await;
    }
}

#[tokio::test]
async fn of_two_officers_who_close_at_once_one_is_told_who_was_first() {
    let (office, _) = office().await;
    office.site.desk.certify("huangtao", "黄涛", "fire_supervisor", COUNTY).await;
    let huang = office.site.browser("huangtao").await;
    let id = office.begin("2026-12-01", None).await;
    let close = |by| office.moves(by, &id, 1, "below", json!({ "area_m2": 120.0 }));
    let (one, two) = tokio::join!(close(&office.luo), close(&huang));
    let (first, refused) = if one.status == StatusCode::OK { ("罗敏", two) } else { ("黄涛", one) };
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "move.state"));
    let said = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(said.contains(&format!("（{first} 刚办理）")), "{said}");
    let page = office.site.get(&office.luo, &format!("/api/v1/ledgers/guarded/entries/{id}")).await.json();
    assert_eq!((&page["state"], &page["version"]), (&json!("done"), &json!(2)), "{page}");
}
