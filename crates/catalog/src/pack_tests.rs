//! Every mistake that a rule pack can have is found at its line; which pack holds follows from id, place and day.

use super::*;
use crate::Catalog;
use jiff::civil::date;

const PACK: &str = r#"
[[pack]]
id = "risk"
version = "1"
label = "风险"
source = "试验办法"
valid_until_on = "2027-01-01"
takes = [{ name = "l", label = "可能性", values = [{ value = 3, label = "可能" }, { value = 0.1, label = "极少" }] }, { name = "s", label = "后果" }]
gives = [{ value = "red", label = "红", level = 1 }, { value = "blue", label = "蓝", level = 4 }]
criteria = [{ of = ["l", "s"], bands = [{ from = 20, gives = "red" }, { below = 20, gives = "blue" }] }]

[[pack]]
id = "risk"
version = "2"
label = "风险"
source = "试验办法"
valid_from_on = "2027-01-01"
takes = [{ name = "l", label = "可能性" }, { name = "s", label = "后果" }]
gives = [{ value = "red", label = "红", level = 1 }, { value = "blue", label = "蓝", level = 4 }]
criteria = [{ of = ["l", "s"], bands = [{ above = 20, gives = "red" }, { to = 20, gives = "blue" }] }]

[[pack]]
id = "risk"
version = "省"
label = "风险"
source = "某省试验办法"
jurisdiction = { code = "990000000000", level = "province" }
takes = [{ name = "l", label = "可能性" }]
gives = [{ value = "red", label = "红", level = 1 }]
rows = [{ when = { l = { from = 1 } }, gives = "red", because = "一以上" }]
otherwise = { gives = "red", because = "一以下" }

[[pack_case]]
pack = "risk"
version = "1"
region = "330101001000"
on = "2026-12-31"
given = { l = 3, s = 7 }
score = 21
gives = "red"

[[pack_case]]
pack = "risk"
version = "2"
region = "330101001000"
on = "2027-01-01"
given = { l = 4, s = 5 }
gives = "blue"

[[pack_case]]
pack = "risk"
version = "省"
region = "990101001000"
on = "2027-01-01"
given = { l = 4 }
gives = "red"
"#;

fn wrong(text: &str) -> Vec<String> {
    match Catalog::load(&[("risk.toml", text)]) {
        Ok(_) => Vec::new(),
        Err(all) => all.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn which_pack_holds_follows_from_place_and_day() {
    let catalog = Catalog::load(&[("risk.toml", PACK)]).unwrap();
    let version = |region: &str, on| {
        let found = catalog.packs().find("risk", region.parse().unwrap(), on);
        found.map(|p| p.version.clone()).unwrap_or_default()
    };
    assert_eq!(version("330101001000", date(2026, 12, 31)), "1");
    assert_eq!(version("330101001000", date(2027, 1, 1)), "2");
    assert_eq!(version("990101001000", date(2026, 12, 31)), "省");
    assert!(catalog.packs().find("wind", "330101001000".parse().unwrap(), date(2027, 1, 1)).is_none());
}

#[test]
fn every_mistake_of_a_pack_is_found_at_its_line() {
    assert_eq!(wrong(PACK), Vec::<String>::new());
    let cases = [
        (
            "{ below = 20, gives",
            "{ below = 19, gives",
            "risk.toml:2: 规则包 risk 1 的分档（l × s）在 19 和 20 处有空档",
        ),
        (
            "{ below = 20, gives",
            "{ to = 20, gives",
            "risk.toml:2: 规则包 risk 1 的分档（l × s）在 20 和 20 处重叠",
        ),
        (
            "{ to = 20, gives",
            "{ below = 20, gives",
            "risk.toml:12: 规则包 risk 2 的分档（l × s）在 20 和 20 处有空档",
        ),
        (
            "{ below = 20, gives",
            "{ from = 1, below = 20, gives",
            "risk.toml:2: 规则包 risk 1 的分档（l × s）没有盖住两头",
        ),
        (
            "valid_until_on = \"2027-01-01\"\n",
            "",
            "risk.toml:11: 规则包 risk 的 1 和 2 在同一地方同一天都有效",
        ),
        ("version = \"2\"\nlabel", "version = \"1\"\nlabel", "risk.toml:12: 规则包 risk 1 出现两次"),
        (
            "valid_until_on = \"2027-01-01\"",
            "valid_from_on = \"2027-01-01\"\nvalid_until_on = \"2027-01-01\"",
            "的有效期是空的",
        ),
        ("source = \"试验办法\"", "source = \" \"", "risk.toml:2: 规则包 risk 1 没有依据（source）"),
        ("of = [\"l\", \"s\"]", "of = [\"l\", \"t\"]", "risk.toml:2: 规则包 risk 1 用了没有声明的输入 t"),
        (
            "20, gives = \"blue\"",
            "20, gives = \"green\"",
            "risk.toml:2: 规则包 risk 1 给出没有声明的结果 green",
        ),
        (
            "otherwise = { gives = \"red\", because = \"一以下\" }",
            "",
            "risk.toml:22: 规则包 risk 省 有 rows 的要写 otherwise",
        ),
        (
            "given = { l = 3, s = 7 }",
            "given = { l = 3, s = 6 }",
            "risk.toml:33: 规则包 risk 的用例算出来是 blue，应是 red",
        ),
        ("score = 21", "score = 20", "risk.toml:33: 规则包 risk 的用例得分是 Some(21.0)，应是 Some(20.0)"),
        ("given = { l = 3, s = 7 }", "given = { l = 4, s = 7 }", "可能性只能取 3（可能）、0.1（极少）"),
        ("given = { l = 3, s = 7 }", "given = { l = 3 }", "请填写后果"),
        (
            "on = \"2026-12-31\"",
            "on = \"2027-12-31\"",
            "risk.toml:33: 规则包 risk 的用例在 2027-12-31 用的是 2，应是 1",
        ),
        ("version = \"省\"\nregion", "version = \"2\"\nregion", "规则包 risk 省 没有用例"),
    ];
    for (from, to, told) in cases {
        assert!(PACK.contains(from), "{from}");
        let found = wrong(&PACK.replacen(from, to, 1));
        assert!(found.iter().any(|m| m.contains(told)), "{to}: {found:?}");
    }
}

#[test]
fn a_pack_at_the_limit_loads_and_one_row_more_does_not() {
    let row = "{ when = { l = { from = 1 } }, gives = \"red\", because = \"一以上\" }";
    let rows = |n: usize| PACK.replacen(row, &vec![row; n].join(", "), 1);
    assert_eq!(wrong(&rows(PACK_ROWS_MAX)), Vec::<String>::new());
    assert!(wrong(&rows(PACK_ROWS_MAX + 1)).iter().any(|m| m.contains("的行数超过 200")));
}

const LEDGER: &str = r#"
menu = [{ name = "risk", label = "风险" }]

[[post]]
name = "grid_worker"
label = "网格员"
description = "走访"
permissions = ["ledger.use"]

[[kind]]
name = "place"
label = "点"
measure = "个"
states = [
  { name = "open", label = "在管", clock = { owner = "maker", due = { term = "3wd" }, basis = "办法" } },
  { name = "over", label = "已结", end = true },
]
fields = [
  { name = "what", label = "事项", type = "text", required = true },
  { name = "l", label = "可能性", type = "real" },
  { name = "s", label = "后果", type = "real" },
  { name = "score", label = "分", type = "real" },
  { name = "colour", label = "颜色", type = "choice", choices = [{ value = "red", label = "红", level = 1 }, { value = "blue", label = "蓝", level = 4 }] },
]
judgements = [{ pack = "risk", takes = { l = "l", s = "s" }, grade = "colour", score = "score" }]
moves = [
  { name = "open", label = "登记", to = "open", by = ["grid_worker"], asks = ["what", "l", "s"] },
  { name = "end", label = "了结", from = ["open"], to = "over", by = ["grid_worker"] },
]

[kind.office]
menu = "risk"
number = "D"
title = "what"
mark = "colour"
readers = ["grid_worker"]
"#;

#[test]
fn a_ledger_relies_only_on_packs_that_go_on_and_fit_its_fields() {
    let both = format!("{LEDGER}{PACK}");
    assert_eq!(wrong(&both), Vec::<String>::new());
    let cases = [
        (
            "valid_from_on = \"2027-01-01\"\n",
            "valid_from_on = \"2027-01-01\"\nvalid_until_on = \"2028-01-01\"\n",
            "规则包 risk 到 2028-01-01 为止，之后没有接续的版本",
        ),
        (
            "valid_from_on = \"2027-01-01\"\n",
            "valid_from_on = \"2027-02-01\"\n",
            "规则包 risk 到 2027-01-01 为止，和下一版之间有空档",
        ),
        ("pack = \"risk\", takes", "pack = \"wind\", takes", "没有全国适用的规则包 wind"),
        (", s = \"s\" }, grade", " }, grade", "没有给规则包 risk 1 要的 后果"),
        ("s = \"s\" }, grade", "s = \"t\" }, grade", "字段 t 不存在"),
        ("s = \"s\" }, grade", "s = \"s\", x = \"s\" }, grade", "规则包 risk 没有输入 x"),
        ("score = \"score\" }]", "score = \"what\" }]", "what 不是小数字段"),
        ("grade = \"colour\"", "grade = \"what\"", "what 没有取值 red"),
        ("takes = { l = \"l\"", "on = \"what\", takes = { l = \"l\"", "what 不是日期字段"),
        (
            "takes = { l = \"l\"",
            "when = { colour = \"green\" }, takes = { l = \"l\"",
            "colour 没有取值 green",
        ),
    ];
    for (from, to, told) in cases {
        assert!(both.contains(from), "{from}");
        let found = wrong(&both.replacen(from, to, 1));
        assert!(found.iter().any(|m| m.contains(told) && m.starts_with("risk.toml:")), "{to}: {found:?}");
    }
}
