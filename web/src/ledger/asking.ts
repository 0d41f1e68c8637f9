// What a list of a ledger asks the server for, by what stands in the address: the tab, the filters of the ledger's own
// fields (`f.category=escape`), and the order. Nothing in the address is what is in work, nearest deadline first.

import type { Filters } from '../office/filters'
import type { LedgerField, LedgerKind, Tallies } from './types'

export const TABS = ['all', 'open', 'overdue', 'soon', 'mine', 'closed'] as const
export type Tab = (typeof TABS)[number]
/** The tab without a word in the address. */
export const FIRST_TAB: Tab = 'open'
/** What orders rows; the deadline without a word in the address. */
export const SORTS = ['due', 'opened', 'title'] as const
export type Sort = (typeof SORTS)[number]

const OWN = 'f.'
/** The part of the address that filters by a field. */
export const keyOf = (field: string): string => `${OWN}${field}`
/** Fields with a choice of their own in the row of filters. */
export const pickable = (kind: LedgerKind): LedgerField[] => kind.fields.filter((f) => f.filter && (f.type === 'choice' || f.type === 'truth'))
/** Everything of the address that the list is asked by. */
export const keysOf = (kind: LedgerKind): string[] =>
  ['q', 'state', 'region', 'unit', 'tab', 'sort', 'descending', ...kind.fields.filter((f) => f.filter).map((f) => keyOf(f.name))]
/** Parts that arrange the list and filter nothing away that somebody typed. */
export const ARRANGING = ['tab', 'sort', 'descending'] as const

export const tabOf = (filters: Filters<string>): Tab => TABS.find((one) => one === filters.tab) ?? FIRST_TAB
export const sortOf = (filters: Filters<string>): Sort => SORTS.find((one) => one === filters.sort) ?? 'due'

export type Asked = Record<string, string | boolean | undefined>

/** The query that the server is asked with. */
export function askedOf(filters: Filters<string>): Asked {
  const tab = tabOf(filters)
  const own = Object.entries(filters).filter(([key]) => key.startsWith(OWN)).map(([key, value]) => `${key.slice(OWN.length)}:${value}`)
  return {
    q: filters.q,
    states: filters.state,
    region: filters.region,
    unit: filters.unit,
    standing: tab === 'all' || tab === 'mine' ? undefined : tab,
    mine: tab === 'mine' ? true : undefined,
    sort: sortOf(filters),
    descending: filters.descending === 'true' ? true : undefined,
    filter: own.join(',') || undefined,
  }
}

/** How many entries a tab holds; unknown for what nobody counts. */
export function countOf(tab: Tab, tallies: Tallies | null, kind: LedgerKind): number | null {
  if (!tallies || tab === 'mine') return null
  if (tab !== 'closed') return tallies[tab]
  const ends = new Set(kind.states.filter((s) => s.end).map((s) => s.name))
  return tallies.states.filter((s) => ends.has(s.state)).reduce((sum, s) => sum + s.count, 0)
}
