//! Ledgers as the office uses them: opened, moved, corrected, refused, called by their clocks, on the shipped catalog.

use crate::stores::{in_memory, on_each_store, on_every_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN, instant};
use fengsui_app::{
    DueStanding, ExportFormat, ExportList, Fault, LedgerColumns, LedgerFilter, LedgerForm, SignedIn,
    UnitDraft, Why,
};
use fengsui_base::{Fields, RefusalKind, UnitId};
use fengsui_ledger::{Entry, Life};
use fengsui_store::Sort;
use serde_json::{Value, json};

/// A county with a unit, two certified supervisors, a head, the unit's manager and a neighbour.
struct Office {
    desk: Desk,
    unit: UnitId,
    luo: SignedIn,
    huang: SignedIn,
    head: SignedIn,
    neighbour: SignedIn,
}

async fn office(desk: Desk) -> Office {
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    desk.certify("huangtao", "黄涛", "fire_supervisor", COUNTY).await;
    desk.employ("sunzhiyuan", "孙志远", "brigade_head", COUNTY).await;
    desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
    let (luo, huang) = (desk.sign_in("luomin").await, desk.sign_in("huangtao").await);
    let (head, neighbour) = (desk.sign_in("sunzhiyuan").await, desk.sign_in("linxian").await);
    Office { desk, unit, luo, huang, head, neighbour }
}

/// 2027 as it might be announced.
fn announced() -> fengsui_base::CalendarYear {
    let day = |on: &str| fengsui_base::NamedDay { on: on.parse().unwrap(), name: "元旦".to_owned() };
    let off = ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"].map(day).to_vec();
    fengsui_base::CalendarYear { year: 2027, source: "通知".to_owned(), off, makeup: Vec::new() }
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().unwrap().clone();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

fn every() -> LedgerFilter {
    LedgerFilter { sort: Sort::Opened, descending: true, limit: 50, ..LedgerFilter::default() }
}

impl Office {
    fn found(&self) -> LedgerForm {
        let today = self.desk.app.calendar().day_of(self.desk.app.now()).to_string();
        form(
            "register",
            json!({ "what": "常闭式防火门损坏 4 樘", "unit": self.unit.to_string(), "category": "facility",
                    "risk": "considerable", "found_on": today }),
        )
    }

    async fn hazard(&self) -> Entry {
        self.desk.app.open_entry(&self.luo.grant, "hazard", self.found(), None).await.unwrap()
    }

    async fn moved(&self, by: &SignedIn, entry: &Entry, form: LedgerForm) -> Result<Entry, Fault> {
        self.desk.app.move_entry(&by.grant, "hazard", entry.id, entry.version, form).await
    }

    async fn ordered(&self) -> Entry {
        let hazard = self.hazard().await;
        let order = form("order", json!({ "correct_by": "2026-12-10", "basis": "消防法 第 16 条" }));
        self.moved(&self.luo, &hazard, order).await.unwrap()
    }
}

#[tokio::test]
async fn a_hazard_is_registered_with_its_number_owner_and_clock_and_stays_so_after_a_restart() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let hazard = office.hazard().await;
        assert_eq!((hazard.state.as_str(), hazard.number.as_deref()), ("found", Some("YH-2026-0001")));
        assert_eq!(hazard.owner, Some(office.luo.grant.account().into()));
        assert!(hazard.due_at.is_some() && hazard.wake_at < hazard.due_at);
        let (luo, id) = (office.luo.grant.clone(), hazard.id);
        let desk = office.desk.restart().await;
        assert_eq!(desk.app.ledger_entry(&luo, "hazard", id).await.unwrap(), hazard);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_twice_is_one_hazard() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let open =
            || office.desk.app.open_entry(&office.luo.grant, "hazard", office.found(), Some("k1".to_owned()));
        let (first, second) = (open().await.unwrap(), open().await.unwrap());
        assert_eq!((first.id, office.desk.count("hazard").await), (second.id, 1));
    })
    .await;
}

#[tokio::test]
async fn to_a_neighbour_it_does_not_exist_and_a_list_has_it_by_what_it_says() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, hazard) = (&office.desk.app, office.hazard().await);
        let refused =
            app.ledger_entry(&office.neighbour.grant, "hazard", hazard.id).await.unwrap_err().refusal();
        assert_eq!(refused.kind, RefusalKind::NotFound);
        let count =
            async |by: &SignedIn, filter| app.ledger_entries(&by.grant, "hazard", filter).await.unwrap().1;
        assert_eq!(count(&office.neighbour, every()).await, 0);
        let by = |name: &str, value: &str| LedgerFilter {
            fields: vec![(name.to_owned(), value.to_owned())],
            ..every()
        };
        assert_eq!(count(&office.luo, by("risk", "considerable")).await, 1);
        assert_eq!(count(&office.luo, by("risk", "low")).await, 0);
        assert_eq!(count(&office.luo, LedgerFilter { text: Some("防火门".to_owned()), ..every() }).await, 1);
        assert_eq!(count(&office.luo, LedgerFilter { unit: Some(office.unit.into()), ..every() }).await, 1);
        assert_eq!(
            count(&office.luo, LedgerFilter { standing: Some(DueStanding::Closed), ..every() }).await,
            0
        );
        let refused =
            app.ledger_entries(&office.luo.grant, "hazard", by("proof", "x")).await.unwrap_err().refusal();
        assert_eq!(refused.code, "input.invalid");
    })
    .await;
}

#[tokio::test]
async fn what_a_form_names_must_be_there() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let mut lost = office.found();
        lost.fields.insert("inspection".to_owned(), "01900000-0000-7000-8000-00000000dead".into());
        let refused = office.desk.app.open_entry(&office.luo.grant, "hazard", lost, None).await.unwrap_err();
        assert_eq!(refused.refusal().places[0].code, "link.unknown");
        let hazard = office.hazard().await;
        let photo = json!([{ "blob": "ab".repeat(32), "name": "门.jpg" }]);
        let now = form("correct_now", json!({ "measures": "当场更换", "proof": photo }));
        let refused = office.moved(&office.luo, &hazard, now).await.unwrap_err().refusal();
        assert_eq!(
            (refused.places[0].pointer.as_str(), refused.places[0].code.as_ref()),
            ("/proof", "file.unknown")
        );
        assert_eq!(office.desk.count("hazard").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_photo_is_stored_first_and_read_by_whoever_reads_the_hazard() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, hazard) = (&office.desk.app, office.hazard().await);
        let stored =
            app.store_ledger_file(&office.luo.grant, "hazard", crate::floors::pixel()).await.unwrap();
        let photo = json!([{ "blob": stored.blob, "name": "门.png" }]);
        let now = form("correct_now", json!({ "measures": "当场更换", "proof": photo }));
        let closed = office.moved(&office.luo, &hazard, now).await.unwrap();
        assert!(closed.closed_at.is_some() && closed.due_at.is_none() && closed.wake_at.is_none());
        let read = async |by: &SignedIn| app.ledger_file(&by.grant, "hazard", hazard.id, &stored.blob).await;
        assert!(read(&office.head).await.is_ok());
        assert_eq!(read(&office.neighbour).await.unwrap_err().refusal().kind, RefusalKind::NotFound);
        let refused =
            app.store_ledger_file(&office.luo.grant, "hazard", b"MZ\x90".to_vec()).await.unwrap_err();
        assert_eq!(refused.refusal().kind, RefusalKind::Invalid);
    })
    .await;
}

/// The second of two who close at once is told who was first.
#[tokio::test]
async fn of_two_who_close_at_once_one_is_refused_with_the_others_name() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let ordered = office.ordered().await;
        let due = office.moved(&office.luo, &ordered, form("fall_due", json!({}))).await.unwrap();
        let officers =
            json!([office.luo.grant.account().to_string(), office.huang.grant.account().to_string()]);
        let today = office.desk.app.calendar().day_of(office.desk.app.now()).to_string();
        let pass = || form("pass", json!({ "recheckers": officers, "rechecked_on": today }));
        assert_eq!(office.moved(&office.huang, &due, pass()).await.unwrap().state, "closed");
        let refused = office.moved(&office.luo, &due, pass()).await.unwrap_err().refusal();
        assert_eq!((refused.kind, refused.code.as_ref()), (RefusalKind::Conflict, "move.state"));
        assert!(refused.detail.contains("黄涛"), "{}", refused.detail);
    })
    .await;
}

#[tokio::test]
async fn a_correction_made_on_an_old_version_is_refused_and_a_driving_date_does_not_change_by_it() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, ordered) = (&office.desk.app, office.ordered().await);
        let amend = async |version, fields| {
            app.amend_entry(&office.luo.grant, "hazard", ordered.id, version, form("", fields)).await
        };
        let place = amend(ordered.version, json!({ "place": "3 层 2 号楼梯间" })).await.unwrap();
        assert_eq!((place.version, place.due_at), (ordered.version + 1, ordered.due_at));
        let refused = amend(ordered.version, json!({ "place": "4 层" })).await.unwrap_err().refusal();
        assert_eq!(refused.code, "version.stale");
        let refused =
            amend(place.version, json!({ "correct_by": "2027-12-31" })).await.unwrap_err().refusal();
        assert_eq!(refused.places[0].code, "field.driving");
        let refused = amend(place.version, json!({ "_life": {} })).await.unwrap_err().refusal();
        assert!(refused.places.iter().any(|p| p.code == "field.unknown"));
    })
    .await;
}

/// One hazard that was mended on the spot does not bar the order that lists it.
#[tokio::test]
async fn what_is_over_is_passed_over_when_an_order_carries_its_hazards_along() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant) = (&office.desk.app, &office.luo.grant);
        let (open, mended) = (office.hazard().await, office.hazard().await);
        let stored = app.store_ledger_file(grant, "hazard", crate::floors::pixel()).await.unwrap();
        let photo = json!([{ "blob": stored.blob, "name": "门.png" }]);
        let officers = json!([grant.account().to_string(), office.huang.grant.account().to_string()]);
        let today = app.calendar().day_of(app.now()).to_string();
        let draft = form(
            "draft",
            json!({ "subject": "双随机抽查", "unit": office.unit.to_string(), "inspected_on": today,
                    "hazards": [open.id.to_string(), mended.id.to_string()], "officers": officers,
                    "correct_by": "2026-12-10", "basis": "消防法 第 16 条" }),
        );
        let order = app.open_entry(grant, "correction_order", draft, None).await.unwrap();
        let now = form("correct_now", json!({ "measures": "当场更换", "proof": photo }));
        office.moved(&office.luo, &mended, now).await.unwrap();
        let serve = form("serve", json!({ "served_on": today, "received_by": "钱立新", "receipt": photo }));
        let served = app.move_entry(grant, "correction_order", order.id, order.version, serve).await.unwrap();
        assert_eq!(served.state, "served");
        let state = async |id| app.ledger_entry(grant, "hazard", id).await.unwrap().state;
        assert_eq!((state(open.id).await, state(mended.id).await), ("ordered".into(), "closed".into()));
        let journal = app.ledger_journal(grant, "correction_order", order.id, None, 9).await.unwrap();
        let said: Vec<_> = journal.into_iter().filter_map(|row| row.content).map(|line| line.text).collect();
        assert!(said.contains(&"YH-2026-0002 已经办结，不再随办".to_owned()), "{said:?}");
    })
    .await;
}

/// An entry that was put on the wrong unit is mended: it goes to the right one, and who sees it goes by that one's place.
#[tokio::test]
async fn an_entry_that_is_given_to_another_unit_is_where_that_unit_is() {
    on_each_store(async |desk| {
        let other = desk.register("云岫商业广场", COUNTY, "890", 1).await;
        let office = office(desk).await;
        let ordered = office.ordered().await;
        let amend = form("", json!({ "unit": other.to_string() }));
        let app = &office.desk.app;
        let given = app.amend_entry(&office.luo.grant, "hazard", ordered.id, ordered.version, amend).await;
        let given = given.unwrap();
        assert_eq!((given.owner, given.due_at), (Some(other.into()), ordered.due_at));
        assert_eq!(given.region.to_string(), COUNTY);
    })
    .await;
}

/// The clock reminds, then escalates step by step; what it said it says once, a restart between or not.
#[tokio::test]
async fn a_deadline_reminds_and_escalates_once_and_stands_on_the_agenda_of_whoever_hears_of_it() {
    on_each_store(async |desk| {
        let mut office = office(desk).await;
        let ordered = office.ordered().await;
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 0);
        let pass_until = |office: &Office, at: &str| {
            let left = instant(at).duration_since(office.desk.app.now()).as_secs();
            office.desk.clock.pass_s(left);
        };
        pass_until(&office, "2026-12-09T00:00:00Z");
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
        pass_until(&office, "2026-12-10T16:00:00Z");
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
        office.desk = office.desk.restart().await;
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 0);
        let agenda = office.desk.app.agenda(&office.luo.grant).await.unwrap();
        assert_eq!(agenda[0].why, Why::Escalated("fire_supervisor".to_owned()));
        assert!(office.desk.app.agenda(&office.head.grant).await.unwrap().is_empty());
        pass_until(&office, "2026-12-15T16:00:00Z");
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
        let agenda = office.desk.app.agenda(&office.head.grant).await.unwrap();
        assert_eq!((agenda.len(), agenda[0].entry.id), (1, ordered.id));
        let tallies = office.desk.app.ledger_tallies(&office.luo.grant, "hazard").await.unwrap();
        assert_eq!((tallies.all, tallies.open, tallies.overdue, tallies.closed), (1, 1, 1, 0));
    })
    .await;
}

/// A deadline in a year that nobody has announced is provisional, and reckoned anew when somebody does.
#[tokio::test]
async fn a_provisional_deadline_is_reckoned_anew_when_the_year_is_announced() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let until = instant("2026-12-30T02:00:00Z").duration_since(office.desk.app.now()).as_secs();
        office.desk.clock.pass_s(until);
        let luo = office.desk.sign_in("luomin").await;
        let hazard = office.desk.app.open_entry(&luo.grant, "hazard", office.found(), None).await.unwrap();
        let due = |entry: &Entry| Life::of(&entry.fields).unwrap().clock.unwrap().due;
        assert!(due(&hazard).provisional);
        office.desk.employ("admin1", "管理员", "system_admin", COUNTY).await;
        let admin = office.desk.sign_in("admin1").await;
        office.desk.app.set_calendar_year(&admin.grant, announced(), 0).await.unwrap();
        assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
        let after = office.desk.app.ledger_entry(&luo.grant, "hazard", hazard.id).await.unwrap();
        assert_eq!((due(&after).provisional, due(&after).on), (false, "2027-01-06".parse().ok()));
    })
    .await;
}

/// What is hers is cut down like every other list, and stands in the order that was asked for.
#[tokio::test]
async fn the_list_of_what_is_mine_knows_the_same_filters_as_every_other() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant) = (&office.desk.app, &office.luo.grant);
        let (first, second) = (office.hazard().await, office.hazard().await);
        let mut gas = office.found();
        gas.fields.insert("what".to_owned(), "安全出口上锁".into());
        gas.fields.insert("category".to_owned(), "escape".into());
        let gas = app.open_entry(grant, "hazard", gas, None).await.unwrap();
        let mine = async |filter: LedgerFilter| {
            let found = app.ledger_errands(grant, "hazard", filter).await.unwrap();
            found.into_iter().map(|item| item.entry.id).collect::<Vec<_>>()
        };
        let by = |name: &str, value: &str| LedgerFilter {
            fields: vec![(name.to_owned(), value.to_owned())],
            ..LedgerFilter::default()
        };
        assert_eq!(mine(by("category", "escape")).await, [gas.id]);
        assert_eq!(
            mine(LedgerFilter { text: Some("上锁".to_owned()), ..LedgerFilter::default() }).await,
            [gas.id]
        );
        assert_eq!(
            mine(LedgerFilter { states: vec!["ordered".into()], ..LedgerFilter::default() }).await,
            []
        );
        let newest = LedgerFilter { sort: Sort::Opened, descending: true, ..LedgerFilter::default() };
        assert_eq!(mine(newest).await, [gas.id, second.id, first.id]);
    })
    .await;
}

/// Four hazards, two of them grave, found on days that are not in the order of their registration.
async fn four_hazards(office: &Office) {
    for (what, risk, found_on) in [
        ("甲", "low", "2026-11-18"),
        ("乙", "grave", "2026-11-02"),
        ("丙", "ordinary", "2026-11-19"),
        ("丁", "grave", "2026-11-17"),
    ] {
        let mut form = office.found();
        let said = [("what", what), ("risk", risk), ("found_on", found_on)];
        form.fields.extend(said.map(|(name, value)| (name.to_owned(), value.into())));
        office.desk.app.open_entry(&office.luo.grant, "hazard", form, None).await.unwrap();
    }
}

fn sorted_by(field: &str, descending: bool) -> LedgerFilter {
    LedgerFilter { sort: Sort::Field(field.to_owned()), descending, limit: 1, ..every() }
}

/// Choices as the ledger gives them, days by time; page by page, in what one must do oneself, and in the table that leaves.
#[tokio::test]
async fn a_list_is_sorted_by_what_its_ledger_declares() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant) = (&office.desk.app, &office.luo.grant);
        four_hazards(&office).await;
        for (field, descending, order) in [
            ("risk", false, "乙丁丙甲"),
            ("risk", true, "甲丙丁乙"),
            ("found_on", false, "乙丁甲丙"),
            ("found_on", true, "丙甲丁乙"),
        ] {
            let mut filter = sorted_by(field, descending);
            let mut titles = String::new();
            loop {
                let (page, total) = app.ledger_entries(grant, "hazard", filter.clone()).await.unwrap();
                assert_eq!((page.items.len(), total), (1, 4));
                titles.extend(page.items.into_iter().map(|entry| entry.title));
                filter.after = page.next;
                if filter.after.is_none() {
                    break;
                }
            }
            assert_eq!(titles, order, "{field}");
            let mine = app.ledger_errands(grant, "hazard", sorted_by(field, descending)).await.unwrap();
            assert_eq!(mine.into_iter().map(|item| item.entry.title).collect::<String>(), order, "{field}");
            let list =
                ExportList::Ledger("hazard".to_owned(), sorted_by(field, descending), LedgerColumns::List);
            let mut export = app.export(grant, list, ExportFormat::Csv).await.unwrap();
            let lines = app.export_lines(&mut export).await.unwrap().unwrap();
            let named = |line: &str| line.chars().find(|c| order.contains(*c));
            assert_eq!(lines.lines().filter_map(named).collect::<String>(), order, "{field}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_is_not_sorted_by_what_has_no_order_and_says_by_what_it_is() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant) = (&office.desk.app, &office.luo.grant);
        for (field, label) in [("place", "部位"), ("unit", "责任单位"), ("colour", "colour")] {
            let asked = app.ledger_entries(grant, "hazard", sorted_by(field, false)).await;
            let place = asked.unwrap_err().refusal().places.remove(0);
            assert_eq!((place.pointer.as_str(), place.code.as_ref()), ("/sort", "sort.unknown"));
            let known = "时限、登记时间、名称、风险等级、发现日期";
            assert_eq!(place.detail, format!("不能按“{label}”排序；这本台账可以按{known}排序"));
        }
    })
    .await;
}

/// A grid worker cannot order anything: what she found waits for those who can, from the first minute.
#[tokio::test]
async fn what_a_grid_worker_found_waits_for_the_supervisors() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        office.desk.employ("yechun", "叶春", "grid_worker", TOWN).await;
        let ye = office.desk.sign_in("yechun").await;
        let found = office.desk.app.open_entry(&ye.grant, "hazard", office.found(), None).await.unwrap();
        assert_eq!(found.owner, None);
        assert!(office.desk.app.agenda(&ye.grant).await.unwrap().is_empty());
        let agenda = office.desk.app.agenda(&office.luo.grant).await.unwrap();
        assert_eq!(
            (agenda[0].entry.id, &agenda[0].why),
            (found.id, &Why::Post("fire_supervisor".to_owned()))
        );
    })
    .await;
}

/// A wrong day is mended; the journal says which deadlines are counted from the right one.
#[tokio::test]
async fn a_corrected_day_says_which_later_deadlines_are_counted_from_it() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant) = (&office.desk.app, &office.luo.grant);
        let fine = form(
            "punish_at_once",
            json!({ "subject": "占用消防车通道", "party_kind": "unit", "party": "瑞禾电子厂", "law": "消防法 第 60 条",
                    "violated_on": "2026-11-18", "amount": 100_000, "officers": [grant.account().to_string()],
                    "decided_on": "2026-11-19", "served_on": "2026-11-19" }),
        );
        let region = Some(fengsui_app::kit::code(TOWN));
        let fine = app.open_entry(grant, "penalty", LedgerForm { region, ..fine }, None).await.unwrap();
        let amend = async |entry: &Entry, fields| {
            let form = form("", fields);
            app.amend_entry(grant, "penalty", entry.id, entry.version, form).await.unwrap()
        };
        let served = amend(&fine, json!({ "served_on": "2026-11-20" })).await;
        assert_eq!(served.due_at, fine.due_at, "the deadline that runs is not moved by a correction");
        amend(&served, json!({ "subject": "占用、堵塞消防车通道" })).await;
        let said = app.ledger_journal(grant, "penalty", fine.id, None, 2).await.unwrap();
        let said: Vec<_> = said.into_iter().filter_map(|row| row.content).map(|line| line.text).collect();
        assert_eq!(said, ["修改名称、案由", "修改送达日期；“待缴款”的期限从改后的日期算"]);
        let publish = form("publish", json!({ "published_at": "https://county.example/1" }));
        let fresh = app.ledger_entry(grant, "penalty", fine.id).await.unwrap();
        let paying = app.move_entry(grant, "penalty", fine.id, fresh.version, publish).await.unwrap();
        let due = Life::of(&paying.fields).unwrap().clock.unwrap().due;
        assert_eq!(due.on, "2026-12-07".parse().ok(), "fifteen days from the 20th end on a Saturday, so on Monday");
    })
    .await;
}

/// A reminder or an escalation is nobody's change: who had the form open goes on. What a person changed is another matter.
#[tokio::test]
async fn a_form_that_was_open_while_the_clock_spoke_is_judged_as_of_now() {
    on_every_store(async |desk| {
        let office = office(desk).await;
        let (app, ordered) = (&office.desk.app, office.ordered().await);
        let speaks_at = async |at: &str| {
            office.desk.clock.pass_s(instant(at).duration_since(app.now()).as_secs());
            assert_eq!(app.reconcile_deadlines().await.unwrap(), 1);
        };
        let luo = async || office.desk.sign_in("luomin").await.grant;
        let amend = async |version, place: &str| {
            app.amend_entry(&luo().await, "hazard", ordered.id, version, form("", json!({ "place": place })))
                .await
        };
        speaks_at("2026-12-09T00:00:00Z").await;
        let placed = amend(ordered.version, "三层").await.unwrap();
        assert_eq!(placed.version, ordered.version + 2, "the reminder has the version between");
        speaks_at("2026-12-10T16:00:00Z").await;
        let refused = amend(ordered.version, "四层").await.unwrap_err().refusal();
        assert_eq!(refused.code, "version.stale", "what a person changed meanwhile is looked at again");
        let due = form("fall_due", json!({}));
        let late = app.move_entry(&luo().await, "hazard", ordered.id, ordered.version + 1, due.clone()).await;
        assert_eq!(late.unwrap_err().refusal().code, "version.stale");
        let moved = app.move_entry(&luo().await, "hazard", ordered.id, placed.version, due).await.unwrap();
        assert_eq!((moved.state.as_str(), moved.version), ("recheck", placed.version + 2));
        let refused = amend(moved.version + 1, "五层").await.unwrap_err().refusal();
        assert_eq!(refused.code, "version.stale", "a version that is not there yet was not read");
    })
    .await;
}

/// A weekend that becomes a working day moves a reminder: it waits for its new time and hides no other.
#[tokio::test]
async fn a_reminder_waits_for_the_calendar_of_today() {
    let office = office(in_memory().await).await;
    let hazard = office.hazard().await;
    let order = form("order", json!({ "correct_by": "2027-01-10", "basis": "消防法 第 16 条" }));
    let ordered = office.moved(&office.luo, &hazard, order).await.unwrap();
    assert_eq!(ordered.wake_at, Some(instant("2027-01-06T16:00:00Z")));
    office.desk.employ("admin1", "管理员", "system_admin", COUNTY).await;
    let admin = office.desk.sign_in("admin1").await;
    let day = |on: &str| fengsui_base::NamedDay { on: on.parse().unwrap(), name: "元旦".to_owned() };
    let makeup = ["2027-01-09", "2027-01-10"].map(day).to_vec();
    let year = fengsui_base::CalendarYear { makeup, ..announced() };
    office.desk.app.set_calendar_year(&admin.grant, year, 0).await.unwrap();
    office.desk.clock.pass_s(instant("2027-01-07T02:00:00Z").duration_since(office.desk.app.now()).as_secs());
    assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 1);
    let luo = office.desk.sign_in("luomin").await;
    let after = office.desk.app.ledger_entry(&luo.grant, "hazard", ordered.id).await.unwrap();
    assert_eq!(after.wake_at, Some(instant("2027-01-08T16:00:00Z")));
    assert_eq!(office.desk.app.reconcile_deadlines().await.unwrap(), 0);
    let said = office.desk.sentences_since(0).await;
    assert!(!said.iter().any(|line| line.contains("期限临近")), "nothing was said before its time: {said:?}");
}

/// What the ledger of designations says of a unit stands in the register of units from the same instant.
#[tokio::test]
async fn a_unit_that_is_designated_is_a_key_unit_in_the_register_until_it_is_ended() {
    on_every_store(async |desk| {
        let office = office(desk).await;
        let (app, grant, head) = (&office.desk.app, &office.luo.grant, &office.head.grant);
        let today = app.calendar().day_of(app.now()).to_string();
        let paper = app.store_ledger_file(grant, "designation", b"%PDF-1.7".to_vec()).await.unwrap();
        let paper = json!([{ "blob": paper.blob, "name": "决定.pdf" }]);
        let unit = async || {
            let unit = app.unit(grant, office.unit).await.unwrap();
            (unit.fields.get("key_unit").and_then(Value::as_bool).unwrap_or(false), unit.version)
        };
        let proposed = form(
            "propose",
            json!({ "subject": "电子厂界定", "unit": office.unit.to_string(), "category": "store",
                    "area_m2": 5000, "figures_on": today }),
        );
        let known = app.unit(grant, office.unit).await.unwrap();
        let mut fields = known.fields.clone();
        fields.insert("key_unit".to_owned(), false.into());
        let (name, region, position) = (known.title, known.region, known.position);
        let plain = UnitDraft { name, region, position, fields };
        app.change_unit(grant, office.unit, known.version, plain).await.unwrap();
        let mut entry = app.open_entry(grant, "designation", proposed, None).await.unwrap();
        let (before, version) = unit().await;
        assert!(!before, "a proposal says nothing of the unit");
        let mut step = async |by, mv: &str, fields: Value| {
            entry =
                app.move_entry(by, "designation", entry.id, entry.version, form(mv, fields)).await.unwrap();
        };
        step(head, "designate", json!({ "decided_on": today, "decision": paper })).await;
        assert_eq!(unit().await, (true, version + 1));
        assert!(app.board().unit(office.unit).unwrap().key_unit, "and for alarms");
        step(grant, "file", json!({ "filed_on": today, "filing": paper })).await;
        assert_eq!(unit().await, (true, version + 1), "a step without a mark leaves the unit alone");
        step(grant, "propose_end", json!({ "reason": "停业" })).await;
        step(head, "end", json!({ "ended_on": today, "ended_by": paper })).await;
        assert_eq!(unit().await, (false, version + 2));
        let said = office.desk.sentences_since(0).await;
        let told = |words: &str| said.iter().any(|line| line.contains(words));
        assert!(told("重点单位界定 JD-2026-0001：消防安全重点单位改为是"), "{said:?}");
        assert!(told("重点单位界定 JD-2026-0001：消防安全重点单位改为否"), "{said:?}");
    })
    .await;
}

/// Who complained of whom is not told by what the complaint led to: neither on a page nor in a table.
#[tokio::test]
async fn an_entry_names_none_that_its_reader_may_not_read() {
    let office = office(in_memory().await).await;
    office.desk.employ("dongzhu", "东渚镇", "township_officer", TOWN).await;
    let township = office.desk.sign_in("dongzhu").await;
    let (app, grant) = (&office.desk.app, &office.luo.grant);
    let complaint = form(
        "receive",
        json!({ "subject": "王某反映厂内住人", "came_by": "letter", "category": "mixed_use", "identity": "named",
                "received_at": app.now().to_string(), "place": "东渚镇", "unit": office.unit.to_string() }),
    );
    let complaint = app.open_entry(grant, "complaint", complaint, None).await.unwrap();
    let today = app.calendar().day_of(app.now()).to_string();
    let plan = form(
        "plan",
        json!({ "subject": "核查", "unit": office.unit.to_string(), "form": "complaint", "planned_on": today,
                "complaint": complaint.id.to_string(), "inspectors": [office.luo.grant.account().to_string()] }),
    );
    let inspection = app.open_entry(grant, "inspection", plan, None).await.unwrap();
    let name = async |by: &SignedIn| {
        let entry = app.ledger_entry(&by.grant, "inspection", inspection.id).await.unwrap();
        app.view_of(&by.grant, entry).await.unwrap().names[&complaint.id].clone()
    };
    assert!(name(&office.luo).await.contains("王某"));
    assert_eq!(name(&township).await, "（不在您的查看范围）");
    let all = fengsui_app::ExportList::Ledger("inspection".into(), every(), fengsui_app::LedgerColumns::All);
    let mut export = app.export(&township.grant, all, fengsui_app::ExportFormat::Csv).await.unwrap();
    let lines = app.export_lines(&mut export).await.unwrap().unwrap();
    assert!(lines.contains("核查") && !lines.contains("TS-2026"), "{lines}");
}

/// An inspection without notice is none when the unit reads of it beforehand.
#[tokio::test]
async fn a_unit_does_not_read_which_inspections_are_planned() {
    let office = office(in_memory().await).await;
    let manager = fengsui_access::Appointment {
        units: vec![office.unit],
        ..fengsui_access::Appointment::of("unit_safety_manager", fengsui_app::kit::code(COUNTY))
    };
    office.desk.appoint("qianlixin", "钱立新", vec![manager]).await;
    let manager = office.desk.sign_in("qianlixin").await;
    let app = &office.desk.app;
    assert!(app.ledger(&manager.grant, "hazard").is_ok());
    assert_eq!(app.ledger(&manager.grant, "inspection").unwrap_err().kind, RefusalKind::NotFound);
}

/// A list is asked with so many conditions and no more, and for states that its ledger has.
#[tokio::test]
async fn a_list_has_a_limit_of_conditions_and_knows_its_states() {
    let office = office(in_memory().await).await;
    office.hazard().await;
    let count = async |filter| {
        let found = office.desk.app.ledger_entries(&office.luo.grant, "hazard", filter).await;
        found.map(|(page, _)| page.items.len()).map_err(|fault| fault.refusal().places[0].code.to_string())
    };
    let filters = |n| vec![("category".to_owned(), "facility".to_owned()); n];
    assert_eq!(count(LedgerFilter { fields: filters(20), ..every() }).await, Ok(1));
    assert_eq!(
        count(LedgerFilter { fields: filters(21), ..every() }).await,
        Err("filter.too_many".to_owned())
    );
    let states = |all: &[&str]| all.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
    assert_eq!(count(LedgerFilter { states: states(&["found", "fog"]), ..every() }).await, Ok(1));
    assert_eq!(count(LedgerFilter { states: states(&["fog"]), ..every() }).await, Ok(0));
    let many = vec!["found".to_owned(); 40_000];
    assert_eq!(count(LedgerFilter { states: many, ..every() }).await, Ok(1));
}

/// What is said twice because an answer was lost stands there once.
#[tokio::test]
async fn the_same_remark_sent_again_is_one_line() {
    on_each_store(async |desk| {
        let office = office(desk).await;
        let (app, grant, hazard) = (&office.desk.app, &office.luo.grant, office.hazard().await);
        for key in ["k1", "k1", "k2"] {
            app.remark_entry(grant, "hazard", hazard.id, "已电话提醒", Some(key)).await.unwrap();
        }
        let said = app.ledger_journal(grant, "hazard", hazard.id, None, 9).await.unwrap();
        let lines = said.iter().filter_map(|row| row.content.as_ref());
        assert_eq!(lines.filter(|line| line.verb == "ledger.remarked").count(), 2);
    })
    .await;
}
