//! Papers of work-safety supervision (安全生产执法).
//!
//! Source: the ministry of emergency management's forms for administrative enforcement of work safety, by their fields.

use super::layout::*;
use wordform::Block;

/// 现场检查记录
pub(super) fn site_record() -> Vec<u8> {
    let mut body = head("现场检查记录");
    let rows = vec![
        row(1, vec![label("被检查单位"), value("{{单位名称:20}}", 3)]),
        row(1, vec![label("地　　址"), value("{{单位地址:20}}", 3)]),
        row(
            1,
            vec![
                label("法定代表人\n（负责人）"),
                value("{{法定代表人}}", 1),
                label("联系电话"),
                value("{{法定代表人电话}}", 1),
            ],
        ),
        row(
            1,
            vec![
                label("现场负责人"),
                value("{{现场负责人}}", 1),
                label("职　　务"),
                value("{{现场负责人职务}}", 1),
            ],
        ),
        row(1, vec![label("检查场所"), value("{{检查场所:20}}", 3)]),
        row(1, vec![label("检查时间"), value("{{检查时间:20}}", 3)]),
        row(
            3,
            vec![long(
                "我们是{{发文机关:10}}行政执法人员{{#执法人员}}　{{姓名:4}}（证号{{证号:8}}）{{/执法人员}}，这是我们的证件（出示证件）。\
             现依法对你单位进行现场检查，请予以配合。",
                4,
            )],
        ),
        row(1, vec![part("检查情况", 4)]),
        row(
            5,
            vec![long(
                "{{检查情况?}}\n{{#问题}}\n{{序号}}．{{内容}}{{?依据}}（{{依据}}）{{/依据}}\n{{/问题}}\n{{!问题}}\n{{?当场改正}}\n发现轻微问题，已当场改正：{{当场改正}}\n{{/当场改正}}\n{{!当场改正}}\n\
                 检查中未发现问题。\n{{/当场改正}}\n{{/问题}}",
                4,
            )],
        ),
        signed(vec![
            value("被检查单位现场负责人（签名）：\n______________\n____年__月__日", 2),
            value("检查人员（签名）：\n__________、__________\n____年__月__日", 2),
        ]),
    ];
    body.push(table(&[24, 27, 20, 29], rows));
    paper(body)
}

/// 责令限期整改指令书
pub(super) fn rectification_order() -> Vec<u8> {
    let mut body = head("责令限期整改指令书");
    body.push(addressee());
    body.push(text("经{{检查日期:12}}现场检查，你单位存在下列问题："));
    body.extend(each("问题", &["{{序号}}．{{内容:24}}{{?依据}}（{{依据}}）{{/依据}}"]));
    body.push(text(
        "根据{{责令依据:16}}的规定，现责令你单位于{{改正期限:12}}前对上述问题整改完毕，达到有关法律、法规、规章和标准的要求。",
    ));
    body.push(text("整改期间，你单位应当采取措施，确保安全生产。逾期不整改或者整改后达不到要求的，依法处理；由此造成事故的，依法追究责任。"));
    body.push(last_text(
        "如不服本指令，可以自收到本指令之日起六十日内依法向{{复议机关:12}}申请行政复议，或者自收到本指令之日起六个月内依法向\
         {{诉讼法院:12}}提起行政诉讼。复议、诉讼期间不停止本指令的执行，法律另有规定的除外。",
    ));
    body.extend(officers("行政执法人员"));
    body.extend(seal());
    body.push(receipt("被检查单位负责人"));
    body.push(note("本文书一式两份，一份由执法机关备案，一份交被检查单位。"));
    paper(body)
}

/// 整改复查意见书
pub(super) fn rectification_recheck() -> Vec<u8> {
    let mut body: Vec<Block> = head("整改复查意见书");
    body.push(addressee());
    body.push(text(
        "本机关于{{原文书日期:12}}作出{{原文书名称:12}}（{{原文号:12}}）。{{复查日期:12}}，经对你单位整改情况进行复查，提出如下意见：",
    ));
    body.extend(each("问题", &["{{序号}}．{{内容:20}}：{{复查结果:8}}。"]));
    body.push(last_text("复查意见：{{复查意见:24}}。"));
    body.extend(last_given("逾期未改正", "对未整改的问题，将依法处理。"));
    body.extend(officers("复查人员"));
    body.extend(seal());
    body.push(receipt("被复查单位负责人"));
    body.push(note("本文书一式两份，一份由执法机关备案，一份交被复查单位。不采用的选项以横线划去。"));
    paper(body)
}
