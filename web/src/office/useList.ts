// A keyset list whose filters and cursor stand in the address: reads it whenever the address changes,
// keeps the rows on the screen until the next ones are there, and forgets answers that come too late.

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { asProblem, get, type Problem } from '../api/client'
import type { Page } from '../api/types'
import { filtersFrom, queryOf, type Filters } from './filters'
import { back, forward, trailFrom, type Standing } from './trail'

/** Rows of one page. */
export const LIST_ROWS = 50

interface Setup<K extends string> {
  path: string
  keys: readonly K[]
  /** Parts of the address that arrange the list and filter nothing (a tab, the order); clearing the filters leaves them. */
  arrange?: readonly K[]
  /** What the server is asked with, where that is not what stands in the address. */
  ask?: (filters: Filters<K>) => Parameters<typeof get>[1]
  /** Parts of the address that belong to the page but not to the list (an open drawer). */
  keep?: readonly string[]
}

/** `total` only when the server counts. */
type CountedPage<T> = Page<T> & { total?: number }

export function useList<T, K extends string>(setup: Setup<K>) {
  const route = useRoute()
  const router = useRouter()
  const own = route.name
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const total = ref<number | null>(null)
  const loading = ref(true)
  const problem = shallowRef<Problem | null>(null)
  const read = ref(false)
  const filters: ComputedRef<Filters<K>> = computed(() => filtersFrom(setup.keys, route.query))
  const cursor = computed(() => (typeof route.query.cursor === 'string' ? route.query.cursor : ''))
  const at = computed<Standing>(() => ({ cursor: cursor.value, trail: cursor.value === '' ? [] : trailFrom(window.history.state) }))
  const arranging = (key: string): boolean => setup.arrange?.includes(key as K) ?? false
  const filtered = computed(() => Object.keys(filters.value).some((key) => !arranging(key)))
  let running: AbortController | null = null

  async function load(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const asked = setup.ask ? { ...setup.ask(filters.value), cursor: cursor.value } : queryOf(filters.value, cursor.value)
      const page = await get<CountedPage<T>>(setup.path, { ...asked, limit: LIST_ROWS }, mine.signal)
      items.value = page.items
      next.value = page.next
      total.value = page.total ?? null
      problem.value = null
      read.value = true
    } catch (e) {
      if (mine.signal.aborted) return
      problem.value = asProblem(e)
    }
    if (running === mine) loading.value = false
  }

  function kept(): Record<string, string> {
    const pairs = (setup.keep ?? []).map((key) => [key, route.query[key]] as const)
    return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  }
  /** Changes some filters and goes to the first page; typing replaces the address, choosing adds a step back. */
  function change(part: Filters<K>, typing = false): void {
    const query = { ...queryOf({ ...filters.value, ...part }), ...kept() }
    void (typing ? router.replace({ query }) : router.push({ query }))
  }
  const set = (key: K, value: string, typing = false): void => change({ [key]: value } as Filters<K>, typing)
  function clear(): void {
    const arranged = Object.fromEntries(Object.entries(filters.value).filter(([key]) => arranging(key))) as Record<string, string>
    void router.push({ query: { ...queryOf(arranged), ...kept() } })
  }
  function go(to: Standing): void {
    void router.push({ query: { ...queryOf(filters.value, to.cursor), ...kept() }, state: { trail: to.trail } })
  }
  const goNext = (): void => { if (next.value) go(forward(at.value, next.value)) }
  const goBack = (): void => go(back(at.value))

  const address = computed(() => JSON.stringify([filters.value, cursor.value]))
  watch(address, () => { if (route.name === own) void load() }, { immediate: true })
  onScopeDispose(() => running?.abort())

  return { items, next, total, loading, problem, read, filters, filtered, at, set, change, clear, goNext, goBack, reload: load }
}

/** A list as the frame around it takes it. */
export type List<T, K extends string> = ReturnType<typeof useList<T, K>>
