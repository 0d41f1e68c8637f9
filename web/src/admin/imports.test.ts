import { expect, test } from 'vitest'
import { isMoving, stepOf } from './imports'

test('an import moves while the server works on it', () => {
  expect(['checking', 'running', 'undoing'].every(isMoving)).toBe(true)
  expect(['checked', 'done', 'undone', 'failed', 'cancelled'].some(isMoving)).toBe(false)
})

test('the rail ends when the import is over', () => {
  expect([stepOf('checking'), stepOf('running'), stepOf('done'), stepOf('undone')]).toEqual([2, 3, 4, 4])
})
