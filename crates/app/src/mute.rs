//! 消音 and 无声: what a seat's bell does when it should ring.
//!
//! Muting is not taking: every alarm stays as it was, the seat is silent for a few minutes at most, and a new
//! fire ends the silence at once (which the screen sees by comparing when the fire came with when the mute began).
//! A bell that cannot sound is no choice of anybody: the desk reports it, and everybody who looks at the seats
//! sees it for as long as it lasts.

use crate::changes::Said;
use crate::seats::{SoundTest, not_seated};
use crate::{App, Fault, SeatHeld, SignedIn};
use fengsui_base::{Actor, Place, Refusal, Scope, Timestamp, span_words};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, Numbering};

/// Longest mute, in seconds.
pub const MUTE_S_MAX: u32 = 300;
/// Shortest mute, in seconds.
pub const MUTE_S_MIN: u32 = 10;

/// A seat that is silent on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mute {
    /// Since when; a fire that came later rings.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl App {
    /// Mutes one's own seat.
    pub async fn mute(&self, signed_in: &SignedIn, seat: u16, seconds: u32) -> Result<(), Fault> {
        if !(MUTE_S_MIN..=MUTE_S_MAX).contains(&seconds) {
            let detail = format!("消音最短 {MUTE_S_MIN} 秒，最长 {} 分钟", MUTE_S_MAX / 60);
            return Err(Refusal::invalid(vec![Place::new("/seconds", "mute.length", detail)]).into());
        }
        self.amend_seat(signed_in, seat, "seat.muted", |entry, now| {
            let until = now + jiff::SignedDuration::from_secs(i64::from(seconds));
            entry.fields.insert("muted_at".to_owned(), now.to_string().into());
            entry.fields.insert("muted_until".to_owned(), until.to_string().into());
            Some(format!("{seat} 席消音 {}", span_words(i64::from(seconds))))
        })
        .await
    }

    /// Lets one's own seat ring again.
    pub async fn unmute(&self, signed_in: &SignedIn, seat: u16) -> Result<(), Fault> {
        self.amend_seat(signed_in, seat, "seat.unmuted", |entry, _| {
            entry.fields.remove("muted_at");
            entry.fields.remove("muted_until")?;
            Some(format!("{seat} 席恢复铃声"))
        })
        .await
    }

    /// The desk says whether its bell can sound; said again without a change, nothing is stored.
    pub async fn report_sound(&self, signed_in: &SignedIn, seat: u16, sound: SoundTest) -> Result<(), Fault> {
        self.amend_seat(signed_in, seat, "seat.sound", |entry, _| {
            let before = entry.fields.insert("sound".to_owned(), sound.code().into());
            let changed = before.as_ref().and_then(|v| v.as_str()) != Some(sound.code());
            changed.then(|| format!("{seat} 席{}", sound.label()))
        })
        .await
    }

    /// Changes the sign-on entry of one's own seat; when `amend` finds nothing to say, nothing is stored.
    async fn amend_seat(
        &self,
        signed_in: &SignedIn,
        seat: u16,
        verb: &'static str,
        amend: impl Fn(&mut Entry, Timestamp) -> Option<String>,
    ) -> Result<(), Fault> {
        let account = signed_in.grant.account();
        let actor = Actor::Officer(signed_in.grant.officer().clone());
        let outcome = self
            .settle(true, |_| async {
                let held = self.board.seat_of(account).filter(|(own, _)| *own == seat);
                let (_, SeatHeld { entry, .. }) = held.ok_or_else(not_seated)?;
                let entry = self.store.entry(&Scope::everything(), entry).await?;
                let mut entry = entry.ok_or_else(not_seated)?;
                let mut change = ChangeSet::new(self.now());
                let text = amend(&mut entry, change.at).ok_or_else(unchanged)?;
                entry.version += 1;
                let said = Said::new(verb, text, "席位").about(account.into());
                change.journal.push(self.line_on(&entry, change.at, &actor, said));
                change.entries.push(self.write(entry, Numbering::Keep));
                Ok((change, ()))
            })
            .await;
        match outcome {
            Err(Fault::Refused(refusal)) if refusal.code == UNCHANGED => Ok(()),
            other => other.map(drop),
        }
    }
}

const UNCHANGED: &str = "seat.unchanged";

fn unchanged() -> Refusal {
    Refusal::new(fengsui_base::RefusalKind::Conflict, UNCHANGED, "已经是这样。")
}
