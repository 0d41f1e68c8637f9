//! The gazetteer: names of places, streets and people. All invented or too common to mean anybody.

/// A township as planned: name, seat east and north of the county town in km, communities, villages.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) seat: (f64, f64),
    pub(crate) communities: usize,
    pub(crate) villages: usize,
}

const fn plan(name: &'static str, x: f64, y: f64, communities: usize, villages: usize) -> Plan {
    Plan { name, seat: (x, y), communities, villages }
}

/// The 16 townships in the order of their codes; the first is the county town.
pub(crate) const TOWNSHIPS: [Plan; 16] = [
    plan("云岫镇", 0.0, 0.0, 18, 16),
    plan("双溪镇", -4.6, 11.8, 3, 20),
    plan("柳塘镇", 13.4, 7.0, 3, 19),
    plan("东渚镇", 14.4, -2.0, 4, 17),
    plan("梅岗镇", -11.6, -7.4, 3, 20),
    plan("沙洲镇", -2.4, -12.4, 2, 18),
    plan("石桥镇", 6.8, -10.4, 3, 18),
    plan("白鹭镇", 16.6, -10.0, 2, 18),
    plan("望江镇", -23.4, 3.0, 2, 17),
    plan("枫林乡", 7.6, 15.0, 1, 19),
    plan("南湖乡", 22.4, -0.4, 1, 18),
    plan("龙潭乡", -15.4, 0.2, 1, 19),
    plan("茶亭乡", -12.2, -16.0, 1, 19),
    plan("青石乡", -22.6, 11.0, 1, 18),
    plan("松岭乡", -14.6, 15.8, 1, 16),
    plan("竹溪乡", 10.4, -17.4, 1, 15),
];

/// Heads of village names.
pub(crate) const VILLAGE_HEADS: [&str; 44] = [
    "上", "下", "前", "后", "东", "西", "南", "北", "大", "小", "新", "老", "长", "高", "青", "白", "红",
    "清", "金", "银", "石", "竹", "松", "梅", "桃", "柏", "樟", "枣", "荷", "莲", "龙", "凤", "鹤", "马",
    "牛", "双", "三", "九", "横", "官", "沙", "泉", "溪", "云",
];

/// Tails of village names.
pub(crate) const VILLAGE_TAILS: [&str; 34] = [
    "塘", "坪", "湾", "桥", "坑", "岭", "洲", "田", "坞", "冲", "垅", "源", "山", "口", "岗", "潭", "畈",
    "圩", "渡", "井", "林", "屋", "铺", "墩", "坂", "峰", "陂", "庄", "园", "店", "窑", "洞", "埠", "汊",
];

/// Communities of the county town and where they lie, east and north of its middle in km.
pub(crate) const TOWN_COMMUNITIES: [(&str, f64, f64); 18] = [
    ("人民路", 0.4, 0.1),
    ("解放路", -0.9, 0.1),
    ("东门", 2.0, 0.4),
    ("西门", -2.1, -0.1),
    ("南门", 0.5, -1.4),
    ("北门", 0.6, 1.6),
    ("滨河", -0.5, 0.7),
    ("文昌", -1.5, 0.7),
    ("学府", 1.2, 0.7),
    ("云锦", -1.2, -0.7),
    ("开发区", 1.9, -0.5),
    ("桥头", -0.6, -1.1),
    ("城中", 0.1, -0.5),
    ("凤凰", 1.3, 1.4),
    ("火车站", 1.2, -1.2),
    ("新城", 1.1, 0.0),
    ("莲花", -1.0, 1.2),
    ("南苑", -1.6, -1.0),
];

/// Streets of the county town from west to east, as far as they have a name.
pub(crate) const AVENUES: [&str; 8] =
    ["西环路", "文昌路", "解放路", "滨河路", "云岫大道", "学府路", "东湖路", "迎宾大道"];

/// Streets of the county town from south to north.
pub(crate) const CROSS_STREETS: [&str; 8] =
    ["南门路", "建设路", "和平路", "人民路", "中兴路", "东门大道", "北苑路", "云峰路"];

/// Family names, the common ones.
pub(crate) const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "朱", "马", "胡", "郭", "林",
    "何", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡",
    "潘", "田", "董", "袁", "于", "余",
];

/// Second characters of personal names.
pub(crate) const GIVEN_MIDDLES: [&str; 24] = [
    "志", "建", "文", "国", "明", "晓", "永", "小", "春", "海", "德", "家", "伟", "丽", "秀", "玉", "思",
    "子", "佳", "雨", "俊", "正", "红", "金",
];

/// Last characters of personal names.
pub(crate) const GIVEN_TAILS: [&str; 32] = [
    "敏", "强", "华", "军", "平", "辉", "芳", "英", "娟", "霞", "勇", "涛", "斌", "燕", "玲", "峰", "磊",
    "洁", "鹏", "宁", "文", "琴", "凯", "杰", "波", "云", "清", "民", "梅", "龙", "林", "生",
];

/// Words that open the name of an enterprise.
pub(crate) const TRADE_NAMES: [&str; 56] = [
    "瑞丰",
    "鑫源",
    "恒泰",
    "宏远",
    "华顺",
    "金禾",
    "银河湾",
    "永兴",
    "同德",
    "安泰",
    "盛和",
    "嘉禾",
    "天一阁",
    "润泽",
    "丰茂",
    "兴隆",
    "广源",
    "德胜",
    "祥云",
    "福满",
    "东升",
    "鸿运",
    "长青",
    "晨光",
    "百川",
    "聚贤",
    "春晖",
    "和谐",
    "佳美",
    "锦绣",
    "旺达",
    "万福",
    "顺达",
    "景程",
    "荣昌",
    "光明",
    "金穗",
    "诚信",
    "利民",
    "惠丰",
    "康宁",
    "仁和",
    "松鹤",
    "梧桐",
    "望江",
    "听雨",
    "半山",
    "云上",
    "竹里",
    "枕水",
    "溪畔",
    "青禾",
    "稻香",
    "橘园",
    "石上",
    "花间",
];

/// Invented makers of terminals.
pub(crate) const MAKERS: [&str; 5] =
    ["青石电子（示例）", "云水安防（示例）", "南湖智控（示例）", "梅岗仪表（示例）", "东渚物联（示例）"];
