// How long a list is, in words. The server counts a list as far as 10,000; one more than that says that there are more.

import { t } from '../locale'

/** As far as the server counts a list. */
export const COUNTED_MAX = 10_000

export const totalWords = (total: number): string =>
  total === COUNTED_MAX + 1 ? t('common.moreThan', { n: COUNTED_MAX.toLocaleString('zh-CN') }) : total.toLocaleString('zh-CN')
