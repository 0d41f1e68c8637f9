// The interface speaks one language; every sentence stands in `zh-CN.ts`.

import { createI18n } from 'vue-i18n'
import zh from './zh-CN'

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', messages: { 'zh-CN': zh } })

/** A sentence by its key, with named parts: `t('desk.elapsed', { n: 3 })`. */
export const t = i18n.global.t as (key: string, parts?: Record<string, unknown>) => string
