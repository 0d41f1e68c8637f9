// What others changed in a ledger while somebody looks at it: counted, not taken in, so that no row jumps under the hand.
// A change that the page shows already, mostly her own, is none.

import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { onLive } from '../live'
import { unseen, withChange, type Known } from './updates'

/** Entries of a ledger that changed since the list was read. */
export function useUpdates(kind: string, rows: Ref<readonly Known[]>) {
  const heard = shallowRef<Known[]>([])
  onLive('entry', (e) => { if (e.kind === kind) heard.value = unseen(withChange(heard.value, e), rows.value) })
  // Somebody was away too long to be told each change: at least one is likely.
  onLive('resync', () => (heard.value = withChange(heard.value, { id: '', version: 0 })))
  watch(rows, (now) => (heard.value = unseen(heard.value, now)))
  const clear = (): void => void (heard.value = [])
  return { count: computed(() => heard.value.length), clear }
}

/** Whether the entry on the page has moved on. */
export function useBehind(entry: () => Known | null) {
  const last = ref<Known | null>(null)
  onLive('entry', (e) => { if (e.id === entry()?.id) last.value = e })
  return computed(() => {
    const shown = entry()
    return shown !== null && last.value?.id === shown.id && last.value.version > shown.version
  })
}
