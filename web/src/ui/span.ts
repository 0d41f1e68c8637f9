// A length of time in words, in at most two units: 40 秒, 1 分 30 秒, 12 分钟, 3 小时 5 分, 2 天 4 小时. The only place for this.

import { t } from '../locale'

export function spanWords(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return t('span.s', { n: s })
  const [minutes, seconds_left] = [Math.floor(s / 60), s % 60]
  if (s < 3600) return seconds_left === 0 ? t('span.m', { n: minutes }) : t('span.ms', { m: minutes, s: seconds_left })
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)]
  if (s < 86_400) return m === 0 ? t('span.h', { n: h }) : t('span.hm', { h, m })
  const [d, rest] = [Math.floor(s / 86_400), Math.floor((s % 86_400) / 3600)]
  return rest === 0 ? t('span.d', { n: d }) : t('span.dh', { d, h: rest })
}
