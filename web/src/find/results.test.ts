// Units stand first, each line leads to its record, and "all" to the list with the same words.
import { expect, test } from 'vitest'
import type { SearchResults } from '../api/types'
import { countWords, groupsOf } from './results'

const region = { code: '990101001000', name: '云岫镇', level: 'township' }
const row = { id: 'h1', kind: 'hazard', number: 'YH-2026-0001', title: '防火门损坏', state_label: '限期整改', end: false, mark: { level: 2, label: '较大' }, region, unit: { id: 'u1', name: '瑞禾电子厂' }, deadline: { words: '逾期 3 天', standing: 'overdue', provisional: false } }
const found = { units: { label: '单位', total: 1, items: [{ id: 'u1', name: '瑞禾电子厂', category: '工厂', region }] }, ledgers: [{ kind: 'hazard', label: '隐患', total: 100, items: [row] }] } as unknown as SearchResults

test('groups stand as the server has them, with the way to each record and to the whole list', () => {
  const [units, hazards] = groupsOf(found, '电子')
  expect(units!.lines[0]).toMatchObject({ under: '工厂　云岫镇', place: { name: 'unit', params: { id: 'u1' } } })
  expect(hazards!.lines[0]).toMatchObject({ under: 'YH-2026-0001·瑞禾电子厂·限期整改', level: 2, chip: { kind: 'over', text: '逾期 3 天' } })
  expect(hazards!.all).toEqual({ name: 'ledger', params: { kind: 'hazard', id: '' }, query: { tab: 'all', q: '电子' } })
  expect(groupsOf({ units: null, ledgers: [] } as unknown as SearchResults, 'x')).toEqual([])
})
test('what was not counted to its end says so', () => {
  expect([countWords(99), countWords(100)]).toEqual(['99', '99+'])
})
