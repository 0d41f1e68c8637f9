//! What a thing costs: by the clock, and by the processor of all threads together, which is the one that can be compared
//! on a machine that others use.

use std::time::Instant;

/// Seconds that this process has spent on processors, in steps of the kernel's hundredth.
fn cpu_s() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let line = std::fs::read_to_string("/proc/self/stat").unwrap();
    let behind_name = line.rsplit_once(')').unwrap().1;
    let ticks = behind_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<f64>().unwrap());
    ticks.sum::<f64>() / TICKS_A_SECOND
}

/// When something begun, by the clock and by the processor.
pub(crate) struct Begun(Instant, f64);

impl Begun {
    pub(crate) fn now() -> Self {
        Self(Instant::now(), cpu_s())
    }

    pub(crate) fn took_s(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), cpu_s() - self.1)
    }

    /// Prints what each of `count` took.
    pub(crate) fn tell(&self, what: &str, count: u32) {
        let ((wall, cpu), count) = (self.took_s(), f64::from(count));
        println!(
            "{what:<25} {:>10.1} µs {:>10.1} µs of the processor",
            wall * 1e6 / count,
            cpu * 1e6 / count
        );
    }
}

/// Resident memory of this process, in bytes.
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// The cost of one of `count` things done one after another.
pub(crate) async fn each<T, F: Future<Output = T>>(what: &str, count: u32, mut thing: impl FnMut(u32) -> F) {
    let begun = Begun::now();
    for n in 0..count {
        std::hint::black_box(thing(n).await);
    }
    begun.tell(what, count);
}
