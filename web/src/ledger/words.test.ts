import { describe, expect, it } from 'vitest'
import type { LedgerField } from './types'
import { chipOf, dueWords, railOf, wordsOf } from './words'

const field = (type: LedgerField['type'], more: Partial<LedgerField> = {}): LedgerField => ({ type, choices: [], unit: null, ...more }) as LedgerField

describe('an entry in words', () => {
  it('has the heavier chip the nearer its deadline, and a dashed one for a provisional date', () => {
    const chip = (standing: 'running' | 'due_soon' | 'overdue' | 'met' | 'met_late', provisional = false) => chipOf({ standing, provisional })
    expect([chip('running'), chip('due_soon'), chip('overdue'), chip('met'), chip('met_late'), chip('running', true), chip('overdue', true)]).toEqual(['far', 'soon', 'over', 'met', 'late', 'late', 'over'])
  })
  it('says the end of the last day as 24:00, and the minute of a deadline in hours', () => {
    expect(dueWords({ on: '2026-11-20', due_at: '2026-11-20T16:00:00Z' })).toBe('11月20日 周五 24:00')
    expect(dueWords({ on: null, due_at: '2026-11-20T06:30:00Z' })).toBe('11月20日 周五 14:30')
  })
  it('has a rail of its life', () => {
    expect(railOf([{ label: '发现', at: null, state: 'done' }, { label: '责令', at: null, state: 'now' }, { label: '销号', at: null, state: 'next' }]).map((s) => s.state)).toEqual(['done', 'present', 'future'])
  })
  it('writes every type of field', () => {
    expect(wordsOf(field('money'), 123_450, {})).toBe('1,234.5 元')
    expect(wordsOf(field('real', { unit: '平方米' }), 1200, {})).toBe('1,200 平方米')
    expect([wordsOf(field('integer'), 2026, {}), wordsOf(field('integer'), 0, {})]).toEqual(['2026', '0'])
    expect(wordsOf(field('choice', { choices: [{ value: 'gas', label: '燃气用火', level: null }] }), 'gas', {})).toBe('燃气用火')
    expect(wordsOf(field('people'), ['p1', 'p2'], { p1: '罗敏', p2: '黄涛' })).toBe('罗敏、黄涛')
    expect(wordsOf(field('truth'), false, {})).toBe('否')
    expect(wordsOf(field('link'), 'x', {})).toBe('x')
    expect([wordsOf(field('text'), '', {}), wordsOf(field('photos'), [], {}), wordsOf(field('date'), null, {})]).toEqual([null, null, null])
  })
})
