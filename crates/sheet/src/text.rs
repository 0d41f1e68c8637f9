//! CSV: which characters it is written in, what separates its columns, and its rows.

use crate::read::{Flow, Limits, Row, TableError};
use crate::{Cell, Epoch};
use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};
use std::io::{Read, Seek, SeekFrom};

/// How many bytes of the beginning the separator is looked for in.
const SAMPLE_BYTES: usize = 64 * 1024;
/// Bytes decoded at a time.
const PIECE_BYTES: usize = 64 * 1024;

pub(crate) fn read<R: Read + Seek>(
    mut file: R,
    limits: &Limits,
    each: &mut dyn FnMut(Row) -> Flow,
) -> Result<(), TableError> {
    let encoding = encoding(&mut file)?;
    rewind(&mut file)?;
    let delimiter = delimiter(Decoded::new(&mut file, encoding))?;
    rewind(&mut file)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(Decoded::new(file, encoding));
    let mut record = csv::StringRecord::new();
    // A line break within a cell makes a line of the file and no row of the table.
    let (mut rows, mut inner, mut number) = (0, 0, 0_u32);
    while reader.read_record(&mut record).map_err(|e| TableError::Unreadable(e.to_string()))? {
        inner += record.as_slice().matches('\n').count() as u64;
        // Where the reader stands now is the line behind this row; blank lines before it count.
        let line = reader.position().line().saturating_sub(1 + inner);
        // A row whose quotation never closes ends with the file, one line early.
        number = u32::try_from(line).unwrap_or(u32::MAX).max(number.saturating_add(1));
        let row = row(number, &record, limits)?;
        if row.cells.iter().all(Cell::is_blank) {
            continue;
        }
        rows += 1;
        if rows > limits.rows_max {
            return Err(TableError::TooManyRows(limits.rows_max));
        }
        if each(row) == Flow::Stop {
            break;
        }
    }
    Ok(())
}

fn row(number: u32, record: &csv::StringRecord, limits: &Limits) -> Result<Row, TableError> {
    if record.len() > limits.columns_max {
        return Err(TableError::TooManyColumns(limits.columns_max));
    }
    if record.iter().any(|text| text.len() > limits.cell_bytes_max) {
        return Err(TableError::LongCell(number));
    }
    let written = |text: &str| Cell::Text(crate::write::plain(text).to_owned());
    let cell = |text: &str| if text.is_empty() { Cell::Empty } else { written(text) };
    Ok(Row { number, cells: record.iter().map(cell).collect(), epoch: Epoch::Year1900 })
}

fn rewind(file: &mut impl Seek) -> Result<(), TableError> {
    file.seek(SeekFrom::Start(0)).map(drop).map_err(|e| TableError::Unreadable(e.to_string()))
}

/// By its mark at the beginning; without one UTF-8 when all of it is, and otherwise GB 18030, which every table
/// saved as CSV by a Chinese spreadsheet is written in.
fn encoding(file: &mut impl Read) -> Result<&'static Encoding, TableError> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut kept = 0;
    let mut first = true;
    loop {
        let got = file.read(&mut piece[kept..]).map_err(|e| TableError::Unreadable(e.to_string()))?;
        let filled = kept + got;
        if first && let Some((marked, _)) = Encoding::for_bom(&piece[..filled]) {
            return Ok(marked);
        }
        first = false;
        match std::str::from_utf8(&piece[..filled]) {
            Ok(_) => kept = 0,
            Err(e) if e.error_len().is_some() || got == 0 => return Ok(GB18030),
            Err(e) => {
                let from = e.valid_up_to();
                piece.copy_within(from..filled, 0);
                kept = filled - from;
            }
        }
        if got == 0 {
            return Ok(UTF_8);
        }
    }
}

/// The separator that the first lines have most of.
fn delimiter(decoded: impl Read) -> Result<u8, TableError> {
    let mut sample = Vec::new();
    let taken = decoded.take(SAMPLE_BYTES as u64).read_to_end(&mut sample);
    taken.map_err(|e| TableError::Unreadable(e.to_string()))?;
    let mut quoted = false;
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    for byte in sample {
        quoted ^= byte == b'"';
        let same = counts.iter_mut().find(|(mark, _)| !quoted && *mark == byte);
        same.into_iter().for_each(|(_, count)| *count += 1);
    }
    Ok(counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(mark, _)| mark))
}

/// Bytes in any encoding as UTF-8; what cannot be read becomes U+FFFD, by which the cell is known to be garbled.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    ready: String,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder();
        let (raw, ready) = (vec![0; PIECE_BYTES], String::new());
        Self { inner, decoder, raw, ready, given: 0, ended: false }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() && !self.ended {
            let got = self.inner.read(&mut self.raw)?;
            self.ended = got == 0;
            let room = self.decoder.max_utf8_buffer_length(got).unwrap_or(PIECE_BYTES * 4);
            self.ready.reserve(room);
            let _ = self.decoder.decode_to_string(&self.raw[..got], &mut self.ready, self.ended);
            // One kind of line end, so that lines are counted right.
            self.ready.retain(|c| c != '\r');
            // The last row ends like the others.
            if self.ended {
                self.ready.push('\n');
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.given == self.ready.len() {
            self.refill()?;
        }
        let rest = &self.ready.as_bytes()[self.given..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use std::io::Cursor;

    const LIMITS: Limits = Limits { rows_max: 3, columns_max: 4, cell_bytes_max: 40, unpacked_bytes_max: 1 };

    fn rows(bytes: &[u8]) -> Result<Vec<(u32, String)>, TableError> {
        let mut found = Vec::new();
        let mut each = |row: Row| {
            let texts: Vec<_> = row.cells.iter().map(Cell::text).collect();
            found.push((row.number, texts.join("|")));
            Flow::On
        };
        read(Cursor::new(bytes), &LIMITS, &mut each)?;
        Ok(found)
    }

    #[test]
    fn the_same_table_is_read_from_every_encoding_and_separator() {
        let text = "编号,名称\r\nA1,\"云岫,酒店\"\r\n";
        let same = vec![(1, "编号|名称".to_owned()), (2, "A1|云岫,酒店".to_owned())];
        assert_eq!(rows(text.as_bytes()).unwrap(), same);
        assert_eq!(rows(format!("\u{feff}{text}").as_bytes()).unwrap(), same);
        assert_eq!(rows(&GB18030.encode(text).0).unwrap(), same);
        let tabs = "编号\t名称\r\nA1\t云岫,酒店\r\n";
        assert_eq!(rows(tabs.as_bytes()).unwrap(), same);
        let broken = rows("编号,名称\n\nA1,\"云\n岫\"\nA2,b\n".as_bytes()).unwrap();
        assert_eq!(broken[1..], [(3, "A1|云 岫".to_owned()), (4, "A2|b".to_owned())]);
        assert_eq!(rows("编号;名称\r\nA1;云岫,酒店\r\n".as_bytes()).unwrap(), same);
        let wide: Vec<u8> =
            "\u{feff}编号\t名称\r\nA1\t云岫,酒店".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(rows(&wide).unwrap(), same);
    }

    #[test]
    fn a_long_file_that_turns_out_not_to_be_utf_8_is_read_as_gb_18030() {
        let mut bytes = vec![b','; PIECE_BYTES - 1];
        bytes.extend(GB18030.encode("云").0.iter());
        assert_eq!(encoding(&mut Cursor::new(&bytes)).unwrap(), GB18030);
        let mut split = vec![b','; PIECE_BYTES - 1];
        split.extend("云".as_bytes());
        assert_eq!(encoding(&mut Cursor::new(&split)).unwrap(), UTF_8);
    }

    #[test]
    fn rows_columns_and_cells_are_bounded() {
        assert_eq!(rows(b"a\nb\n\n,,\nc\n").unwrap().len(), 3, "blank lines do not count");
        assert_eq!(rows(b"a\nb\nc\nd").unwrap_err(), TableError::TooManyRows(3));
        assert!(rows(b"1,2,3,4").is_ok());
        assert_eq!(rows(b"1,2,3,4,5").unwrap_err(), TableError::TooManyColumns(4));
        assert!(rows(format!("a\n{}", "x".repeat(40)).as_bytes()).is_ok());
        let unclosed = format!("a\n\"{}\nb,c", "x".repeat(40));
        assert_eq!(rows(unclosed.as_bytes()).unwrap_err(), TableError::LongCell(2));
        assert_eq!(rows(b"").unwrap(), []);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_rows_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = rows(&bytes);
        }
    }
}
