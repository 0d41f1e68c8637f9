// What a point on a plan looks like: its shape says what is the matter, its fill whether it is an open alarm.
// Also where points stand when there is no plan, and how a picture is moved under the eye.

import type { PlanPoint } from '../api/types'
import { markOf } from '../office/state-marks'

export type PointMark = 'alarm' | 'fault' | 'shielded' | 'notice' | 'offline' | 'normal'

/** The gravest of what is true of the point. A fire without an alarm (an ignored terminal) still looks like one. */
export function pointMark(p: Pick<PlanPoint, 'alarm' | 'states' | 'online'>): PointMark {
  if (p.alarm) return 'alarm'
  const codes = p.states.map((s) => s.code)
  if (codes.some((c) => markOf(c) === 1)) return 'alarm'
  if (codes.includes('shielded')) return 'shielded'
  if (codes.some((c) => markOf(c) === 3)) return 'fault'
  if (p.online === false) return 'offline'
  return codes.some((c) => markOf(c) === 4) ? 'notice' : 'normal'
}

/** The level by whose colour and shape an alarm is drawn. */
export const levelOf = (p: Pick<PlanPoint, 'alarm'>): number => p.alarm?.level ?? 1

export interface Spot { x: number; y: number }

/** Where the n-th of `count` points stands on a schematic: rows from the left upper corner, with a margin. */
export function gridSpot(n: number, count: number, ratio: number): Spot {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count * ratio)))
  const rows = Math.ceil(count / columns)
  return { x: ((n % columns) + 0.5) / columns, y: (Math.floor(n / columns) + 0.5) / rows }
}

/** What is seen of a picture: its left upper corner and width, in the picture's own units. */
export interface Eye { x: number; y: number; width: number }

/** The eye after zooming by `factor` about a spot, never wider than the whole nor closer than a twelfth of it. */
export function zoomed(eye: Eye, whole: number, factor: number, about: Spot): Eye {
  const width = Math.min(whole, Math.max(whole / 12, eye.width * factor))
  const scale = width / eye.width
  return { x: about.x - (about.x - eye.x) * scale, y: about.y - (about.y - eye.y) * scale, width }
}

/** The eye held so that it does not leave the picture. */
export function held(eye: Eye, width: number, height: number): Eye {
  const tall = (eye.width * height) / width
  return { ...eye, x: Math.min(Math.max(eye.x, 0), width - eye.width), y: Math.min(Math.max(eye.y, 0), height - tall) }
}

/** A place in fractions, inside the picture, to a ten-thousandth. */
export const fraction = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
