import { describe, expect, it } from 'vitest'
import { dueOf } from './due'

const NOW = Date.parse('2026-11-21T06:00:00Z')
const due = (at: string | null, state: 'open' | 'done' = 'open') => dueOf({ state, due_at: at }, NOW)

describe('the deadline of a to-do', () => {
  it('is far, soon from two days on, and over at its instant', () => {
    expect(due('2026-11-23T06:00:01Z')?.kind).toBe('far')
    expect(due('2026-11-23T06:00:00Z')).toEqual({ kind: 'soon', text: '11-23 前' })
    expect(due('2026-11-21T06:00:00Z')).toEqual({ kind: 'over', text: '逾期 0 秒' })
    expect(due('2026-11-18T06:00:00Z')?.text).toBe('逾期 3 天')
  })
  it('is not shown when there is none any more', () => {
    expect(due('2026-11-18T06:00:00Z', 'done')).toBeNull()
    expect(due(null)).toBeNull()
  })
})
