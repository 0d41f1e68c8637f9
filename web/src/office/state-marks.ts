// Which shape stands beside a state of a point (部件状态): fire is the red octagon, fault and shielded
// the yellow diamond, supervision and feedback the blue disc, normal the tick, a lost line the struck
// circle. The word is the server's; a state unknown here shows its word with an open ring.

import type { MarkKind } from '../ui/level'

const FIRE = ['fire', 'alarm']
const TROUBLE = ['fault', 'shielded', 'power_fault', 'mains_fault', 'battery_fault', 'bus_fault', 'channel_fault', 'line_fault']
const NOTICE = ['supervisory', 'supervision', 'started', 'start', 'feedback', 'delay', 'delayed']
const NORMAL = ['normal', 'running', 'restored']
const LOST = ['offline', 'silent', 'lost']

/** The shape of a state code, or nothing when it has none. */
export function markOf(code: string): MarkKind | null {
  if (FIRE.includes(code)) return 1
  if (TROUBLE.includes(code)) return 3
  if (NOTICE.includes(code)) return 4
  if (NORMAL.includes(code)) return 'closed'
  return LOST.includes(code) ? 'offline' : null
}

/** States in the order of their weight: fire first, normal last; equals keep the server's order. */
export function byWeight<T extends { code: string }>(states: T[]): T[] {
  return [...states].sort((a, b) => weight(a.code) - weight(b.code))
}

function weight(code: string): number {
  const mark = markOf(code)
  if (typeof mark === 'number') return mark
  return mark === null ? 5 : 6
}
