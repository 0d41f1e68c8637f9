//! The values of one day of a series as one row: seconds and raw values, each as the difference to the one before, in as few
//! bytes as it takes.
//!
//! Values come as they were measured, one row each, and are durable so. When their day is over they are laid together; a value
//! that comes later still lies beside them until the next round, and counts where it says something else.

use crate::tx::Tx;
use fengsui_base::Timestamp;
use fengsui_store::StoreError;
use std::collections::BTreeMap;

/// Length of the span that is one row, in seconds.
pub(crate) const DAY_S: i64 = 86_400;
/// Loose_second of a series whose values are all packed.
const NEVER: i64 = i64::MAX;
/// Bits of a number in one byte; the bit above them says that another byte follows.
const BITS: u32 = 7;

const WAITING: &str =
    "SELECT slot FROM sample_series WHERE loose_second < ?1 ORDER BY loose_second, slot LIMIT 1";
const OLDEST: &str = "SELECT min(second) FROM sample WHERE slot = ?1";
const LOOSE: &str = "SELECT second, value FROM sample WHERE slot = ?1 AND second >= ?2 AND second < ?3";
const PACKED: &str =
    "SELECT day, packed FROM sample_pack WHERE slot = ?1 AND day >= ?2 AND day < ?3 ORDER BY day";
const KEEP: &str = "INSERT INTO sample_pack (slot, day, packed) VALUES (?1, ?2, ?3) \
    ON CONFLICT (slot, day) DO UPDATE SET packed = excluded.packed";
const GO: &str = "DELETE FROM sample_pack WHERE slot = ?1 AND day = ?2";
const LEAVE: &str = "DELETE FROM sample WHERE slot = ?1 AND second >= ?2 AND second < ?3";
const LOOSE_FROM: &str = "UPDATE sample_series SET loose_second = ?2 WHERE slot = ?1";

/// Values by second.
pub(crate) type Values = BTreeMap<i64, i32>;

/// The day in which a second falls, counted from 1970 in UTC.
pub(crate) fn day_of(second: i64) -> i64 {
    second.div_euclid(DAY_S)
}

fn pack(day: i64, values: &Values) -> Vec<u8> {
    let (mut bytes, mut before) = (Vec::new(), (day * DAY_S, 0));
    for (second, value) in values {
        put(&mut bytes, second - before.0);
        put(&mut bytes, i64::from(*value) - before.1);
        before = (*second, i64::from(*value));
    }
    bytes
}

fn unpack(day: i64, bytes: &[u8]) -> Result<Values, StoreError> {
    let broken = || StoreError::Broken(format!("第 {day} 日的采样不能识别"));
    let (mut values, mut rest, mut before) = (Values::new(), bytes, (day * DAY_S, 0_i64));
    while !rest.is_empty() {
        let second = before.0.checked_add(take(&mut rest).ok_or_else(broken)?).ok_or_else(broken)?;
        let value = before.1.checked_add(take(&mut rest).ok_or_else(broken)?).ok_or_else(broken)?;
        values.insert(second, i32::try_from(value).map_err(|_| broken())?);
        before = (second, value);
    }
    Ok(values)
}

/// A number with its sign in the lowest bit, seven bits to a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, number: i64) {
    let mut left = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
    while left >= 1 << BITS {
        bytes.push((left & ((1 << BITS) - 1)) as u8 | 1 << BITS);
        left >>= BITS;
    }
    bytes.push(left as u8);
}

fn take(rest: &mut &[u8]) -> Option<i64> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & ((1 << BITS) - 1)).checked_shl(shift)?;
        if byte >> BITS == 0 {
            return Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()));
        }
        shift += BITS;
    }
}

/// The packed days of a series from one day to before another, oldest first.
pub(crate) async fn days(
    tx: &mut dyn Tx,
    slot: i64,
    from: i64,
    until: i64,
) -> Result<Vec<(i64, Values)>, StoreError> {
    let rows = tx.query(PACKED, &[slot.into(), from.into(), until.into()]).await?;
    let read = |mut row: crate::value::Row| {
        let day = row.integer(0)?;
        Ok((day, unpack(day, &row.blob(1)?)?))
    };
    rows.into_iter().map(read).collect()
}

/// The values of a series that lie in rows of their own, from one second to before another.
pub(crate) async fn loose(
    tx: &mut dyn Tx,
    slot: i64,
    from: i64,
    until: i64,
) -> Result<Vec<(i64, i32)>, StoreError> {
    let rows = tx.query(LOOSE, &[slot.into(), from.into(), until.into()]).await?;
    rows.into_iter().map(|row| Ok((row.integer(0)?, row.number(1)?))).collect()
}

/// Keeps the values of a day; a day without any goes.
pub(crate) async fn keep(tx: &mut dyn Tx, slot: i64, day: i64, values: &Values) -> Result<(), StoreError> {
    if values.is_empty() {
        return tx.execute(GO, &[slot.into(), day.into()]).await.map(drop);
    }
    let packed = pack(day, values);
    tx.execute(KEEP, &[slot.into(), day.into(), packed.into()]).await.map(drop)
}

/// The oldest value of a series in a row of its own.
pub(crate) async fn oldest_loose(tx: &mut dyn Tx, slot: i64) -> Result<Option<i64>, StoreError> {
    tx.query(OLDEST, &[slot.into()]).await?[0].optional_integer(0)
}

/// See [`fengsui_store::Store::pack_samples`].
pub(crate) async fn pack_samples(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<bool, StoreError> {
    let (today, mut done) = (day_of(before.as_second()), 0);
    while done < u64::from(limit) {
        let waiting = tx.query(WAITING, &[(today * DAY_S).into()]).await?.into_iter().next();
        let Some(series) = waiting else { return Ok(false) };
        // One that has nothing to pack counts too: after an upgrade every series is looked at once.
        done += pack_day(tx, series.integer(0)?, today).await?.max(1);
    }
    Ok(true)
}

/// Lays the oldest day of a series together that is over, and notes what is left; answers how many values that were.
async fn pack_day(tx: &mut dyn Tx, slot: i64, today: i64) -> Result<u64, StoreError> {
    let oldest = oldest_loose(tx, slot).await?;
    let mut gone = 0;
    let mut left = oldest;
    if let Some(day) = oldest.map(day_of).filter(|day| *day < today) {
        let (from, until) = (day * DAY_S, (day + 1) * DAY_S);
        let packed = days(tx, slot, day, day + 1).await?.into_iter().next();
        let mut values = packed.map(|(_, values)| values).unwrap_or_default();
        values.extend(loose(tx, slot, from, until).await?);
        keep(tx, slot, day, &values).await?;
        gone = tx.execute(LEAVE, &[slot.into(), from.into(), until.into()]).await?;
        left = oldest_loose(tx, slot).await?;
    }
    tx.execute(LOOSE_FROM, &[slot.into(), left.unwrap_or(NEVER).into()]).await?;
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_day_comes_back_as_it_was_packed(
            day in -10_i64..40_000,
            values in proptest::collection::btree_map(0..DAY_S, any::<i32>(), 0..300),
        ) {
            let values: Values = values.into_iter().map(|(s, v)| (day * DAY_S + s, v)).collect();
            prop_assert_eq!(unpack(day, &pack(day, &values)).unwrap(), values);
        }

        #[test]
        fn bytes_that_nobody_packed_are_refused_or_read_and_nothing_else(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let _ = unpack(3, &bytes);
        }
    }

    #[test]
    fn a_pressure_every_five_minutes_takes_three_bytes_a_value() {
        let values: Values = (0..288).map(|n| (n * 300, 310 + i32::try_from(n % 7).unwrap())).collect();
        assert_eq!(pack(0, &values).len(), 288 * 3);
    }

    #[test]
    fn half_a_number_is_refused() {
        assert!(unpack(0, &[0x80]).is_err() && unpack(0, &[2]).is_err());
        assert!(unpack(0, &[0xff; 20]).is_err());
    }
}
