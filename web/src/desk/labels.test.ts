// Labels on the map: never over an alarm, never over each other, inside the view.
import { describe, expect, it } from 'vitest'
import { APART_PX, MARKS_MAX, anchorOf, covers, gathered, onePerPlace, overlaps, placeLabels, scaleBar, spread, type Spot } from './labels'

const SIZE = { w: 190, h: 44 }
const VIEW = { w: 900, h: 700 }

describe('labels', () => {
  it('cover no alarm and no other label in a crowd', () => {
    const spots: Spot[] = Array.from({ length: 12 }, (_, i) => ({ id: String(i), x: 300 + (i % 4) * 70, y: 200 + Math.floor(i / 4) * 60 }))
    const boxes = placeLabels(spots.slice(0, 4), spots, SIZE, VIEW)
    expect(boxes.length).toBeGreaterThan(1)
    for (const b of boxes) {
      expect(spots.some((s) => covers(b, s))).toBe(false)
      for (const other of boxes) if (other !== b) expect(overlaps(b, other)).toBe(false)
    }
  })
  it('stay inside at a corner', () => {
    const [b] = placeLabels([{ id: 'a', x: 890, y: 10 }], [{ id: 'a', x: 890, y: 10 }], SIZE, VIEW)
    expect(b!.x + b!.w).toBeLessThanOrEqual(VIEW.w)
    expect(b!.y).toBeGreaterThanOrEqual(0)
  })
  it('are left out rather than put over an alarm', () => {
    expect(placeLabels([{ id: 'a', x: 50, y: 50 }], [{ id: 'a', x: 50, y: 50 }], SIZE, { w: 100, h: 100 })).toEqual([])
  })
  it('are shared by the alarms of one unit', () => {
    expect(onePerPlace(['a1', 'a2', 'b1'], (x) => x[0]!)).toEqual([{ item: 'a1', count: 2 }, { item: 'b1', count: 1 }])
  })
  it('end their line at the nearest point', () => {
    expect(anchorOf({ id: 'a', x: 100, y: 100, w: 50, h: 20 }, { id: 'a', x: 0, y: 110 })).toEqual({ x: 100, y: 110 })
  })
})

describe('many marks', () => {
  const crowd = (n: number): Spot[] => Array.from({ length: n }, (_, i) => ({ id: String(i), x: (i % 30) * 10, y: Math.floor(i / 30) * 10 }))
  it('stand by themselves up to the limit', () => {
    expect(gathered(crowd(MARKS_MAX), () => false).every((s) => s.count === 1)).toBe(true)
  })
  it('are gathered beyond it, none is forgotten, and the uppermost stands for its square', () => {
    const all = gathered(crowd(MARKS_MAX + 240), () => false)
    expect(all.length).toBeLessThan(MARKS_MAX)
    expect(all.reduce((n, s) => n + s.count, 0)).toBe(MARKS_MAX + 240)
    expect(all.at(-1)!.id).toBe(String(MARKS_MAX + 239))
  })
  it('never swallow a fire or the chosen one', () => {
    const all = gathered(crowd(300), (s) => s.id === '7')
    expect(all.find((s) => s.id === '7')?.count).toBe(1)
  })
})

describe('scale', () => {
  it('is a round length within the width', () => {
    const s = scaleBar(38, 90)
    expect(s.text).toBe('3 km')
    expect(s.px).toBeLessThanOrEqual(90)
    expect(scaleBar(0.9, 90).text).toBe('50 m')
  })
})

describe('alarms at nearly one place', () => {
  const nearest = (all: readonly Spot[]): number => Math.min(...all.flatMap((a, i) => all.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y))))
  it('stand around it, none covered, each led to its true point', () => {
    const same: Spot[] = Array.from({ length: 7 }, (_, i) => ({ id: `s${i}`, x: 400, y: 300 }))
    const close: Spot[] = [{ id: 'c1', x: 409, y: 304 }, { id: 'c2', x: 392, y: 311 }]
    const out = spread([...same, ...close])
    expect(nearest(out)).toBeGreaterThan(APART_PX - 1)
    for (const s of out) expect(Math.hypot(s.x - 400, s.y - 300)).toBeLessThan(3 * APART_PX)
    expect(out.filter((s) => s.led && s.true_x === 400 && s.true_y === 300)).toHaveLength(7)
  })
  it('do not depend on the order in which they are drawn', () => {
    const two: Spot[] = [{ id: 'a', x: 10, y: 10 }, { id: 'b', x: 10, y: 10 }]
    const at = (list: Spot[], id: string): number[] => { const s = spread(list).find((o) => o.id === id)!; return [s.x, s.y] }
    expect(at(two, 'a')).toEqual(at([...two].reverse(), 'a'))
  })
  it('stay where they are when there is room', () => {
    const [a, b] = spread([{ id: 'a', x: 0, y: 0 }, { id: 'b', x: APART_PX, y: 0 }])
    expect([a!.x, a!.led, b!.x, b!.led]).toEqual([0, false, APART_PX, false])
  })
})
