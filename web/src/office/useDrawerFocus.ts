// Where the keyboard is when the drawer of a list opens and closes: in the drawer when what opened it is gone, and back on the
// row, or on the button, when it closes. Without this it would start again at the top of the page.

import { nextTick, watch, type Ref } from 'vue'

/** What a row is focused by. */
const ROW = 'a.name, button.name, button.el'

interface Places { box: Ref<HTMLElement | undefined>; drawer: Ref<HTMLElement | undefined> }

/** `open` says whether the drawer stands, `lit` which row is in it. */
export function useDrawerFocus(places: Places, open: () => boolean, lit: () => string | null): void {
  let opener: HTMLElement | null = null
  let last: string | null = null
  const lost = (): boolean => document.activeElement === document.body || document.activeElement === null
  const row = (): HTMLElement | null => (last === null ? null : places.box.value?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(last)}"]`)?.querySelector<HTMLElement>(ROW) ?? null)

  watch(lit, (now) => { if (now !== null) last = now }, { immediate: true })
  // Before the page changes: what has the focus now is what opened or closes it.
  watch(open, async (now) => {
    const within = document.activeElement as HTMLElement | null
    if (now) opener = within
    await nextTick()
    if (!lost()) return
    if (now) places.drawer.value?.focus({ preventScroll: true })
    else (row() ?? (opener?.isConnected ? opener : null) ?? places.box.value)?.focus({ preventScroll: true })
    if (!now) last = null
  }, { flush: 'pre' })
}
