// Reloading when the live stream says something changed, but not more often than every few seconds:
// a storm of alarms must not become a storm of reads.

import { onScopeDispose } from 'vue'

/** At most one reload in this time. */
export const RELOAD_EVERY_MS = 5_000

/** Call the returned function as often as you like. */
export function useSlowReload(reload: () => unknown): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  onScopeDispose(() => { if (timer) clearTimeout(timer) })
  return () => {
    timer ??= setTimeout(() => {
      timer = null
      reload()
    }, RELOAD_EVERY_MS)
  }
}
