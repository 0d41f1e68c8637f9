//! A pattern (样式) from which an administrator makes a ledger of the site: states, clocks and moves that have proved
//! themselves, to which own fields are added.

use crate::Kind;
use serde::{Deserialize, Serialize};

/// A life to begin with.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Stable English name.
    pub name: String,
    /// What people call it: 逐家排查.
    pub label: String,
    /// For which work it is meant, in a sentence.
    pub description: String,
    /// The moves whose forms ask for the ledger's own fields.
    pub asked_by: Vec<String>,
    /// States whose entries do not count towards a target.
    #[serde(default)]
    pub uncounted: Vec<String>,
    /// The ledger as it would be without own fields.
    pub ledger: Kind,
}

impl Pattern {
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let say = |text: String| format!("样式 {}{text}", self.name);
        let moves = self.asked_by.iter().filter(|name| self.ledger.mv(name).is_none());
        let states = self.uncounted.iter().filter(|name| self.ledger.state(name).is_none());
        let opens = self.ledger.openings().filter(|m| !self.asked_by.contains(&m.name));
        let mut found: Vec<_> = moves.map(|name| say(format!("：动作 {name} 不存在"))).collect();
        found.extend(states.map(|name| say(format!("：状态 {name} 不存在"))));
        found.extend(opens.map(|m| say(format!("：开立动作 {} 也要问自设的项（asked_by）", m.name))));
        found.extend(self.asked_by.is_empty().then(|| say("没有写哪一步问自设的项（asked_by）".to_owned())));
        found.extend(self.ledger.mistakes());
        found
    }
}
