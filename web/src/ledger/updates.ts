// Which changes of a ledger are news to a page: those that its rows do not show yet.

import type { EntryEvent } from '../api/types'

export type Known = Pick<EntryEvent, 'id' | 'version'>

/** The changes that a list with these rows does not show. */
export const unseen = (heard: readonly Known[], rows: readonly Known[]): Known[] => heard.filter((h) => !rows.some((row) => row.id === h.id && row.version >= h.version))
/** What was heard with one more change; of several of one entry the last counts. */
export const withChange = (heard: readonly Known[], one: Known): Known[] => [...heard.filter((h) => h.id !== one.id), { id: one.id, version: one.version }]
