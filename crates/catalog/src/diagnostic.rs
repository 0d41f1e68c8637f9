//! A mistake in the catalog, with its place.

use std::fmt;

/// What is wrong and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// File name as handed in.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Diagnostic {
    pub(crate) fn at(file: &str, text: &str, byte: usize) -> Self {
        let line = 1 + text.bytes().take(byte).filter(|b| *b == b'\n').count();
        Self { file: file.to_owned(), line, message: String::new() }
    }

    pub(crate) fn saying(&self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self.clone() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}
