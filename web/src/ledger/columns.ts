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
/** Under which name a person's own columns of a ledger are kept. */
export const columnsKey = (kind: string): string => `ledger.${kind}`
