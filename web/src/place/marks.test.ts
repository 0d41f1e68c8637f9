// The gravest thing decides how a point looks; the eye stays on the picture.
import { describe, expect, it } from 'vitest'
import { fraction, gridSpot, held, pointMark, zoomed } from './marks'

const states = (...codes: string[]) => codes.map((code) => ({ code, label: code }))

describe('the mark of a point', () => {
  it('is the gravest of what is true', () => {
    expect(pointMark({ alarm: { id: 'a', level: 3 }, states: [], online: false })).toBe('alarm')
    expect(pointMark({ alarm: null, states: states('fire'), online: true })).toBe('alarm')
    expect(pointMark({ alarm: null, states: states('fault', 'shielded'), online: true })).toBe('shielded')
    expect(pointMark({ alarm: null, states: states('mains_fault'), online: false })).toBe('fault')
    expect(pointMark({ alarm: null, states: states('started'), online: false })).toBe('offline')
    expect(pointMark({ alarm: null, states: states('started'), online: true })).toBe('notice')
    expect(pointMark({ alarm: null, states: [], online: null })).toBe('normal')
  })
})

describe('a schematic', () => {
  it('holds all its points apart and inside', () => {
    const spots = Array.from({ length: 500 }, (_, n) => gridSpot(n, 500, 1.6))
    expect(new Set(spots.map((s) => `${s.x} ${s.y}`)).size).toBe(500)
    expect(spots.every((s) => s.x > 0 && s.x < 1 && s.y > 0 && s.y < 1)).toBe(true)
  })
})

describe('the eye', () => {
  it('zooms about a spot and within its bounds', () => {
    const eye = { x: 0, y: 0, width: 1000 }
    expect(zoomed(eye, 1000, 0.5, { x: 500, y: 200 })).toEqual({ x: 250, y: 100, width: 500 })
    expect(zoomed(eye, 1000, 2, { x: 0, y: 0 }).width).toBe(1000)
    expect(zoomed(eye, 1000, 0.001, { x: 0, y: 0 }).width).toBeCloseTo(1000 / 12)
  })
  it('does not leave the picture', () => {
    expect(held({ x: -5, y: 900, width: 500 }, 1000, 600)).toEqual({ x: 0, y: 300, width: 500 })
  })
})

describe('a fraction', () => {
  it('is inside the picture', () => {
    expect([fraction(-1), fraction(0.123456), fraction(2)]).toEqual([0, 0.1235, 1])
  })
})
