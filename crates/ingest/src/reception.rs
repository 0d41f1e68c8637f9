//! One frame: taken in by the application, then answered. Never the other way round.

use crate::Dialects;
use crate::berths::Berths;
use crate::limits::{Admissions, Rate};
use crate::lines::{Lines, Mouth};
use crate::settings::GatewaySettings;
use crate::tally::Tally;
use crate::translate::{self, Channel, Heard};
use fengsui_app::{App, Clock, LineTurn, Receipt};
use gb26875::{Command, Event, Frame, FrameError, Label, Profile, Refusal, answer};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio_util::sync::CancellationToken;

/// What all connections share.
pub(crate) struct Reception {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dialects: Dialects,
    pub(crate) settings: GatewaySettings,
    pub(crate) rate: Rate,
    pub(crate) tally: Tally,
    pub(crate) admissions: Arc<Admissions>,
    pub(crate) berths: Arc<Berths>,
    pub(crate) lines: Lines,
    pub(crate) stop: CancellationToken,
    /// The same as `stop`, for those who are too busy to wait for it.
    pub(crate) stopping: AtomicBool,
}

impl Reception {
    /// Takes in what was found in the bytes; returns the answer that may now be sent, if any.
    /// Whoever is one of many lines has a turn to give.
    pub(crate) async fn receive<'a>(
        &'a self,
        event: Event,
        channel: Channel,
        mouth: Mouth<'_>,
        turn: Option<&mut LineTurn<'a>>,
    ) -> Option<Frame> {
        match event {
            Event::Frame(frame) if is_mere_answer(&frame) => self.hear(&frame, channel).await,
            Event::Frame(frame) => self.take_in(&frame, channel, mouth, turn).await,
            Event::Refused(refusal) => self.deny(&refusal),
        }
    }

    async fn take_in<'a>(
        &'a self,
        frame: &Frame,
        channel: Channel,
        mouth: Mouth<'_>,
        turn: Option<&mut LineTurn<'a>>,
    ) -> Option<Frame> {
        let (name, listener) = self.dialects.listener();
        let source = translate::source(frame, listener, channel);
        let profile = self.profile_of(&source);
        let heard = Heard { frame, profile, dialect: name, source, channel, received_at: self.clock.now() };
        let arrival = heard.arrival();
        let source = arrival.source.clone();
        let offered = match turn {
            Some(turn) => self.app.offer_in_turn(arrival, turn).await,
            None => self.app.offer(arrival).await,
        };
        match offered {
            Ok(receipt) => {
                self.tally.taken_in(receipt);
                if matches!(receipt, Receipt::TurnedAway | Receipt::Shed) {
                    return None;
                }
                self.note(&source, frame, channel, mouth);
                self.answer(frame, profile)
            }
            // Not durable, so not acknowledged: the terminal sends it again.
            Err(fault) => {
                self.tally.failed.inc();
                tracing::warn!(%fault, %channel, "a frame was not stored and not answered");
                None
            }
        }
    }

    /// A heartbeat that is not taken in because its lane is filling up: counted, and its terminal lives.
    pub(crate) fn shed(&self, frame: &Frame, channel: Channel) {
        let (name, listener) = self.dialects.listener();
        let source = translate::source(frame, listener, channel);
        let profile = self.profile_of(&source);
        let heard = Heard { frame, profile, dialect: name, source, channel, received_at: self.clock.now() };
        self.app.shed_by_edge(&heard.silent());
        self.tally.shed.inc();
    }

    /// Notes by which way a registered terminal speaks, and hands its reply to whoever asked: what the reply says
    /// is known by then.
    fn note(&self, source: &str, frame: &Frame, channel: Channel, mut mouth: Mouth<'_>) {
        let Some(terminal) = self.app.board().terminal_at(source).filter(|t| t.facts().known) else { return };
        if frame.command.is_answer() {
            self.lines.answered(terminal.id, frame);
        } else {
            self.lines.heard(terminal.id, frame, channel, &mut mouth);
        }
    }

    /// An acknowledgement or denial says nothing but that the terminal lives, and makes nobody known.
    async fn hear(&self, frame: &Frame, channel: Channel) -> Option<Frame> {
        self.tally.answers_heard.inc();
        let (name, profile) = self.dialects.listener();
        let source = translate::source(frame, profile, channel);
        let terminal = self.app.board().terminal_at(&source)?;
        self.lines.answered(terminal.id, frame);
        let heard = Heard { frame, profile, dialect: name, source, channel, received_at: self.clock.now() };
        // With nothing reported it only touches memory; there is nothing to answer either way.
        let _ = self.app.take_in(heard.silent()).await;
        None
    }

    fn profile_of(&self, source: &str) -> &Profile {
        match self.app.board().terminal_at(source) {
            Some(terminal) => self.dialects.of(&terminal.facts().profile),
            None => self.dialects.listener().1,
        }
    }

    fn answer(&self, frame: &Frame, profile: &Profile) -> Option<Frame> {
        let answer = answer::answer(frame, profile, self.label(frame.sent, profile))?;
        if profile.is_handshake(frame) {
            self.tally.linked_up.inc()
        } else {
            self.tally.acknowledged.inc()
        }
        Some(answer)
    }

    /// A whole frame with a wrong checksum is denied; anything else only counts, because nobody knows who
    /// would be told.
    fn deny(&self, refusal: &Refusal) -> Option<Frame> {
        self.tally.refused(&refusal.error);
        let header = refusal.header.filter(|h| !h.command.is_answer())?;
        if !matches!(refusal.error, FrameError::Checksum { .. }) {
            return None;
        }
        self.tally.denied.inc();
        Some(answer::deny(&header, self.label(header.sent, self.dialects.listener().1)))
    }

    /// The present time as a label; the sender's own when our clock shows a year that does not fit.
    fn label(&self, sent: Label, profile: &Profile) -> Label {
        let civil = translate::CHINA.to_datetime(self.clock.now());
        Label::from_civil(civil, profile.sent_clock).unwrap_or(sent)
    }
}

fn is_mere_answer(frame: &Frame) -> bool {
    matches!(frame.command, Command::ACKNOWLEDGE | Command::DENY)
}
