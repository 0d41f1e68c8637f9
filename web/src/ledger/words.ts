// How the parts of an entry are written: its deadline as a chip, its life as a rail, its fields as sentences.

import type { LifeStep } from '../api/types'
import { t } from '../locale'
import { dayInWords, full, hm } from '../ui/time'
import { yuanOf } from './draft'
import type { DeadlineView, EntryStep, LedgerField } from './types'

export type ChipKind = 'far' | 'soon' | 'over' | 'late' | 'met'
const KINDS: Record<DeadlineView['standing'], ChipKind> = { running: 'far', due_soon: 'soon', overdue: 'over', met: 'met', met_late: 'late' }

/** The form of a deadline: a date that is only provisional is dashed, as long as nothing presses. */
export const chipOf = (d: Pick<DeadlineView, 'standing' | 'provisional'>): ChipKind => (d.provisional && d.standing === 'running' ? 'late' : KINDS[d.standing])

/** 11月20日 周五 24:00: a deadline in days ends with its last day, one in hours at its minute. */
export function dueWords(d: Pick<DeadlineView, 'on' | 'due_at'>): string {
  return d.on ? t('ledger.clock.endOf', { day: dayInWords(d.on) }) : `${dayInWords(d.due_at)} ${hm(d.due_at)}`
}

const STEPS: Record<EntryStep['state'], LifeStep['state']> = { done: 'done', now: 'present', next: 'future' }
export const railOf = (steps: readonly EntryStep[]): LifeStep[] => steps.map((s) => ({ name: s.label, at: s.at, state: STEPS[s.state] }))

/** The value of a field in words; null where there is none. */
export function wordsOf(field: LedgerField, value: unknown, names: Record<string, string>): string | null {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return null
  const name = (id: unknown): string => names[String(id)] ?? String(id)
  switch (field.type) {
    // A number without a unit names something, a year or a floor, and is not cut into thousands.
    case 'integer': case 'real': return field.unit ? `${Number(value).toLocaleString('zh-CN')} ${field.unit}` : String(value)
    case 'money': return t('ledger.yuan', { n: Number(yuanOf(Number(value))).toLocaleString('zh-CN') })
    case 'truth': return t(value === true ? 'common.yes' : 'common.no')
    case 'choice': return field.choices.find((c) => c.value === value)?.label ?? String(value)
    case 'instant': return full(String(value))
    case 'link': case 'person': case 'region': return name(value)
    case 'links': case 'people': return (value as unknown[]).map(name).join(t('ledger.and'))
    case 'photos': return t('ledger.photoCount', { n: (value as unknown[]).length })
    case 'files': return t('ledger.fileCount', { n: (value as unknown[]).length })
    case 'list': return t('ledger.itemCount', { n: (value as unknown[]).length })
    case 'record': return Object.values(value as Record<string, unknown>).join(t('ledger.and'))
    default: return String(value)
  }
}
