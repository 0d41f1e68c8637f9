// Walking a keyset list (上一页, 下一页). The server knows only "what follows this cursor", so the way
// back is remembered as the cursors already passed. It travels in the browser's history entry, not
// in the address: a shared address opens its page, and going back from there leads to the start.

/** The cursors of the pages before this one, oldest first; the first page is the empty text. */
export type Trail = string[]

/** Where a list stands: the cursor of this page (empty: first page) and the way it came. */
export interface Standing {
  cursor: string
  trail: Trail
}

/** The longest way back that is remembered; beyond it the oldest pages are forgotten. */
export const TRAIL_MAX = 200

/** One page on. */
export function forward(at: Standing, next: string): Standing {
  const trail = [...at.trail, at.cursor]
  return { cursor: next, trail: trail.slice(-TRAIL_MAX) }
}

/** One page back; without a remembered way, the first page. */
export function back(at: Standing): Standing {
  if (at.trail.length === 0) return { cursor: '', trail: [] }
  return { cursor: at.trail[at.trail.length - 1], trail: at.trail.slice(0, -1) }
}

/** The number of this page, or nothing when it was opened by an address and the way is unknown. */
export function pageNumber(at: Standing): number | null {
  if (at.cursor === '') return 1
  return at.trail[0] === '' ? at.trail.length + 1 : null
}

/** Rows of this page counted from one (第 51–100 条), or nothing when the page is not known. */
export function rowRange(at: Standing, limit: number, shown: number): { from: number; to: number } | null {
  const page = pageNumber(at)
  if (page === null || shown === 0) return null
  const from = (page - 1) * limit + 1
  return { from, to: from + shown - 1 }
}

/** Reads a trail out of a history entry; anything unexpected is an unknown way. */
export function trailFrom(state: unknown): Trail {
  if (typeof state !== 'object' || state === null) return []
  const trail = (state as { trail?: unknown }).trail
  return Array.isArray(trail) && trail.every((one) => typeof one === 'string') ? trail : []
}
