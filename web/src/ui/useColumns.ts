// The columns that this person chose for a list, kept in this browser: a desk is used by several people, each with
// their own eyes.

import { computed, ref } from 'vue'
import { useSession } from '../session'
import { keptOf, shownBy, toggled, type Column } from './columns'

export function useColumns(list: string, all: readonly Column[]) {
  const account = useSession().session?.account.id ?? ''
  const key = `fengsui.columns.${account}.${list}`
  const shown = ref(shownBy(localStorage.getItem(key), all))
  const usual = computed(() => keptOf(shown.value, all) === null)

  function choose(names: string[]): void {
    shown.value = names
    const kept = keptOf(names, all)
    if (kept === null) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  }
  const on = (name: string): boolean => shown.value.includes(name)
  const toggle = (name: string): void => choose(toggled(shown.value, name))
  const reset = (): void => choose(shownBy(null, all))
  return { all, usual, on, toggle, reset }
}

/** The choice as its menu takes it. */
export type Columns = ReturnType<typeof useColumns>
