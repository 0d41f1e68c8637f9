//! What a person who was told sees behind the link (答复页): place and time, what is asked, what was answered; no
//! telephone number, no name of anybody else. And the limits of what may be done with the link.

use crate::entries::{field, read};
use crate::messages::{Answer, Given, Message};
use crate::{App, Fault};
use fengsui_base::{Refusal, RefusalKind, Scope, Timestamp};
use fengsui_ledger::Entry;
use jiff::SignedDuration;

/// For how long a link can be used, in hours.
const LINK_HOURS: i64 = 72;
/// Most answers through one link.
pub const LINK_ANSWERS_MAX: usize = 10;
/// Longest note with an answer, in characters.
pub const ANSWER_NOTE_CHARS_MAX: usize = 100;

/// Behind the link.
#[derive(Clone, PartialEq, Debug)]
pub struct AnswerPage {
    /// What it is about, such as 火警 云溪小区 3 幢 2 层.
    pub title: String,
    /// What was asked.
    pub text: String,
    /// Where, when known.
    pub address: Option<String>,
    /// When the message was written.
    pub told_at: Timestamp,
    /// What has been answered through this link, oldest first.
    pub answers: Vec<(Answer, Timestamp)>,
    /// Why nothing can be answered any more.
    pub over: Option<Refusal>,
}

impl App {
    /// What stands behind a link. Whoever tries links from one address is stopped after a number of wrong ones.
    pub async fn answer_page(&self, token: &str, address: &str) -> Result<AnswerPage, Fault> {
        let entry = self.linked(token, address).await?;
        self.page_of(&entry).await
    }

    /// Answers through a link.
    pub async fn answer_link(&self, token: &str, given: Given, address: &str) -> Result<AnswerPage, Fault> {
        let entry = self.linked(token, address).await?;
        let page = self.page_of(&entry).await?;
        if let Some(over) = page.over {
            return Err(over.into());
        }
        let long = given.note.as_ref().map_or(0, |n| n.chars().count());
        if long > ANSWER_NOTE_CHARS_MAX {
            let detail = format!("写了 {long} 个字，最多 {ANSWER_NOTE_CHARS_MAX} 个，请缩短");
            return Err(
                Refusal::invalid(vec![fengsui_base::Place::new("/note", "text.too_long", detail)]).into()
            );
        }
        let entry = self.answer_by_token(token, given).await?;
        self.page_of(&entry).await
    }

    async fn linked(&self, token: &str, address: &str) -> Result<Entry, Fault> {
        if let Err(minutes) = self.throttle.attempt_link(address, self.now()) {
            let sentence = format!("试的次数太多，请 {minutes} 分钟后再试，或直接打值班电话。");
            return Err(Refusal::new(RefusalKind::Limited, "answer.throttled", sentence).into());
        }
        let entry = self.message_by_token(token).await?.ok_or_else(crate::messages::unanswerable)?;
        self.throttle.succeeded_link(address);
        Ok(entry)
    }

    async fn page_of(&self, entry: &Entry) -> Result<AnswerPage, Fault> {
        let message = Message::of(entry).ok_or_else(crate::messages::unanswerable)?;
        let about = self.store.entry(&Scope::everything(), message.about).await?;
        let alarm = about.as_ref().and_then(read);
        let unit = match alarm.as_ref().and_then(|a| a.raise.unit) {
            Some(unit) => self.store.entry(&Scope::everything(), unit.into()).await?,
            None => None,
        };
        let ladder = alarm.as_ref().and_then(|a| a.ladder.as_ref());
        let own = ladder.map(|l| l.answers.iter().filter(|a| a.message == entry.id));
        let answers: Vec<_> = own.into_iter().flatten().map(|a| (a.answer, a.at)).collect();
        let closed = alarm.as_ref().is_some_and(|a| a.is_closed());
        Ok(AnswerPage {
            title: entry.title.clone(),
            text: message.text.clone(),
            address: unit.and_then(|u| field(&u, "address")),
            told_at: entry.opened_at,
            over: over(closed, answers.len(), entry.opened_at, self.now()),
            answers,
        })
    }
}

fn over(closed: bool, answers: usize, told_at: Timestamp, now: Timestamp) -> Option<Refusal> {
    let no = |kind, code, sentence: &str| Some(Refusal::new(kind, code, sentence));
    if closed {
        return no(RefusalKind::Conflict, "answer.closed", "这条告警已经处置完毕，不需要再答复，谢谢。");
    }
    if now > told_at + SignedDuration::from_hours(LINK_HOURS) {
        return no(RefusalKind::Conflict, "answer.expired", "这个链接已过期；如有情况，请直接打值班电话。");
    }
    if answers >= LINK_ANSWERS_MAX {
        return no(
            RefusalKind::Limited,
            "answer.often",
            "这个链接答复次数已满；如有情况，请直接打值班电话。",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(closed: bool, answers: usize, hours: i64, seconds: i64) -> Option<String> {
        let told_at: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        let now = told_at + SignedDuration::from_secs(hours * 3_600 + seconds);
        over(closed, answers, told_at, now).map(|r| r.code.into_owned())
    }

    #[test]
    fn a_link_ends_with_its_alarm_its_hours_and_its_answers() {
        assert_eq!(code(false, LINK_ANSWERS_MAX - 1, LINK_HOURS, 0), None);
        assert_eq!(code(false, 0, LINK_HOURS, 1).as_deref(), Some("answer.expired"));
        assert_eq!(code(false, LINK_ANSWERS_MAX, 0, 0).as_deref(), Some("answer.often"));
        assert_eq!(code(true, 0, 0, 0).as_deref(), Some("answer.closed"));
    }
}
