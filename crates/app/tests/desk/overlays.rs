//! Fields that a site adds to a shipped ledger: drafted, adopted without a restart, filled, kept over an upgrade, at rest
//! where the upgraded file asks for the same, and mended by the administrator.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{self, COUNTY, Desk, NEIGHBOUR, TOWN, catalog_with};
use fengsui_app::{Fault, LedgerFilter, LedgerForm, SignedIn};
use fengsui_base::{Fields, RefusalKind};
use fengsui_catalog::{OwnField, OwnFieldType};
use fengsui_ledger::Entry;
use serde_json::{Value, json};

/// Where the shipped hazard begins its fields: an upgrade writes one more behind it.
const FIELDS: &str = r#"{ name = "place", label = "部位", type = "text", max_chars = 60, search = true },"#;

struct Office {
    desk: Desk,
    admin: SignedIn,
    luo: SignedIn,
    unit: String,
}

async fn office(desk: Desk) -> Office {
    let unit = desk.register("云岫冷库", TOWN, "889", 1).await.to_string();
    desk.employ("tanqing", "谭清", "system_admin", COUNTY).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let (admin, luo) = (desk.sign_in("tanqing").await, desk.sign_in("luomin").await);
    Office { desk, admin, luo, unit }
}

fn own(label: &str, kind: OwnFieldType) -> OwnField {
    OwnField {
        label: label.to_owned(),
        kind,
        required: false,
        choices: Vec::new(),
        unit: None,
        help: None,
        listed: true,
        retired: false,
    }
}

fn ammonia() -> OwnField {
    OwnField { required: true, ..own("是否涉氨", OwnFieldType::Truth) }
}

impl Office {
    async fn hazard(&self, more: Value) -> Result<Entry, Fault> {
        let mut fields: Fields =
            json!({ "what": "冷库制冷机房无报警器", "unit": self.unit, "category": "facility",
            "risk": "considerable", "found_on": "2026-11-20" })
            .as_object()
            .unwrap()
            .clone();
        fields.extend(more.as_object().unwrap().clone());
        let form = LedgerForm { mv: "register".to_owned(), fields, ..LedgerForm::default() };
        self.desk.app.open_entry(&self.luo.grant, "hazard", form, None).await
    }

    async fn order(&self, hazard: &Entry) -> Entry {
        let fields = json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" });
        let fields = fields.as_object().unwrap().clone();
        let form = LedgerForm { mv: "order".to_owned(), fields, ..LedgerForm::default() };
        let (app, by) = (&self.desk.app, &self.luo.grant);
        app.move_entry(by, "hazard", hazard.id, hazard.version, form).await.unwrap()
    }

    async fn draft(&self, version: u64, fields: Vec<OwnField>) -> u64 {
        let changed = self.desk.app.change_overlay(&self.admin.grant, "hazard", version, fields).await;
        changed.unwrap().version
    }

    async fn adopt(&self, version: u64) -> u64 {
        self.desk.app.adopt_overlay(&self.admin.grant, "hazard", version).await.unwrap().version
    }

    async fn to_mend(&self) -> Vec<String> {
        let found = self.desk.app.ledgers_to_mend(&self.admin.grant).await.unwrap();
        found.into_iter().map(|r| format!("{}：{}", r.label, r.why)).collect()
    }
}

fn code(fault: &Fault) -> String {
    fault.refusal().code.to_string()
}

#[tokio::test]
async fn a_field_is_added_to_a_shipped_ledger_without_a_restart_and_old_entries_go_on() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let app = &office.desk.app;
        let before = office.hazard(json!({})).await.unwrap();
        let revision = app.catalog().revision();
        let version = office.draft(0, vec![ammonia()]).await;
        assert!(app.catalog().kind("hazard").unwrap().field("own_1").is_none(), "a draft is nobody's field");
        let judged = app.judge_overlay(&office.admin.grant, "hazard", vec![ammonia()]).await.unwrap();
        let told: Vec<_> = judged.differences.into_iter().map(|d| d.text).collect();
        assert_eq!(told, ["“隐患”新增字段“是否涉氨”"]);
        office.adopt(version).await;
        assert_eq!(app.catalog().revision(), revision + 1);

        let refused = office.hazard(json!({})).await.unwrap_err().refusal();
        assert_eq!(
            (refused.places[0].pointer.as_str(), refused.places[0].code.as_ref()),
            ("/own_1", "field.required")
        );
        let cold = office.hazard(json!({ "own_1": true })).await.unwrap();
        assert_eq!((cold.revision, &cold.fields["own_1"]), (revision + 1, &json!(true)));
        let filter =
            LedgerFilter { fields: vec![("own_1".to_owned(), "true".to_owned())], ..LedgerFilter::default() };
        let (page, total) = app.ledger_entries(&office.luo.grant, "hazard", filter).await.unwrap();
        assert_eq!((total, page.items[0].id), (1, cold.id));
        assert_eq!(office.order(&before).await.state, "ordered", "what was there has nothing to fill");
    })
    .await;
}

#[tokio::test]
async fn it_survives_a_restart_and_rests_where_an_upgrade_asks_for_the_same() {
    on_each_store(async |desk| {
        let mut office = office(desk).await;
        let version = office.draft(0, vec![ammonia(), own("冷库容积", OwnFieldType::Integer)]).await;
        let version = office.adopt(version).await;
        let cold = office.hazard(json!({ "own_1": true, "own_2": 800 })).await.unwrap();
        office.desk = office.desk.restart().await;
        assert!(office.desk.app.catalog().kind("hazard").unwrap().field("own_1").is_some());
        assert_eq!(office.to_mend().await, Vec::<String>::new());

        let upgrade = format!(r#"{FIELDS} {{ name = "ammonia", label = "是否涉氨", type = "truth" }},"#);
        office.desk = office.desk.restart_with(catalog_with(&[(FIELDS, &upgrade)]), kit::node()).await;
        let app = &office.desk.app;
        let kind = app.catalog().kind("hazard").unwrap();
        assert!(kind.field("own_1").is_none() && kind.field("own_2").is_some());
        let read = app.ledger_entry(&office.luo.grant, "hazard", cold.id).await.unwrap();
        let view = app.view_of(&office.luo.grant, read).await.unwrap();
        let shown: Vec<_> = view.former.iter().map(|f| (f.field.label.as_str(), &f.value)).collect();
        assert_eq!(shown, [("是否涉氨", &json!(true))], "what was filled is shown");
        let to_mend = office.to_mend().await;
        assert!(
            to_mend.len() == 1 && to_mend[0].starts_with("隐患：自带的“隐患”现在也有“是否涉氨”这一项"),
            "{to_mend:?}"
        );
        let status = app.status(&office.admin.grant).await.unwrap();
        assert!(status.checks.iter().any(|c| c.name == "ledgers" && !c.ok));
        let moved = office.order(&cold).await;
        assert_eq!((&moved.fields["own_1"], &moved.fields["own_2"]), (&json!(true), &json!(800)));

        // The administrator calls it otherwise: it is asked again, with what was filled.
        let again = vec![own("原登记涉氨", OwnFieldType::Truth), own("冷库容积", OwnFieldType::Integer)];
        let version = office.draft(version, again).await;
        office.adopt(version).await;
        assert_eq!(office.to_mend().await, Vec::<String>::new());
        let kind = office.desk.app.catalog().kind("hazard").unwrap();
        assert_eq!(kind.field("own_1").unwrap().label, "原登记涉氨");
    })
    .await;
}

#[tokio::test]
async fn a_field_that_is_given_up_is_asked_no_more_and_stays_readable() {
    let office = office(in_memory().await).await;
    let version = office.draft(0, vec![ammonia()]).await;
    let version = office.adopt(version).await;
    let cold = office.hazard(json!({ "own_1": true })).await.unwrap();
    let version = office.draft(version, vec![OwnField { retired: true, ..ammonia() }]).await;
    office.adopt(version).await;
    let app = &office.desk.app;
    let view = app.view_of(&office.luo.grant, cold.clone()).await.unwrap();
    assert_eq!(view.former[0].field.label, "是否涉氨");
    office.hazard(json!({})).await.unwrap();
    let refused = office.hazard(json!({ "own_1": true })).await.unwrap_err();
    assert_eq!(refused.refusal().places[0].code, "field.unasked");
    assert_eq!(office.order(&cold).await.fields["own_1"], json!(true));
}

#[tokio::test]
async fn what_is_in_use_is_not_taken_away_nor_changed_on_an_old_version_nor_by_others() {
    let office = office(in_memory().await).await;
    let app = &office.desk.app;
    let version = office.draft(0, vec![ammonia()]).await;
    let stale = app.change_overlay(&office.admin.grant, "hazard", 0, vec![ammonia()]).await.unwrap_err();
    assert_eq!(code(&stale), "version.stale");
    let version = office.adopt(version).await;
    let none = app.change_overlay(&office.admin.grant, "hazard", version, Vec::new()).await.unwrap_err();
    assert!(none.refusal().places.iter().any(|p| p.code == "field.fixed"));
    let twice = vec![ammonia(), own("隐患类别", OwnFieldType::Text)];
    let twice = app.change_overlay(&office.admin.grant, "hazard", version, twice).await.unwrap_err();
    assert_eq!(twice.refusal().places[0].pointer, "/fields/1/label");
    let issued = app.overlay(&office.admin.grant, "issued_paper").await.unwrap_err().refusal();
    assert_eq!(issued.kind, RefusalKind::NotFound, "what the program issues takes no fields");
    assert!(app.overlay(&office.luo.grant, "hazard").await.is_err());
    office.desk.employ("linguan", "林管", "system_admin", NEIGHBOUR).await;
    let lin = office.desk.sign_in("linguan").await;
    assert!(app.overlay(&lin.grant, "hazard").await.is_err(), "a neighbour's administrator has no say here");
}
