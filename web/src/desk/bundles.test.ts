// Lines lost together: what is bundled, where the row stands, and that keys and officers reach every member.
import { describe, expect, it } from 'vitest'
import type { AlarmSummary } from '../api/types'
import { BUNDLE_MIN, bundlesOf, isAt, isOpen, rowsOf, toggled } from './bundles'
import { alarm } from './example'
import { inOrder, neighbourAt } from './queue'

/** A terminal that fell silent so many seconds after 14:36:00. */
function silent(id: string, after_s: number, part: Partial<AlarmSummary> = {}): AlarmSummary {
  const raised_at = new Date(Date.parse('2026-11-21T06:36:00Z') + after_s * 1000).toISOString()
  return alarm(id, { class: 'offline', level: 4, raised_at, ...part })
}
const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => silent(id, i * 10))
const none = new Set<string>()
const names = (list: AlarmSummary[], opened: ReadonlySet<string> = none): string[] => rowsOf(inOrder('raised', [...list]), opened).map((r) => (r.head ? `[${r.bundle.alarms.length}]` : r.alarm.id))

describe('a bundle', () => {
  it('needs five of one township within three minutes of the first', () => {
    expect(bundlesOf(six.slice(0, BUNDLE_MIN - 1))).toEqual([])
    expect(bundlesOf(six.slice(0, BUNDLE_MIN))).toHaveLength(1)
    expect(bundlesOf(six.map((a, i) => ({ ...a, township: i % 2 ? '东渚镇' : '西圩乡' })))).toEqual([])
    expect(bundlesOf([...six.slice(0, 4), silent('g', 180)])[0]?.alarms).toHaveLength(5)
    expect(bundlesOf([...six.slice(0, 4), silent('g', 181)])).toEqual([])
  })
  it('keeps two power cuts of one township apart', () => {
    const later = six.map((a, i) => silent(`${a.id}2`, 600 + i))
    expect(bundlesOf([...later, ...six]).map((b) => b.alarms.map((a) => a.id).join(''))).toEqual(['abcdef', 'a2b2c2d2e2f2'])
  })
  it('never holds a fire, a fault, what somebody has taken or what stands in no township', () => {
    const others: Partial<AlarmSummary>[] = [{ class: 'fire' }, { class: 'fault' }, { state: 'taken' }, { township: null }]
    for (const part of others) expect(bundlesOf(six.map((a) => ({ ...a, ...part })))).toEqual([])
  })
  it('is as bad as the worst of them and as old as the first', () => {
    const bundle = bundlesOf([...six, silent('worse', 30, { level: 3 })])[0]!
    expect([bundle.level, bundle.since]).toEqual([3, six[0]!.raised_at])
  })
})

describe('its row', () => {
  const fire = alarm('fire', { raised_at: '2026-11-21T06:30:00Z' })
  const single = silent('single', 5, { township: '西圩乡' })
  it('stands where its first alarm would, below every fire', () => {
    expect(names([...six, fire, single])).toEqual(['fire', 'single', '[6]'])
  })
  it('does not move when one more falls silent, or the first comes back', () => {
    expect(names([...six, silent('g', 90), fire, single])).toEqual(['fire', 'single', '[7]'])
    expect(names([...six.slice(1), fire, silent('single', -5, { township: '西圩乡' })])).toEqual(['fire', '[5]', 'single'])
  })
  it('opens to all of them, who has waited longest first, and stays open whoever leaves', () => {
    const opened = toggled(bundlesOf(six)[0]!, none)
    expect(names([...six, fire], opened)).toEqual(['fire', '[6]', 'a', 'b', 'c', 'd', 'e', 'f'])
    expect(names(six.slice(1), opened)).toEqual(['[5]', 'b', 'c', 'd', 'e', 'f'])
    expect(names(six.slice(2), opened)).toEqual(['f', 'e', 'd', 'c'])
    expect(isOpen(bundlesOf(six.slice(1))[0]!, toggled(bundlesOf(six)[0]!, opened))).toBe(false)
  })
})

describe('the keys', () => {
  const fire = alarm('fire')
  const walk = (opened: ReadonlySet<string>, steps: number): string => {
    const rows = rowsOf(inOrder('raised', [...six, fire]), opened)
    let cursor: { chosen: string | null; onHead: boolean } = { chosen: null, onHead: false }
    for (let i = 0; i < Math.abs(steps); i++) {
      const row = neighbourAt(rows, rows.findIndex((r) => isAt(r, cursor, opened)), steps > 0 ? 1 : -1)!
      cursor = { chosen: row.alarm.id, onHead: row.head }
    }
    return `${cursor.onHead ? 'head ' : ''}${cursor.chosen}`
  }
  it('stop at the head of a closed bundle once', () => {
    expect([1, 2, 3].map((n) => walk(none, n))).toEqual(['fire', 'head a', 'head a'])
  })
  it('go through an open one, head first, and back', () => {
    const opened = toggled(bundlesOf(six)[0]!, none)
    expect([2, 3, 4, 8].map((n) => walk(opened, n))).toEqual(['head a', 'a', 'b', 'f'])
    expect(walk(opened, -1)).toBe('f')
  })
  it('find the cursor at the head when the chosen one is inside a closed bundle', () => {
    const rows = rowsOf(inOrder('raised', [...six, fire]), none)
    expect(rows.filter((r) => isAt(r, { chosen: 'd', onHead: false }, none)).map((r) => r.head)).toEqual([true])
  })
})
