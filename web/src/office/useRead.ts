// One thing read from the server: the value, whether it is being read, and what went wrong. A value
// once read stays on the screen while it is read again, and its age is known.

import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'
import { asProblem, get, type Problem } from '../api/client'
import { useAfterLogin } from './useAfterLogin'

type Query = Parameters<typeof get>[1]

/** Reads `path()` now and whenever it changes; an empty path reads nothing. */
export function useRead<T>(path: WatchSource<string> & (() => string), query: () => Query = () => undefined) {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const loading = ref(false)
  const read_at = ref<number | null>(null)
  let running: AbortController | null = null

  async function reload(): Promise<void> {
    running?.abort()
    if (path() === '') return
    const mine = (running = new AbortController())
    loading.value = true
    try {
      value.value = await get<T>(path(), query(), mine.signal)
      problem.value = null
      read_at.value = Date.now()
    } catch (e) {
      if (mine.signal.aborted) return
      problem.value = asProblem(e)
    }
    if (running === mine) loading.value = false
  }
  watch(() => [path(), JSON.stringify(query() ?? {})], ([now], before) => {
    if (before && now !== before[0]) value.value = null
    void reload()
  }, { immediate: true })
  onScopeDispose(() => running?.abort())
  useAfterLogin(problem, reload)
  return { value, problem, loading, read_at, reload }
}
