import { expect, test } from 'vitest'
import { spanWords } from './span'

test('a length of time is said in at most two units', () => {
  expect([-5, 59, 60, 90, 3599, 3600, 3660, 86_399, 86_400, 90_000].map(spanWords)).toEqual([
    '0 秒', '59 秒', '1 分钟', '1 分 30 秒', '59 分 59 秒', '1 小时', '1 小时 1 分', '23 小时 59 分', '1 天', '1 天 1 小时',
  ])
})
