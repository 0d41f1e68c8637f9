//! The clock of an alarm: which way of the ladder its state calls for.
//!
//! The way follows from the state alone, so that whatever changed the state, the ladder is brought in step by one
//! function, [`Alarm::pace`], and bringing it in step twice changes nothing.

use super::{Alarm, Event, Finding, Life};
use crate::{Answered, Class, Ladder, Line, Plan, Step, Told, Waits};
use fengsui_base::Refusal;
use jiff::Timestamp;

/// What a ladder is built on besides the alarm itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The office's waits.
    pub waits: Waits,
    /// Whether nobody sits at a panel there.
    pub small_place: bool,
    /// Whether anybody has signed on to a seat.
    pub manned: bool,
}

impl Alarm {
    /// Brings the ladder in step with the state: begins it, turns it to another way, ends it.
    pub fn pace(&mut self, ground: Ground, now: Timestamp) {
        let plan = self.plan(ground.small_place);
        match (&mut self.ladder, plan) {
            (None, Some(plan)) => self.ladder = Some(Ladder::begin(plan, ground.waits, ground.manned, now)),
            (Some(ladder), Some(plan)) if ladder.plan != plan => ladder.turn(plan, now),
            (Some(ladder), None) => ladder.end(),
            (Some(_), Some(_)) | (None, None) => {}
        }
        if let (Some(ladder), Some(_)) = (&mut self.ladder, &self.coincidence) {
            ladder.hurry(now);
        }
    }

    fn plan(&self, small_place: bool) -> Option<Plan> {
        let fire = self.raise.class == Class::Fire;
        let found = self.verdict().map(|v| v.finding);
        Some(match (&self.life, found) {
            (Life::Ended { .. } | Life::Closed { .. }, _) => return None,
            (Life::Raised, _) if self.is_silenced() => Plan::Quiet,
            // What a second signal confirms waits for nobody, wherever it is.
            (Life::Raised, _) => {
                let small_place = small_place && self.coincidence.is_none();
                Plan::of(self.raise.class, self.raise.timing, small_place)
            }
            (Life::Taken { .. }, _) if fire => Plan::Verify,
            (Life::Verified { .. }, Some(Finding::Undetermined)) if fire => Plan::Leader,
            (Life::Verified { .. }, Some(Finding::Real)) if fire => Plan::Forward,
            (Life::Taken { .. } | Life::Verified { .. } | Life::Forwarded { .. }, _) => Plan::Hold,
        })
    }

    pub(super) fn climb(
        mut self,
        step: Step,
        told: Vec<Told>,
        now: Timestamp,
    ) -> Result<(Self, Event), Refusal> {
        self.still_open()?;
        if let Some(ladder) = &mut self.ladder {
            ladder.climb(step.rung, told.clone(), now);
        }
        Ok((self, Event::Climbed(step, told)))
    }

    /// An answer closes nothing: the finding is an officer's.
    pub(super) fn answer(mut self, answered: Answered, now: Timestamp) -> Result<(Self, Event), Refusal> {
        self.still_open()?;
        if let Some(ladder) = &mut self.ladder {
            ladder.answer(answered.clone(), now);
        }
        Ok((self, Event::Answered(answered)))
    }

    /// When the ladder goes on; none when nothing more is to come.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.ladder.as_ref().and_then(|l| l.next_at)
    }

    /// Whether the desk has been asked: in homes and small places the people there are asked first.
    pub(super) fn is_with_desk(&self) -> bool {
        self.ladder.as_ref().is_none_or(|l| l.with_desk)
    }

    /// Whether the line comes and goes so often that it is not spoken of.
    pub(super) fn line_is_quiet(&self) -> bool {
        self.line.as_ref().is_some_and(Line::is_quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::tests::{after, at, fire, of_class, verify, zhou};
    use crate::{Cause, Input, Rung, Scene, Timing};

    fn ground(small_place: bool) -> Ground {
        Ground { waits: Waits::default(), small_place, manned: true }
    }

    fn paced(mut alarm: Alarm, now: Timestamp) -> Alarm {
        alarm.pace(ground(false), now);
        alarm
    }

    fn plan(alarm: &Alarm) -> Plan {
        alarm.ladder.as_ref().unwrap().plan
    }

    #[test]
    fn the_way_follows_the_state_and_being_brought_in_step_twice_changes_nothing() {
        let ringing = paced(fire(), at(0));
        assert_eq!((plan(&ringing), ringing.due_at()), (Plan::Desk, Some(at(30))));
        assert_eq!(paced(ringing.clone(), at(20)), ringing);
        let taken = paced(after(ringing, vec![Input::Take(zhou())]), at(10));
        assert_eq!((plan(&taken), taken.due_at()), (Plan::Verify, Some(at(310))));
        let unsure = paced(after(taken.clone(), vec![verify(zhou(), Finding::Undetermined, None)]), at(50));
        assert_eq!((plan(&unsure), unsure.due_at()), (Plan::Leader, Some(at(50))));
        let real = paced(after(taken.clone(), vec![verify(zhou(), Finding::Real, None)]), at(50));
        assert_eq!((plan(&real), real.due_at()), (Plan::Forward, Some(at(110))));
        let found = paced(after(taken, vec![verify(zhou(), Finding::False, Some(Cause::Dust))]), at(50));
        assert_eq!(plan(&found), Plan::Hold);
        let close = Input::Close { by: zhou(), note: None, unrestored_reason: Some("待维修".to_owned()) };
        assert_eq!(paced(after(found, vec![close]), at(60)).due_at(), None);
    }

    #[test]
    fn an_alarm_in_a_home_is_silent_at_the_desk_until_it_is_handed_to_it() {
        let mut home = fire();
        home.pace(ground(true), at(0));
        assert!(!home.rings());
        let scene = Scene { manned: true, company: false };
        for second in [0, 90] {
            let step = home.ladder.as_ref().unwrap().due(scene, at(second)).unwrap();
            home = home.handle(Input::Climb(step, Vec::new()), at(second)).unwrap().0;
            assert_eq!(home.rings(), second == 90);
        }
    }

    #[test]
    fn a_late_fire_that_is_reported_live_begins_to_climb() {
        let mut late = fire();
        late.raise.timing = Timing::Late;
        let late = paced(late, at(0));
        assert_eq!(plan(&late), Plan::Quiet);
        let clocks = crate::Clocks { event_at: None, sent_at: None, received_at: at(100) };
        let live = paced(after(late, vec![Input::Repeat(clocks, Timing::OnTime)]), at(100));
        assert_eq!((plan(&live), live.due_at()), (Plan::Desk, Some(at(130))));
        assert_eq!(live.ladder.unwrap().rung, Rung::Seats);
    }

    fn confirmed(alarm: Alarm, second: i64) -> Alarm {
        let kind = crate::Twofold::TwoPoints;
        let with = crate::Coincidence { kind, with: None, place: "1-2-002".into(), at: at(second) };
        alarm.handle(Input::Coincide(with), at(second)).unwrap().0
    }

    fn next(alarm: &Alarm) -> (Option<Rung>, Option<Timestamp>) {
        let ladder = alarm.ladder.as_ref().unwrap();
        (ladder.next, ladder.next_at)
    }

    #[test]
    fn a_second_signal_ends_the_waiting_for_the_seats_once() {
        let ringing = paced(fire(), at(0));
        let hurried = paced(confirmed(ringing, 5), at(5));
        assert_eq!(next(&hurried), (Some(Rung::Deputy), Some(at(5))));
        assert_eq!(paced(hurried.clone(), at(6)), hurried, "being brought in step twice changes nothing");
        let scene = Scene { manned: true, company: false };
        let step = hurried.ladder.as_ref().unwrap().due(scene, at(6)).unwrap();
        let called = paced(hurried.handle(Input::Climb(step, vec![]), at(6)).unwrap().0, at(6));
        assert_eq!(next(&called), (Some(Rung::DutyLeader), Some(at(66))), "the deputy is given her time");
        let born = paced(confirmed(fire(), 0), at(0));
        assert_eq!(next(&born), (Some(Rung::Deputy), Some(at(0))), "also when both come in one frame");
    }

    #[test]
    fn a_second_signal_hurries_nobody_who_has_the_alarm_and_nothing_that_is_silent() {
        let taken = paced(after(paced(fire(), at(0)), vec![Input::Take(zhou())]), at(10));
        let due = taken.due_at();
        assert_eq!(paced(confirmed(taken, 20), at(20)).due_at(), due);
        let mut late = fire();
        late.raise.timing = Timing::Late;
        let late = paced(late, at(0));
        let due = late.due_at();
        assert_eq!(paced(confirmed(late, 20), at(20)).due_at(), due);
    }

    #[test]
    fn a_confirmed_fire_in_a_home_goes_to_the_desk_and_to_the_deputy_at_once() {
        let mut home = fire();
        home.pace(ground(true), at(0));
        assert!(!home.rings());
        let mut home = confirmed(home, 5);
        home.pace(ground(true), at(5));
        assert!(home.rings());
        assert_eq!((plan(&home), next(&home)), (Plan::Desk, (Some(Rung::Deputy), Some(at(5)))));
    }

    #[test]
    fn what_is_closed_climbs_no_more_and_takes_no_answer() {
        let taken = after(of_class(Class::Fault), vec![Input::Take(zhou())]);
        let close = Input::Close { by: zhou(), note: None, unrestored_reason: Some("待维修".to_owned()) };
        let closed = paced(after(taken, vec![verify(zhou(), Finding::Real, None), close]), at(9));
        assert_eq!(closed.due_at(), None);
        let step = Step { rung: Rung::AskAgain, missed: vec![], vacant: vec![] };
        assert_eq!(closed.handle(Input::Climb(step, vec![]), at(9)).unwrap_err().code, "alarm.closed");
    }
}
