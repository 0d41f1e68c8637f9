// Where the leader-line boxes of the map stand: near their alarm, inside the view, and never over an alarm.

export interface Spot { id: string; x: number; y: number }
export interface Box { id: string; x: number; y: number; w: number; h: number }
export interface View { w: number; h: number }

/** Room that an alarm's shape and ring need around its point. */
export const SPOT_RADIUS = 26
const MARGIN = 12
/** Distances at which a place for the box is tried, nearest first. */
const REACHES = [44, 80, 130, 190, 260] as const
/** Directions tried at each distance, in steps of an eighth turn, upper right first. */
const TURNS = [-1, -3, 1, 3, -2, 2, 0, 4] as const

/** Two shapes nearer than this would cover each other, or the ring of the chosen one would cross them. */
export const APART_PX = 30
/** Spots nearer than this count as one place. */
const SAME_PX = 1
/** Rounds of pushing apart; a county's alarms settle in far fewer. */
const ROUNDS = 200
/** A shape that has moved further than this has a line to its true point. */
const LEADER_PX = 3

/** An alarm's shape and the point it stands for. */
export type Marked<T extends Spot> = T & { true_x: number; true_y: number; led: boolean }

/** More marks than this and neighbours are gathered: a county without mains must not bury its map. */
export const MARKS_MAX = 60
/** Marks of one square of this size are gathered into one. */
const CELL_PX = 64

/** A mark that may stand for several: itself and how many in all. */
export type Gathered<T> = T & { count: number }
/**
 * One mark for each square when there are too many; the last of a square, drawn uppermost, stands for it. What must be
 * seen by itself (`alone`: fires, the chosen one) is never gathered.
 */
export function gathered<T extends Spot>(spots: readonly T[], alone: (spot: T) => boolean): Gathered<T>[] {
  if (spots.length <= MARKS_MAX) return spots.map((s) => ({ ...s, count: 1 }))
  const by = new Map<string, Gathered<T>>()
  for (const s of spots) {
    const cell = alone(s) ? s.id : `${Math.floor(s.x / CELL_PX)}/${Math.floor(s.y / CELL_PX)}`
    const count = (by.get(cell)?.count ?? 0) + 1
    // Set anew, so that it keeps its place in the order of drawing.
    by.delete(cell)
    by.set(cell, { ...s, count })
  }
  return [...by.values()]
}

/** Alarms of one place start on a small ring around it, in the order of their ids. */
function ringed<T extends Spot>(spots: readonly T[]): { x: number; y: number }[] {
  return spots.map((s) => {
    const here = spots.filter((o) => Math.hypot(o.x - s.x, o.y - s.y) < SAME_PX).map((o) => o.id).sort()
    if (here.length < 2) return { x: s.x, y: s.y }
    const turn = (2 * Math.PI * here.indexOf(s.id)) / here.length - Math.PI / 2
    const reach = APART_PX / 2 / Math.sin(Math.PI / here.length)
    return { x: s.x + Math.cos(turn) * reach, y: s.y + Math.sin(turn) * reach }
  })
}
/** Pushes every pair that is too near apart by what is lacking; false when there was none. */
function pushApart(at: { x: number; y: number }[]): boolean {
  let pushed = false
  for (let i = 0; i < at.length; i++) {
    for (let j = i + 1; j < at.length; j++) {
      const a = at[i]!, b = at[j]!
      const far = Math.hypot(b.x - a.x, b.y - a.y)
      if (far >= APART_PX - 0.1) continue
      const half = (APART_PX - far) / 2
      const [dx, dy] = far > 0.01 ? [(b.x - a.x) / far, (b.y - a.y) / far] : [1, 0]
      a.x -= dx * half
      a.y -= dy * half
      b.x += dx * half
      b.y += dy * half
      pushed = true
    }
  }
  return pushed
}
/** No alarm covers another: shapes at nearly one place stand around it, each led to its true point. */
export function spread<T extends Spot>(spots: readonly T[]): Marked<T>[] {
  const at = ringed(spots)
  for (let round = 0; round < ROUNDS && pushApart(at); round++);
  return spots.map((s, i) => ({ ...s, ...at[i]!, true_x: s.x, true_y: s.y, led: Math.hypot(at[i]!.x - s.x, at[i]!.y - s.y) > LEADER_PX }))
}

function boxAt(spot: Spot, size: { w: number; h: number }, reach: number, turn: number): Box {
  const dx = Math.cos((turn * Math.PI) / 4)
  const dy = Math.sin((turn * Math.PI) / 4)
  return {
    id: spot.id,
    x: spot.x + dx * reach + (dx < -0.1 ? -size.w : dx > 0.1 ? 0 : -size.w / 2),
    y: spot.y + dy * reach + (dy < -0.1 ? -size.h : dy > 0.1 ? 0 : -size.h / 2),
    ...size,
  }
}
function inside(b: Box, v: View): boolean {
  return b.x >= MARGIN && b.y >= MARGIN && b.x + b.w <= v.w - MARGIN && b.y + b.h <= v.h - MARGIN
}
export function covers(b: Box, s: Spot): boolean {
  return s.x > b.x - SPOT_RADIUS && s.x < b.x + b.w + SPOT_RADIUS && s.y > b.y - SPOT_RADIUS && s.y < b.y + b.h + SPOT_RADIUS
}
export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.w + 6 && b.x < a.x + a.w + 6 && a.y < b.y + b.h + 6 && b.y < a.y + a.h + 6
}
/**
 * A box for each of `wanted` that finds room, in the order given. `spots` are all alarms in view, and
 * `taken` what already stands on the map (buttons, scale).
 */
export function placeLabels(wanted: readonly Spot[], spots: readonly Spot[], size: { w: number; h: number }, view: View, taken: readonly Box[] = []): Box[] {
  const placed: Box[] = []
  for (const spot of wanted) {
    const box = REACHES.flatMap((r) => TURNS.map((turn) => boxAt(spot, size, r, turn))).find(
      (b) => inside(b, view) && !spots.some((s) => covers(b, s)) && !placed.some((p) => overlaps(p, b)) && !taken.some((p) => overlaps(p, b)),
    )
    if (box) placed.push(box)
  }
  return placed
}
/** One of each place: alarms of one unit share a label, the first of them carries it. */
export function onePerPlace<T>(list: readonly T[], placeOf: (item: T) => string): { item: T; count: number }[] {
  const by = new Map<string, { item: T; count: number }>()
  for (const item of list) {
    const known = by.get(placeOf(item))
    if (known) known.count++
    else by.set(placeOf(item), { item, count: 1 })
  }
  return [...by.values()]
}
/** The corner or edge point of a box that is nearest to its alarm: where the leader line ends. */
export function anchorOf(box: Box, spot: Spot): { x: number; y: number } {
  return {
    x: Math.min(Math.max(spot.x, box.x), box.x + box.w),
    y: Math.min(Math.max(spot.y, box.y), box.y + box.h),
  }
}
/** A round length for the scale bar, at most `most_px` wide. */
export function scaleBar(metres_per_px: number, most_px: number): { px: number; text: string } {
  const limit = metres_per_px * most_px
  const power = 10 ** Math.floor(Math.log10(limit))
  const metres = [5, 3, 2, 1].map((n) => n * power).find((m) => m <= limit) ?? power
  return { px: metres / metres_per_px, text: metres >= 1000 ? `${metres / 1000} km` : `${metres} m` }
}
