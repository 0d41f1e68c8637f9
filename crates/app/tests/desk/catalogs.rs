//! Upgrades of the catalog over entries that are there: a renamed field, one given up, one that went without a word.

use crate::stores::on_each_store;
use fengsui_app::kit::{self, COUNTY, Desk, TOWN, catalog_with};
use fengsui_app::{ExportFormat, ExportList, LedgerColumns, LedgerFilter, LedgerForm, SignedIn};
use fengsui_ledger::Entry;
use serde_json::json;

/// What other ledgers hand over to it.
const FILLED: &str = r#", place = "place""#;
const PLACE: &str = r#"{ name = "place", label = "部位", type = "text", max_chars = 60, search = true },"#;

async fn hazard(desk: &Desk) -> (SignedIn, Entry) {
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    let fields = json!({ "what": "防火门损坏", "unit": unit.to_string(), "category": "facility", "place": "三层东侧",
        "risk": "ordinary", "found_on": "2026-11-20" });
    let fields = fields.as_object().unwrap().clone();
    let form = LedgerForm { mv: "register".to_owned(), fields, ..LedgerForm::default() };
    let entry = desk.app.open_entry(&luo.grant, "hazard", form, None).await.unwrap();
    (luo, entry)
}

fn order() -> LedgerForm {
    let fields = json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" });
    LedgerForm {
        mv: "order".to_owned(),
        fields: fields.as_object().unwrap().clone(),
        ..LedgerForm::default()
    }
}

#[tokio::test]
async fn a_renamed_field_keeps_its_value_and_is_stored_under_its_new_name_with_the_next_move() {
    on_each_store(async |desk| {
        let (luo, before) = hazard(&desk).await;
        let renamed = PLACE.replace("\"place\"", "\"whereabouts\"").replace("max", "was = \"place\", max");
        let asked = (r#""place?""#, r#""whereabouts?""#);
        let desk =
            desk.restart_with(catalog_with(&[(PLACE, &renamed), asked, (FILLED, "")]), kit::node()).await;
        let read = desk.app.ledger_entry(&luo.grant, "hazard", before.id).await.unwrap();
        assert_eq!(read.fields.get("whereabouts"), before.fields.get("place"));
        // Whatever shows an entry shows it in the words of today: the archive of its unit, the map, a search, a table.
        let whereabouts = |entry: &Entry| entry.fields.get("whereabouts") == before.fields.get("place");
        let unit = read.unit().unwrap();
        let archive = desk.app.unit_archive(&luo.grant, unit).await.unwrap();
        assert!(archive.ledgers.iter().flat_map(|ledger| &ledger.items).all(whereabouts));
        let linked = desk.app.unit_ledgers(&luo.grant, unit).await.unwrap();
        assert!(linked.iter().flat_map(|ledger| &ledger.items).all(whereabouts));
        let places = desk.app.ledger_places(&luo.grant, "hazard", LedgerFilter::default()).await.unwrap();
        assert!(places.placed.iter().map(|(entry, _)| entry).chain(&places.unplaced).all(whereabouts));
        let found = desk.app.search(&luo.grant, "防火门损坏").await.unwrap();
        assert!(found.iter().filter(|g| g.kind == "hazard").flat_map(|g| &g.items).all(whereabouts));
        let all = ExportList::Ledger("hazard".into(), LedgerFilter::default(), LedgerColumns::All);
        let mut export = desk.app.export(&luo.grant, all, ExportFormat::Csv).await.unwrap();
        assert!(desk.app.export_lines(&mut export).await.unwrap().unwrap().contains("三层东侧"));
        let moved = desk.app.move_entry(&luo.grant, "hazard", read.id, read.version, order()).await.unwrap();
        assert_eq!(moved.revision, before.revision + 1);
        let stored = desk.store.entry(&fengsui_base::Scope::everything(), read.id).await.unwrap().unwrap();
        assert_eq!(stored.fields.get("whereabouts"), before.fields.get("place"));
        assert!(!stored.fields.contains_key("place"));
    })
    .await;
}

#[tokio::test]
async fn a_field_given_up_stays_on_the_entries_that_have_it_with_the_label_it_had() {
    on_each_store(async |desk| {
        let (luo, before) = hazard(&desk).await;
        let gone = [(PLACE, ""), (r#""place?", "#, ""), (FILLED, "")];
        let said = desk.refuses(catalog_with(&gone)).await;
        assert_eq!(said.code, "catalog.contradicts");
        assert!(said.detail.contains("“部位”不见了") && said.detail.contains("1 条记录"), "{}", said.detail);
        let retired = ("label = \"隐患\"\nmeasure", "label = \"隐患\"\nretired = [\"place\"]\nmeasure");
        let desk = desk.restart_with(catalog_with(&[gone[0], gone[1], gone[2], retired]), kit::node()).await;
        let read = desk.app.ledger_entry(&luo.grant, "hazard", before.id).await.unwrap();
        let view = desk.app.view_of(&luo.grant, read).await.unwrap();
        let shown: Vec<_> = view.former.iter().map(|f| (f.field.label.as_str(), &f.value)).collect();
        assert_eq!(shown, [("部位", &json!("三层东侧"))]);
        let (id, version) = (before.id, before.version);
        let moved = desk.app.move_entry(&luo.grant, "hazard", id, version, order()).await.unwrap();
        let view = desk.app.view_of(&luo.grant, moved).await.unwrap();
        assert_eq!(view.former.len(), 1, "a move loses nothing");
        assert_eq!(view.former[0].field.label, "部位", "and the label is that of the revision that had it");
    })
    .await;
}

#[tokio::test]
async fn a_state_in_which_entries_wait_does_not_go() {
    on_each_store(async |desk| {
        let without = |catalog: &fengsui_catalog::Catalog| {
            let text = catalog.text().replace("\"found\"", "\"noted\"");
            fengsui_catalog::Catalog::of_text(&text, 0).unwrap()
        };
        let desk = desk.restart_with(without(&kit::catalog()), kit::node()).await;
        let desk = desk.restart().await;
        hazard(&desk).await;
        let said = desk.refuses(without(&kit::catalog())).await;
        assert!(said.detail.contains("状态“待责令”不见了（已有 1 条记录）"), "{}", said.detail);
    })
    .await;
}
