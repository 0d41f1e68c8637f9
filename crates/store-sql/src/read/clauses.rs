//! A small builder for queries whose conditions vary: text and numbered parameters grow together.

use crate::value::Value;
use fengsui_base::Scope;

/// From this many codes on a scope is wide: most rows lie within it, and its index would only cost time.
const WIDE_SPAN: u64 = 1_000_000;

/// A query under construction.
#[derive(Default)]
pub(crate) struct Clauses {
    conditions: Vec<String>,
    values: Vec<Value<'static>>,
}

impl Clauses {
    /// Adds a value and answers how the text names it.
    pub(crate) fn bind(&mut self, value: impl Into<Value<'static>>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// Adds a condition.
    pub(crate) fn and(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// Adds the condition that the region in this column lies within the scope.
    pub(crate) fn within(&mut self, column: &str, scope: &Scope) {
        let wide = scope.ranges().iter().map(|r| r.end - r.start).sum::<u64>() >= WIDE_SPAN;
        self.within_by(column, scope, !wide);
    }

    /// The same, saying whether an index of the region may be used to find the rows.
    pub(crate) fn within_by(&mut self, column: &str, scope: &Scope, by_index: bool) {
        if *scope == Scope::everything() {
            return;
        }
        // An operator before the column keeps both engines from choosing its index.
        let column = if by_index { column.to_owned() } else { format!("+{column}") };
        let any = self.in_ranges(&column, scope);
        self.and(any.unwrap_or_else(|| "1 = 0".to_owned()));
    }

    /// The condition that a column lies in one of the scope's ranges; none when it has none.
    pub(crate) fn in_ranges(&mut self, column: &str, scope: &Scope) -> Option<String> {
        let ranges = scope.ranges().iter().map(|range| {
            let (start, end) = (self.bind(range.start), self.bind(range.end));
            format!("({column} >= {start} AND {column} < {end})")
        });
        let any = ranges.collect::<Vec<_>>().join(" OR ");
        (!any.is_empty()).then(|| format!("({any})"))
    }

    /// All conditions in one text.
    pub(crate) fn all(&self) -> String {
        if self.conditions.is_empty() { "1 = 1".to_owned() } else { self.conditions.join(" AND ") }
    }

    /// All conditions in one text, and none any more: what follows is another query, with its own numbers behind these.
    pub(crate) fn take_all(&mut self) -> String {
        let all = self.all();
        self.conditions.clear();
        all
    }

    /// The values in the order of their numbers.
    pub(crate) fn values(&self) -> &[Value<'static>] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_set_of_half_open_ranges() {
        let mut clauses = Clauses::default();
        clauses.within("region", &Scope::of([1..3, 5..6]));
        assert_eq!(clauses.all(), "((region >= ?1 AND region < ?2) OR (region >= ?3 AND region < ?4))");
        assert_eq!(clauses.values(), [1, 3, 5, 6].map(Value::Integer));
    }

    #[test]
    fn nothing_is_within_an_empty_scope_and_all_within_everything() {
        let (mut nothing, mut everything) = (Clauses::default(), Clauses::default());
        nothing.within("region", &Scope::nothing());
        everything.within("region", &Scope::everything());
        assert_eq!((nothing.all(), everything.all()), ("1 = 0".to_owned(), "1 = 1".to_owned()));
    }

    #[test]
    fn a_county_is_wide_and_a_township_is_not() {
        let mut clauses = Clauses::default();
        clauses.within("region", &Scope::of(std::iter::once(0..WIDE_SPAN)));
        clauses.within("region", &Scope::of(std::iter::once(0..WIDE_SPAN - 1)));
        assert_eq!(clauses.all(), "((+region >= ?1 AND +region < ?2)) AND ((region >= ?3 AND region < ?4))");
    }
}
