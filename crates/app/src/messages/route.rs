//! Which channel a waiting message takes next, or how long it waits, or that it is given up. Pure: the same
//! message, the same channels and the same instant give the same answer, so it may be asked again at any time.
//!
//! Urgent messages try a channel twice within seconds and then take the next one at once; they go round until
//! half an hour has passed. Others wait for their first channel with growing pauses, for a day.

use crate::{Attempt, AttemptOutcome, ChannelKind, Message};
use fengsui_base::{EntryId, Timestamp};
use jiff::SignedDuration;

/// How often an urgent message tries one channel before it takes the next.
pub(crate) const URGENT_TRIES: usize = 2;
/// Pause before the quick repeat of an urgent message, in seconds.
pub(crate) const URGENT_PAUSE_S: i64 = 5;
/// Pause before an urgent message goes round all channels again, in seconds.
pub(crate) const URGENT_ROUND_S: i64 = 30;
/// For how long an urgent message is tried, in minutes.
pub(crate) const URGENT_FOR_MIN: i64 = 30;
/// Pauses between the attempts of other messages on one channel, in seconds; after the last the next channel.
pub(crate) const PAUSES_S: [i64; 5] = [30, 120, 600, 1_800, 3_600];
/// For how long other messages are tried, in hours.
pub(crate) const ORDINARY_FOR_H: i64 = 24;
/// How long a message looks for a channel again when there is none to take it, in seconds.
pub(crate) const NO_CHANNEL_S: i64 = 60;

/// A channel as a message sees it: one of those that are on, in the order set for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Candidate {
    /// Which.
    pub id: EntryId,
    /// Which way.
    pub by: ChannelKind,
    /// Until when it takes nothing: its quota is used up, or its gateway fails and the next probe is due then.
    pub closed_until: Option<Timestamp>,
    /// When its gateway last became well again: what failed before was not the message's fault.
    pub well_since: Option<Timestamp>,
}

/// What is next for a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Send it through this channel now.
    Send(EntryId),
    /// Look again at that instant.
    Wait(Timestamp),
    /// It cannot be sent any more; why, in Chinese.
    GiveUp(&'static str),
}

/// What is next for a message that was written down at `opened_at`.
pub(crate) fn next(
    message: &Message,
    opened_at: Timestamp,
    candidates: &[Candidate],
    now: Timestamp,
) -> Next {
    if let Some(at) = message.not_before.filter(|at| now < *at) {
        return Next::Wait(at);
    }
    let deadline = message.not_before.map_or(opened_at, |at| at.max(opened_at)) + allowed(message.urgent);
    let open = reachable(message, candidates);
    if open.is_empty() {
        return without_channel(message, candidates, deadline, now);
    }
    if now >= deadline {
        return Next::GiveUp(if message.urgent {
            "半小时内没有送出去"
        } else {
            "一天内没有送出去"
        });
    }
    if message.urgent { urgent(message, &open, now) } else { ordinary(message, &open, now) }
}

fn allowed(urgent: bool) -> SignedDuration {
    if urgent {
        SignedDuration::from_mins(URGENT_FOR_MIN)
    } else {
        SignedDuration::from_hours(ORDINARY_FOR_H)
    }
}

/// The channels that may still take it, in the order of the message's ways and then of the channels.
fn reachable(message: &Message, candidates: &[Candidate]) -> Vec<Candidate> {
    let ways = message.by.iter().filter(|by| reaches(message, **by));
    let on = ways.flat_map(|by| candidates.iter().filter(move |c| c.by == *by));
    on.filter(|c| !refused_by(message, c.id)).copied().collect()
}

/// Whether the way can reach the recipient; a number that does not exist ends texts and calls alike.
fn reaches(message: &Message, by: ChannelKind) -> bool {
    let gone = |by: ChannelKind| {
        let same = |a: &&Attempt| by == a.by || (is_phone(by) && is_phone(a.by));
        message.attempts.iter().filter(same).any(|a| a.outcome == AttemptOutcome::NoSuchNumber)
    };
    by.reaches(message.phone.as_deref(), message.email.as_deref()) && !gone(by)
}

fn is_phone(by: ChannelKind) -> bool {
    matches!(by, ChannelKind::Sms | ChannelKind::Voice)
}

fn refused_by(message: &Message, channel: EntryId) -> bool {
    let tried = message.attempts.iter().filter(|a| a.channel == Some(channel));
    tried.map(|a| a.outcome).any(|outcome| outcome == AttemptOutcome::Refused)
}

/// Nobody takes it: for good when no way is left, until somebody switches a channel on otherwise.
fn without_channel(message: &Message, candidates: &[Candidate], deadline: Timestamp, now: Timestamp) -> Next {
    if !message.by.iter().any(|by| by.reaches(message.phone.as_deref(), message.email.as_deref())) {
        return Next::GiveUp("没有可用的联系方式，请补登电话或邮箱");
    }
    if !message.by.iter().any(|by| reaches(message, *by)) {
        return Next::GiveUp("号码是空号，请核对登记的电话");
    }
    let refused = candidates.iter().any(|c| refused_by(message, c.id));
    if refused {
        return Next::GiveUp("网关拒收，请看发送经过里的原因");
    }
    if now >= deadline {
        return Next::GiveUp("没有启用的通道可用，请启用消息通道");
    }
    Next::Wait((now + SignedDuration::from_secs(NO_CHANNEL_S)).min(deadline))
}

fn tries(message: &Message, channel: &Candidate) -> usize {
    let counts =
        |a: &&Attempt| a.channel == Some(channel.id) && channel.well_since.is_none_or(|since| a.at >= since);
    message.attempts.iter().filter(counts).count()
}

/// The channel with the fewest rounds, the open ones first; at once when it is a new one.
fn urgent(message: &Message, open: &[Candidate], now: Timestamp) -> Next {
    let closed = |c: &Candidate| c.closed_until.filter(|until| *until > now);
    let rank = |c: &&Candidate| (closed(c), tries(message, c) / URGENT_TRIES);
    let Some(best) = open.iter().min_by_key(rank) else { return Next::GiveUp("没有可用的通道") };
    if let Some(until) = closed(best) {
        return Next::Wait(until);
    }
    let last = message.attempts.last();
    let pause_s = match (tries(message, best), last.is_some_and(|a| a.channel == Some(best.id))) {
        (0, _) => 0,
        (n, _) if n.is_multiple_of(URGENT_TRIES) => URGENT_ROUND_S,
        (_, true) => URGENT_PAUSE_S,
        (_, false) => 0,
    };
    after(last, pause_s, best.id, now)
}

/// The first channel that has tries left, with growing pauses; a closed one is waited for.
fn ordinary(message: &Message, open: &[Candidate], now: Timestamp) -> Next {
    let rounds = PAUSES_S.len() + 1;
    let fresh = open.iter().find(|c| tries(message, c) < rounds);
    let Some(best) = fresh.or(open.first()) else { return Next::GiveUp("没有可用的通道") };
    if let Some(until) = best.closed_until.filter(|until| *until > now) {
        return Next::Wait(until);
    }
    let done = tries(message, best);
    let pause_s = if done == 0 { 0 } else { PAUSES_S[(done - 1).min(PAUSES_S.len() - 1)] };
    after(message.attempts.last(), pause_s, best.id, now)
}

fn after(last: Option<&Attempt>, pause_s: i64, channel: EntryId, now: Timestamp) -> Next {
    let due = last.map_or(now, |a| a.at + SignedDuration::from_secs(pause_s));
    if due <= now { Next::Send(channel) } else { Next::Wait(due) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMS: EntryId = EntryId::from_u128(1);
    const VOICE: EntryId = EntryId::from_u128(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn message(urgent: bool) -> Message {
        serde_json::from_value(serde_json::json!({
            "about_kind": "alarm", "about": EntryId::from_u128(9), "rung": "deputy", "recipient_name": "甲",
            "recipient_role": "", "phone": "13800000000", "text": "", "by": ["sms", "voice"],
            "urgent": urgent, "answerable": true,
        }))
        .unwrap()
    }

    fn tried(mut message: Message, channel: EntryId, second: i64, outcome: AttemptOutcome) -> Message {
        let by = if channel == SMS { ChannelKind::Sms } else { ChannelKind::Voice };
        message.attempts.push(Attempt {
            at: at(second),
            channel: Some(channel),
            channel_name: String::new(),
            by,
            outcome,
            detail: String::new(),
            gateway_id: None,
        });
        message
    }

    fn both(sms_closed_s: Option<i64>) -> [Candidate; 2] {
        // The channels stand the other way round than the message wants them.
        [
            Candidate { id: VOICE, by: ChannelKind::Voice, closed_until: None, well_since: None },
            Candidate { id: SMS, by: ChannelKind::Sms, closed_until: sms_closed_s.map(at), well_since: None },
        ]
    }

    fn asked(message: &Message, candidates: &[Candidate], second: i64) -> Next {
        next(message, at(0), candidates, at(second))
    }

    #[test]
    fn an_urgent_message_repeats_once_and_takes_the_next_way_at_once() {
        let fails = AttemptOutcome::Failed;
        let m = message(true);
        assert_eq!(asked(&m, &both(None), 0), Next::Send(SMS));
        let m = tried(m, SMS, 1, fails);
        assert_eq!(asked(&m, &both(None), 5), Next::Wait(at(6)));
        assert_eq!(asked(&m, &both(None), 6), Next::Send(SMS));
        let m = tried(m, SMS, 6, fails);
        assert_eq!(asked(&m, &both(None), 6), Next::Send(VOICE));
        let m = tried(tried(m, VOICE, 7, fails), VOICE, 12, fails);
        assert_eq!(asked(&m, &both(None), 41), Next::Wait(at(42)));
        assert_eq!(asked(&m, &both(None), 42), Next::Send(SMS));
        assert_eq!(asked(&m, &both(None), 1_799), Next::Send(SMS));
        assert_eq!(asked(&m, &both(None), 1_800), Next::GiveUp("半小时内没有送出去"));
    }

    #[test]
    fn an_urgent_message_passes_a_closed_channel_and_another_waits_for_it() {
        assert_eq!(asked(&message(true), &both(Some(60)), 0), Next::Send(VOICE));
        assert_eq!(asked(&message(false), &both(Some(60)), 0), Next::Wait(at(60)));
        assert_eq!(asked(&message(false), &both(Some(60)), 60), Next::Send(SMS));
    }

    #[test]
    fn what_failed_before_the_gateway_was_well_again_does_not_count() {
        let m = tried(tried(message(false), SMS, 0, AttemptOutcome::Failed), SMS, 30, AttemptOutcome::Failed);
        let mut well = both(None);
        assert_eq!(asked(&m, &well, 40), Next::Wait(at(150)));
        well[1].well_since = Some(at(40));
        assert_eq!(asked(&m, &well, 40), Next::Send(SMS));
    }

    #[test]
    fn a_number_that_does_not_exist_is_not_tried_by_any_telephone() {
        let m = tried(message(true), SMS, 0, AttemptOutcome::NoSuchNumber);
        assert_eq!(asked(&m, &both(None), 0), Next::GiveUp("号码是空号，请核对登记的电话"));
        let mut by_mail = m;
        by_mail.by.push(ChannelKind::Email);
        by_mail.email = Some("a@example.org".into());
        let mail = Candidate {
            id: EntryId::from_u128(3),
            by: ChannelKind::Email,
            closed_until: None,
            well_since: None,
        };
        assert_eq!(asked(&by_mail, &[both(None)[1], mail], 0), Next::Send(mail.id));
    }

    #[test]
    fn a_gateway_that_refuses_is_not_asked_again() {
        let m = tried(message(false), SMS, 0, AttemptOutcome::Refused);
        assert_eq!(asked(&m, &both(None), 0), Next::Send(VOICE));
        let m = tried(m, VOICE, 0, AttemptOutcome::Refused);
        assert_eq!(asked(&m, &both(None), 0), Next::GiveUp("网关拒收，请看发送经过里的原因"));
    }

    #[test]
    fn without_any_channel_it_waits_for_one_and_without_an_address_it_does_not() {
        assert_eq!(asked(&message(true), &[], 0), Next::Wait(at(60)));
        assert_eq!(asked(&message(true), &[], 1_790), Next::Wait(at(1_800)));
        assert_eq!(asked(&message(true), &[], 1_800), Next::GiveUp("没有启用的通道可用，请启用消息通道"));
        let mut nowhere = message(true);
        nowhere.phone = None;
        assert_eq!(asked(&nowhere, &both(None), 0), Next::GiveUp("没有可用的联系方式，请补登电话或邮箱"));
    }

    #[test]
    fn a_message_that_is_kept_until_the_morning_has_its_whole_day_from_then() {
        let m = Message { not_before: Some(at(50_000)), ..message(false) };
        assert_eq!(asked(&m, &both(None), 49_999), Next::Wait(at(50_000)));
        assert_eq!(asked(&m, &[], 49_999), Next::Wait(at(50_000)));
        assert_eq!(asked(&m, &both(None), 50_000), Next::Send(SMS));
        assert_eq!(asked(&m, &both(None), 50_000 + 86_399), Next::Send(SMS));
        assert_eq!(asked(&m, &both(None), 50_000 + 86_400), Next::GiveUp("一天内没有送出去"));
    }

    #[test]
    fn other_messages_pause_longer_and_longer_and_end_after_a_day() {
        let mut m = message(false);
        let mut second = 0;
        for pause_s in PAUSES_S {
            m = tried(m, SMS, second, AttemptOutcome::Failed);
            assert_eq!(asked(&m, &both(None), second + pause_s - 1), Next::Wait(at(second + pause_s)));
            second += pause_s;
            assert_eq!(asked(&m, &both(None), second), Next::Send(SMS));
        }
        m = tried(m, SMS, second, AttemptOutcome::Failed);
        assert_eq!(asked(&m, &both(None), second), Next::Send(VOICE));
        assert_eq!(asked(&m, &both(None), 86_400), Next::GiveUp("一天内没有送出去"));
    }
}
