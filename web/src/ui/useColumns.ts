// The columns that this person chose for a list, kept in this browser: a desk is used by several people, each with
// their own eyes. A list whose address can carry columns (a saved view, a link of a colleague) shows those instead.

import { computed, ref } from 'vue'
import { useSession } from '../session'
import { columnsAsked, columnWord, keptOf, moved, shownBy, toggled, type Column } from './columns'

/** The word of an address that carries columns: how it reads now, and the way to change it. */
export interface AskedColumns { word: () => string | undefined; ask: (word: string) => void }

export function useColumns(list: string, all: readonly Column[], asked?: AskedColumns) {
  const ordered = asked !== undefined
  const account = useSession().session?.account.id ?? ''
  const key = `fengsui.columns.${account}.${list}`
  const own = ref(shownBy(localStorage.getItem(key), all, ordered))
  const given = computed(() => (asked ? columnsAsked(asked.word(), all) : null))
  const shown = computed(() => given.value ?? own.value)
  const usual = computed(() => keptOf(shown.value, all, ordered) === null)

  function choose(names: string[]): void {
    // Whoever changes the columns of a view looks at them; what she keeps for herself stays.
    if (given.value && asked) return asked.ask(names.length > 0 ? names.join(',') : '')
    own.value = names
    const kept = keptOf(names, all, ordered)
    if (kept === null) localStorage.removeItem(key)
    else localStorage.setItem(key, kept)
  }
  const on = (name: string): boolean => shown.value.includes(name)
  const toggle = (name: string): void => choose(toggled(shown.value, name))
  const move = (name: string, by: -1 | 1): void => choose(moved(shown.value, name, by))
  const reset = (): void => (given.value && asked ? asked.ask('') : choose(shownBy(null, all)))
  /** The columns as an address carries them. */
  const word = computed(() => columnWord(shown.value, all))
  return { all, shown, usual, on, toggle, move, reset, word, ordered }
}

/** The choice as its menu takes it. */
export type Columns = ReturnType<typeof useColumns>
