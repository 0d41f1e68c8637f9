//! `fengsui catalog check`: a folder of catalog files looked at before anybody uses it, and what it changes of the shipped one.

use crate::{catalog, machine};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use fengsui_catalog::{Catalog, FILE_BYTES_MAX, differences};
use std::path::{Path, PathBuf};

/// How deep folders are looked into: `catalog/ledgers/` is one below.
const DEPTH_MAX: u8 = 4;

#[derive(Subcommand)]
pub(crate) enum CatalogCommand {
    /// 检查一个文件夹里的台账目录：每个错误的文件、行和原因，和自带的目录有什么不同
    Check(Check),
}

#[derive(Args)]
pub(crate) struct Check {
    /// 放台账目录（.toml）的文件夹，连同下面的文件夹
    folder: PathBuf,
}

pub(crate) fn run(command: &CatalogCommand) -> Result<()> {
    let CatalogCommand::Check(options) = command;
    machine::say(&checked(&options.folder)?);
    Ok(())
}

/// What to tell of a folder without mistakes; every mistake as the error.
fn checked(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    gather(folder, folder, DEPTH_MAX, &mut files)?;
    if files.is_empty() {
        bail!("{} 里没有台账目录的文件（.toml）", folder.display());
    }
    files.sort();
    let texts: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let new = Catalog::load(&texts).map_err(|wrong| {
        let lines = wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        anyhow::anyhow!("台账目录有 {} 处错误：\n{lines}", wrong.len())
    })?;
    Ok(told(files.len(), &new, &catalog::shipped()?))
}

fn told(files: usize, new: &Catalog, shipped: &Catalog) -> String {
    let found = differences(shipped, new);
    let breaking = found.iter().filter(|d| d.breaks).count();
    let ledgers = new.ledgers().count();
    let mut lines = vec![format!("{files} 个文件，{ledgers} 本台账，没有错误。")];
    lines.push(match (found.len(), breaking) {
        (0, _) => "和自带的目录没有不同。".to_owned(),
        (all, 0) => format!("和自带的目录有 {all} 处不同，都可以启用："),
        (all, breaking) => {
            format!("和自带的目录有 {all} 处不同，其中 {breaking} 处有记录时不能启用（前面有 × 的）：")
        }
    });
    lines.extend(found.iter().map(|d| format!("{} {}", if d.breaks { "×" } else { " " }, d.text)));
    lines.join("\n")
}

fn gather(root: &Path, folder: &Path, depth: u8, files: &mut Vec<(String, String)>) -> Result<()> {
    let unreadable = || format!("读不到文件夹 {}", folder.display());
    for found in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = found.with_context(unreadable)?.path();
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        if path.is_dir() && depth > 0 {
            gather(root, &path, depth - 1, files)?;
        } else if catalog::is_part(&name) {
            let size = std::fs::metadata(&path).map_or(0, |m| m.len());
            if size > FILE_BYTES_MAX as u64 {
                bail!("{name} 超过 {FILE_BYTES_MAX} 字节，不像是台账目录");
            }
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("读不到 {name}，或它不是 UTF-8 编码的文字"))?;
            files.push((name, text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(from: &str, to: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let mut files = Vec::new();
        gather(&shipped, &shipped, DEPTH_MAX, &mut files).unwrap();
        std::fs::create_dir(folder.path().join("ledgers")).unwrap();
        std::fs::create_dir(folder.path().join("packs")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text.replace(from, to)).unwrap();
        }
        folder
    }

    #[test]
    fn the_shipped_catalog_passes_and_differs_in_nothing() {
        let told = checked(copied("", "").path()).unwrap();
        assert!(told.contains("没有错误") && told.ends_with("没有不同。"), "{told}");
    }

    #[test]
    fn every_mistake_is_told_with_file_line_and_reason() {
        let wrong = checked(copied("to = \"ordered\"", "to = \"orderd\"").path()).unwrap_err().to_string();
        assert!(wrong.contains("ledgers/hazard.toml:") && wrong.contains("状态 orderd 不存在"), "{wrong}");
        let empty = tempfile::tempdir().unwrap();
        assert!(checked(empty.path()).unwrap_err().to_string().contains("没有台账目录的文件"));
        assert!(checked(&empty.path().join("nowhere")).unwrap_err().to_string().contains("读不到文件夹"));
    }

    #[test]
    fn what_changes_is_told_and_what_loses_a_field_is_marked() {
        let field = "  { name = \"demand\", label = \"整改要求\", type = \"text\", max_chars = 200, lines = true },\n";
        let told = checked(copied(field, &field.replace("demand", "demands")).path());
        assert!(told.unwrap_err().to_string().contains("demand"), "a move still asks for it");
        let told = checked(copied("label = \"隐患类别\"", "label = \"类别\"").path()).unwrap();
        assert!(told.contains("没有错误"), "{told}");
        let told = checked(copied("\"topic", "\"topics").path()).unwrap();
        assert!(told.contains("× “") && told.contains("整治重点”不见了"), "{told}");
    }

    #[test]
    fn a_file_that_is_too_large_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("big.toml");
        std::fs::write(&file, "#".repeat(FILE_BYTES_MAX)).unwrap();
        assert!(checked(folder.path()).is_ok());
        std::fs::write(&file, "#".repeat(FILE_BYTES_MAX + 1)).unwrap();
        assert!(checked(folder.path()).unwrap_err().to_string().contains("big.toml 超过"));
    }
}
