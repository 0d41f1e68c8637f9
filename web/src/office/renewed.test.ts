// A row is said anew without moving; what others changed is not slipped under the hand.
import { expect, it } from 'vitest'
import { renewed } from './renewed'

const row = (id: string, version: number, words: string) => ({ id, version, words })

it('takes the new words of rows that nobody changed, in their old order', () => {
  const shown = [row('a', 1, '剩 2 天'), row('b', 4, '剩 3 天'), row('c', 1, '剩 9 天')]
  const read = [row('n', 1, '今天到期'), row('b', 5, '按期办结'), row('a', 1, '剩 1 天')]
  expect(renewed(shown, read)).toEqual([row('a', 1, '剩 1 天'), row('b', 4, '剩 3 天'), row('c', 1, '剩 9 天')])
  expect(renewed([], read)).toEqual([])
})
