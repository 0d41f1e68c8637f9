// The queue: groups, order, filters, and that a new alarm leaves the chosen one alone.
import { describe, expect, it } from 'vitest'
import type { AlarmSummary } from '../api/types'
import { alarm } from './example'
import { CARDS, countsOf, firstOf, groupOf, groupsOf, membersOf, neighbour, queueOf, spreadOf, takeTarget, withAlarm, type Alarms, type View } from './queue'

const ALL: View = { filter: 'all', text: '', me: null }
const map = (...list: AlarmSummary[]): Alarms => new Map(list.map((a) => [a.id, a]))
const ids = (alarms: Alarms, view = ALL): string[] => groupsOf(alarms, view).flatMap((g) => g.alarms.map((a) => a.id))

describe('groups', () => {
  it('puts a ringing alarm under 待签收 and a late one under 不响铃', () => {
    expect(groupOf(alarm('a'))).toBe('raised')
    expect(groupOf(alarm('b', { timing: 'late', rings: false }))).toBe('silent')
    expect(groupOf(alarm('h', { rings: false, with_desk: false }))).toBe('handling')
  })
  it('keeps a real fire in hand until it is forwarded', () => {
    expect(groupOf(alarm('a', { state: 'verified', finding: 'real' }))).toBe('handling')
    expect(groupOf(alarm('a', { state: 'forwarded', finding: 'real' }))).toBe('to_close')
    expect(groupOf(alarm('a', { state: 'verified', finding: 'false' }))).toBe('to_close')
    expect(groupOf(alarm('a', { state: 'verified', finding: 'undetermined' }))).toBe('handling')
  })
  it('drops a closed alarm', () => {
    expect(groupOf(alarm('a', { state: 'closed' }))).toBeNull()
    expect(withAlarm(map(alarm('a')), alarm('a', { version: 2, state: 'closed' })).size).toBe(0)
  })
})

describe('hundreds of cards', () => {
  const list = Array.from({ length: 300 }, (_, i) => alarm(`a${i}`))
  it('are drawn as far as the eye goes', () => {
    expect(firstOf(list, CARDS, -1)).toHaveLength(CARDS)
    expect(firstOf(list, 500, -1)).toHaveLength(300)
  })
  it('and always to the chosen one and a little below it', () => {
    expect(firstOf(list, CARDS, 120).map((a) => a.id)).toContain('a121')
    expect(firstOf(list, CARDS, 3)).toHaveLength(CARDS)
  })
})

describe('order', () => {
  it('stands fires above faults and the newest ringing on top', () => {
    const list = map(
      alarm('old', { raised_at: '2026-11-21T06:00:00Z' }),
      alarm('fault', { level: 3, class: 'fault', raised_at: '2026-11-21T06:02:00Z' }),
      alarm('new', { raised_at: '2026-11-21T06:01:00Z' }),
    )
    expect(ids(list)).toEqual(['new', 'old', 'fault'])
  })
  it('stands who has waited longest first once in hand', () => {
    const list = map(
      alarm('late', { state: 'taken', raised_at: '2026-11-21T06:01:00Z' }),
      alarm('early', { state: 'taken', raised_at: '2026-11-21T06:00:00Z' }),
    )
    expect(ids(list)).toEqual(['early', 'late'])
  })
  it('does not move when a repeat is merged', () => {
    const before = map(alarm('a', { raised_at: '2026-11-21T06:00:00Z' }), alarm('b', { raised_at: '2026-11-21T06:01:00Z' }))
    const after = withAlarm(before, alarm('a', { version: 2, count: 2, raised_at: '2026-11-21T06:00:00Z', last_at: '2026-11-21T06:05:00Z' }))
    expect(ids(after)).toEqual(ids(before))
  })
})

describe('changes', () => {
  it('ignores an older version that arrives late', () => {
    const now = map(alarm('a', { version: 3, state: 'taken' }))
    expect(withAlarm(now, alarm('a', { version: 2 }))).toBe(now)
  })
})

describe('filters', () => {
  const list = map(alarm('f'), alarm('g', { class: 'fault', level: 3, holder: { seat: 1, officer: { id: 'me', name: '周敏' }, at: '' }, state: 'taken' }))
  it('counts classes and what is mine', () => {
    expect(countsOf(list, 'me')).toMatchObject({ all: 2, fire: 1, fault: 1, mine: 1 })
  })
  it('shows only what the filter names', () => {
    expect(ids(list, { ...ALL, filter: 'fault' })).toEqual(['g'])
    expect(ids(list, { ...ALL, filter: 'mine', me: 'me' })).toEqual(['g'])
    expect(ids(list, { ...ALL, filter: 'mine', me: null })).toEqual([])
  })
  it('finds every word of a search', () => {
    expect(ids(list, { ...ALL, text: '瑞禾 厂房' }).length).toBe(2)
    expect(ids(list, { ...ALL, text: '瑞禾 楼上' })).toEqual([])
  })
})

describe('moving', () => {
  const order = [alarm('a'), alarm('b')]
  it('starts at an end and stops at the ends', () => {
    expect(neighbour(order, null, 1)).toBe('a')
    expect(neighbour(order, null, -1)).toBe('b')
    expect(neighbour(order, 'b', 1)).toBe('b')
    expect(neighbour(order, 'b', -1)).toBe('a')
    expect(neighbour([], null, 1)).toBeNull()
  })
  it('takes the chosen alarm, else the first that rings', () => {
    const mine = alarm('mine', { state: 'taken' })
    const list = map(...order, mine)
    expect(takeTarget(list, order, 'b')).toBe('b')
    expect(takeTarget(list, order, 'mine')).toBe('a')
    expect(takeTarget(list, [], 'mine')).toBeNull()
  })
})

describe('filters', () => {
  const suppressed = { filter: 'drill' as const, label: '演练', words: '演练窗口', until_at: null }
  const quiet = { head: 'head', words: '首警', merged: false, quiet: true }
  it('puts a suppressed alarm into a group of its own', () => {
    expect(groupOf(alarm('a', { rings: false, suppressed }))).toBe('suppressed')
  })
  it('lets the line of a head speak for its quiet members and never for one whose head is not there', () => {
    const storm = map(alarm('head'), alarm('m', { rings: false, member: quiet }), alarm('far', { member: { ...quiet, quiet: false } }))
    expect(ids(storm)).toEqual(['head', 'far'])
    expect(countsOf(storm, null).all).toBe(2)
    expect(membersOf(storm).get('head')!.map((a) => a.id)).toEqual(['m'])
    expect(ids(map(alarm('m', { rings: false, member: quiet })))).toEqual(['m'])
  })
  it('stands what is confirmed before what is newer', () => {
    const with_ = { kind: 'two_points' as const, label: '双点确认', place: '2 层', with: null }
    const list = map(alarm('sure', { coincidence: with_, raised_at: '2026-11-21T06:00:00Z' }), alarm('new', { raised_at: '2026-11-21T06:01:00Z' }))
    expect(ids(list)).toEqual(['sure', 'new'])
  })
  it('says where an incident spreads, the most first', () => {
    expect(spreadOf([alarm('a', { building: null }), alarm('b'), alarm('c')])).toEqual([{ place: '2 号厂房', count: 2 }, { place: null, count: 1 }])
  })
})

describe('a reading of the queue that was overtaken', () => {
  it('keeps an alarm that was heard meanwhile, and the newer version of another', () => {
    const queue = queueOf([alarm('known', { version: 1 })], [alarm('new'), alarm('known', { version: 2, state: 'taken' })])
    expect(queue.has('new')).toBe(true)
    expect(queue.get('known')!.state).toBe('taken')
  })
  it('does not bring back what was closed meanwhile, nor let an older event win', () => {
    const queue = queueOf([alarm('over', { version: 1 }), alarm('taken', { version: 3, state: 'taken' })], [alarm('over', { version: 2, state: 'closed' }), alarm('taken', { version: 2 })])
    expect(queue.has('over')).toBe(false)
    expect(queue.get('taken')!.state).toBe('taken')
  })
})
