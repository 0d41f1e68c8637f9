// The columns that the list of a ledger may have beside the one that names the entry: those of the catalog, then state, owner
// and day of registration, then whatever else it may be sorted by. The list on the screen and the one on paper have the same.

import { t } from '../locale'
import type { Column } from '../ui/columns'
import type { LedgerKind } from './types'

export function columnsOf(kind: LedgerKind): Column[] {
  const own = kind.columns.filter((name) => name !== 'unit').flatMap((name) => kind.fields.filter((f) => f.name === name))
  const others = kind.fields.filter((f) => f.sort && !kind.columns.includes(f.name))
  return [
    ...(kind.columns.includes('unit') ? [{ name: 'unit', label: t('ledger.col.unit') }] : []),
    ...own.map((f) => ({ name: f.name, label: f.label })),
    { name: 'state', label: t('ledger.col.state') },
    { name: 'owner', label: t('ledger.col.owner'), extra: true },
    { name: 'opened', label: t('ledger.col.opened'), extra: true },
    ...others.map((f) => ({ name: f.name, label: f.label, extra: true })),
  ]
}
/** How a column stands in the list: when it gives way, and how wide it is where the style sheet does not say it. */
export interface ColumnPlace { fold: string; width?: string }
const FIXED: Record<string, ColumnPlace> = { unit: { fold: 'c1 unit' }, state: { fold: 'c2 state' }, opened: { fold: 'c3', width: '104px' } }
/** Room for a name or a choice, by how many such columns there are: few of them share what a wide list has. */
const SHARES = ['13%', '13%', '11%']
const CROWDED = '116px'

/** Days need little; names and choices take what room there is, and leave most of it to the name of the entry. */
export function placesOf(kind: LedgerKind, shown: readonly string[]): Record<string, ColumnPlace> {
  const isDay = (name: string): boolean => kind.fields.some((f) => f.name === name && f.type === 'date')
  const own = shown.filter((name) => !FIXED[name])
  const share = SHARES[own.filter((name) => !isDay(name)).length - 1] ?? CROWDED
  return { ...FIXED, ...Object.fromEntries(own.map((name) => [name, { fold: 'c3', width: isDay(name) ? '104px' : share }])) }
}

/** Under which name a person's own columns of a ledger are kept. */
export const columnsKey = (kind: string): string => `ledger.${kind}`
