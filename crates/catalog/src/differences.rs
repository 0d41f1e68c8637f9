//! What a new revision of the catalog changes (目录差异): shown before it is adopted, so that no field of an old entry is lost
//! without anybody having said so.

use crate::Catalog;
use crate::kind::{Field, Kind};

/// One difference between two revisions.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Difference {
    /// The kind.
    pub kind: String,
    /// What changed, as one sentence.
    pub text: String,
    /// Whether entries made by the old revision could not be read or go on by the new one: it is not adopted.
    pub breaks: bool,
}

/// What `new` changes of `old`. A difference that `breaks` is a field or state that went without a declared rename, or
/// a field whose type changed.
pub fn differences(old: &Catalog, new: &Catalog) -> Vec<Difference> {
    let gone = old.kinds().filter(|k| new.kind(&k.name).is_none()).map(|k| Difference {
        kind: k.name.clone(),
        text: format!("台账“{}”不见了", k.label),
        breaks: true,
    });
    let changed = new.kinds().flat_map(|k| match old.kind(&k.name) {
        None => {
            vec![Difference {
                kind: k.name.clone(), text: format!("新台账“{}”", k.label), breaks: false
            }]
        }
        Some(before) => between(before, k),
    });
    gone.chain(changed).collect()
}

fn between(old: &Kind, new: &Kind) -> Vec<Difference> {
    let say = |text: String, breaks: bool| Difference { kind: new.name.clone(), text, breaks };
    let mut found = Vec::new();
    for field in &old.fields {
        match successor(new, &field.name) {
            None => found.push(say(
                format!(
                    "“{}”的字段“{}”不见了；改名请在新字段写 was = \"{}\"",
                    new.label, field.label, field.name
                ),
                true,
            )),
            Some(now) if now.kind != field.kind => {
                found.push(say(format!("“{}”的字段“{}”换了类型", new.label, field.label), true));
            }
            Some(now) if now.name != field.name => {
                found.push(say(format!("“{}”的字段 {} 改名为 {}", new.label, field.name, now.name), false));
            }
            Some(_) => {}
        }
    }
    for state in old.states.iter().filter(|s| new.state(&s.name).is_none()) {
        found.push(say(format!("“{}”的状态“{}”不见了", new.label, state.label), true));
    }
    let known =
        |f: &Field| old.field(&f.name).is_some() || f.was.as_ref().is_some_and(|w| old.field(w).is_some());
    for field in new.fields.iter().filter(|f| !known(f)) {
        found.push(say(format!("“{}”新增字段“{}”", new.label, field.label), false));
    }
    for state in new.states.iter().filter(|s| old.state(&s.name).is_none()) {
        found.push(say(format!("“{}”新增状态“{}”", new.label, state.label), false));
    }
    if old.moves != new.moves || old.office != new.office || clocks(old) != clocks(new) {
        found.push(say(format!("“{}”的动作、时限或办公设置有改动", new.label), false));
    }
    found
}

fn clocks(kind: &Kind) -> Vec<&Option<crate::Clock>> {
    kind.states.iter().map(|s| &s.clock).collect()
}

fn successor<'k>(kind: &'k Kind, name: &str) -> Option<&'k Field> {
    kind.field(name).or_else(|| kind.fields.iter().find(|f| f.was.as_deref() == Some(name)))
}
