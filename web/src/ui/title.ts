// What stands on the tab of the browser (标题): the word of the page, or of what it shows right now, so that five open tabs can be
// told apart. The innermost part of a page that says something is heard.

import { computed, onScopeDispose, shallowRef } from 'vue'

type Said = () => string | null | undefined

const said = shallowRef<readonly Said[]>([])

/** Names the tab while the surrounding component lives and `words` says something. */
export function useTitle(words: Said): void {
  said.value = [...said.value, words]
  onScopeDispose(() => (said.value = said.value.filter((one) => one !== words)))
}
/** The words of the innermost part; null when no part says any. */
export const shownTitle = computed(() => said.value.map((one) => one()).findLast(Boolean) ?? null)
