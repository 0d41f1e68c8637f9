// Which columns of a list an officer looks at (选列): what is kept as text, and what it means for the columns there are
// today. The first column names the row and is always there; it is not among these.

export interface Column {
  name: string
  label: string
  /** Not shown before somebody chooses it. */
  extra?: boolean
}

const usual = (all: readonly Column[]): string[] => all.filter((c) => !c.extra).map((c) => c.name)

/** The columns to show by what was kept; the usual ones when nothing was, or when it cannot be read. */
export function shownBy(kept: string | null, all: readonly Column[]): string[] {
  if (kept === null) return usual(all)
  let names: unknown
  try {
    names = JSON.parse(kept)
  } catch {
    return usual(all)
  }
  // A column that is gone since is left out.
  return Array.isArray(names) ? all.map((c) => c.name).filter((name) => names.includes(name)) : usual(all)
}
/** What to keep; nothing for the usual columns, so that a later one joins them by itself. */
export function keptOf(shown: readonly string[], all: readonly Column[]): string | null {
  const names = all.map((c) => c.name).filter((name) => shown.includes(name))
  return JSON.stringify(names) === JSON.stringify(usual(all)) ? null : JSON.stringify(names)
}
export const toggled = (shown: readonly string[], name: string): string[] => (shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name])
