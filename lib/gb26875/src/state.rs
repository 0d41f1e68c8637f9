//! State and operation bits: what a system, a component or a terminal reports of itself.
//!
//! The numbers are kept whole, reserved bits included. Bit 0 is "normal run", and the standard calls a clear
//! bit 0 "test"; but real fires arrive with bit 0 clear, so nothing here treats such a report as a test.

/// Reads bits of one state word by their names in the field.
macro_rules! bits {
    ($(#[$note:meta])* $name:ident($number:ty) { $($(#[$bit_note:meta])* $bit:ident = $place:literal,)+ }) => {
        $(#[$note])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $number);

        impl $name {
            $($(#[$bit_note])* pub fn $bit(self) -> bool { self.0 >> $place & 1 == 1 })+
        }
    };
}

bits! {
    /// State of a system of fire equipment (建筑消防设施系统状态), the bit field of type 1.
    ///
    /// Source: GB/T 26875.3 §8.2.1.1.
    SystemState(u16) {
        /// Normal run (正常运行).
        normal = 0,
        /// Fire (火警).
        fire = 1,
        /// Fault (故障).
        fault = 2,
        /// Shielded (屏蔽).
        shielded = 3,
        /// Supervisory (监管).
        supervisory = 4,
        /// Started (启动).
        started = 5,
        /// Feedback (反馈).
        feedback = 6,
        /// Delay running (延时).
        delayed = 7,
        /// Mains fault (主电故障).
        mains_fault = 8,
        /// Standby battery fault (备电故障).
        battery_fault = 9,
        /// Bus fault (总线故障).
        bus_fault = 10,
        /// Manual mode (手动); clear means automatic.
        manual = 11,
        /// Configuration changed (配置改变).
        configuration_changed = 12,
        /// Reset (复位).
        reset = 13,
    }
}

bits! {
    /// State of a component (建筑消防设施部件状态), the bit field of type 2.
    ///
    /// Source: GB/T 26875.3 §8.2.1.2.
    ComponentState(u16) {
        /// Normal run (正常运行).
        normal = 0,
        /// Fire (火警).
        fire = 1,
        /// Fault (故障).
        fault = 2,
        /// Shielded (屏蔽).
        shielded = 3,
        /// Supervisory (监管).
        supervisory = 4,
        /// Started (启动).
        started = 5,
        /// Feedback (反馈).
        feedback = 6,
        /// Delay running (延时).
        delayed = 7,
        /// Power fault (电源故障).
        power_fault = 8,
    }
}

bits! {
    /// State of the terminal itself (用户信息传输装置运行状态), the bit field of type 21.
    ///
    /// Source: GB/T 26875.3 §8.2.1.8.
    UitdState(u8) {
        /// Normal monitoring (正常监视).
        normal = 0,
        /// Fire (火警).
        fire = 1,
        /// Fault (故障).
        fault = 2,
        /// Mains fault (主电故障).
        mains_fault = 3,
        /// Standby battery fault (备电故障).
        battery_fault = 4,
        /// Channel to the centre faulty (与监控中心通信信道故障).
        channel_fault = 5,
        /// Line to the monitored equipment faulty (监测连接线路故障).
        line_fault = 6,
    }
}

bits! {
    /// Operations at the fire equipment (建筑消防设施操作信息), the flags of type 4.
    ///
    /// Source: GB/T 26875.3 §8.2.1.4.
    FacilityOperations(u8) {
        /// Reset (复位).
        reset = 0,
        /// Silence (消音).
        silence = 1,
        /// Manual alarm (手动报警).
        manual_alarm = 2,
        /// Alarm cleared (警情消除).
        alarm_cleared = 3,
        /// Self-test (自检).
        self_test = 4,
        /// Confirmed (确认).
        confirmed = 5,
        /// Test (测试).
        test = 6,
    }
}

bits! {
    /// Operations at the terminal (用户信息传输装置操作信息), the flags of type 24.
    ///
    /// Source: GB/T 26875.3 §8.2.1.9.
    UitdOperations(u8) {
        /// Reset (复位).
        reset = 0,
        /// Silence (消音).
        silence = 1,
        /// Manual alarm (手动报警).
        manual_alarm = 2,
        /// Alarm cleared (警情消除).
        alarm_cleared = 3,
        /// Self-test (自检).
        self_test = 4,
        /// Answer to a duty check (查岗应答).
        duty_answer = 5,
        /// Test (测试).
        test = 6,
    }
}

impl SystemState {
    /// Whether any of the fault bits is set.
    pub fn any_fault(self) -> bool {
        self.fault() || self.mains_fault() || self.battery_fault() || self.bus_fault()
    }
}

impl ComponentState {
    /// Whether any of the fault bits is set.
    pub fn any_fault(self) -> bool {
        self.fault() || self.power_fault()
    }
}

impl UitdState {
    /// Whether any of the fault bits is set.
    pub fn any_fault(self) -> bool {
        self.fault()
            || self.mains_fault()
            || self.battery_fault()
            || self.channel_fault()
            || self.line_fault()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fire_is_a_fire_whatever_bit_0_says() {
        assert!(ComponentState(0x0002).fire() && !ComponentState(0x0002).normal());
        assert!(ComponentState(0x0003).fire() && ComponentState(0x0003).normal());
    }

    #[test]
    fn the_high_byte_of_a_state_is_the_second_on_the_wire() {
        let state = SystemState(u16::from_le_bytes([0x01, 0x01]));
        assert!(state.normal() && state.mains_fault() && state.any_fault() && !state.fire());
    }

    #[test]
    fn mains_fault_of_a_terminal_is_8() {
        assert!(UitdState(0x08).mains_fault() && UitdState(0x08).any_fault());
        assert!(UitdOperations(0x20).duty_answer());
    }
}
