//! Rule packs as their files bring them: added one after another, and tried by their cases when all are there.

use crate::pack::Packs;
use crate::{Catalog, Diagnostic, File, Pack, PackCase};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The cases of all files, and where each pack is written.
#[derive(Default)]
pub(crate) struct Tried {
    cases: Vec<(Diagnostic, PackCase)>,
    packs: Vec<(Diagnostic, String, String)>,
}

impl Tried {
    /// Takes the cases of a file out, and remembers its packs.
    pub(crate) fn read(&mut self, name: &str, text: &str, file: &mut File) {
        let own = std::mem::take(&mut file.pack_case).into_iter();
        self.cases.extend(own.map(|c| (Diagnostic::at(name, text, c.span().start), c.into_inner())));
        let packs = file.pack.iter().map(|p| {
            let (at, pack) = (Diagnostic::at(name, text, p.span().start), p.get_ref());
            (at, pack.id.clone(), pack.version.clone())
        });
        self.packs.extend(packs);
    }

    /// Cases that do not come out, and packs that no case tries.
    pub(crate) fn wrong(&self, packs: &Packs) -> Vec<Diagnostic> {
        let failed = self.cases.iter().filter_map(|(at, case)| packs.wrong_case(case).map(|m| at.saying(m)));
        let tried: BTreeSet<_> = self.cases.iter().map(|(_, c)| (&c.pack, &c.version)).collect();
        let untried = self.packs.iter().filter(|(_, id, version)| !tried.contains(&(id, version)));
        let untried = untried.map(|(at, id, version)| {
            at.saying(format!("规则包 {id} {version} 没有用例，请写一条 [[pack_case]]"))
        });
        failed.chain(untried).collect()
    }
}

impl Catalog {
    /// All rule packs.
    pub fn packs(&self) -> &Arc<Packs> {
        &self.packs
    }

    pub(crate) fn add_packs(
        &mut self,
        name: &str,
        text: &str,
        packs: Vec<toml::Spanned<Pack>>,
        wrong: &mut Vec<Diagnostic>,
    ) {
        let known = Arc::make_mut(&mut self.packs);
        for spanned in packs {
            let at = Diagnostic::at(name, text, spanned.span().start);
            let pack = spanned.into_inner();
            wrong.extend(pack.mistakes().into_iter().map(|m| at.saying(m)));
            wrong.extend(known.clash(&pack).map(|m| at.saying(m)));
            known.0.push(pack);
        }
    }
}
