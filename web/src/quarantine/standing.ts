// What a row of the strangers says of itself, in words and in a shape: never by colour alone.

import type { Stranger } from '../api/types'

export type StrangerMark = 'fire' | 'quiet' | 'state'

/** A fire comes first, whatever was decided about the terminal; then what is the matter; then nothing. */
export function markOf(one: Pick<Stranger, 'fire' | 'status_labels'>): StrangerMark {
  if (one.fire) return 'fire'
  return one.status_labels.length > 0 ? 'state' : 'quiet'
}

/** The key of the sentence for a fire: one of an ignored terminal does not ring, and says so. */
export const fireKey = (one: Pick<Stranger, 'standing'>): string =>
  one.standing === 'ignored' ? 'quarantine.fireQuiet' : 'quarantine.fire'

/** Seven days from a day, as the form of ignoring proposes it. */
export function weekFrom(now_ms: number): string {
  const CHINA_MS = 8 * 3_600_000
  return new Date(now_ms + CHINA_MS + 7 * 86_400_000).toISOString().slice(0, 10)
}
