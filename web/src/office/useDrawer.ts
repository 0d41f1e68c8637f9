// What stands in the drawer of a list (抽屉) is part of the address: a link opens it, the way back closes it.

import { useRoute, useRouter } from 'vue-router'

/** The drawer whose contents are named by these parts of the address. */
export function useDrawer<K extends string>(...keys: K[]) {
  const route = useRoute()
  const router = useRouter()
  const has = (key: K): boolean => key in route.query
  const at = (key: K): string | null => (typeof route.query[key] === 'string' ? route.query[key] : null)
  /** Shows this and nothing else in the drawer; nothing closes it. */
  function show(part: Partial<Record<K, string>> = {}): void {
    const rest = { ...route.query }
    for (const key of keys) delete rest[key]
    void router.push({ query: { ...rest, ...part } })
  }
  const close = (): void => show()
  return { has, at, show, close }
}
