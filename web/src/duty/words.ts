// Figures of duty checks (查岗) as they stand on the screen.

import type { DutyCheck } from '../api/types'
import { t } from '../locale'

/** The running checks after one of them was heard of: it comes in front, changes in its place, or goes when it is over. */
export function withCheck(running: readonly DutyCheck[], heard: DutyCheck): DutyCheck[] {
  const known = running.some((c) => c.id === heard.id)
  if (!heard.running) return running.filter((c) => c.id !== heard.id)
  return known ? running.map((c) => (c.id === heard.id ? heard : c)) : [heard, ...running]
}

/** `4:09` left; `0:00` once the time is over. */
export function countdown(left_ms: number): string {
  const s = Math.max(0, Math.ceil(left_ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

/** 42 秒, 3 分 05 秒. */
export function minuteWords(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  return s < 60 ? t('duty.seconds', { n: s }) : t('duty.minutesSeconds', { m: Math.floor(s / 60), s: String(s % 60).padStart(2, '0') })
}

/** 93%, or a dash where nothing counts. */
export const shareWords = (score: { share_percent: number | null } | null): string => (score?.share_percent == null ? '—' : `${score.share_percent}%`)
