import { expect, test } from 'vitest'
import type { DutyCheck } from '../api/types'
import { countdown, minuteWords, shareWords, withCheck } from './words'

test('a check that is heard of comes in front, changes in its place, and goes when it is over', () => {
  const check = (id: string, state: string, running = true) => ({ id, state, running }) as unknown as DutyCheck
  const two = withCheck(withCheck([], check('a', 'waiting')), check('b', 'waiting'))
  expect(two.map((c) => c.id)).toEqual(['b', 'a'])
  expect(withCheck(two, check('a', 'asked')).map((c) => c.state)).toEqual(['waiting', 'asked'])
  expect(withCheck(two, check('b', 'on_time', false)).map((c) => c.id)).toEqual(['a'])
  expect(withCheck(two, check('c', 'late', false))).toEqual(two)
})

test('a countdown ends at nothing and never runs below it', () => {
  expect([countdown(300_000), countdown(1), countdown(0), countdown(-5000)]).toEqual(['5:00', '0:01', '0:00', '0:00'])
})

test('a share of nothing is a dash, and none of some is 0%', () => {
  expect([shareWords({ share_percent: null }), shareWords({ share_percent: 0 }), shareWords(null)]).toEqual(['—', '0%', '—'])
})

test('seconds become minutes at sixty', () => {
  expect([minuteWords(59), minuteWords(60), minuteWords(185)]).toEqual(['59 秒', '1 分 00 秒', '3 分 05 秒'])
})
