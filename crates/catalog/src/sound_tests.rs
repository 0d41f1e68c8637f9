//! Every mistake that a ledger can have is found, at its line, with the way to mend it.

use crate::{Catalog, differences};

const VISIT: &str = r#"
menu = [{ name = "grassroots", label = "基层" }]

[[post]]
name = "grid_worker"
label = "网格员"
description = "走访"
permissions = ["ledger.use"]

[[kind]]
name = "visit"
label = "走访"
measure = "次"
states = [
  { name = "planned", label = "待走访", clock = { owner = "maker", due = { term = "3wd" }, basis = "网格管理办法", escalates = [{ to = "grid_worker" }] } },
  { name = "done", label = "已走访", end = true },
]
fields = [
  { name = "what", label = "事项", type = "text", required = true },
  { name = "kind_of", label = "类别", type = "choice", choices = [{ value = "home", label = "住户", level = 4 }] },
  { name = "until", label = "限期", type = "date" },
  { name = "who", label = "人员", type = "people" }, { name = "homes", label = "户数", type = "integer" },
  { name = "before", label = "上次走访", type = "link", to = "visit", filter = true },
]
moves = [
  { name = "plan", label = "安排走访", to = "planned", by = ["grid_worker"], asks = ["what", "until?"] },
  { name = "finish", label = "走访完成", from = ["planned"], to = "done", by = ["grid_worker"], asks = ["who"] },
]

[kind.office]
menu = "grassroots"
number = "ZF"
title = "what"
readers = ["grid_worker"]
"#;

fn wrong(change: &[(&str, &str)]) -> Vec<String> {
    let text = change.iter().fold(VISIT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    match Catalog::load(&[("visit.toml", &text)]) {
        Ok(_) => Vec::new(),
        Err(all) => all.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_sound_ledger_loads() {
    assert_eq!(wrong(&[]), Vec::<String>::new());
}

#[test]
fn a_list_may_be_sorted_by_a_day_a_number_and_a_choice() {
    let by = [r#"type = "date""#, r#"type = "integer""#, r#"type = "choice""#];
    let sorted = by.map(|kind| (kind, format!("{kind}, sort = true")));
    let changes = sorted.each_ref().map(|(from, to)| (*from, to.as_str()));
    assert_eq!(wrong(&changes), Vec::<String>::new());
}

/// One mistake, the change that makes it, and what is said of it.
#[test]
fn every_mistake_is_found_at_its_line() {
    let cases: &[(&str, &str, &str)] = &[
        (r#"end = true"#, r#"end = false"#, "visit.toml:16: 状态“已走访”没有时限：谁来办、何时办完（clock）"),
        (
            r#", clock = { owner = "maker", due = { term = "3wd" }, basis = "网格管理办法", escalates = [{ to = "grid_worker" }] }"#,
            "",
            "visit.toml:15: 状态“待走访”没有时限：谁来办、何时办完（clock）",
        ),
        (
            r#"from = ["planned"], to = "done""#,
            r#"from = ["planned"], to = "planned""#,
            "visit.toml:16: 状态“已走访”走不到",
        ),
        (
            r#"from = ["planned"], to = "done""#,
            r#"from = ["plan"], to = "done""#,
            "visit.toml:27: 动作“走访完成”：状态 plan 不存在",
        ),
        (
            r#"from = ["planned"], to = "done""#,
            r#"from = ["done"], to = "done""#,
            "visit.toml:27: 动作“走访完成”：不能从终点再走",
        ),
        (
            r#"to = "planned", by = ["grid_worker"]"#,
            r#"to = "planned", by = ["janitor"]"#,
            "visit.toml:26: 没有岗位 janitor",
        ),
        (
            r#"to = "planned", by = ["grid_worker"]"#,
            r#"to = "planned", by = []"#,
            "visit.toml:26: 动作“安排走访”：没有写谁能办（by）",
        ),
        (
            r#"asks = ["what", "until?"]"#,
            r#"asks = ["until?"]"#,
            "visit.toml:26: 动作“安排走访”：没有问必填的“事项”",
        ),
        (r#"asks = ["who"]"#, r#"asks = ["whom"]"#, "visit.toml:27: 动作“走访完成”：字段 whom 不存在"),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ officers = { field = "what", least = 2 } }]"#,
            "visit.toml:27: 动作“走访完成”：what 不是多人的人员字段",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ span = { from = "until", to = "who", most = "3d" } }]"#,
            "visit.toml:27: 动作“走访完成”：who 不是日期字段",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ span = { from = "until", to = "until", most = "3h" } }]"#,
            "visit.toml:27: 动作“走访完成”：span 要写 least、most 或 most_years，按天或工作日",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ at_most = { field = "what", most = 3 } }]"#,
            "visit.toml:27: 动作“走访完成”：what 不是数字或金额字段",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ at_most = { field = "homes", by = "kind_of", limits = { zoo = 3 } } }]"#,
            "visit.toml:27: 动作“走访完成”：kind_of 没有取值 zoo",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ at_most = { field = "homes" } }]"#,
            "visit.toml:27: 动作“走访完成”：at_most 要写 most，或 by 和 limits",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ below = { field = "until", threshold = 3 } }]"#,
            "visit.toml:27: 动作“走访完成”：until 不是数字或金额字段",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ reaches = { field = "homes", target = "until" } }]"#,
            "visit.toml:27: 动作“走访完成”：until 不是数字或金额字段",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ share = { part = "homes", whole = "homes", least = [3, 2] } }]"#,
            "visit.toml:27: 动作“走访完成”：share 的 least 要写成 [分子, 分母]，不大于一",
        ),
        (
            r#"asks = ["who"]"#,
            r#"unit_sets = { key_unit = true }"#,
            "visit.toml:27: 动作“走访完成”：unit_sets 要有指向单位的 unit 字段",
        ),
        (
            r#"owner = "maker""#,
            r#"owner = "unit""#,
            "visit.toml:15: 状态“待走访”由责任单位负责，但没有单位的岗位能看这本台账（readers）",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ approved = "bless" }]"#,
            "visit.toml:27: 动作“走访完成”：动作 bless 不存在",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ is = { field = "kind_of", one_of = ["zoo"] } }]"#,
            "visit.toml:27: 动作“走访完成”：kind_of 没有取值 zoo",
        ),
        (
            r#"asks = ["who"]"#,
            r#"guards = [{ linked_ended = "nothing" }]"#,
            "visit.toml:27: 动作“走访完成”：台账 nothing 不存在",
        ),
        (
            r#"asks = ["who"]"#,
            r#"also = [{ field = "what", move = "finish" }]"#,
            "visit.toml:27: 动作“走访完成”：字段 what 不指向别的台账",
        ),
        (
            r#"asks = ["who"]"#,
            r#"also = [{ field = "before", move = "finish" }]"#,
            "visit.toml:27: 动作“走访完成”带动的动作转一圈又回到它自己",
        ),
        (
            r#"due = { term = "3wd" }"#,
            r#"due = { field = "what" }"#,
            "visit.toml:15: 时限依据的字段不存在，或不是日期、不是有这些取值的选择",
        ),
        (
            r#"due = { term = "3wd" }"#,
            r#"due = { by = { field = "kind_of", terms = { zoo = "24h" }, otherwise = "3wd" } }"#,
            "visit.toml:15: 时限依据的字段不存在，或不是日期、不是有这些取值的选择",
        ),
        (r#"owner = "maker""#, r#"owner = "unit""#, "visit.toml:15: 时限由单位负责，但本台账没有 unit 字段"),
        (
            r#"owner = "maker""#,
            r#"owner = { person = "what" }"#,
            "visit.toml:15: 时限的负责人字段 what 不是人员字段",
        ),
        (
            r#"to = "visit", filter"#,
            r#"to = "visits", filter"#,
            "visit.toml:23: 字段 before 指向的台账 visits 不存在，或它不是链接",
        ),
        (
            r#"type = "link", to = "visit""#,
            r#"type = "link""#,
            "visit.toml:23: 链接字段 before 要写指向哪本台账（to）",
        ),
        (r#"menu = "grassroots""#, r#"menu = "nowhere""#, "visit.toml:31: 没有菜单组 nowhere"),
        (r#"title = "what""#, r#"title = "until""#, "visit.toml:21: 标题 until 须是必填的文字字段"),
        (
            r#"readers = ["grid_worker"]"#,
            r#"readers = ["grid_worker"]
mark = "what""#,
            "visit.toml:19: 色标 what 须是带级别的选择字段",
        ),
        (
            r#"readers = ["grid_worker"]"#,
            r#"readers = ["grid_worker"]
columns = ["colour"]"#,
            "visit.toml:35: 清单的列 colour 不是本台账的字段",
        ),
        (r#"readers = ["grid_worker"]"#, "readers = []", "visit.toml:11: 没有写谁能看（readers）"),
        (
            r#"readers = ["grid_worker"]"#,
            r#"readers = ["grid_worker"]
follows = [{ kind = "visit", opens = "finish", label = "再访" }]"#,
            "visit.toml:35: “再访”：走访 没有开立动作 finish",
        ),
        (
            r#"type = "people" }"#,
            r#"type = "people", sort = true }"#,
            "visit.toml:22: 字段 who 不能排序（sort）：只有数字、金额、日期、时间、选择和是否有大小先后",
        ),
        (
            r#"type = "text", required = true }"#,
            r#"type = "text", required = true, sort = true }"#,
            "visit.toml:19: 字段 what 不能排序（sort）：只有数字、金额、日期、时间、选择和是否有大小先后",
        ),
        (
            r#"{ name = "homes", label = "户数", type = "integer" }"#,
            r#"{ name = "due", label = "户数", type = "integer", sort = true }"#,
            "visit.toml:22: 字段 due 不能排序（sort）：这个名称已是列表自己的一种排序",
        ),
        (r#"owner = "maker", "#, "", "visit.toml:15: 少了“owner”这一项"),
        (
            r#"by = ["grid_worker"], asks = ["who"]"#,
            r#"by = ["grid_worker"], script = "x""#,
            "visit.toml:27: 没有“script”这一项",
        ),
    ];
    for (from, to, said) in cases {
        let found = wrong(&[(from, to)]);
        assert!(found.iter().any(|f| f.starts_with(said)), "{to}\n  {said}\n  {found:#?}");
    }
}

#[test]
fn a_state_that_leads_to_no_end_is_a_dead_end() {
    let found = wrong(&[
        (
            r#"  { name = "done", label"#,
            r#"  { name = "stuck", label = "搁置", clock = { owner = "maker", due = { term = "3wd" }, basis = "无" } },
  { name = "done", label"#,
        ),
        (
            r#"  { name = "finish", "#,
            r#"  { name = "shelve", label = "搁置", from = ["planned"], to = "stuck", by = ["grid_worker"] },
  { name = "finish", "#,
        ),
    ]);
    assert_eq!(found, ["visit.toml:16: 状态“搁置”没有出路：从它走不到任何终点"]);
}

#[test]
fn a_state_does_not_wait_for_somebody_who_can_do_nothing_there() {
    let supervisor = (
        "[[kind]]",
        "[[post]]\nname = \"supervisor\"\nlabel = \"监督员\"\ndescription = \"督办\"\npermissions = [\"ledger.use\"]\n[[kind]]",
    );
    let finish = (r#"to = "done", by = ["grid_worker"]"#, r#"to = "done", by = ["supervisor"]"#);
    let found = wrong(&[supervisor, finish]);
    assert!(found.len() == 1 && found[0].contains("岗位 grid_worker 却没有下一步可办"), "{found:?}");
    let otherwise = (r#"owner = "maker","#, r#"owner = "maker", otherwise = "supervisor","#);
    assert_eq!(wrong(&[supervisor, finish, otherwise]), Vec::<String>::new());
    let of_a_post = (r#"owner = "maker","#, r#"owner = { post = "supervisor" }, otherwise = "supervisor","#);
    let found = wrong(&[supervisor, finish, of_a_post]);
    assert!(found.len() == 1 && found[0].contains("otherwise 只用于"), "{found:?}");
    let nobody = (r#"owner = "maker","#, r#"owner = "maker", otherwise = "nobody","#);
    assert!(wrong(&[nobody])[0].contains("没有岗位 nobody"));
    // Behind another state it is not known who opened: every post that may open must have a step.
    let later = (
        r#"  { name = "done", label = "已走访", end = true },"#,
        r#"  { name = "later", label = "待补", clock = { owner = "maker", otherwise = "supervisor", due = { term = "3wd" }, basis = "办法" } },
  { name = "done", label = "已走访", end = true },"#,
    );
    let moves = (
        r#"  { name = "finish", "#,
        r#"  { name = "wait", label = "待补", from = ["planned"], to = "later", by = ["grid_worker"] },
  { name = "close", label = "补完", from = ["later"], to = "done", by = ["supervisor"] },
  { name = "finish", "#,
    );
    let found = wrong(&[supervisor, later, moves]);
    assert!(found.len() == 1 && found[0].contains("状态“待补”"), "{found:?}");
}

#[test]
fn a_field_that_goes_breaks_and_one_that_is_renamed_does_not() {
    let load = |text: &str| Catalog::load(&[("visit.toml", text)]).unwrap();
    let (old, said) = (load(VISIT), |new: &str| {
        let found = differences(&load(VISIT), &load(new));
        found.into_iter().map(|d| (d.text, d.breaks)).collect::<Vec<_>>()
    });
    assert!(differences(&old, &old).is_empty());
    let gone = VISIT
        .replace(r#""until?""#, "")
        .replace(r#"  { name = "until", label = "限期", type = "date" },"#, "");
    let found = said(&gone.replace(r#"asks = ["what", ]"#, r#"asks = ["what"]"#));
    assert_eq!(found[0], ("“走访”的字段“限期”不见了；改名请在新字段写 was = \"until\"".to_owned(), true));
    let renamed = VISIT
        .replace(r#"name = "until""#, r#"name = "by_day", was = "until""#)
        .replace(r#""until?""#, r#""by_day?""#);
    assert_eq!(said(&renamed)[0], ("“走访”的字段 until 改名为 by_day".to_owned(), false));
    let retyped = VISIT.replace(r#"label = "限期", type = "date""#, r#"label = "限期", type = "text""#);
    assert_eq!(said(&retyped), [("“走访”的字段“限期”换了类型".to_owned(), true)]);
    let more = VISIT.replace(
        r#"  { name = "who","#,
        r#"  { name = "note", label = "备注", type = "text" },
  { name = "who","#,
    );
    assert_eq!(said(&more), [("“走访”新增字段“备注”".to_owned(), false)]);
}

/// A mark on the unit is a yes and no or a choice of it, with a value that it has.
#[test]
fn a_mark_on_the_unit_is_one_that_the_register_knows() {
    let unit = r#"
[[kind]]
name = "unit"
label = "单位"
measure = "家"
states = [{ name = "active", label = "在册" }]
fields = [
  { name = "key_unit", label = "重点单位", type = "truth" },
  { name = "size", label = "规模", type = "choice", choices = [{ value = "small", label = "小" }] },
  { name = "grid", label = "网格", type = "text" },
]
"#;
    let linked = |sets: &str| {
        let visit = VISIT
            .replace("fields = [\n", "fields = [\n  { name = \"unit\", label = \"单位\", type = \"link\", to = \"unit\", filter = true },\n")
            .replace(r#"asks = ["who"]"#, &format!("unit_sets = {{ {sets} }}"));
        Catalog::load(&[("visit.toml", &visit), ("unit.toml", unit)]).map(|_| ()).map_err(|all| all.len())
    };
    assert_eq!(linked("key_unit = true, size = \"small\""), Ok(()));
    for wrong in ["key_unit = \"yes\"", "size = \"large\"", "grid = \"一网格\"", "colour = true"] {
        assert_eq!(linked(wrong), Err(1), "{wrong}");
    }
}
