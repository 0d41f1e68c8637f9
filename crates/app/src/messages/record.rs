//! What a message (消息) to one person is: what it is about, who gets it, which ways it may take, and what
//! became of it so far. It is stored as an entry of kind `message`; an attempt is never rewritten.

use super::gather::Reminded;
use fengsui_alarm::Answer;
use fengsui_base::{AccountId, EntryId, Fields, RegionCode, Timestamp};
use fengsui_ledger::{Entry, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A way by which a message reaches a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// 短信
    Sms,
    /// 语音电话
    Voice,
    /// 群机器人
    Robot,
    /// 邮件
    Email,
    /// 接口推送
    Webhook,
}

impl ChannelKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sms, Self::Voice, Self::Robot, Self::Email, Self::Webhook];

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Robot => "robot",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Sms => "短信",
            Self::Voice => "语音电话",
            Self::Robot => "群机器人",
            Self::Email => "邮件",
            Self::Webhook => "接口推送",
        }
    }

    /// The way with this name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it can reach somebody with these addresses; a robot and a webhook speak to their own group.
    pub fn reaches(self, phone: Option<&str>, email: Option<&str>) -> bool {
        match self {
            Self::Sms | Self::Voice => phone.is_some(),
            Self::Email => email.is_some(),
            Self::Robot | Self::Webhook => true,
        }
    }
}

/// Who gets a message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recipient {
    /// Name of the person, as it will stand in the record.
    pub name: String,
    /// In which role, such as 带班领导 or 微型消防站.
    pub role: String,
    /// Telephone number, for text messages and calls.
    pub phone: Option<String>,
    /// Address for e-mail.
    pub email: Option<String>,
    /// By what a robot of a group names the person (群成员账号).
    pub handle: Option<String>,
    /// The account, when the person has one.
    pub account: Option<AccountId>,
    /// The entry the person stands in, such as a responder (联络人).
    pub entry: Option<EntryId>,
}

/// A message that shall be sent.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// What it is about, such as an alarm.
    pub about: Subject,
    /// Region that decides who may see the message.
    pub region: RegionCode,
    /// Stable name of why it is sent, such as the rung of a ladder; lists filter by it.
    pub rung: String,
    /// Who gets it.
    pub recipient: Recipient,
    /// What a list and the subject line of a mail call it.
    pub title: String,
    /// What it says, in one sentence; the ways to answer are added when it is sent.
    pub text: String,
    /// The ways it may take, the preferred one first; none is a message that cannot be sent.
    pub by: Vec<ChannelKind>,
    /// Whether a life may depend on it: quick repeats, then the next way at once.
    pub urgent: bool,
    /// Whether the recipient is asked for an answer.
    pub answerable: bool,
}

/// What one attempt came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The gateway has taken it.
    Accepted,
    /// The gateway says that the person has got it.
    Delivered,
    /// It may go through later: no connection, no answer, an error of the gateway.
    Failed,
    /// The gateway will never take it: wrong settings, forbidden content.
    Refused,
    /// There is no such number or address.
    NoSuchNumber,
}

impl AttemptOutcome {
    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::NoSuchNumber => "no_such_number",
        }
    }
}

/// One attempt to send a message, or what the gateway said of it afterwards.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Which channel (消息通道); absent when there was none to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<EntryId>,
    /// Its name then.
    pub channel_name: String,
    /// Which way.
    pub by: ChannelKind,
    /// What it came to.
    pub outcome: AttemptOutcome,
    /// What the gateway said, as one sentence without secrets.
    pub detail: String,
    /// Number the gateway gave it, by which its receipts name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
}

/// The secret in the link of a message: 128 random bits, in hexadecimal. It never reaches a log, a list or the
/// journal, and leaves the record once the message has gone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub(crate) String);

impl Token {
    /// The secret itself, for the link.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A message as it is stored in the fields of its entry.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Kind of what it is about.
    pub about_kind: String,
    /// What it is about.
    pub about: EntryId,
    /// Why it is sent.
    pub rung: String,
    /// Name of the recipient.
    pub recipient_name: String,
    /// Role of the recipient.
    pub recipient_role: String,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// By what a robot names the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Account of the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Entry of the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<EntryId>,
    /// What it says.
    pub text: String,
    /// The ways it may take.
    pub by: Vec<ChannelKind>,
    /// Whether a life may depend on it.
    pub urgent: bool,
    /// Whether an answer is asked for.
    pub answerable: bool,
    /// The only channel it may take: a test of that channel, tried once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<EntryId>,
    /// Channel that took it, or tried last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<EntryId>,
    /// What was tried, oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// The recipient's answer, the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// When it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When it may leave at the earliest; absent for one that leaves at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The deadlines it tells of, when it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deadlines: Vec<Reminded>,
    /// Secret of the link, as long as the message may still have to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
}

impl Message {
    /// The message in an entry, when it is one.
    pub fn of(entry: &Entry) -> Option<Self> {
        if entry.kind != "message" {
            return None;
        }
        serde_json::from_value(Value::Object(entry.fields.clone())).ok()
    }

    /// The fields of its entry.
    pub(crate) fn fields(&self) -> Fields {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Fields::new() };
        fields
    }

    /// How a sentence names the recipient: 周敏（带班领导）.
    pub fn to(&self) -> String {
        if self.recipient_role.is_empty() {
            self.recipient_name.clone()
        } else {
            format!("{}（{}）", self.recipient_name, self.recipient_role)
        }
    }
}

impl From<Notice> for Message {
    fn from(notice: Notice) -> Self {
        let Notice { about, rung, recipient, text, by, urgent, answerable, .. } = notice;
        Self {
            about_kind: about.kind,
            about: about.id,
            rung,
            recipient_name: recipient.name,
            recipient_role: recipient.role,
            phone: recipient.phone.as_deref().map(crate::channels::digits).filter(|p| !p.is_empty()),
            email: recipient.email,
            handle: recipient.handle,
            account: recipient.account,
            recipient: recipient.entry,
            text,
            by,
            urgent,
            answerable,
            only: None,
            via: None,
            attempts: Vec::new(),
            answer: None,
            answered_at: None,
            not_before: None,
            deadlines: Vec::new(),
            token: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_a_key_or_the_word() {
        assert_eq!(Answer::of_reply(" 1\n"), Some(Answer::Received));
        assert_eq!(Answer::of_reply("２"), Some(Answer::OnScene));
        assert_eq!(Answer::of_reply("误报"), Some(Answer::FalseAlarm));
        assert_eq!(Answer::of_reply("12"), None);
        assert_eq!(Answer::of_reply(""), None);
    }

    #[test]
    fn names_read_back_and_the_secret_is_never_printed() {
        assert!(ChannelKind::ALL.into_iter().all(|kind| ChannelKind::of(kind.code()) == Some(kind)));
        assert!(Answer::ALL.into_iter().all(|answer| Answer::of(answer.code()) == Some(answer)));
        assert_eq!(format!("{:?}", Token("abc".to_owned())), "Token(…)");
    }

    #[test]
    fn a_way_needs_its_address() {
        assert!(ChannelKind::Sms.reaches(Some("13800000000"), None));
        assert!(!ChannelKind::Voice.reaches(None, Some("a@example.org")));
        assert!(ChannelKind::Email.reaches(None, Some("a@example.org")));
        assert!(ChannelKind::Robot.reaches(None, None));
    }
}
