import { describe, expect, it } from 'vitest'
import { barHeight, difference, listQuery, monthOn, monthWords, percent, twoDigits } from './accounts'

describe('accounts of false alarms', () => {
  it('writes a difference in words', () => {
    expect(difference(58, 70)).toBe('少 12 起')
    expect(difference(4, 1)).toBe('多 3 起')
    expect(difference(0, 0)).toBe('持平')
  })
  it('goes over the turn of the year', () => {
    expect(monthOn('2026-01', -1)).toBe('2025-12')
    expect(monthOn('2026-12', 1)).toBe('2027-01')
    expect(monthOn('2026-11', -12)).toBe('2025-11')
    expect(monthWords('2026-01')).toBe('2026 年 1 月')
  })
  it('writes shares', () => {
    expect(percent(0.9508)).toBe('95.1%')
    expect(percent(1)).toBe('100%')
    expect(twoDigits(0.289)).toBe('0.29')
  })
  it('leads to the list that was counted, and to nothing wider', () => {
    const narrow = { from: '2026-10-31T16:00:00Z', until: '2026-11-30T16:00:00Z', unit: '', cause: 'steam' }
    expect(listQuery(narrow)).toEqual({ class: 'fire', finding: 'false', from: narrow.from, until: narrow.until, cause: 'steam' })
  })
  it('lets no bar vanish that is not zero', () => {
    expect([barHeight(0, 300), barHeight(1, 300), barHeight(300, 300), barHeight(0, 0)]).toEqual([0, 2, 100, 0])
  })
})
