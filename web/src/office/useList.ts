// A keyset list whose filters and cursor stand in the address: reads it whenever the address changes,
// keeps the rows on the screen until the next ones are there, and forgets answers that come too late. It is shown page by
// page, or (连续显示) as one long list that grows while it is scrolled.

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { asProblem, get, type Problem } from '../api/client'
import type { Page } from '../api/types'
import { filtersFrom, queryOf, type Filters } from './filters'
import { renewed } from './renewed'
import { back, forward, trailFrom, type Standing } from './trail'
import { useAfterLogin } from './useAfterLogin'

/** Rows of one page. */
export const LIST_ROWS = 50
/** Rows fetched at a time for a long list; the most that the server gives at once. */
export const FLOW_ROWS = 200
/** A long list ends here; who wants to see more of it filters. */
export const FLOW_MAX = 10_000
/** The word of the address for a list that is shown as one. */
export const FLOW = 'flow'

interface Setup<K extends string> {
  path: string
  keys: readonly K[]
  /** Parts of the address that arrange the list and filter nothing (a tab, the order); clearing the filters leaves them. */
  arrange?: readonly K[]
  /** What the server is asked with, where that is not what stands in the address. */
  ask?: (filters: Filters<K>) => Parameters<typeof get>[1]
  /** Parts of the address that belong to the page but not to the list (an open drawer). */
  keep?: readonly string[]
  /** Whether it may be shown as one long list: not where every report of the live stream reads it anew. */
  flows?: boolean
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
  const flows = setup.flows ?? false
  const flow = computed(() => flows && route.query[FLOW] === '1')
  /** A long list that was cut at its limit. */
  const cut = computed(() => flow.value && next.value !== null && items.value.length >= FLOW_MAX)
  const filtered = computed(() => Object.keys(filters.value).some((key) => !arranging(key)))
  let running: AbortController | null = null

  const ask = (cursor: string, limit: number, mine: AbortController): Promise<CountedPage<T>> => {
    const asked = setup.ask ? { ...setup.ask(filters.value), cursor } : queryOf(filters.value, cursor)
    return get<CountedPage<T>>(setup.path, { ...asked, limit }, mine.signal)
  }
  /** Reads a page, or of a long list as many rows again as are shown. */
  async function fetchRows(mine: AbortController, rows: number): Promise<CountedPage<T>> {
    if (!flow.value) return ask(cursor.value, LIST_ROWS, mine)
    const page = await ask('', FLOW_ROWS, mine)
    while (page.next && page.items.length < rows) {
      const more = await ask(page.next, FLOW_ROWS, mine)
      page.items.push(...more.items)
      page.next = more.next
    }
    return page
  }
  async function load(rows = 0): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const page = await fetchRows(mine, rows)
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
  const reload = (): Promise<void> => load(items.value.length)
  /** Fetches the next rows of a long list; while it reads, or at the end, nothing. */
  async function grow(): Promise<void> {
    if (!flow.value || loading.value || !next.value || cut.value || problem.value) return
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const page = await ask(next.value, FLOW_ROWS, mine)
      items.value = [...items.value, ...page.items]
      next.value = page.next
    } catch (e) {
      if (mine.signal.aborted) return
      problem.value = asProblem(e)
    }
    if (running === mine) loading.value = false
  }
  /** Reads the shown rows again for what time alone has changed of them, such as the words of deadlines. No row moves, and one
   *  that somebody has changed stays as it was read. */
  async function renew(): Promise<void> {
    if (loading.value || problem.value || items.value.length === 0) return
    const mine = (running = new AbortController())
    const page = await fetchRows(mine, items.value.length).catch(() => null)
    if (!page || mine.signal.aborted || running !== mine) return
    items.value = renewed(items.value, page.items)
  }
  const setFlow = (on: boolean): void => void router.push({ query: { ...queryOf(filters.value), ...kept(), [FLOW]: on ? '1' : undefined } })

  function kept(): Record<string, string> {
    const pairs = [...(setup.keep ?? []), FLOW].map((key) => [key, route.query[key]] as const)
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

  const address = computed(() => JSON.stringify([filters.value, cursor.value, flow.value]))
  watch(address, () => { if (route.name === own) void load() }, { immediate: true })
  onScopeDispose(() => running?.abort())
  useAfterLogin(problem, reload)

  return { items, next, total, loading, problem, read, filters, filtered, at, flows, flow, cut, set, change, clear, goNext, goBack, reload, renew, grow, setFlow }
}

/** A list as the frame around it takes it. */
export type List<T, K extends string> = ReturnType<typeof useList<T, K>>
