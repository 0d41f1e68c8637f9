//! Text that may stand on paper: what XML cannot hold and what would turn the reading around is taken out.

/// The text as it may be printed: line ends are one `\n`, tabs stay, other control characters go, and so do the marks
/// that reverse the reading direction, with which a name could be made to read as another.
pub fn printable(text: &str) -> String {
    let lines =
        text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}', '\u{85}'], "\n");
    lines.chars().filter(|c| is_printable(*c)).collect()
}

fn is_printable(c: char) -> bool {
    let turns =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    // U+FEFF would be taken for a byte order mark; the noncharacters are outside of XML 1.0.
    let strange = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{fdd0}'..='\u{fdef}');
    matches!(c, '\n' | '\t') || !(c.is_control() || turns || strange)
}

/// The beginning of a text, on one line, for a message.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN_CHARS: usize = 30;
    let line: String = printable(text).replace(['\n', '\t'], " ").trim().to_owned();
    if line.chars().count() <= SHOWN_CHARS {
        return line;
    }
    line.chars().take(SHOWN_CHARS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_what_cannot_be_printed_goes() {
        assert_eq!(printable("一\r\n二\r三\u{2028}四\t五"), "一\n二\n三\n四\t五");
        assert_eq!(printable("a\u{0}b\u{1b}c\u{ffff}d\u{feff}e\u{7f}"), "abcde");
        assert_eq!(printable("瑞禾\u{202e}厂子电\u{202c}"), "瑞禾厂子电");
    }

    #[test]
    fn a_message_shows_the_beginning() {
        assert_eq!(shortened(" 一\n二 "), "一 二");
        assert_eq!(shortened(&"字".repeat(31)), format!("{}…", "字".repeat(30)));
        assert_eq!(shortened(&"字".repeat(30)), "字".repeat(30));
    }
}
