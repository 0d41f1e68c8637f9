//! Counters and timings, for `/metrics` and the status page.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// All meters of the application and its edges.
pub struct Meters {
    /// Where they are registered.
    pub registry: Registry,
    /// Frames received, by what became of them.
    pub frames: IntCounterVec,
    /// Answers sent to terminals: acknowledge or deny.
    pub answers: IntCounterVec,
    /// Bytes or frames refused, by reason.
    pub refused: IntCounterVec,
    /// Open connections of terminals.
    pub connections: IntGauge,
    /// Connections closed by a limit, by which.
    pub closed: IntCounterVec,
    /// Messages through operators' clouds and brokers, by wire and by what became of them.
    pub wires: IntCounterVec,
    /// ChangeSets committed.
    pub committed: IntCounter,
    /// Seconds from handing in a ChangeSet to its being durable.
    pub commit_s: Histogram,
    /// ChangeSets in one transaction.
    pub batch: Histogram,
    /// HTTP requests, by route and status.
    pub requests: IntCounterVec,
    /// Open live streams.
    pub streams: IntGauge,
    /// Attempts to send a message, by channel and outcome.
    pub messages: IntCounterVec,
    /// What gateways said by themselves, by what became of it.
    pub inbound: IntCounterVec,
    /// Messages that wait to be sent.
    pub messages_waiting: IntGauge,
    /// Scheduled readings of terminals, by how they ended.
    pub readings: IntCounterVec,
    /// Alarms raised, by class.
    pub alarms: IntCounterVec,
    /// Frames offered, by urgency, and what became of them: offered = accepted + shed + failed + in work.
    pub load: IntCounterVec,
    /// 1 while telemetry is shed.
    pub shedding: IntGauge,
    /// Decisions that no attempt could store, so that their part of the board was read anew from the store.
    pub reread: IntCounter,
}

impl Meters {
    /// Fresh meters, registered under the prefix `fengsui_`.
    pub fn new() -> Self {
        let registry = Registry::new();
        let family = |name: &str, help: &str, labels: &[&str]| {
            let family = IntCounterVec::new(Opts::new(format!("fengsui_{name}"), help), labels)
                .expect("a fixed name is valid");
            registry.register(Box::new(family.clone())).expect("names are distinct");
            family
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(format!("fengsui_{name}"), help).expect("a fixed name is valid");
            registry.register(Box::new(gauge.clone())).expect("names are distinct");
            gauge
        };
        let histogram = |name: &str, help: &str, buckets: Vec<f64>| {
            let options = HistogramOpts::new(format!("fengsui_{name}"), help).buckets(buckets);
            let histogram = Histogram::with_opts(options).expect("a fixed name is valid");
            registry.register(Box::new(histogram.clone())).expect("names are distinct");
            histogram
        };
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(format!("fengsui_{name}"), help).expect("a fixed name is valid");
            registry.register(Box::new(counter.clone())).expect("names are distinct");
            counter
        };
        Self {
            frames: family("frames_total", "Frames received", &["verdict"]),
            answers: family("answers_total", "Answers sent to terminals", &["answer"]),
            refused: family("refused_total", "Bytes that were no frame", &["reason"]),
            connections: gauge("connections", "Open connections of terminals"),
            closed: family("connections_closed_total", "Connections closed", &["reason"]),
            wires: family("wires_total", "Messages through clouds and brokers", &["wire", "outcome"]),
            committed: counter("committed_total", "ChangeSets committed"),
            commit_s: histogram(
                "commit_seconds",
                "From handing in a ChangeSet to durable",
                doubling(0.000_25, 18),
            ),
            batch: histogram("commit_batch", "ChangeSets in one transaction", doubling(1.0, 11)),
            requests: family("http_requests_total", "HTTP requests", &["route", "status"]),
            streams: gauge("live_streams", "Open live streams"),
            messages: family("messages_total", "Attempts to send a message", &["channel", "outcome"]),
            inbound: family("gateway_reports_total", "Receipts and replies of gateways", &["result"]),
            messages_waiting: gauge("messages_waiting", "Messages that wait to be sent"),
            readings: family("readings_total", "Scheduled readings of terminals", &["end"]),
            alarms: family("alarms_total", "Alarms raised", &["class"]),
            load: family("load_total", "Frames offered, by urgency and outcome", &["urgency", "outcome"]),
            shedding: gauge("shedding", "Whether telemetry is shed"),
            reread: counter("board_reread_total", "Parts of the board that were read anew from the store"),
            registry,
        }
    }

    /// The least bucket bound that holds this share (0 … 1) of the commits, in milliseconds; `None` before the first.
    pub fn commit_quantile_ms(&self, share: f64) -> Option<f64> {
        use prometheus::core::Metric;
        let metric = self.commit_s.metric();
        let histogram = metric.get_histogram();
        let wanted = (histogram.get_sample_count() as f64 * share).ceil();
        if wanted == 0.0 {
            return None;
        }
        let buckets = histogram.get_bucket();
        buckets.iter().find(|b| b.cumulative_count() as f64 >= wanted).map(|b| b.upper_bound() * 1000.0)
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

fn doubling(first: f64, count: usize) -> Vec<f64> {
    std::iter::successors(Some(first), |b| Some(b * 2.0)).take(count).collect()
}
