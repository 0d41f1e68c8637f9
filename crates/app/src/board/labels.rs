//! Short numbers for words that many terminals share, such as the name of a wire or of a codec: a million terminals are
//! counted by them without a copy of the word each.

use std::collections::HashMap;

/// The number of a word; the default is no word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Label(u16);

/// The words that have a number. Beyond the last number a word counts as none: wires and codecs come from the
/// configuration, of which there are a few.
#[derive(Default)]
pub(super) struct Labels {
    by_word: HashMap<String, Label>,
    words: Vec<String>,
}

impl Labels {
    pub(super) fn of(&mut self, word: Option<&str>) -> Label {
        let Some(word) = word.filter(|word| !word.is_empty()) else { return Label::default() };
        if let Some(known) = self.by_word.get(word) {
            return *known;
        }
        let Ok(number) = u16::try_from(self.words.len() + 1) else { return Label::default() };
        self.words.push(word.to_owned());
        self.by_word.insert(word.to_owned(), Label(number));
        Label(number)
    }

    pub(super) fn word(&self, label: Label) -> Option<&str> {
        let place = usize::from(label.0).checked_sub(1)?;
        self.words.get(place).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_number_up_to_the_limit_and_none_beyond() {
        let mut labels = Labels::default();
        assert_eq!((labels.of(None), labels.of(Some(""))), (Label::default(), Label::default()));
        let first = labels.of(Some("tcp"));
        assert_eq!((labels.of(Some("tcp")), labels.word(first)), (first, Some("tcp")));
        (1..usize::from(u16::MAX))
            .for_each(|n| assert_ne!(labels.of(Some(&n.to_string())), Label::default()));
        assert_eq!(labels.word(labels.by_word["65534"]), Some("65534"));
        assert_eq!(labels.of(Some("one more")), Label::default());
        assert_eq!(labels.word(Label::default()), None);
    }
}
