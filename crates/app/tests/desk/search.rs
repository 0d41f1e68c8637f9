//! One search over units and ledgers: two characters find, numbers find, nobody finds what she may not read.

use crate::stores::on_each_store;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{FOUND_COUNTED_MAX, FOUND_SHOWN, FoundGroup, LedgerForm, SignedIn};
use fengsui_base::UnitId;
use serde_json::json;

async fn found(desk: &Desk, by: &SignedIn, text: &str) -> Vec<FoundGroup> {
    desk.app.search(&by.grant, text).await.unwrap()
}

fn groups(found: &[FoundGroup]) -> Vec<(&str, u64, usize)> {
    found.iter().map(|g| (g.kind.as_str(), g.total, g.items.len())).collect()
}

async fn hazard(desk: &Desk, by: &SignedIn, unit: UnitId, what: &str) {
    let today = desk.app.calendar().day_of(desk.app.now()).to_string();
    let fields = json!({ "what": what, "unit": unit.to_string(), "category": "facility", "risk": "low",
                         "found_on": today });
    let fields = fields.as_object().unwrap().clone();
    let form = LedgerForm { mv: "register".to_owned(), fields, ..LedgerForm::default() };
    desk.app.open_entry(&by.grant, "hazard", form, None).await.unwrap();
}

#[tokio::test]
async fn two_characters_find_units_first_then_each_ledger() {
    on_each_store(async |desk| {
        let unit = desk.register("瑞禾消防器材厂", TOWN, "889", 2).await;
        desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
        desk.employ("shenji", "审计", "audit_admin", COUNTY).await;
        let (luo, lin) = (desk.sign_in("luomin").await, desk.sign_in("linxian").await);
        hazard(&desk, &luo, unit, "消防水泵控制柜处于手动").await;
        assert_eq!(groups(&found(&desk, &luo, "消防").await), [("unit", 1, 1), ("hazard", 1, 1)]);
        assert_eq!(groups(&found(&desk, &luo, "水泵").await), [("hazard", 1, 1)]);
        assert_eq!(groups(&found(&desk, &luo, "2026-0001").await), [("hazard", 1, 1)]);
        assert!(found(&desk, &luo, "瑞禾 水泵").await.is_empty(), "each word must be in the same record");
        for nothing in ["不存在的词", "", "  ·· "] {
            assert!(found(&desk, &luo, nothing).await.is_empty(), "{nothing}");
        }
        assert!(found(&desk, &lin, "消防").await.is_empty());
        let shen = desk.sign_in("shenji").await;
        assert_eq!(desk.app.search(&shen.grant, "消防").await.unwrap_err().refusal().code, "access.denied");
    })
    .await;
}

#[tokio::test]
async fn a_register_shows_a_few_and_counts_no_further_than_it_must() {
    on_each_store(async |desk| {
        let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
        desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        let luo = desk.sign_in("luomin").await;
        for n in 0..=FOUND_COUNTED_MAX {
            hazard(&desk, &luo, unit, &format!("灭火器压力不足 {n} 号")).await;
            let shown = usize::from(FOUND_SHOWN).min(usize::try_from(n + 1).unwrap());
            if n < 7 || n + 2 > FOUND_COUNTED_MAX {
                assert_eq!(groups(&found(&desk, &luo, "灭火器").await), [("hazard", n + 1, shown)]);
            }
        }
        hazard(&desk, &luo, unit, "灭火器压力不足 又一具").await;
        assert_eq!(found(&desk, &luo, "灭火器").await[0].total, FOUND_COUNTED_MAX + 1);
    })
    .await;
}
