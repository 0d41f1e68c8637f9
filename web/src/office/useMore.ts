// A list that grows downwards inside a page (再看更早的): the first rows, then more on request.

import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { asProblem, get, type Problem } from '../api/client'
import type { Page } from '../api/types'
import { useAfterLogin } from './useAfterLogin'

/** Rows fetched at a time. */
export const MORE_ROWS = 20

type Query = Record<string, string | number | undefined>

/** Reads `path()`, `rows` at first; starts over when the path or the query changes. An empty path reads nothing. */
export function useMore<T>(path: () => string, query: () => Query = () => ({}), rows = MORE_ROWS) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const read = ref(false)
  const problem = shallowRef<Problem | null>(null)
  let running: AbortController | null = null

  async function fetchPage(cursor: string | null, limit: number): Promise<void> {
    running?.abort()
    if (path() === '') return
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const page = await get<Page<T>>(path(), { ...query(), cursor, limit }, mine.signal)
      items.value = cursor === null ? page.items : [...items.value, ...page.items]
      next.value = page.next
      problem.value = null
      read.value = true
    } catch (e) {
      if (mine.signal.aborted) return
      problem.value = asProblem(e)
    }
    if (running === mine) loading.value = false
  }
  /** Reads again as many rows as are shown, so that nothing jumps away. */
  const reload = (): Promise<void> => fetchPage(null, Math.max(rows, items.value.length))
  const more = (): Promise<void> => (next.value === null ? Promise.resolve() : fetchPage(next.value, MORE_ROWS))
  const key = computed(() => JSON.stringify([path(), query()]))
  watch(key, () => {
    items.value = []
    read.value = false
    void fetchPage(null, rows)
  }, { immediate: true })
  onScopeDispose(() => running?.abort())
  useAfterLogin(problem, reload)
  return { items, next, loading, read, problem, reload, more }
}

export type More = Pick<ReturnType<typeof useMore>, 'next' | 'loading' | 'more'>
