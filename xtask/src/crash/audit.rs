//! The count: what the terminals were told against what the database holds.
//!
//! A frame is known by its source and its serial number, which the swarm writes into its text. Frames may be
//! in the database without standing in the ledger (committed, and killed before the answer was read); they
//! may not stand there twice, nor may an acknowledged one be missing, nor a fire without its alarm.

use anyhow::{Context, Result};
use fengsui_base::{EntryId, Scope, TerminalId};
use fengsui_ledger::Entry;
use fengsui_sim::swarm::{self, Class};
use fengsui_store::{PAGE_MAX, Query, Store, verify};
use gb26875::{Clock, Content, Objects, Profile, frame};
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Frames read at a time.
const FRAMES_PER_READ: u16 = 1_000;

/// How a frame is told from all others: source address and serial number.
type Key = (u64, u64);
/// A point of a terminal: source address and component address.
type Point = (u64, u32);

/// What the database holds of the swarm.
#[derive(Default)]
struct Held {
    /// How often each frame stands there, and what it says.
    frames: BTreeMap<Key, (u32, u32, DateTime)>,
    /// How many fire alarms each point has.
    alarms: BTreeMap<Point, u32>,
    /// First break of the journal's chain.
    broken: Option<String>,
}

/// The result.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    acknowledged: u64,
    stored: u64,
    lost_frames: u64,
    doubled_frames: u64,
    changed_frames: u64,
    lost_alarms: u64,
    doubled_alarms: u64,
    broken: Option<String>,
}

impl Found {
    /// Acknowledged frames that are not there.
    pub(crate) fn lost(&self) -> u64 {
        self.lost_frames
    }

    /// Whether every promise was kept, in a run that promised anything.
    pub(crate) fn is_clean(&self) -> bool {
        let wrong = self.lost_frames + self.doubled_frames + self.changed_frames;
        self.acknowledged > 0 && wrong + self.lost_alarms + self.doubled_alarms == 0 && self.broken.is_none()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "acknowledged {}, in the database {}", self.acknowledged, self.stored)?;
        writeln!(
            f,
            "frames: {} acknowledged and lost, {} doubled, {} changed",
            self.lost_frames, self.doubled_frames, self.changed_frames
        )?;
        writeln!(f, "alarms: {} lost, {} doubled", self.lost_alarms, self.doubled_alarms)?;
        write!(f, "journal: {}", self.broken.as_deref().unwrap_or("the chain holds"))
    }
}

/// Compares the ledger with the database: `sqlite` in this folder, or a PostgreSQL by its address.
pub(crate) async fn audit(ledger: &Path, database: &str, data: &Path) -> Result<Found> {
    let said = swarm::read_ledger(ledger)?;
    let store = fengsui_store_sql::open(database, data).await.context("the killed server's database")?;
    Ok(compare(&said, &read(&*store).await?))
}

fn compare(said: &[swarm::Entry], held: &Held) -> Found {
    let mut found =
        Found { acknowledged: said.len() as u64, broken: held.broken.clone(), ..Found::default() };
    found.stored = held.frames.len() as u64;
    found.doubled_frames = held.frames.values().filter(|(count, ..)| *count > 1).count() as u64;
    found.doubled_alarms = held.alarms.values().filter(|count| **count > 1).count() as u64;
    for entry in said {
        match held.frames.get(&(entry.source, entry.serial)) {
            None => found.lost_frames += 1,
            Some((_, address, at)) if (*address, *at) != (entry.component_address, entry.occurred) => {
                found.changed_frames += 1;
            }
            Some(_) => {}
        }
        let point = (entry.source, entry.component_address);
        found.lost_alarms += u64::from(entry.class == Class::Fire && !held.alarms.contains_key(&point));
    }
    found
}

async fn read(store: &dyn Store) -> Result<Held> {
    let mut held = Held::default();
    let mut sources = BTreeMap::new();
    for entry in list(store, "terminal").await? {
        let source =
            source(&entry).with_context(|| format!("terminal {} has no source address", entry.id))?;
        sources.insert(entry.id, source);
        read_frames(store, TerminalId(entry.id), &mut held).await?;
    }
    for entry in list(store, "alarm").await? {
        if let Some(point) = burning_point(&entry, &sources) {
            *held.alarms.entry(point).or_default() += 1;
        }
    }
    held.broken = verify(store).await?.broken.map(|(seq, what)| format!("broken at {seq}: {what}"));
    Ok(held)
}

/// All entries of a kind.
async fn list(store: &dyn Store, kind: &str) -> Result<Vec<Entry>> {
    let mut query = Query { limit: PAGE_MAX, ..Query::newest(kind, Scope::everything()) };
    let mut all = Vec::new();
    loop {
        let page = store.list(&query).await?;
        all.extend(page.items);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(all);
        }
    }
}

fn source(terminal: &Entry) -> Option<u64> {
    terminal.fields.get("source")?.as_str()?.parse().ok()
}

/// The point of a fire alarm; `None` for alarms of other classes.
fn burning_point(alarm: &Entry, sources: &BTreeMap<EntryId, u64>) -> Option<Point> {
    let fields = &alarm.fields;
    let is_fire = fields.get("class")?.as_str()? == "fire";
    let terminal = fields.get("terminal")?.as_str()?.parse().ok()?;
    let address = u32::try_from(fields.get("component_address")?.as_u64()?).ok()?;
    is_fire.then_some((*sources.get(&terminal)?, address))
}

async fn read_frames(store: &dyn Store, terminal: TerminalId, held: &mut Held) -> Result<()> {
    let mut before = None;
    loop {
        let rows = store.frames_of(&Scope::everything(), terminal, before, FRAMES_PER_READ).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        before = Some((last.seq, last.line));
        for row in &rows {
            // The first word of a stranger is stored, whatever it says; a heartbeat has no serial number.
            if says_nothing(&row.frame.bytes) {
                continue;
            }
            let (key, address, at) = read_frame(&row.frame.bytes)
                .with_context(|| format!("the frame stored at {} is none of the swarm", row.seq))?;
            held.frames.entry(key).or_insert((0, address, at)).0 += 1;
        }
    }
}

fn says_nothing(bytes: &[u8]) -> bool {
    frame::decode(bytes).is_ok_and(|frame| frame.data.is_empty())
}

/// What a frame of the swarm says: its key, its component and its event time.
fn read_frame(bytes: &[u8]) -> Option<(Key, u32, DateTime)> {
    let profile = Profile::standard();
    let frame = frame::decode(bytes).ok()?;
    let Content::Unit(unit) = Content::decode(&frame.data, &profile) else { return None };
    let Objects::ComponentStatus(objects) = unit.objects else { return None };
    let [object] = objects.as_slice() else { return None };
    let serial = object.text.as_ref()?.read().strip_prefix('#')?.parse().ok()?;
    let at = object.occurred.civil(Clock::Binary)?;
    Some(((frame.source.number(), serial), object.component_address, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: u32 = 65_537;

    fn at() -> DateTime {
        jiff::civil::date(2026, 11, 21).at(14, 36, 8, 0)
    }

    fn said(serial: u64, class: Class) -> swarm::Entry {
        swarm::Entry {
            source: 1,
            sequence: 0,
            class,
            component_address: POINT,
            occurred: at(),
            serial,
            sends: 1,
            received_ms: 0,
        }
    }

    fn held(frames: &[(u64, u32)], alarms: u32) -> Held {
        Held {
            frames: frames.iter().map(|(serial, count)| ((1, *serial), (*count, POINT, at()))).collect(),
            alarms: (alarms > 0).then_some(((1, POINT), alarms)).into_iter().collect(),
            broken: None,
        }
    }

    #[test]
    fn a_run_that_kept_its_word_is_clean_even_with_a_frame_that_nobody_was_told_of() {
        let found =
            compare(&[said(1, Class::Fire), said(2, Class::State)], &held(&[(1, 1), (2, 1), (3, 1)], 1));
        assert!(found.is_clean(), "{found}");
        assert_eq!((found.acknowledged, found.stored), (2, 3));
    }

    #[test]
    fn an_acknowledged_frame_that_is_not_there_is_lost() {
        let found = compare(&[said(1, Class::State), said(2, Class::State)], &held(&[(1, 1)], 0));
        assert_eq!((found.lost(), found.is_clean()), (1, false));
    }

    #[test]
    fn a_frame_or_an_alarm_that_stands_twice_is_doubled() {
        let found = compare(&[said(1, Class::Fire)], &held(&[(1, 2)], 2));
        assert_eq!((found.doubled_frames, found.doubled_alarms, found.is_clean()), (1, 1, false));
    }

    #[test]
    fn a_fire_without_its_alarm_is_lost_and_another_content_is_changed() {
        let mut other = said(1, Class::Fire);
        other.component_address += 1;
        let found = compare(&[other], &held(&[(1, 1)], 1));
        assert_eq!((found.changed_frames, found.lost_alarms, found.is_clean()), (1, 1, false));
    }

    #[test]
    fn a_broken_chain_is_no_clean_run_and_neither_is_an_empty_one() {
        let broken = Held { broken: Some("seq 3".to_owned()), ..held(&[(1, 1)], 0) };
        assert!(!compare(&[said(1, Class::State)], &broken).is_clean());
        assert!(!compare(&[], &Held::default()).is_clean());
    }
}
