// A page shows whole weeks from Monday, never more than the server counts at once.
import { expect, test } from 'vitest'
import { dayOr, monthOn, plus, spanOf, stepped, weeksOf } from './month'

test('a month is shown in whole weeks, and the longest one is six of them', () => {
  expect(spanOf('2026-11-25', 'month')).toEqual({ from: '2026-10-26', until: '2026-12-06' })
  expect(spanOf('2026-02-01', 'month')).toEqual({ from: '2026-01-26', until: '2026-03-01' })
  for (let n = 0; n < 60; n += 1) {
    const { from, until } = spanOf(monthOn('2024-01-01', n), 'month')
    expect(Date.parse(until) - Date.parse(from)).toBeLessThanOrEqual(41 * 86_400_000)
  }
})
test('a week goes from Monday to Sunday, across the year', () => {
  expect(spanOf('2027-01-01', 'week')).toEqual({ from: '2026-12-28', until: '2027-01-03' })
})
test('the next page and the one before', () => {
  expect(stepped('2026-12-31', 'month', 1)).toBe('2027-01-01')
  expect(stepped('2026-03-31', 'month', -1)).toBe('2026-02-01')
  expect(stepped('2026-11-25', 'week', -1)).toBe('2026-11-18')
  expect(plus('2024-02-28', 1)).toBe('2024-02-29')
})
test('rows of seven, and an address that is no day means today', () => {
  expect(weeksOf([...Array(15).keys()]).map((w) => w.length)).toEqual([7, 7, 1])
  for (const bad of [undefined, 'x', '2026-13-45', ['2026-11-01']]) expect(dayOr(bad, '2026-11-25')).toBe('2026-11-25')
})
