// Is the line alive? Pure reckoning from arrival times; the clock is handed in.

/** After this long without any event the desk greys what it shows. */
export const STALE_AFTER_MS = 3_000
/** After this long without any event the connection is given up and made anew. */
export const DEAD_AFTER_MS = 5_000
/** Pauses between attempts to reconnect; the last one repeats. */
export const RETRY_PAUSES_MS = [500, 1_000, 2_000, 3_000, 5_000] as const

export interface Line {
  /** The connection is open as far as the browser knows. */
  connected: boolean
  /** When the last event of any kind arrived, by this computer's clock; 0 before the first. */
  heard_at_ms: number
}

/** Milliseconds since the last sign of life. */
export function silence_ms(line: Line, now_ms: number): number {
  return line.heard_at_ms === 0 ? 0 : Math.max(0, now_ms - line.heard_at_ms)
}
/** True when what is shown may be old. Before the first event nothing is known, so nothing is stale. */
export function isStale(line: Line, now_ms: number): boolean {
  return line.heard_at_ms !== 0 && silence_ms(line, now_ms) >= STALE_AFTER_MS
}
/** True when the connection must be given up. */
export function isDead(line: Line, opened_at_ms: number, now_ms: number): boolean {
  return now_ms - Math.max(line.heard_at_ms, opened_at_ms) >= DEAD_AFTER_MS
}
/** The banner is shown while the line is stale or was closed after it had once been open. */
export function showsBanner(line: Line, now_ms: number): boolean {
  return isStale(line, now_ms)
}
export function retryPause_ms(attempt: number): number {
  return RETRY_PAUSES_MS[Math.min(attempt, RETRY_PAUSES_MS.length - 1)]!
}
/** How late a tick came, once the difference of the two clocks is known; never negative. */
export function latency_ms(tick_now_ms: number, arrived_at_ms: number, offset_ms: number): number {
  return Math.max(0, arrived_at_ms + offset_ms - tick_now_ms)
}
/** What must be added to this computer's clock to get the server's, from one question and answer. */
export function clockOffset_ms(asked_at_ms: number, answered_at_ms: number, server_ms: number): number {
  return server_ms - (asked_at_ms + answered_at_ms) / 2
}
