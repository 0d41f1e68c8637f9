//! One message of a device that came through a cloud or a broker: decoded, taken in, counted.
//!
//! Nobody is told "received" before [`Desk::take_in`] returned `Ok`.

use crate::codec::{Codec, Codecs, Decoded, NamedCodec};
use crate::translate;
use fengsui_app::{App, Arrival, Clock, Fault, Receipt};
use fengsui_base::Timestamp;
use iotpush::Payload;
use parking_lot::Mutex;
use prometheus::IntCounterVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest name by which a terminal is known. Source: `catalog/alarm.toml`, field `source`.
const SOURCE_CHARS_MAX: usize = 64;

/// Where messages of all wires are taken in.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) codecs: Arc<Codecs>,
}

/// A message with all that is known about how it came.
pub(crate) struct Message<'a> {
    /// What the terminal is known by.
    pub(crate) source: String,
    /// The wire by its name.
    pub(crate) channel: &'a str,
    /// The codec of the wire.
    pub(crate) codec: &'a NamedCodec,
    /// What it says.
    pub(crate) payload: &'a Payload,
    /// When that was, as the cloud says.
    pub(crate) at: Option<Timestamp>,
    /// Its identity, where the wire has one.
    pub(crate) id: Option<&'a str>,
}

impl Desk {
    /// Takes in what a message says, one thing after another; returns what became of the last.
    pub(crate) async fn take_in(&self, message: &Message<'_>) -> Result<Receipt, Fault> {
        let codec = self.codec_of(message);
        let mut receipt = Receipt::Heard;
        for (n, decoded) in codec.codec.decode(message.payload, message.at).into_iter().enumerate() {
            receipt = self.app.take_in(self.arrival(message, &codec.name, n, decoded)).await?;
        }
        Ok(receipt)
    }

    /// The same where a message that is not acknowledged comes again without holding back those behind it: under
    /// overload its telemetry is shed, and one part that is shed sheds the message; what is news in it is stored.
    pub(crate) async fn offer(&self, message: &Message<'_>) -> Result<Receipt, Fault> {
        let codec = self.codec_of(message);
        let (mut receipt, mut shed) = (Receipt::Heard, false);
        for (n, decoded) in codec.codec.decode(message.payload, message.at).into_iter().enumerate() {
            receipt = self.app.offer(self.arrival(message, &codec.name, n, decoded)).await?;
            shed |= receipt == Receipt::Shed;
        }
        Ok(if shed { Receipt::Shed } else { receipt })
    }

    /// A terminal that is registered with a codec is read by it. But one registered with a mere dialect of
    /// GB/T 26875.3, which every form offers first, still speaks as its wire does.
    fn codec_of<'a>(&'a self, message: &Message<'a>) -> &'a NamedCodec {
        let known = self.app.board().terminal_at(&message.source).filter(|t| t.facts().known);
        let own = known.and_then(|terminal| self.codecs.get(&terminal.facts().profile));
        let is_frame = |codec: &NamedCodec| matches!(codec.codec, Codec::Frame(_));
        own.filter(|own| is_frame(message.codec) || !is_frame(own)).unwrap_or(message.codec)
    }

    fn arrival(&self, message: &Message<'_>, codec: &str, n: usize, decoded: Decoded) -> Arrival {
        let Decoded { reports, sequence, command, unit_type, sent_at, bytes } = decoded;
        Arrival {
            source: message.source.clone(),
            channel: message.channel.to_owned(),
            profile: codec.to_owned(),
            sequence,
            command,
            unit_type,
            sent_at,
            received_at: self.clock.now(),
            digest: translate::digest(&bytes),
            message: message.id.map(|id| format!("{id}/{n}")),
            bytes,
            reports,
        }
    }
}

/// What a device is known by: the kind of wire and its name there. A name that is too long is known by its digest.
pub(crate) fn source(kind: &str, device: &str) -> String {
    let source = format!("{kind}:{device}");
    if source.chars().count() <= SOURCE_CHARS_MAX {
        return source;
    }
    let digest = device
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |d, b| (d ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let head: String = source.chars().take(SOURCE_CHARS_MAX - 17).collect();
    format!("{head}#{digest:016x}")
}

/// How often what happened on a wire.
#[derive(Debug)]
pub(crate) struct WireTally {
    name: String,
    meter: IntCounterVec,
    seen: Mutex<WireCounts>,
}

/// Counters of a wire since the start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WireCounts {
    /// Messages that were stored.
    pub stored: u64,
    /// Messages that only showed that the terminal lives.
    pub heard: u64,
    /// Messages that came again.
    pub repeated: u64,
    /// Messages that could not be stored and were not acknowledged.
    pub failed: u64,
    /// Messages that were not taken, by reason.
    pub refused: BTreeMap<&'static str, u64>,
    /// When the last one was taken.
    pub last_at: Option<Timestamp>,
    /// The last reason why one was not, and when.
    pub last_refused: Option<(&'static str, Timestamp)>,
}

impl WireTally {
    pub(crate) fn new(name: &str, meters: &fengsui_app::Meters) -> Self {
        Self { name: name.to_owned(), meter: meters.wires.clone(), seen: Mutex::default() }
    }

    pub(crate) fn counts(&self) -> WireCounts {
        self.seen.lock().clone()
    }

    pub(crate) fn taken(&self, receipt: Receipt, now: Timestamp) {
        let mut seen = self.seen.lock();
        let (counter, outcome) = match receipt {
            Receipt::Stored(_) => (&mut seen.stored, "stored"),
            Receipt::Heard => (&mut seen.heard, "heard"),
            Receipt::Repeated => (&mut seen.repeated, "repeated"),
            // Not acknowledged: whoever sent it sends it again.
            Receipt::Shed => {
                drop(seen);
                return self.refused("shed", now);
            }
            // The cloud is answered all the same: it would send again for hours what nobody wants.
            Receipt::TurnedAway => {
                drop(seen);
                return self.refused("blocked", now);
            }
        };
        *counter += 1;
        seen.last_at = Some(now);
        self.meter.with_label_values(&[self.name.as_str(), outcome]).inc();
    }

    pub(crate) fn failed(&self) {
        self.seen.lock().failed += 1;
        self.meter.with_label_values(&[self.name.as_str(), "failed"]).inc();
    }

    pub(crate) fn refused(&self, why: &'static str, now: Timestamp) {
        let mut seen = self.seen.lock();
        *seen.refused.entry(why).or_default() += 1;
        seen.last_refused = Some((why, now));
        self.meter.with_label_values(&[self.name.as_str(), why]).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_stays_distinct() {
        assert_eq!(source("onenet", "866971031491171"), "onenet:866971031491171");
        let fits = "d".repeat(SOURCE_CHARS_MAX - 6);
        assert_eq!(source("iotda", &fits).chars().count(), SOURCE_CHARS_MAX);
        let (one, other) = (source("iotda", &format!("{fits}1")), source("iotda", &format!("{fits}2")));
        assert_eq!(one.chars().count(), SOURCE_CHARS_MAX);
        assert_ne!(one, other);
    }
}
