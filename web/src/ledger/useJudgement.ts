// What the rules make of a form while it is filled in: asked of the server a moment after the last key, never reckoned
// here. An answer that comes late is not shown over a newer one.

import { computed, onScopeDispose, shallowRef, watch, type WatchSource } from 'vue'
import { post } from '../api/client'
import type { TrialResult } from './types'

/** Whoever types is not answered at every key. */
const PAUSE_MS = 350

export interface TrialForm { entry?: string; region?: string; fields: Record<string, unknown> }

/** Asks whenever what `form` says has changed; a form that nothing is reckoned from says null. */
export function useJudgement(kind: () => string, form: WatchSource<TrialForm | null> & (() => TrialForm | null)) {
  const trial = shallowRef<TrialResult | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function ask(body: TrialForm): Promise<void> {
    const mine = ++asked
    // A line that is lost is told when the form is sent; meanwhile the last answer stays.
    const found = await post<TrialResult>(`/ledgers/${kind()}/judgement`, body).catch(() => null)
    if (found && mine === asked) trial.value = found
  }
  watch(() => JSON.stringify(form()), () => {
    clearTimeout(timer)
    const body = form()
    if (body) timer = setTimeout(() => void ask(body), trial.value ? PAUSE_MS : 0)
    else asked++
  }, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return { trial, fills: computed(() => new Set(trial.value?.fills ?? [])) }
}
