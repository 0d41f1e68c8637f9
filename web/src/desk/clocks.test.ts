// Both clocks are shown from more than a minute's difference on, in either direction.
import { describe, expect, it } from 'vitest'
import { clocksOf } from './clocks'

const AT = '2026-11-21T06:36:00.000000Z'
describe('the two clocks', () => {
  it('are one up to sixty seconds', () => {
    expect(clocksOf(AT, '2026-11-21T06:37:00.000000Z')).toBeNull()
    expect(clocksOf(null, AT)).toBeNull()
  })
  it('are two beyond', () => {
    expect(clocksOf(AT, '2026-11-21T06:37:01.000000Z')?.late_s).toBe(61)
    expect(clocksOf('2026-11-21T06:38:00.000000Z', AT)?.late_s).toBe(-120)
  })
})
