//! What the description of the HTTP side says beyond names and types: the closed sets of words, the tuples, and
//! which properties are always there.
//!
//! One convention: in an answer every property that may be null is still there and says null; only what a person
//! fills in may be left out. The browser's types are generated from this, so a page that forgets a case does not
//! compile.

use fengsui_alarm::{Cause, Class, DutyState, Filter, Purpose, Task, TodoState, Twofold, WindowState};
use fengsui_app::{DownlinkState, Order};
use std::collections::BTreeSet;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{OpenApi, PathItem, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Sets of stable names: each is a schema of its own, and no value outside it is ever sent.
macro_rules! closed_sets {
    ($($(#[$doc:meta])* $name:ident = $codes:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let set = ObjectBuilder::new().schema_type(Type::String).enum_values(Some($codes));
                RefOr::T(Schema::Object(set.build()))
            }
        }

        impl ToSchema for $name {}
    )*};
}

closed_sets! {
    /// What an alarm is about.
    AlarmClass = Class::ALL.map(Class::code);
    /// How far an alarm is handled.
    AlarmState = ALARM_STATES;
    /// Whether an alarm came in time.
    AlarmTiming = TIMINGS;
    /// What was found.
    AlarmFinding = FINDINGS;
    /// Why it was a false alarm.
    AlarmCause = Cause::choices().into_iter().map(|(code, _)| code);
    /// What may be done with an alarm.
    AlarmActionName = ALARM_ACTIONS;
    /// What happened to an alarm.
    AlarmChange = ALARM_CHANGES;
    /// How far a step of the life is.
    StepState = ["done", "present", "future"];
    /// How a field is filled in.
    FieldKind = ["text", "choice", "person"];
    /// A filter between a signal and the bell.
    FilterName = Filter::ALL.map(Filter::code);
    /// How two signals confirm each other.
    TwofoldKind = [Twofold::TwoPoints, Twofold::Linkage].map(Twofold::code);
    /// What a terminal is asked or ordered.
    DownlinkOrder = Order::ALL.map(Order::code);
    /// Where a downlink stands.
    DownlinkStateName = DownlinkState::ALL.map(DownlinkState::code);
    /// Where a duty check stands.
    DutyStateName = DutyState::ALL.map(DutyState::code);
    /// What a window is for.
    WindowPurpose = Purpose::ALL.map(Purpose::code);
    /// Where a window stands.
    WindowStateName = WINDOW_STATES.map(WindowState::code);
    /// Where a measured value stands to its limits.
    LimitStanding = ["unlimited", "within", "waiting", "beyond", "broken"];
    /// What a unit has to do.
    TodoTask = Task::ALL.map(Task::code);
    /// Where a to-do stands.
    TodoStateName = TodoState::ALL.map(TodoState::code);
    /// What a window covers.
    CoverKind = ["unit", "terminal", "system", "floor", "zone", "points"];
    /// What becomes of the members of an incident.
    MembersChoice = ["all", "head_only"];
    /// What kind of thing a line of the timeline is.
    TimelineIcon = ["device", "person", "clock", "phone", "check"];
    /// Level of administration.
    RegionLevel = REGION_LEVELS;
    /// Whether the test tone was heard.
    SoundHeard = ["heard", "not_heard", "blocked"];
    /// Why the actions of a session wait.
    SessionLock = ["left", "expired"];
    /// What becomes of alarms in hand at a shift change.
    AlarmsInHand = ["stay", "pass"];
    /// Whether an account may sign in.
    AccountState = ["active", "disabled"];
    /// What a post is held for within its region.
    PostHeldFor = ["region", "sector", "unit"];
    /// What somebody who was told answers.
    AnswerCode = fengsui_alarm::Answer::ALL.map(fengsui_alarm::Answer::code);
    /// What became of a message.
    MessageState = ["waiting", "sent", "delivered", "answered", "failed", "cancelled"];
    /// As what somebody is called.
    ResponderRole = ["deputy", "duty_leader", "safety_manager", "household", "grid_worker", "mini_station"];
    /// What may be done with a unit or an account.
    ActionName = ["edit", "disable", "enable", "reset_password", "reset_factor", "adopt", "ignore", "block", "release", "end", "cancel", "finish", "decline"];
}

const WINDOW_STATES: [WindowState; 4] =
    [WindowState::Planned, WindowState::Active, WindowState::Ended, WindowState::Cancelled];
const ALARM_STATES: [&str; 5] = ["raised", "taken", "verified", "forwarded", "closed"];
const TIMINGS: [&str; 3] = ["on_time", "late", "skewed"];
const FINDINGS: [&str; 4] = ["real", "false", "test", "undetermined"];
const ALARM_ACTIONS: [&str; 12] = [
    "take",
    "verify_real",
    "verify_false",
    "verify_test",
    "verify_undetermined",
    "forward",
    "hand_over",
    "take_over",
    "merge",
    "unmerge",
    "note",
    "close",
];
const ALARM_CHANGES: [&str; 18] = [
    "raised",
    "merged",
    "restored",
    "linked",
    "escalated",
    "answered",
    "suppressed",
    "lifted",
    "coincided",
    "joined",
    "parted",
    "taken",
    "handed_over",
    "taken_over",
    "verified",
    "forwarded",
    "noted",
    "closed",
];
const REGION_LEVELS: [&str; 5] = ["province", "city", "county", "township", "village"];

/// Level of an alarm: 1 red, 3 yellow, 4 blue.
pub(crate) enum AlarmLevel {}

impl PartialSchema for AlarmLevel {
    fn schema() -> RefOr<Schema> {
        let levels: BTreeSet<u8> = Class::ALL.into_iter().map(Class::level).collect();
        RefOr::T(Schema::Object(
            ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some(levels)).build(),
        ))
    }
}

impl ToSchema for AlarmLevel {}

/// A level in four colours (四色): 1 red, 2 orange, 3 yellow, 4 blue.
pub(crate) enum FourColours {}

impl PartialSchema for FourColours {
    fn schema() -> RefOr<Schema> {
        let levels = Some([1, 2, 3, 4]);
        RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::Integer).enum_values(levels).build()))
    }
}

impl ToSchema for FourColours {}

/// A number for every class.
pub(crate) enum ByClass {}

impl PartialSchema for ByClass {
    fn schema() -> RefOr<Schema> {
        let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let add =
            |set: ObjectBuilder, class: Class| set.property(class.code(), number()).required(class.code());
        RefOr::T(Schema::Object(
            Class::ALL.into_iter().fold(ObjectBuilder::new().schema_type(Type::Object), add).build(),
        ))
    }
}

impl ToSchema for ByClass {}

/// A position: longitude and latitude in degrees, CGCS2000.
pub(crate) enum LngLat {}

impl PartialSchema for LngLat {
    fn schema() -> RefOr<Schema> {
        numbers(2)
    }
}

impl ToSchema for LngLat {}

/// An area: west, south, east and north in degrees, CGCS2000.
pub(crate) enum Bounds {}

impl PartialSchema for Bounds {
    fn schema() -> RefOr<Schema> {
        numbers(4)
    }
}

impl ToSchema for Bounds {}

/// Exactly so many numbers.
fn numbers(count: usize) -> RefOr<Schema> {
    let number = Schema::Object(ObjectBuilder::new().schema_type(Type::Number).build());
    let tuple = ArrayBuilder::new().prefix_items(vec![number; count]).items(ArrayItems::False);
    RefOr::T(Schema::Array(tuple.build()))
}

/// Writes the convention into the document: a property of an answer that may be null is required.
pub(crate) fn settle(mut document: OpenApi) -> OpenApi {
    let forms = forms(&document);
    if let Some(components) = &mut document.components {
        let answers = components.schemas.iter_mut().filter(|(name, _)| !forms.contains(*name));
        answers.for_each(|(_, schema)| always_there(schema));
    }
    document
}

/// Names of the schemas that people or programs fill in.
fn forms(document: &OpenApi) -> BTreeSet<String> {
    let operations =
        document.paths.paths.values().flat_map(|p: &PathItem| [&p.post, &p.patch, &p.put, &p.delete]);
    let bodies = operations.flatten().filter_map(|o| o.request_body.as_ref()).filter_map(in_place);
    let schemas =
        bodies.flat_map(|b| b.content.values()).filter_map(in_place).filter_map(|c| c.schema.as_ref());
    schemas.filter_map(name_of).collect()
}

fn in_place<T>(thing: &RefOr<T>) -> Option<&T> {
    if let RefOr::T(thing) = thing { Some(thing) } else { None }
}

fn name_of<T>(thing: &RefOr<T>) -> Option<String> {
    let RefOr::Ref(reference) = thing else { return None };
    reference.ref_location.rsplit('/').next().map(str::to_owned)
}

fn always_there(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            let null = object.properties.iter().filter(|(_, s)| may_be_null(s)).map(|(name, _)| name.clone());
            let all: BTreeSet<String> = null.chain(object.required.drain(..)).collect();
            object.required = all.into_iter().collect();
        }
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(always_there),
        _ => {}
    }
}

fn may_be_null(schema: &RefOr<Schema>) -> bool {
    let null = |kind: &SchemaType| {
        matches!(kind, SchemaType::Array(all) if all.contains(&Type::Null))
            || *kind == SchemaType::Type(Type::Null)
    };
    match schema {
        RefOr::T(Schema::Object(object)) => null(&object.schema_type),
        RefOr::T(Schema::Array(array)) => null(&array.schema_type),
        RefOr::T(Schema::OneOf(one)) => one.items.iter().any(may_be_null),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fengsui_alarm::{Finding, Timing};
    use fengsui_app::{Lock, SoundTest};
    use fengsui_base::Level;
    use serde_json::{Value, json};

    fn document() -> Value {
        serde_json::to_value(crate::openapi()).unwrap()
    }

    #[test]
    fn the_closed_sets_are_those_of_the_domain() {
        assert!(FINDINGS.iter().all(|code| Finding::from_code(code).is_some_and(|f| f.code() == *code)));
        assert_eq!(TIMINGS, [Timing::OnTime, Timing::Late, Timing::Skewed].map(Timing::code));
        let levels = [Level::Province, Level::City, Level::County, Level::Township, Level::Village];
        assert_eq!(json!(REGION_LEVELS), json!(levels));
        let heard = &document()["components"]["schemas"]["SoundHeard"]["enum"];
        assert_eq!(
            *heard,
            json!([SoundTest::Heard, SoundTest::NotHeard, SoundTest::Blocked].map(SoundTest::code))
        );
        let locks = &document()["components"]["schemas"]["SessionLock"]["enum"];
        assert_eq!(*locks, json!([Lock::Left, Lock::Expired].map(Lock::code)));
    }

    #[test]
    fn an_answer_says_null_and_a_form_may_leave_out() {
        let document = document();
        let required = |name: &str| document["components"]["schemas"][name]["required"].clone();
        assert!(required("AlarmSummary").as_array().unwrap().contains(&json!("unit")));
        assert!(!required("UnitForm").as_array().unwrap().contains(&json!("position")));
    }
}
