// Labels on the map: never over an alarm, never over each other, inside the view.
import { describe, expect, it } from 'vitest'
import { anchorOf, covers, onePerPlace, overlaps, placeLabels, scaleBar, type Spot } from './labels'

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

describe('scale', () => {
  it('is a round length within the width', () => {
    const s = scaleBar(38, 90)
    expect(s.text).toBe('3 km')
    expect(s.px).toBeLessThanOrEqual(90)
    expect(scaleBar(0.9, 90).text).toBe('50 m')
  })
})
