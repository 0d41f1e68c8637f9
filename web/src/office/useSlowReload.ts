// Reloading when the live stream says something changed, but not more often than every few seconds:
// a storm of alarms must not become a storm of reads.

import { onScopeDispose } from 'vue'
import { onLive, type LiveEvents } from '../live'

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

/** Reads again, not too often, whenever the live stream tells of one of these, or that something was missed. */
export function useLiveReload(reload: () => unknown, ...types: (keyof LiveEvents)[]): () => void {
  const soon = useSlowReload(reload)
  for (const type of [...types, 'resync'] as const) onLive(type, soon)
  return soon
}
