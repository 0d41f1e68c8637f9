//! What only the binary may do: ask the clock, draw random bytes, speak to the terminal.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the binary is where time, chance and the terminal enter"
)]

use anyhow::{Context, Result};
use fengsui_app::{Clock, Entropy, MachineOff, Steady};
use fengsui_base::Timestamp;
use std::sync::LazyLock;
use std::time::Duration;

/// The time of this process: it runs with the machine and does not jump with its clock.
static STEADY: LazyLock<Steady> = LazyLock::new(|| Steady::begin(Timestamp::now(), running()));

/// For how long the machine has been on, sleep included: a count that nobody can set.
fn running() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}

/// The machine's clock, kept from jumping, in whole microseconds.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = STEADY.now(Timestamp::now(), running());
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    fn machine_off(&self) -> MachineOff {
        // Somebody may have set the clock since it was last asked for.
        self.now();
        STEADY.off()
    }
}

/// The machine's randomness.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer)
            .expect("a machine without randomness cannot keep secrets, and must not go on");
    }
}

/// Runs to the end on all cores.
pub(crate) fn block_on(future: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("不能启动运行时")?
        .block_on(future)
}

/// Lets the process hold as many connections as the machine allows: a county has thousands of terminals.
pub(crate) fn raise_file_limit() {
    if let Ok((soft, hard)) = rlimit::Resource::NOFILE.get()
        && soft < hard
        && let Err(error) = rlimit::Resource::NOFILE.set(hard, hard)
    {
        tracing::warn!(%error, soft, "the limit of open files stays as it was");
    }
}

/// One line for the person who started the program.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// One line about what went wrong.
pub(crate) fn say_error(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_nothing_that_a_store_would_forget() {
        for _ in 0..100 {
            assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000, 0);
        }
    }

    #[test]
    fn the_clock_is_the_machines_and_goes_on() {
        let first = SystemClock.now();
        assert!(first.duration_since(Timestamp::now()).abs() < jiff::SignedDuration::from_secs(60));
        assert!(running() > Duration::ZERO && SystemClock.now() >= first);
        assert!(!SystemClock.machine_off().held);
    }
}
