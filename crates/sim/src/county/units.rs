//! Units (单位): who is where, what they are called, who answers for them.

use std::collections::BTreeSet;

use super::base_map::{township_code, village_code};
use super::geometry::{Xy, xy};
use super::names::{GIVEN_MIDDLES, GIVEN_TAILS, SURNAMES, TOWNSHIPS, TRADE_NAMES};
use super::partition::Partition;
use super::towns::{Settlement, Town};
use super::types::{Building, Category, Contact, Unit};
use crate::chance::Chance;

/// What is usual for a category.
struct Usual {
    category: Category,
    count: usize,
    /// Share in the county town, in the other towns, in villages.
    spread: [f64; 3],
    /// Share of key units.
    key: f64,
    /// Buildings, floors above ground, area of a building in m²: least and most.
    buildings: [usize; 2],
    floors: [usize; 2],
    area_m2: [usize; 2],
    /// What stands after the trade name or place name.
    endings: &'static [&'static str],
    used_for: &'static str,
}

use Category::*;

macro_rules! usual {
    ($($category:ident $count:literal $spread:tt $key:literal $buildings:tt $floors:tt $area:tt $used:literal $endings:tt;)*) => {
        [$(Usual { category: $category, count: $count, spread: $spread, key: $key, buildings: $buildings,
            floors: $floors, area_m2: $area, endings: &$endings, used_for: $used }),*]
    };
}

/// 1,200 units by category.
const USUAL: [Usual; 19] = usual![
    ShoppingCentre 14 [0.8, 0.2, 0.0] 1.0 [1, 2] [3, 6] [9000, 32000] "公众聚集场所" ["商业广场", "购物中心", "城市生活广场", "商贸城"];
    Store 34 [0.5, 0.45, 0.05] 0.5 [1, 3] [1, 4] [1500, 9000] "公众聚集场所" ["家居城", "建材市场", "超市", "百货商场", "电器城"];
    Hotel 62 [0.55, 0.4, 0.05] 0.4 [1, 2] [3, 12] [1200, 12000] "公众聚集场所" ["宾馆", "大酒店", "商务酒店", "快捷酒店", "度假酒店"];
    School 88 [0.25, 0.4, 0.35] 0.35 [2, 7] [2, 5] [1200, 6000] "教学建筑" ["中心小学", "中学", "小学", "实验学校"];
    Kindergarten 76 [0.35, 0.4, 0.25] 0.2 [1, 2] [1, 3] [500, 2200] "儿童活动场所" ["幼儿园", "中心幼儿园", "艺术幼儿园"];
    Hospital 26 [0.3, 0.7, 0.0] 0.7 [1, 5] [2, 10] [1500, 14000] "医疗建筑" ["卫生院", "中医院", "骨科医院", "社区卫生服务中心"];
    AgedCare 34 [0.3, 0.4, 0.3] 0.8 [1, 3] [2, 5] [800, 4500] "老年人照料设施" ["养老院", "敬老院", "护理院", "颐养中心"];
    Factory 168 [0.3, 0.45, 0.25] 0.25 [1, 6] [1, 4] [1500, 12000] "丙类厂房" ["电子厂", "服装厂", "竹木制品厂", "家具厂", "食品厂", "塑料制品厂", "机械厂", "纸箱厂", "茶叶加工厂"];
    Warehouse 48 [0.4, 0.45, 0.15] 0.25 [1, 4] [1, 2] [1500, 10000] "丙类仓库" ["物流园", "仓储中心", "冷链仓库", "粮库", "快递分拨点"];
    FillingStation 38 [0.25, 0.5, 0.25] 0.6 [1, 1] [1, 1] [200, 600] "甲类场所" ["加油站", "加油加气站"];
    Market 34 [0.3, 0.65, 0.05] 0.3 [1, 2] [1, 2] [800, 5000] "公众聚集场所" ["农贸市场", "综合市场", "集贸市场"];
    Restaurant 150 [0.5, 0.4, 0.1] 0.05 [1, 1] [1, 4] [120, 1800] "餐饮场所" ["饭店", "酒楼", "土菜馆", "火锅店", "烧烤店", "大排档", "面馆"];
    Entertainment 56 [0.65, 0.35, 0.0] 0.5 [1, 1] [1, 4] [200, 2500] "公共娱乐场所" ["网吧", "歌厅", "影院", "洗浴中心", "台球馆", "足浴店"];
    Office 66 [0.45, 0.5, 0.05] 0.4 [1, 2] [2, 11] [1200, 9000] "办公建筑" ["政务服务中心", "办公楼", "便民服务中心", "供电所", "税务所", "档案馆"];
    Housing 124 [0.68, 0.3, 0.02] 0.1 [2, 9] [5, 18] [2500, 9000] "住宅建筑" ["花园", "小区", "家园", "新村", "公寓", "名苑"];
    GuestHouse 60 [0.1, 0.25, 0.65] 0.02 [1, 3] [2, 3] [200, 700] "民宿" ["民宿", "客栈", "山居", "小院"];
    Heritage 28 [0.15, 0.25, 0.6] 0.5 [1, 4] [1, 2] [150, 1500] "文物建筑" ["寺", "宗祠", "书院", "古戏台", "道观"];
    Chemicals 12 [0.25, 0.75, 0.0] 1.0 [2, 5] [1, 2] [600, 4000] "甲类厂房" ["化工厂", "油漆厂", "气体充装站", "烟花爆竹仓库"];
    Workshop 82 [0.25, 0.4, 0.35] 0.02 [1, 1] [1, 3] [80, 600] "小型作业场所" ["家具作坊", "豆腐坊", "制衣作坊", "汽修店", "电动车行", "废品收购站", "网店仓库"];
];

/// Units of which stories are told: name, category, township, street and number, buildings.
struct Known {
    name: &'static str,
    category: Category,
    township: usize,
    address: &'static str,
    people: [(&'static str, &'static str); 2],
    /// Name, use, floors above and below ground, area.
    buildings: &'static [(&'static str, &'static str, u16, u16, u32)],
}

macro_rules! known {
    ($($name:literal $category:ident $township:literal $address:literal [$m:tt, $d:tt] [$($building:tt),*];)*) => {
        [$(Known { name: $name, category: $category, township: $township, address: $address, people: [$m, $d],
            buildings: &[$($building),*] }),*]
    };
}

/// The units of the pictures, and some names long enough to try a screen.
const KNOWN: [Known; 15] = known![
    "云岫商业广场" ShoppingCentre 0 "人民中路 88 号" [("郑文", "8021"), ("吴海", "8017")] [("主楼", "公众聚集场所", 5, 1, 18400)];
    "瑞禾电子厂" Factory 3 "工业大道 16 号" [("钱立新", "8036"), ("蒋小龙", "8034")] [("1 号厂房", "丙类厂房", 3, 0, 7200), ("2 号厂房", "丙类厂房", 2, 0, 5600), ("仓库", "丙类仓库", 1, 0, 2400), ("宿舍楼", "员工宿舍", 4, 0, 3100)];
    "惠民养老院" AgedCare 6 "兴镇路 7 号" [("林秀英", "8042"), ("何永清", "8041")] [("主楼", "老年人照料设施", 4, 0, 3600)];
    "县第二中学" School 1 "学府路 2 号" [("罗志华", "8053"), ("田春生", "8051")] [("教学楼", "教学建筑", 5, 0, 6200), ("实验楼", "教学建筑", 4, 0, 3800), ("宿舍楼", "学生宿舍", 6, 0, 5400), ("食堂", "食堂", 2, 0, 1900)];
    "柳塘农贸市场" Market 2 "老街 45 号" [("潘建国", "8062"), ("马小玲", "8061")] [("交易大厅", "公众聚集场所", 2, 0, 4200)];
    "梅岗中心小学" School 4 "兴镇路 21 号" [("宋玉琴", "8072"), ("许明", "8071")] [("教学楼", "教学建筑", 4, 0, 4300), ("综合楼", "教学建筑", 3, 0, 2100)];
    "县人民医院" Hospital 0 "文昌路 130 号" [("梁国平", "8082"), ("邓晓燕", "8081")] [("门诊楼", "医疗建筑", 5, 1, 11200), ("住院楼", "医疗建筑", 12, 1, 16800), ("综合楼", "办公建筑", 4, 0, 3600)];
    "老街饭店" Restaurant 5 "老街 12 号" [("曹德军", "8091"), ("曹春芳", "8092")] [("店面", "餐饮场所", 2, 0, 480)];
    "鑫泰家居城" Store 0 "迎宾大道 66 号" [("冯建强", "8102"), ("袁志斌", "8101")] [("展厅", "公众聚集场所", 3, 0, 9800)];
    "乐童幼儿园" Kindergarten 0 "学府路 39 号" [("唐丽华", "8112"), ("韩佳敏", "8111")] [("教学楼", "儿童活动场所", 3, 0, 2100)];
    "沙洲老街沿街商户联防片区" Workshop 5 "老街 1 号至 76 号" [("董永强", "8122"), ("余海波", "8121")] [("沿街商铺", "小型商业用房", 2, 0, 5200)];
    "云岫县城乡建设投资集团竹木新材料产业园综合服务中心（示例）" Office 0 "开发区创业路 1 号" [("于文涛", "8132"), ("彭俊", "8131")] [("服务中心", "办公建筑", 9, 1, 8600)];
    "望江镇滨江片区返乡创业孵化基地标准化厂房三期与配套员工公寓" Factory 8 "滨江路 88 号" [("萧明辉", "8142"), ("蔡小军", "8141")] [("标准厂房", "丙类厂房", 4, 0, 10800), ("员工公寓", "员工宿舍", 6, 0, 4800)];
    "龙潭乡红色文化陈列馆暨中小学生综合实践教育基地管理处" Heritage 11 "兴镇路 3 号" [("郭正民", "8152"), ("高秀梅", "8151")] [("陈列馆", "文物建筑", 2, 0, 1500)];
    "云岫县体育中心" Entertainment 0 "云峰路 10 号" [("朱建峰", "8162"), ("胡伟", "8161")] [("体育馆", "公众聚集场所", 3, 0, 9200)];
];

/// Makes all units, ordered by code.
pub(crate) fn make(
    partition: &Partition,
    towns: &[Town],
    settlements: &[Settlement],
    seed: u64,
) -> Vec<Unit> {
    let mut office = Registry {
        partition,
        towns,
        settlements,
        chance: Chance::new(seed, "units"),
        names: BTreeSet::new(),
        phones: 200,
    };
    let mut units: Vec<Unit> = KNOWN.iter().map(|known| office.known(known)).collect();
    for usual in &USUAL {
        let known = KNOWN.iter().filter(|k| k.category == usual.category).count();
        units.extend((known..usual.count).map(|_| office.usual(usual)));
    }
    for (i, unit) in units.iter_mut().enumerate() {
        unit.code = format!("SL{}{:07}", unit.township / 1000, i + 1);
    }
    units.sort_by(|a, b| a.code.cmp(&b.code));
    units
}

/// Where units are registered: hands out places, names and numbers.
struct Registry<'a> {
    partition: &'a Partition,
    towns: &'a [Town],
    settlements: &'a [Settlement],
    chance: Chance,
    names: BTreeSet<String>,
    phones: u32,
}

impl Registry<'_> {
    fn known(&mut self, known: &Known) -> Unit {
        let (place, _) = self.in_town(known.township);
        self.names.insert(known.name.into());
        let contact = |(name, phone): (&str, &str)| Contact { name: name.into(), phone: phone.into() };
        Unit {
            code: String::new(),
            name: known.name.into(),
            category: known.category,
            address: format!("{}{}（示例）", TOWNSHIPS[known.township].name, known.address),
            township: township_code(known.township),
            village: self.village_near(known.township, place),
            position: place.position(),
            key_unit: !matches!(known.category, Restaurant | Workshop),
            safety_manager: contact(known.people[0]),
            duty_person: contact(known.people[1]),
            buildings: known
                .buildings
                .iter()
                .enumerate()
                .map(|(i, b)| known_building(i, *b, place))
                .collect(),
        }
    }

    fn usual(&mut self, usual: &Usual) -> Unit {
        let (township, place, street) = self.place(usual.spread);
        let village = self.village_near(township, place);
        let key_unit = self.chance.happens(usual.key);
        Unit {
            code: String::new(),
            name: self.name(usual, township, village),
            category: usual.category,
            address: self.address(township, village, street),
            township: township_code(township),
            village,
            position: place.position(),
            key_unit,
            safety_manager: self.contact(),
            duty_person: self.contact(),
            buildings: self.buildings(usual, place),
        }
    }

    /// A township, a place in it, and the street when there is one.
    fn place(&mut self, spread: [f64; 3]) -> (usize, Xy, &'static str) {
        let other = self.chance.whole(1, TOWNSHIPS.len() - 1);
        match self.chance.weighted(spread.into_iter()) {
            0 => {
                let (place, street) = self.in_town(0);
                (0, place, street)
            }
            1 => {
                let (place, street) = self.in_town(other);
                (other, place, street)
            }
            _ => self.in_village(),
        }
    }

    /// A building in the town of a township that really lies in that township.
    fn in_town(&mut self, township: usize) -> (Xy, &'static str) {
        loop {
            let lot = self.chance.pick(&self.towns[township].lots);
            if self.partition.township_at(lot.middle) == Some(township) {
                return (lot.middle, lot.street);
            }
        }
    }

    fn in_village(&mut self) -> (usize, Xy, &'static str) {
        loop {
            let village = self.chance.pick(self.settlements);
            let lots: Vec<Xy> = village.houses.iter().map(|l| l.middle).collect();
            if !lots.is_empty() {
                let place = *self.chance.pick(&lots);
                if self.partition.township_at(place) == Some(village.township) {
                    return (village.township, place, "");
                }
            }
        }
    }

    fn village_near(&self, township: usize, place: Xy) -> u64 {
        self.settlements
            .iter()
            .filter(|s| s.township == township)
            .min_by(|a, b| place.to(a.centre).total_cmp(&place.to(b.centre)))
            .map_or(0, village_code)
    }

    fn village_name(&self, code: u64) -> &str {
        self.settlements.iter().find(|s| village_code(s) == code).map_or("", |s| &s.name)
    }

    /// A name that nobody else has. Public places are called after their place, others after a trade name.
    fn name(&mut self, usual: &Usual, township: usize, village: u64) -> String {
        loop {
            let ending = *self.chance.pick(usual.endings);
            let head = self.head(usual.category, township, village);
            let name = format!("{head}{ending}");
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }

    fn head(&mut self, category: Category, township: usize, village: u64) -> String {
        let short: String = TOWNSHIPS[township].name.chars().take(2).collect();
        let place: String = self.village_name(village).trim_end_matches("社区").trim_end_matches('村').into();
        let trade = *self.chance.pick(&TRADE_NAMES);
        let public = matches!(
            category,
            School | Hospital | Office | Market | Heritage | FillingStation | Kindergarten | AgedCare
        );
        match self.chance.below(4) {
            0 | 1 if public => place,
            2 if public => {
                format!("{short}{}", *self.chance.pick(&["第一", "第二", "第三", "城东", "城西", "新区"]))
            }
            0 => format!("{short}{trade}"),
            1 => format!("{place}{trade}"),
            2 => format!("{trade}{}", *self.chance.pick(&TRADE_NAMES)),
            _ => {
                if self.names.len().is_multiple_of(5) {
                    format!("{short}镇{trade}").replace("镇镇", "镇")
                } else {
                    format!("{trade}·{place}")
                }
            }
        }
    }

    fn address(&mut self, township: usize, village: u64, street: &str) -> String {
        let number = self.chance.whole(1, 260);
        let (town, village) = (TOWNSHIPS[township].name, self.village_name(village));
        match street {
            "" => format!("{town}{village} {number} 号（示例）"),
            _ => format!("{town}{street} {number} 号（示例）"),
        }
    }

    fn contact(&mut self) -> Contact {
        let mut name: String = (*self.chance.pick(&SURNAMES)).into();
        if self.chance.happens(0.7) {
            name.push_str(GIVEN_MIDDLES[self.chance.below(GIVEN_MIDDLES.len())]);
        }
        name.push_str(GIVEN_TAILS[self.chance.below(GIVEN_TAILS.len())]);
        self.phones += 1;
        // Four digits while they last, then five: both only ring inside.
        let phone =
            if self.phones < 1000 { format!("8{:03}", self.phones) } else { format!("8{:04}", self.phones) };
        Contact { name, phone }
    }

    fn buildings(&mut self, usual: &Usual, place: Xy) -> Vec<Building> {
        let count = self.chance.whole(usual.buildings[0], usual.buildings[1]);
        (0..count).map(|i| self.building(usual, i, count, place)).collect()
    }

    fn building(&mut self, usual: &Usual, index: usize, count: usize, place: Xy) -> Building {
        let floors_above = self.chance.whole(usual.floors[0], usual.floors[1]) as u16;
        let below = matches!(usual.category, ShoppingCentre | Hospital | Housing | Hotel | Office);
        let floors_below = u16::from(below && self.chance.happens(0.5));
        Building {
            number: index as u16 + 1,
            name: if count == 1 { "主楼".into() } else { format!("{} 号楼", index + 1) },
            used_for: usual.used_for.into(),
            floors_above,
            floors_below,
            area_m2: self.chance.whole(usual.area_m2[0] / 10, usual.area_m2[1] / 10) as u32 * 10,
            height_m: height_m(floors_above, usual.category),
            position: beside(place, index).position(),
        }
    }
}

fn known_building(
    index: usize,
    (name, used_for, above, below, area_m2): (&str, &str, u16, u16, u32),
    place: Xy,
) -> Building {
    Building {
        number: index as u16 + 1,
        name: name.into(),
        used_for: used_for.into(),
        floors_above: above,
        floors_below: below,
        area_m2,
        height_m: f64::from(above) * 4.0 + 0.6,
        position: beside(place, index).position(),
    }
}

/// Storeys are high in factories and shops, low in dwellings.
fn height_m(floors: u16, category: Category) -> f64 {
    let storey_dm = match category {
        Factory | Warehouse | ShoppingCentre | Chemicals => 52,
        Housing | GuestHouse | AgedCare => 30,
        _ => 36,
    };
    f64::from(floors * storey_dm + 6) / 10.0
}

/// Further buildings stand a few dozen metres around the first.
fn beside(place: Xy, index: usize) -> Xy {
    if index == 0 {
        place
    } else {
        place.plus(xy(0.03 + 0.006 * index as f64, 0.0).turned(index as f64 * 1.3))
    }
}

impl Unit {
    /// Whether it is one of those of which stories are told, and which a visitor opens first.
    #[must_use]
    pub fn is_told(&self) -> bool {
        is_known(&self.name)
    }

    /// Who represents it in law (法定代表人); invented, and always the same for the same unit.
    #[must_use]
    pub fn legal_person(&self) -> String {
        let mut chance = Chance::new(0, &self.code);
        let surname = chance.word(&SURNAMES);
        format!("{surname}{}{}", chance.word(&GIVEN_MIDDLES), chance.word(&GIVEN_TAILS))
    }
}

impl Category {
    /// The sector department (行业部门) that answers for such a place.
    #[must_use]
    pub fn sector(self) -> &'static str {
        match self {
            ShoppingCentre | Store | Market | Restaurant => "商务",
            Hotel | Entertainment | GuestHouse => "文化和旅游",
            Heritage => "文物",
            School | Kindergarten => "教育",
            Hospital => "卫生健康",
            AgedCare => "民政",
            Factory => "工业和信息化",
            Warehouse => "交通运输",
            FillingStation | Chemicals => "应急管理",
            Office => "机关事务",
            Housing => "住房和城乡建设",
            Workshop => "市场监管",
        }
    }
}

/// Whether the unit is one of those that stand in the pictures; its name is then stable for every seed.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|k| k.name == name)
}

/// How many communities and villages are planned in all.
#[cfg(test)]
pub(crate) fn planned_villages() -> usize {
    TOWNSHIPS.iter().map(|p| p.communities + p.villages).sum()
}

#[cfg(test)]
mod tests {
    use super::super::types::VillageKind;
    use super::*;

    #[test]
    fn there_are_334_villages_and_1200_units_planned() {
        assert_eq!(planned_villages(), 334);
        assert_eq!(USUAL.iter().map(|u| u.count).sum::<usize>(), 1200);
    }

    #[test]
    fn villages_have_houses_and_communities_have_none() {
        let county = super::super::generate(2);
        let rural = county.villages.iter().filter(|v| v.kind == VillageKind::Village).count();
        assert_eq!(rural, TOWNSHIPS.iter().map(|p| p.villages).sum::<usize>());
    }
}
