//! Faults put in on purpose: each breaks one promise once, so that the predicate for it is seen to see it.

/// A desk that does one thing wrong, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// An alarm is raised and never stored.
    DropsAlarm,
    /// Two officers who take it at the same moment both get it.
    GivesTwice,
    /// An alarm is stored without a clock.
    ForgetsClock,
    /// A rung is climbed a second early.
    ClimbsEarly,
    /// A rung that is due is left out.
    MissesRung,
    /// A window ends and what stands in it stays silent.
    KeepsSilent,
    /// A member of an incident loses its head.
    LosesMember,
    /// A fire is closed although nobody has judged it.
    ClosesUnjudged,
    /// A fire is ended because its point restored.
    ClosesOnRestore,
    /// A frame that is sent again counts as a report.
    CountsResend,
    /// A number is left out.
    SkipsNumber,
    /// Storage misses a closure that memory has seen.
    ForgetsClosure,
}

impl Fault {
    /// Every fault with the predicate that must see it.
    pub const ALL: [(Fault, &'static str); 12] = [
        (Fault::DropsAlarm, "no_lost_alarm"),
        (Fault::GivesTwice, "one_claim"),
        (Fault::ForgetsClock, "every_open_alarm_has_owner_and_clock"),
        (Fault::ClimbsEarly, "escalation_never_early"),
        (Fault::MissesRung, "escalation_never_missed"),
        (Fault::KeepsSilent, "suppressed_never_lost"),
        (Fault::LosesMember, "storm_members_counted"),
        (Fault::ClosesUnjudged, "closed_only_after_verdict"),
        (Fault::ClosesOnRestore, "restored_state_never_closes"),
        (Fault::CountsResend, "count_equals_reports"),
        (Fault::SkipsNumber, "sequence_gapless"),
        (Fault::ForgetsClosure, "board_equals_rebuild"),
    ];
}
