// The two clocks of an alarm: the device's and ours. They are shown side by side when they disagree.

/** Beyond this difference both clocks are shown. */
export const CLOCKS_DIFFER_S = 60

export interface Clocks { event_at: string; received_at: string; late_s: number }

/** Both clocks when they differ enough to matter; `late_s` is negative when the device runs ahead. */
export function clocksOf(event_at: string | null, received_at: string): Clocks | null {
  if (!event_at) return null
  const late_s = (Date.parse(received_at) - Date.parse(event_at)) / 1000
  return Math.abs(late_s) > CLOCKS_DIFFER_S ? { event_at, received_at, late_s } : null
}
