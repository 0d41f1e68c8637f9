// Shapes of states.
import { describe, expect, it } from 'vitest'
import { byWeight, markOf } from './state-marks'

describe('states of a point', () => {
  it('have the shape the panel teaches', () => {
    expect(markOf('fire')).toBe(1)
    expect(markOf('shielded')).toBe(3)
    expect(markOf('feedback')).toBe(4)
    expect(markOf('normal')).toBe('closed')
    expect(markOf('something_new')).toBeNull()
  })

  it('show fire first and normal last', () => {
    const order = byWeight([{ code: 'normal' }, { code: 'feedback' }, { code: 'fire' }, { code: 'fault' }])
    expect(order.map((one) => one.code)).toEqual(['fire', 'fault', 'feedback', 'normal'])
  })
})
