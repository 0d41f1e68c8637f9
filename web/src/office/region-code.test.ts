// Division codes and what contains what.
import { describe, expect, it } from 'vitest'
import { codeTrail, within } from './region-code'

describe('division codes', () => {
  it('lead from the province to the village', () => {
    expect(codeTrail('990101101003')).toEqual(['990000000000', '990100000000', '990101000000', '990101101000', '990101101003'])
    expect(codeTrail('990101000000')).toEqual(['990000000000', '990100000000', '990101000000'])
    expect(codeTrail('9901')).toEqual([])
  })

  it('contain each other by their trail', () => {
    expect(within('990101101003', '990101101000')).toBe(true)
    expect(within('990101101000', '990101101003')).toBe(false)
    expect(within('990101000000', '990101000000')).toBe(true)
  })
})
