//! Fire systems: which terminal hangs where, and the 20,000 points behind all of them.
//!
//! Smoke detectors are two thirds of everything; then come heat detectors, manual call points, hydrant
//! buttons, and the few pumps, tanks and pipes that are measured instead of merely watched.

use super::names::MAKERS;
use super::types::{Analog, Building, Category, Point, Terminal, Unit};
use super::units::is_known;
use crate::chance::Chance;

/// Detection points in the county.
pub(crate) const POINTS: usize = 20_000;
/// First source address; the code of the county makes it recognisable in a frame.
const FIRST_SOURCE: u64 = 9_901_010_000;
/// At most so many points share a zone.
const ZONE_POINTS: usize = 24;
/// More points than this and a unit has a second terminal.
const TERMINAL_POINTS: usize = 130;
/// Points of the units that everybody visits, whatever the county's total.
const KNOWN_POINTS: [(&str, usize); 9] = [
    ("云岫商业广场", 420),
    ("瑞禾电子厂", 150),
    ("惠民养老院", 96),
    ("县第二中学", 128),
    ("柳塘农贸市场", 48),
    ("县人民医院", 310),
    ("老街饭店", 8),
    ("鑫泰家居城", 180),
    ("沙洲老街沿街商户联防片区", 38),
];

/// System type, component type, its word, share in large places, share in small ones.
type Kind = (u8, u8, &'static str, f64, f64);

/// What a fire system consists of, by GB/T 26875.3 system type and component type.
const KINDS: [Kind; 19] = [
    (1, 42, "感烟探测器", 62.0, 70.0),
    (1, 31, "感温探测器", 9.0, 4.0),
    (1, 51, "烟温复合探测器", 4.0, 3.0),
    (1, 23, "手动报警按钮", 7.0, 9.0),
    (11, 24, "消火栓按钮", 6.0, 2.0),
    (1, 87, "输入输出模块", 3.0, 0.0),
    (1, 121, "声光警报器", 1.2, 2.0),
    (1, 17, "剩余电流式电气火灾探测器", 1.4, 3.0),
    (1, 18, "测温式电气火灾探测器", 1.4, 2.0),
    (1, 74, "可燃气体探测器", 0.8, 5.0),
    (12, 96, "水流指示器", 1.8, 0.0),
    (12, 97, "信号阀", 1.2, 0.0),
    (12, 98, "湿式报警阀", 0.3, 0.0),
    (12, 99, "末端试水压力", 0.5, 0.0),
    (19, 102, "防火门", 2.6, 0.0),
    (19, 117, "防火卷帘控制器", 0.9, 0.0),
    (18, 111, "排烟风机", 0.4, 0.0),
    (11, 91, "消防水泵", 0.6, 0.0),
    (11, 92, "消防水箱液位", 0.4, 0.0),
];

/// Equips the units with terminals; exactly [`POINTS`] points in all.
pub(crate) fn equip(units: &mut [Unit], seed: u64) -> Vec<Terminal> {
    let mut chance = Chance::new(seed, "systems");
    let wishes: Vec<f64> = units.iter().map(|u| wish(u, &mut chance)).collect();
    let counts = shared_out(units, &wishes);
    let mut terminals = Vec::new();
    for (unit, count) in units.iter().zip(counts).filter(|(_, count)| *count > 0) {
        let parts = count.div_ceil(TERMINAL_POINTS).min(unit.buildings.len() + 1);
        for part in 0..parts {
            let points = count * (part + 1) / parts - count * part / parts;
            let source = FIRST_SOURCE + terminals.len() as u64 + 1;
            terminals.push(terminal(unit, source, [part, parts], points, &mut chance));
        }
    }
    terminals
}

/// How many points a unit would have if there were no total; 0 for a unit without terminal.
fn wish(unit: &Unit, chance: &mut Chance) -> f64 {
    let (points, equipped) = match unit.category {
        Category::ShoppingCentre => (260.0, 1.0),
        Category::Store => (70.0, 0.9),
        Category::Hotel => (46.0, 0.92),
        Category::School => (30.0, 0.8),
        Category::Kindergarten => (10.0, 0.72),
        Category::Hospital => (80.0, 1.0),
        Category::AgedCare => (34.0, 0.97),
        Category::Factory => (26.0, 0.7),
        Category::Warehouse => (22.0, 0.75),
        Category::FillingStation => (6.0, 0.7),
        Category::Market => (14.0, 0.7),
        Category::Restaurant => (4.0, 0.6),
        Category::Entertainment => (14.0, 0.75),
        Category::Office => (22.0, 0.75),
        Category::Housing => (36.0, 0.8),
        Category::GuestHouse => (4.0, 0.55),
        Category::Heritage => (8.0, 0.65),
        Category::Chemicals => (40.0, 1.0),
        Category::Workshop => (3.0, 0.4),
    };
    let size = chance.between(0.5, 1.5);
    let has = chance.happens(equipped) || is_known(&unit.name);
    if has { points * size } else { 0.0 }
}

/// Scales the wishes so that the sum is exact; the remainder goes to the first units that have any.
fn shared_out(units: &[Unit], wishes: &[f64]) -> Vec<usize> {
    let fixed = |u: &Unit| KNOWN_POINTS.iter().find(|(name, _)| *name == u.name).map(|(_, n)| *n);
    let free: f64 = units.iter().zip(wishes).filter(|(u, _)| fixed(u).is_none()).map(|(_, w)| w).sum();
    let taken: usize = units.iter().filter_map(fixed).sum();
    let scale = (POINTS - taken) as f64 / free;
    let share = |(u, w): (&Unit, &f64)| match fixed(u) {
        Some(count) => count,
        None if *w == 0.0 => 0,
        None => ((w * scale).round() as usize).max(2),
    };
    let mut counts: Vec<usize> = units.iter().zip(wishes).map(share).collect();
    even_out(units, &mut counts, |u| fixed(u).is_none());
    counts
}

fn even_out(units: &[Unit], counts: &mut [usize], free: impl Fn(&Unit) -> bool) {
    let mut i = 0;
    let mut sum: usize = counts.iter().sum();
    while sum != POINTS {
        if counts[i] > 6 && free(&units[i]) {
            let more = sum < POINTS;
            counts[i] = if more { counts[i] + 1 } else { counts[i] - 1 };
            sum = if more { sum + 1 } else { sum - 1 };
        }
        i = (i + 1) % counts.len();
    }
}

fn terminal(
    unit: &Unit,
    source: u64,
    [part, parts]: [usize; 2],
    points: usize,
    chance: &mut Chance,
) -> Terminal {
    let points = points_of(unit, [part, parts], points, chance);
    let mut system_types: Vec<u8> = points.iter().map(|p| p.system_type).collect();
    system_types.sort_unstable();
    system_types.dedup();
    Terminal {
        source,
        name: terminal_name(unit, part, parts),
        unit: unit.code.clone(),
        maker: (*chance.pick(&MAKERS)).into(),
        profile: "gb26875".into(),
        installed_on: installed_on(chance),
        system_types,
        position: unit.buildings[part % unit.buildings.len()].position,
        points,
    }
}

fn terminal_name(unit: &Unit, part: usize, parts: usize) -> String {
    if unit.name.starts_with("沙洲老街沿街商户") {
        return "网关 GW-07".into();
    }
    if parts == 1 {
        format!("{}用户传输装置", unit.name)
    } else {
        format!("{}用户传输装置 {} 号", unit.name, part + 1)
    }
}

fn installed_on(chance: &mut Chance) -> jiff::civil::Date {
    let (year, month, day) =
        (chance.whole(2016, 2025) as i16, chance.whole(1, 12) as i8, chance.whole(1, 28) as i8);
    jiff::civil::date(year, month, day)
}

/// A floor of a building that a terminal watches.
type Floor<'a> = (&'a Building, i16);

/// The floors of this part of the unit, from the lowest up.
fn floors<'a>(unit: &'a Unit, [part, parts]: [usize; 2]) -> Vec<Floor<'a>> {
    let of = |b: &'a Building| {
        let (low, high) = (-(b.floors_below as i16), b.floors_above as i16);
        (low..=high).filter(|f| *f != 0).map(move |f| (b, f))
    };
    let all: Vec<Floor<'a>> = unit.buildings.iter().flat_map(of).collect();
    let piece = all[all.len() * part / parts..all.len() * (part + 1) / parts].to_vec();
    if piece.is_empty() { all } else { piece }
}

fn points_of(unit: &Unit, part: [usize; 2], count: usize, chance: &mut Chance) -> Vec<Point> {
    let floors = floors(unit, part);
    let small = count < 9;
    let mut points = Vec::new();
    let mut zone_number = 0;
    for (i, floor) in floors.iter().enumerate() {
        let here = count * (i + 1) / floors.len() - count * i / floors.len();
        let zones = here.div_ceil(ZONE_POINTS);
        for zone in 0..zones {
            zone_number += 1;
            let members = here * (zone + 1) / zones - here * zone / zones;
            let name = zone_name(unit, floor.1, zone, chance);
            for position in 1..=members {
                let kind = told(unit, *floor, zone, position).unwrap_or_else(|| kind(small, *floor, chance));
                points.push(point(unit, *floor, kind, [zone, zone_number, position], &name, chance));
            }
        }
    }
    points
}

/// Kinds by their weights. Pumps and tanks stand on the lowest floor of the first building only.
fn kind(small: bool, (building, floor): Floor<'_>, chance: &mut Chance) -> &'static Kind {
    let machines = building.number == 1 && (floor == -1 || building.floors_below == 0 && floor == 1);
    let weight = move |k: &Kind| match (small, k.1) {
        (true, _) => k.4,
        (false, 91 | 92 | 98) => {
            if machines {
                k.3 * 4.0
            } else {
                0.0
            }
        }
        (false, _) => k.3,
    };
    &KINDS[chance.weighted(KINDS.iter().map(weight))]
}

/// The points of which stories are told.
fn told(unit: &Unit, (building, floor): Floor<'_>, zone: usize, position: usize) -> Option<&'static Kind> {
    let component = match (unit.name.as_str(), building.number, floor, zone, position) {
        ("云岫商业广场", 1, 3, 0, 17 | 18) => 51,
        ("瑞禾电子厂", 2, 1, 0, 4) => 23,
        ("惠民养老院", 1, 2, 0, 11) | ("梅岗中心小学", 1, 1, 0, 2) | ("老街饭店", 1, 1, 0, 1) => {
            42
        }
        ("柳塘农贸市场", 1, 1, 0, 3) => 99,
        ("县第二中学" | "县人民医院", 1, 1, 0, 5) => 92,
        ("沙洲老街沿街商户联防片区", ..) => 42,
        _ => return None,
    };
    KINDS.iter().find(|k| k.1 == component)
}

fn point(
    unit: &Unit,
    (building, floor): Floor<'_>,
    kind: &Kind,
    [zone, number, position]: [usize; 3],
    name: &str,
    chance: &mut Chance,
) -> Point {
    let level = if floor < 0 { format!("地下 {} 层", -floor) } else { format!("{floor} 层") };
    let place = if unit.buildings.len() > 1 { format!("{} 号楼 {level}", building.number) } else { level };
    Point {
        system_type: kind.0,
        system_address: 1,
        component_type: kind.1,
        component_address: (position as u32) << 16 | number as u32,
        label: format!("{place} {} 区 {position:03} 号", zone + 1),
        building: building.number,
        floor,
        zone: name.into(),
        analog: analog(kind.1, chance),
    }
}

fn analog(component_type: u8, chance: &mut Chance) -> Option<Analog> {
    let (kind, usual, swing) = match component_type {
        92 => (2, chance.whole(180, 320), 12),
        99 => (5, chance.whole(3200, 4800), 160),
        18 => (3, chance.whole(180, 320), 40),
        17 => (9, chance.whole(0, 2), 1),
        _ => return None,
    };
    Some(Analog { kind, usual: usual as i16, swing })
}

fn zone_name(unit: &Unit, floor: i16, zone: usize, chance: &mut Chance) -> String {
    if let Some(name) = told_zone(unit, floor, zone) {
        return name.into();
    }
    let names: &[&str] = match unit.category {
        _ if floor < 0 => &["地下车库", "消防泵房", "配电室", "设备间"],
        Category::ShoppingCentre => &["服装区", "餐饮区", "超市区", "中庭", "影院", "儿童区", "电器区"],
        Category::Store | Category::Market => &["东厅", "西厅", "仓库", "摊位区", "通道"],
        Category::Hotel | Category::GuestHouse => &["东侧客房", "西侧客房", "大堂", "餐厅", "走廊"],
        Category::School | Category::Kindergarten => &["教室", "走廊", "办公室", "活动室", "楼梯间"],
        Category::Hospital => &["病房", "诊室", "药房", "走廊", "护士站"],
        Category::AgedCare => &["东侧房间", "西侧房间", "活动室", "厨房", "走廊"],
        Category::Factory | Category::Chemicals => &["装配区", "原料区", "成品区", "配电间", "办公区"],
        Category::Warehouse => &["东库区", "西库区", "分拣区", "装卸区"],
        Category::Restaurant => &["大厅", "厨房", "包间"],
        _ => &["东区", "西区", "南区", "北区", "走廊", "楼梯间"],
    };
    (*chance.pick(names)).into()
}

fn told_zone(unit: &Unit, floor: i16, zone: usize) -> Option<&'static str> {
    match (unit.name.as_str(), floor, zone) {
        ("云岫商业广场", 3, 0) => Some("服装区"),
        ("惠民养老院", 2, 0) => Some("2 层东"),
        ("县第二中学" | "县人民医院", 1, 0) => Some("消防泵房"),
        ("柳塘农贸市场", 1, 0) => Some("末端试水"),
        ("老街饭店", 1, 0) => Some("厨房"),
        _ => None,
    }
}
