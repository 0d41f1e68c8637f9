//! How long a device may serve (使用年限), and when it is due to be replaced.

use jiff::{ToSpan, civil::Date};

/// How many months before its time somebody is told.
pub const DUE_SOON_MONTHS: i32 = 6;

/// What grows old by its own rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AgingPart {
    /// 火灾探测报警产品
    AlarmDevice,
    /// 可燃气体探测器
    GasDetector,
    /// 备用电池
    StandbyBattery,
}

/// How long something may serve, and who says so. The rules themselves are data of the catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceLife {
    /// Whole years.
    pub years: u8,
    /// The standard or the maker, in Chinese, as it is cited.
    pub source: String,
}

/// How far something is in its service life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    /// There is time.
    Fine,
    /// It is due within [`DUE_SOON_MONTHS`] months (临近年限).
    DueSoon,
    /// Its time is over (超过年限).
    Over,
}

impl AgingPart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AlarmDevice, Self::GasDetector, Self::StandbyBattery];

    /// The words of the trade.
    pub fn label(self) -> &'static str {
        match self {
            AgingPart::AlarmDevice => "火灾探测报警产品",
            AgingPart::GasDetector => "可燃气体探测器",
            AgingPart::StandbyBattery => "备用电池",
        }
    }

    /// Stable name, for keys.
    pub fn code(self) -> &'static str {
        match self {
            AgingPart::AlarmDevice => "alarm_device",
            AgingPart::GasDetector => "gas_detector",
            AgingPart::StandbyBattery => "standby_battery",
        }
    }

    /// Whether a component type of the wire is a detector of combustible gas.
    ///
    /// Source: GB/T 26875.3-2011, component types 10 to 13, and 74.
    pub fn is_gas_detector(component_type: u8) -> bool {
        matches!(component_type, 10..=13 | 74)
    }

    /// What the maker says of how long it may serve, which wins over the standard; a battery has no maker's word of its
    /// own.
    pub fn makers_life(self, years: Option<u8>) -> Option<ServiceLife> {
        let years = years.filter(|years| *years > 0 && self != AgingPart::StandbyBattery)?;
        Some(ServiceLife { years, source: "厂家规定".to_owned() })
    }
}

impl Age {
    /// How far something is that is due on `due_on`: its last day is the one before.
    pub fn at(due_on: Date, today: Date) -> Self {
        let soon_on = due_on.checked_sub(DUE_SOON_MONTHS.months()).unwrap_or(due_on);
        match today {
            _ if today >= due_on => Age::Over,
            _ if today >= soon_on => Age::DueSoon,
            _ => Age::Fine,
        }
    }
}

/// The day on which something installed then has served its time; none beyond the calendar.
pub fn due_on(installed_on: Date, life: &ServiceLife) -> Option<Date> {
    installed_on.checked_add(i32::from(life.years).years()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn of(years: u8) -> ServiceLife {
        ServiceLife { years, source: "厂家规定".to_owned() }
    }

    #[test]
    fn the_maker_is_heard_for_a_device_and_not_for_its_battery() {
        assert_eq!(AgingPart::AlarmDevice.makers_life(Some(10)), Some(of(10)));
        assert_eq!(AgingPart::AlarmDevice.makers_life(Some(0)), None);
        assert_eq!(AgingPart::GasDetector.makers_life(None), None);
        assert_eq!(AgingPart::StandbyBattery.makers_life(Some(10)), None);
    }

    #[test]
    fn a_device_is_due_on_the_day_and_soon_due_six_months_before() {
        let due = due_on(date(2014, 5, 22), &of(12)).unwrap();
        assert_eq!(due, date(2026, 5, 22));
        assert_eq!(Age::at(due, date(2025, 11, 21)), Age::Fine);
        assert_eq!(Age::at(due, date(2025, 11, 22)), Age::DueSoon);
        assert_eq!(Age::at(due, date(2026, 5, 21)), Age::DueSoon);
        assert_eq!(Age::at(due, date(2026, 5, 22)), Age::Over);
    }

    #[test]
    fn a_leap_day_ends_on_the_last_of_february() {
        let life = of(3);
        assert_eq!(due_on(date(2024, 2, 29), &life), Some(date(2027, 2, 28)));
        assert_eq!(due_on(date(9998, 1, 1), &life), None);
    }

    #[test]
    fn gas_detectors_are_known_by_their_type() {
        assert!([10, 11, 12, 13, 74].into_iter().all(AgingPart::is_gas_detector));
        assert!(![9, 14, 40, 73, 75].into_iter().any(AgingPart::is_gas_detector));
    }
}
