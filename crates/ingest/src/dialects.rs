//! The dialects (规约) that a terminal may be registered with, by name.
//!
//! A registered terminal is read by its own dialect, everybody else by the listener's. What can be told apart
//! without knowing the maker is read by every dialect but the strict one.

use gb26875::profile::{Profile, shipped};

/// The dialect that reads everything which can be told apart.
pub const DEFAULT_DIALECT: &str = "gb26875";

/// Dialects by name.
#[derive(Clone, Debug)]
pub struct Dialects {
    all: Vec<(&'static str, Profile)>,
    listener: usize,
}

impl Dialects {
    /// The shipped dialects, and which of them the listener speaks; `None` when no dialect has that name.
    pub fn new(listener: &str) -> Option<Self> {
        let all = shipped();
        let listener = all.iter().position(|(name, _)| *name == listener)?;
        Some(Self { all, listener })
    }

    /// The names, the default first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.iter().map(|(name, _)| *name)
    }

    /// The listener's dialect with its name.
    pub fn listener(&self) -> (&'static str, &Profile) {
        let (name, profile) = &self.all[self.listener];
        (name, profile)
    }

    /// The dialect of a terminal; the listener's when nobody knows the name.
    pub fn of(&self, name: &str) -> &Profile {
        self.all.iter().find(|(known, _)| *known == name).map_or(self.listener().1, |(_, profile)| profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gb26875::Clock;

    #[test]
    fn a_name_nobody_knows_is_read_as_the_listener_reads() {
        let dialects = Dialects::new("gb26875-bcd").unwrap();
        assert_eq!(dialects.of("gb26875-bcd").object_clock, Clock::Bcd);
        assert_eq!(dialects.of("自定义").object_clock, Clock::Bcd);
        assert_eq!(dialects.of(DEFAULT_DIALECT).object_clock, Clock::Binary);
        assert!(Dialects::new("自定义").is_none());
    }

    #[test]
    fn names_are_distinct() {
        let dialects = Dialects::new(DEFAULT_DIALECT).unwrap();
        let names: std::collections::BTreeSet<_> = dialects.names().collect();
        assert_eq!(names.len(), dialects.names().count());
    }
}
