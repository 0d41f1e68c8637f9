//! What is too much: the rate of a source, the number of its connections, the number of sources.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often the table of sources may be swept when it is full.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// A rate with a burst: each frame moves the instant at which the source would be even again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    step: Duration,
    burst: Duration,
}

impl Rate {
    /// So many frames a second for long, so many at once.
    pub(crate) fn new(frames_per_s: u32, burst: u32) -> Self {
        let step = Duration::from_secs(1) / frames_per_s.max(1);
        Self { step, burst: step * burst.max(1) }
    }
}

/// How far one source has used its rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    even_at: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { even_at: now }
    }

    /// Counts frames, whatever the rate; says how long to rest before the next.
    pub(crate) fn count(&mut self, frames: u32, rate: Rate, now: Instant) -> Duration {
        self.even_at = self.even_at.max(now) + rate.step * frames;
        (self.even_at - now).saturating_sub(rate.burst)
    }

    /// Counts one frame if the rate allows it.
    pub(crate) fn allow(&mut self, rate: Rate, now: Instant) -> bool {
        let mut after = *self;
        let allowed = after.count(1, rate, now).is_zero();
        if allowed {
            *self = after;
        }
        allowed
    }

    fn is_even(&self, now: Instant) -> bool {
        self.even_at <= now
    }
}

/// The paces of many sources, bounded: a source that is even again is as good as forgotten.
pub(crate) struct Paces {
    by_ip: HashMap<IpAddr, Pace>,
    max: usize,
    swept_at: Option<Instant>,
}

/// Why a datagram is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dropped {
    /// The source sends too fast.
    Rate,
    /// Too many sources at once.
    Sources,
}

impl Paces {
    pub(crate) fn new(max: usize) -> Self {
        Self { by_ip: HashMap::new(), max, swept_at: None }
    }

    /// Counts one datagram of a source, if it may be taken.
    pub(crate) fn allow(&mut self, ip: IpAddr, rate: Rate, now: Instant) -> Result<(), Dropped> {
        if !self.by_ip.contains_key(&ip) && !self.has_room(now) {
            return Err(Dropped::Sources);
        }
        let pace = self.by_ip.entry(ip).or_insert_with(|| Pace::new(now));
        if pace.allow(rate, now) { Ok(()) } else { Err(Dropped::Rate) }
    }

    fn has_room(&mut self, now: Instant) -> bool {
        let may_sweep = self.swept_at.is_none_or(|at| now - at >= SWEEP_EVERY);
        if self.by_ip.len() >= self.max && may_sweep {
            self.by_ip.retain(|_, pace| !pace.is_even(now));
            self.swept_at = Some(now);
        }
        self.by_ip.len() < self.max
    }
}

/// Counts open connections, in all and by IP address.
pub(crate) struct Admissions {
    open: Mutex<Open>,
    max: usize,
    per_ip_max: usize,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// Why a connection is not admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Full {
    /// Too many connections.
    All,
    /// Too many from this address.
    Ip,
}

/// The place of one open connection; given back when dropped.
pub(crate) struct Place {
    admissions: Arc<Admissions>,
    ip: IpAddr,
}

impl Admissions {
    pub(crate) fn new(max: usize, per_ip_max: usize) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), max, per_ip_max })
    }

    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Place, Full> {
        let mut open = self.open.lock();
        if open.all >= self.max {
            return Err(Full::All);
        }
        let own = open.by_ip.get(&ip).copied().unwrap_or(0);
        if own >= self.per_ip_max {
            return Err(Full::Ip);
        }
        open.by_ip.insert(ip, own + 1);
        open.all += 1;
        Ok(Place { admissions: self.clone(), ip })
    }

    pub(crate) fn open(&self) -> usize {
        self.open.lock().all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.admissions.open.lock();
        open.all -= 1;
        match open.by_ip.get_mut(&self.ip) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                open.by_ip.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_one_more_rests_for_one_step() {
        let (rate, now) = (Rate::new(200, 1_000), Instant::now());
        let mut pace = Pace::new(now);
        assert!((0..1_000).all(|_| pace.count(1, rate, now).is_zero()));
        assert_eq!(pace.count(1, rate, now), Duration::from_millis(5));
        assert!(pace.count(1, rate, now + Duration::from_millis(10)).is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_does_not_count() {
        let (rate, now) = (Rate::new(1, 2), Instant::now());
        let mut pace = Pace::new(now);
        assert_eq!([(); 4].map(|()| pace.allow(rate, now)), [true, true, false, false]);
        assert!(pace.allow(rate, now + Duration::from_secs(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_of_sources_is_full_until_somebody_is_even() {
        let (rate, now) = (Rate::new(1, 5), Instant::now());
        let mut paces = Paces::new(2);
        assert_eq!(paces.allow(ip(1), rate, now), Ok(()));
        assert_eq!(paces.allow(ip(2), rate, now), Ok(()));
        assert_eq!(paces.allow(ip(3), rate, now), Err(Dropped::Sources));
        assert_eq!(paces.allow(ip(1), rate, now), Ok(()), "known sources go on");
        // Source 2 sent one frame and is even after a second; source 1 sent two.
        assert_eq!(paces.allow(ip(3), rate, now + Duration::from_secs(1)), Ok(()));
        assert_eq!(paces.allow(ip(4), rate, now + Duration::from_secs(1)), Err(Dropped::Sources));
    }

    #[test]
    fn the_last_place_is_given_and_one_more_is_not_until_one_is_free() {
        let admissions = Admissions::new(3, 2);
        let first = admissions.admit(ip(1)).unwrap_or_else(|full| panic!("{full:?}"));
        let _second = admissions.admit(ip(1)).unwrap_or_else(|full| panic!("{full:?}"));
        assert_eq!(admissions.admit(ip(1)).err(), Some(Full::Ip));
        let _third = admissions.admit(ip(2)).unwrap_or_else(|full| panic!("{full:?}"));
        assert_eq!(admissions.admit(ip(3)).err(), Some(Full::All));
        drop(first);
        assert_eq!(admissions.open(), 2);
        assert!(admissions.admit(ip(1)).is_ok());
    }
}
