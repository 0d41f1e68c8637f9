// Ticks: added and taken away by rows, up to the limit.
import { describe, expect, it } from 'vitest'
import { TICKED_MAX, withTicks } from './ticks'

const many = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i))

describe('ticked rows', () => {
  it('are added and taken away by their ids', () => {
    const some = withTicks(new Set(['a']), ['b', 'c'], true)
    expect([...some]).toEqual(['a', 'b', 'c'])
    expect([...withTicks(some, ['a', 'c'], false)]).toEqual(['b'])
  })
  it('end at the limit, and none is lost that was ticked before', () => {
    const full = withTicks(new Set(), many(TICKED_MAX), true)
    expect(full.size).toBe(TICKED_MAX)
    const more = withTicks(full, ['more'], true)
    expect(more.has('more')).toBe(false)
    expect(withTicks(withTicks(full, ['0'], false), ['more'], true).has('more')).toBe(true)
  })
})
