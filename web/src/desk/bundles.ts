// Lines lost together (成片离线): after a power cut hundreds of terminals of a township fall silent within minutes. In the
// queue they are one row that opens; each stays an alarm of its own, with its own officer, clock and end.
// Nothing but the beginning of a silence decides: neither the passing of time nor what comes later moves a row.

import type { AlarmSummary } from '../api/types'
import { inOrder } from './queue'

/** From so many on they are one row: fewer are read as quickly one by one. */
export const BUNDLE_MIN = 5
/** Within this time of the first they count as lost together. */
export const BUNDLE_MS = 3 * 60_000

/** Silent terminals of one township that began together, who has waited longest first. */
export interface Bundle {
  township: string
  alarms: AlarmSummary[]
  /** The worst of them. */
  level: AlarmSummary['level']
  /** When the first fell silent. */
  since: string
}
/** A line of the queue: an alarm, by itself or inside an open bundle, or the head of a bundle. */
export type Row = { alarm: AlarmSummary; bundle: Bundle | null; head: false } | { alarm: AlarmSummary; bundle: Bundle; head: true }

/** Fires, and whatever else somebody must look at one by one, are never bundled. */
function maybeBundled(a: AlarmSummary): boolean {
  return a.class === 'offline' && a.state === 'raised' && a.township !== null
}
function began(a: AlarmSummary): number {
  return Date.parse(a.raised_at)
}
/** The bundles among these alarms. */
export function bundlesOf(alarms: readonly AlarmSummary[]): Bundle[] {
  const by = new Map<string, AlarmSummary[]>()
  for (const a of alarms) if (maybeBundled(a)) by.set(a.township!, [...(by.get(a.township!) ?? []), a])
  const out: Bundle[] = []
  for (const [township, list] of by) {
    list.sort((a, b) => a.raised_at.localeCompare(b.raised_at) || a.id.localeCompare(b.id))
    while (list.length) {
      const first = list[0]!
      const end = list.findIndex((a) => began(a) - began(first) > BUNDLE_MS)
      const together = list.splice(0, end < 0 ? list.length : end)
      if (together.length >= BUNDLE_MIN) out.push({ township, alarms: together, level: Math.min(...together.map((a) => a.level)) as AlarmSummary['level'], since: first.raised_at })
    }
  }
  return out
}
/** Whether a bundle stands open: an officer opened it when one of these was in it, whoever came or went since. */
export function isOpen(bundle: Bundle, opened: ReadonlySet<string>): boolean {
  return bundle.alarms.some((a) => opened.has(a.id))
}
/** What is open once this bundle is opened or closed. */
export function toggled(bundle: Bundle, opened: ReadonlySet<string>): Set<string> {
  const next = new Set(opened)
  const open = isOpen(bundle, opened)
  for (const a of bundle.alarms) if (open) next.delete(a.id)
    else next.add(a.id)
  return next
}
/** The rows of what rings. A bundle stands where its first alarm would, were it as bad as the worst of them. */
export function rowsOf(alarms: readonly AlarmSummary[], opened: ReadonlySet<string>): Row[] {
  const bundles = bundlesOf(alarms)
  if (!bundles.length) return alarms.map((alarm) => ({ alarm, bundle: null, head: false }))
  const bundled = new Map(bundles.flatMap((b) => b.alarms.map((a) => [a.id, b] as const)))
  const standIns = bundles.map((b) => ({ ...b.alarms[0]!, level: b.level }))
  const alone = alarms.filter((a) => !bundled.has(a.id))
  return inOrder('raised', [...alone, ...standIns]).flatMap((a): Row[] => {
    const bundle = bundled.get(a.id)
    if (!bundle) return [{ alarm: a, bundle: null, head: false }]
    const members: Row[] = isOpen(bundle, opened) ? bundle.alarms.map((alarm) => ({ alarm, bundle, head: false })) : []
    return [{ alarm: bundle.alarms[0]!, bundle, head: true }, ...members]
  })
}
/** Where the cursor is: on a chosen alarm, or on the head of the bundle that the chosen alarm is in. */
export interface Cursor { chosen: string | null; onHead: boolean }

export function isAt(row: Row, cursor: Cursor, opened: ReadonlySet<string>): boolean {
  if (cursor.chosen === null) return false
  if (!row.head) return row.alarm.id === cursor.chosen && !(cursor.onHead && row.bundle)
  return row.bundle.alarms.some((a) => a.id === cursor.chosen) && (cursor.onHead || !isOpen(row.bundle, opened))
}
