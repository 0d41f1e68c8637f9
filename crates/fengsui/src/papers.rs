//! Printed papers (文书): the shipped templates and the office's own in their place; `paper` gives templates out for
//! editing and looks at those that come back.

use crate::{catalog, machine};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use fengsui_app::{PaperTemplates, TemplateCheck};
use fengsui_catalog::Issuer;
use rust_embed::Embed;
use std::path::{Path, PathBuf};

#[derive(Embed)]
#[folder = "../../catalog/papers"]
struct Files;

/// The site's own file of who issues papers.
const ISSUERS: &str = "issuers.toml";

#[derive(Subcommand)]
pub(crate) enum PaperCommand {
    /// 把自带的文书模板取出来，用 Word 或 WPS 修改
    Templates(Templates),
    /// 检查一份改过的模板：有没有写错的标记，比自带的多了、少了什么
    Check(Check),
}

#[derive(Args)]
pub(crate) struct Templates {
    /// 放到哪个文件夹；已有的同名文件不覆盖
    #[arg(long, value_name = "文件夹")]
    to: PathBuf,
}

#[derive(Args)]
pub(crate) struct Check {
    /// 改过的模板（.docx），文件名和取出来时一样
    file: PathBuf,
}

/// The templates of this office: the file in its own folder where there is one, the shipped one otherwise.
pub(crate) fn templates(own: Option<&Path>) -> Result<PaperTemplates> {
    if let Some(folder) = own.filter(|folder| !folder.is_dir()) {
        bail!("没有文书模板的文件夹 {}；请改配置里的 papers", folder.display());
    }
    let own = |name: &str| own.and_then(|folder| std::fs::read(folder.join(name)).ok());
    let shipped = |name: &str| Files::get(name).map(|file| file.data.into_owned());
    let issuers = issuers(own(ISSUERS))?;
    PaperTemplates::read(&catalog::shipped()?, |name| own(name).or_else(|| shipped(name)))
        .map(|templates| templates.with_issuers(issuers))
        .map_err(|wrong| anyhow!("文书模板有误：\n{}", wrong.join("\n")))
}

/// The site's own rows of who issues papers, from the folder of its templates.
fn issuers(file: Option<Vec<u8>>) -> Result<Vec<Issuer>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = String::from_utf8(file).map_err(|_| anyhow!("{ISSUERS} 不是 UTF-8 文字，请另存后再试"))?;
    Issuer::read(ISSUERS, &text).map_err(|wrong| {
        let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        anyhow!("发文机关有误：\n{}", lines.join("\n"))
    })
}

pub(crate) fn run(command: &PaperCommand) -> Result<()> {
    let told = match command {
        PaperCommand::Templates(options) => given_out(&options.to)?,
        PaperCommand::Check(options) => {
            let file = &options.file;
            let bytes = std::fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
            let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            looked_at(&name, &bytes)?
        }
    };
    machine::say(&told);
    Ok(())
}

fn given_out(folder: &Path) -> Result<String> {
    let templates = templates(None)?;
    std::fs::create_dir_all(folder).with_context(|| format!("建不了文件夹 {}", folder.display()))?;
    let there = templates.all().iter().map(|t| &t.paper.file).find(|name| folder.join(name).exists());
    if let Some(there) = there {
        bail!("{} 里已有 {there}，没有取出任何模板；请换一个文件夹", folder.display());
    }
    for template in templates.all() {
        let name = &template.paper.file;
        std::fs::write(folder.join(name), &template.file).with_context(|| format!("写不了 {name}"))?;
    }
    Ok(format!("{} 份模板已取出到 {}", templates.all().len(), folder.display()))
}

/// What the template asks for, and what it asks otherwise than the shipped one of the same name.
fn looked_at(file: &str, bytes: &[u8]) -> Result<String> {
    let templates = templates(None)?;
    let Some(shipped) = templates.all().iter().find(|t| t.paper.file == file) else {
        let known: Vec<_> = templates.all().iter().map(|t| t.paper.file.as_str()).collect();
        bail!("从文件名 {file} 看不出是哪种文书；请用原来的文件名：{}", known.join("、"));
    };
    let check = templates.check(&shipped.paper.name, bytes).map_err(|refusal| anyhow!(refusal.detail))?;
    Ok(in_words(&shipped.paper.label, &check))
}

fn in_words(label: &str, check: &TemplateCheck) -> String {
    let mut told =
        vec![format!("{label}：模板可用，要填 {} 处：{}", check.places.len(), check.places.join("、"))];
    if !check.added.is_empty() {
        let names = check.added.join("、");
        told.push(format!("自带的模板里没有：{names}。请核对名称，没有这一项内容时印出来是空白"));
    }
    if !check.lost.is_empty() {
        told.push(format!("少了：{}。印出来不会有这几项", check.lost.join("、")));
    }
    told.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wordform::{Block, compose, pages};

    /// The shipped template with one text in place of another, as a clerk would change it.
    fn edited(name: &str, from: &str, to: &str) -> Vec<u8> {
        let mut document = pages(&Files::get(name).unwrap().data).unwrap();
        for block in &mut document.body {
            if let Block::Paragraph(paragraph) = block {
                paragraph.runs.iter_mut().for_each(|run| run.text = run.text.replace(from, to));
            }
        }
        compose(&document)
    }

    #[test]
    fn templates_are_given_out_once_and_never_over_what_somebody_has_edited() {
        let folder = tempfile::tempdir().unwrap();
        let told = given_out(folder.path()).unwrap();
        assert!(told.starts_with("8 份模板"), "{told}");
        let edited = folder.path().join("order-at-once.docx");
        std::fs::write(&edited, "改过的").unwrap();
        let wrong = given_out(folder.path()).unwrap_err().to_string();
        assert!(wrong.contains("里已有") && wrong.contains("换一个文件夹"), "{wrong}");
        assert_eq!(std::fs::read_to_string(edited).unwrap(), "改过的");
    }

    #[test]
    fn an_offices_own_template_takes_the_place_of_the_shipped_one_and_a_wrong_one_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("order-by-date.docx");
        std::fs::write(&file, edited("order-by-date.docx", "{{改正期限:12}}", "{{检查日期}}")).unwrap();
        let own = templates(Some(folder.path())).unwrap();
        assert!(!own.one("order_by_date").unwrap().places.contains(&"改正期限".to_owned()));
        std::fs::write(&file, edited("order-by-date.docx", "{{改正期限:12}}", "{{改正日期}}")).unwrap();
        let wrong = templates(Some(folder.path())).unwrap_err().to_string();
        assert!(wrong.contains("改正日期 没有来源") && wrong.contains("papers.toml:"), "{wrong}");
        assert!(own.one("order_at_once").unwrap().places.contains(&"单位名称".to_owned()));
        std::fs::write(&file, edited("order-by-date.docx", "{{改正期限:12}}", "{{改正期限")).unwrap();
        let wrong = templates(Some(folder.path())).unwrap_err().to_string();
        assert!(wrong.contains("order-by-date.docx") && wrong.contains("补上 }}"), "{wrong}");
        let nowhere = templates(Some(&folder.path().join("nowhere"))).unwrap_err().to_string();
        assert!(nowhere.contains("没有文书模板的文件夹"), "{nowhere}");
    }

    #[test]
    fn what_was_added_misspelt_or_lost_is_named() {
        let name = "order-by-date.docx";
        let told = looked_at(name, &edited(name, "{{改正期限:12}}", "{{改正日期}}")).unwrap();
        assert!(told.contains("没有：改正日期") && told.contains("少了：改正期限"), "{told}");
        let told = looked_at(name, &Files::get(name).unwrap().data).unwrap();
        assert!(told.contains("模板可用") && !told.contains("少了"), "{told}");
        let wrong = looked_at(name, &edited(name, "{{改正期限:12}}", "{{改正期限")).unwrap_err().to_string();
        assert!(wrong.contains("现责令你单位") && wrong.contains("补上 }}"), "{wrong}");
        assert!(looked_at("mine.docx", b"").unwrap_err().to_string().contains("order-by-date.docx"));
    }
}
