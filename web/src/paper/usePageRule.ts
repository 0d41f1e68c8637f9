// What the printer is told of the page: size, margins, the number at its foot. It can only be said for the whole page of the
// browser, so it is said while something to be printed is shown.

import { onScopeDispose, watch } from 'vue'

export function usePageRule(rule: () => string): void {
  const style = window.document.createElement('style')
  window.document.head.append(style)
  watch(rule, (now) => (style.textContent = now), { immediate: true })
  onScopeDispose(() => style.remove())
}
