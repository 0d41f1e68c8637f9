//! Messages (消息) to people who are not looking at a screen: written down in the same ChangeSet as what caused
//! them, sent from there once that is durable, and answered by a key, a reply or a link.
//!
//! A message is its own row of the outbox: an entry in state `waiting` with the instant of its next attempt in
//! `due_at`. Whatever happens to the program between two attempts, the record says what is still to be done.

mod delivery;
mod gather;
mod log;
pub(crate) mod outward;
mod record;
mod route;
mod withdraw;

pub use delivery::{Dispatch, ROUND_MAX, Secrets, Sent};
pub use fengsui_alarm::Answer;
pub(crate) use gather::Reminder;
pub use gather::{DEADLINES_MAX, GATHER_S, JOIN_S, NAMED_MAX as DEADLINES_NAMED_MAX, Reminded, Spoken};
pub use log::{Heard, MessageFilter, MessageView, REPLY_FOR_H};
pub use outward::{FAILURES_MAX, PARALLEL_MAX, PROBE_S};
pub use record::{Attempt, AttemptOutcome, ChannelKind, Message, Notice, Recipient, Token};

use crate::changes::Said;
use crate::committer::Settled;
use crate::{App, Fault};
use fengsui_base::{Actor, EntryId, Officer, Refusal, RefusalKind, RegionCode, Responder, Scope};
use fengsui_ledger::Entry;
use fengsui_store::{ChangeSet, KeyWrite, Numbering};
use sha2::{Digest, Sha256};

/// Random bytes in the secret of a link: 128 bits.
const TOKEN_BYTES: usize = 16;

/// An answer as it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// What.
    pub answer: Answer,
    /// In the person's own words.
    pub note: Option<String>,
    /// How it came, such as 短信回复 or 答复页.
    pub way: String,
}

impl Given {
    /// An answer without further words.
    pub fn plain(answer: Answer, way: &str) -> Self {
        Self { answer, note: None, way: way.to_owned() }
    }
}

/// The key under which a message is found by the secret of its link; only the digest is stored.
fn answer_key(token: &str) -> String {
    format!("answer/{}", hex::encode(Sha256::digest(token)))
}

impl App {
    /// Adds a message to a ChangeSet: its entry in state `waiting`, due at once, and the key of its link.
    pub(crate) fn add_notice(&self, change: &mut ChangeSet, notice: Notice, actor: &Actor) -> EntryId {
        let (region, title) = (notice.region, notice.title.clone());
        self.add_message(change, region, &title, Message::from(notice), actor)
    }

    /// The same with what only some messages have: one channel alone, or a time before which they stay.
    fn add_message(
        &self,
        change: &mut ChangeSet,
        region: RegionCode,
        title: &str,
        mut message: Message,
        actor: &Actor,
    ) -> EntryId {
        let secret = message.answerable.then(|| Token(hex::encode(self.entropy.bytes::<TOKEN_BYTES>())));
        message.token = secret.clone();
        let mut entry = self.fresh("message", region, title, message.fields(), change.at);
        entry.due_at = Some(message.not_before.unwrap_or(change.at));
        change.keys.extend(secret.map(|token| KeyWrite::Take(answer_key(token.reveal()), entry.id)));
        let ways = message.by.iter().map(|by| by.label()).collect::<Vec<_>>().join("、");
        let said =
            Said::new("message.queued", format!("给{}发消息（{ways}）：{title}", message.to()), "规则")
                .with("rung", message.rung.clone())
                .with("about", message.about.to_string());
        change.journal.push(self.line_on(&entry, change.at, actor, said));
        let id = entry.id;
        change.entries.push(self.write(entry, Numbering::Keep));
        id
    }

    /// Writes one message down by itself, on behalf of the given actor.
    pub async fn send_notice(&self, notice: Notice, actor: Actor) -> Result<EntryId, Fault> {
        let settled = self
            .settle(true, |_| {
                let mut change = ChangeSet::new(self.now());
                let id = self.add_notice(&mut change, notice.clone(), &actor);
                std::future::ready(Ok((change, id)))
            })
            .await?;
        match settled {
            Settled::Now(id, _) => Ok(id),
            Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    /// Adds the recipient's answer to a ChangeSet and gives the message as it is then; `way` says how it came,
    /// such as 短信回复 or 答复页. A later answer replaces an earlier one (收到, then 到场); both stay in the journal.
    /// The alarm that the message is about learns of it in the same change.
    pub(crate) async fn add_answer(
        &self,
        change: &mut ChangeSet,
        mut entry: Entry,
        given: Given,
    ) -> Result<Entry, Fault> {
        let Given { answer, note, way } = given;
        let mut message = Message::of(&entry).filter(|m| m.answerable).ok_or_else(unanswerable)?;
        (message.answer, message.answered_at, message.token) = (Some(answer), Some(change.at), None);
        entry.version += 1;
        "answered".clone_into(&mut entry.state);
        (entry.due_at, entry.closed_at) = (None, Some(change.at));
        entry.fields = message.fields();
        let words = note.as_deref().map_or(String::new(), |n| format!("：{n}"));
        let said = Said::new("message.answered", format!("答复 {}（{way}）{words}", answer.label()), "答复")
            .with("answer", answer.code());
        self.add_alarm_answer(change, entry.id, &message, answer, note, &way).await?;
        change.journal.push(self.line_on(&entry, change.at, &recipient_actor(&message), said));
        change.entries.push(self.write(entry.clone(), Numbering::Keep));
        Ok(entry)
    }

    /// The message whose link carries this secret; `None` for a secret nobody was given.
    pub async fn message_by_token(&self, token: &str) -> Result<Option<Entry>, Fault> {
        let Some(id) = self.store.key(&answer_key(token)).await? else { return Ok(None) };
        Ok(self.store.entry(&Scope::everything(), id).await?.filter(|e| e.kind == "message"))
    }

    /// Takes an answer by the secret of the link, and gives the message as it is then.
    pub async fn answer_by_token(&self, token: &str, given: Given) -> Result<Entry, Fault> {
        let entry = self.message_by_token(token).await?.ok_or_else(unanswerable)?;
        self.answer_message(entry.id, given).await
    }

    /// Takes the answer to a message, and gives the message as it is then.
    pub(crate) async fn answer_message(&self, id: EntryId, given: Given) -> Result<Entry, Fault> {
        let settled = self
            .settle(true, |_| async {
                let entry = self.store.entry(&Scope::everything(), id).await?.ok_or_else(unanswerable)?;
                let mut change = ChangeSet::new(self.now());
                let answered = self.add_answer(&mut change, entry, given.clone()).await?;
                Ok((change, answered))
            })
            .await?;
        match settled {
            Settled::Now(entry, _) => Ok(entry),
            Settled::Before(_) => Err(unanswerable().into()),
        }
    }
}

/// Whoever answers a message stands in the record by name, as an officer when there is an account.
pub(crate) fn recipient_actor(message: &Message) -> Actor {
    match message.account {
        Some(id) => Actor::Officer(Officer { id, name: message.recipient_name.clone(), seat: None }),
        None => Actor::Responder(Responder {
            entry: message.recipient,
            name: message.recipient_name.clone(),
            role: message.recipient_role.clone(),
        }),
    }
}

pub(crate) fn unanswerable() -> Refusal {
    Refusal::new(
        RefusalKind::NotFound,
        "answer.unknown",
        "这个答复链接无效，请核对收到的消息，或直接打值班电话。",
    )
}
