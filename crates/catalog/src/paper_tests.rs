//! Papers of a small catalog, and every mistake that their sources can have.

use crate::Catalog;

const PAPERS: &str = r##"
[[paper]]
name = "receipt"
label = "送达回证"
law = "fire_supervision"
file = "receipt.docx"
word = "回"

[[paper.from]]
ledger = "visit"
within = ["open"]
when = { field = "manner", one_of = ["day"] }
by = ["officer"]
places = { "单位" = "unit.#title", "文号" = "@number", "方式" = "manner|options", "意见" = { by = "#state", cases = { open = "=在办" } }, "人员" = [{ of = "officers", places = { "姓名" = "#title", "证号" = "certificate" } }], "前文" = [{ of = "#papers", places = { "号" = "#number" } }], "回访" = [{ of = "visit.follows", places = { "事" = "what" } }] }
"##;

const WORLD: &str = r##"
menu = [{ name = "work", label = "工作" }]
[[post]]
name = "officer"
label = "监督员"
description = "检查。"
permissions = ["ledger.use"]
[[kind]]
name = "unit"
label = "单位"
measure = "家"
states = [{ name = "active", label = "在册" }]
fields = [{ name = "address", label = "地址", type = "text" }]
[[kind]]
name = "account"
label = "账号"
measure = "个"
states = [{ name = "active", label = "启用" }]
fields = [{ name = "certificate", label = "执法证号", type = "text" }]
[[kind]]
name = "visit"
label = "走访"
measure = "次"
states = [{ name = "open", label = "在办", clock = { owner = "maker", due = { term = "3wd" }, basis = "规定" } }, { name = "closed", label = "办结", end = true }]
fields = [
  { name = "what", label = "事项", type = "text", required = true },
  { name = "unit", label = "单位", type = "link", to = "unit" },
  { name = "follows", label = "回访自", type = "link", to = "visit", filter = true },
  { name = "manner", label = "方式", type = "choice", choices = [{ value = "day", label = "日间" }] },
  { name = "officers", label = "人员", type = "people" },
  { name = "photos", label = "照片", type = "photos" },
]
moves = [
  { name = "open", label = "登记", to = "open", by = ["officer"], asks = ["what"] },
  { name = "close", label = "办结", from = ["open"], to = "closed", by = ["officer"] },
]
[kind.office]
menu = "work"
number = "ZF"
title = "what"
readers = ["officer"]
"##;

fn wrong(from: &str, to: &str) -> Vec<(String, usize, String)> {
    let text = PAPERS.replace(from, to);
    assert_ne!(text, PAPERS, "{from} is there");
    let wrong = Catalog::load(&[("world.toml", WORLD), ("papers.toml", &text)]).unwrap_err();
    wrong.into_iter().map(|d| (d.file, d.line, d.message)).collect()
}

#[test]
fn a_paper_has_its_name_its_law_its_template_and_its_sources() {
    let catalog = Catalog::load(&[("world.toml", WORLD), ("papers.toml", PAPERS)]).unwrap();
    let paper = catalog.papers().first().unwrap();
    assert_eq!((paper.label.as_str(), paper.law.label()), ("送达回证", "消防监督"));
    assert_eq!((paper.file.as_str(), paper.written_at.as_str()), ("receipt.docx", "papers.toml:2"));
    assert_eq!(paper.issued_from("visit").count(), 1);
    assert_eq!(paper.issued_from("unit").count(), 0);
}

#[test]
fn a_template_outside_the_folder_and_a_paper_that_stands_twice_are_named_with_their_line() {
    for bad in ["../receipt.docx", "receipt.doc", ".docx", "a/b.docx", "回证.docx"] {
        let wrong = wrong("receipt.docx", bad);
        assert_eq!((wrong.len(), wrong[0].1), (1, 2), "{bad}: {wrong:?}");
    }
    let files = [("world.toml", WORLD), ("papers.toml", PAPERS), ("again.toml", PAPERS)];
    let wrong = Catalog::load(&files).unwrap_err();
    assert_eq!((wrong[0].file.as_str(), wrong[0].line), ("again.toml", 2));
}

#[test]
fn a_source_that_leads_nowhere_is_named_with_file_and_line() {
    let cases = [
        ("unit.#title", "unit.name", "没有字段 name"),
        ("unit.#title", "what.#title", "没有链接字段 what"),
        ("unit.#title", "unit.#colour", "没有 #colour"),
        ("unit.#title", "photos", "不能写成文字"),
        ("@number", "@colour", "文书本身没有这一项"),
        ("manner|options", "what|options", "不能写成文字"),
        ("manner|options", "manner|loudly", "不能写成文字"),
        ("of = \"officers\"", "of = \"what\"", "不是一列记录"),
        ("visit.follows", "visit.unit", "不是一列记录"),
        ("\"certificate\"", "\"badge\"", "没有字段 badge"),
        ("\"#number\"", "\"#colour\"", "已出具的文书没有这一项"),
        ("cases = { open", "cases = { shut", "没有取值 shut"),
        ("one_of = [\"day\"]", "one_of = [\"night\"]", "没有取值 night"),
        ("within = [\"open\"]", "within = [\"shut\"]", "没有状态 shut"),
        ("by = [\"officer\"]", "by = [\"king\"]", "没有岗位 king"),
        ("ledger = \"visit\"", "ledger = \"unit\"", "没有台账 unit"),
    ];
    for (from, to, said) in cases {
        let wrong = wrong(from, to);
        assert!(wrong.iter().any(|(_, _, m)| m.contains(said)), "{to}: {wrong:?}");
        assert!(wrong.iter().all(|(file, line, _)| file == "papers.toml" && *line > 2), "{to}: {wrong:?}");
    }
}

const ISSUED: &str = r##"
[[kind]]
name = "issued"
label = "文书台账"
measure = "份"
states = [{ name = "printed", label = "已打印", clock = { owner = "maker", due = { term = "3wd" }, basis = "规定" } }, { name = "served", label = "已送达", end = true }]
fields = [
  { name = "subject", label = "文书", type = "text", required = true },
  { name = "paper", label = "种类", type = "choice", required = true, choices = [{ value = "receipt", label = "送达回证" }] },
]
moves = [
  { name = "issue", label = "出具", issues = true, to = "printed", by = ["officer"], asks = ["subject", "paper"] },
  { name = "serve", label = "送达", from = ["printed"], to = "served", by = ["officer"] },
]
[kind.office]
menu = "work"
number = "WJ"
title = "subject"
readers = ["officer"]
"##;

#[test]
fn a_ledger_of_issued_papers_lists_the_papers_there_are_by_their_own_names() {
    let load = |issued: &str| {
        Catalog::load(&[("world.toml", WORLD), ("papers.toml", PAPERS), ("issued.toml", issued)])
    };
    assert!(load(ISSUED).is_ok(), "{:?}", load(ISSUED).err());
    for (to, said) in [
        ("{ value = \"receipt\", label = \"回证\" }", "receipt“送达回证”"),
        ("{ value = \"letter\", label = \"送达回证\" }", "letter 不是文书"),
    ] {
        let wrong = load(&ISSUED.replace("{ value = \"receipt\", label = \"送达回证\" }", to)).unwrap_err();
        assert!(wrong.iter().any(|d| d.file == "issued.toml" && d.message.contains(said)), "{wrong:?}");
    }
}

#[test]
fn a_word_for_numbers_has_one_to_eight_characters() {
    for bad in ["", "很长很长很长的代字", "回 证"] {
        assert_eq!(wrong("word = \"回\"", &format!("word = \"{bad}\""))[0].1, 2, "{bad}");
    }
}
