//! Filling in a template: `{phone}`, `{text}` and so on, escaped for where they stand. What is not a placeholder
//! stays as it is, and a value is never looked at for placeholders again.

/// How a value is written where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Escape {
    /// As it is.
    Plain,
    /// Within a JSON string.
    Json,
    /// Within an address or a form.
    Url,
}

/// The template with its placeholders filled in.
pub(crate) fn fill(template: &str, values: &[(&str, &str)], escape: Escape) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let known = behind.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value, after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(&escaped(value, escape));
                rest = after;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A value, escaped.
pub(crate) fn escaped(value: &str, escape: Escape) -> String {
    match escape {
        Escape::Plain => value.to_owned(),
        Escape::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
            inner.unwrap_or_default().to_owned()
        }
        Escape::Url => value.bytes().map(percent).collect(),
    }
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_once_and_escaped() {
        let values = [("text", "二层\"起火\" {key}"), ("key", "K&1")];
        let json = fill(r#"{"content":"{text}","k":"{key}","x":{}}"#, &values, Escape::Json);
        assert_eq!(json, r#"{"content":"二层\"起火\" {key}","k":"K&1","x":{}}"#);
        assert_eq!(fill("k={key}&t={nobody}{", &values, Escape::Url), "k=K%261&t={nobody}{");
        assert_eq!(escaped("火 a", Escape::Url), "%E7%81%AB%20a");
        assert_eq!(fill("X: {key}", &values, Escape::Plain), "X: K&1");
    }
}
