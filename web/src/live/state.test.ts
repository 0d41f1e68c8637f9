// The line: when it is stale, dead, and how long to wait before trying again.
import { describe, expect, it } from 'vitest'
import { LEADER_GONE_MS, clearLeader, leads } from './leader'
import { DEAD_AFTER_MS, RETRY_PAUSES_MS, STALE_AFTER_MS, clockOffset_ms, isDead, isStale, latency_ms, retryPause_ms, showsBanner } from './state'

describe('the line', () => {
  const line = { connected: true, heard_at_ms: 10_000 }
  it('is stale from three seconds of silence on', () => {
    expect(isStale(line, 10_000 + STALE_AFTER_MS - 1)).toBe(false)
    expect(isStale(line, 10_000 + STALE_AFTER_MS)).toBe(true)
    expect(showsBanner(line, 10_000 + STALE_AFTER_MS)).toBe(true)
  })
  it('is not stale before the first event', () => {
    expect(isStale({ connected: false, heard_at_ms: 0 }, 99_999)).toBe(false)
  })
  it('is given up after five seconds, counted from the opening when nothing came', () => {
    expect(isDead(line, 0, 10_000 + DEAD_AFTER_MS - 1)).toBe(false)
    expect(isDead(line, 0, 10_000 + DEAD_AFTER_MS)).toBe(true)
    expect(isDead(line, 14_000, 10_000 + DEAD_AFTER_MS)).toBe(false)
  })
  it('tries again sooner at first, and keeps the last pause', () => {
    expect(retryPause_ms(0)).toBe(RETRY_PAUSES_MS[0])
    expect(retryPause_ms(99)).toBe(RETRY_PAUSES_MS.at(-1))
  })
})

describe('the clocks', () => {
  it('are compared at the middle of question and answer', () => {
    expect(clockOffset_ms(1_000, 1_200, 6_100)).toBe(5_000)
  })
  it('give the delay of a tick, never negative', () => {
    expect(latency_ms(6_000, 1_200, 5_000)).toBe(200)
    expect(latency_ms(6_500, 1_200, 5_000)).toBe(0)
  })
})

describe('one tab leads', () => {
  it('only after the leader has been silent', () => {
    const leader = { id: 7, heard_at_ms: 1_000 }
    expect(leads(leader, 1_000 + LEADER_GONE_MS - 1)).toBe(false)
    expect(leads(leader, 1_000 + LEADER_GONE_MS)).toBe(true)
    clearLeader(leader, 9_000)
    expect(leads(leader, 9_000)).toBe(false)
  })
})
