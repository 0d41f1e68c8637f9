// What a list of a ledger asks the server for, by what stands in the address: the tab, the filters of the ledger's own
// fields (`f.category=escape`), and the order. Nothing in the address is what is in work, nearest deadline first.

import type { Filters } from '../office/filters'
import type { LedgerField, LedgerKind, Tallies } from './types'

export const TABS = ['all', 'open', 'overdue', 'soon', 'mine', 'closed'] as const
export type Tab = (typeof TABS)[number]
/** The tab without a word in the address. */
export const FIRST_TAB: Tab = 'open'
/** What orders the rows of every ledger; the deadline without a word in the address. A field of the ledger may order them too. */
export const SORTS = ['due', 'opened', 'title'] as const

const OWN = 'f.'
/** The part of the address that filters by a field. */
export const keyOf = (field: string): string => `${OWN}${field}`
/** Fields with a choice of their own in the row of filters. */
export const pickable = (kind: LedgerKind): LedgerField[] => kind.fields.filter((f) => f.filter && (f.type === 'choice' || f.type === 'truth'))
/** Everything of the address that the list is asked by. */
export const keysOf = (kind: LedgerKind): string[] =>
  ['q', 'state', 'region', 'unit', 'due', 'tab', 'sort', 'descending', 'cols', 'map', ...kind.fields.filter((f) => f.filter).map((f) => keyOf(f.name))]
/** Parts that arrange the list and filter nothing away that somebody typed. */
export const ARRANGING = ['tab', 'sort', 'descending', 'cols', 'map'] as const

/** Whether the ledger's lists may be sorted by what this word of the address names. */
export const sorts = (kind: LedgerKind, word: string): boolean => SORTS.some((one) => one === word) || kind.fields.some((f) => f.sort && f.name === word)
/** Whether the first press on a head asks for the largest first: the newest, the most, yes. Choices come in the order that the ledger gives them. */
export const fallsFirst = (kind: LedgerKind, word: string): boolean =>
  word === 'opened' || kind.fields.some((f) => f.name === word && f.sort && f.type !== 'choice')

export const tabOf = (filters: Filters<string>): Tab => TABS.find((one) => one === filters.tab) ?? FIRST_TAB
/** What is over has no deadline any more, and a list by deadline has only what has one: there the newest stands first. */
const hasOver = (filters: Filters<string>): boolean => ['all', 'closed'].includes(tabOf(filters))
export function sortOf(kind: LedgerKind, filters: Filters<string>): string {
  const asked = filters.sort !== undefined && sorts(kind, filters.sort) ? filters.sort : undefined
  if (hasOver(filters)) return asked === undefined || asked === 'due' ? 'opened' : asked
  return asked ?? 'due'
}
/** Largest first; the newest, where nobody asked for an order. */
export const fallingOf = (kind: LedgerKind, filters: Filters<string>): boolean => (sortOf(kind, filters) === 'opened' && filters.sort !== 'opened') || filters.descending === 'true'

export type Asked = Record<string, string | boolean | undefined>

/** The query that the server is asked with. */
export function askedOf(kind: LedgerKind, filters: Filters<string>): Asked {
  const tab = tabOf(filters)
  const own = Object.entries(filters).filter(([key]) => key.startsWith(OWN)).map(([key, value]) => `${key.slice(OWN.length)}:${value}`)
  return {
    q: filters.q,
    states: filters.state,
    region: filters.region,
    unit: filters.unit,
    due: filters.due,
    standing: tab === 'all' || tab === 'mine' ? undefined : tab,
    mine: tab === 'mine' ? true : undefined,
    sort: sortOf(kind, filters),
    descending: fallingOf(kind, filters) ? true : undefined,
    filter: own.join(',') || undefined,
  }
}

/** How many entries a tab holds; unknown for what nobody counts. */
export function countOf(tab: Tab, tallies: Tallies | null): number | null {
  return tallies && tab !== 'mine' ? tallies[tab] : null
}
