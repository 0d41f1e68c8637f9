// Something small that opens under its button and closes at a click anywhere else. `hold` takes the element around both.

import { onBeforeUnmount, onMounted, ref } from 'vue'

export function usePopover() {
  const open = ref(false)
  let box: HTMLElement | null = null
  const hold = (el: unknown): void => void (box = el as HTMLElement | null)
  const outside = (e: Event): void => { if (!box?.contains(e.target as Node)) open.value = false }
  onMounted(() => document.addEventListener('pointerdown', outside))
  onBeforeUnmount(() => document.removeEventListener('pointerdown', outside))
  return { open, hold }
}
