import { expect, test } from 'vitest'
import { COUNTED_MAX, totalWords } from './total'

test('the length of a list is exact as far as the server counts, and says so beyond that', () => {
  expect([0, COUNTED_MAX, COUNTED_MAX + 1, 987_654].map(totalWords)).toEqual(['0', '10,000', '10,000 多', '987,654'])
})
