//! How deep a message may be nested, looked at before anything of it is read.

use crate::PushError;
use serde::Deserialize;

/// Deepest nesting of a message; the deepest of the documented ones has seven levels.
pub const DEPTH_MAX: usize = 32;

/// Reads a message.
///
/// # Errors
/// [`PushError::Json`] when it is not JSON or nested too deeply.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, PushError> {
    if depth(body) > DEPTH_MAX {
        return Err(PushError::Json(format!("嵌套超过 {DEPTH_MAX} 层")));
    }
    serde_json::from_slice(body)
        .map_err(|e| PushError::Json(format!("第 {} 行第 {} 列", e.line(), e.column())))
}

/// The deepest nesting of brackets outside texts.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn nested(levels: usize) -> Vec<u8> {
        ["[".repeat(levels), "]".repeat(levels)].concat().into_bytes()
    }

    #[test]
    fn nesting_has_a_limit() {
        assert!(read::<Value>(&nested(DEPTH_MAX)).is_ok());
        assert!(matches!(read::<Value>(&nested(DEPTH_MAX + 1)), Err(PushError::Json(_))));
    }

    #[test]
    fn brackets_within_texts_are_not_nesting() {
        let text = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(40), "{".repeat(40));
        assert_eq!(depth(text.as_bytes()), 1);
        assert!(read::<Value>(text.as_bytes()).is_ok());
    }
}
