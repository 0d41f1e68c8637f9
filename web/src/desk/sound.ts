// What the desk sounds like: one pattern a level, only the highest sounds, until the alarm is taken.
// Late and skewed alarms arrive with `rings: false` and are silent. Pure; the player makes the air move.

import type { AlarmSummary, Mute, Sound } from '../api/types'
import type { Alarms } from './queue'

export interface Beat { freq_hz: number; at_s: number; for_s: number }
export interface Pattern {
  level: 1 | 3 | 4
  /** Length of one round; `null` sounds once and is then silent. */
  every_s: number | null
  beats: Beat[]
}

/** 火警: continuous two-tone, half a second each. */
const FIRE: Pattern = { level: 1, every_s: 1, beats: [{ freq_hz: 960, at_s: 0, for_s: 0.5 }, { freq_hz: 770, at_s: 0.5, for_s: 0.5 }] }
/** 火警 that nobody took in time: the second bell is higher and twice as fast, so that it is heard as another one. */
const FIRE_AGAIN: Pattern = { level: 1, every_s: 0.5, beats: [{ freq_hz: 1240, at_s: 0, for_s: 0.25 }, { freq_hz: 880, at_s: 0.25, for_s: 0.25 }] }
/** 故障, 屏蔽: one beat every ten seconds. */
const FAULT: Pattern = { level: 3, every_s: 10, beats: [{ freq_hz: 620, at_s: 0, for_s: 0.35 }] }
/** 监管, 反馈: once. */
const NOTICE: Pattern = { level: 4, every_s: null, beats: [{ freq_hz: 520, at_s: 0, for_s: 0.25 }] }
export const PATTERNS: Record<1 | 3 | 4, Pattern> = { 1: FIRE, 3: FAULT, 4: NOTICE }

/** The pattern for the sound test at sign-on: two rounds of the fire tone. */
export const TEST_ROUNDS = 2

/** The pattern that must sound now, or `null` for silence. */
export function patternFor(alarms: Alarms): Pattern | null {
  let best: AlarmSummary | null = null
  for (const a of alarms.values()) if (a.rings && a.state === 'raised' && (!best || a.level < best.level)) best = a
  if (best?.level === 1 && secondBell(alarms)) return FIRE_AGAIN
  return best ? PATTERNS[best.level] : null
}
/**
 * Whether a mute holds: its time is not over, and no fire came after it began. Once such a fire has come the
 * mute is spent, whatever becomes of the fire.
 */
export function muteHolds(mute: Mute | null, alarms: Alarms, now_ms: number): boolean {
  if (!mute || now_ms >= Date.parse(mute.until)) return false
  const since_ms = Date.parse(mute.since)
  for (const a of alarms.values()) if (a.level === 1 && a.timing === 'on_time' && Date.parse(a.raised_at) > since_ms) return false
  return true
}
/** Seconds that a mute still has, as minutes and seconds. */
export function muteLeft(mute: Mute, now_ms: number): string {
  const left_s = Math.max(0, Math.ceil((Date.parse(mute.until) - now_ms) / 1000))
  return `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, '0')}`
}
/** Whether a fire that rings has been rung for again. */
export function secondBell(alarms: Alarms): boolean {
  return [...alarms.values()].some((a) => a.rings && a.state === 'raised' && a.level === 1 && a.rings_again > 0)
}
/** Changes when the bell must begin anew: another level, or one more alarm of a level that sounds only once. */
export function ringKey(alarms: Alarms): string {
  const p = patternFor(alarms)
  if (p?.level === 1) return `1 ${secondBell(alarms) ? 'again' : ''}`
  if (!p || p.every_s !== null) return p ? String(p.level) : ''
  const last = [...alarms.values()].filter((a) => a.rings && a.state === 'raised').reduce((x, y) => (y.raised_at >= x.raised_at ? y : x))
  return `${p.level} ${last.id}`
}
/** The beats of a pattern that begin in [from, to), both in seconds since the pattern started. */
export function beatsBetween(p: Pattern, from_s: number, to_s: number): Beat[] {
  if (p.every_s === null) return p.beats.filter((b) => b.at_s >= from_s && b.at_s < to_s)
  const out: Beat[] = []
  for (let round = Math.floor(from_s / p.every_s); round * p.every_s < to_s; round++) {
    for (const b of p.beats) {
      const at_s = round * p.every_s + b.at_s
      if (at_s >= from_s && at_s < to_s) out.push({ ...b, at_s })
    }
  }
  return out
}
/** What the top bar says about the sound. */
export type SoundState = 'untested' | 'blocked' | 'not_heard' | 'tested'
export function soundState(seat: { sound: Sound } | null, playable: boolean, mustSound: boolean): SoundState {
  if (!playable && (mustSound || seat)) return 'blocked'
  if (!seat) return 'untested'
  return seat.sound === 'heard' ? 'tested' : 'not_heard'
}
