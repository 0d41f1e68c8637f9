// The queue of the desk as data: which group an alarm stands in, in what order, and what a filter shows.
// Nothing here moves by itself: the order depends on what is stored, never on the passing of time.

import type { AlarmSummary } from '../api/types'

export type GroupName = 'raised' | 'handling' | 'to_close' | 'silent' | 'suppressed'
export type FilterName = 'all' | 'fire' | 'limit' | 'fault' | 'supervisory' | 'shielded' | 'mine'
export const FILTERS: FilterName[] = ['all', 'fire', 'limit', 'fault', 'supervisory', 'shielded', 'mine']
export interface Group { name: GroupName; alarms: AlarmSummary[] }
export type Alarms = ReadonlyMap<string, AlarmSummary>

/** Where an alarm stands, or `null` when it is closed. */
export function groupOf(a: AlarmSummary): GroupName | null {
  if (a.state === 'closed') return null
  // In a home the people there are asked first: it is in hand, though not in the desk's.
  if (a.state === 'raised' && !a.with_desk) return 'handling'
  if (a.state === 'raised') return a.rings ? 'raised' : a.suppressed ? 'suppressed' : 'silent'
  if (a.state === 'forwarded') return 'to_close'
  // A finding that needs no help only waits to be closed; a real fire still has to be forwarded.
  if (a.state === 'verified' && (a.finding === 'false' || a.finding === 'test')) return 'to_close'
  return 'handling'
}

/** Whether the line of its head speaks for it: a quiet member whose head is in the queue. */
export function isHidden(alarms: Alarms, a: AlarmSummary): boolean {
  return a.member?.quiet === true && alarms.has(a.member.head)
}
/** The quiet members of each head in the queue. */
export function membersOf(alarms: Alarms): Map<string, AlarmSummary[]> {
  const out = new Map<string, AlarmSummary[]>()
  for (const a of alarms.values()) {
    if (isHidden(alarms, a)) out.set(a.member!.head, [...(out.get(a.member!.head) ?? []), a])
  }
  return out
}
/** Where an incident spreads, by building, the most first. */
export function spreadOf(alarms: readonly AlarmSummary[]): { place: string | null; count: number }[] {
  const by = new Map<string | null, number>()
  for (const a of alarms) by.set(a.building, (by.get(a.building) ?? 0) + 1)
  return [...by].map(([place, count]) => ({ place, count })).sort((x, y) => y.count - x.count)
}

function oldest(a: AlarmSummary, b: AlarmSummary): number {
  return a.raised_at.localeCompare(b.raised_at) || a.id.localeCompare(b.id)
}
function byLevel(a: AlarmSummary, b: AlarmSummary): number {
  return a.level - b.level
}
/** What a second signal confirms stands before what nothing confirms. */
function confirmed(a: AlarmSummary, b: AlarmSummary): number {
  return Number(b.coincidence !== null) - Number(a.coincidence !== null)
}
/** Ringing: fires above all else, confirmed ones first, the newest on top. In hand: by level, then who has waited longest. */
const ORDER: Record<GroupName, (a: AlarmSummary, b: AlarmSummary) => number> = {
  raised: (a, b) => byLevel(a, b) || confirmed(a, b) || oldest(b, a),
  handling: (a, b) => byLevel(a, b) || confirmed(a, b) || oldest(a, b),
  to_close: oldest,
  silent: (a, b) => oldest(b, a),
  suppressed: (a, b) => oldest(b, a),
}
/** The alarms of a group in its order. */
export function inOrder(name: GroupName, alarms: AlarmSummary[]): AlarmSummary[] {
  return alarms.sort(ORDER[name])
}
export const GROUPS: GroupName[] = ['raised', 'handling', 'to_close', 'silent', 'suppressed']

export function matchesFilter(a: AlarmSummary, filter: FilterName, me: string | null): boolean {
  if (filter === 'all') return true
  if (filter === 'mine') return me !== null && a.holder?.officer.id === me
  return a.class === filter
}
/** Every word of the search stands somewhere in the alarm's number, title, unit, place or township. */
export function matchesText(a: AlarmSummary, text: string): boolean {
  const hay = [a.number, a.title, a.unit?.name, a.place, a.township, a.region.name].join(' ').toLowerCase()
  return text.toLowerCase().split(/\s+/).every((word) => hay.includes(word))
}

export interface View { filter: FilterName; text: string; me: string | null }

/** The groups in order, filtered; empty groups stay, so that their absence is a statement. */
export function groupsOf(alarms: Alarms, view: View): Group[] {
  const out: Record<GroupName, AlarmSummary[]> = { raised: [], handling: [], to_close: [], silent: [], suppressed: [] }
  for (const a of alarms.values()) {
    const g = groupOf(a)
    if (isHidden(alarms, a)) continue
    if (g && matchesFilter(a, view.filter, view.me) && matchesText(a, view.text)) out[g].push(a)
  }
  return GROUPS.map((name) => ({ name, alarms: inOrder(name, out[name]) }))
}
export function countsOf(alarms: Alarms, me: string | null): Record<FilterName, number> {
  const n: Record<FilterName, number> = { all: 0, fire: 0, limit: 0, fault: 0, supervisory: 0, shielded: 0, mine: 0 }
  for (const a of alarms.values()) {
    if (a.state === 'closed' || isHidden(alarms, a)) continue
    for (const f of FILTERS) if (matchesFilter(a, f, me)) n[f]++
  }
  return n
}
/** A newer version replaces an older one; a closed alarm leaves. Returns the same map when nothing changes. */
export function withAlarm(alarms: Alarms, a: AlarmSummary): Alarms {
  const known = alarms.get(a.id)
  if (known && known.version > a.version) return alarms
  const next = new Map(alarms)
  if (a.state === 'closed') next.delete(a.id)
  else next.set(a.id, a)
  return next
}
/** The queue as it was read, with what was heard while the answer was on its way: the reading may be the older one. */
export function queueOf(read: readonly AlarmSummary[], heard: readonly AlarmSummary[]): Alarms {
  return heard.reduce(withAlarm, new Map(read.map((a) => [a.id, a])))
}
/** So many cards of a group are drawn at once; further ones when the eye gets there. */
export const CARDS = 40
/** Cards that stand drawn below the chosen one, so that the next key finds one. */
const BELOW = 10
/** The first so many of a group, and always the one under the cursor with some below it: hundreds of cards would make every key slow. */
export function firstOf<T>(rows: readonly T[], most: number, at: number): T[] {
  return rows.slice(0, Math.max(most, at < 0 ? 0 : at + 1 + BELOW))
}
/** What stands after (`+1`) or before (`-1`) a place; stops at the ends. */
export function neighbourAt<T>(order: readonly T[], at: number, step: 1 | -1): T | null {
  if (order.length === 0) return null
  if (at < 0) return order[step === 1 ? 0 : order.length - 1]!
  return order[Math.min(order.length - 1, Math.max(0, at + step))]!
}
/** The alarm after or before the chosen one. */
export function neighbour(order: readonly AlarmSummary[], chosen: string | null, step: 1 | -1): string | null {
  return neighbourAt(order, order.findIndex((a) => a.id === chosen), step)?.id ?? null
}
/** What the take key takes: the chosen alarm if nobody has it, else the first that rings. */
export function takeTarget(alarms: Alarms, ringing: readonly AlarmSummary[], chosen: string | null): string | null {
  const a = chosen ? alarms.get(chosen) : undefined
  if (a?.state === 'raised') return a.id
  return ringing[0]?.id ?? null
}
