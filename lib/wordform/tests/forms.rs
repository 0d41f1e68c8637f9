//! Forms as an office makes them: filled, opened again, and read as a person would read them.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use proptest::prelude::*;
use serde_json::{Value, json};
use wordform::{
    Align, AskedFor, Block, Cell, Document, Field, FillMistake, Join, Page, Paragraph, PlaceUse, RECORDS_MAX,
    Row, Run, Table, Template, TemplateMistake, VALUE_CHARS_MAX, compose, fill, pages, printable,
};

fn run(text: &str) -> Run {
    Run { text: text.to_owned(), font: "仿宋".to_owned(), size_half_pt: 32, ..Run::default() }
}

fn line(text: &str) -> Block {
    Block::Paragraph(Paragraph { runs: vec![run(text)], ..Paragraph::default() })
}

fn cell(text: &str) -> Cell {
    Cell { columns: 1, join: Join::Alone, middle: true, blocks: vec![line(text)] }
}

fn rows(rows: &[&[&str]]) -> Block {
    let columns_twip = vec![2_000; rows[0].len()];
    let row = |cells: &&[&str]| Row { cells: cells.iter().map(|t| cell(t)).collect(), ..Row::default() };
    Block::Table(Table { columns_twip, ruled: true, rows: rows.iter().map(row).collect() })
}

fn document(body: Vec<Block>) -> Document {
    Document {
        page: Page::OFFICIAL, header: vec![line("示例县")], footer: vec![line("{{编号?}}")], body
    }
}

fn template(body: Vec<Block>) -> Result<Template, TemplateMistake> {
    Template::read(&compose(&document(body)))
}

fn filled(body: Vec<Block>, values: &Value) -> Vec<String> {
    let file = fill(&template(body).unwrap(), values).unwrap();
    texts(&pages(&file).unwrap().body)
}

/// The text of every paragraph, those in tables among them, with what is struck out in brackets.
fn texts(blocks: &[Block]) -> Vec<String> {
    let shown = |r: &Run| if r.struck { format!("[{}]", r.text) } else { r.text.clone() };
    let mut texts = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(p) => texts.push(p.runs.iter().map(shown).collect()),
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                texts.extend(cells.flat_map(|cell| self::texts(&cell.blocks)));
            }
        }
    }
    texts
}

#[test]
fn a_place_takes_its_value_and_keeps_its_look() {
    let mut heavy = run("{{单位名称}}");
    (heavy.bold, heavy.underlined) = (true, true);
    let whole = Paragraph { runs: vec![run("致"), heavy.clone(), run("：")], ..Paragraph::default() };
    let template = template(vec![Block::Paragraph(whole)]).unwrap();
    let file = fill(&template, &json!({"单位名称": "瑞禾电子厂", "编号": "第 12 号"})).unwrap();
    let shown = pages(&file).unwrap();
    let Block::Paragraph(p) = &shown.body[0] else { panic!("{shown:?}") };
    heavy.text = "瑞禾电子厂".to_owned();
    assert_eq!(p.runs, [run("致"), heavy, run("：")]);
    assert_eq!(texts(&shown.footer), ["第 12 号"]);
    assert_eq!(texts(&shown.header), ["示例县"]);
}

#[test]
fn what_is_missing_leaves_a_blank_line_or_nothing() {
    let body = vec![line("电话{{电话}}、{{职务:3}}{{备注?}}。")];
    assert_eq!(filled(body.clone(), &json!({})), ["电话________、___。"]);
    assert_eq!(filled(body, &json!({"电话": " ", "职务": null, "备注": ""})), ["电话________、___。"]);
    let mut lined = run("{{电话:2}}");
    lined.underlined = true;
    let body = vec![Block::Paragraph(Paragraph { runs: vec![lined], ..Paragraph::default() })];
    assert_eq!(filled(body, &json!({})), ["\u{a0}\u{a0}\u{a0}\u{a0}"]);
}

#[test]
fn rows_paragraphs_and_parts_of_a_sentence_are_repeated() {
    let body = vec![
        rows(&[&["序号", "隐患"], &["{{#隐患}}{{序号}}", "{{内容}}{{/隐患}}"], &["合计", "{{合计}}"]]),
        line("{{#隐患}}"),
        line("{{序号}}. {{内容}}（{{单位}}）"),
        line("{{/隐患}}"),
        line("检查人：{{#检查人}}{{姓名}}；{{/检查人}}完"),
    ];
    let values = json!({
        "单位": "瑞禾", "合计": 2,
        "隐患": [{"内容": "出口上锁"}, {"内容": "灭火器过期", "单位": "分厂"}],
        "检查人": [{"姓名": "孙志远"}, {"姓名": "骆敏"}],
    });
    let told = filled(body.clone(), &values);
    let expected = [
        "序号",
        "隐患",
        "1",
        "出口上锁",
        "2",
        "灭火器过期",
        "合计",
        "2",
        "1. 出口上锁（瑞禾）",
        "2. 灭火器过期（分厂）",
        "检查人：孙志远；骆敏；完",
    ];
    assert_eq!(told, expected);
    assert_eq!(filled(body, &json!({})), ["序号", "隐患", "合计", "________", "检查人：完"]);
}

#[test]
fn a_block_appears_when_there_is_a_value_or_when_there_is_none() {
    let body = vec![
        line("{{?期限}}"),
        line("限于{{期限}}前改正。"),
        line("{{/期限}}"),
        line("{{!期限}}"),
        line("立即改正。"),
        line("{{/期限}}"),
        line("依据{{?条款}}第{{条款}}条{{/条款}}{{!条款}}有关规定{{/条款}}"),
    ];
    assert_eq!(
        filled(body.clone(), &json!({"期限": "3月1日", "条款": 60})),
        ["限于3月1日前改正。", "依据第60条"]
    );
    assert_eq!(filled(body, &json!({"期限": false, "条款": []})), ["立即改正。", "依据有关规定"]);
}

#[test]
fn choices_that_do_not_hold_are_struck_out_and_lines_are_lines() {
    let body = vec![line("责令{{方式}}改正：{{内容}}"), line("{{合格}}")];
    let values = json!({
        "方式": [{"text": "立即", "struck": true}, {"text": "/"}, "限期"],
        "内容": "一\r\n二\t三", "合格": true,
    });
    assert_eq!(filled(body, &values), ["责令[立即]/限期改正：一\n二\t三", "是"]);
}

#[test]
fn a_cell_or_a_table_that_loses_everything_stays_a_document() {
    let mut holding = cell("");
    holding.blocks = vec![line("{{?有}}"), line("甲"), line("{{/有}}")];
    let row = Row { cells: vec![holding], ..Row::default() };
    let body = vec![
        Block::Table(Table { columns_twip: vec![4_000], ruled: true, rows: vec![row] }),
        rows(&[&["{{#隐患}}{{内容}}{{/隐患}}"]]),
        rows(&[&["{{#整改}}{{内容}}", "{{/整改}}"]]),
    ];
    // Two cells with an empty paragraph, and those that keep tables apart; the row that is not repeated took its table along.
    assert_eq!(filled(body, &json!({})), ["", "", "", ""]);
}

#[test]
fn a_template_lists_what_it_asks_for() {
    let body = vec![
        line("{{单位}}{{单位}}"),
        line("{{#隐患}}"),
        line("{{内容}}{{?期限}}有{{/期限}}"),
        line("{{/隐患}}"),
    ];
    let asked = |name: &str, asked_as, within: &[&str]| AskedFor {
        name: name.to_owned(),
        asked_as,
        within: within.iter().map(|w| (*w).to_owned()).collect(),
    };
    assert_eq!(
        template(body).unwrap().places(),
        [
            asked("单位", PlaceUse::Text, &[]),
            asked("隐患", PlaceUse::List, &[]),
            asked("内容", PlaceUse::Text, &["隐患"]),
            asked("期限", PlaceUse::Condition, &["隐患"]),
            asked("编号", PlaceUse::Text, &[]),
        ]
    );
}

#[test]
fn marks_without_a_partner_or_crossing_are_named_with_their_paragraph() {
    let cases = [
        (vec![line("{{#隐患}}"), line("内容")], "以 隐患 开始的一段没有结束"),
        (vec![line("内容"), line("{{/隐患}}")], "{{/隐患}} 前面没有对应的开始标记"),
        (vec![line("{{#甲}}{{?乙}}字{{/甲}}{{/乙}}")], "不交叉"),
        (vec![line("头{{#甲}}"), line("{{/甲}}")], "单独占一段"),
        (vec![rows(&[&["{{#甲}}字"]]), line("{{/甲}}")], "同一张表格"),
    ];
    for (body, remedy) in cases {
        let wrong = template(body).unwrap_err();
        assert!(matches!(wrong, TemplateMistake::Mark { .. }), "{wrong}");
        assert!(wrong.to_string().contains(remedy), "{wrong}");
    }
}

#[test]
fn values_that_are_too_long_too_many_or_of_the_wrong_shape_are_named() {
    let body = vec![line("{{名称}}"), line("{{#隐患}}"), line("{{内容?}}"), line("{{/隐患}}")];
    let template = template(body).unwrap();
    let told = |values: &Value| fill(&template, values);
    let longest = "字".repeat(VALUE_CHARS_MAX);
    assert!(told(&json!({"名称": longest})).is_ok());
    let chars = VALUE_CHARS_MAX + 1;
    let wrong = told(&json!({"名称": format!("{longest}字")})).unwrap_err();
    assert_eq!(wrong, FillMistake::TooLong { place: "名称".to_owned(), chars });
    assert!(told(&json!({"隐患": vec![json!({}); RECORDS_MAX]})).is_ok());
    let wrong = told(&json!({"隐患": vec![json!({}); RECORDS_MAX + 1]})).unwrap_err();
    assert_eq!(wrong, FillMistake::TooMany { place: "隐患".to_owned(), records: RECORDS_MAX + 1 });
    assert_eq!(told(&json!({"隐患": vec![json!({"内容": longest}); 51]})), Err(FillMistake::TooMuch));
    for bad in [
        json!({"名称": {"a": 1}}),
        json!({"隐患": "一处"}),
        json!({"隐患": ["一处"]}),
        json!({"名称": [1]}),
        json!([]),
    ] {
        assert!(matches!(told(&bad), Err(FillMistake::Misfit { .. })), "{bad}");
    }
}

#[test]
fn the_same_values_give_the_same_bytes() {
    let template = template(vec![line("{{名称}}")]).unwrap();
    let values = json!({"名称": "瑞禾"});
    assert_eq!(fill(&template, &values).unwrap(), fill(&template, &values).unwrap());
}

#[test]
fn a_document_that_was_written_is_read_as_it_was() {
    let numbered = Run { field: Some(Field::PageNumber), size_half_pt: 28, ..Run::default() };
    let all = Paragraph {
        align: Align::Centre,
        first_line_twip: -640,
        left_twip: 640,
        right_twip: 320,
        line_twip: Some(560),
        before_twip: 100,
        after_twip: 200,
        ruled: true,
        new_page: true,
        with_next: true,
        runs: vec![Run { bold: true, underlined: true, struck: true, ..run("一\n二\t三") }],
    };
    let joined = |join, text: &str| Cell { join, columns: 2, ..cell(text) };
    let row = |join, text: &str| Row {
        height_twip: 600,
        head: true,
        whole: true,
        cells: vec![joined(join, text), cell("右")],
    };
    let table = Table {
        columns_twip: vec![1_000, 2_000, 3_000],
        ruled: false,
        rows: vec![row(Join::Begins, "上"), row(Join::Continues, "")],
    };
    let mut document = document(vec![Block::Paragraph(all), Block::Table(table)]);
    document.footer = vec![Block::Paragraph(Paragraph { runs: vec![numbered], ..Paragraph::default() })];
    // What is left to the program looks as the defaults of the document say.
    let mut expected = document.clone();
    let Block::Paragraph(foot) = &mut expected.footer[0] else { panic!("a paragraph") };
    foot.runs[0].font = "仿宋".to_owned();
    let Block::Table(table) = &mut expected.body[1] else { panic!("a table") };
    let Block::Paragraph(below) = &mut table.rows[1].cells[0].blocks[0] else { panic!("a paragraph") };
    below.runs.clear();
    assert_eq!(pages(&compose(&document)).unwrap(), expected);
    assert_eq!(compose(&document), compose(&document));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_goes_in_and_comes_out_as_text(text in any::<String>(), other in "[{}<>&\"'\\]#/?!:\\n\\t\u{0}-\u{1f}名称]{0,40}") {
        let template = template(vec![line("起{{甲?}}中{{乙?}}止"), rows(&[&["{{#表}}{{甲?}}", "{{乙?}}{{/表}}"]])]).unwrap();
        let file = fill(&template, &json!({"甲": text, "乙": other, "表": [{"甲": other}]})).unwrap();
        let shown = |t: &str| Some(printable(t)).filter(|t| !t.trim().is_empty()).unwrap_or_default();
        let told = texts(&pages(&file).unwrap().body);
        prop_assert_eq!(&told[0], &format!("起{}中{}止", shown(&text), shown(&other)));
        prop_assert_eq!(&told[1..], [shown(&other), shown(&other)]);
    }

    #[test]
    fn any_bytes_are_refused_in_words(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!Template::read(&bytes).unwrap_err().to_string().is_empty());
    }

    #[test]
    fn a_damaged_template_is_refused_or_used_and_nothing_else(place in 0usize..4_000, byte in any::<u8>()) {
        let mut file = compose(&document(vec![line("{{甲}}"), rows(&[&["{{#表}}{{乙}}{{/表}}"]])]));
        let place = place % file.len();
        file[place] = byte;
        if let Ok(template) = Template::read(&file) {
            let _ = fill(&template, &json!({"甲": "字"}));
        }
    }

    #[test]
    fn marks_in_any_order_are_understood_or_refused(marks in proptest::collection::vec("\\{\\{[#/?!]?[甲乙](:3)?\\}\\}|字|\\{|\\}", 0..12)) {
        if let Ok(template) = template(vec![line(&marks.concat())]) {
            let file = fill(&template, &json!({"甲": [{"乙": 1}]}));
            prop_assert!(file.is_err() || pages(&file.unwrap()).is_ok());
        }
    }
}
