// Which rows of a long list are drawn: those that can be seen, and some above and below, so that scrolling and the keys ↑ ↓
// never meet a gap. All rows are of one height.

/** Rows drawn above and below what is seen. */
export const SPARE_ROWS = 12
/** The height of a row until one was measured. */
export const ROW_PX = 53

export interface RowWindow { from: number; to: number }

/** The rows to draw of `count`; `seen_px` is how far the first row lies above the upper edge, negative when it lies below. */
export function windowOf(seen_px: number, height_px: number, row_px: number, count: number): RowWindow {
  const first = Math.floor(seen_px / row_px) - SPARE_ROWS
  const last = Math.ceil((seen_px + height_px) / row_px) + SPARE_ROWS
  const from = Math.min(Math.max(0, first), count)
  return { from, to: Math.max(from, Math.min(count, last)) }
}
/** Whether the next rows must be fetched: fewer than a screen of them is left below what is drawn. */
export const runsOut = (drawn: RowWindow, count: number): boolean => count - drawn.to <= 2 * SPARE_ROWS
