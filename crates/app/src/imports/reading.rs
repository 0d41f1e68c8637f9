//! Reading an uploaded table on a thread of its own: first its head, later its rows in blocks.

use super::draft::{Ground, RowDraft, RowProblem};
use super::files::{WORKBOOK_BYTES_MAX, too_large};
use super::tables::ImportTable;
use crate::Fault;
use fengsui_base::{Refusal, RefusalKind};
use fengsui_sheet::{Flow, Format, Header, Limits, Row, TableError, detect, find_header, read};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufReader;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Most rows of a table, the head among them; a workbook has at most so many by itself.
pub const IMPORT_ROWS_MAX: u32 = 1_048_576;
/// Most columns.
pub const COLUMNS_MAX: usize = 200;
/// Longest cell, in bytes.
const CELL_BYTES_MAX: usize = 8 * 1024;
/// Most bytes that a workbook may unpack to.
const UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Rows of one block, and of one batch in the store.
pub(super) const BLOCK_ROWS: usize = 500;
/// Blocks read ahead.
const BLOCKS_AHEAD: usize = 4;
/// What the first filled cell of a template's example row says: such a row is passed over, wherever it stands.
pub(super) const EXAMPLE: &str = "示例行，不会导入";
/// Rows from the top among which the head is looked for.
const HEAD_ROWS: usize = 12;

const LIMITS: Limits = Limits {
    rows_max: IMPORT_ROWS_MAX,
    columns_max: COLUMNS_MAX,
    cell_bytes_max: CELL_BYTES_MAX,
    unpacked_bytes_max: UNPACKED_BYTES_MAX,
};

/// What became of a row.
pub(super) type Read = Result<RowDraft, Vec<RowProblem>>;
/// What comes from the thread. A channel that ends without an end was cut off.
pub(super) enum Block {
    /// The next rows.
    Rows(Vec<Read>),
    /// That was all.
    End,
    /// Why there are no more.
    Failed(TableError),
}

fn open(path: &PathBuf) -> Result<BufReader<File>, TableError> {
    let gone = |_| TableError::Unreadable("上传的文件不在本机，请重新上传".to_owned());
    File::open(path).map(BufReader::new).map_err(gone)
}

/// The head of a table, which must know at least the columns that its rows are known by.
pub(super) async fn header(path: PathBuf, table: ImportTable, size_bytes: u64) -> Result<Header, Fault> {
    let work = move || {
        let format = detect(open(&path)?)?;
        if format != Format::Csv && size_bytes > WORKBOOK_BYTES_MAX {
            return Ok(Err(too_large(WORKBOOK_BYTES_MAX)));
        }
        let mut first = Vec::new();
        read(format, open(&path)?, &LIMITS, &mut |row| {
            first.push(row);
            if first.len() < HEAD_ROWS { Flow::On } else { Flow::Stop }
        })?;
        if first.is_empty() {
            return Err(TableError::Empty);
        }
        Ok(find_header(&first, &table.expected()).ok_or_else(|| headless(&table)))
    };
    let found = tokio::task::spawn_blocking(work).await;
    match found.unwrap_or_else(|_| Err(TableError::Unreadable("内容有误".to_owned()))) {
        Ok(header) => Ok(header?),
        Err(error) => Err(unreadable(&error).into()),
    }
}

fn headless(table: &ImportTable) -> Refusal {
    let labels: Vec<_> = table.columns.iter().filter(|c| c.required).map(|c| c.label.as_ref()).collect();
    let sentence =
        format!("没有找到表头。{}表格至少要有：{}。可先下载模板。", table.label, labels.join("、"));
    Refusal::new(RefusalKind::Invalid, "import.no_header", sentence)
}

pub(super) fn unreadable(error: &TableError) -> Refusal {
    Refusal::new(RefusalKind::Invalid, "import.unreadable", error.to_string())
}

/// The rows with these numbers, as they came.
pub(super) async fn picked(path: PathBuf, header_row: u32, wanted: BTreeSet<u32>) -> Result<Vec<Row>, Fault> {
    let work = move || {
        let format = detect(open(&path)?)?;
        let mut found = Vec::new();
        let last = wanted.last().copied().unwrap_or(0);
        read(format, open(&path)?, &LIMITS, &mut |row| {
            let number = row.number;
            if number > header_row && wanted.contains(&number) {
                found.push(row);
            }
            if number < last { Flow::On } else { Flow::Stop }
        })?;
        Ok(found)
    };
    let found = tokio::task::spawn_blocking(work).await;
    let found = found.unwrap_or_else(|_| Err(TableError::Unreadable("内容有误".to_owned())));
    Ok(found.map_err(|error| unreadable(&error))?)
}

/// Reads the rows below the head on a thread of its own, the first `skip` of them for their keys alone.
pub(super) fn rows(path: PathBuf, ground: Ground, header_row: u32, skip: u64) -> mpsc::Receiver<Block> {
    let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
    let work = move || {
        let mut reader = Reader { ground, skip, seen: HashMap::new(), block: Vec::new(), sender };
        let read = open(&path).and_then(|file| {
            let format = detect(file)?;
            read(format, open(&path)?, &LIMITS, &mut |row| reader.take(row, header_row))
        });
        reader.end(read.err());
    };
    // A thread that cannot be started leaves an empty channel behind, and the step is tried again.
    let _ = std::thread::Builder::new().name("import-reader".into()).spawn(work);
    receiver
}

/// Whether a row is the example of a template, which nobody needs to delete.
fn is_example(row: &Row) -> bool {
    row.cells.iter().find(|cell| !cell.is_blank()).is_some_and(|cell| cell.text() == EXAMPLE)
}

struct Reader {
    ground: Ground,
    skip: u64,
    /// Where each key was first met, by its hash.
    seen: HashMap<u64, u32>,
    block: Vec<Read>,
    sender: mpsc::Sender<Block>,
}

impl Reader {
    fn take(&mut self, row: Row, header_row: u32) -> Flow {
        if row.number <= header_row || is_example(&row) {
            return Flow::On;
        }
        let read = self.ground.read(row).and_then(|draft| self.once(draft));
        if self.skip > 0 {
            self.skip -= 1;
            return Flow::On;
        }
        self.block.push(read);
        if self.block.len() < BLOCK_ROWS { Flow::On } else { self.send() }
    }

    /// A key may stand in one row only; the first one counts.
    fn once(&mut self, draft: RowDraft) -> Read {
        let mut hasher = DefaultHasher::new();
        draft.key.hash(&mut hasher);
        match self.seen.insert(hasher.finish(), draft.row) {
            None => Ok(draft),
            Some(first) => {
                self.seen.insert(hasher.finish(), first);
                let column = self.ground.table.columns.first().map_or("", |c| c.label.as_ref());
                Err(vec![RowProblem {
                    row: draft.row,
                    column: column.to_owned(),
                    value: draft.key.chars().take(40).collect(),
                    code: "row.twice".to_owned(),
                    detail: format!("与第 {first} 行重复，请删去一行"),
                }])
            }
        }
    }

    fn send(&mut self) -> Flow {
        let block = std::mem::take(&mut self.block);
        if self.sender.blocking_send(Block::Rows(block)).is_ok() { Flow::On } else { Flow::Stop }
    }

    fn end(&mut self, error: Option<TableError>) {
        if !self.block.is_empty() && self.send() == Flow::Stop {
            return;
        }
        // Nobody may be listening any more.
        let _ = self.sender.blocking_send(error.map_or(Block::End, Block::Failed));
    }
}
