// Two clocks and what is said about them.
import { describe, expect, it } from 'vitest'
import { CLOCK_AGREES_S, clockDifference, differenceText } from './clock-words'

const units = { day: '天', hour: '小时', minute: '分', second: '秒' }

describe('the clock of a terminal', () => {
  it('agrees up to the limit and not a second more', () => {
    expect(clockDifference(CLOCK_AGREES_S).side).toBe('agrees')
    expect(clockDifference(CLOCK_AGREES_S + 1).side).toBe('fast')
    expect(clockDifference(-CLOCK_AGREES_S - 1).side).toBe('slow')
    expect(clockDifference(null).side).toBe('unknown')
  })

  it('is said in its two largest parts', () => {
    expect(differenceText(clockDifference(200), units)).toBe('3 分 20 秒')
    expect(differenceText(clockDifference(-90_061), units)).toBe('1 天 1 小时')
    expect(differenceText(clockDifference(0), units)).toBe('0 秒')
  })
})
