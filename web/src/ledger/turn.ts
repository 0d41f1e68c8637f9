// When the words of deadlines (剩 3 天) read differently by the passing of time alone: in days at midnight in the office, in hours
// with every hour before and after the end, in its last hour with every minute.

import type { DeadlineView } from './types'

type Clock = Pick<DeadlineView, 'on' | 'due_at' | 'standing'>

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** The office's day begins so long before that of the world's clock. */
const OFFSET_MS = 8 * HOUR_MS
/** Words change just after the instant, not at it. */
const AFTER_MS = 1_000

/** The next midnight in the office. */
const midnight = (now_ms: number): number => (Math.floor((now_ms + OFFSET_MS) / DAY_MS) + 1) * DAY_MS - OFFSET_MS
/** A deadline with a last day is counted in days; what is over is said once and for all. */
const inHours = (d: Clock): boolean => d.on === null && d.standing !== 'met' && d.standing !== 'met_late'

function turnOf(d: Clock, now_ms: number): number {
  const due_ms = Date.parse(d.due_at)
  const left_ms = due_ms - now_ms
  const step_ms = Math.abs(left_ms) < HOUR_MS ? MINUTE_MS : HOUR_MS
  // Left: 5.5 hours are said as 5 until 5 are left. Over: 5.5 are said as 5 until 6.
  return due_ms - Math.ceil(left_ms / step_ms - 1) * step_ms
}
/** The next instant at which one of these deadlines is said differently. */
export function nextTurn_ms(deadlines: readonly Clock[], now_ms: number): number {
  const turns = deadlines.filter(inHours).map((d) => turnOf(d, now_ms))
  return turns.reduce((first, one) => Math.min(first, one), midnight(now_ms)) + AFTER_MS
}
