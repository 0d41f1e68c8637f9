//! What a site adds to a shipped ledger lies behind its fields, is asked where entries begin, and gives way when the file
//! comes to ask for the same.

use super::Overlay;
use crate::{Catalog, Field, Kind, OWN_CHOICES_MAX, OWN_FIELDS_MAX, OwnField, OwnFieldType, differences};

const VISIT: &str = r#"
menu = [{ name = "grassroots", label = "基层" }]

[[post]]
name = "grid_worker"
label = "网格员"
description = "走访"
permissions = ["ledger.use"]

[[kind]]
name = "visit"
label = "走访"
measure = "次"
states = [
  { name = "planned", label = "待走访", clock = { owner = "maker", due = { term = "3wd" }, basis = "网格管理办法" } },
  { name = "done", label = "已走访", end = true },
]
fields = [{ name = "what", label = "事项", type = "text", required = true }]
moves = [
  { name = "plan", label = "安排走访", to = "planned", by = ["grid_worker"], asks = ["what"] },
  { name = "finish", label = "走访完成", from = ["planned"], to = "done", by = ["grid_worker"] },
]

[kind.office]
menu = "grassroots"
number = "ZF"
title = "what"
readers = ["grid_worker"]
"#;

fn catalog(text: &str) -> Catalog {
    Catalog::load(&[("visit.toml", text)]).unwrap()
}

fn visit() -> Kind {
    catalog(VISIT).kind("visit").unwrap().clone()
}

fn own(label: &str, kind: OwnFieldType, choices: &[&str]) -> OwnField {
    OwnField {
        label: label.to_owned(),
        kind,
        required: true,
        choices: choices.iter().map(|&c| c.to_owned()).collect(),
        unit: None,
        help: None,
        listed: true,
        retired: false,
    }
}

fn overlay(fields: Vec<OwnField>) -> Overlay {
    Overlay { ledger: "visit".to_owned(), fields }
}

fn ammonia() -> OwnField {
    own("是否涉氨", OwnFieldType::Truth, &[])
}

fn codes(overlay: &Overlay, adopted: Option<&Overlay>) -> Vec<String> {
    let wrong = overlay.mistakes(&visit(), adopted);
    wrong.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect()
}

#[test]
fn it_is_asked_where_an_entry_begins_and_required_of_nothing_that_is_there() {
    let laid = overlay(vec![ammonia()]).laid_on(&visit());
    assert_eq!(laid.mv("plan").unwrap().asks, ["what", "own_1"]);
    assert!(laid.mv("finish").unwrap().asks.is_empty());
    assert_eq!(laid.office.as_ref().unwrap().columns, ["own_1"]);
    let field: &Field = laid.field("own_1").unwrap();
    assert_eq!((field.label.as_str(), field.required, field.filter), ("是否涉氨", false, true));
    // Laid on again, as at every adoption, it is the same.
    assert_eq!(overlay(vec![ammonia()]).laid_on(&laid), laid);
    assert_eq!(overlay(Vec::new()).laid_on(&laid), visit());
}

#[test]
fn adopting_it_takes_nothing_away_and_a_field_that_is_given_up_stays_readable() {
    let shipped = catalog(VISIT);
    let with = shipped.clone().with_overlays(&[overlay(vec![ammonia()])]);
    let said: Vec<_> = differences(&shipped, &with).into_iter().map(|d| (d.text, d.breaks)).collect();
    assert_eq!(said[0], ("“走访”新增字段“是否涉氨”".to_owned(), false));
    let without = overlay(vec![OwnField { retired: true, ..ammonia() }]);
    let without = shipped.with_overlays(&[without]);
    assert!(without.kind("visit").unwrap().field("own_1").is_none());
    let said: Vec<_> = differences(&with, &without).into_iter().map(|d| (d.text, d.breaks)).collect();
    assert_eq!(said[0], ("“走访”的字段“是否涉氨”停用，已填的照样看得到".to_owned(), false));
}

#[test]
fn a_shipped_field_that_asks_for_the_same_puts_it_to_rest_and_breaks_nothing() {
    let before =
        catalog(VISIT).with_overlays(&[overlay(vec![ammonia(), own("几层", OwnFieldType::Integer, &[])])]);
    let upgrade = VISIT
        .replace("fields = [", "fields = [{ name = \"ammonia\", label = \"是否涉氨\", type = \"truth\" }, ");
    let both = overlay(vec![ammonia(), own("几层", OwnFieldType::Integer, &[])]);
    let after = catalog(&upgrade).with_overlays(std::slice::from_ref(&both));
    let kind = after.kind("visit").unwrap();
    assert!(
        kind.field("own_1").is_none() && kind.field("own_2").is_some() && kind.field("ammonia").is_some()
    );
    assert!(differences(&before, &after).iter().all(|d| !d.breaks));
    let resting = both.resting(kind);
    assert_eq!((resting.len(), resting[0].place), (1, 0));
    assert!(resting[0].why.contains("请改名，或勾“停用”"), "{}", resting[0].why);
    // Under another name it is asked again, and what was filled is its own.
    let mut renamed = both.clone();
    renamed.fields[0].label = "氨用量".to_owned();
    assert!(renamed.resting(kind).is_empty());
    assert_eq!(renamed.laid_on(kind).field("own_1").unwrap().label, "氨用量");
    // Given up it needs nobody any more.
    let mut given_up = both;
    given_up.fields[0].retired = true;
    assert!(given_up.resting(kind).is_empty());
}

#[test]
fn every_limit_has_its_last_good_value_and_what_is_in_use_stays() {
    let many = |n: usize| overlay((0..n).map(|i| own(&format!("项{i}"), OwnFieldType::Text, &[])).collect());
    let chosen = |n: usize| {
        let choices: Vec<String> = (0..n).map(|i| format!("选{i}")).collect();
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        overlay(vec![own("选", OwnFieldType::Choice, &choices)])
    };
    assert!(codes(&many(OWN_FIELDS_MAX), None).is_empty());
    assert_eq!(codes(&many(OWN_FIELDS_MAX + 1), None), ["/fields list.too_long"]);
    assert!(codes(&chosen(OWN_CHOICES_MAX), None).is_empty());
    assert_eq!(codes(&chosen(OWN_CHOICES_MAX + 1), None), ["/fields/0/choices choices.count"]);
    assert_eq!(codes(&many(0), None), ["/fields field.required"]);
    assert_eq!(
        codes(&overlay(vec![own("事项", OwnFieldType::Text, &[])]), None),
        ["/fields/0/label label.twice"]
    );
    assert_eq!(codes(&many(1), Some(&many(2))), ["/fields field.fixed"]);
    assert_eq!(codes(&chosen(2), Some(&chosen(3))), ["/fields/0 field.fixed"]);
    assert!(
        codes(&many(3), Some(&many(2))).is_empty(),
        "more may be asked, and required where entries begin"
    );
}

#[test]
fn a_ledger_that_programs_fill_takes_none() {
    let issued = VISIT.replace("asks = [\"what\"]", "asks = [\"what\"], issues = true");
    let kind = catalog(&issued).kind("visit").unwrap().clone();
    assert_eq!(overlay(vec![ammonia()]).mistakes(&kind, None)[0].code, "overlay.ledger");
}

#[test]
fn no_shipped_field_takes_the_name_of_one_of_the_sites() {
    let taken =
        VISIT.replace("fields = [", "fields = [{ name = \"own_1\", label = \"甲\", type = \"text\" }, ");
    let wrong = Catalog::load(&[("visit.toml", &taken)]).unwrap_err();
    assert!(wrong[0].to_string().contains("own_1 以 own_ 开头"), "{}", wrong[0]);
}
