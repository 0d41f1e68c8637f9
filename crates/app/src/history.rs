//! The history of measured values (数值曲线): which values a terminal has, and one of them over time.

use crate::changes::Said;
use crate::{App, Fault};
use fengsui_access::Grant;
use fengsui_base::{Refusal, TerminalId, Timestamp};
use fengsui_catalog::Permission;
use fengsui_store::{ChangeSet, LastState, Part, SampleBucket, SampleWrite, StateKey, bucket_s};
use std::ops::Range;

/// A value over time.
pub struct ValueHistory {
    /// The stretch of time.
    pub window: Range<Timestamp>,
    /// Length of one bucket, in seconds.
    pub bucket_s: i64,
    /// Buckets with a value, oldest first.
    pub buckets: Vec<SampleBucket>,
}

impl App {
    /// The values that a terminal measures, each as last known.
    pub async fn values(&self, grant: &Grant, id: TerminalId) -> Result<Vec<(StateKey, LastState)>, Fault> {
        let (_, known) = self.terminal(grant, id).await?;
        Ok(known.states().into_iter().filter(|(key, _)| key.part == Part::Value).collect())
    }

    /// One value of a terminal over the last `span_s` seconds, in at most `buckets` equal pieces.
    pub async fn value_history(
        &self,
        grant: &Grant,
        id: TerminalId,
        key: StateKey,
        span_s: i64,
        buckets: u16,
    ) -> Result<ValueHistory, Fault> {
        grant.may(Permission::TerminalRead)?;
        self.terminal(grant, id).await?;
        let now = self.now();
        let window = now - jiff::SignedDuration::from_secs(span_s)..now + jiff::SignedDuration::from_secs(1);
        let found = self.store.samples(id, key, window.clone(), buckets).await?;
        Ok(ValueHistory { bucket_s: bucket_s(&window, buckets), window, buckets: found })
    }
}

/// Most samples of one ChangeSet.
const SAMPLES_PIECE: usize = 2_000;

/// A value of a terminal with what it was: (second of the epoch, raw value).
pub type Remembered = (TerminalId, StateKey, Vec<(i64, i32)>);

impl App {
    /// Gives an invented county a past: values that were measured before it was there. Refused outside demonstration
    /// mode. Answers how many samples.
    pub async fn demonstration_values(&self, values: &[Remembered]) -> Result<usize, Fault> {
        if !self.node.demonstration {
            let kind = fengsui_base::RefusalKind::Forbidden;
            return Err(Refusal::new(kind, "demonstration.only", "示例数值只在演示模式下建立。").into());
        }
        let sample = |(terminal, key, all): &Remembered| {
            let (terminal, key) = (*terminal, *key);
            all.iter()
                .filter_map(move |(second, value)| {
                    let at = Timestamp::from_second(*second).ok()?;
                    Some(SampleWrite { terminal, key, at, value: *value })
                })
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = values.iter().flat_map(sample).collect();
        for piece in all.chunks(SAMPLES_PIECE) {
            self.settle(false, |_| std::future::ready(Ok((self.past(piece), ())))).await?;
        }
        Ok(all.len())
    }

    fn past(&self, piece: &[SampleWrite]) -> ChangeSet {
        let mut change = ChangeSet::new(self.now());
        let said = Said::new("telemetry.saved", format!("写入 {} 项示例数值", piece.len()), "程序");
        let (node, rule) = (crate::start::node_id(&self.node), Self::by_rule("示例数据"));
        change.journal.push(self.line("region", node, self.node.region, change.at, &rule, said));
        change.samples = piece.to_vec();
        change
    }
}
