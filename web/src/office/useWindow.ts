// The window over the rows of a long list: follows the scrolling of the box around the table.

import { onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'
import { ROW_PX, windowOf, type RowWindow } from './window'

/** `box` scrolls, `body` holds the rows; `count` is how many there are. Measured once a frame at most. */
export function useWindow(box: Ref<HTMLElement | undefined>, body: Ref<HTMLElement | undefined>, count: () => number) {
  const drawn = ref<RowWindow>(windowOf(0, window.innerHeight, ROW_PX, count()))
  const row_px = ref(ROW_PX)
  let asked = 0
  let sizes: ResizeObserver | null = null

  function measure(): void {
    asked = 0
    if (!box.value) return
    const edge = box.value.getBoundingClientRect()
    const top = body.value?.getBoundingClientRect().top ?? edge.top
    const row = body.value?.querySelector('tr.go')?.getBoundingClientRect().height
    if (row) row_px.value = row
    const next = windowOf(edge.top - top, edge.height, row_px.value, count())
    if (next.from !== drawn.value.from || next.to !== drawn.value.to) drawn.value = next
  }
  const soon = (): void => { asked ||= requestAnimationFrame(measure) }
  onMounted(() => {
    box.value?.addEventListener('scroll', soon, { passive: true })
    sizes = new ResizeObserver(soon)
    if (box.value) sizes.observe(box.value)
    soon()
  })
  watch(count, soon, { flush: 'post' })
  onBeforeUnmount(() => {
    cancelAnimationFrame(asked)
    sizes?.disconnect()
  })
  return { drawn, row_px }
}
