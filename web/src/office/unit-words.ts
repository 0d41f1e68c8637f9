// How the fields of a unit are said when two versions are compared.

import { t } from '../locale'
import type { Choice } from '../api/types'
import type { UnitDraft } from './unit-draft'

export const UNIT_KEYS = ['name', 'code', 'category', 'region', 'address', 'key_unit', 'lng', 'lat', 'founded_on', 'legal_person', 'safety_manager', 'grid', 'sector', 'remark', 'contacts', 'buildings'] as const
export type UnitKey = (typeof UNIT_KEYS)[number]

/** One field as a sentence; an empty one is said to be empty. */
export function describeField(key: UnitKey, draft: UnitDraft, categories: Choice[]): string {
  if (key === 'key_unit') return t(draft.key_unit ? 'common.yes' : 'common.no')
  if (key === 'category') return categories.find((one) => one.value === draft.category)?.label ?? draft.category
  if (key === 'contacts') return draft.contacts.map((one) => [one.role, one.name, one.phone].filter(Boolean).join(' ')).join('；') || t('common.none')
  if (key === 'buildings') return draft.buildings.map((one) => t('office.unit.buildingShort', { ...one })).join('；') || t('common.none')
  return draft[key] || t('common.none')
}
