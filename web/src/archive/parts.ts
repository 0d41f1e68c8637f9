// How the parts of an archive are told: what is missing first, then what is overdue; where each is mended.

import type { RouteLocationRaw } from 'vue-router'
import type { ArchiveLedger, ArchivePart, PartStanding } from './types'

const ORDER: PartStanding[] = ['missing', 'overdue', 'complete', 'not_needed']

export const inOrder = (parts: readonly ArchivePart[]): ArchivePart[] =>
  [...parts].sort((x, y) => ORDER.indexOf(x.standing) - ORDER.indexOf(y.standing))

/** Where a part is looked at or filled in: its ledger, the form that opens an entry, or the form of the unit itself. */
export function mend(part: ArchivePart, unit: string, editable: boolean): RouteLocationRaw | null {
  if (part.ledger === null) return part.standing === 'missing' && editable ? { name: 'unit', params: { id: unit }, query: { edit: '1' } } : null
  if (part.open > 0) return { name: 'ledger', params: { kind: part.ledger, id: '' }, query: { unit } }
  return part.opens ? { name: 'ledger', params: { kind: part.ledger, id: 'new' }, query: { opens: part.opens, unit } } : null
}
/** What the columns of a ledger say, besides the unit, in a line. */
export const said = (cells: Record<string, string>, unit: string): string => [...new Set(Object.values(cells))].filter((text) => text !== '' && text !== unit).join('　')
/** Ledgers with something overdue first, then with something open. */
export const ledgersInOrder = (ledgers: readonly ArchiveLedger[]): ArchiveLedger[] =>
  [...ledgers].sort((x, y) => Number(y.overdue > 0) - Number(x.overdue > 0) || Number(y.open > 0) - Number(x.open > 0))
