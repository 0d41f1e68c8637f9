//! What a new revision of the catalog changes (目录差异): shown before it is adopted, so that no field of an old entry is lost
//! without anybody having said so.

use crate::Catalog;
use crate::kind::{Field, Kind};
use crate::overlay::bare;

/// One difference between two revisions.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Difference {
    /// The kind.
    pub kind: String,
    /// What changed, as one sentence.
    pub text: String,
    /// The state that is gone, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The choice that is gone, where it is one: the field as it was called, and the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<(String, String)>,
    /// Whether entries made by the old revision could not be read or go on by the new one: it is not adopted.
    pub breaks: bool,
}

/// What `new` changes of `old`. A difference that `breaks` is a field or state that went without a declared rename, or
/// a field whose type changed.
pub fn differences(old: &Catalog, new: &Catalog) -> Vec<Difference> {
    let gone = old.kinds().filter(|k| new.kind(&k.name).is_none()).map(|k| Difference {
        kind: k.name.clone(),
        text: format!("台账“{}”不见了", k.label),
        state: None,
        choice: None,
        breaks: true,
    });
    let changed = new.kinds().flat_map(|k| match old.kind(&k.name) {
        None => {
            vec![Difference {
                kind: k.name.clone(),
                text: format!("新台账“{}”", k.label),
                state: None,
                choice: None,
                breaks: false,
            }]
        }
        Some(before) => between(before, k),
    });
    gone.chain(changed).collect()
}

fn between(old: &Kind, new: &Kind) -> Vec<Difference> {
    let say = |text: String, breaks: bool| Difference {
        kind: new.name.clone(),
        text,
        state: None,
        choice: None,
        breaks,
    };
    let mut found = Vec::new();
    for field in &old.fields {
        match successor(new, &field.name) {
            None if new.retired.contains(&field.name) => {
                found.push(say(
                    format!("“{}”的字段“{}”停用，已填的照样看得到", new.label, field.label),
                    false,
                ));
            }
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
            Some(now) => {
                if now.label != field.label {
                    let text = format!("“{}”的“{}”改称“{}”", new.label, field.label, now.label);
                    found.push(say(text, false));
                }
                if now.name != field.name {
                    let text = format!("“{}”的字段 {} 改名为 {}", new.label, field.name, now.name);
                    found.push(say(text, false));
                }
                for gone in field.choices.iter().filter(|c| !offers(now, &c.value)) {
                    let text = format!(
                        "“{}”的“{}”没有选项“{}”了；改名或并入别的，请在那个选项写 was = \"{}\"",
                        new.label, now.label, gone.label, gone.value
                    );
                    let choice = Some((field.name.clone(), gone.value.clone()));
                    found.push(Difference { choice, ..say(text, true) });
                }
            }
        }
    }
    for state in old.states.iter().filter(|s| new.state(&s.name).is_none()) {
        let gone = say(format!("“{}”的状态“{}”不见了", new.label, state.label), true);
        found.push(Difference { state: Some(state.name.clone()), ..gone });
    }
    let known = |f: &Field| old.field(&f.name).is_some() || f.was.iter().any(|w| old.field(w).is_some());
    for field in new.fields.iter().filter(|f| !known(f)) {
        found.push(say(format!("“{}”新增字段“{}”", new.label, field.label), false));
    }
    for state in new.states.iter().filter(|s| old.state(&s.name).is_none()) {
        found.push(say(format!("“{}”新增状态“{}”", new.label, state.label), false));
    }
    // What a site adds is told field by field; the moves and columns that ask for it say nothing more.
    let (before, after) = (bare(old), bare(new));
    if before.moves != after.moves || before.office != after.office || clocks(old) != clocks(new) {
        found.push(say(format!("“{}”的动作、时限或办公设置有改动", new.label), false));
    } else if found.is_empty() && (old.moves != new.moves || old.office != new.office) {
        found.push(say(format!("“{}”的登记表或清单有改动", new.label), false));
    }
    found
}

fn clocks(kind: &Kind) -> Vec<&Option<crate::Clock>> {
    kind.states.iter().map(|s| &s.clock).collect()
}

fn successor<'k>(kind: &'k Kind, name: &str) -> Option<&'k Field> {
    kind.field(name).or_else(|| kind.fields.iter().find(|f| f.was.iter().any(|was| was == name)))
}

/// Whether a value can be read by a choice, under its own name or as one that it stands for.
fn offers(field: &Field, value: &str) -> bool {
    field.choices.iter().any(|c| c.value == value || c.was.iter().any(|was| was == value))
}
