//! What only the binary may do: ask the clock, draw random bytes, speak to the terminal.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the binary is where time, chance and the terminal enter"
)]

use anyhow::{Context, Result};
use fengsui_app::{Clock, Entropy};
use fengsui_base::Timestamp;

/// The machine's clock, in whole microseconds.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
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
}
