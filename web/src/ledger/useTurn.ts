// Deadlines on a page that stays open: their words are asked for anew when time alone has changed them, also when the computer
// slept meanwhile or the page was out of sight.

import { onScopeDispose, watch } from 'vue'
import { useLive } from '../live'
import { nextTurn_ms } from './turn'
import type { DeadlineView } from './types'

/** Never asks more often, whatever the clocks say. */
const LEAST_MS = 20_000

/** `deadlines` are those that the page shows; `renew` reads their words. */
export function useTurn(deadlines: () => readonly Pick<DeadlineView, 'on' | 'due_at' | 'standing'>[], renew: () => unknown): void {
  const live = useLive()
  let timer: ReturnType<typeof setTimeout> | undefined
  let planned_ms = 0

  function plan(): void {
    clearTimeout(timer)
    planned_ms = nextTurn_ms(deadlines(), live.now_ms)
    timer = setTimeout(turn, Math.max(LEAST_MS, planned_ms - live.now_ms))
  }
  function turn(): void {
    renew()
    plan()
  }
  const seen = (): void => { if (document.visibilityState === 'visible' && live.now_ms >= planned_ms) turn() }
  watch(deadlines, plan, { immediate: true })
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })
}
