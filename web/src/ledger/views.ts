// Saved views (常用视图) of a ledger: read once, read again after a change; which of them the address shows, and with which
// one the list opens.

import { get } from '../api/client'
import type { SavedViewList, SavedViewItem } from '../api/types'
import { sameQuery } from '../office/filters'

export type SavedView = SavedViewItem
export type SavedViews = SavedViewList

const known = new Map<string, Promise<SavedViews>>()

export function viewsOf(kind: string): Promise<SavedViews> {
  const ready = known.get(kind) ?? get<SavedViews>(`/ledgers/${kind}/views`)
  known.set(kind, ready)
  ready.catch(() => known.delete(kind))
  return ready
}
export const forgetViews = (kind: string): void => void known.delete(kind)

/** The view that the address shows, by its name. */
export const nameOf = (views: readonly SavedView[], query: Record<string, string>): string | null => views.find((v) => sameQuery(v.query, query))?.name ?? null

/** The address that a list opens with for this person; null for the one that everybody has. */
export async function openingOf(kind: string): Promise<Record<string, string> | null> {
  const views = await viewsOf(kind).catch(() => null)
  return views?.items.find((v) => v.usual)?.query ?? null
}
