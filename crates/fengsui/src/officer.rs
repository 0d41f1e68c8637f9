//! The second seat of the demonstration: an invented officer who does what nobody else did.
//!
//! A county whose alarms nobody takes is not believable for long. After a while, so that a visitor always goes
//! first, 陈立 takes what still rings, finds out, and closes it: through the application like any officer, with
//! the same refusals. Alarms of terminals that nobody registered are left to the visitor who sent them.

use fengsui_alarm::{Alarm, Cause, Class, Finding, Life, Timing};
use fengsui_app::{App, Command, Fault, SignedIn, SoundTest};
use fengsui_base::{AccountId, Refusal, RefusalKind, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

/// How often the officer looks at the queue; one act each time.
const BEAT: Duration = Duration::from_secs(6);
/// How long the officer stays away when the seat is taken.
const AWAY: Duration = Duration::from_secs(60);
/// Seat of the officer.
const SEAT: u16 = 2;
/// How long a fire rings before the officer takes it, in seconds; everything else half as long again.
const PATIENCE_S: i64 = 180;
/// How long a silent line is waited for, in seconds.
const LINE_PATIENCE_S: i64 = 1_800;
/// How long one alarm in four is left alone, in seconds.
const LEFT_S: i64 = 420;
/// How long it takes to find out, in seconds.
const FINDING_S: i64 = 45;
/// A fire that has not restored after this long is found real, in seconds.
const REAL_AFTER_S: i64 = 240;
/// Shortest time anything takes, in seconds.
const SHORTEST_S: i64 = 5;
/// How long after the finding an unrestored point is given up on, in seconds.
const GIVE_UP_S: i64 = 1_200;

/// How much quicker than usual the officer works, in a county whose days pass `pace` times as fast: a visitor still goes
/// first, so the officer hurries less than the days do.
#[derive(Clone, Copy)]
struct Haste(f64);

impl Haste {
    fn of(pace: f64) -> Self {
        Self((pace / 4.0).max(1.0))
    }

    /// A time as it is then, at least a few seconds.
    fn of_s(self, seconds: i64) -> i64 {
        ((seconds as f64 / self.0) as i64).max(SHORTEST_S)
    }
}

/// Works until the program ends.
pub(crate) async fn work(app: Arc<App>, login: &'static str, password: &'static str, pace: f64) {
    let haste = Haste::of(pace);
    let mut beat = interval(BEAT.div_f64(haste.0).max(Duration::from_secs(1)));
    let (mut signed_in, mut checked) = (None, None);
    loop {
        beat.tick().await;
        let at_seat = match signed_in.take() {
            Some(known) => Ok(known),
            None => arrive(&app, login, password).await,
        };
        signed_in = match at_seat {
            Ok(officer) => match act(&app, &officer, haste, &mut checked).await {
                Err(Fault::Refused(refusal)) if refusal.kind == RefusalKind::Unauthenticated => None,
                Ok(()) | Err(_) => Some(officer),
            },
            Err(fault) => {
                tracing::debug!(%fault, "the officer of the second seat waits");
                tokio::time::sleep(AWAY).await;
                None
            }
        };
    }
}

/// Logs in and signs on, unless a visitor sits there.
async fn arrive(app: &App, login: &str, password: &str) -> Result<SignedIn, Fault> {
    let officer = app.log_in(login, password.to_owned(), "本机").await?.signed_in;
    if app.board().seat_of(officer.grant.account()).is_none() {
        app.sign_on(&officer, SEAT, SoundTest::Heard).await?;
    }
    Ok(officer.at_seat(app))
}

/// One act, if there is one to do. Somebody who has lost the seat or the session begins anew.
async fn act(
    app: &App,
    officer: &SignedIn,
    haste: Haste,
    checked: &mut Option<Timestamp>,
) -> Result<(), Fault> {
    if app.now() >= officer.expires_at || app.board().seat_of(officer.grant.account()).is_none() {
        let refusal = Refusal::new(RefusalKind::Unauthenticated, "session.none", "登录已过期，请重新登录。");
        return Err(refusal.into());
    }
    let officer = officer.clone().at_seat(app);
    let now = app.now();
    let queue = app.alarm_queue(&officer.grant)?;
    // What is worst first: hundreds of faults must not keep anybody from a fire.
    let next = queue
        .iter()
        .filter_map(|open| {
            let command = decide(&open.alarm, officer.grant.account(), now, haste)?;
            Some((open.alarm.raise.class.level(), open.alarm.id, command))
        })
        .min_by_key(|(level, id, _)| (*level, *id));
    if let Some((_, id, command)) = next {
        app.act_on_alarm(&officer.grant, id, command).await?;
    }
    crate::duty::check_one(app, &officer.grant, checked).await
}

/// What the officer does next with an alarm.
fn decide(alarm: &Alarm, me: AccountId, now: Timestamp, haste: Haste) -> Option<Command> {
    let since_s = |at: Timestamp| now.as_second() - at.as_second();
    alarm.raise.unit?;
    match &alarm.life {
        // A line that is back ends its alarm by itself, unless somebody has taken it.
        Life::Raised if alarm.raise.class == Class::Offline && alarm.restored_at.is_some() => None,
        Life::Raised => {
            (since_s(alarm.raise.raised_at) >= haste.of_s(patience_s(alarm))).then_some(Command::Take)
        }
        Life::Taken { holder } if holder.officer.id == me => find_out(alarm, since_s(holder.at), haste),
        Life::Verified { holder, verdict } if holder.officer.id == me => {
            let fire = alarm.raise.class == Class::Fire && verdict.finding == Finding::Real;
            if verdict.finding == Finding::Undetermined {
                // A visitor's doubt is the visitor's to resolve.
                None
            } else if fire {
                Some(Command::Forward { note: None })
            } else {
                close(alarm, since_s(verdict.at), haste)
            }
        }
        Life::Forwarded { holder, forwarding, .. } if holder.officer.id == me => {
            close(alarm, since_s(forwarding.at), haste)
        }
        Life::Taken { .. }
        | Life::Verified { .. }
        | Life::Forwarded { .. }
        | Life::Ended { .. }
        | Life::Closed { .. } => None,
    }
}

/// One alarm in four is left for longer, so that a visitor sees it climb to the unit and its neighbours.
fn patience_s(alarm: &Alarm) -> i64 {
    let left = alarm.id.0.as_bytes().last().is_some_and(|digit| digit % 4 == 0);
    usual_patience_s(alarm).max(if left { LEFT_S } else { 0 })
}

fn usual_patience_s(alarm: &Alarm) -> i64 {
    match alarm.raise.class {
        Class::Fire if alarm.raise.timing == Timing::OnTime => PATIENCE_S,
        // Most lines come back before anybody has telephoned.
        Class::Offline => LINE_PATIENCE_S,
        _ => PATIENCE_S * 3 / 2,
    }
}

fn find_out(alarm: &Alarm, since_s: i64, haste: Haste) -> Option<Command> {
    let restored = alarm.restored_at.is_some();
    let verify =
        |finding, cause, note: &str| Some(Command::Verify { finding, cause, note: Some(note.to_owned()) });
    match alarm.raise.class {
        Class::Fire if restored && since_s >= haste.of_s(FINDING_S) => {
            let cause = cause(alarm);
            verify(Finding::False, Some(cause), "消控室回电，现场查看无火情")
        }
        Class::Fire if since_s >= haste.of_s(REAL_AFTER_S) => {
            verify(Finding::Real, None, "消控室确认现场有烟，已组织疏散")
        }
        Class::Fire => None,
        _ if since_s < haste.of_s(FINDING_S) => None,
        Class::Offline => verify(Finding::Real, None, "电话问过单位，已请运维查线路"),
        Class::Fault | Class::Shielded | Class::Supervisory | Class::Limit => {
            verify(Finding::Real, None, "已通知维保单位")
        }
    }
}

/// The same cause for the same alarm, whoever asks.
fn cause(alarm: &Alarm) -> Cause {
    const CAUSES: [Cause; 5] = [Cause::Cooking, Cause::Dust, Cause::Steam, Cause::Works, Cause::Smoking];
    let digit = alarm.id.0.as_bytes().last().copied().unwrap_or(0);
    CAUSES[usize::from(digit) % CAUSES.len()]
}

fn close(alarm: &Alarm, since_s: i64, haste: Haste) -> Option<Command> {
    if alarm.restored_at.is_some() && since_s >= haste.of_s(FINDING_S) {
        return Some(Command::Close { note: None, unrestored_reason: None });
    }
    let reason = || Some("现场已处置，待维保到场复位".to_owned());
    (since_s >= haste.of_s(GIVE_UP_S)).then(|| Command::Close { note: None, unrestored_reason: reason() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_alarm::{Input, Raise};
    use fengsui_base::{AlarmId, EntryId, Officer, TerminalId, UnitId};

    const ME: AccountId = AccountId(EntryId::from_u128(9));

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn offline() -> Alarm {
        let raise = Raise {
            class: Class::Offline,
            title: "离线".to_owned(),
            region: "990101000000".parse().unwrap(),
            unit: Some(UnitId(EntryId::from_u128(1))),
            unit_name: None,
            terminal: TerminalId(EntryId::from_u128(2)),
            point: None,
            slot: "offline".to_owned(),
            building: None,
            floor: None,
            zone: None,
            place: "传输装置".to_owned(),
            component_type: 0,
            component_label: String::new(),
            component_address: 0,
            position: None,
            timing: Timing::OnTime,
            raised_at: at(0),
            event_at: None,
            sent_at: None,
        };
        Alarm::raise_offline(AlarmId(EntryId::from_u128(3)), raise, false).0
    }

    fn next(alarm: &Alarm, second: i64) -> Option<Command> {
        decide(alarm, ME, at(second), Haste::of(1.0))
    }

    #[test]
    fn a_line_that_is_back_is_left_to_end_by_itself_and_one_that_stays_away_is_seen_through() {
        let alarm = offline();
        assert!(next(&alarm, LINE_PATIENCE_S - 1).is_none());
        assert!(matches!(next(&alarm, LINE_PATIENCE_S), Some(Command::Take)));
        let (back, _) = alarm.clone().handle(Input::Heard, at(60)).unwrap();
        assert!(next(&back, 10 * LINE_PATIENCE_S).is_none());
        let me = Officer { id: ME, name: "陈立".into(), seat: Some(SEAT) };
        let (taken, _) = alarm.handle(Input::Take(me), at(100)).unwrap();
        assert!(next(&taken, 100 + FINDING_S - 1).is_none());
        assert!(matches!(next(&taken, 100 + FINDING_S), Some(Command::Verify { .. })));
    }
}
