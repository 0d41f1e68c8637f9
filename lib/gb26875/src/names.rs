//! The words of the standard, Chinese and English, for its numbers and bits.
//!
//! A number that the standard reserves, or leaves to users, has no name here: show the number.

use crate::frame::Command;
use crate::state::{ComponentState, FacilityOperations, SystemState, UitdOperations, UitdState};

/// A term in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The term of the standard.
    pub zh: &'static str,
    /// The English term.
    pub en: &'static str,
}

/// What a measured value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analog {
    /// The type byte (模拟量类型).
    pub kind: u8,
    /// What is measured.
    pub name: Name,
    /// Its unit.
    pub unit: &'static str,
    /// Steps in one unit: 10 means that a value of 253 is 25.3 units.
    pub per_unit: u8,
}

impl Analog {
    /// A raw value in units.
    pub fn quantity(&self, value: i16) -> f64 {
        f64::from(value) / f64::from(self.per_unit)
    }
}

/// Name of a system type (系统类型). Source: GB/T 26875.3 §8.2.1.1, table of system types.
pub fn system_type(value: u8) -> Option<Name> {
    find(&SYSTEM_TYPES, value)
}

/// Name of a component type (部件类型). Source: GB/T 26875.3 §8.2.1.2, table of component types.
pub fn component_type(value: u8) -> Option<Name> {
    find(&COMPONENT_TYPES, value)
}

/// Meaning, unit and step of an analog type (模拟量类型). Source: GB/T 26875.3 §8.2.1.3.
pub fn analog_type(value: u8) -> Option<&'static Analog> {
    ANALOG_TYPES.iter().find(|analog| analog.kind == value)
}

/// Name of a data unit type (类型标志). Source: GB/T 26875.3 table of types.
pub fn unit_kind(value: u8) -> Option<Name> {
    find(&UNIT_KINDS, value)
}

/// Name of a command (命令字节). Source: GB/T 26875.3 table 3.
pub fn command(command: Command) -> Option<Name> {
    usize::from(command.0).checked_sub(1).and_then(|index| COMMANDS.get(index)).copied()
}

/// Names of the bits that are set. A clear bit 0 has no name: it need not mean a test.
pub fn system_state(state: SystemState) -> Vec<Name> {
    set_bits(&SYSTEM_BITS, state.0)
}

/// Names of the bits that are set. A clear bit 0 has no name: it need not mean a test.
pub fn component_state(state: ComponentState) -> Vec<Name> {
    set_bits(&COMPONENT_BITS, state.0)
}

/// Names of the bits that are set. A clear bit 0 has no name: it need not mean a test.
pub fn uitd_state(state: UitdState) -> Vec<Name> {
    set_bits(&UITD_BITS, u16::from(state.0))
}

/// Names of the operations that are flagged.
pub fn facility_operations(operations: FacilityOperations) -> Vec<Name> {
    set_bits(&FACILITY_OPERATION_BITS, u16::from(operations.0))
}

/// Names of the operations that are flagged.
pub fn uitd_operations(operations: UitdOperations) -> Vec<Name> {
    set_bits(&UITD_OPERATION_BITS, u16::from(operations.0))
}

fn find(table: &[(u8, Name)], value: u8) -> Option<Name> {
    table.binary_search_by_key(&value, |(key, _)| *key).ok().map(|index| table[index].1)
}

fn set_bits(names: &[Name], bits: u16) -> Vec<Name> {
    names.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).map(|(_, name)| *name).collect()
}

const COMMANDS: [Name; 6] = [
    Name { zh: "控制", en: "control" },
    Name { zh: "发送数据", en: "send data" },
    Name { zh: "确认", en: "acknowledge" },
    Name { zh: "请求", en: "request" },
    Name { zh: "应答", en: "reply" },
    Name { zh: "否认", en: "deny" },
];

const SYSTEM_BITS: [Name; 14] = [
    Name { zh: "正常运行", en: "normal run" },
    Name { zh: "火警", en: "fire" },
    Name { zh: "故障", en: "fault" },
    Name { zh: "屏蔽", en: "shielded" },
    Name { zh: "监管", en: "supervisory" },
    Name { zh: "启动", en: "started" },
    Name { zh: "反馈", en: "feedback" },
    Name { zh: "延时", en: "delay" },
    Name { zh: "主电故障", en: "mains fault" },
    Name { zh: "备电故障", en: "standby battery fault" },
    Name { zh: "总线故障", en: "bus fault" },
    Name { zh: "手动状态", en: "manual mode" },
    Name { zh: "配置改变", en: "configuration changed" },
    Name { zh: "复位", en: "reset" },
];

const COMPONENT_BITS: [Name; 9] = [
    Name { zh: "正常运行", en: "normal run" },
    Name { zh: "火警", en: "fire" },
    Name { zh: "故障", en: "fault" },
    Name { zh: "屏蔽", en: "shielded" },
    Name { zh: "监管", en: "supervisory" },
    Name { zh: "启动", en: "started" },
    Name { zh: "反馈", en: "feedback" },
    Name { zh: "延时", en: "delay" },
    Name { zh: "电源故障", en: "power fault" },
];

const UITD_BITS: [Name; 7] = [
    Name { zh: "正常监视", en: "normal monitoring" },
    Name { zh: "火警", en: "fire" },
    Name { zh: "故障", en: "fault" },
    Name { zh: "主电故障", en: "mains fault" },
    Name { zh: "备电故障", en: "standby battery fault" },
    Name { zh: "与监控中心通信信道故障", en: "channel to the centre faulty" },
    Name { zh: "监测连接线路故障", en: "line to the equipment faulty" },
];

const FACILITY_OPERATION_BITS: [Name; 7] = [
    Name { zh: "复位", en: "reset" },
    Name { zh: "消音", en: "silence" },
    Name { zh: "手动报警", en: "manual alarm" },
    Name { zh: "警情消除", en: "alarm cleared" },
    Name { zh: "自检", en: "self-test" },
    Name { zh: "确认", en: "confirm" },
    Name { zh: "测试", en: "test" },
];

const UITD_OPERATION_BITS: [Name; 7] = [
    Name { zh: "复位", en: "reset" },
    Name { zh: "消音", en: "silence" },
    Name { zh: "手动报警", en: "manual alarm" },
    Name { zh: "警情消除", en: "alarm cleared" },
    Name { zh: "自检", en: "self-test" },
    Name { zh: "查岗应答", en: "duty check answer" },
    Name { zh: "测试", en: "test" },
];

const SYSTEM_TYPES: [(u8, Name); 17] = [
    (0, Name { zh: "通用", en: "general" }),
    (1, Name { zh: "火灾报警系统", en: "fire alarm system" }),
    (10, Name { zh: "消防联动控制器", en: "linkage controller" }),
    (11, Name { zh: "消火栓系统", en: "hydrant system" }),
    (12, Name { zh: "自动喷水灭火系统", en: "sprinkler system" }),
    (13, Name { zh: "气体灭火系统", en: "gas extinguishing system" }),
    (14, Name { zh: "水喷雾灭火系统（泵启动方式）", en: "water spray system, started by pump" }),
    (
        15,
        Name {
            zh: "水喷雾灭火系统（压力容器启动方式）",
            en: "water spray system, started by pressure vessel",
        },
    ),
    (16, Name { zh: "泡沫灭火系统", en: "foam extinguishing system" }),
    (17, Name { zh: "干粉灭火系统", en: "dry powder extinguishing system" }),
    (18, Name { zh: "防烟排烟系统", en: "smoke control system" }),
    (19, Name { zh: "防火门及卷帘系统", en: "fire doors and shutters" }),
    (20, Name { zh: "消防电梯", en: "fire lift" }),
    (21, Name { zh: "消防应急广播", en: "emergency broadcast" }),
    (22, Name { zh: "消防应急照明和疏散指示系统", en: "emergency lighting and evacuation signs" }),
    (23, Name { zh: "消防电源", en: "fire power supply" }),
    (24, Name { zh: "消防电话", en: "fire telephone" }),
];

const COMPONENT_TYPES: [(u8, Name); 66] = [
    (0, Name { zh: "通用", en: "general" }),
    (1, Name { zh: "火灾报警控制器", en: "fire alarm controller" }),
    (10, Name { zh: "可燃气体探测器", en: "combustible gas detector" }),
    (11, Name { zh: "点型可燃气体探测器", en: "point combustible gas detector" }),
    (12, Name { zh: "独立式可燃气体探测器", en: "stand-alone combustible gas detector" }),
    (13, Name { zh: "线型可燃气体探测器", en: "line combustible gas detector" }),
    (16, Name { zh: "电气火灾监控报警器", en: "electrical fire monitor" }),
    (
        17,
        Name {
            zh: "剩余电流式电气火灾监控探测器", en: "residual current electrical fire detector"
        },
    ),
    (18, Name { zh: "测温式电气火灾监控探测器", en: "temperature electrical fire detector" }),
    (21, Name { zh: "探测回路", en: "detection circuit" }),
    (22, Name { zh: "火灾显示盘", en: "fire display panel" }),
    (23, Name { zh: "手动火灾报警按钮", en: "manual call point" }),
    (24, Name { zh: "消火栓按钮", en: "hydrant button" }),
    (25, Name { zh: "火灾探测器", en: "fire detector" }),
    (30, Name { zh: "感温火灾探测器", en: "heat detector" }),
    (31, Name { zh: "点型感温火灾探测器", en: "point heat detector" }),
    (32, Name { zh: "点型感温火灾探测器（S型）", en: "point heat detector, type S" }),
    (33, Name { zh: "点型感温火灾探测器（R型）", en: "point heat detector, type R" }),
    (34, Name { zh: "线型感温火灾探测器", en: "line heat detector" }),
    (35, Name { zh: "线型感温火灾探测器（S型）", en: "line heat detector, type S" }),
    (36, Name { zh: "线型感温火灾探测器（R型）", en: "line heat detector, type R" }),
    (37, Name { zh: "光纤感温火灾探测器", en: "optical fibre heat detector" }),
    (40, Name { zh: "感烟火灾探测器", en: "smoke detector" }),
    (41, Name { zh: "点型离子感烟火灾探测器", en: "point ionisation smoke detector" }),
    (42, Name { zh: "点型光电感烟火灾探测器", en: "point photoelectric smoke detector" }),
    (43, Name { zh: "线型光束感烟火灾探测器", en: "beam smoke detector" }),
    (44, Name { zh: "吸气式感烟火灾探测器", en: "aspirating smoke detector" }),
    (50, Name { zh: "复合式火灾探测器", en: "combined fire detector" }),
    (51, Name { zh: "复合式感烟感温火灾探测器", en: "combined smoke and heat detector" }),
    (52, Name { zh: "复合式感光感温火灾探测器", en: "combined flame and heat detector" }),
    (53, Name { zh: "复合式感光感烟火灾探测器", en: "combined flame and smoke detector" }),
    (61, Name { zh: "紫外火焰探测器", en: "ultraviolet flame detector" }),
    (62, Name { zh: "红外火焰探测器", en: "infrared flame detector" }),
    (69, Name { zh: "感光火灾探测器", en: "flame detector" }),
    (74, Name { zh: "气体探测器", en: "gas detector" }),
    (78, Name { zh: "图像摄像方式火灾探测器", en: "video image fire detector" }),
    (79, Name { zh: "感声火灾探测器", en: "acoustic fire detector" }),
    (81, Name { zh: "气体灭火控制器", en: "gas extinguishing controller" }),
    (82, Name { zh: "消防电气控制装置", en: "electrical control device" }),
    (83, Name { zh: "消防控制室图形显示装置", en: "control room graphic display" }),
    (84, Name { zh: "模块", en: "module" }),
    (85, Name { zh: "输入模块", en: "input module" }),
    (86, Name { zh: "输出模块", en: "output module" }),
    (87, Name { zh: "输入/输出模块", en: "input/output module" }),
    (88, Name { zh: "中继模块", en: "relay module" }),
    (91, Name { zh: "消防水泵", en: "fire pump" }),
    (92, Name { zh: "消防水箱", en: "fire water tank" }),
    (95, Name { zh: "喷淋泵", en: "sprinkler pump" }),
    (96, Name { zh: "水流指示器", en: "water flow indicator" }),
    (97, Name { zh: "信号阀", en: "signal valve" }),
    (98, Name { zh: "报警阀", en: "alarm valve" }),
    (99, Name { zh: "压力开关", en: "pressure switch" }),
    (101, Name { zh: "阀驱动装置", en: "valve actuator" }),
    (102, Name { zh: "防火门", en: "fire door" }),
    (103, Name { zh: "防火阀", en: "fire damper" }),
    (104, Name { zh: "通风空调", en: "ventilation and air conditioning" }),
    (105, Name { zh: "泡沫液泵", en: "foam pump" }),
    (106, Name { zh: "管网电磁阀", en: "pipe solenoid valve" }),
    (111, Name { zh: "防烟排烟风机", en: "smoke control fan" }),
    (113, Name { zh: "排烟防火阀", en: "smoke exhaust damper" }),
    (114, Name { zh: "常闭送风口", en: "normally closed air inlet" }),
    (115, Name { zh: "排烟口", en: "smoke outlet" }),
    (116, Name { zh: "电控挡烟垂壁", en: "electric smoke curtain" }),
    (117, Name { zh: "防火卷帘控制器", en: "fire shutter controller" }),
    (118, Name { zh: "防火门监控器", en: "fire door monitor" }),
    (121, Name { zh: "警报装置", en: "alarm sounder" }),
];

const UNIT_KINDS: [(u8, Name); 29] = [
    (1, Name { zh: "建筑消防设施系统状态", en: "system status" }),
    (2, Name { zh: "建筑消防设施部件运行状态", en: "component status" }),
    (3, Name { zh: "建筑消防设施部件模拟量值", en: "component analog value" }),
    (4, Name { zh: "建筑消防设施操作信息", en: "facility operation record" }),
    (5, Name { zh: "建筑消防设施软件版本", en: "facility software version" }),
    (6, Name { zh: "建筑消防设施系统配置情况", en: "system configuration" }),
    (7, Name { zh: "建筑消防设施部件配置情况", en: "component configuration" }),
    (8, Name { zh: "建筑消防设施系统时间", en: "facility clock" }),
    (21, Name { zh: "用户信息传输装置运行状态", en: "terminal status" }),
    (24, Name { zh: "用户信息传输装置操作信息", en: "terminal operation record" }),
    (25, Name { zh: "用户信息传输装置软件版本", en: "terminal software version" }),
    (26, Name { zh: "用户信息传输装置配置情况", en: "terminal configuration" }),
    (28, Name { zh: "用户信息传输装置系统时间", en: "terminal clock" }),
    (61, Name { zh: "读建筑消防设施系统状态", en: "read system status" }),
    (62, Name { zh: "读建筑消防设施部件运行状态", en: "read component status" }),
    (63, Name { zh: "读建筑消防设施部件模拟量值", en: "read component analog values" }),
    (64, Name { zh: "读建筑消防设施操作信息", en: "read facility operation records" }),
    (65, Name { zh: "读建筑消防设施软件版本", en: "read facility software version" }),
    (66, Name { zh: "读建筑消防设施系统配置情况", en: "read system configuration" }),
    (67, Name { zh: "读建筑消防设施部件配置情况", en: "read component configuration" }),
    (68, Name { zh: "读建筑消防设施系统时间", en: "read facility clock" }),
    (81, Name { zh: "读用户信息传输装置运行状态", en: "read terminal status" }),
    (84, Name { zh: "读用户信息传输装置操作信息", en: "read terminal operation records" }),
    (85, Name { zh: "读用户信息传输装置软件版本", en: "read terminal software version" }),
    (86, Name { zh: "读用户信息传输装置配置情况", en: "read terminal configuration" }),
    (88, Name { zh: "读用户信息传输装置系统时间", en: "read terminal clock" }),
    (89, Name { zh: "初始化用户信息传输装置", en: "initialise terminal" }),
    (90, Name { zh: "同步用户信息传输装置时钟", en: "set terminal clock" }),
    (91, Name { zh: "查岗命令", en: "duty check" }),
];

const ANALOG_TYPES: [Analog; 12] = [
    Analog { kind: 1, name: Name { zh: "事件计数", en: "event count" }, unit: "件", per_unit: 1 },
    Analog { kind: 2, name: Name { zh: "高度", en: "height" }, unit: "m", per_unit: 100 },
    Analog { kind: 3, name: Name { zh: "温度", en: "temperature" }, unit: "°C", per_unit: 10 },
    Analog { kind: 4, name: Name { zh: "压力", en: "pressure" }, unit: "MPa", per_unit: 10 },
    Analog { kind: 5, name: Name { zh: "压力", en: "pressure" }, unit: "kPa", per_unit: 10 },
    Analog {
        kind: 6, name: Name { zh: "气体浓度", en: "gas concentration" }, unit: "%LEL", per_unit: 10
    },
    Analog { kind: 7, name: Name { zh: "时间", en: "time" }, unit: "s", per_unit: 1 },
    Analog { kind: 8, name: Name { zh: "电压", en: "voltage" }, unit: "V", per_unit: 10 },
    Analog { kind: 9, name: Name { zh: "电流", en: "current" }, unit: "A", per_unit: 10 },
    Analog { kind: 10, name: Name { zh: "流量", en: "flow" }, unit: "L/s", per_unit: 10 },
    Analog { kind: 11, name: Name { zh: "风量", en: "air volume" }, unit: "m³/min", per_unit: 10 },
    Analog { kind: 12, name: Name { zh: "风速", en: "wind speed" }, unit: "m/s", per_unit: 1 },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_every_entry_is_found() {
        for table in [&SYSTEM_TYPES[..], &COMPONENT_TYPES, &UNIT_KINDS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
            assert!(table.iter().all(|(value, name)| find(table, *value) == Some(*name)));
        }
    }

    #[test]
    fn the_words_of_the_standard_are_found_by_number() {
        assert_eq!(system_type(23).map(|name| name.zh), Some("消防电源"));
        assert_eq!(component_type(40).map(|name| name.en), Some("smoke detector"));
        assert_eq!(component_type(41 + 4), None);
        assert_eq!(unit_kind(91).map(|name| name.zh), Some("查岗命令"));
        assert_eq!(command(Command::DENY).map(|name| name.zh), Some("否认"));
        assert_eq!(command(Command(0)), None);
        assert_eq!(command(Command(7)), None);
    }

    #[test]
    fn a_temperature_counts_tenths() {
        let temperature = analog_type(3).expect("type 3 is temperature");
        assert_eq!((temperature.unit, temperature.quantity(253)), ("°C", 25.3));
        assert_eq!(analog_type(13), None);
    }

    #[test]
    fn only_set_bits_are_named() {
        let words = |names: Vec<Name>| names.iter().map(|name| name.zh).collect::<Vec<_>>();
        assert_eq!(words(component_state(ComponentState(0x0023))), ["正常运行", "火警", "启动"]);
        assert_eq!(words(system_state(SystemState(0xC000))), Vec::<&str>::new());
        assert_eq!(words(uitd_state(UitdState(0x08))), ["主电故障"]);
        assert_eq!(words(facility_operations(FacilityOperations(0x20))), ["确认"]);
        assert_eq!(words(uitd_operations(UitdOperations(0x20))), ["查岗应答"]);
    }
}
