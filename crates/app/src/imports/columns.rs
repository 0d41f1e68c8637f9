//! Which columns a register's table may have: their labels, the words by which people's own tables call them, and
//! what to say of each in the template.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Which register a table fills (名册).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportSubject {
    /// 单位
    Unit,
    /// 终端
    Terminal,
    /// 点位
    Point,
    /// 台账, as the catalog has it.
    Ledger,
}

impl ImportSubject {
    /// Stable name; the kind of the entries too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Terminal => "terminal",
            Self::Point => "point",
            Self::Ledger => "ledger",
        }
    }

    /// The subject with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Unit, Self::Terminal, Self::Point].into_iter().find(|s| s.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unit => "单位",
            Self::Terminal => "终端",
            Self::Point => "点位",
            Self::Ledger => "台账",
        }
    }

    /// The columns of a register, in the order of the template; those of a ledger are drawn from the catalog.
    pub fn columns(self) -> &'static [ImportColumn] {
        match self {
            Self::Unit => UNIT,
            Self::Terminal => TERMINAL,
            Self::Point => POINT,
            Self::Ledger => &[],
        }
    }
}

/// A column that a table may have.
#[derive(Clone, Debug)]
pub struct ImportColumn {
    /// Stable name.
    pub name: Cow<'static, str>,
    /// Label.
    pub label: Cow<'static, str>,
    /// Other words for it, separated by blanks.
    pub(super) words: Cow<'static, str>,
    /// Whether a new record must have it.
    pub required: bool,
    /// What may stand here, for the template.
    pub note: Cow<'static, str>,
    /// What may be chosen, where it is not a field of the register.
    pub choices: Vec<String>,
}

const fn column(
    name: &'static str,
    label: &'static str,
    words: &'static str,
    required: bool,
    note: &'static str,
) -> ImportColumn {
    ImportColumn {
        name: Cow::Borrowed(name),
        label: Cow::Borrowed(label),
        words: Cow::Borrowed(words),
        required,
        note: Cow::Borrowed(note),
        choices: Vec::new(),
    }
}

const LNG: ImportColumn =
    column("lng", "经度", "东经 x longitude 经度坐标", false, "度，如 117.25036；坐标系在上传时选定");
const LAT: ImportColumn = column("lat", "纬度", "北纬 y latitude 纬度坐标", false, "度，如 29.50012");
const REMARK: ImportColumn = column("remark", "备注", "说明 备考", false, "最多 200 个字");

const UNIT: &[ImportColumn] = &[
    column(
        "code",
        "编号",
        "单位编号 单位编码 单位代码 代码 编码 统一社会信用代码 社会信用代码",
        true,
        "本县内不重复，最多 32 个字；再次导入时按它认出同一家单位",
    ),
    column("name", "单位名称", "名称 单位 场所名称 企业名称", true, "最多 60 个字"),
    column("category", "类别", "单位类别 单位类型 场所类型 场所类别 性质 类型", true, "从所列类别中选一个"),
    column(
        "region",
        "辖区",
        "辖区代码 所在乡镇 乡镇 乡镇街道 街道 村居 所在乡镇、村居 行政区划 区划代码 所属辖区",
        true,
        "乡镇或村居的名称，或十二位辖区代码",
    ),
    column("address", "地址", "详细地址 单位地址 场所地址", true, "最多 100 个字"),
    column("key_unit", "消防安全重点单位", "重点单位 是否重点单位 是否重点", false, "是 或 否"),
    LNG,
    LAT,
    column("legal_person", "法定代表人", "法人 法人代表 负责人", false, "姓名"),
    column("safety_manager", "消防安全管理人", "安全管理人 消防负责人 安全负责人", false, "姓名"),
    column("contact", "联系人", "联系人姓名 值班联系人", false, "姓名；写入联系人一栏"),
    column("phone", "联系电话", "电话 手机 手机号 联系方式 联系人电话", false, "与联系人同填"),
    column("grid", "网格", "所属网格 网格名称 网格号", false, "网格名称"),
    column("sector", "行业", "行业类别 所属行业", false, "行业名称"),
    REMARK,
];

const TERMINAL: &[ImportColumn] = &[
    column(
        "source",
        "源地址",
        "终端地址 装置地址 设备地址 传输装置地址 终端源地址",
        true,
        "照终端铭牌填写的整数；再次导入时按它认出同一台终端",
    ),
    column("name", "终端名称", "名称 设备名称 装置名称", true, "最多 60 个字"),
    column(
        "unit_code",
        "单位编号",
        "所属单位编号 单位编码 单位代码 所属单位编码 所属单位代码",
        true,
        "所属单位的编号，须已登记",
    ),
    column("code", "编号", "终端编号 设备编号 出厂编号 外部编号", false, "别的系统里的编号"),
    column("profile", "规约", "通信规约 协议", false, "不填即 GB/T 26875.3 及常见变体"),
    column("maker", "厂家", "生产厂家 制造商 生产企业 品牌", false, "最多 40 个字"),
    column("model", "型号", "设备型号 规格型号", false, "最多 40 个字"),
    column("installed_on", "安装日期", "安装时间 投用日期 启用日期 投用时间", false, "如 2024-03-05"),
    column(
        "service_life_years",
        "使用年限",
        "使用寿命 寿命 使用年限年",
        false,
        "年；火灾报警设备一般 12 年（GB 29837）",
    ),
    column(
        "battery_installed_on",
        "备电安装日期",
        "电池安装日期 电池更换日期 备电更换日期",
        false,
        "如 2024-03-05",
    ),
    column("report_period_s", "心跳周期", "心跳间隔 上报周期 心跳周期秒", false, "秒，1 到 604800（七天）"),
    LNG,
    LAT,
    REMARK,
];

const POINT: &[ImportColumn] = &[
    column(
        "terminal_source",
        "终端源地址",
        "源地址 终端地址 装置地址 所属终端",
        true,
        "所属终端的源地址，须已登记",
    ),
    column("label", "点位名称", "点位 名称 点位编号 部件编号 设备名称 编号", true, "如 1-2-017"),
    column("system_type", "系统类型", "系统类型代码", false, "代码或名称，不填即 1 火灾报警系统"),
    column("system_address", "系统地址", "系统号 主机号 控制器号", false, "0 到 255，不填即 1"),
    column(
        "component_type",
        "部件类型",
        "设备类型 探测器类型 部件类型代码",
        true,
        "代码或名称，如 40 或 感烟火灾探测器",
    ),
    column("component_address", "部件地址", "部件地址码", false, "四字节整数；或改填下面的区号和点号"),
    column("zone_number", "区号", "回路 回路号 部件区号", false, "与点号同填，不填部件地址"),
    column("point_number", "点号", "位号 地址号 部件位号 点位号", false, "与区号同填，不填部件地址"),
    column("building", "楼栋", "建筑 所在建筑 楼号", false, "最多 60 个字"),
    column("floor", "楼层", "所在楼层 层", false, "最多 60 个字"),
    column("zone", "分区", "防火分区", false, "最多 60 个字"),
    LNG,
    LAT,
    column(
        "value_type",
        "测量值",
        "模拟量 模拟量类型 测量类型 测量项",
        false,
        "如 压力 kPa、温度；填了限值就要填。一个点位有几种测量值的，用分号隔开，后面各列次序相同",
    ),
    column("low", "下限", "低限 下限值 低报值", false, "低于它算超限，单位同测量值"),
    column("low_clear", "下限恢复值", "低限恢复值", false, "回到它才算恢复，比下限大；也可只填回差"),
    column("high", "上限", "高限 上限值 高报值", false, "达到它算超限"),
    column("high_clear", "上限恢复值", "高限恢复值", false, "回到它才算恢复，比上限小；也可只填回差"),
    column(
        "hysteresis",
        "回差",
        "迟滞 滞回",
        false,
        "恢复值与限值之差，上下限共用；填了恢复值的以恢复值为准",
    ),
    column(
        "hold_s",
        "保持时间",
        "持续时间 持续 持续秒 保持秒",
        false,
        "超限多少秒才报警，0 到 3600，不填即 0",
    ),
];
