// A fire is said first, and that of an ignored terminal says that it does not ring.
import { describe, expect, it } from 'vitest'
import { fireKey, markOf, weekFrom } from './standing'

describe('the mark of a stranger', () => {
  it('puts a fire before everything', () => {
    expect(markOf({ fire: true, status_labels: ['故障'] })).toBe('fire')
    expect(markOf({ fire: false, status_labels: ['故障'] })).toBe('state')
    expect(markOf({ fire: false, status_labels: [] })).toBe('quiet')
  })
  it('says when a fire does not ring', () => {
    expect(fireKey({ standing: 'ignored' })).not.toBe(fireKey({ standing: 'unknown' }))
  })
})

describe('the day proposed for ignoring', () => {
  it('is a week on, in the office’s zone', () => {
    expect(weekFrom(Date.parse('2026-11-21T15:59:00Z'))).toBe('2026-11-28')
    expect(weekFrom(Date.parse('2026-11-21T16:00:00Z'))).toBe('2026-11-29')
  })
})
