//! Accounts of false alarms (误报统计): how many, out of how many, and when a facility is so often wrong or so old that
//! somebody must be told to mend or replace it.
//!
//! Numbers without their base say nothing: a share of false alarms is always given with the fires it is a share of.
//! What must be done becomes a [`Todo`], raised once for each cause and never closed by the program itself.

mod age;
mod facility;
mod figures;
mod month;
mod todo;

pub use age::{Age, AgingPart, DUE_SOON_MONTHS, ServiceLife, due_on};
pub use facility::{FALSE_A_DAY_MAX, Facility, over_limit};
pub use figures::{Figures, Rate};
pub use month::Month;
pub use todo::{DONE_BY_CHARS_MAX, REPAIR_WITHIN_H, Task, Todo, TodoOutcome, TodoOwner, TodoState, TodoStep};
