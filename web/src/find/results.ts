// What the search of the bar (查找) found, in one shape for the list under the bar and for the page of results: groups of
// lines, each with its place.

import type { RouteLocationRaw } from 'vue-router'
import { get } from '../api/client'
import type { SearchResults } from '../api/types'
import { chipOf, type ChipKind } from '../ledger/words'

/** Nothing shorter is looked for: one character alone is in half of all records. */
export const CHARS_MIN = 2
/** As far as the server counts what one register has. */
export const FOUND_COUNTED_MAX = 99

export interface FoundLine { id: string; name: string; under: string; level: 1 | 2 | 3 | 4 | null; chip: { kind: ChipKind; text: string } | null; place: RouteLocationRaw }
export interface FoundGroup { name: string; label: string; total: number; lines: FoundLine[]; all: RouteLocationRaw }

const UNITS = 'unit'

function units(found: SearchResults['units'], q: string): FoundGroup[] {
  if (!found) return []
  const lines = found.items.map((u): FoundLine => ({ id: u.id, name: u.name, under: `${u.category}　${u.region.name}`, level: null, chip: null, place: { name: 'unit', params: { id: u.id } } }))
  return [{ name: UNITS, label: found.label, total: found.total, lines, all: { name: 'units', query: { q } } }]
}
function entries(found: SearchResults['ledgers'][number], q: string): FoundGroup {
  const lines = found.items.map((e): FoundLine => ({
    id: e.id,
    name: e.title,
    under: [e.number, e.unit?.name ?? e.region.name, e.state_label].filter(Boolean).join('·'),
    level: (e.mark?.level ?? null) as FoundLine['level'],
    chip: e.deadline && !e.end ? { kind: chipOf(e.deadline), text: e.deadline.words } : null,
    place: { name: 'ledger', params: { kind: found.kind, id: e.id }, query: { tab: 'all', q } },
  }))
  return { name: found.kind, label: found.label, total: found.total, lines, all: { name: 'ledger', params: { kind: found.kind, id: '' }, query: { tab: 'all', q } } }
}
export const groupsOf = (found: SearchResults, q: string): FoundGroup[] => [...units(found.units, q), ...found.ledgers.map((one) => entries(one, q))]

export const searched = async (q: string, signal?: AbortSignal): Promise<FoundGroup[]> => groupsOf(await get<SearchResults>('/search', { q }, signal), q)

/** 99+ once there are more than are counted. */
export const countWords = (total: number): string => (total > FOUND_COUNTED_MAX ? `${FOUND_COUNTED_MAX}+` : String(total))
