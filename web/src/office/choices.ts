// Choices that come from the catalog of the site (单位类别, 规约). Read once a page load; a site that
// offers none simply has no such filter.

import { ref, type Ref } from 'vue'
import { get } from '../api/client'
import type { Choice } from '../api/types'

const known = new Map<string, Ref<Choice[]>>()

/** The choices of a list, filled when the server has answered. */
export function useChoices(path: '/units/categories' | '/terminals/profiles'): Ref<Choice[]> {
  const ready = known.get(path)
  if (ready) return ready
  const list = ref<Choice[]>([])
  known.set(path, list)
  get<{ items: Choice[] }>(path).then((answer) => { list.value = answer.items }, () => known.delete(path))
  return list
}
