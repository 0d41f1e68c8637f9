//! The ledger of acknowledgements: one line each, written through at once, only ever appended to.
//!
//! A line has eight fields between tabs: source, sequence, class, component address, event time (Beijing
//! civil time), serial, sends, and when the acknowledgement came in Unix milliseconds. For a heartbeat the
//! component address is 0 and the event time is its send time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use super::traffic::Class;

/// One acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Source address of the connection.
    pub source: u64,
    /// Sequence number of the frame; begins again after 65,535.
    pub sequence: u16,
    /// Class of the frame.
    pub class: Class,
    /// Component address; 0 for heartbeats.
    pub component_address: u32,
    /// Event time in the frame, Beijing civil time.
    pub occurred: jiff::civil::DateTime,
    /// Number of the frame within its connection and run, from 1.
    pub serial: u64,
    /// How often the frame was sent.
    pub sends: u32,
    /// When the acknowledgement was read, Unix milliseconds.
    pub received_ms: i64,
}

impl Entry {
    fn line(&self) -> String {
        let Self { source, sequence, component_address, occurred, serial, sends, received_ms, .. } = self;
        let class = self.class.word();
        format!(
            "{source}\t{sequence}\t{class}\t{component_address}\t{occurred}\t{serial}\t{sends}\t{received_ms}\n"
        )
    }

    fn parse(line: &str) -> Option<Entry> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [source, sequence, class, address, occurred, serial, sends, received] = fields[..] else {
            return None;
        };
        Some(Entry {
            source: source.parse().ok()?,
            sequence: sequence.parse().ok()?,
            class: Class::of_word(class)?,
            component_address: address.parse().ok()?,
            occurred: occurred.parse().ok()?,
            serial: serial.parse().ok()?,
            sends: sends.parse().ok()?,
            received_ms: received.parse().ok()?,
        })
    }
}

/// A ledger that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be read.
    #[error("回执账本无法读取：{0}；请检查路径")]
    Io(#[from] io::Error),
    /// A line is not an entry.
    #[error("回执账本第 {0} 行不是一条回执；请检查文件是否被改动")]
    Line(usize),
}

/// Reads a ledger. A last line without its end is left out: the writer died while writing it.
///
/// # Errors
/// [`LedgerError`] with the number of the line.
pub fn read_ledger(path: &Path) -> Result<Vec<Entry>, LedgerError> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    lines.enumerate().map(|(i, line)| Entry::parse(line.trim_end()).ok_or(LedgerError::Line(i + 1))).collect()
}

/// The open file, or nothing.
#[derive(Debug)]
pub(crate) struct Ledger(Option<Mutex<File>>);

impl Ledger {
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self(None)) };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Some(Mutex::new(file))))
    }

    /// Writes one line in one call, so that it survives this process.
    pub(crate) fn write(&self, entry: &Entry) -> io::Result<()> {
        let Some(file) = &self.0 else { return Ok(()) };
        let mut file = file.lock().map_err(|_| io::Error::other("another writer panicked"))?;
        file.write_all(entry.line().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(serial: u64) -> Entry {
        Entry {
            source: 880_000_000_001,
            sequence: 65_535,
            class: Class::Fire,
            component_address: 65_537,
            occurred: jiff::civil::date(2026, 11, 21).at(14, 36, 8, 0),
            serial,
            sends: 2,
            received_ms: 1_795_000_000_123,
        }
    }

    #[test]
    fn what_was_written_is_read_again_and_a_torn_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.tsv");
        let ledger = Ledger::open(Some(&path)).unwrap();
        (1..=3).for_each(|serial| ledger.write(&entry(serial)).unwrap());
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"880000000001\t4\tfi").unwrap();
        assert_eq!(read_ledger(&path).unwrap(), [entry(1), entry(2), entry(3)]);
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.tsv");
        std::fs::write(&path, format!("{}x\n", entry(1).line())).unwrap();
        assert!(matches!(read_ledger(&path), Err(LedgerError::Line(2))));
    }
}
