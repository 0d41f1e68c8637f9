// The pages of the deadline calendar (时限日历): a month or a week in whole weeks from Monday, and the way from one to the next.
// Days are ISO dates (2026-11-25).

import { weekdayOf } from '../admin/calendar'

const DAY_MS = 86_400_000
const WEEK = 7

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
export const plus = (day: string, days: number): string => iso(at(day) + days * DAY_MS)

export const VIEWS = ['month', 'week'] as const
export type View = (typeof VIEWS)[number]
export interface Span { from: string; until: string }

const monday = (day: string): string => plus(day, -weekdayOf(day))
const firstOf = (day: string): string => `${day.slice(0, 7)}-01`

/** The whole weeks that show this day's month, or the week it lies in: at most six weeks. */
export function spanOf(day: string, view: View): Span {
  if (view === 'week') return { from: monday(day), until: plus(monday(day), WEEK - 1) }
  const last = plus(monthOn(day, 1), -1)
  return { from: monday(firstOf(day)), until: plus(monday(last), WEEK - 1) }
}
/** The first of the month so many months on. */
export function monthOn(day: string, months: number): string {
  const first = new Date(at(firstOf(day)))
  first.setUTCMonth(first.getUTCMonth() + months)
  return iso(first.getTime())
}
/** A day of the next page, or of the one before. */
export const stepped = (day: string, view: View, by: 1 | -1): string => (view === 'week' ? plus(day, by * WEEK) : monthOn(day, by))
/** Rows of seven. */
export const weeksOf = <T>(days: readonly T[]): T[][] => Array.from({ length: Math.ceil(days.length / WEEK) }, (_, n) => days.slice(n * WEEK, n * WEEK + WEEK))
/** A day of an address, or the other one when it is none. */
export const dayOr = (text: unknown, other: string): string => (typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(at(text)) ? text : other)
