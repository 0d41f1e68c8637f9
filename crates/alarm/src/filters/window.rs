//! A window (维护窗口): a time in which points of a unit are worked on, shielded or drilled with, or tested.
//!
//! A window always has an end, an owner who answers the telephone, and a reason. It silences bells and nothing
//! else: every alarm inside it is raised, stored and listed.

use fengsui_base::{Place, PointId, Refusal, RefusalKind, TerminalId, UnitId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest window, in days: whatever takes longer is planned again.
pub const WINDOW_DAYS_MAX: i64 = 30;
/// How far ahead a window may begin, in days.
pub const AHEAD_DAYS_MAX: i64 = 365;
/// How long a test that a panel reports (types 4 and 24) marks the fires of its system, in seconds.
pub const TEST_PERIOD_S: i64 = 600;
/// Most points that one window names.
pub const POINTS_MAX: usize = 500;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;
/// Longest name or telephone number of an owner, in characters.
const OWNER_CHARS_MAX: usize = 30;
/// Fewest digits of a telephone number.
const PHONE_DIGITS_MIN: usize = 5;

/// What a window is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Works on the facility (维护).
    Maintenance,
    /// Points taken out of service (屏蔽).
    Shielding,
    /// A drill (演练).
    Drill,
    /// A test that the panel itself reported (测试).
    Test,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Purpose; 4] = [Purpose::Maintenance, Purpose::Shielding, Purpose::Drill, Purpose::Test];

    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Maintenance => "maintenance",
            Purpose::Shielding => "shielding",
            Purpose::Drill => "drill",
            Purpose::Test => "test",
        }
    }

    /// The word on the screens.
    pub fn label(self) -> &'static str {
        match self {
            Purpose::Maintenance => "维护",
            Purpose::Shielding => "屏蔽",
            Purpose::Drill => "演练",
            Purpose::Test => "测试",
        }
    }

    /// The purpose with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }
}

/// Which parts of a unit a window covers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "cover", rename_all = "snake_case")]
pub enum Cover {
    /// The whole unit.
    Unit,
    /// One terminal.
    Terminal {
        /// Which.
        terminal: TerminalId,
    },
    /// One system of a terminal.
    System {
        /// Which terminal.
        terminal: TerminalId,
        /// Type of the system.
        system_type: u8,
        /// Address of the system.
        system_address: u8,
    },
    /// A floor of a building, or the whole building without a floor (楼栋、楼层).
    Floor {
        /// Which building.
        building: String,
        /// Which floor.
        floor: Option<String>,
    },
    /// A zone (分区).
    Zone {
        /// Which zone.
        zone: String,
        /// Of which building, where zones of several have the same name.
        building: Option<String>,
    },
    /// Single points (点位).
    Points {
        /// Which.
        points: Vec<PointId>,
    },
}

/// Where a signal comes from, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// Unit.
    pub unit: Option<UnitId>,
    /// Terminal.
    pub terminal: TerminalId,
    /// Type and address of the system; `None` for the transmission device itself.
    pub system: Option<(u8, u8)>,
    /// Registered point.
    pub point: Option<PointId>,
    /// Building.
    pub building: Option<&'a str>,
    /// Floor.
    pub floor: Option<&'a str>,
    /// Zone.
    pub zone: Option<&'a str>,
}

/// Who answers for a window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WindowOwner {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
}

/// Where a window stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowState {
    /// It will begin (已计划).
    Planned,
    /// It holds (进行中).
    Active,
    /// It is over (已结束).
    Ended,
    /// It never began (已取消).
    Cancelled,
}

impl WindowState {
    /// Stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            WindowState::Planned => "planned",
            WindowState::Active => "active",
            WindowState::Ended => "ended",
            WindowState::Cancelled => "cancelled",
        }
    }

    /// The state with this stable name.
    pub fn from_code(code: &str) -> Option<Self> {
        [WindowState::Planned, WindowState::Active, WindowState::Ended, WindowState::Cancelled]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// A window with everything the filters need to know of it; its state stands in its entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window {
    /// What for.
    pub purpose: Purpose,
    /// Which unit; `None` only for a test of a terminal that nobody has claimed.
    pub unit: Option<UnitId>,
    /// Name of the unit then.
    pub unit_name: Option<String>,
    /// Which parts.
    #[serde(flatten)]
    pub cover: Cover,
    /// The parts in words, such as 1 号楼 3 层.
    pub cover_words: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: WindowOwner,
    /// Since when it holds.
    pub from_at: Timestamp,
    /// Until when, this instant no longer.
    pub until_at: Timestamp,
    /// Why it was ended early or cancelled.
    pub end_reason: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What somebody wants a window to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WindowDraft {
    /// What for.
    pub purpose: Purpose,
    /// Which parts.
    pub cover: Cover,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: WindowOwner,
    /// Since when; at once without.
    pub from_at: Option<Timestamp>,
    /// Until when.
    pub until_at: Timestamp,
}

/// What happened to a window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WindowStep {
    /// It was planned, or begun at once.
    Made,
    /// It begins.
    Begun,
    /// Its time is over.
    Expired,
    /// It was ended before its time, with the reason.
    EndedEarly(String),
    /// It was cancelled before it began, with the reason.
    Cancelled(String),
}

impl Window {
    /// A new window with the state it begins in.
    pub fn make(
        draft: WindowDraft,
        unit: UnitId,
        unit_name: &str,
        cover_words: String,
        now: Timestamp,
    ) -> Result<(Self, WindowState), Refusal> {
        let from_at = draft.from_at.map_or(now, |from| from.max(now));
        let wrong = mistakes(&draft, from_at, now);
        if !wrong.is_empty() {
            return Err(Refusal::invalid(wrong));
        }
        let state = if from_at <= now { WindowState::Active } else { WindowState::Planned };
        let window = Self {
            purpose: draft.purpose,
            unit: Some(unit),
            unit_name: Some(unit_name.to_owned()),
            cover: draft.cover,
            cover_words,
            reason: draft.reason.trim().to_owned(),
            owner: WindowOwner {
                name: draft.owner.name.trim().to_owned(),
                phone: draft.owner.phone.trim().to_owned(),
            },
            from_at,
            until_at: draft.until_at,
            end_reason: None,
            ended_at: None,
        };
        Ok((window, state))
    }

    /// The test that a terminal reported of one of its systems, or of itself: it lasts [`TEST_PERIOD_S`].
    pub fn of_test(
        terminal: TerminalId,
        system: Option<(u8, u8)>,
        unit: Option<(UnitId, String)>,
        terminal_name: &str,
        now: Timestamp,
    ) -> Self {
        let (cover, words) = match system {
            Some((system_type, system_address)) => (
                Cover::System { terminal, system_type, system_address },
                format!("{terminal_name} 系统 {system_type}-{system_address}"),
            ),
            None => (Cover::Terminal { terminal }, terminal_name.to_owned()),
        };
        let (unit, unit_name) = unit.map_or((None, None), |(id, name)| (Some(id), Some(name)));
        Self {
            purpose: Purpose::Test,
            unit,
            unit_name,
            cover,
            cover_words: words,
            reason: "设施上报测试操作".to_owned(),
            owner: WindowOwner { name: terminal_name.to_owned(), phone: String::new() },
            from_at: now,
            until_at: now + SignedDuration::from_secs(TEST_PERIOD_S),
            end_reason: None,
            ended_at: None,
        }
    }

    /// Whether its time has come and is not over: by the clock, so that a late reconciler rings no bell and
    /// silences none.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.from_at <= now && now < self.until_at
    }

    /// Whether a signal from there lies inside it.
    pub fn covers(&self, spot: &Spot<'_>) -> bool {
        // A test is the terminal's own word about itself and needs no unit.
        let same_unit = self.unit.is_some() && self.unit == spot.unit;
        if !same_unit && self.purpose != Purpose::Test {
            return false;
        }
        match &self.cover {
            Cover::Unit => same_unit,
            Cover::Terminal { terminal } => spot.terminal == *terminal,
            Cover::System { terminal, system_type, system_address } => {
                spot.terminal == *terminal && spot.system == Some((*system_type, *system_address))
            }
            Cover::Floor { building, floor } => {
                spot.building == Some(building)
                    && floor.as_deref().is_none_or(|floor| spot.floor == Some(floor))
            }
            Cover::Zone { zone, building } => {
                spot.zone == Some(zone)
                    && building.as_deref().is_none_or(|building| spot.building == Some(building))
            }
            Cover::Points { points } => spot.point.is_some_and(|p| points.contains(&p)),
        }
    }

    /// What the clock does to it, if anything: a window whose whole time passed while nobody looked is over.
    pub fn pass(&self, state: WindowState, now: Timestamp) -> Option<(Self, WindowState, WindowStep)> {
        let over = now >= self.until_at;
        match state {
            WindowState::Planned | WindowState::Active if over => {
                let ended = Self { ended_at: Some(self.until_at), ..self.clone() };
                Some((ended, WindowState::Ended, WindowStep::Expired))
            }
            WindowState::Planned if now >= self.from_at => {
                Some((self.clone(), WindowState::Active, WindowStep::Begun))
            }
            WindowState::Planned | WindowState::Active | WindowState::Ended | WindowState::Cancelled => None,
        }
    }

    /// Ends it before its time, or cancels it before it began.
    pub fn end(
        &self,
        state: WindowState,
        reason: &str,
        now: Timestamp,
    ) -> Result<(Self, WindowState, WindowStep), Refusal> {
        self.may_end(state)?;
        let reason = reason.trim().to_owned();
        let chars = reason.chars().count();
        if chars == 0 || chars > REASON_CHARS_MAX {
            let sentence = format!("请写明原因，最多 {REASON_CHARS_MAX} 个字，现有 {chars} 个。");
            return Err(Refusal::invalid(vec![Place::new("/reason", "text.length", sentence)]));
        }
        let ended = Self { end_reason: Some(reason.clone()), ended_at: Some(now), ..self.clone() };
        Ok(match state {
            WindowState::Planned => (ended, WindowState::Cancelled, WindowStep::Cancelled(reason)),
            _ => (ended, WindowState::Ended, WindowStep::EndedEarly(reason)),
        })
    }

    /// Whether it can be ended or cancelled.
    pub fn may_end(&self, state: WindowState) -> Result<(), Refusal> {
        match state {
            WindowState::Planned | WindowState::Active => Ok(()),
            WindowState::Ended | WindowState::Cancelled => Err(Refusal::new(
                RefusalKind::Conflict,
                "window.over",
                "这个窗口已经结束，需要时请另建一个。",
            )),
        }
    }

    /// When something is next due with it.
    pub fn due_at(&self, state: WindowState) -> Option<Timestamp> {
        match state {
            WindowState::Planned => Some(self.from_at),
            WindowState::Active => Some(self.until_at),
            WindowState::Ended | WindowState::Cancelled => None,
        }
    }

    /// The window as a trace names it: 维护窗口（1 号楼 3 层，负责人 王强）.
    pub fn words(&self) -> String {
        match self.purpose {
            Purpose::Test => format!("{}测试期", self.cover_words),
            purpose => format!("{}窗口（{}，负责人 {}）", purpose.label(), self.cover_words, self.owner.name),
        }
    }
}

fn mistakes(draft: &WindowDraft, from_at: Timestamp, now: Timestamp) -> Vec<Place> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, pointer: &str, code: &'static str, sentence: String| {
        if !holds {
            wrong.push(Place::new(pointer, code, sentence));
        }
    };
    let length = |text: &str| text.trim().chars().count();
    let days = |n: i64| SignedDuration::from_hours(24 * n);
    let reason = length(&draft.reason);
    check(
        (1..=REASON_CHARS_MAX).contains(&reason),
        "/reason",
        "text.length",
        format!("请写明事由，最多 {REASON_CHARS_MAX} 个字，现有 {reason} 个。"),
    );
    check(
        (1..=OWNER_CHARS_MAX).contains(&length(&draft.owner.name)),
        "/owner_name",
        "text.length",
        format!("请填负责人姓名，最多 {OWNER_CHARS_MAX} 个字。"),
    );
    check(
        is_phone(&draft.owner.phone),
        "/owner_phone",
        "phone.wrong",
        "请填能打通的电话，如 13900001234 或 0571-88001234。".to_owned(),
    );
    check(
        draft.until_at > from_at,
        "/until_at",
        "window.backwards",
        "结束要晚于开始，也要晚于现在。".to_owned(),
    );
    check(
        draft.until_at <= from_at + days(WINDOW_DAYS_MAX),
        "/until_at",
        "window.too_long",
        format!("最长 {WINDOW_DAYS_MAX} 天，到期可另建。"),
    );
    check(
        from_at <= now + days(AHEAD_DAYS_MAX),
        "/from_at",
        "window.too_far",
        format!("最早提前 {AHEAD_DAYS_MAX} 天计划。"),
    );
    if let Cover::Points { points } = &draft.cover {
        check(
            (1..=POINTS_MAX).contains(&points.len()),
            "/points",
            "points.count",
            format!("请选 1 到 {POINTS_MAX} 个点位，再多请按楼层或系统选。"),
        );
    }
    check(
        draft.purpose != Purpose::Test,
        "/purpose",
        "choice.unknown",
        "测试期由设施上报，不能手工建立。".to_owned(),
    );
    wrong
}

/// Digits with the signs that people write between them.
fn is_phone(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let others = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '(' | ')'));
    digits >= PHONE_DIGITS_MIN && others && text.chars().count() <= OWNER_CHARS_MAX
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
