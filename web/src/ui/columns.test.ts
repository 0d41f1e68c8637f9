import { expect, test } from 'vitest'
import { columnsAsked, columnWord, keptOf, moved, shownBy, toggled, type Column } from './columns'

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

test('where the order is chosen it is kept, and moving past the end changes nothing', () => {
  const chosen = moved(toggled(['unit', 'line'], 'profile'), 'profile', -1)
  expect(chosen).toEqual(['unit', 'profile', 'line'])
  expect(shownBy(keptOf(chosen, ALL, true), ALL, true)).toEqual(chosen)
  expect(moved(chosen, 'unit', -1)).toEqual(chosen)
  expect(moved(chosen, 'line', 1)).toEqual(chosen)
  expect(moved(chosen, 'gone', 1)).toEqual(chosen)
  expect(keptOf(moved(['unit', 'line'], 'line', -1), ALL, true)).toBe('["line","unit"]')
})

test('an address carries columns that are not the usual ones, and asks for none that are gone', () => {
  expect(columnWord(['unit', 'line'], ALL)).toBe('')
  expect(columnWord(['line', 'unit'], ALL)).toBe('line,unit')
  expect(columnsAsked('line,gone,line,profile', ALL)).toEqual(['line', 'profile'])
  expect(columnsAsked('gone', ALL)).toBeNull()
  expect(columnsAsked(undefined, ALL)).toBeNull()
})
