//! The gateway's counters, looked up once: a heartbeat must not search for its meter by name.

use crate::limits::Dropped;
use fengsui_app::{Meters, Receipt};
use gb26875::FrameError;
use prometheus::{IntCounter, IntCounterVec, IntGauge};

/// Why a connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// The other side closed it.
    Gone,
    /// The gateway stops.
    Stopped,
    /// No whole frame came in the beginning.
    Silent,
    /// No whole frame came for long.
    Idle,
    /// Too many bytes without a good frame.
    Garbage,
    /// The answers were not read.
    Unread,
}

/// Meters by what happened.
pub(crate) struct Tally {
    heard: IntCounter,
    stored: IntCounter,
    repeated: IntCounter,
    turned_away: IntCounter,
    pub(crate) shed: IntCounter,
    pub(crate) failed: IntCounter,
    pub(crate) answers_heard: IntCounter,
    pub(crate) acknowledged: IntCounter,
    pub(crate) linked_up: IntCounter,
    pub(crate) denied: IntCounter,
    pub(crate) connections: IntGauge,
    pub(crate) full: IntCounter,
    pub(crate) full_ip: IntCounter,
    pub(crate) datagram_too_long: IntCounter,
    pub(crate) datagram_waiting: IntCounter,
    datagram_rate: IntCounter,
    datagram_sources: IntCounter,
    refused: IntCounterVec,
    closed: IntCounterVec,
}

impl Tally {
    pub(crate) fn new(meters: &Meters) -> Self {
        let frames = |verdict| meters.frames.with_label_values(&[verdict]);
        let answers = |answer| meters.answers.with_label_values(&[answer]);
        let refused = |reason| meters.refused.with_label_values(&[reason]);
        let closed = |reason| meters.closed.with_label_values(&[reason]);
        Self {
            heard: frames("heard"),
            stored: frames("stored"),
            repeated: frames("repeated"),
            turned_away: frames("turned_away"),
            shed: frames("shed"),
            failed: frames("failed"),
            answers_heard: frames("answer"),
            acknowledged: answers("acknowledge"),
            linked_up: answers("handshake"),
            denied: answers("deny"),
            connections: meters.connections.clone(),
            full: closed("connections_max"),
            full_ip: closed("connections_per_ip_max"),
            datagram_too_long: refused("datagram_too_long"),
            datagram_waiting: refused("datagram_waiting_max"),
            datagram_rate: refused("datagram_rate"),
            datagram_sources: refused("datagram_sources_max"),
            refused: meters.refused.clone(),
            closed: meters.closed.clone(),
        }
    }

    pub(crate) fn taken_in(&self, receipt: Receipt) {
        match receipt {
            Receipt::Heard => self.heard.inc(),
            Receipt::Stored(_) => self.stored.inc(),
            Receipt::Repeated => self.repeated.inc(),
            Receipt::TurnedAway => self.turned_away.inc(),
            Receipt::Shed => self.shed.inc(),
        }
    }

    pub(crate) fn refused(&self, error: &FrameError) {
        self.refused.with_label_values(&[error.code()]).inc();
    }

    pub(crate) fn dropped(&self, why: Dropped) {
        match why {
            Dropped::Rate => self.datagram_rate.inc(),
            Dropped::Sources => self.datagram_sources.inc(),
        }
    }

    /// Counts a connection that a limit closed; one that went by itself is none.
    pub(crate) fn closed(&self, ending: Ending) {
        let reason = match ending {
            Ending::Gone | Ending::Stopped => return,
            Ending::Silent => "first_frame_wait",
            Ending::Idle => "idle_wait",
            Ending::Garbage => "garbage_bytes_max",
            Ending::Unread => "answer_wait",
        };
        self.closed.with_label_values(&[reason]).inc();
    }
}
