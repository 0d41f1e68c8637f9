//! Facts that many terminals and points share are kept once: the name of a unit, the place of a detector. There are a
//! million terminals, and what is said of each counts a million times.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// So many values may be there before those that nobody uses any more are looked for.
const SWEPT_FROM: usize = 1_024;

/// Values of which there is one each.
pub(super) struct Pool<T: ?Sized> {
    values: HashSet<Arc<T>>,
    sweep_at: usize,
}

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        Self { values: HashSet::new(), sweep_at: SWEPT_FROM }
    }
}

impl<T: ?Sized + Hash + Eq> Pool<T> {
    /// The one that equals this value.
    pub(super) fn share<V: Borrow<T> + Into<Arc<T>>>(&mut self, value: V) -> Arc<T> {
        if let Some(known) = self.values.get(value.borrow()) {
            return known.clone();
        }
        if self.values.len() >= self.sweep_at {
            self.values.retain(|value| Arc::strong_count(value) > 1);
            self.sweep_at = SWEPT_FROM.max(2 * self.values.len());
        }
        let value: Arc<T> = value.into();
        self.values.insert(value.clone());
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_kept_once() {
        let mut pool: Pool<str> = Pool::default();
        let (one, other) = (pool.share("东楼"), pool.share("东楼".to_owned()));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(&*pool.share("西楼"), "西楼");
    }

    #[test]
    fn what_nobody_uses_any_more_goes_when_the_limit_is_reached() {
        let mut pool: Pool<str> = Pool::default();
        let kept: Vec<_> = (0..3).map(|n| pool.share(n.to_string())).collect();
        (3..SWEPT_FROM).for_each(|n| drop(pool.share(n.to_string())));
        assert_eq!(pool.values.len(), SWEPT_FROM);
        pool.share("one more");
        assert_eq!((kept.len(), pool.values.len()), (3, 4));
        assert_eq!(pool.sweep_at, SWEPT_FROM);
    }
}
