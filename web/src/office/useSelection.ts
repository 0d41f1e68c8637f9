// Rows that are ticked in a list (勾选): they stay ticked while the list is read anew or turned over, and are
// forgotten when the filters change, so that nobody acts on rows she no longer sees by any page.

import { computed, ref, watch, type Ref } from 'vue'
import { TICKED_MAX, withTicks } from './ticks'

export interface Selection {
  ids: Ref<ReadonlySet<string>>
  count: Ref<number>
  full: Ref<boolean>
  tick: (ids: readonly string[], on: boolean) => void
  clear: () => void
}

/** The ticked rows of a list; `filters` is what they were found by. */
export function useSelection(filters: () => unknown): Selection {
  const ids = ref<ReadonlySet<string>>(new Set<string>())
  const count = computed(() => ids.value.size)
  const full = computed(() => ids.value.size >= TICKED_MAX)
  const tick = (some: readonly string[], on: boolean): void => void (ids.value = withTicks(ids.value, some, on))
  const clear = (): void => void (ids.value = new Set<string>())
  watch(() => JSON.stringify(filters()), clear)
  return { ids, count, full, tick, clear }
}
