// Which refusals mean that somebody else was first.
import { describe, expect, it } from 'vitest'
import { isStale } from './stale'

describe('a refused change', () => {
  it('was made on an old version', () => {
    expect(isStale({ status: 409, code: 'version.stale' })).toBe(true)
    expect(isStale({ status: 412, code: 'http.412' })).toBe(true)
  })

  it('was refused for another reason', () => {
    expect(isStale({ status: 409, code: 'account.own_posts' })).toBe(false)
    expect(isStale({ status: 422, code: 'field' })).toBe(false)
  })
})
