//! The delivery log, and what gateways say by themselves: receipts and replies.

use super::{Answer, Given, Message};
use crate::channels::{GatewayReport, digits, gateway_reports};
use crate::{App, Channel, Fault};
use fengsui_access::Grant;
use fengsui_base::{EntryId, Refusal, Scope};
use fengsui_catalog::Permission;
use fengsui_ledger::{Entry, IndexValue, search_terms};
use fengsui_store::{Cursor, Filter, Page, Query};
use serde_json::Value;

/// How far back a reply looks for the message it answers, in hours.
pub const REPLY_FOR_H: i64 = 24;
/// How many of the newest messages to a number a reply looks through.
const REPLY_LOOKS: u16 = 20;

/// Which messages of the log.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// State.
    pub state: Option<String>,
    /// Channel that took it or tried last.
    pub channel: Option<EntryId>,
    /// What it is about.
    pub about: Option<EntryId>,
    /// Name, role or number of the recipient, or title.
    pub text: Option<String>,
}

/// A message of the log.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// As stored, its secret taken out.
    pub entry: Entry,
    /// What it says.
    pub message: Message,
}

impl MessageView {
    fn of(mut entry: Entry, whole_numbers: bool) -> Option<Self> {
        let mut message = Message::of(&entry)?;
        message.token = None;
        entry.fields.clear();
        if !whole_numbers {
            message.phone = message.phone.as_deref().map(masked);
            message.email = message.email.as_deref().map(|_| "***".to_owned());
            message.handle = None;
        }
        Some(Self { entry, message })
    }
}

/// `138****0001`: what an administrator of gateways needs to know of a number.
fn masked(phone: &str) -> String {
    let letters: Vec<char> = phone.chars().collect();
    let hidden = |i: usize| letters.len() < 7 || (i >= 3 && i + 4 < letters.len());
    letters.iter().enumerate().map(|(i, c)| if hidden(i) { '*' } else { *c }).collect()
}

/// What became of a gateway's call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    /// Reports that belonged to a message.
    pub taken: usize,
    /// Reports that belonged to none.
    pub unknown: usize,
}

impl App {
    /// Where somebody may read the log, and whether with whole numbers.
    fn log_scope(&self, grant: &Grant) -> Result<(Scope, bool), Fault> {
        let whole = !grant.scope(Permission::AlarmHandle).is_empty();
        Ok((grant.may(Permission::MessageRead)?, whole))
    }

    /// A page of the delivery log, newest first.
    pub async fn messages(
        &self,
        grant: &Grant,
        filter: MessageFilter,
        after: Option<Cursor>,
        limit: u16,
    ) -> Result<(Vec<MessageView>, Option<Cursor>), Fault> {
        let (scope, whole) = self.log_scope(grant)?;
        let mut query = Query::newest("message", scope);
        (query.after, query.limit) = (after, limit);
        query.states = filter.state.into_iter().collect();
        query.terms = filter.text.as_deref().map(search_terms).unwrap_or_default();
        let link = |name: &str, id: EntryId| Filter::Is(name.to_owned(), IndexValue::Text(id.to_string()));
        query.filters.extend(filter.channel.map(|id| link("via", id)));
        query.filters.extend(filter.about.map(|id| link("about", id)));
        let Page { items, next } = self.store.list(&query).await?;
        Ok((items.into_iter().filter_map(|entry| MessageView::of(entry, whole)).collect(), next))
    }

    /// One message of the log.
    pub async fn message(&self, grant: &Grant, id: EntryId) -> Result<MessageView, Fault> {
        let (scope, whole) = self.log_scope(grant)?;
        let entry = self.store.entry(&scope, id).await?.and_then(|entry| MessageView::of(entry, whole));
        Ok(entry.ok_or_else(Refusal::not_found)?)
    }

    /// Takes what a gateway says by itself, when the secret in its call is the channel's.
    pub async fn hear_gateway(&self, channel: EntryId, secret: &str, body: &Value) -> Result<Heard, Fault> {
        let calling = self.calling_gateway(channel, secret).await;
        if calling.is_err() {
            self.meters.inbound.with_label_values(&["refused"]).inc();
        }
        let channel = calling?;
        let mut heard = Heard::default();
        for report in gateway_reports(&channel, body) {
            let known = self.take_report(&channel, report).await?;
            if known {
                heard.taken += 1
            } else {
                heard.unknown += 1
            }
            self.meters.inbound.with_label_values(&[if known { "taken" } else { "unknown" }]).inc();
        }
        Ok(heard)
    }

    async fn take_report(&self, channel: &Channel, report: GatewayReport) -> Result<bool, Fault> {
        match report {
            GatewayReport::Receipt { gateway_id, delivered, state } => {
                self.note_receipt(channel, &gateway_id, delivered, &state).await
            }
            GatewayReport::Reply { phone, text } => {
                let Some(answer) = Answer::of_reply(&text) else { return Ok(false) };
                let Some(entry) = self.last_asked(&phone).await? else { return Ok(false) };
                let given = Given::plain(answer, &format!("{}回复", channel.by.label()));
                self.answer_message(entry.id, given).await?;
                Ok(true)
            }
        }
    }

    /// The newest message to a number that asked for an answer and has left.
    async fn last_asked(&self, phone: &str) -> Result<Option<Entry>, Fault> {
        let mut query = Query::newest("message", Scope::everything());
        query.states = ["sent", "delivered", "answered"].map(str::to_owned).to_vec();
        query.filters.push(crate::entries::text_is("phone", digits(phone)));
        let since = self.now() - jiff::SignedDuration::from_hours(REPLY_FOR_H);
        query.opened = Some(since..self.now() + jiff::SignedDuration::from_secs(1));
        query.limit = REPLY_LOOKS;
        let found = self.store.list(&query).await?.items;
        Ok(found.into_iter().find(|entry| Message::of(entry).is_some_and(|m| m.answerable)))
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn of_a_number_its_ends_are_shown() {
        assert_eq!(masked("13800000001"), "138****0001");
        assert_eq!(masked("0571123"), "057".to_owned() + "1123");
        assert_eq!(masked("12345"), "*****");
    }
}
