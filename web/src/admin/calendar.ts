// The working calendar of a year: its days as marks, its months as weeks, its holidays as sentences. Days are ISO dates
// (2026-10-01); whether an office works is the server's word, here only what its year names.

import type { CalendarDay, CalendarYearView } from '../api/types'

/** What a day is named for: a day off, or a weekend that is worked. */
export type Mark = 'off' | 'makeup'
export interface NamedMark { mark: Mark; name: string }
/** The named days of a year. */
export type Marks = ReadonlyMap<string, NamedMark>

const DAY_MS = 86_400_000
/** A week begins on Monday. */
const COLUMNS = 7

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Monday 0 … Sunday 6. */
export const weekdayOf = (day: string): number => (new Date(at(day)).getUTCDay() + 6) % COLUMNS
export const isWeekend = (day: string): boolean => weekdayOf(day) >= 5

export function marksOf(year: Pick<CalendarYearView, 'off' | 'makeup'>): Marks {
  const marks = new Map<string, NamedMark>()
  year.off.forEach((d) => marks.set(d.on, { mark: 'off', name: d.name }))
  year.makeup.forEach((d) => marks.set(d.on, { mark: 'makeup', name: d.name }))
  return marks
}

/** The marks as the two lists that are sent, in order. */
export function listsOf(marks: Marks): { off: CalendarDay[]; makeup: CalendarDay[] } {
  const list = (mark: Mark): CalendarDay[] =>
    [...marks].filter(([, m]) => m.mark === mark).map(([on, m]) => ({ on, name: m.name })).sort((a, b) => a.on.localeCompare(b.on))
  return { off: list('off'), makeup: list('makeup') }
}

/** The days of a month in weeks from Monday; what belongs to another month is null. */
export function weeksOf(year: number, month: number): (string | null)[][] {
  const first = Date.UTC(year, month - 1, 1)
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const lead = weekdayOf(iso(first))
  const cells: (string | null)[] = Array.from({ length: lead }, () => null)
  for (let n = 0; n < length; n++) cells.push(iso(first + n * DAY_MS))
  while (cells.length % COLUMNS !== 0) cells.push(null)
  return Array.from({ length: cells.length / COLUMNS }, (_, w) => cells.slice(w * COLUMNS, (w + 1) * COLUMNS))
}

/** Another day of the same year, as many days on; at its ends it stays. */
export function dayBeside(day: string, days: number): string {
  const there = iso(at(day) + days * DAY_MS)
  return there.slice(0, 4) === day.slice(0, 4) ? there : day
}

/** Days on which offices work in the year. */
export function workingDays(year: number, marks: Marks): number {
  let n = 0
  for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += DAY_MS) {
    const day = iso(ms)
    const mark = marks.get(day)?.mark
    if (mark === 'makeup' || (mark === undefined && !isWeekend(day))) n += 1
  }
  return n
}

export interface Holiday { name: string; stretches: { from: string; to: string; days: number }[]; makeup: string[] }

/** The holidays of the year in order, each with its stretches of days off and the weekends worked for it. */
export function holidaysOf(marks: Marks): Holiday[] {
  const found = new Map<string, Holiday>()
  for (const [day, { mark, name }] of [...marks].sort(([a], [b]) => a.localeCompare(b))) {
    const one = found.get(name) ?? { name, stretches: [], makeup: [] }
    found.set(name, one)
    if (mark === 'makeup') one.makeup.push(day)
    else addTo(one, day)
  }
  const first = (one: Holiday): string => one.stretches[0]?.from ?? one.makeup[0] ?? ''
  return [...found.values()].sort((a, b) => first(a).localeCompare(first(b)))
}
function addTo(one: Holiday, day: string): void {
  const last = one.stretches.at(-1)
  if (last && at(day) - at(last.to) === DAY_MS) {
    last.to = day
    last.days += 1
  } else one.stretches.push({ from: day, to: day, days: 1 })
}

export type Painted = { marks: Marks } | { refused: 'weekday' | 'name' }

/** The marks after a day was touched with the brush; touched again it is an ordinary day. */
export function painted(marks: Marks, day: string, brush: NamedMark | null): Painted {
  const next = new Map(marks)
  const before = marks.get(day)
  if (brush === null || (before?.mark === brush.mark && before.name === brush.name.trim())) {
    next.delete(day)
    return { marks: next }
  }
  if (brush.name.trim() === '') return { refused: 'name' }
  if (brush.mark === 'makeup' && !isWeekend(day)) return { refused: 'weekday' }
  next.set(day, { mark: brush.mark, name: brush.name.trim() })
  return { marks: next }
}

/** Days that two people left different, in order. */
export function differing(mine: Marks, theirs: Marks): string[] {
  const all = new Set([...mine.keys(), ...theirs.keys()])
  return [...all].filter((day) => mine.get(day)?.mark !== theirs.get(day)?.mark).sort()
}
