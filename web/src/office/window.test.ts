// A list of ten thousand rows draws a few dozen of them.
import { expect, test } from 'vitest'
import { ROW_PX, runsOut, SPARE_ROWS, windowOf } from './window'

const SCREEN_PX = 800
const fit = Math.ceil(SCREEN_PX / ROW_PX)

test('at the top the first rows are drawn, and no more than can be seen with the spare ones', () => {
  expect(windowOf(0, SCREEN_PX, ROW_PX, 10_000)).toEqual({ from: 0, to: fit + SPARE_ROWS })
  expect(windowOf(-120, SCREEN_PX, ROW_PX, 10_000).from).toBe(0)
})

test('anywhere in ten thousand rows a few dozen are drawn, around what is seen', () => {
  for (const row of [13, 5_000, 9_980]) {
    const { from, to } = windowOf(row * ROW_PX, SCREEN_PX, ROW_PX, 10_000)
    expect(from).toBeLessThanOrEqual(row)
    expect(to).toBeGreaterThan(Math.min(9_999, row + fit - 1))
    expect(to - from).toBeLessThanOrEqual(fit + 1 + 2 * SPARE_ROWS)
  }
})

test('a short list is drawn whole, an empty one not at all, and a list that became shorter shows its end', () => {
  expect(windowOf(0, SCREEN_PX, ROW_PX, 5)).toEqual({ from: 0, to: 5 })
  expect(windowOf(0, SCREEN_PX, ROW_PX, 0)).toEqual({ from: 0, to: 0 })
  expect(windowOf(10_000 * ROW_PX, SCREEN_PX, ROW_PX, 50)).toEqual({ from: 50, to: 50 })
})

test('the next rows are fetched before the last one is seen', () => {
  expect(runsOut({ from: 0, to: 40 }, 200)).toBe(false)
  expect(runsOut({ from: 150, to: 200 - 2 * SPARE_ROWS }, 200)).toBe(true)
})
