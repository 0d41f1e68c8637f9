// Limits in a chart of measured values: the lines, and an axis that shows them where they are near enough to matter.

import type { LimitView } from '../api/types'
import { t } from '../locale'

/** A limit further from the values than so many times their spread would flatten the curve; it is told in words. */
const NEAR = 3

/** The ends of the axis for values between `low` and `high`, limits that are near included. */
export function axisWith(low: number, high: number, limits: LimitView | null): { min: number; max: number } {
  const spread = Math.max(high - low, Math.abs(high) * 0.1, 1)
  const near = [limits?.low, limits?.high].filter((n): n is number => n !== null && n !== undefined && n >= low - NEAR * spread && n <= high + NEAR * spread)
  const [min, max] = [Math.min(low, ...near), Math.max(high, ...near)]
  const room = (max - min || spread) * 0.08
  const tidy = (n: number): number => Number(n.toPrecision(3))
  return { min: tidy(min - room), max: tidy(max + room) }
}

/** Limits as lines of a series, in the colour of their level; their words in ink, which can be read on any ground. */
export function limitLines(limits: LimitView | null, shade: string, ink: string): object | undefined {
  const lines = [
    { at: limits?.low, name: t('limit.low') },
    { at: limits?.high, name: t('limit.high') },
  ].filter((l) => l.at !== null && l.at !== undefined)
  if (!lines.length) return undefined
  return {
    symbol: 'none',
    silent: true,
    animation: false,
    lineStyle: { color: shade, type: 'dashed', width: 1.5 },
    label: { color: ink, position: 'insideEndTop', formatter: (p: { name: string; value: number }) => `${p.name} ${p.value}` },
    data: lines.map((l) => ({ yAxis: l.at, name: l.name })),
  }
}

/** 下限 100（恢复 120）kPa，保持 30 秒. */
export function limitWords(limits: LimitView, unit: string): string {
  const side = (key: string, limit: number | null, clear: number | null): string[] => (limit === null ? [] : [t(key, { limit, clear, unit })])
  const all = [...side('limit.lowWords', limits.low, limits.low_clear), ...side('limit.highWords', limits.high, limits.high_clear)]
  return [...all, t('limit.holdWords', { n: limits.hold_s })].join('，')
}
