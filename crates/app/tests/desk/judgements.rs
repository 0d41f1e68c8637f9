//! A form that is still being filled in is told what the rules make of it, and nothing is stored; what the rules reckon,
//! nobody fills by hand.

use crate::stores::in_memory;
use fengsui_app::kit::{COUNTY, Desk, TOWN};
use fengsui_app::{Fault, LedgerForm, PackStanding, SignedIn};
use fengsui_base::{Fields, Refusal, UnitId};
use fengsui_ledger::{Entry, judgements_of};
use serde_json::{Value, json};

/// A supervisor, a unit in her county and a risk point of it that nobody has graded yet.
struct Office {
    desk: Desk,
    luo: SignedIn,
    unit: UnitId,
    point: Entry,
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().unwrap().clone();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

async fn office() -> Office {
    let desk = in_memory().await;
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    let identify = json!({ "name": "涂装车间", "unit": unit.to_string(), "danger": "爆燃" });
    let point =
        desk.app.open_entry(&luo.grant, "risk_point", form("identify", identify), None).await.unwrap();
    Office { desk, luo, unit, point }
}

impl Office {
    async fn tried(&self, fields: Value) -> fengsui_ledger::Trial {
        let form = form("", fields);
        self.desk.app.try_form(&self.luo.grant, "risk_point", Some(self.point.id), &form).await.unwrap()
    }

    async fn assessed(&self, fields: Value) -> Result<Entry, Box<Refusal>> {
        let rest = json!({
            "assessed_on": "2026-11-20", "control_level": "team", "control_owner": "钱立新", "measures": "每班巡查",
        });
        let fields = fengsui_base::overlaid(rest.as_object().unwrap(), fields.as_object().unwrap());
        let form = LedgerForm { mv: "assess".to_owned(), fields, ..LedgerForm::default() };
        let point = &self.point;
        let moved =
            self.desk.app.move_entry(&self.luo.grant, "risk_point", point.id, point.version, form).await;
        moved.map_err(|fault| match fault {
            Fault::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        })
    }
}

#[tokio::test]
async fn a_form_that_is_being_filled_in_is_told_what_the_rules_make_of_it_and_nothing_is_stored() {
    let office = office().await;
    let part = office.tried(json!({ "method": "lec", "likelihood": 6.0 })).await;
    assert_eq!((part.judged.len(), part.fills), (0, vec!["colour".to_owned(), "score".to_owned()]));
    assert_eq!(part.wrong, ["请填写暴露频次 E", "请填写后果 C"]);
    let whole = json!({ "method": "lec", "likelihood": 6.0, "exposure": 6.0, "consequence": 40.0 });
    let whole = office.tried(whole).await;
    assert_eq!((whole.judged[0].outcome.as_str(), whole.wrong.len()), ("red", 0));
    assert_eq!((whole.judged[0].pack.as_str(), whole.judged[0].version.as_str()), ("risk-lec", "1"));
    assert!(whole.judged[0].because.contains("= 1440（大于 320）"), "{}", whole.judged[0].because);
    assert_eq!(office.tried(json!({ "method": "direct" })).await.fills, Vec::<String>::new());
    let app = &office.desk.app;
    let stored = app.ledger_entry(&office.luo.grant, "risk_point", office.point.id).await.unwrap();
    assert_eq!((stored.version, stored.fields.get("colour")), (1, None));
}

#[tokio::test]
async fn an_entry_that_was_graded_is_tried_anew_and_its_old_grade_is_no_mistake_of_the_form() {
    let mut office = office().await;
    let graded = json!({ "method": "lec", "likelihood": 6.0, "exposure": 6.0, "consequence": 40.0 });
    office.point = office.assessed(graded).await.unwrap();
    assert_eq!(office.point.fields["colour"], "red");
    let milder = office.tried(json!({ "likelihood": 1.0 })).await;
    assert_eq!((milder.judged[0].outcome.as_str(), milder.wrong), ("orange", Vec::<String>::new()));
}

#[tokio::test]
async fn what_the_rules_reckon_is_not_filled_by_hand_and_emptying_it_changes_nothing() {
    let mut office = office().await;
    let scores = json!({ "method": "lec", "likelihood": 6.0, "exposure": 6.0, "consequence": 40.0 });
    let with = |name: &str, value: Value| {
        let mut fields = scores.clone();
        fields[name] = value;
        fields
    };
    for (name, value) in [("colour", json!("blue")), ("score", json!(12.0))] {
        let refused = office.assessed(with(name, value)).await.unwrap_err();
        let place = &refused.places[0];
        assert_eq!(
            (place.pointer.as_str(), place.code.as_ref()),
            (format!("/{name}").as_str(), "field.reckoned")
        );
        assert!(place.detail.contains("由系统算出，不能另填"), "{}", place.detail);
    }
    office.point = office.assessed(with("colour", Value::Null)).await.unwrap();
    assert_eq!(
        (&office.point.fields["colour"], &office.point.fields["score"]),
        (&json!("red"), &json!(1440.0))
    );
    let judged = judgements_of(&office.point.fields);
    assert_eq!((judged[0].pack.as_str(), judged[0].on.to_string().as_str()), ("risk-lec", "2026-11-20"));
    let corrected = async |fields: Value| {
        let (point, form) = (&office.point, form("", fields));
        office.desk.app.amend_entry(&office.luo.grant, "risk_point", point.id, point.version, form).await
    };
    assert!(corrected(json!({ "colour": "blue" })).await.is_err());
    assert!(corrected(json!({ "_judged": [] })).await.is_err(), "nor is the record of what judged it");
}

#[tokio::test]
async fn the_bounds_of_a_fine_are_told_before_it_is_decided() {
    let office = office().await;
    let tried = async |fields: Value| {
        let form = form("", fields);
        office.desk.app.try_form(&office.luo.grant, "penalty", None, &form).await.unwrap().bounds
    };
    assert_eq!(tried(json!({ "unit": office.unit.to_string(), "party_kind": "unit" })).await, []);
    let fine = |fen: u64| json!({ "article": "fire_60", "party_kind": "unit", "violated_on": "2026-10-02", "amount": fen });
    let bound = &tried(fine(500_000)).await[0];
    assert_eq!((bound.words.as_str(), &bound.wrong), ("5000 元 至 50000 元", &None));
    assert_eq!((bound.version.as_str(), bound.on.to_string().as_str()), ("2021", "2026-10-02"));
    let low = &tried(fine(499_999)).await[0];
    assert!(low.wrong.as_deref().unwrap().contains("现为 4999.99 元"), "{low:?}");
}

/// Whoever asks why finds the version that judges here today among those that do not, what it says and what it judges.
#[tokio::test]
async fn the_rule_packs_say_which_version_judges_here_and_which_fields() {
    let office = office().await;
    let packs = office.desk.app.rule_packs(&office.luo.grant).unwrap();
    assert!(packs.iter().all(|p| !p.lines.is_empty() && !p.source.is_empty()), "{packs:?}");
    let one = |id: &str, version: &str| packs.iter().find(|p| p.id == id && p.version == version).unwrap();
    assert_eq!(one("key-unit", "2001").standing, PackStanding::InForce);
    assert_eq!(one("key-unit", "福建").standing, PackStanding::Elsewhere);
    let fire: Vec<_> = packs.iter().filter(|p| p.id == "fire-grade").map(|p| p.standing).collect();
    assert_eq!(fire.iter().filter(|s| **s == PackStanding::InForce).count(), 1, "{fire:?}");
    assert!(fire.contains(&PackStanding::Over), "{fire:?}");
    let lec = one("risk-lec", "1");
    assert_eq!(lec.lines[0], "可能性 L × 暴露频次 E × 后果 C 大于 320：重大（红）（极其危险）");
    let used: Vec<_> = lec.uses.iter().map(|u| (u.kind.as_str(), u.fields.join(" "), u.fills)).collect();
    assert_eq!(used, [("risk_point", "风险等级 风险值".to_owned(), true)]);
    let fines = one("fire-fines", "2021");
    assert!(fines.lines.contains(&"消防法 第 60 条，单位：5000 至 50000 元".to_owned()), "{:?}", fines.lines);
    assert_eq!((fines.uses.len(), fines.uses[0].fills), (1, false));
}
