// A change is news only where the page does not show it yet.
import { expect, test } from 'vitest'
import { unseen, withChange } from './updates'

const rows = [{ id: 'a', version: 3 }, { id: 'b', version: 1 }]

test('what the rows show already, as after one\'s own move, is no news', () => {
  expect(unseen([{ id: 'a', version: 3 }, { id: 'b', version: 2 }, { id: 'c', version: 1 }], rows)).toEqual([{ id: 'b', version: 2 }, { id: 'c', version: 1 }])
})
test('an entry that changes three times is one piece of news', () => {
  const heard = [4, 5, 6].reduce((all, version) => withChange(all, { id: 'a', version }), [] as { id: string; version: number }[])
  expect(heard).toEqual([{ id: 'a', version: 6 }])
})
