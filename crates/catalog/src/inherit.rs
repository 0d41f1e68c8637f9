//! What a revision knows of the names before it (旧名): a field that was renamed twice is found under its first name as
//! well, whether or not its file still says so.
//!
//! A file says what it renamed last. Entries that nobody touched since a revision long ago are read by the names of then.

use crate::{Catalog, Field, Kind};
use std::sync::Arc;

impl Catalog {
    /// The catalog with every former name of fields and choices that the revision before it knew.
    #[must_use]
    pub fn inheriting(mut self, former: &Catalog) -> Self {
        for (name, kind) in &mut self.kinds {
            let told = former.kind(name).map(|before| inherited(kind, before));
            if let Some(told) = told.filter(|told| *told != **kind) {
                *kind = Arc::new(told);
            }
        }
        self
    }
}

fn inherited(kind: &Kind, before: &Kind) -> Kind {
    let mut told = kind.clone();
    for field in &mut told.fields {
        let known =
            before.fields.iter().filter(|old| field.name == old.name || field.was.contains(&old.name));
        for old in known.collect::<Vec<_>>() {
            // A name that is a field of its own now says nothing of another.
            let free = old.was.iter().filter(|was| kind.field(was).is_none());
            free.for_each(|was| add(&mut field.was, was));
            choices(field, old);
        }
    }
    told
}

fn choices(field: &mut Field, old: &Field) {
    let present: Vec<String> = field.choices.iter().map(|c| c.value.clone()).collect();
    for choice in &mut field.choices {
        let known = old.choices.iter().filter(|o| choice.value == o.value || choice.was.contains(&o.value));
        let former: Vec<&String> = known.flat_map(|o| &o.was).filter(|was| !present.contains(was)).collect();
        former.into_iter().for_each(|was| add(&mut choice.was, was));
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if names.iter().all(|known| known != name) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalog, differences};

    fn catalog(field: &str) -> Catalog {
        let text = format!(
            "[[kind]]\nname = \"visit\"\nlabel = \"走访\"\nmeasure = \"次\"\nstates = [{{ name = \"done\", label = \"已办\" }}]\nfields = [{field}]\n"
        );
        Catalog::load(&[("visit.toml", &text)]).unwrap()
    }

    fn was(catalog: &Catalog) -> Vec<String> {
        catalog.kind("visit").unwrap().fields[0].was.clone()
    }

    #[test]
    fn a_field_renamed_twice_is_known_by_its_first_name_too() {
        let first = catalog(r#"{ name = "place", label = "部位", type = "text" }"#);
        let second = catalog(r#"{ name = "spot", label = "部位", type = "text", was = "place" }"#);
        let third = catalog(r#"{ name = "where_at", label = "部位", type = "text", was = "spot" }"#);
        let second = second.inheriting(&first);
        let third = third.inheriting(&second);
        assert_eq!(was(&third), ["spot", "place"]);
        // A file that says nothing of it any more forgets nothing.
        let silent = catalog(r#"{ name = "where_at", label = "部位", type = "text" }"#).inheriting(&third);
        assert_eq!(was(&silent), ["spot", "place"]);
        assert_eq!(silent.clone().inheriting(&silent).text(), silent.text());
        assert!(differences(&first, &third).iter().all(|d| !d.breaks));
    }

    #[test]
    fn a_choice_that_was_merged_into_another_is_read_by_it_and_one_that_went_without_a_word_breaks() {
        let choice = |choices: &str| {
            catalog(&format!(
                r#"{{ name = "sort", label = "类别", type = "choice", choices = [{choices}] }}"#
            ))
        };
        let first = choice(r#"{ value = "gas", label = "燃气" }, { value = "coal", label = "煤" }"#);
        let merged =
            choice(r#"{ value = "fuel", label = "燃料", was = ["gas", "coal"] }"#).inheriting(&first);
        assert!(differences(&first, &merged).iter().all(|d| !d.breaks));
        let renamed = choice(r#"{ value = "energy", label = "能源", was = "fuel" }"#).inheriting(&merged);
        assert_eq!(renamed.kind("visit").unwrap().fields[0].choices[0].was, ["fuel", "gas", "coal"]);
        let lost = differences(&first, &choice(r#"{ value = "gas", label = "燃气" }"#));
        assert_eq!((lost[0].breaks, lost[0].choice.clone()), (true, Some(("sort".into(), "coal".into()))));
        assert!(lost[0].text.contains("没有选项“煤”了"), "{}", lost[0].text);
    }
}
