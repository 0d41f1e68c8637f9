//! A steady clock (稳定时钟): what happens when the clock of the machine itself jumps.
//!
//! Everything that waits for somebody waits by the clock: rungs of the ladder, silence, windows, deadlines. A machine
//! whose clock jumps by ten years would call the duty leader for every open alarm at once, and one that jumps back
//! would call nobody for ten years. So the program's time runs by what the machine counts since it was switched on,
//! which never jumps, and is led back to the machine's clock slowly: nothing comes more than a tenth early or late.
//! A difference that no correction explains is not followed at all; 运行状态 says so, and a person decides.

use fengsui_base::Timestamp;
use parking_lot::Mutex;
use std::time::Duration;

/// Up to this difference the machine's clock is followed: more than network time or a paused machine leaves behind, in
/// seconds.
pub const FOLLOWED_MAX_S: i64 = 3_600;
/// From this difference on it is told while it is followed, in seconds.
const TOLD_MIN_S: i64 = 5;
/// One second of difference is made up for within so many.
const PACE: i128 = 10;
const SECOND_NS: i128 = 1_000_000_000;

/// How far the machine's clock is from the program's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MachineOff {
    /// By how many seconds it is ahead; negative when it is behind.
    pub ahead_s: i64,
    /// Whether it is too far off to be followed.
    pub held: bool,
}

impl MachineOff {
    /// Whether it is worth a word.
    pub(crate) fn told(self) -> bool {
        self.held || self.ahead_s.abs() >= TOLD_MIN_S
    }
}

/// Time that does not jump.
#[derive(Debug)]
pub struct Steady(Mutex<State>);

#[derive(Debug)]
struct State {
    own_ns: i128,
    running_ns: i128,
    off: MachineOff,
}

impl Steady {
    /// Begins at what the machine's clock says; `running` is what it has counted since it was switched on.
    pub fn begin(machine: Timestamp, running: Duration) -> Self {
        let state =
            State { own_ns: machine.as_nanosecond(), running_ns: nanos(running), off: MachineOff::default() };
        Self(Mutex::new(state))
    }

    /// Now; never earlier than what it answered before.
    pub fn now(&self, machine: Timestamp, running: Duration) -> Timestamp {
        let mut state = self.0.lock();
        state.pass(machine.as_nanosecond(), nanos(running));
        Timestamp::from_nanosecond(state.own_ns).unwrap_or(machine)
    }

    /// How far the machine's clock was off when it was last looked at.
    pub fn off(&self) -> MachineOff {
        self.0.lock().off
    }
}

impl State {
    fn pass(&mut self, machine_ns: i128, running_ns: i128) {
        let passed = (running_ns - self.running_ns).max(0);
        self.running_ns = self.running_ns.max(running_ns);
        self.own_ns += passed;
        let off = machine_ns - self.own_ns;
        let held = off.abs() > i128::from(FOLLOWED_MAX_S) * SECOND_NS;
        let step = if held { 0 } else { off.clamp(-(passed / PACE), passed / PACE) };
        self.own_ns += step;
        let ahead_s = i64::try_from((off - step) / SECOND_NS).unwrap_or(i64::MAX);
        self.off = MachineOff { ahead_s, held };
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    const TEN_YEARS_S: i64 = 10 * 365 * 86_400;
    const NOON_S: i64 = 1_795_240_800;

    fn second(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    /// A machine with a clock that may be set.
    struct Machine {
        steady: Steady,
        running_s: i64,
        jumped_s: i64,
    }

    impl Machine {
        fn on() -> Self {
            Self { steady: Steady::begin(second(NOON_S), Duration::ZERO), running_s: 0, jumped_s: 0 }
        }

        fn pass(&mut self, seconds: i64) -> i64 {
            for _ in 0..seconds {
                self.running_s += 1;
                self.look();
            }
            self.look()
        }

        /// Seconds since the start, by the steady clock.
        fn look(&self) -> i64 {
            let machine = second(NOON_S + self.running_s + self.jumped_s);
            let running = Duration::from_secs(self.running_s.unsigned_abs());
            self.steady.now(machine, running).duration_since(second(NOON_S)).as_secs()
        }
    }

    #[test]
    fn a_jump_of_ten_years_is_not_followed_and_forgotten_when_it_is_undone() {
        for jump in [TEN_YEARS_S, -TEN_YEARS_S] {
            let mut machine = Machine::on();
            assert_eq!(machine.pass(30), 30);
            machine.jumped_s = jump;
            assert_eq!(machine.pass(600), 630);
            assert_eq!(machine.steady.off(), MachineOff { ahead_s: jump, held: true });
            machine.jumped_s = 0;
            assert_eq!(machine.pass(1), 631);
            assert_eq!(machine.steady.off(), MachineOff::default());
        }
    }

    #[test]
    fn the_limit_is_followed_and_one_second_more_is_not() {
        let mut machine = Machine::on();
        machine.jumped_s = FOLLOWED_MAX_S + 1;
        machine.look();
        assert!(machine.steady.off().held);
        machine.jumped_s = FOLLOWED_MAX_S;
        machine.look();
        assert!(!machine.steady.off().held && machine.steady.off().told());
    }

    #[test]
    fn a_small_difference_is_made_up_for_by_a_tenth() {
        for (jump, after) in [(60, 110), (-60, 90)] {
            let mut machine = Machine::on();
            machine.jumped_s = jump;
            assert_eq!(machine.pass(100), after);
            machine.pass(600);
            assert_eq!(machine.steady.off(), MachineOff::default());
            assert_eq!(machine.look(), 700 + jump);
        }
    }

    proptest! {
        #[test]
        fn it_never_goes_back_and_never_more_than_a_tenth_wrong(
            steps in prop::collection::vec((0_u64..100_000, -400_000_000_i64..400_000_000), 1..60),
        ) {
            let steady = Steady::begin(second(NOON_S), Duration::ZERO);
            let (mut running, mut before) = (Duration::ZERO, second(NOON_S));
            for (passed_ms, jumped_s) in steps {
                let passed = Duration::from_millis(passed_ms);
                running += passed;
                let machine = second(NOON_S) + SignedDuration::try_from(running).unwrap()
                    + SignedDuration::from_secs(jumped_s);
                let now = steady.now(machine, running);
                let told = now.duration_since(before).unsigned_abs();
                prop_assert!(now >= before);
                prop_assert!(told <= passed + passed / 10 && told + Duration::from_micros(1) >= passed - passed / 10);
                before = now;
            }
        }
    }
}
