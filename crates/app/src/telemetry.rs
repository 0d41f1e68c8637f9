//! Telemetry (遥测): what only memory knows is stored every few minutes: measured values, their history, when each
//! terminal was last heard, and how its last scheduled reading ended.
//!
//! It goes in small pieces and in the ordinary lane, so that a fire never waits behind it.

use crate::changes::Said;
use crate::{App, Fault, KnownTerminal};
use fengsui_alarm::Reading;
use fengsui_base::Timestamp;
use fengsui_store::{ChangeSet, HeardWrite, LastState, ReadingWrite, SampleWrite, StateKey, StateWrite};
use std::sync::Arc;

/// Most rows of one ChangeSet, but for the last terminal in it.
const PIECE_ROWS: usize = 2_000;
/// Most ChangeSets in one run.
const PIECES_MAX: usize = 500;

/// What one terminal has to be stored.
struct Piece {
    terminal: Arc<KnownTerminal>,
    values: Vec<(StateKey, LastState)>,
    samples: Vec<(StateKey, Vec<(i64, i32)>)>,
    heard_at: Option<Timestamp>,
    reading: Option<Reading>,
}

impl Piece {
    fn of(terminal: Arc<KnownTerminal>) -> Self {
        let (values, samples) = (terminal.unsaved(), terminal.take_samples());
        let (heard_at, reading) = (terminal.heard_unsaved(), terminal.reading_unsaved());
        Self { terminal, values, samples, heard_at, reading }
    }

    fn rows(&self) -> usize {
        let samples: usize = self.samples.iter().map(|(_, all)| all.len()).sum();
        let rest = usize::from(self.heard_at.is_some()) + usize::from(self.reading.is_some());
        self.values.len() + samples + rest
    }

    fn write(&self, change: &mut ChangeSet) {
        let terminal = self.terminal.id;
        let state =
            |(key, state): &(StateKey, LastState)| StateWrite { terminal, key: *key, state: state.clone() };
        change.states.extend(self.values.iter().map(state));
        for (key, samples) in &self.samples {
            let sample = |(second, value): &(i64, i32)| {
                let at = Timestamp::from_second(*second).ok()?;
                Some(SampleWrite { terminal, key: *key, at, value: *value })
            };
            change.samples.extend(samples.iter().filter_map(sample));
        }
        change.heard.extend(self.heard_at.map(|at| HeardWrite { terminal, at }));
        let reading = |r: Reading| ReadingWrite { terminal, reading: crate::readings::stored(r) };
        change.readings.extend(self.reading.map(reading));
    }

    fn is_saved(&self) {
        self.terminal.saved(&self.values);
        if let Some(at) = self.heard_at {
            self.terminal.heard_is_saved(at);
        }
        if let Some(reading) = self.reading {
            self.terminal.reading_is_saved(reading);
        }
    }
}

impl App {
    /// Stores telemetry, of which the last few minutes may be lost. Answers how many rows were stored.
    pub async fn reconcile_values(&self) -> Result<usize, Fault> {
        // Whoever begins to wait meanwhile waits for the next run.
        let mut waiting = (0..self.board.unsaved_count()).map_while(|_| self.board.next_unsaved());
        let mut count = 0;
        for _ in 0..PIECES_MAX {
            let pieces = next_pieces(&mut waiting);
            if pieces.is_empty() {
                break;
            }
            count += self.store_pieces(&pieces).await?;
        }
        Ok(count)
    }

    async fn store_pieces(&self, pieces: &[Piece]) -> Result<usize, Fault> {
        let count = pieces.iter().map(Piece::rows).sum();
        let stored =
            self.settle(false, |_| std::future::ready(Ok((self.telemetry(pieces, count), ())))).await;
        match stored {
            Ok(_) => pieces.iter().for_each(Piece::is_saved),
            Err(fault) => {
                for piece in pieces {
                    piece.terminal.return_samples(&piece.samples);
                    self.board.wait_to_save(&piece.terminal);
                }
                return Err(fault);
            }
        }
        Ok(count)
    }

    fn telemetry(&self, pieces: &[Piece], count: usize) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let said = Said::new("telemetry.saved", format!("保存 {count} 项遥测"), "程序");
        let (node, rule) = (crate::start::node_id(&self.node), Self::by_rule("定时保存"));
        change.journal.push(self.line("region", node, self.node.region, change.at, &rule, said));
        pieces.iter().for_each(|piece| piece.write(&mut change));
        change
    }
}

/// The terminals of the next ChangeSet, with what each has to be stored.
fn next_pieces(terminals: &mut impl Iterator<Item = Arc<KnownTerminal>>) -> Vec<Piece> {
    let (mut pieces, mut rows) = (Vec::new(), 0);
    while rows < PIECE_ROWS {
        let Some(terminal) = terminals.next() else { break };
        let piece = Piece::of(terminal);
        if piece.rows() > 0 {
            rows += piece.rows();
            pieces.push(piece);
        }
    }
    pieces
}
