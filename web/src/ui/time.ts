// How instants and durations are written. The office's zone is China's, whatever the computer says.

import { t } from '../locale'

const ZONE = 'Asia/Shanghai'
const DAY_MS = 86_400_000

const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
  hour: '2-digit', minute: '2-digit', second: '2-digit', weekday: 'short',
})

interface Clock { year: string; month: string; day: string; hour: string; minute: string; second: string; weekday: string }

function clock(at: string | number | Date): Clock | null {
  const d = new Date(at)
  if (Number.isNaN(d.getTime())) return null
  const out: Record<string, string> = {}
  for (const p of parts.formatToParts(d)) out[p.type] = p.value
  return out as unknown as Clock
}

const EMPTY = '—'

/** `14:36:08` */
export function hms(at: string | number | Date | null | undefined): string {
  const c = at === null || at === undefined ? null : clock(at)
  return c ? `${c.hour}:${c.minute}:${c.second}` : EMPTY
}
/** `14:36` */
export function hm(at: string | number | Date | null | undefined): string {
  const c = at === null || at === undefined ? null : clock(at)
  return c ? `${c.hour}:${c.minute}` : EMPTY
}
/** `11-19`, or `2025-11-19` when the year is not this one. */
export function monthDay(at: string | number | Date | null | undefined, now: number = Date.now()): string {
  const c = at === null || at === undefined ? null : clock(at)
  if (!c) return EMPTY
  return c.year === clock(now)?.year ? `${c.month}-${c.day}` : `${c.year}-${c.month}-${c.day}`
}
/** `11-19 14:36:08`, always with the date. */
export function full(at: string | number | Date | null | undefined, now: number = Date.now()): string {
  return at === null || at === undefined ? EMPTY : `${monthDay(at, now)} ${hms(at)}`
}
/** The time alone today, with the date on other days. */
export function when(at: string | number | Date | null | undefined, now: number = Date.now()): string {
  if (at === null || at === undefined) return EMPTY
  const c = clock(at)
  const today = clock(now)
  if (!c || !today) return EMPTY
  const same = c.year === today.year && c.month === today.month && c.day === today.day
  return same ? hms(at) : full(at, now)
}
/** Today's civil date in the office: `2026-11-19`. */
export function todayOn(now: number = Date.now()): string {
  const c = clock(now)!
  return `${c.year}-${c.month}-${c.day}`
}
/** `11月19日 周四` */
export function dayInWords(at: string | number | Date): string {
  const c = clock(at)
  return c ? t('time.day', { month: Number(c.month), day: Number(c.day), weekday: c.weekday }) : EMPTY
}
/** A running time: `00:07`, `41:05`, `3:02:11`, `2 天 03:10`. Never negative. */
export function elapsed(from: string | number | Date, now: number): string {
  return durationClock(Math.max(0, (now - new Date(from).getTime()) / 1000))
}
/** The same for seconds. */
export function durationClock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  if (s * 1000 >= DAY_MS) return t('time.daysClock', { n: Math.floor(s / 86_400), clock: `${two(Math.floor((s % 86_400) / 3600))}:${two(Math.floor((s % 3600) / 60))}` })
  if (s >= 3600) return `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`
  return `${two(Math.floor(s / 60))}:${two(s % 60)}`
}
/** Seconds between two instants; `null` when one is missing. */
export function secondsBetween(a: string | null, b: string | null): number | null {
  return a && b ? (new Date(b).getTime() - new Date(a).getTime()) / 1000 : null
}
