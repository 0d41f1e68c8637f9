// The clock of a terminal against ours (时钟偏差). A panel whose clock is wrong makes its event times
// worthless, so the difference is said in words and never hidden in a sign.

/** Up to this difference both clocks count as the same, in seconds. */
export const CLOCK_AGREES_S = 60

export interface ClockDifference {
  /** `fast`: the terminal's clock is ahead of ours. */
  side: 'agrees' | 'fast' | 'slow' | 'unknown'
  days: number
  hours: number
  minutes: number
  seconds: number
}

/** Takes a difference apart; `offset_s` is the terminal's clock minus ours. */
export function clockDifference(offset_s: number | null): ClockDifference {
  if (offset_s === null) return { side: 'unknown', days: 0, hours: 0, minutes: 0, seconds: 0 }
  const whole = Math.round(Math.abs(offset_s))
  const side = whole <= CLOCK_AGREES_S ? 'agrees' : offset_s > 0 ? 'fast' : 'slow'
  return {
    side,
    days: Math.floor(whole / 86_400),
    hours: Math.floor((whole % 86_400) / 3600),
    minutes: Math.floor((whole % 3600) / 60),
    seconds: whole % 60,
  }
}

/** The two largest parts that are not zero, as `3 分 20 秒`. */
export function differenceText(d: ClockDifference, units: { day: string; hour: string; minute: string; second: string }): string {
  const parts: [number, string][] = [[d.days, units.day], [d.hours, units.hour], [d.minutes, units.minute], [d.seconds, units.second]]
  const said = parts.filter(([n]) => n > 0).slice(0, 2)
  return (said.length > 0 ? said : [[0, units.second] as [number, string]]).map(([n, unit]) => `${n} ${unit}`).join(' ')
}
