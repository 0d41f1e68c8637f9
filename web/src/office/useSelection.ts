// Rows that are ticked in a list (勾选): they stay ticked while the list is read anew or turned over, and are
// forgotten when the filters change, so that nobody acts on rows she no longer sees by any page.

import { computed, ref, watch, type Ref } from 'vue'

/** Most rows that may be ticked at once; for more there is the filter. */
export const TICKED_MAX = 500

/** The set with `ids` ticked or unticked; what would exceed the limit is left out. */
export function withTicks(ticked: ReadonlySet<string>, ids: readonly string[], on: boolean): Set<string> {
  const now = new Set(ticked)
  for (const id of ids) {
    if (!on) now.delete(id)
    else if (now.size < TICKED_MAX) now.add(id)
  }
  return now
}

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
