// Which columns of a list an officer looks at, and in which order (选列): what is kept as text, and what it means for the
// columns there are today. The first column names the row and is always there; it is not among these.

export interface Column {
  name: string
  label: string
  /** Not shown before somebody chooses it. */
  extra?: boolean
}

const usual = (all: readonly Column[]): string[] => all.filter((c) => !c.extra).map((c) => c.name)
/** The names that are columns today, each once; a column that is gone since is left out. */
const known = (names: readonly unknown[], all: readonly Column[]): string[] => [...new Set(names)].filter((name): name is string => all.some((c) => c.name === name))
const inOrder = (names: readonly string[], all: readonly Column[]): string[] => all.map((c) => c.name).filter((name) => names.includes(name))

/** The columns to show by what was kept; the usual ones when nothing was, or when it cannot be read. */
export function shownBy(kept: string | null, all: readonly Column[], ordered = false): string[] {
  if (kept === null) return usual(all)
  let names: unknown
  try {
    names = JSON.parse(kept)
  } catch {
    return usual(all)
  }
  if (!Array.isArray(names)) return usual(all)
  return ordered ? known(names, all) : inOrder(known(names, all), all)
}
/** What to keep; nothing for the usual columns, so that a later one joins them by itself. */
export function keptOf(shown: readonly string[], all: readonly Column[], ordered = false): string | null {
  const names = ordered ? known(shown, all) : inOrder(shown, all)
  return JSON.stringify(names) === JSON.stringify(usual(all)) ? null : JSON.stringify(names)
}
export const toggled = (shown: readonly string[], name: string): string[] => (shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name])
/** One place to the left (−1) or to the right (1); at the end it stays. */
export function moved(shown: readonly string[], name: string, by: -1 | 1): string[] {
  const at = shown.indexOf(name)
  const to = at + by
  if (at < 0 || to < 0 || to >= shown.length) return [...shown]
  const next = [...shown]
  next.splice(at, 1)
  next.splice(to, 0, name)
  return next
}

/** The columns as a word of the address carries them; nothing for the usual ones. */
export const columnWord = (shown: readonly string[], all: readonly Column[]): string => (keptOf(shown, all, true) === null ? '' : shown.join(','))
/** The columns that a word of the address asks for; null when it asks for none that there is. */
export function columnsAsked(word: string | undefined, all: readonly Column[]): string[] | null {
  const names = word ? known(word.split(','), all) : []
  return names.length > 0 ? names : null
}
