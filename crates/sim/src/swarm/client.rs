//! One connection of a swarm: send, wait for the acknowledgement, write it down, go on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::wall_clock::{monotonic, now};

use super::dialect::Dialect;
use super::ledger::{Entry, Ledger};
use super::line::Line;
use super::traffic::{Class, Message, Traffic};
use super::{End, FIRST_SOURCE, Options, Report, SwarmError};

/// How long to wait for an acknowledgement. Source: GB/T 26875.3 §6.5.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// How often a frame is repeated before the connection is given up. Source: GB/T 26875.3 §6.5.
const RESENDS: u32 = 3;
/// First and longest pause before another attempt to connect.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];

/// Runs until the end is reached or the frames are sent.
pub(crate) async fn run(
    index: usize,
    options: Arc<Options>,
    ledger: Arc<Ledger>,
    end: Arc<End>,
) -> Result<Report, SwarmError> {
    let source = options.sources.get(index).copied().unwrap_or(FIRST_SOURCE + index as u64);
    let dialect = options.dialects.of(index);
    let mut client = Client {
        source,
        dialect,
        // In turn as well, but across the dialects.
        udp: index * usize::from(options.udp_percent) / 100
            != (index + 1) * usize::from(options.udp_percent) / 100,
        storms: 0,
        drops: 0,
        traffic: Traffic::new(source, options.mix, options.points, options.seed)
            .burning_at_most(options.fire_points)
            .in_dialect(dialect),
        next_at: end.began + options.pause * index as u32 / options.connections.max(1) as u32,
        options,
        ledger,
        end,
        line: None,
        target: 0,
        report: Report::default(),
    };
    client.work().await?;
    Ok(client.report)
}

struct Client {
    source: u64,
    dialect: Dialect,
    udp: bool,
    /// Storms and common drops that this connection has taken part in.
    storms: u64,
    drops: u64,
    traffic: Traffic,
    options: Arc<Options>,
    ledger: Arc<Ledger>,
    end: Arc<End>,
    line: Option<Line>,
    /// Which of the targets is tried.
    target: usize,
    /// When the next frame is due.
    next_at: Instant,
    report: Report,
}

/// How a frame fared on one connection.
enum Outcome {
    Acknowledged,
    /// The connection is gone.
    Lost,
    /// The run is over.
    Over,
}

impl Client {
    async fn work(&mut self) -> Result<(), SwarmError> {
        let mut left = self.options.frames.unwrap_or(u64::MAX);
        while left > 0 && !self.end.reached() {
            self.keep_in_step();
            self.wait_until_due().await;
            let Ok(message) = self.traffic.next(now()) else { break };
            if !self.deliver(&message).await? {
                self.report.unanswered += 1;
                break;
            }
            left -= 1;
        }
        Ok(())
    }

    /// Frames come at their rate; what was kept waiting is made up for. A storm waits for nothing.
    async fn wait_until_due(&mut self) {
        if !self.options.pause.is_zero() && !self.traffic.storms() {
            sleep(self.next_at.saturating_duration_since(monotonic()).min(self.end.left())).await;
            self.next_at += self.options.pause;
        }
    }

    /// Begins a storm, or drops the line, when the time for all connections has come.
    fn keep_in_step(&mut self) {
        if let Some(storm) = self.options.storm {
            let rounds = self.end.rounds(storm.every);
            if rounds > self.storms {
                (self.storms, self.report.storms) = (rounds, self.report.storms + 1);
                self.traffic.storm(storm.frames);
            }
        }
        if let Some(every) = self.options.reconnect_every {
            let rounds = self.end.rounds(every);
            if rounds > self.drops {
                (self.drops, self.report.dropped) = (rounds, self.report.dropped + 1);
                self.line = None;
            }
        }
    }

    /// Sends a frame until it is acknowledged, over as many connections as it takes; false at the end.
    async fn deliver(&mut self, message: &Message) -> Result<bool, SwarmError> {
        let (first, mut sends) = (monotonic(), 0);
        while self.stand().await {
            if sends > 0 {
                self.report.repeated += 1;
            }
            match self.exchange(message, &mut sends).await {
                Outcome::Acknowledged => return self.note(message, first, sends).map(|()| true),
                Outcome::Lost => self.line = None,
                Outcome::Over => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Sees to it that there is a connection; false when the run ended meanwhile.
    async fn stand(&mut self) -> bool {
        let mut pause = BACK_OFF[0];
        while self.line.is_none() && !self.end.reached() {
            let targets: Vec<_> = self.options.target.split(',').collect();
            match Line::open(
                targets[self.target % targets.len()],
                self.udp,
                &self.dialect.profile(),
                ANSWER_WAIT,
            )
            .await
            {
                Ok(line) => {
                    self.report.connects += 1;
                    self.line = Some(line);
                }
                Err(_) => {
                    self.target += 1;
                    sleep(pause.min(self.end.left())).await;
                    pause = (pause * 2).min(BACK_OFF[1]);
                }
            }
        }
        self.line.is_some()
    }

    async fn exchange(&mut self, message: &Message, sends: &mut u32) -> Outcome {
        let Some(line) = &mut self.line else { return Outcome::Lost };
        for attempt in 0..=RESENDS {
            self.report.resends += u64::from(attempt > 0);
            *sends += 1;
            if line.send(&message.bytes).await.is_err() {
                return Outcome::Lost;
            }
            let wait = ANSWER_WAIT.min(self.end.left());
            match timeout(wait, line.answer(message.sequence)).await {
                Ok(Ok(true)) => return Outcome::Acknowledged,
                Ok(Ok(false)) => self.report.denied += 1,
                Ok(Err(_)) => return Outcome::Lost,
                Err(_) if self.end.reached() => return Outcome::Over,
                Err(_) => {}
            }
        }
        Outcome::Lost
    }

    fn note(&mut self, message: &Message, first: Instant, sends: u32) -> Result<(), SwarmError> {
        let took_us = u64::try_from(first.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.report.class_mut(message.class).record(took_us);
        if message.class == Class::Heartbeat && !self.options.ledger_heartbeats {
            return Ok(());
        }
        let entry = Entry {
            source: self.source,
            sequence: message.sequence,
            class: message.class,
            component_address: message.component_address,
            occurred: message.occurred,
            serial: message.serial,
            sends,
            received_ms: now().as_millisecond(),
        };
        Ok(self.ledger.write(&entry)?)
    }
}
