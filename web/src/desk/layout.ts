// How the three columns of the desk share the window. The queue is never covered.

export type Layout = 'wide' | 'cover' | 'tab' | 'single'
/** Width of the alarm pane where it stands beside or over the map. */
export const PANE_PX = 592

/** 1600 and more: three columns; above 1280 the pane covers the map; above 760 the map is a tab; else one column. */
export function layoutFor(width_px: number): Layout {
  if (width_px >= 1600) return 'wide'
  if (width_px > 1280) return 'cover'
  if (width_px > 760) return 'tab'
  return 'single'
}
