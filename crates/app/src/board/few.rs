//! A sorted map that is small while it holds little: most terminals have a handful of points, a few have thousands.
//!
//! A tree takes a kilobyte for its first entry, and there are a million terminals. So the first few lie in a row, and
//! only beyond them a tree is made.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Most entries that lie in a row.
const ROW_MAX: usize = 16;

pub(super) enum Few<K, V> {
    Row(Vec<(K, V)>),
    Tree(BTreeMap<K, V>),
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Few::Row(Vec::new())
    }
}

impl<K: Ord + Copy, V> Few<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        match self {
            Few::Row(row) => {
                row.binary_search_by_key(key, |(k, _)| *k).ok().and_then(|at| row.get(at)).map(|(_, v)| v)
            }
            Few::Tree(tree) => tree.get(key),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Few::Row(row) => row.len(),
            Few::Tree(tree) => tree.len(),
        }
    }

    /// Puts a value in the place of the one that the key had, and answers that one.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self {
            Few::Tree(tree) => tree.insert(key, value),
            Few::Row(row) => match row.binary_search_by_key(&key, |(k, _)| *k) {
                Ok(at) => row.get_mut(at).map(|known| std::mem::replace(&mut known.1, value)),
                Err(at) if row.len() < ROW_MAX => {
                    // Room for this one alone: the next may never come.
                    row.reserve_exact(1);
                    row.insert(at, (key, value));
                    None
                }
                Err(_) => {
                    let all = std::mem::take(row).into_iter().chain([(key, value)]);
                    *self = Few::Tree(all.collect());
                    None
                }
            },
        }
    }

    /// Keeps those that are wanted.
    pub(super) fn retain(&mut self, wanted: impl Fn(&K, &V) -> bool) {
        match self {
            Few::Row(row) => row.retain(|(k, v)| wanted(k, v)),
            Few::Tree(tree) => tree.retain(|k, v| wanted(k, v)),
        }
    }

    /// Those with keys within these bounds, by key.
    pub(super) fn range(&self, keys: RangeInclusive<K>) -> impl Iterator<Item = (&K, &V)> {
        let (row, tree) = match self {
            Few::Row(row) => {
                let from = row.partition_point(|(k, _)| k < keys.start());
                (row.get(from..), None)
            }
            Few::Tree(tree) => (None, Some(tree.range(keys.clone()))),
        };
        let row = row.into_iter().flatten().take_while(move |(k, _)| k <= keys.end()).map(|(k, v)| (k, v));
        row.chain(tree.into_iter().flatten())
    }

    /// All of them, by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (row, tree) = match self {
            Few::Row(row) => (Some(row), None),
            Few::Tree(tree) => (None, Some(tree)),
        };
        let row = row.into_iter().flatten().map(|(k, v)| (k, v));
        row.chain(tree.into_iter().flat_map(|tree| tree.iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_holds_what_a_tree_holds(puts in proptest::collection::vec((0..40_u8, any::<u8>()), 0..80)) {
            let (mut few, mut tree) = (Few::default(), BTreeMap::new());
            for (key, value) in puts {
                prop_assert_eq!(few.insert(key, value), tree.insert(key, value));
                let near = key.saturating_sub(3)..=key + 2;
                prop_assert_eq!(
                    few.range(near.clone()).collect::<Vec<_>>(),
                    tree.range(near).collect::<Vec<_>>()
                );
                prop_assert_eq!(few.iter().collect::<Vec<_>>(), tree.iter().collect::<Vec<_>>());
                prop_assert_eq!(few.len(), tree.len());
                prop_assert_eq!((few.get(&key), few.get(&99)), (Some(&value), None));
            }
            few.retain(|_, v| v % 2 == 0);
            tree.retain(|_, v| *v % 2 == 0);
            prop_assert_eq!(few.iter().collect::<Vec<_>>(), tree.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn up_to_the_limit_it_is_a_row() {
        let mut few = Few::default();
        (0..ROW_MAX).for_each(|n| assert!(few.insert(n, ()).is_none()));
        assert!(matches!(few, Few::Row(_)));
        few.insert(ROW_MAX, ());
        assert!(matches!(few, Few::Tree(_)));
    }
}
