// Which tab holds the connection where a browser has no shared worker.

/** A leader that has said nothing for this long is gone. */
export const LEADER_GONE_MS = 2_500

export interface Leader { id: number | null; heard_at_ms: number }

/** True when nobody leads any more, so that this tab must. */
export function leads(leader: Leader, now_ms: number): boolean {
  return now_ms - leader.heard_at_ms >= LEADER_GONE_MS
}
export function clearLeader(leader: Leader, now_ms: number): void {
  leader.id = null
  leader.heard_at_ms = now_ms
}
