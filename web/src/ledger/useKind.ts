// What the catalog says of a ledger, read once a page load: its fields, states and openings.

import { get } from '../api/client'
import type { LedgerKind } from './types'

const known = new Map<string, Promise<LedgerKind>>()

export function kindOf(kind: string): Promise<LedgerKind> {
  const ready = known.get(kind) ?? get<LedgerKind>(`/ledgers/${kind}`)
  known.set(kind, ready)
  ready.catch(() => known.delete(kind))
  return ready
}
