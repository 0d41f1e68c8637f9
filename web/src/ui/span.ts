// A length of time in words: 40 秒, 12 分钟, 3 小时 5 分, 2 天 4 小时.

import { t } from '../locale'

export function spanWords(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return t('span.s', { n: s })
  if (s < 3600) return t('span.m', { n: Math.floor(s / 60) })
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)]
  if (s < 86_400) return m === 0 ? t('span.h', { n: h }) : t('span.hm', { h, m })
  const [d, rest] = [Math.floor(s / 86_400), Math.floor((s % 86_400) / 3600)]
  return rest === 0 ? t('span.d', { n: d }) : t('span.dh', { d, h: rest })
}
