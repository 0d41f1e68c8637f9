// Which rows of a list are ticked: plain sets, so that the limit can be tried without a page.

/** Most rows that may be ticked at once; for more there is the filter. */
export const TICKED_MAX = 500

/** The set with `ids` ticked or unticked; what would exceed the limit is left out. */
export function withTicks(ticked: ReadonlySet<string>, ids: readonly string[], on: boolean): Set<string> {
  const now = new Set(ticked)
  for (const id of ids) {
    if (!on) now.delete(id)
    else if (now.size < TICKED_MAX) now.add(id)
  }
  return now
}
