//! Sending what waits: which message goes to which channel now, what became of it, what the gateway reports
//! afterwards. At least once: the attempt is recorded after the gateway has answered, so that a message whose
//! record was lost with the program is sent again, under the same number by which a gateway can tell.

use super::outward::Turn;
use super::route::{Next, next};
use super::{
    Attempt, AttemptOutcome, ChannelKind, Message, Notice, Recipient, TOKEN_BYTES, Token, answer_key,
};
use crate::changes::Said;
use crate::{App, Channel, Fault};
use fengsui_access::Grant;
use fengsui_base::{Actor, EntryId, Refusal, Scope, Timestamp};
use fengsui_ledger::{Entry, JournalLine, Subject};
use fengsui_store::{ChangeSet, KeyWrite, Numbering};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most messages handed out in one round.
pub const ROUND_MAX: usize = 64;

/// A message on its way to a gateway.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The message.
    pub message: EntryId,
    /// Number of this attempt, the same when it is made again after a crash.
    pub number: String,
    /// The channel it takes.
    pub channel: Arc<Channel>,
    /// The channel's secrets.
    pub secrets: Secrets,
    /// Name of the recipient.
    pub name: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// By what a robot names the recipient.
    pub handle: Option<String>,
    /// Subject.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Whether an answer is asked for.
    pub answerable: bool,
    /// Secret for the link.
    pub token: Option<Token>,
    /// When it is handed out.
    pub at: Timestamp,
}

/// The secrets of a channel; never printed.
#[derive(Clone, Default)]
pub struct Secrets(pub BTreeMap<String, String>);

impl Secrets {
    /// A secret; empty when it is not set.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What a gateway made of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// What.
    pub outcome: AttemptOutcome,
    /// In one sentence without secrets.
    pub detail: String,
    /// Number it gave.
    pub gateway_id: Option<String>,
}

impl App {
    /// Messages to be sent now, each with its channel; they are with the caller until it says what became of them.
    pub async fn dispatch(&self) -> Result<Vec<Dispatch>, Fault> {
        let mut out = Vec::new();
        self.meters.messages_waiting.set(i64::try_from(self.outward.waiting().0).unwrap_or(i64::MAX));
        for id in self.outward.due(self.now(), ROUND_MAX) {
            out.extend(self.dispatch_one(id).await?);
        }
        Ok(out)
    }

    async fn dispatch_one(&self, id: EntryId) -> Result<Option<Dispatch>, Fault> {
        let now = self.now();
        let entry = self.store.entry(&Scope::everything(), id).await?;
        let Some((entry, message)) = entry.and_then(|e| Message::of(&e).map(|m| (e, m))) else {
            return Ok(None);
        };
        if self.drop_done(id, &message).await? {
            return Ok(None);
        }
        let hour = self.office_hour(&message, now);
        if hour > now {
            self.outward.look_later(id, hour);
            return Ok(None);
        }
        match next(&message, entry.opened_at, &self.outward.candidates(&message, now), now) {
            Next::Wait(at) => {
                self.outward.look_later(id, at);
                Ok(None)
            }
            Next::GiveUp(why) => self.give_up(id, why).await.map(|()| None),
            Next::Send(channel) => {
                let Some(channel) = self.outward.channel(channel) else { return Ok(None) };
                let secrets = Secrets(self.store.secrets(channel.id).await?);
                let taken = self.outward.hand_over(id, channel.id, now);
                Ok(taken.then(|| handed_out(&entry, message, channel, secrets, now)))
            }
        }
    }

    async fn give_up(&self, id: EntryId, why: &'static str) -> Result<(), Fault> {
        let result = self
            .amend_message(id, |message, entry, change| {
                if entry.state != "waiting" {
                    return Vec::new();
                }
                end(entry, message, "failed", change.at);
                let words = format!("没能提醒{}：{why}", message.to());
                change.journal.extend(self.deadline_lines(message, change.at, "ledger.not_reminded", &words));
                vec![failed(message, why)]
            })
            .await;
        self.meters.messages.with_label_values(&["", "given_up"]).inc();
        result
    }

    /// Records what became of a message that was handed out.
    pub async fn note_sent(&self, dispatch: &Dispatch, sent: Sent) -> Result<(), Fault> {
        let channel = &dispatch.channel;
        let recorded = self.record_attempt(dispatch, &sent).await;
        self.outward.hand_back(dispatch.message);
        self.meters.messages.with_label_values(&[&channel.name, sent.outcome.code()]).inc();
        recorded?;
        let turn = self.outward.did(channel.id, sent.outcome != AttemptOutcome::Failed, self.now());
        match turn {
            Turn::Same => Ok(()),
            Turn::Failing(since) => self.note_failing(channel.id, Some((since, sent.detail))).await,
            Turn::Recovered => self.note_failing(channel.id, None).await,
        }
    }

    async fn record_attempt(&self, dispatch: &Dispatch, sent: &Sent) -> Result<(), Fault> {
        let channel = &dispatch.channel;
        self.amend_message(dispatch.message, |message, entry, change| {
            message.attempts.push(Attempt {
                at: change.at,
                channel: Some(channel.id),
                channel_name: channel.name.clone(),
                by: channel.by,
                outcome: sent.outcome,
                detail: sent.detail.clone(),
                gateway_id: sent.gateway_id.clone(),
            });
            message.via = Some(channel.id);
            if let Some(gateway_id) = &sent.gateway_id {
                change.keys.push(KeyWrite::Take(receipt_key(channel.id, gateway_id), entry.id));
            }
            let mut said = vec![attempted(message, channel, sent)];
            if sent.outcome == AttemptOutcome::Accepted {
                let words = format!("已{}提醒{}", channel.by.label(), message.to());
                change.journal.extend(self.deadline_lines(message, change.at, "ledger.reminded", &words));
            }
            said.extend(self.follow(message, entry, change, sent.outcome));
            said
        })
        .await
    }

    /// What an attempt, or a receipt, makes of the message; an answer or a withdrawal meanwhile stays.
    fn follow(
        &self,
        message: &mut Message,
        entry: &mut Entry,
        change: &mut ChangeSet,
        outcome: AttemptOutcome,
    ) -> Option<Said> {
        let now = change.at;
        if let (AttemptOutcome::NoSuchNumber, Some(phone)) = (outcome, &message.phone) {
            change.keys.push(KeyWrite::Take(wrong_number_key(phone), entry.id));
            change.journal.extend(self.wrong_number_line(message, entry, now));
        }
        match (entry.state.as_str(), outcome) {
            ("answered" | "cancelled", _) => None,
            (_, AttemptOutcome::Accepted) => {
                (message.token, entry.due_at) = (None, None);
                "sent".clone_into(&mut entry.state);
                None
            }
            (_, AttemptOutcome::Delivered) => {
                end(entry, message, "delivered", now);
                change.keys.extend(message.phone.as_deref().map(wrong_number_key).map(KeyWrite::Free));
                None
            }
            (_, AttemptOutcome::Failed | AttemptOutcome::Refused | AttemptOutcome::NoSuchNumber) => {
                self.try_on(message, entry, change)
            }
        }
    }

    /// After a failure: when to look again, or the end.
    fn try_on(&self, message: &mut Message, entry: &mut Entry, change: &mut ChangeSet) -> Option<Said> {
        let now = change.at;
        let next = match message.only {
            Some(_) => Next::GiveUp("测试没有送出去"),
            None => next(message, entry.opened_at, &self.outward.candidates(message, now), now),
        };
        if let Next::GiveUp(why) = next {
            end(entry, message, "failed", now);
            let words = format!("没能提醒{}：{why}", message.to());
            change.journal.extend(self.deadline_lines(message, now, "ledger.not_reminded", &words));
            return Some(failed(message, why));
        }
        "waiting".clone_into(&mut entry.state);
        entry.due_at = Some(if let Next::Wait(at) = next { at } else { now });
        if message.answerable && message.token.is_none() {
            let token = Token(hex::encode(self.entropy.bytes::<TOKEN_BYTES>()));
            change.keys.push(KeyWrite::Take(answer_key(token.reveal()), entry.id));
            message.token = Some(token);
        }
        None
    }

    /// Where the person stands in a register, the wrong number stands on that record as well.
    fn wrong_number_line(&self, message: &Message, entry: &Entry, now: Timestamp) -> Option<JournalLine> {
        let id = message.recipient?;
        let said = Said::new("responder.number_wrong", "电话是空号，请核对", "网关")
            .with("message", entry.id.to_string());
        Some(self.line("responder", id, entry.region, now, &Self::by_rule("消息发送"), said))
    }

    /// Whether a gateway has said that there is no such number, and none has delivered to it since.
    pub async fn is_wrong_number(&self, phone: &str) -> Result<bool, Fault> {
        Ok(self.store.key(&wrong_number_key(phone)).await?.is_some())
    }

    /// Sends one message through this very channel, on or off, once.
    pub async fn test_channel(&self, grant: &Grant, id: EntryId, to: &str) -> Result<EntryId, Fault> {
        let channel = self.channel(grant, id)?;
        let actor = Actor::Officer(grant.officer().clone());
        let (phone, email) = address(channel.by, to)?;
        let notice = Notice {
            about: Subject { kind: "channel".to_owned(), id },
            region: self.node.region,
            rung: "channel.test".to_owned(),
            recipient: Recipient {
                name: grant.officer().name.clone(),
                role: "测试".to_owned(),
                phone,
                email,
                ..Recipient::default()
            },
            title: "测试消息".to_owned(),
            text: format!("{}测试消息，收到请勿理会。", self.node.office),
            by: vec![channel.by],
            urgent: false,
            answerable: false,
        };
        self.send_only(notice, id, actor).await
    }

    async fn send_only(&self, notice: Notice, only: EntryId, actor: Actor) -> Result<EntryId, Fault> {
        let (region, title) = (notice.region, notice.title.clone());
        let message = Message { only: Some(only), ..Message::from(notice) };
        let settled = self
            .settle(true, |_| {
                let mut change = ChangeSet::new(self.now());
                let id = self.add_message(&mut change, region, &title, message.clone(), &actor);
                std::future::ready(Ok((change, id)))
            })
            .await?;
        match settled {
            crate::committer::Settled::Now(id, _) => Ok(id),
            crate::committer::Settled::Before(_) => Err(Refusal::not_found().into()),
        }
    }

    /// What a gateway reports of a message it took earlier; a number it never gave changes nothing.
    pub(crate) async fn note_receipt(
        &self,
        channel: &Channel,
        gateway_id: &str,
        delivered: bool,
        state: &str,
    ) -> Result<bool, Fault> {
        let Some(id) = self.store.key(&receipt_key(channel.id, gateway_id)).await? else { return Ok(false) };
        let outcome = if delivered { AttemptOutcome::Delivered } else { AttemptOutcome::Failed };
        self.amend_message(id, |message, entry, change| {
            // The same receipt again, or one that comes after the message went another way, changes nothing.
            let known = |a: &Attempt| a.outcome == outcome && a.gateway_id.as_deref() == Some(gateway_id);
            if message.attempts.iter().any(known) {
                return Vec::new();
            }
            let detail = format!("网关回执 {state}");
            let sent = Sent { outcome, detail, gateway_id: Some(gateway_id.to_owned()) };
            message.attempts.push(Attempt {
                at: change.at,
                channel: Some(channel.id),
                channel_name: channel.name.clone(),
                by: channel.by,
                outcome,
                detail: sent.detail.clone(),
                gateway_id: sent.gateway_id.clone(),
            });
            let mut said = vec![attempted(message, channel, &sent)];
            if entry.state == "sent" {
                said.extend(self.follow(message, entry, change, outcome));
            }
            said
        })
        .await?;
        Ok(true)
    }

    pub(super) async fn amend_message(
        &self,
        id: EntryId,
        amend: impl Fn(&mut Message, &mut Entry, &mut ChangeSet) -> Vec<Said>,
    ) -> Result<(), Fault> {
        let unchanged = || Fault::from(Refusal::not_found());
        let settled = self
            .settle(true, |_| async {
                let entry = self.store.entry(&Scope::everything(), id).await?;
                let mut entry = entry.ok_or_else(unchanged)?;
                let mut message = Message::of(&entry).ok_or_else(unchanged)?;
                let mut change = ChangeSet::new(self.now());
                let said = amend(&mut message, &mut entry, &mut change);
                if said.is_empty() {
                    return Err(unchanged());
                }
                entry.version += 1;
                entry.fields = message.fields();
                let actor = Self::by_rule("消息发送");
                let lines = said.into_iter().map(|said| self.line_on(&entry, change.at, &actor, said));
                change.journal.extend(lines);
                change.entries.push(self.write(entry, Numbering::Keep));
                Ok((change, ()))
            })
            .await;
        match settled {
            Ok(_) => Ok(()),
            Err(Fault::Refused(refusal)) if refusal.code == "not_found" => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

fn handed_out(
    entry: &Entry,
    message: Message,
    channel: Arc<Channel>,
    secrets: Secrets,
    at: Timestamp,
) -> Dispatch {
    Dispatch {
        message: entry.id,
        number: format!("{}-{}", entry.id, message.attempts.len()),
        channel,
        secrets,
        name: message.recipient_name,
        phone: message.phone,
        email: message.email,
        handle: message.handle,
        title: entry.title.clone(),
        text: message.text,
        answerable: message.answerable,
        token: message.token,
        at,
    }
}

pub(super) fn end(entry: &mut Entry, message: &mut Message, state: &str, at: Timestamp) {
    state.clone_into(&mut entry.state);
    (entry.due_at, entry.closed_at, message.token) = (None, Some(at), None);
}

fn attempted(message: &Message, channel: &Channel, sent: &Sent) -> Said {
    let (to, name, detail) = (message.to(), &channel.name, &sent.detail);
    let (verb, text) = match sent.outcome {
        AttemptOutcome::Accepted => ("message.sent", format!("给{to}的消息由{name}发出")),
        AttemptOutcome::Delivered => ("message.delivered", format!("给{to}的消息经{name}送达")),
        AttemptOutcome::Failed | AttemptOutcome::Refused | AttemptOutcome::NoSuchNumber => {
            ("message.attempt_failed", format!("给{to}的消息经{name}没有送出：{detail}"))
        }
    };
    Said::new(verb, text, "网关").with("channel", channel.id.to_string())
}

fn failed(message: &Message, why: &str) -> Said {
    Said::new("message.failed", format!("给{}的消息没有送达：{why}", message.to()), "规则").with("why", why)
}

fn receipt_key(channel: EntryId, gateway_id: &str) -> String {
    format!("message-receipt/{channel}/{gateway_id}")
}

fn wrong_number_key(phone: &str) -> String {
    format!("wrong-number/{phone}")
}

/// Where a test goes: a number or an address, as the way wants it; a group needs none.
fn address(by: ChannelKind, to: &str) -> Result<(Option<String>, Option<String>), Refusal> {
    let place = |detail: &'static str| {
        Refusal::invalid(vec![fengsui_base::Place::new("/to", "address.wrong", detail)])
    };
    match by {
        ChannelKind::Sms | ChannelKind::Voice => {
            let phone = crate::channels::digits(to);
            let fits = (5..=15).contains(&phone.len());
            if fits {
                Ok((Some(phone), None))
            } else {
                Err(place("请填写电话号码，5 到 15 位数字"))
            }
        }
        ChannelKind::Email => match to.trim().split_once('@') {
            Some((name, host)) if !name.is_empty() && host.contains('.') => {
                Ok((None, Some(to.trim().to_owned())))
            }
            Some(_) | None => Err(place("请填写邮箱地址")),
        },
        ChannelKind::Robot | ChannelKind::Webhook => Ok((None, None)),
    }
}
