//! How a text looks when nothing is said where it stands: the styles of a document and its defaults.

use crate::tree::Element;
use std::collections::BTreeMap;

/// A style may be based on another, that on a third; so many steps are followed.
const BASES_MAX: usize = 12;

/// The styles of a document by their ids, and what holds for all.
#[derive(Default)]
pub(crate) struct Styles {
    by_id: BTreeMap<String, Element>,
    defaults: Option<Element>,
    normal: Option<String>,
}

/// The properties that hold for something, the nearest first.
pub(crate) struct Looks<'a>(Vec<&'a Element>);

impl Styles {
    pub(crate) fn of(root: &Element) -> Self {
        let mut styles = Self::default();
        for style in root.elements() {
            match (style.name.as_str(), style.attribute("w:styleId")) {
                ("w:docDefaults", _) => styles.defaults = Some(style.clone()),
                ("w:style", Some(id)) => {
                    let kind = style.attribute("w:type") == Some("paragraph");
                    if kind && style.attribute("w:default").is_some_and(|d| d != "0") {
                        styles.normal = Some(id.to_owned());
                    }
                    styles.by_id.insert(id.to_owned(), style.clone());
                }
                _ => {}
            }
        }
        styles
    }

    /// What holds for a paragraph (`w:pPr`), or for the text in it (`w:rPr`).
    pub(crate) fn looks<'a>(
        &'a self,
        what: &str,
        own: Option<&'a Element>,
        styled: [Option<&str>; 2],
    ) -> Looks<'a> {
        let mut looks: Vec<&Element> = own.into_iter().collect();
        let [near, far] = styled;
        for id in [near, far.or(self.normal.as_deref())].into_iter().flatten() {
            looks.extend(self.chain(id).filter_map(|style| style.child(what)));
        }
        let defaults = self.defaults.as_ref().and_then(|d| d.child(&format!("{what}Default")));
        looks.extend(defaults.and_then(|d| d.child(what)));
        Looks(looks)
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Element> {
        let next = |style: &&Element| style.val("w:basedOn").and_then(|base| self.by_id.get(base));
        std::iter::successors(self.by_id.get(id), next).take(BASES_MAX)
    }
}

impl Looks<'_> {
    /// The nearest value of an attribute of a property.
    pub(crate) fn get(&self, property: &str, attribute: &str) -> Option<&str> {
        self.0.iter().find_map(|look| look.child(property)?.attribute(attribute))
    }

    /// The nearest `w:val` as a number.
    pub(crate) fn number(&self, property: &str, attribute: &str) -> Option<i32> {
        self.get(property, attribute)?.parse().ok()
    }

    /// Whether a property is on: it is there, and does not say that it is not.
    pub(crate) fn is_on(&self, property: &str) -> bool {
        let nearest = self.0.iter().find_map(|look| look.child(property));
        nearest.is_some_and(|p| !matches!(p.attribute("w:val"), Some("0" | "false" | "none" | "off")))
    }
}
