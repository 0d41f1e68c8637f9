import { expect, test } from 'vitest'
import { axisWith, limitLines, limitWords } from './limit-lines'

const limits = { low: 100, low_clear: 120, high: 1200, high_clear: 1150, hold_s: 30 }

test('an axis takes in a limit that is near and leaves out one that would flatten the curve', () => {
  const far = axisWith(320, 480, limits)
  expect(far.min).toBeLessThan(100)
  expect(far.max).toBeLessThan(600)
  const flat = axisWith(400, 400, limits)
  expect(flat.min).toBeGreaterThan(300)
  expect(flat.max).toBeLessThan(500)
  expect(axisWith(300, 320, null).min).toBeLessThan(300)
})

test('limits are lines and words, and none are none', () => {
  expect(limitLines(null, '#fff', '#000')).toBeUndefined()
  expect((limitLines({ ...limits, high: null, high_clear: null }, '#fff', '#000') as { data: unknown[] }).data).toHaveLength(1)
  expect(limitWords(limits, 'kPa')).toBe('下限 100（恢复 120）kPa，上限 1200（恢复 1150）kPa，保持 30 秒')
})
