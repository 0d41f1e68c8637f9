//! Topics and filters with wildcards. Source: MQTT 3.1.1 §4.7.

/// Longest filter, in bytes.
const FILTER_BYTES_MAX: usize = 512;

/// Whether a text may be subscribed to.
pub(super) fn is_filter(text: &str) -> bool {
    let levels: Vec<_> = text.split('/').collect();
    let last = levels.len() - 1;
    let right = |(n, level): (usize, &&str)| match *level {
        "#" => n == last,
        "+" => true,
        other => !other.contains(['#', '+', '\0']),
    };
    !text.is_empty() && text.len() <= FILTER_BYTES_MAX && levels.iter().enumerate().all(right)
}

/// Whether a topic that the filter lets through may have this level, from 1.
pub(super) fn may_have_level(filter: &str, level: usize) -> bool {
    filter.ends_with('#') || filter.split('/').count() >= level
}

/// Whether a filter lets a topic through.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    // What begins with $ is the broker's own, and no wildcard means it.
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_let_through_what_the_standard_says() {
        for (filter, topic, through) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/+", "a/b", true),
            ("a/+", "a", false),
            ("a/+", "a/", true),
            ("+/+", "a/b", true),
            ("a/#", "a/b/c", true),
            ("a/#", "a", true),
            ("#", "a/b", true),
            ("#", "$SYS/x", false),
            ("$SYS/#", "$SYS/x", true),
        ] {
            assert_eq!(matches(filter, topic), through, "{filter} {topic}");
        }
    }

    #[test]
    fn a_filter_has_its_wildcards_alone_and_a_limit() {
        assert!(is_filter("a/+/#") && is_filter("/") && is_filter(&"a".repeat(FILTER_BYTES_MAX)));
        for wrong in ["", "a/#/b", "a+", "a/b#", &"a".repeat(FILTER_BYTES_MAX + 1)] {
            assert!(!is_filter(wrong), "{wrong}");
        }
    }
}
