//! Whether the stories hold: told on any day of the year nobody is refused anything, every ledger is alive, and each clock
//! spoke at its own time.

use super::*;
use crate::demo;
use crate::floor_plans::Places;
use crate::machine::SystemEntropy;
use fengsui_app::{Clock, ISSUED_PAPER, LedgerFilter, Node, Setup};
use fengsui_base::{EntryId, Level, Timestamp};
use fengsui_ledger::{Entry, Life};
use fengsui_sim::county;
use fengsui_store::{Lease, MemoryStore, Sort, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A clock that stands.
struct Stands(Timestamp);

impl Clock for Stands {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct Told {
    app: Arc<App>,
    remembered: Remembered,
}

async fn told_on(now: &str) -> Told {
    let now: Timestamp = now.parse().unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let held = store.claim_lease("示例", None, now, Duration::from_secs(60)).await.unwrap();
    let Lease::Held { epoch, .. } = held else { panic!("nobody else is there") };
    let node = Node {
        name: "示例".to_owned(),
        office: "云岫县消防救援大队".to_owned(),
        region: demo::code("990101000000").unwrap(),
        region_name: "云岫县".to_owned(),
        level: Level::County,
        seats: 2,
        demonstration: true,
        spool: false,
        waits: Default::default(),
        filters: Default::default(),
        duty: Default::default(),
        readings: Default::default(),
        lines: Default::default(),
        keeping: Default::default(),
        reminders: true,
        version: "0".to_owned(),
    };
    let (clock, entropy) = (Arc::new(Stands(now)), Arc::new(SystemEntropy));
    let catalog = crate::catalog::shipped().unwrap();
    let app = App::start(Setup { store, epoch, catalog, clock, entropy, node }).await.unwrap();
    let county = county::generate(1);
    app.add_regions(demo::regions(&county).unwrap(), "试验").await.unwrap();
    let named = named(&app, &county);
    for unit in county.units.iter().filter(|unit| named.contains(&unit.name)) {
        let ready = demo::imported(app.catalog(), unit, &[], &Places::new()).unwrap();
        app.import_unit(ready, "试验").await.unwrap();
    }
    demo::employ(&app, &county).await.unwrap();
    let papers = crate::papers::templates(None).unwrap();
    let remembered =
        remember(&app, &papers, &county, &demo::actors(), demo::ADMINISTRATOR, demo::PASSWORD).await.unwrap();
    Told { app, remembered }
}

/// The units that stories name: the test needs no others.
fn named(app: &App, county: &County) -> BTreeSet<String> {
    let calendar = app.calendar();
    let days = Days::counted(&calendar, CHINA.to_datetime(app.now()).date());
    let acts = text::read(&TEXTS, &days, &|text| unit_named(county, text)).unwrap();
    let units = acts.into_iter().flat_map(|act| act.fields).filter(|(name, _)| name == "unit");
    units.map(|(_, name)| name).collect()
}

impl Told {
    /// All entries that somebody with these posts reads, by ledger.
    async fn all(&self, login: &str) -> Vec<(String, Vec<Entry>)> {
        let grant = self.app.log_in(login, demo::PASSWORD.to_owned(), "试验").await.unwrap().signed_in.grant;
        let names: Vec<String> = self.app.ledgers(&grant).unwrap().iter().map(|k| k.name.clone()).collect();
        let mut all = Vec::new();
        for name in names {
            let mut filter = LedgerFilter { sort: Sort::Opened, limit: 200, ..LedgerFilter::default() };
            let mut entries = Vec::new();
            loop {
                let (page, _) = self.app.ledger_entries(&grant, &name, filter.clone()).await.unwrap();
                entries.extend(page.items);
                match page.next {
                    Some(next) => filter.after = Some(next),
                    None => break,
                }
            }
            all.push((name, entries));
        }
        all
    }
}

#[tokio::test]
async fn on_a_working_afternoon_every_ledger_is_alive_in_all_its_ways() {
    let told = told_on("2026-11-20T07:30:00Z").await;
    assert_eq!(told.remembered.refused, Vec::<String>::new());
    let all = told.all("sunzhiyuan").await;
    let count: usize = all.iter().map(|(_, entries)| entries.len()).sum();
    assert_eq!(count, told.remembered.entries);
    assert!((530..=800).contains(&count), "{count}");
    let (now, calendar) = (told.app.now(), told.app.calendar());
    let mut ways = BTreeSet::new();
    for (ledger, entries) in &all {
        let life = |e: &Entry| Life::of(&e.fields).unwrap();
        let states: BTreeSet<_> = entries.iter().map(|e| e.state.as_str()).collect();
        assert!(entries.len() >= 5 && states.len() >= 3, "{ledger}: {} in {states:?}", entries.len());
        assert!(entries.iter().any(|e| e.closed_at.is_none()), "{ledger} has nothing to do");
        assert!(entries.iter().any(|e| e.closed_at.is_some()), "{ledger} has nothing behind it");
        for entry in entries {
            let life = life(entry);
            assert_eq!(life.clock.is_some(), entry.closed_at.is_none(), "{ledger} {}", entry.title);
            assert!(
                entry.wake_at.is_none_or(|wake| wake > now),
                "{ledger} {}: it should have spoken",
                entry.title
            );
            let deadline = life.clock.as_ref().map(|c| c.deadline(None));
            ways.extend(deadline.map(|d| format!("{:?}", d.standing(now, &calendar))));
            let met = life.met.as_ref().zip(entry.closed_at).map(|(met, at)| met.deadline(at));
            ways.extend(met.map(|d| format!("{:?}", d.standing(now, &calendar))));
            ways.extend(life.clock.iter().filter(|c| c.due.provisional).map(|_| "provisional".to_owned()));
            ways.extend(
                life.clock.iter().filter(|c| c.escalated_to.is_some()).map(|_| "escalated".to_owned()),
            );
            ways.extend(life.clock.iter().filter(|c| c.extended > 0).map(|_| "extended".to_owned()));
        }
    }
    assert_eq!(all.len(), 25, "the shipped ledgers, and the campaign of the site");
    for way in ["Running", "DueSoon", "Overdue", "Met", "MetLate", "provisional", "escalated", "extended"] {
        assert!(ways.contains(way), "nothing is {way}: {ways:?}");
    }
}

#[tokio::test]
async fn papers_were_issued_by_two_bodies_in_two_years_without_a_gap_and_most_were_served() {
    let told = told_on("2026-11-20T07:30:00Z").await;
    let (_, papers) =
        told.all("sunzhiyuan").await.into_iter().find(|(name, _)| name == ISSUED_PAPER).unwrap();
    let text =
        |e: &Entry, name: &str| e.fields.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let number = |e: &Entry, name: &str| e.fields.get(name).and_then(|v| v.as_u64()).unwrap_or_default();
    let mut series: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for paper in &papers {
        let name = (text(paper, "issuer"), text(paper, "paper"), number(paper, "year"));
        series.entry(name).or_default().push(number(paper, "ordinal"));
    }
    for (name, ordinals) in &mut series {
        ordinals.sort_unstable();
        let whole: Vec<u64> = (1..=ordinals.len() as u64).collect();
        assert_eq!(*ordinals, whole, "{name:?}");
    }
    let kinds: BTreeSet<_> = series.keys().map(|(_, paper, _)| paper.as_str()).collect();
    assert_eq!(kinds.len(), told.app.catalog().papers().len(), "{kinds:?}");
    let bodies: BTreeSet<_> = series.keys().map(|(body, ..)| body.as_str()).collect();
    assert_eq!(bodies.into_iter().collect::<Vec<_>>(), ["云岫县应急管理局", "云岫县消防救援大队"]);
    assert!(series.keys().any(|(.., year)| *year == 2025), "{:?}", series.keys());
    let in_state = |state: &str| papers.iter().filter(|p| p.state == state).count();
    assert_eq!(in_state("voided"), 1);
    assert!(papers.iter().any(|p| !text(p, "replaces").is_empty()), "the void one was issued anew");
    assert!(in_state("sealed") > 0 && in_state("served") * 10 > papers.len() * 8, "{}", papers.len());
}

#[tokio::test]
async fn the_clocks_of_the_past_spoke_at_their_own_times() {
    let told = told_on("2026-02-24T01:10:00Z").await;
    assert_eq!(told.remembered.refused, Vec::<String>::new());
    let grant =
        told.app.log_in("sunzhiyuan", demo::PASSWORD.to_owned(), "试验").await.unwrap().signed_in.grant;
    let mut calls = Vec::new();
    for (ledger, entries) in told.all("sunzhiyuan").await {
        for entry in entries.iter().map(|e: &Entry| -> EntryId { e.id }) {
            let lines = told.app.ledger_journal(&grant, &ledger, entry, None, 50).await.unwrap();
            calls.extend(
                lines
                    .into_iter()
                    .filter_map(|l| l.content)
                    .filter(|l| l.verb == "ledger.called")
                    .map(|l| l.at),
            );
        }
    }
    let days: BTreeSet<_> = calls.iter().map(|at| CHINA.to_datetime(*at).date()).collect();
    assert!(calls.len() > 60 && days.len() > 40, "{} calls on {} days", calls.len(), days.len());
}
