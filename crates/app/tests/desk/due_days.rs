//! The deadline calendar and the map of a ledger: what is due on which day, whose it is, and where the entries are.

use crate::stores::{in_memory, on_each_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{DUE_DAYS_MAX, DueDay, LedgerFilter, LedgerForm, SignedIn};
use fengsui_base::{Position, UnitId};
use fengsui_ledger::Entry;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::json;

struct Office {
    desk: Desk,
    unit: UnitId,
    luo: SignedIn,
    huang: SignedIn,
    lin: SignedIn,
}

async fn office(desk: Desk) -> Office {
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    desk.certify("huangtao", "黄涛", "fire_supervisor", COUNTY).await;
    desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
    let (luo, huang) = (desk.sign_in("luomin").await, desk.sign_in("huangtao").await);
    let lin = desk.sign_in("linxian").await;
    Office { desk, unit, luo, huang, lin }
}

impl Office {
    async fn hazard(&self, by: &SignedIn, what: &str) -> Entry {
        let today = self.desk.app.calendar().day_of(self.desk.app.now()).to_string();
        let fields = json!({ "what": what, "unit": self.unit.to_string(), "category": "facility",
                             "risk": "low", "found_on": today });
        let fields = fields.as_object().unwrap().clone();
        let form = LedgerForm { mv: "register".to_owned(), fields, ..LedgerForm::default() };
        self.desk.app.open_entry(&by.grant, "hazard", form, None).await.unwrap()
    }

    async fn ordered(&self, hazard: &Entry, correct_by: &str) {
        let fields = json!({ "correct_by": correct_by, "basis": "消防法 第 16 条" });
        let fields = fields.as_object().unwrap().clone();
        let form = LedgerForm { mv: "order".to_owned(), fields, ..LedgerForm::default() };
        let (app, by) = (&self.desk.app, &self.luo.grant);
        app.move_entry(by, "hazard", hazard.id, hazard.version, form).await.unwrap();
    }

    async fn days(&self, by: &SignedIn, mine: bool) -> Vec<DueDay> {
        let found = self.desk.app.due_days(&by.grant, date(2026, 11, 23), date(2027, 1, 3), mine).await;
        found.unwrap().days
    }

    async fn due(&self, by: &SignedIn, mine: bool) -> Vec<(Date, u64)> {
        let days = self.days(by, mine).await;
        days.iter().filter_map(|d| d.counts.get("hazard").map(|n| (d.on, *n))).collect()
    }
}

fn on(day: Date) -> LedgerFilter {
    LedgerFilter { due_on: Some(day), limit: 50, ..LedgerFilter::default() }
}

#[tokio::test]
async fn each_day_says_what_is_due_and_the_list_of_that_day_has_exactly_that() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        // 2026-11-21 is a Saturday: three working days later is Wednesday the 25th.
        office.hazard(&office.luo, "一").await;
        office.hazard(&office.huang, "二").await;
        let third = office.hazard(&office.luo, "三").await;
        office.ordered(&third, "2026-12-10").await;
        let (soon, later) = (date(2026, 11, 25), date(2026, 12, 10));
        assert_eq!(office.due(&office.luo, false).await, [(soon, 2), (later, 1)]);
        assert_eq!(office.due(&office.luo, true).await, [(soon, 1)], "what she found and nobody ordered yet");
        assert!(office.due(&office.lin, false).await.is_empty());
        let app = &office.desk.app;
        let listed = async |day| app.ledger_entries(&office.luo.grant, "hazard", on(day)).await.unwrap().1;
        assert_eq!((listed(soon).await, listed(later).await, listed(date(2026, 11, 26)).await), (2, 1, 0));
        let mine = async |day| app.ledger_errands(&office.luo.grant, "hazard", on(day)).await.unwrap().len();
        assert_eq!((mine(soon).await, mine(later).await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn days_off_and_years_that_nobody_announced_are_marked() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let days = office.days(&office.luo, false).await;
        assert_eq!(days.len(), 42);
        let saturday = days.iter().find(|d| d.on == date(2026, 11, 28)).unwrap();
        assert!(!saturday.working && !saturday.guess);
        assert!(days.iter().all(|d| d.guess == (d.on.year() == 2027)));
    })
    .await;
}

#[tokio::test]
async fn a_page_of_days_has_a_longest_and_a_right_way_round() {
    let office = office(crate::stores::in_memory().await).await;
    let first = date(2026, 11, 1);
    let ask = async |days: i32| {
        let until = first.saturating_add((days - 1).days());
        office.desk.app.due_days(&office.luo.grant, first, until, true).await
    };
    assert_eq!(ask(DUE_DAYS_MAX).await.unwrap().days.len(), 42);
    for wrong in [DUE_DAYS_MAX + 1, 0, -3] {
        let refused = ask(wrong).await.unwrap_err().refusal();
        assert_eq!(refused.places[0].code, "due_days.range", "{wrong}");
    }
}

#[tokio::test]
async fn an_entry_stands_on_the_map_where_it_is_or_where_its_unit_is() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.hazard(&office.luo, "跟着单位").await;
        let fields = json!({ "what": "有自己的位置", "unit": office.unit.to_string(), "category": "facility",
                             "risk": "low", "found_on": "2026-11-21" });
        let fields = fields.as_object().unwrap().clone();
        let position = Some(Position { lng: 115.5, lat: 28.5 });
        let form = LedgerForm { mv: "register".to_owned(), fields, position, ..LedgerForm::default() };
        let app = &office.desk.app;
        app.open_entry(&office.luo.grant, "hazard", form, None).await.unwrap();
        let every = LedgerFilter { due_on: None, ..on(date(2026, 11, 25)) };
        let found = app.ledger_places(&office.luo.grant, "hazard", every.clone()).await.unwrap();
        let unit = app.unit(&office.luo.grant, office.unit).await.unwrap().position;
        let at: Vec<_> = found.placed.iter().map(|(e, at)| (e.title.as_str(), Some(*at))).collect();
        let of_unit: Vec<_> = found.unplaced.iter().map(|e| e.title.as_str()).collect();
        assert!(at.contains(&("有自己的位置", position)));
        match unit {
            Some(_) => assert!(at.contains(&("跟着单位", unit))),
            None => assert_eq!(of_unit, ["跟着单位"]),
        }
        assert!(!found.more && found.placed.len() + found.unplaced.len() == 2);
        let nothing = app.ledger_places(&office.lin.grant, "hazard", every).await.unwrap();
        assert!(nothing.placed.is_empty() && nothing.unplaced.is_empty());
        let mine = app.errand_places(&office.luo.grant, "hazard", LedgerFilter::default()).await.unwrap();
        assert_eq!(mine.placed.len() + mine.unplaced.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn every_deadline_of_a_ledger_stands_under_the_law_it_rests_on() {
    let office = office(crate::stores::in_memory().await).await;
    let sources = office.desk.app.legal_sources(&office.luo.grant).unwrap();
    let provisions = sources.iter().find(|s| s.title == "消防监督检查规定").unwrap();
    let articles: Vec<_> = provisions.articles.iter().filter_map(|a| a.article.as_deref()).collect();
    assert!(articles.iter().position(|a| *a == "第 19 条") < articles.iter().position(|a| *a == "第 20 条"));
    let uses = provisions.articles.iter().flat_map(|a| &a.uses);
    assert!(
        uses.into_iter()
            .any(|u| u.what == "隐患" && u.place == "待责令" && u.term == "3 个工作日" && !u.chosen)
    );
    assert!(sources.iter().flat_map(|s| &s.articles).flat_map(|a| &a.uses).any(|u| u.chosen));
}

/// The last day that can be written has no day behind it, and is asked for like any other.
#[tokio::test]
async fn the_end_of_time_is_a_day_like_any_other() {
    let office = office(in_memory().await).await;
    let (app, grant) = (&office.desk.app, &office.luo.grant);
    let found = app.due_days(grant, Date::MAX.yesterday().unwrap(), Date::MAX, false).await.unwrap();
    assert_eq!(found.days.len(), 2);
    let (page, _) = app.ledger_entries(grant, "hazard", on(Date::MAX)).await.unwrap();
    assert!(page.items.is_empty());
    assert!(app.due_days(grant, Date::MIN, Date::MIN, true).await.is_ok());
}
