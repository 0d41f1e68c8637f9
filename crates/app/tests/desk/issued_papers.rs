//! Papers issued from orders: numbers without gaps, what is printed stays printed, and each step has its proof.

use crate::floors::pixel;
use crate::stores::{in_memory, on_each_store, on_every_store};
use fengsui_app::kit::{COUNTY, Desk, NEIGHBOUR, TOWN};
use fengsui_app::{Fault, LedgerForm, PaperAsk, PaperTemplates, SignedIn};
use fengsui_base::{Fields, RefusalKind, UnitId};
use fengsui_ledger::Entry;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wordform::{Block, Document, pages};

const ORDER: &str = "correction_order";
const PAPER: &str = "issued_paper";

/// The shipped templates, or others in the place of one.
fn templates(instead: Option<(&str, Vec<u8>)>) -> PaperTemplates {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/papers");
    let own = |name: &str| instead.as_ref().filter(|(own, _)| *own == name).map(|(_, file)| file.clone());
    let shipped = |name: &str| std::fs::read(folder.join(name)).ok();
    PaperTemplates::read(&fengsui_app::kit::catalog(), |name| own(name).or_else(|| shipped(name))).unwrap()
}

struct Brigade {
    desk: Desk,
    papers: PaperTemplates,
    unit: UnitId,
    luo: SignedIn,
    head: SignedIn,
    officers: Value,
}

fn form(mv: &str, fields: Value) -> LedgerForm {
    let fields: Fields = fields.as_object().unwrap().clone();
    LedgerForm { mv: mv.to_owned(), fields, ..LedgerForm::default() }
}

fn refusal(fault: Fault) -> (String, String) {
    let refusal = fault.refusal();
    (refusal.code.to_string(), refusal.detail)
}

async fn brigade(desk: Desk) -> Brigade {
    let unit = desk.register("瑞禾电子厂", TOWN, "889", 2).await;
    desk.certify("luomin", "罗敏", "fire_supervisor", COUNTY).await;
    desk.certify("huangtao", "黄涛", "fire_supervisor", COUNTY).await;
    desk.employ("sunzhiyuan", "孙志远", "brigade_head", COUNTY).await;
    let (luo, huang, head) =
        (desk.sign_in("luomin").await, desk.sign_in("huangtao").await, desk.sign_in("sunzhiyuan").await);
    let officers = json!([luo.grant.account().to_string(), huang.grant.account().to_string()]);
    Brigade { desk, papers: templates(None), unit, luo, head, officers }
}

impl Brigade {
    fn today(&self) -> String {
        self.desk.app.calendar().day_of(self.desk.app.now()).to_string()
    }

    async fn hazard(&self, what: &str) -> Entry {
        let found = form(
            "register",
            json!({ "what": what, "unit": self.unit.to_string(), "category": "facility",
                    "risk": "considerable", "found_on": self.today(), "basis": "消防法第十六条" }),
        );
        self.desk.app.open_entry(&self.luo.grant, "hazard", found, None).await.unwrap()
    }

    /// An order over one hazard that says this.
    async fn order(&self, what: &str) -> Entry {
        let hazard = self.hazard(what).await;
        let draft = form(
            "draft",
            json!({ "subject": "消防监督检查", "unit": self.unit.to_string(), "hazards": [hazard.id.to_string()],
                    "inspected_on": self.today(), "correct_by": "2027-03-01", "basis": "消防法第十六条",
                    "officers": self.officers }),
        );
        self.desk.app.open_entry(&self.luo.grant, ORDER, draft, None).await.unwrap()
    }

    async fn issue(&self, order: &Entry) -> Result<Entry, Fault> {
        let ask = self.ask(order, "order_by_date");
        self.desk.app.issue_paper(&self.luo.grant, &self.papers, ask).await
    }

    fn ask(&self, order: &Entry, paper: &str) -> PaperAsk {
        let (kind, paper) = (order.kind.clone(), paper.to_owned());
        PaperAsk { kind, id: order.id, version: order.version, paper, request: None }
    }

    /// What the entry says is still to be done about its papers.
    async fn still(&self, order: &Entry) -> Vec<String> {
        self.desk.app.papers_of_entry(&self.luo.grant, ORDER, order.id).await.unwrap().still
    }

    async fn moved(&self, by: &SignedIn, paper: &Entry, form: LedgerForm) -> Result<Entry, Fault> {
        self.desk.app.move_entry(&by.grant, PAPER, paper.id, paper.version, form).await
    }

    async fn photo(&self) -> Value {
        let stored = self.desk.app.store_ledger_file(&self.luo.grant, PAPER, pixel()).await.unwrap();
        json!([{ "blob": stored.blob, "name": "照片.png" }])
    }

    async fn printed(&self, paper: &Entry) -> Vec<u8> {
        self.desk.app.printed_paper(&self.luo.grant, paper.id).await.unwrap().1.bytes
    }
}

fn said(document: &Document) -> String {
    fn blocks(all: &[Block], said: &mut String) {
        for block in all {
            match block {
                Block::Paragraph(p) => said.extend(p.runs.iter().map(|r| r.text.as_str())),
                Block::Table(table) => {
                    table.rows.iter().flat_map(|r| &r.cells).for_each(|c| blocks(&c.blocks, said));
                }
            }
            said.push('\n');
        }
    }
    let mut text = String::new();
    blocks(&document.body, &mut text);
    blocks(&document.footer, &mut text);
    text
}

#[tokio::test]
async fn a_paper_has_its_number_says_what_the_entry_says_and_stays_as_it_was_printed() {
    on_each_store(async |desk| {
        let mut b = brigade(desk).await;
        let order = b.order("常闭式防火门损坏 4 樘").await;
        let paper = b.issue(&order).await.unwrap();
        assert_eq!(paper.number.as_deref(), Some("云消责限字〔2026〕第0001号"));
        let printed = b.printed(&paper).await;
        let text = said(&pages(&printed).unwrap());
        for part in [
            "云岫县消防救援大队",
            "云消责限字〔2026〕第0001号",
            "瑞禾电子厂：",
            "2027年3月1日",
            "1．常闭式防火门损坏 4 樘（消防法第十六条）",
            "云岫县人民法院",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains(&format!("校验码 {}", paper.fields["code"].as_str().unwrap())), "{text}");
        // The entry goes on and the office changes its template: the paper does not.
        let extended = form(
            "serve",
            json!({ "served_on": b.today(), "received_by": "钱立新", "receipt": b.photo().await }),
        );
        let app = &b.desk.app;
        let served = app.move_entry(&b.luo.grant, ORDER, order.id, order.version, extended).await.unwrap();
        let extended = form("extend", json!({ "correct_by": "2027-04-01", "extend_reason": "配件在途" }));
        app.move_entry(&b.head.grant, ORDER, order.id, served.version, extended).await.unwrap();
        let issued = app.papers_of_entry(&b.luo.grant, ORDER, order.id).await.unwrap().issued;
        assert_eq!(issued[0].changed, ["改正期限"]);
        let file =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/papers/order-at-once.docx"));
        b.papers = templates(Some(("order-by-date.docx", file.unwrap())));
        assert_eq!(b.printed(&paper).await, printed, "byte for byte");
    })
    .await;
}

#[tokio::test]
async fn many_officers_issue_at_once_and_no_number_is_left_out_or_given_twice() {
    on_every_store(async |desk| {
        let b = brigade(desk).await;
        let huang = b.desk.sign_in("huangtao").await;
        let mut orders = Vec::new();
        for n in 0..12 {
            orders.push(b.order(&format!("问题{n}")).await);
        }
        let each = orders.iter().zip([&b.luo, &huang].into_iter().cycle()).map(|(order, by)| {
            let ask = b.ask(order, "order_by_date");
            async { b.desk.app.issue_paper(&by.grant, &b.papers, ask).await }
        });
        let issued = futures::future::join_all(each).await;
        let numbers: BTreeSet<String> = issued.into_iter().map(|p| p.unwrap().number.unwrap()).collect();
        let expected: BTreeSet<String> = (1..=12).map(|n| format!("云消责限字〔2026〕第{n:04}号")).collect();
        assert_eq!(numbers, expected);
        // Another kind of paper has a series of its own.
        let receipt = b.ask(&orders[0], "service_receipt");
        let receipt = b.desk.app.issue_paper(&b.luo.grant, &b.papers, receipt).await.unwrap();
        assert_eq!(receipt.number.as_deref(), Some("云消送字〔2026〕第0001号"));
        let text = said(&pages(&b.printed(&receipt).await).unwrap());
        assert!(text.contains("责令限期改正通知书（云消责限字〔2026〕第"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_paper_is_sealed_served_with_photos_and_every_step_stands_on_its_entry() {
    on_each_store(async |desk| {
        let b = brigade(desk).await;
        let order = b.order("疏散楼梯间堆放货物").await;
        assert_eq!(b.still(&order).await, ["还没有出具《责令限期改正通知书》"]);
        let paper = b.issue(&order).await.unwrap();
        let named = "《责令限期改正通知书》云消责限字〔2026〕第0001号";
        assert_eq!(b.still(&order).await, [format!("{named}还没有登记盖章和送达")]);
        let sealed = b.moved(&b.luo, &paper, form("seal", json!({ "sealed_on": b.today() }))).await.unwrap();
        assert_eq!(b.still(&order).await, [format!("{named}还没有登记送达")]);
        let served = json!({ "served_on": b.today(), "manner": "direct", "received_by": "钱立新",
                             "signed": b.photo().await, "receipt": [] });
        let (code, _) = refusal(b.moved(&b.luo, &sealed, form("serve", served.clone())).await.unwrap_err());
        assert_eq!(code, "input.invalid");
        let mut served = served;
        served["receipt"] = b.photo().await;
        let served = b.moved(&b.luo, &sealed, form("serve", served)).await.unwrap();
        assert_eq!((served.state.as_str(), served.closed_at.is_some()), ("served", true));
        assert!(b.still(&order).await.is_empty());
        let lines = b.desk.app.ledger_journal(&b.luo.grant, ORDER, order.id, None, 20).await.unwrap();
        let lines: Vec<_> = lines.into_iter().map(|row| row.content.unwrap().text).collect();
        assert!(lines[0].starts_with("文书 云消责限字〔2026〕第0001号：登记送达"), "{lines:?}");
        assert!(lines[1].contains("登记盖章"), "{lines:?}");
        assert_eq!(lines[2], "出具《责令限期改正通知书》云消责限字〔2026〕第0001号");
    })
    .await;
}

#[tokio::test]
async fn a_void_number_stays_and_the_next_paper_says_what_it_replaces() {
    on_each_store(async |desk| {
        let b = brigade(desk).await;
        let order = b.order("消防车通道设置固定桩").await;
        let first = b.issue(&order).await.unwrap();
        let (code, detail) = refusal(b.issue(&order).await.unwrap_err());
        assert_eq!(code, "paper.barred");
        assert!(detail.contains("已经出具 云消责限字〔2026〕第0001号，作废以后"), "{detail}");
        let void = form("void", json!({ "void_reason": "单位名称写错" }));
        b.moved(&b.luo, &first, void).await.unwrap();
        let second = b.issue(&order).await.unwrap();
        assert_eq!(second.number.as_deref(), Some("云消责限字〔2026〕第0002号"));
        assert_eq!(second.fields["replaces"], json!(first.id.to_string()));
        let all = b.desk.app.papers_of_entry(&b.luo.grant, ORDER, order.id).await.unwrap();
        let states: Vec<_> = all.issued.iter().map(|p| p.entry.state.as_str()).collect();
        assert_eq!(states, ["voided", "printed"]);
    })
    .await;
}

#[tokio::test]
async fn a_series_begins_anew_with_the_year_of_the_office() {
    let b = brigade(in_memory().await).await;
    let (old, new) = (b.order("旧年").await, b.order("新年").await);
    assert_eq!(b.issue(&old).await.unwrap().number.as_deref(), Some("云消责限字〔2026〕第0001号"));
    // 2027-01-01 00:00 in the office is still the old year in UTC.
    let midnight: fengsui_base::Timestamp = "2026-12-31T16:00:00Z".parse().unwrap();
    b.desk.clock.pass_s(midnight.duration_since(b.desk.app.now()).as_secs());
    assert_eq!(b.issue(&new).await.unwrap().number.as_deref(), Some("云消责限字〔2027〕第0001号"));
}

#[tokio::test]
async fn what_cannot_be_issued_says_why_and_to_a_neighbour_it_is_not_there() {
    let b = brigade(in_memory().await).await;
    let order = b.order("灭火器压力不足").await;
    let offers = b.desk.app.papers_of_entry(&b.luo.grant, ORDER, order.id).await.unwrap().offers;
    let offers: Vec<_> = offers.iter().map(|o| (o.paper.as_str(), o.barred.is_none())).collect();
    assert_eq!(offers, [("order_by_date", true), ("service_receipt", true)], "at once is another order");
    let stale = PaperAsk { version: order.version + 1, ..b.ask(&order, "order_by_date") };
    let stale = b.desk.app.issue_paper(&b.luo.grant, &b.papers, stale).await.unwrap_err();
    assert_eq!(refusal(stale).0, "version.stale");
    let void = form("void", json!({ "void_reason": "重复" }));
    let app = &b.desk.app;
    let voided = app.move_entry(&b.head.grant, ORDER, order.id, order.version, void).await.unwrap();
    let (_, detail) = refusal(b.issue(&voided).await.unwrap_err());
    assert!(detail.contains("须在“待送达、待改正”时出具"), "{detail}");
    let by_head = app.issue_paper(&b.head.grant, &b.papers, b.ask(&voided, "order_by_date")).await;
    assert_eq!(by_head.unwrap_err().refusal().kind, RefusalKind::NotFound);
    b.desk.employ("linxian", "林岚", "fire_supervisor", NEIGHBOUR).await;
    let neighbour = b.desk.sign_in("linxian").await;
    let hidden = app.papers_of_entry(&neighbour.grant, ORDER, order.id).await.unwrap_err();
    assert_eq!(hidden.refusal().kind, RefusalKind::NotFound);
    let by_form = app.open_entry(&b.luo.grant, PAPER, form("issue", json!({})), None).await;
    let place = LedgerForm { region: Some(COUNTY.parse().unwrap()), ..form("issue", json!({})) };
    assert!(by_form.is_err());
    let by_form = app.open_entry(&b.luo.grant, PAPER, place, None).await;
    assert_eq!(refusal(by_form.unwrap_err()).0, "move.issues");
}

#[tokio::test]
async fn hostile_text_stays_text_and_the_same_request_is_one_paper() {
    let b = brigade(in_memory().await).await;
    let hostile = "<w:p>&amp;{{单位名称}}\u{202e}反\u{0}\u{7}=SUM(A1)]]>";
    let order = b.order(hostile).await;
    let ask = PaperAsk { request: Some("k1".to_owned()), ..b.ask(&order, "order_by_date") };
    let first = b.desk.app.issue_paper(&b.luo.grant, &b.papers, ask.clone()).await.unwrap();
    let again = b.desk.app.issue_paper(&b.luo.grant, &b.papers, ask).await.unwrap();
    assert_eq!(first.id, again.id);
    let text = said(&pages(&b.printed(&first).await).unwrap());
    assert!(text.contains("<w:p>&amp;{{单位名称}}反"), "{text}");
    assert!(text.contains("=SUM(A1)]]>") && !text.contains('\u{202e}') && !text.contains('\u{0}'), "{text}");
}
