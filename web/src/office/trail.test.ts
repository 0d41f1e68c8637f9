// Paging forward, back, and after opening a shared address.

import { describe, expect, it } from 'vitest'
import { TRAIL_MAX, back, forward, pageNumber, rowRange, trailFrom, type Standing } from './trail'

const start: Standing = { cursor: '', trail: [] }

describe('paging', () => {
  it('goes forward and back the same way', () => {
    const second = forward(start, 'b')
    const third = forward(second, 'c')
    expect(pageNumber(third)).toBe(3)
    expect(back(third)).toEqual(second)
    expect(back(back(third))).toEqual(start)
    expect(back(start)).toEqual(start)
  })

  it('does not claim a page number after a shared address', () => {
    const shared: Standing = { cursor: 'k', trail: [] }
    expect(pageNumber(shared)).toBeNull()
    expect(rowRange(shared, 50, 50)).toBeNull()
    expect(back(shared)).toEqual(start)
    expect(pageNumber(forward(shared, 'm'))).toBeNull()
  })

  it('counts rows from one', () => {
    expect(rowRange(start, 50, 50)).toEqual({ from: 1, to: 50 })
    expect(rowRange(forward(start, 'b'), 50, 7)).toEqual({ from: 51, to: 57 })
    expect(rowRange(start, 50, 0)).toBeNull()
  })

  it('remembers a bounded way', () => {
    let at = start
    for (let page = 0; page < TRAIL_MAX + 5; page += 1) at = forward(at, `c${page}`)
    expect(at.trail).toHaveLength(TRAIL_MAX)
    expect(pageNumber(at)).toBeNull()
  })

  it('trusts nothing in the history entry', () => {
    expect(trailFrom({ trail: ['', 'a'] })).toEqual(['', 'a'])
    expect(trailFrom({ trail: [1] })).toEqual([])
    expect(trailFrom(null)).toEqual([])
  })
})
