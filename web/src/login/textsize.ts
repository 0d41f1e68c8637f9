// The size of letters on office pages (小, 中, 大), kept in the browser.

export const SIZES = { small: 0.92, medium: 1, large: 1.2 } as const
export type TextSize = keyof typeof SIZES
const KEPT = 'fengsui.text-size'

export function textSize(): TextSize {
  const kept = localStorage.getItem(KEPT)
  return kept && kept in SIZES ? (kept as TextSize) : 'medium'
}
/** Everything grows alike, as by the browser's own zoom; the dark desk keeps its measure. */
export function applyTextSize(size: TextSize): void {
  localStorage.setItem(KEPT, size)
  document.documentElement.dataset.size = size
}
