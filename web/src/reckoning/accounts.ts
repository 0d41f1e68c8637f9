// How accounts of false alarms are written, and the address of the list behind each number.

import type { FalseAlarmAccounts, FiguresView, MonthView, RateView } from '../api/types'
import { t } from '../locale'

/** `2026-11` as (2026, 11). */
export function monthParts(month: string): { year: number; month: number } {
  const [year, number] = month.split('-').map(Number)
  return { year: year ?? 0, month: number ?? 0 }
}
/** `2026 年 11 月`. */
export const monthWords = (month: string): string => t('reckoning.month', monthParts(month))

/** The month so many months later; earlier when negative. */
export function monthOn(month: string, by: number): string {
  const at = monthParts(month)
  const count = at.year * 12 + at.month - 1 + by
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`
}

/** 少 12 起, 多 3 起, 持平: written, never coloured. */
export function difference(now: number, then: number): string {
  if (now === then) return t('reckoning.same')
  return now < then ? t('reckoning.fewer', { n: then - now }) : t('reckoning.more', { n: now - then })
}

/** A comparison in one sentence with its base. */
export function comparison(accounts: FalseAlarmAccounts, with_: 'before' | 'last_year'): string {
  const base = accounts[with_].false
  const when = t(`reckoning.against.${with_}${accounts.running ? '' : '_whole'}`)
  return t('reckoning.compared', { when, words: difference(accounts.now.false, base), n: base })
}

/** A share as per cent with one digit; a whole number stays one. */
export function percent(value: number): string {
  return `${(Math.round(value * 1000) / 10).toLocaleString('zh-CN')}%`
}
export function rateWords(figures: FiguresView | MonthView): string {
  if (!figures.rate) return t('reckoning.noRate')
  return t('reckoning.rateFormula', { false: figures.false, real: figures.real, rate: percent(figures.rate.value) })
}
export const twoDigits = (value: number): string => (Math.round(value * 100) / 100).toLocaleString('zh-CN')
export function perHundredWords(rate: RateView | null): string {
  if (!rate) return t('reckoning.noPoints')
  return t('reckoning.perHundredFormula', { false: rate.part, points: rate.base.toLocaleString('zh-CN'), rate: twoDigits(rate.value) })
}

/** What a list is narrowed to besides being false fires. */
export interface Narrow { from: string; until: string; unit?: string; slot?: string; cause?: string; region?: string }

/** The query of the alarm list behind a number: the same filter that counted it. */
export function listQuery(narrow: Narrow): Record<string, string> {
  const all = { class: 'fire', finding: 'false', ...narrow }
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => Boolean(pair[1])))
}

/** The height of a bar, in percent of the highest; a bar that is not zero is seen. */
export function barHeight(count: number, highest: number): number {
  return count === 0 || highest === 0 ? 0 : Math.max(2, Math.round((count / highest) * 100))
}
