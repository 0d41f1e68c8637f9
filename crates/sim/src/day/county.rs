//! The small county of one seed: units, their terminals and points, who is registered to be called, and who works at
//! the desk. Small enough for ten thousand of them, and with everything that the alarm engine tells apart.

use crate::chance::Chance;
use fengsui_alarm::{Class, Rung, Silence};
use fengsui_base::{AccountId, EntryId, Officer, TerminalId, UnitId};

/// Points of the large unit, enough for a storm.
const LARGE_POINTS: u32 = 30;
/// Where unit, terminal and officer ids begin, so that none is mistaken for another.
const UNITS: u128 = 0x1_0000;
const TERMINALS: u128 = 0x2_0000;
const OFFICERS: u128 = 0x3_0000;

/// Everything that stands before the day begins.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) units: Vec<Unit>,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) points: Vec<Point>,
    pub(crate) officers: Vec<Officer>,
    /// Rungs at which somebody is registered.
    pub(crate) registered: Vec<Rung>,
}

#[derive(Debug)]
pub(crate) struct Unit {
    /// Whether nobody sits at a panel there.
    pub(crate) small: bool,
    pub(crate) points: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Terminal {
    pub(crate) unit: usize,
    /// The gateway through which it speaks.
    pub(crate) parent: Option<usize>,
    pub(crate) silence: Silence,
    /// How far its clock is ahead of the server's, in seconds.
    pub(crate) ahead_s: i64,
}

#[derive(Debug)]
pub(crate) struct Point {
    pub(crate) terminal: usize,
    pub(crate) number: u32,
    /// As GB/T 26875.3 table 5 has it.
    pub(crate) component_type: u8,
    pub(crate) building: u32,
    pub(crate) floor: u32,
}

impl County {
    pub(crate) fn invent(seed: u64) -> Self {
        let chance = &mut Chance::new(seed, "day/county");
        let mut county = Self {
            units: Vec::new(),
            terminals: Vec::new(),
            points: Vec::new(),
            officers: (1..=3).map(officer).collect(),
            registered: registered(chance),
        };
        county.add_unit(false, LARGE_POINTS, chance);
        for _ in 0..chance.whole(3, 6) {
            let small = chance.happens(0.4);
            let points = if small { 2 } else { 4 + chance.below(5) as u32 };
            county.add_unit(small, points, chance);
        }
        county
    }

    fn add_unit(&mut self, small: bool, points: u32, chance: &mut Chance) {
        let unit = self.units.len();
        let first = self.add_terminal(unit, None, chance);
        let mut terminals = vec![first];
        if !small && chance.happens(0.5) {
            terminals.push(self.add_terminal(unit, Some(first), chance));
        }
        let own = (0..points).map(|number| self.add_point(&terminals, number, chance)).collect();
        self.units.push(Unit { small, points: own });
    }

    fn add_terminal(&mut self, unit: usize, parent: Option<usize>, chance: &mut Chance) -> usize {
        let periods = [None, None, Some(60), Some(600), Some(86_400)];
        let clocks = [0, 0, 0, 0, 7, -200_000_000, 90, -4_000];
        let silence = Silence { period_s: *chance.pick(&periods), ..Silence::default() };
        self.terminals.push(Terminal { unit, parent, silence, ahead_s: *chance.pick(&clocks) });
        self.terminals.len() - 1
    }

    fn add_point(&mut self, terminals: &[usize], number: u32, chance: &mut Chance) -> usize {
        // Mostly smoke detectors; a call point and a flow indicator here and there.
        let component_type = *chance.pick(&[40, 40, 40, 40, 40, 23, 96]);
        let (building, floor) = (number % 3 / 2, number % 4);
        let terminal = *chance.pick(terminals);
        self.points.push(Point { terminal, number, component_type, building, floor });
        self.points.len() - 1
    }

    pub(crate) fn is_small(&self, unit: Option<UnitId>) -> bool {
        unit.is_some_and(|id| self.units.iter().enumerate().any(|(n, u)| u.small && unit_id(n) == id))
    }

    /// The slot of a point's alarm, as the desk names it.
    pub(crate) fn slot(&self, class: Class, point: usize) -> String {
        let Point { terminal, number, .. } = self.points[point];
        format!("alarm/{}/{}/c1.1.{number}", class.code(), terminal_id(terminal))
    }
}

fn registered(chance: &mut Chance) -> Vec<Rung> {
    let all = [
        Rung::Residents,
        Rung::Morning,
        Rung::Deputy,
        Rung::DutyLeader,
        Rung::SafetyManager,
        Rung::Neighbours,
        Rung::AskAgain,
    ];
    all.into_iter().filter(|_| chance.happens(0.8)).collect()
}

fn officer(number: u16) -> Officer {
    let id = AccountId(EntryId::from_u128(OFFICERS + u128::from(number)));
    Officer { id, name: format!("值班员{number}"), seat: Some(number) }
}

pub(crate) fn unit_id(unit: usize) -> UnitId {
    UnitId(EntryId::from_u128(UNITS + unit as u128))
}

pub(crate) fn terminal_id(terminal: usize) -> TerminalId {
    TerminalId(EntryId::from_u128(TERMINALS + terminal as u128))
}
