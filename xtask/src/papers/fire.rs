//! Papers of fire supervision (消防监督).
//!
//! Source: the ministry's forms of 2009 and 2012 for the provisions on fire supervision and inspection (order 120),
//! by their fields; names of bodies as they are since 2019.

use super::layout::*;
use wordform::Block;

/// The rights of whoever receives an order. Source: administrative review law art. 20, administrative litigation law art. 46.
const RIGHTS: &str = "如不服本通知，可以自收到本通知之日起六十日内依法向{{复议机关:12}}申请行政复议，\
    或者自收到本通知之日起六个月内依法向{{诉讼法院:12}}提起行政诉讼。复议、诉讼期间不停止本通知的执行，法律另有规定的除外。";

fn order(title: &str, command: &[&str]) -> Vec<u8> {
    let mut body = head(title);
    body.push(addressee());
    body.push(text(
        "根据《中华人民共和国消防法》第五十三条的规定，我{{机关简称:6}}于{{检查日期:12}}派员对你单位（场所）\
         进行消防监督检查，发现存在下列消防安全违法行为（火灾隐患）：",
    ));
    body.extend(each("问题", &["{{序号}}．{{内容:24}}{{?依据}}（{{依据}}）{{/依据}}"]));
    body.extend(command.iter().map(|line| text(line)));
    body.push(last_text(RIGHTS));
    body.extend(officers("消防监督员"));
    body.extend(seal());
    body.push(receipt("被检查单位（场所）"));
    body.push(note("本文书一式两份，一份交被检查单位（场所），一份存档。"));
    paper(body)
}

/// 责令立即改正通知书
pub(super) fn order_at_once() -> Vec<u8> {
    order(
        "责令立即改正通知书",
        &[
            "根据{{责令依据:16}}的规定，现责令你单位（场所）对上述问题立即改正。依法应当给予行政处罚的，另行作出决定。",
        ],
    )
}

/// 责令限期改正通知书
pub(super) fn order_by_date() -> Vec<u8> {
    order(
        "责令限期改正通知书",
        &[
            "根据{{责令依据:16}}的规定，现责令你单位（场所）于{{改正期限:12}}前改正上述问题。依法应当给予行政处罚的，\
             另行作出决定。",
            "改正期间，你单位（场所）应当采取措施，确保消防安全。期限届满或者改正完毕，我{{机关简称:6}}将进行复查；\
             逾期不改正的，依法处理。",
        ],
    )
}

/// 消防监督检查记录
pub(super) fn inspection_record() -> Vec<u8> {
    let mut body = head("消防监督检查记录");
    let rows = vec![
        row(1, vec![label("检查形式"), value("{{检查形式:20}}", 3)]),
        row(1, vec![label("检查时间"), value("{{检查时间:20}}", 3)]),
        row(1, vec![label("单位名称"), value("{{单位名称:20}}", 3)]),
        row(1, vec![label("地　　址"), value("{{单位地址:20}}", 3)]),
        row(
            1,
            vec![
                label("法定代表人或\n主要负责人"),
                value("{{法定代表人}}", 1),
                label("联系电话"),
                value("{{法定代表人电话}}", 1),
            ],
        ),
        row(
            1,
            vec![
                label("消防安全\n管理人"),
                value("{{消防安全管理人}}", 1),
                label("联系电话"),
                value("{{消防安全管理人电话}}", 1),
            ],
        ),
        row(1, vec![label("检查人员"), value("{{#执法人员}}{{姓名}}（{{证号:8}}）　{{/执法人员}}", 3)]),
        row(1, vec![part("检查内容和情况", 4)]),
        row(1, vec![label("检查项目"), label("检查结果"), centred("情况说明", 2)]),
        row(
            1,
            vec![value("{{#检查项}}{{项目}}", 1), value("{{结果:4}}", 1), value("{{说明?}}{{/检查项}}", 2)],
        ),
        row(1, vec![part("发现的问题", 4)]),
        row(
            3,
            vec![long(
                "{{#问题}}\n{{序号}}．{{内容}}{{?依据}}（{{依据}}）{{/依据}}\n{{/问题}}\n{{!问题}}\n{{?当场改正}}\n发现轻微问题，已当场改正：{{当场改正}}\n{{/当场改正}}\n{{!当场改正}}\n\
                 检查中未发现消防安全违法行为和火灾隐患。\n{{/当场改正}}\n{{/问题}}",
                4,
            )],
        ),
        row(1, vec![label("处理情况"), value("{{处理情况:20}}", 3)]),
        row(2, vec![label("备　　注"), long("{{备注?}}", 3)]),
        signed(vec![
            value("单位随同检查人员（签名）：\n______________\n____年__月__日", 2),
            value("消防监督员（签名）：\n__________、__________\n____年__月__日", 2),
        ]),
    ];
    body.push(table(&[24, 27, 20, 29], rows));
    body.push(note("注：检查人员不少于两人，检查时出示执法证件。不采用的选项以横线划去。"));
    paper(body)
}

/// 复查意见书
pub(super) fn recheck_opinion() -> Vec<u8> {
    let mut body = head("复查意见书");
    body.push(addressee());
    body.push(text(
        "我{{机关简称:6}}于{{原文书日期:12}}以{{原文书名称:12}}（{{原文号:12}}）责令你单位（场所）改正有关问题。\
         {{复查日期:12}}，我{{机关简称:6}}派员对改正情况进行了复查，结果如下：",
    ));
    body.extend(each("问题", &["{{序号}}．{{内容:20}}：{{复查结果:8}}。"]));
    body.push(last_text("复查意见：{{复查意见:24}}。"));
    body.extend(last_given("逾期未改正", "对逾期不改正的问题，将依法处理。"));
    body.extend(officers("消防监督员"));
    body.extend(seal());
    body.push(receipt("被复查单位（场所）"));
    body.push(note("本文书一式两份，一份交被复查单位（场所），一份存档。不采用的选项以横线划去。"));
    paper(body)
}

/// 送达回证
pub(super) fn service_receipt() -> Vec<u8> {
    let mut body: Vec<Block> = head("送达回证");
    let rows = vec![
        row(1, vec![label("受送达人"), value("{{单位名称:20}}", 3)]),
        row(
            1,
            vec![label("送达文书\n名称及文号"), value("{{#送达文书}}{{名称}}（{{文号}}）　{{/送达文书}}", 3)],
        ),
        row(1, vec![label("送达地点"), value("{{送达地点:20}}", 3)]),
        row(1, vec![label("送达方式"), value("{{送达方式:20}}", 3)]),
        row(
            1,
            vec![
                label("受送达人\n签名或盖章"),
                value("", 1),
                label("收到时间"),
                value("　　年　月　日\n　　时　分", 1),
            ],
        ),
        row(
            1,
            vec![
                label("代收人签名及\n代收理由"),
                value("", 1),
                label("代收时间"),
                value("　　年　月　日\n　　时　分", 1),
            ],
        ),
        row(2, vec![label("受送达人拒收\n的事由"), value("{{拒收事由?}}", 3)]),
        row(1, vec![label("见证人签名"), value("", 1), label("单位、住址"), value("", 1)]),
        row(
            1,
            vec![
                label("送达人签名"),
                value("", 1),
                label("送达时间"),
                value("　　年　月　日\n　　时　分", 1),
            ],
        ),
        row(2, vec![label("备　　注"), long("{{备注?}}", 3)]),
    ];
    body.push(table(&[24, 23, 22, 31], rows));
    body.push(note(
        "注：不采用的送达方式以横线划去。受送达人拒收时，写明拒收事由，由见证人签名，并附影像记录。",
    ));
    paper(body)
}
