import { expect, test } from 'vitest'
import { keptOf, shownBy, toggled, type Column } from './columns'

const ALL: Column[] = [{ name: 'unit', label: '单位' }, { name: 'line', label: '线路' }, { name: 'profile', label: '规约', extra: true }]

test('nobody chose yet: the usual columns, and what cannot be read means the same', () => {
  for (const kept of [null, 'rubbish', '{"unit":1}']) expect(shownBy(kept, ALL)).toEqual(['unit', 'line'])
})

test('a choice is kept in the order of the list, and a column that is gone is forgotten', () => {
  const chosen = toggled(toggled(['unit', 'line'], 'profile'), 'unit')
  const kept = keptOf(chosen, ALL)
  expect(shownBy(kept, ALL)).toEqual(['line', 'profile'])
  expect(shownBy('["gone","line"]', ALL)).toEqual(['line'])
  expect(shownBy('[]', ALL)).toEqual([])
})

test('the usual columns are not kept, so that a new one joins them', () => {
  expect(keptOf(toggled(toggled(['unit', 'line'], 'unit'), 'unit'), ALL)).toBeNull()
})
