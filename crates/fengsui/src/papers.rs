//! `paper`: gives the shipped templates of printed papers (文书) out for editing, and looks at those that come back.

use crate::machine;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use rust_embed::Embed;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use wordform::{AskedFor, PlaceUse, Template};

#[derive(Embed)]
#[folder = "../../catalog/papers"]
struct Files;

#[derive(Subcommand)]
pub(crate) enum PaperCommand {
    /// 把自带的文书模板取出来，用 Word 或 WPS 修改
    Templates(Templates),
    /// 检查一份改过的模板：有没有写错的标记，要填哪些内容
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
    /// 改过的模板（.docx）
    file: PathBuf,
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
    std::fs::create_dir_all(folder).with_context(|| format!("建不了文件夹 {}", folder.display()))?;
    let mut names: Vec<_> = Files::iter().filter(|name| name.ends_with(".docx")).collect();
    names.sort_unstable();
    if let Some(there) = names.iter().find(|name| folder.join(name.as_ref()).exists()) {
        bail!("{} 里已有 {there}，没有取出任何模板；请换一个文件夹", folder.display());
    }
    for name in &names {
        let file = Files::get(name).with_context(|| format!("程序里没有 {name}"))?;
        std::fs::write(folder.join(name.as_ref()), file.data).with_context(|| format!("写不了 {name}"))?;
    }
    Ok(format!("{} 份模板已取出到 {}", names.len(), folder.display()))
}

/// What the template asks for, and, for one that has the name of a shipped one, what it asks otherwise.
fn looked_at(name: &str, bytes: &[u8]) -> Result<String> {
    let asked = places(bytes)?;
    let mut told = format!("模板可用，要填 {} 处：\n", asked.len());
    for place in &asked {
        let _ = writeln!(told, "  {}", in_words(place));
    }
    let Some(shipped) = Files::get(name) else { return Ok(told.trim_end().to_owned()) };
    let shipped = places(&shipped.data)?;
    for place in asked.iter().filter(|p| !shipped.contains(p)) {
        let _ = writeln!(
            told,
            "自带的模板里没有 {}：请核对名称，没有这一项内容时打印出来是空白",
            in_words(place)
        );
    }
    for place in shipped.iter().filter(|p| !asked.contains(p)) {
        let _ = writeln!(told, "少了 {}：打印出来不会有这一项", in_words(place));
    }
    Ok(told.trim_end().to_owned())
}

fn places(bytes: &[u8]) -> Result<Vec<AskedFor>> {
    Ok(Template::read(bytes)?.places())
}

fn in_words(place: &AskedFor) -> String {
    let within: String = place.within.iter().map(|list| format!("{list} › ")).collect();
    let use_of = match place.asked_as {
        PlaceUse::Text => "",
        PlaceUse::List => "（逐条列出）",
        PlaceUse::Condition => "（有没有）",
    };
    format!("{within}{}{use_of}", place.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wordform::{Block, compose, pages};

    fn shipped(name: &str) -> Vec<u8> {
        Files::get(name).unwrap().data.into_owned()
    }

    /// The shipped template with one text in place of another, as a clerk would change it.
    fn edited(name: &str, from: &str, to: &str) -> Vec<u8> {
        let mut document = pages(&shipped(name)).unwrap();
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
    fn a_template_that_is_as_it_was_asks_for_the_same() {
        for name in Files::iter().filter(|name| name.ends_with(".docx")) {
            let told = looked_at(&name, &shipped(&name)).unwrap();
            assert!(told.starts_with("模板可用") && !told.contains("少了"), "{name}: {told}");
        }
    }

    #[test]
    fn what_was_added_misspelt_or_lost_is_named() {
        let name = "order-by-date.docx";
        let told = looked_at(name, &edited(name, "{{改正期限:12}}", "{{改正日期}}")).unwrap();
        assert!(told.contains("自带的模板里没有 改正日期") && told.contains("少了 改正期限"), "{told}");
        let wrong = looked_at(name, &edited(name, "{{改正期限:12}}", "{{改正期限")).unwrap_err().to_string();
        assert!(wrong.contains("现责令你单位") && wrong.contains("补上 }}"), "{wrong}");
    }
}
