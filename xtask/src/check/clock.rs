//! No wall clock and no chance inside: only the binary, the gateway and the simulation may ask for them.
//!
//! Clippy refuses the calls (`clippy.toml`); this rule sees that nobody quietly allows them, and finds the
//! calls that clippy's list does not name.

use crate::house::{File, Finding, House};

/// Crates that may ask the clock and draw random numbers; benchmarks, wherever they lie, measure by it.
const EDGES: [&str; 4] = ["crates/fengsui", "crates/ingest", "crates/sim", "xtask"];

/// Calls that ask the clock or draw a number, in parts so that this file does not contain them.
const CALLS: [(&str, &str); 9] = [
    ("Timestamp::", "now("),
    ("Zoned::", "now("),
    ("SystemTime::", "now("),
    ("std::time::Instant::", "now("),
    ("Utc::", "now("),
    ("Uuid::new_", "v4("),
    ("Uuid::now_", "v7("),
    ("getrandom::", "fill("),
    ("Os", "Rng"),
];

pub(crate) fn find(house: &House) -> Vec<Finding> {
    house.rust().flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    let edge = EDGES.contains(&file.room()) || file.path.contains("/benches/");
    let mut found = Vec::new();
    for (line, text) in file.lines() {
        if text.contains(concat!("clippy::disallowed", "_methods")) {
            found.extend(allowance(file, line, edge));
        }
        let call = CALLS.iter().map(|(a, b)| format!("{a}{b}")).find(|call| text.contains(call.as_str()));
        found.extend(call.filter(|_| !edge && !text.trim_start().starts_with("//")).map(|call| {
            let what = format!("{call}… inside the house");
            Finding::new(
                &file.path,
                line,
                what,
                "take the instant, the id or the random bytes as an argument",
            )
        }));
    }
    found
}

/// An allowance stands only at the edges, and says why.
fn allowance(file: &File, line: usize, edge: bool) -> Option<Finding> {
    if !edge {
        let remedy = "take time and chance as arguments; only fengsui, ingest and sim may ask for them";
        return Some(Finding::new(&file.path, line, "the bans of clippy.toml are lifted here", remedy));
    }
    // The reason stands in the same attribute, a few lines on at most.
    let attribute: Vec<_> = file.text.lines().skip(line - 1).take(6).collect();
    let end = attribute.iter().position(|l| l.contains(")]")).unwrap_or(attribute.len().saturating_sub(1));
    let has_reason = attribute.iter().take(end + 1).any(|l| l.contains("reason = \""));
    (!has_reason).then(|| {
        Finding::new(
            &file.path,
            line,
            "the bans of clippy.toml are lifted without a reason",
            "add reason = \"…\"",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFT: &str = concat!("#[allow(clippy::disallowed", "_methods)]\n");
    const LIFT_WITH_REASON: &str =
        concat!("#[allow(\n    clippy::disallowed", "_methods,\n    reason = \"the edge\"\n)]\n");

    #[test]
    fn an_allowance_inside_is_found_and_one_at_the_edge_needs_a_reason() {
        let house = House::of(&[
            ("crates/alarm/src/life.rs", LIFT_WITH_REASON),
            ("crates/ingest/src/clock.rs", LIFT),
            ("crates/sim/src/clock.rs", LIFT_WITH_REASON),
        ]);
        let paths: Vec<_> = find(&house).into_iter().map(|f| f.path).collect();
        assert_eq!(paths, ["crates/alarm/src/life.rs", "crates/ingest/src/clock.rs"]);
    }

    #[test]
    fn a_call_of_the_clock_is_found_inside_only() {
        let call = concat!("    let at = Timestamp::", "now();\n");
        let house = House::of(&[("crates/app/src/x.rs", call), ("crates/sim/src/x.rs", call)]);
        let found = find(&house);
        assert_eq!((found.len(), found[0].path.as_str()), (1, "crates/app/src/x.rs"));
    }
}
