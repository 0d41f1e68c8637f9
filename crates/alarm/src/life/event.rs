//! What can happen to an alarm, and what then has happened.

use super::{Alarm, Cause, Closing, Finding, Forwarding, Verdict};
use crate::{Answered, Clocks, Coincidence, Filter, LineRules, Membership, Step, Suppression, Timing, Told};
use fengsui_base::Officer;

/// What can happen to an alarm.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// The point reports it again, as timely as this.
    Repeat(Clocks, Timing),
    /// The state of the point ended.
    Restore,
    /// The terminal fell silent again before its line was steady.
    Silent(LineRules),
    /// The terminal was heard again.
    Heard,
    /// The terminal has been heard for so long without a gap that its line is steady.
    Steady,
    /// Something else of the same unit that belongs to the story, such as a shutter that started.
    Linked(String),
    /// Nobody acted in time: a rung of the ladder is climbed (升级), and these people were told.
    Climb(Step, Vec<Told>),
    /// Somebody who was told has answered (答复).
    Answer(Answered),
    /// Something keeps its bell off (抑制).
    Suppress(Suppression),
    /// Nothing does any more, for this reason.
    Lift(String),
    /// Another signal confirms it (双点、联动).
    Coincide(Coincidence),
    /// A filter says something that changes nothing else.
    Marked(Filter, String),
    /// It becomes one of an incident.
    Join(Membership),
    /// It leaves its incident, for this reason.
    Part(String),
    /// An officer puts it into another alarm of the same unit (合并).
    Merge {
        /// Who.
        by: Officer,
        /// Into which.
        into: Box<Alarm>,
        /// Its number.
        number: String,
    },
    /// An officer takes it out again (取消合并).
    Unmerge(Officer),
    /// A seat takes it (签收).
    Take(Officer),
    /// The holder gives it to somebody else (移交).
    HandOver {
        /// Holder.
        by: Officer,
        /// To whom.
        to: Officer,
        /// Why.
        reason: String,
    },
    /// Somebody takes it from the holder (接管).
    TakeOver {
        /// Who.
        by: Officer,
        /// Why.
        reason: String,
    },
    /// The holder records the finding (核实).
    Verify {
        /// Holder.
        by: Officer,
        /// Finding.
        finding: Finding,
        /// Cause, for a false alarm.
        cause: Option<Cause>,
        /// In the officer's words; needed for a correction.
        note: Option<String>,
    },
    /// The holder records that the fire brigade was told (转119).
    Forward {
        /// Holder.
        by: Officer,
        /// To whom.
        to: String,
        /// In the officer's words.
        note: Option<String>,
    },
    /// Anybody adds a remark (补记).
    Note {
        /// Who.
        by: Officer,
        /// The remark.
        text: String,
    },
    /// The holder closes it (销号).
    Close {
        /// Holder.
        by: Officer,
        /// In the officer's words.
        note: Option<String>,
        /// Why although the point has not restored.
        unrestored_reason: Option<String>,
    },
}

/// What happened, for the journal and the screens.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// It began.
    Raised,
    /// Reported again, for the n-th time.
    Repeated(u32),
    /// The state of the point ended.
    Restored,
    /// Silent again, for the n-th time.
    SilentAgain(u32),
    /// Silent again so often that from now on it comes and goes (时断时续).
    Flapping(u32),
    /// Heard again.
    HeardAgain {
        /// Seconds of this silence.
        after_s: i64,
    },
    /// The line is steady again.
    Steadied {
        /// Seconds without a gap.
        after_s: i64,
    },
    /// Something of the same unit.
    Linked(String),
    /// A rung of the ladder was climbed.
    Climbed(Step, Vec<Told>),
    /// Somebody who was told has answered.
    Answered(Answered),
    /// Its bell went off.
    Suppressed(String),
    /// Its bell is its own again.
    Lifted(String),
    /// Another signal confirmed it.
    Coincided(String),
    /// It became one of an incident.
    Joined(String),
    /// It left its incident.
    Parted(String),
    /// Taken.
    Taken {
        /// Seconds since it was raised.
        after_s: i64,
    },
    /// Given to somebody else.
    HandedOver {
        /// To whom.
        to: Officer,
        /// Why.
        reason: String,
    },
    /// Taken from the holder.
    TakenOver {
        /// From whom.
        from: Officer,
        /// Why.
        reason: String,
    },
    /// Found.
    Verified {
        /// The verdict.
        verdict: Verdict,
        /// The finding it corrects.
        corrects: Option<Finding>,
    },
    /// Handed to the fire brigade.
    Forwarded(Forwarding),
    /// A remark.
    Noted(String),
    /// The end.
    Closed(Closing),
}
