// What an administrator has to mend (暂停的台账和加项): a number in the menu until it was dealt with.

import { computed, shallowRef } from 'vue'
import { get } from '../api/client'
import { useSession } from '../session'

export interface LedgerToMend { kind: string; label: string; why: string }

const items = shallowRef<LedgerToMend[]>([])

/** Reads it again; whoever does not look after ledgers has nothing to mend. */
export async function reloadLedgersToMend(): Promise<void> {
  if (!useSession().can('ledger.manage')) return
  // The page itself says what is wrong with the line.
  items.value = await get<{ items: LedgerToMend[] }>('/ledger-templates/attention').then((read) => read.items, () => items.value)
}
export const useLedgersToMend = () => computed(() => items.value)
