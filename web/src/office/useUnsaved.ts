// A form that holds something nobody saved: closing it, leaving its page, going back or closing the browser asks once more,
// and what was typed goes only by a second, deliberate step.

import { onBeforeUnmount, onMounted, ref } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'

/** `dirty` says whether the form holds something; `close` takes it away. */
export function useUnsaved(dirty: () => boolean, close: () => void) {
  /** The question stands: stay, or go without saving. */
  const leaving = ref(false)
  let over = false
  const holds = (): boolean => !over && dirty()

  /** What was typed is saved, or given up: nothing keeps the form any more. */
  function finish(): void {
    over = true
  }
  function leave(): void {
    if (holds() && !leaving.value) {
      leaving.value = true
      return
    }
    finish()
    close()
  }
  function guard(): boolean {
    if (!holds() || leaving.value) return true
    leaving.value = true
    return false
  }
  onBeforeRouteLeave(guard)
  onBeforeRouteUpdate(guard)
  // The browser asks in its own words.
  const warn = (e: BeforeUnloadEvent): void => { if (holds()) e.preventDefault() }
  onMounted(() => addEventListener('beforeunload', warn))
  onBeforeUnmount(() => removeEventListener('beforeunload', warn))
  return { leaving, leave, finish }
}
