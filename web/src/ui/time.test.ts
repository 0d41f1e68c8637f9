// Times are written in the office's zone, whatever the computer's is, and running times at their limits.
import { describe, expect, it } from 'vitest'
import { dayInWords, durationClock, elapsed, full, hm, hms, monthDay, secondsBetween, todayOn, when } from './time'

const AT = '2026-11-19T06:36:08.123456Z'
const NOW = Date.parse('2026-11-19T06:41:00Z')

describe('instants', () => {
  it('stand in Chinese time', () => {
    expect(hms(AT)).toBe('14:36:08')
    expect(hm(AT)).toBe('14:36')
    expect(dayInWords(AT)).toBe('11月19日 周四')
    // An hour after midnight in China it is still yesterday in London.
    expect(todayOn(Date.parse('2026-12-31T17:00:00Z'))).toBe('2027-01-01')
  })
  it('carry the date only on other days, and the year only in other years', () => {
    expect(when(AT, NOW)).toBe('14:36:08')
    expect(when('2026-11-18T06:36:08Z', NOW)).toBe('11-18 14:36:08')
    expect(monthDay('2025-11-18T06:36:08Z', NOW)).toBe('2025-11-18')
    expect(full(AT, NOW)).toBe('11-19 14:36:08')
  })
  it('are a dash when missing or not a time', () => {
    expect(hms(null)).toBe('—')
    expect(when('nonsense', NOW)).toBe('—')
  })
})

describe('durations', () => {
  it('grow from minutes to hours to days', () => {
    expect([0, 59, 3599, 3600, 86_399, 86_400].map(durationClock)).toEqual(['00:00', '00:59', '59:59', '1:00:00', '23:59:59', '1 天 00:00'])
  })
  it('are never negative when clocks disagree', () => {
    expect(elapsed('2026-11-19T06:42:00Z', NOW)).toBe('00:00')
  })
  it('between two instants need both', () => {
    expect(secondsBetween(AT, null)).toBeNull()
    expect(secondsBetween('2026-11-19T06:36:08Z', '2026-11-19T06:37:08Z')).toBe(60)
  })
})
