import { describe, expect, it } from 'vitest'
import { askedInWords, cellWords, isShort, ledgerName, PRINT_ROWS_MAX, rowsToPrint } from './printing'
import type { EntryRow, LedgerKind } from './types'

const row = (n: number): EntryRow => ({ id: String(n), title: `第 ${n} 条`, state_label: '待责令', opened_at: '2026-01-05T16:30:00Z', cells: { risk: '较大' }, unit: { id: 'u', name: '瑞禾电子厂' } }) as unknown as EntryRow
/** A server that has so many rows. */
const having = (count: number) => async (cursor: string, limit: number) => {
  const from = Number(cursor || 0)
  const items = Array.from({ length: Math.min(limit, count - from) }, (_, i) => row(from + i))
  const end = from + items.length
  return { items, next: end < count ? String(end) : null, total: count }
}
const kind = {
  states: [{ name: 'found', label: '待责令' }],
  fields: [
    { name: 'risk', label: '风险等级', type: 'choice', filter: true, choices: [{ value: 'considerable', label: '较大' }] },
    { name: 'secret', label: '四不两直', type: 'truth', filter: true, choices: [] },
    { name: 'inspection', label: '检查记录', type: 'link', filter: true, choices: [] },
  ],
} as unknown as LedgerKind

describe('a list on paper', () => {
  it('has all rows up to its limit, and says when there are more', async () => {
    const whole = await rowsToPrint(having(PRINT_ROWS_MAX))
    expect([whole.rows.length, whole.cut, whole.total]).toEqual([PRINT_ROWS_MAX, false, PRINT_ROWS_MAX])
    const cut = await rowsToPrint(having(PRINT_ROWS_MAX + 1))
    expect([cut.rows.length, cut.cut, cut.total]).toEqual([PRINT_ROWS_MAX, true, PRINT_ROWS_MAX + 1])
    expect(new Set(cut.rows.map((r) => r.id)).size).toBe(PRINT_ROWS_MAX)
    expect((await rowsToPrint(having(0))).rows).toEqual([])
  })

  it('says in words what it was asked for', () => {
    expect(askedInWords(kind, {}, {})).toBe('在办')
    const filters = { tab: 'overdue', state: 'found', 'f.risk': 'considerable', 'f.secret': 'true', 'f.inspection': '1', region: '990101005000', q: '防火门' }
    expect(askedInWords(kind, filters, { region: '东渚镇' })).toBe('逾期；状态 待责令；风险等级 较大；四不两直 是；同一检查记录；东渚镇；“防火门”')
  })

  it('calls a ledger by its name once, and keeps short words together', () => {
    expect([ledgerName('隐患'), ledgerName('文书台账')]).toEqual(['隐患台账', '文书台账'])
    expect([isShort('提前 3 个工作日'), isShort('责令限期改正通知书（云）'), isShort(null)]).toEqual([true, false, true])
  })

  it('writes cells out, the day of registration by the clock of the office', () => {
    expect(['unit', 'state', 'owner', 'opened', 'risk', 'none'].map((c) => cellWords(c, row(1)))).toEqual(['瑞禾电子厂', '待责令', '', '2026-01-06', '较大', ''])
  })
})
