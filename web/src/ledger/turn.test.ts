// The words of a deadline are asked for anew when they read differently, and not before.
import { describe, expect, it } from 'vitest'
import { nextTurn_ms } from './turn'
import type { DeadlineView } from './types'

const at = (time: string): number => Date.parse(`2026-11-23T${time}+08:00`)
const hours = (due: string, standing: DeadlineView['standing'] = 'running') => ({ on: null, due_at: new Date(at(due)).toISOString(), standing })
const days = { on: '2026-11-25', due_at: '2026-11-25T16:00:00Z', standing: 'running' } as const
const next = (list: Parameters<typeof nextTurn_ms>[0], now: string): string => new Date(nextTurn_ms(list, at(now)) + 8 * 3_600_000).toISOString().slice(5, 19)

describe('the words of a deadline', () => {
  it('in days turn at midnight in the office, whatever the computer says', () => {
    expect(next([days], '09:00:00')).toBe('11-24T00:00:01')
    expect(next([days], '00:00:00')).toBe('11-24T00:00:01')
    expect(next([], '23:59:59')).toBe('11-24T00:00:01')
  })
  it('in hours turn with each hour that is left, and with each that is over', () => {
    expect(next([hours('18:20:00')], '12:50:00')).toBe('11-23T13:20:01')
    expect(next([hours('09:20:00', 'overdue')], '12:50:00')).toBe('11-23T13:20:01')
    expect(next([hours('18:20:00')], '13:20:00')).toBe('11-23T14:20:01')
  })
  it('in the hour before and after the end turn each minute', () => {
    expect(next([hours('18:20:00')], '17:30:30')).toBe('11-23T17:31:01')
    expect(next([hours('18:20:00', 'overdue')], '18:30:30')).toBe('11-23T18:31:01')
  })
  it('are the same for ever once it is met', () => {
    expect(next([hours('18:20:00', 'met')], '12:50:00')).toBe('11-24T00:00:01')
  })
  it('turn with the first of many', () => {
    expect(next([days, hours('18:20:00'), hours('18:05:00')], '12:50:00')).toBe('11-23T13:05:01')
  })
})
