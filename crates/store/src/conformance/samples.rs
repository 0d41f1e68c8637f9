//! The history of measured values, when a terminal was last heard, and how its last reading ended.

use super::given::{active, at, change, stored, terminal};
use crate::{
    ChangeSet, HeardWrite, LastReading, Part, ReadingWrite, SAMPLE_BUCKETS_MAX, SampleBucket, SampleWrite,
    StateKey, Store,
};

fn key(analog_type: u8) -> StateKey {
    StateKey {
        part: Part::Value,
        system_type: 11,
        system_address: 1,
        component_address: u32::MAX,
        analog_type,
    }
}

fn sample(n: u128, second: i64, value: i32) -> SampleWrite {
    SampleWrite { terminal: terminal(n), key: key(3), at: at(second), value }
}

fn samples(samples: Vec<SampleWrite>) -> ChangeSet {
    ChangeSet { samples, ..change(0) }
}

fn bucket(second: i64, values: &[i32]) -> SampleBucket {
    SampleBucket {
        from: at(second),
        count: values.len() as u64,
        min: *values.iter().min().unwrap(),
        max: *values.iter().max().unwrap(),
        sum: values.iter().map(|v| i64::from(*v)).sum(),
    }
}

/// Stretches of equal length from the window's start, its end outside; another value of the same part stays apart.
pub async fn samples_are_drawn_together_in_equal_stretches(store: &dyn Store) {
    let epoch = active(store).await;
    let other = SampleWrite { key: key(4), ..sample(1, 15, 999) };
    let values = [(0, 5), (9, -32_768), (10, 7), (19, 32_767), (39, 1), (40, 2)];
    let mut writes: Vec<_> =
        values.into_iter().rev().map(|(second, value)| sample(1, second, value)).collect();
    writes.extend([other, sample(2, 12, 8)]);
    stored(store, epoch, samples(writes)).await;
    let read = async |from, to, buckets| {
        store.samples(terminal(1), key(3), at(from)..at(to), buckets).await.unwrap()
    };
    let expected = [bucket(0, &[5, -32_768]), bucket(10, &[7, 32_767]), bucket(30, &[1])];
    assert_eq!(read(0, 40, 4).await, expected);
    assert_eq!(read(0, 39, 4).await, expected[..2], "the end of the window is outside");
    assert_eq!(read(9, 20, 1).await, [bucket(9, &[-32_768, 7, 32_767])]);
    assert_eq!(read(0, 41, u16::MAX).await.len(), 6, "never finer than a second");
    assert!(usize::from(SAMPLE_BUCKETS_MAX) > 41 && read(0, 41, 0).await.len() == 1);
    assert!(read(40, 40, 4).await.is_empty() && read(41, 0, 4).await.is_empty());
    assert_eq!(store.samples(terminal(1), key(4), at(0)..at(40), 1).await.unwrap(), [bucket(0, &[999])]);
    assert!(store.samples(terminal(3), key(3), at(0)..at(40), 4).await.unwrap().is_empty());
}

/// A value stored again is stored once, within a change and later.
pub async fn of_two_samples_in_one_second_the_last_one_counts(store: &dyn Store) {
    let epoch = active(store).await;
    stored(store, epoch, samples(vec![sample(1, 5, 1), sample(1, 5, 2)])).await;
    stored(store, epoch, samples(vec![sample(1, 5, 3), sample(1, 4, 9)])).await;
    let found = store.samples(terminal(1), key(3), at(0)..at(10), 10).await.unwrap();
    assert_eq!(found, [bucket(4, &[9]), bucket(5, &[3])]);
}

/// The limit holds over all series; what is young enough stays; who has no lease deletes nothing.
pub async fn old_samples_go_bit_by_bit_oldest_first(store: &dyn Store) {
    let epoch = active(store).await;
    let mut writes: Vec<_> = (0..4).map(|second| sample(1, 10 + second, 1)).collect();
    writes.extend((0..4).map(|second| sample(2, second, 2)));
    stored(store, epoch, samples(writes)).await;
    let left = async |n| {
        let found = store.samples(terminal(n), key(3), at(0)..at(100), 100).await.unwrap();
        found.iter().map(|b| b.from.as_second() - at(0).as_second()).collect::<Vec<_>>()
    };
    assert_eq!(store.purge_samples(epoch, at(0), 10).await.unwrap(), 0);
    assert_eq!(store.purge_samples(epoch, at(12), 3).await.unwrap(), 3);
    assert_eq!((left(1).await.len(), left(2).await), (4, vec![3]));
    assert_eq!(store.purge_samples(epoch, at(12), 100).await.unwrap(), 3);
    assert_eq!((left(1).await, left(2).await.len()), (vec![12, 13], 0));
    // A series that was empty for a while begins again.
    stored(store, epoch, samples(vec![sample(2, 20, 5), sample(1, 1, 1)])).await;
    assert_eq!((left(1).await, left(2).await), (vec![1, 12, 13], vec![20]));
    assert_eq!(store.purge_samples(epoch, at(12), 100).await.unwrap(), 1, "one that came late goes too");
    let stale = store.purge_samples(crate::Epoch(epoch.0 + 1), at(100), 1).await;
    assert!(matches!(stale, Err(crate::StoreError::LeaseLost { .. })));
}

/// Days that are over are packed, and everything is answered and deleted as before; what comes later for such a day counts.
pub async fn packed_samples_are_answered_and_deleted_as_before(store: &dyn Store) {
    const DAY_S: i64 = 86_400;
    let epoch = active(store).await;
    // The first whole day behind `at(0)`, the one behind it, and the morning of a third.
    let dawn = (at(0).as_second().div_euclid(DAY_S) + 1) * DAY_S - at(0).as_second();
    let night = dawn - 60;
    let values: Vec<_> = [night, dawn, dawn + 600, dawn + DAY_S - 1, dawn + DAY_S, dawn + 2 * DAY_S + 5]
        .into_iter()
        .zip([7, -32_768, 32_767, 5, 6, 9])
        .collect();
    let writes = values.iter().map(|(second, value)| sample(1, *second, *value));
    stored(store, epoch, samples(writes.chain([sample(2, dawn + 7, 1)]).collect())).await;
    let whole =
        async || store.samples(terminal(1), key(3), at(night)..at(dawn + 3 * DAY_S), 700).await.unwrap();
    let rough =
        async || store.samples(terminal(1), key(3), at(dawn + 1)..at(dawn + DAY_S + 1), 1).await.unwrap();
    let before = (whole().await, rough().await);
    assert_eq!((before.0.iter().map(|b| b.count).sum::<u64>(), before.1[0].count), (6, 3));
    // The third day is not over: of two series, two days and what is before them.
    while store.pack_samples(epoch, at(dawn + 2 * DAY_S + 30), 1).await.unwrap() {}
    assert!(!store.pack_samples(epoch, at(dawn + 2 * DAY_S + 30), 100).await.unwrap(), "it may run twice");
    assert_eq!((whole().await, rough().await), before);
    // One of a packed second says something else, one is new; before and after they are packed too.
    stored(store, epoch, samples(vec![sample(1, dawn + 600, 3), sample(1, dawn + 700, 4)])).await;
    for _ in 0..2 {
        assert_eq!(rough().await, [SampleBucket { from: at(dawn + 1), count: 4, min: 3, max: 6, sum: 18 }]);
        while store.pack_samples(epoch, at(dawn + 2 * DAY_S + 30), 100).await.unwrap() {}
    }
    assert_eq!(store.purge_samples(epoch, at(dawn + 601), 2).await.unwrap(), 2);
    assert_eq!(whole().await[0].min, 3, "the night and the dawn have gone, oldest first");
    assert_eq!(store.purge_samples(epoch, at(dawn + 700), 100).await.unwrap(), 2, "one of each series");
    assert_eq!(whole().await.iter().map(|b| b.count).sum::<u64>(), 4);
    assert_eq!(store.purge_samples(epoch, at(dawn + 9 * DAY_S), 100).await.unwrap(), 4);
    assert!(whole().await.is_empty());
    stored(store, epoch, samples(vec![sample(1, dawn, 1)])).await;
    assert_eq!(
        whole().await.iter().map(|b| b.sum).collect::<Vec<_>>(),
        [1],
        "a series that was empty begins again"
    );
    let stale = store.pack_samples(crate::Epoch(epoch.0 + 1), at(dawn), 1).await;
    assert!(matches!(stale, Err(crate::StoreError::LeaseLost { .. })));
}

/// The latest instant stays, whatever comes after it; all of them page by page.
pub async fn last_heard_never_moves_back_and_is_paged(store: &dyn Store) {
    let epoch = active(store).await;
    let heard = |n, second| HeardWrite { terminal: terminal(n), at: at(second) };
    stored(store, epoch, ChangeSet { heard: vec![heard(2, 5), heard(1, 7), heard(1, 6)], ..change(0) }).await;
    stored(store, epoch, ChangeSet { heard: vec![heard(2, 4), heard(3, 1)], ..change(0) }).await;
    let expected = [(terminal(1), at(7)), (terminal(2), at(5)), (terminal(3), at(1))];
    assert_eq!(store.heard(None, 10).await.unwrap(), expected);
    assert_eq!(store.heard(Some(terminal(1)), 1).await.unwrap(), expected[1..2]);
    assert!(store.heard(Some(terminal(3)), 10).await.unwrap().is_empty());
}

/// The reading that was asked last stays, whatever is stored after it; all of them page by page.
pub async fn last_reading_is_the_one_asked_last_and_is_paged(store: &dyn Store) {
    let epoch = active(store).await;
    let reading = |asked, answered: Option<i64>, failures| LastReading {
        asked_at: at(asked),
        answered_at: answered.map(at),
        failures,
        denied: failures > 1,
    };
    let write = |n, reading| ReadingWrite { terminal: terminal(n), reading };
    let first = vec![
        write(2, reading(9, None, 2)),
        write(1, reading(5, Some(5), 0)),
        write(1, reading(5, None, u16::MAX)),
    ];
    stored(store, epoch, ChangeSet { readings: first, ..change(0) }).await;
    let later = vec![write(2, reading(8, Some(8), 0)), write(3, reading(1, Some(0), 1))];
    stored(store, epoch, ChangeSet { readings: later, ..change(0) }).await;
    let expected = [
        (terminal(1), reading(5, None, u16::MAX)),
        (terminal(2), reading(9, None, 2)),
        (terminal(3), reading(1, Some(0), 1)),
    ];
    assert_eq!(store.readings(None, 10).await.unwrap(), expected);
    assert_eq!(store.readings(Some(terminal(1)), 1).await.unwrap(), expected[1..2]);
    assert!(store.readings(Some(terminal(3)), 10).await.unwrap().is_empty());
}
