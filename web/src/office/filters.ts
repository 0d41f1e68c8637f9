// Filters of a list, kept in the address of the page (地址栏), so that a list can be shared, reloaded
// and gone back to. Unknown or empty parts of an address are ignored.

/** What the router hands over for one part of the address. */
export type QueryValue = string | null | undefined | (string | null)[]

/** The filter values of a list; absent means not filtered. */
export type Filters<K extends string> = Partial<Record<K, string>>

/** Reads the known filters out of an address. */
export function filtersFrom<K extends string>(keys: readonly K[], query: Record<string, QueryValue>): Filters<K> {
  const filters: Filters<K> = {}
  for (const key of keys) {
    const raw = query[key]
    const value = Array.isArray(raw) ? raw[0] : raw
    if (typeof value === 'string' && value.trim() !== '') filters[key] = value
  }
  return filters
}

/** The address part of filters and cursor: empty ones are left out, so that addresses stay short. */
export function queryOf(filters: Record<string, string | undefined>, cursor = ''): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [key, value] of Object.entries(filters)) {
    if (value !== undefined && value !== '') query[key] = value
  }
  if (cursor !== '') query.cursor = cursor
  return query
}

/** Whether two addresses show the same list. */
export function sameQuery(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => a[key] === b[key])
}
