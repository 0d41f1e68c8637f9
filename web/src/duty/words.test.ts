import { expect, test } from 'vitest'
import { countdown, minuteWords, shareWords } from './words'

test('a countdown ends at nothing and never runs below it', () => {
  expect([countdown(300_000), countdown(1), countdown(0), countdown(-5000)]).toEqual(['5:00', '0:01', '0:00', '0:00'])
})

test('a share of nothing is a dash, and none of some is 0%', () => {
  expect([shareWords({ share_percent: null }), shareWords({ share_percent: 0 }), shareWords(null)]).toEqual(['—', '0%', '—'])
})

test('seconds become minutes at sixty', () => {
  expect([minuteWords(59), minuteWords(60), minuteWords(185)]).toEqual(['59 秒', '1 分 00 秒', '3 分 05 秒'])
})
