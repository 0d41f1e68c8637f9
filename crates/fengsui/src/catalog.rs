//! The catalog that is shipped inside the binary.

use anyhow::{Result, bail};
use fengsui_catalog::Catalog;
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../catalog"]
struct Files;

/// Whether a file of the folder is part of the catalog; the tables of codecs are read elsewhere.
pub(crate) fn is_part(name: &str) -> bool {
    name.ends_with(".toml") && !name.starts_with("codecs/")
}

/// The shipped catalog, checked.
pub(crate) fn shipped() -> Result<Catalog> {
    let names: Vec<_> = Files::iter().filter(|n| is_part(n)).collect();
    let files: Vec<_> = names.iter().filter_map(|n| Files::get(n).map(|f| (n.as_ref(), f.data))).collect();
    let texts: Vec<_> =
        files.iter().filter_map(|(n, d)| std::str::from_utf8(d).ok().map(|t| (*n, t))).collect();
    match Catalog::load(&texts) {
        Ok(catalog) => Ok(catalog),
        Err(wrong) => {
            bail!("台账目录有误：\n{}", wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_catalog_offers_the_dialects_and_codecs_that_are_shipped() {
        let catalog = super::shipped().unwrap();
        let field = catalog.kind("terminal").and_then(|k| k.field("profile")).unwrap();
        let offered: Vec<_> = field.choices.iter().map(|c| c.value.as_str()).collect();
        let codecs = crate::wires::codecs(None).unwrap();
        assert_eq!(offered, codecs.all().iter().map(|c| c.name.as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn the_shipped_catalog_is_without_mistakes_and_has_what_the_program_writes() {
        let catalog = super::shipped().unwrap();
        for kind in ["unit", "alarm", "terminal", "point", "region", "account", "sign_on"] {
            assert!(catalog.kind(kind).is_some(), "{kind}");
        }
        for post in ["duty_officer", "system_admin", "security_admin", "audit_admin"] {
            assert!(catalog.post(post).is_some(), "{post}");
        }
    }
}
