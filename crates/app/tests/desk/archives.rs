//! A unit's archive tells what is missing and what is overdue, in the asker's scope, however much there is.

use crate::stores::{in_memory, on_each_store};
use fengsui_access::Appointment;
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN, code};
use fengsui_app::{Fault, LINKED_SHOWN, LedgerForm, PartStanding, SignedIn, UnitArchive, Why};
use fengsui_base::{Fields, RefusalKind, UnitId};
use fengsui_ledger::Entry;
use serde_json::{Value, json};

/// Entries of one ledger that a large unit has; a page of a list holds fewer.
const MANY: usize = 1_000;
/// Long enough for an escalation of a facility to go on to the head, in seconds.
const LATER_S: i64 = 40 * 86_400;

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().unwrap().clone();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

async fn facility(desk: &Desk, by: &SignedIn, unit: UnitId, n: usize, tested_on: &str) -> Entry {
    let fields = json!({ "name": format!("{n} 号消火栓"), "unit": unit.to_string(), "system": "hydrant", "tested_on": tested_on });
    desk.app.open_entry(&by.grant, "facility", form("register", fields), None).await.unwrap()
}

async fn archive(desk: &Desk, by: &SignedIn, unit: UnitId) -> UnitArchive {
    desk.app.unit_archive(&by.grant, unit.into()).await.unwrap()
}

fn standing(archive: &UnitArchive, name: &str) -> (PartStanding, u64, u64) {
    let part = archive.parts.iter().find(|p| p.part.name == name).unwrap();
    (part.standing, part.open, part.overdue)
}

#[tokio::test]
async fn an_archive_tells_what_is_missing_and_what_is_overdue_and_nothing_to_a_neighbour() {
    on_each_store(async |desk| {
        let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
        desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
        desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
        let (luo, neighbour) = (desk.sign_in("luomin").await, desk.sign_in("linxian").await);
        let empty = archive(&desk, &luo, unit).await;
        assert_eq!(standing(&empty, "facility"), (PartStanding::Missing, 0, 0));
        assert_eq!(standing(&empty, "founded_on"), (PartStanding::Missing, 0, 0));
        assert_eq!((empty.ledgers.len(), empty.documents.len()), (0, 0));
        let opens = empty.parts.iter().find(|p| p.part.name == "facility").unwrap().opens.clone();
        assert_eq!(opens.as_deref(), Some("register"), "what is missing can be mended from the page");
        // The year of a test that was made three years ago is over; the others have theirs before them.
        let today = desk.app.calendar().day_of(desk.app.now()).to_string();
        facility(&desk, &luo, unit, 1, &today).await;
        facility(&desk, &luo, unit, 0, "2023-01-05").await;
        let found = archive(&desk, &luo, unit).await;
        assert_eq!(standing(&found, "facility"), (PartStanding::Overdue, 2, 1));
        let next = found.parts.iter().find_map(|p| p.next.as_ref()).unwrap();
        assert_eq!(next.title, "0 号消火栓", "what is due first stands there");
        assert_eq!(found.ledgers[0].items[0].title, "0 号消火栓", "and before the others in its ledger");
        let refused = desk.app.unit_archive(&neighbour.grant, unit.into()).await.unwrap_err();
        assert!(matches!(refused, Fault::Refused(r) if r.kind == RefusalKind::NotFound));
    })
    .await;
}

#[tokio::test]
async fn a_unit_sees_its_own_archive_and_that_of_nobody_else() {
    let desk = in_memory().await;
    let (own, other) =
        (desk.register("瑞禾电子厂", TOWN, "889", 2).await, desk.register("云岫宾馆", TOWN, "890", 1).await);
    desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let manager = Appointment { units: vec![own], ..Appointment::of("unit_safety_manager", code(COUNTY)) };
    desk.appoint("qianlixin", "钱立新", vec![manager]).await;
    let (luo, qian) = (desk.sign_in("luomin").await, desk.sign_in("qianlixin").await);
    facility(&desk, &luo, own, 1, "2026-10-09").await;
    facility(&desk, &luo, other, 2, "2026-10-09").await;
    let found = archive(&desk, &qian, own).await;
    assert_eq!(standing(&found, "facility"), (PartStanding::Complete, 1, 0));
    let refused = desk.app.unit_archive(&qian.grant, other.into()).await.unwrap_err();
    assert!(matches!(refused, Fault::Refused(r) if r.kind == RefusalKind::NotFound));
}

/// Counts are those of the store and not of a page; what is shown is bounded, and what is due first is among it.
#[tokio::test]
async fn an_archive_of_a_thousand_entries_counts_all_and_shows_a_page() {
    let desk = in_memory().await;
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    let luo = desk.sign_in("luomin").await;
    facility(&desk, &luo, unit, 0, "2023-01-05").await;
    for n in 1..MANY {
        facility(&desk, &luo, unit, n, "2026-10-09").await;
    }
    let found = archive(&desk, &luo, unit).await;
    assert_eq!(standing(&found, "facility"), (PartStanding::Overdue, MANY as u64, 1));
    let ledger = &found.ledgers[0];
    assert_eq!((ledger.total, ledger.open, ledger.items.len()), (1_000, 1_000, usize::from(LINKED_SHOWN)));
    assert_eq!(ledger.items[0].title, "0 号消火栓");
}

/// A yearly test that was let go by is on the list of the supervisor, then of the head, with its clock.
#[tokio::test]
async fn a_facility_that_is_overdue_for_its_test_stands_on_somebodys_list() {
    let desk = in_memory().await;
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.employ("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    desk.employ("sunzhiyuan", "孙志远", "brigade_head", COUNTY).await;
    let (luo, sun) = (desk.sign_in("luomin").await, desk.sign_in("sunzhiyuan").await);
    let one = facility(&desk, &luo, unit, 1, "2025-11-20").await;
    while desk.app.reconcile_deadlines().await.unwrap() > 0 {}
    let errand = async |who: &SignedIn| {
        let all = desk.app.agenda(&who.grant).await.unwrap();
        all.into_iter().find(|item| item.entry.id == one.id).map(|item| (item.why, item.entry.due_at))
    };
    assert_eq!(errand(&luo).await, Some((Why::Escalated("fire_supervisor".to_owned()), one.due_at)));
    desk.clock.pass_s(LATER_S);
    while desk.app.reconcile_deadlines().await.unwrap() > 0 {}
    assert_eq!(errand(&sun).await, Some((Why::Escalated("brigade_head".to_owned()), one.due_at)));
}
