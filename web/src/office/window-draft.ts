// What the form of a window holds and what is sent of it. Its times are the office's, not the computer's.

import type { Cover, Covers, WindowBody } from '../api/types'

/** China has one zone and no daylight saving. */
const OFFSET = '+08:00'
/** The choice of single points among the covers. */
export const POINTS = 'points'

/** `2026-11-22T18:00` of the form as an instant; `undefined` when it was left empty. */
export function instantOf(local: string): string | undefined {
  return local === '' ? undefined : `${local.length === 16 ? `${local}:00` : local}${OFFSET}`
}
/** The covers as choices, each by its place in the list; single points last. */
export function coverChoices(covers: Covers | null, words: (c: Cover) => string, points: string): { value: string; label: string }[] {
  if (!covers) return []
  const all = covers.covers.map((c, i) => ({ value: String(i), label: words(c) }))
  return covers.points.length ? [...all, { value: POINTS, label: points }] : all
}
/** The part of the body that says what is covered. */
export function coverBody(covers: Covers | null, chosen: string, points: string[]): Pick<WindowBody, 'cover'> & Partial<WindowBody> {
  const c = chosen === POINTS ? undefined : covers?.covers[Number(chosen)]
  if (!c || chosen === '') return { cover: POINTS, points }
  const own = { terminal: c.terminal, system_type: c.system_type, system_address: c.system_address, building: c.building, floor: c.floor, zone: c.zone }
  return { cover: c.cover, ...Object.fromEntries(Object.entries(own).filter(([, v]) => v !== null)) }
}
