// Sending a form: once at a time, each mistake to its field, what belongs to no field above the form, and one key for
// one filled form, so that pressing twice or a lost line makes one record.

import { nextTick, ref, shallowRef } from 'vue'
import { asProblem, newKey, type Problem } from '../api/client'
import { sortErrors } from './field-errors'
import { useAfterLogin } from './useAfterLogin'

interface Setup<T> {
  /** Whether the form shows this field. */
  shows: (field: string) => boolean
  send: (key: string) => Promise<T>
  done: (made: T) => void
  /** Takes a refusal over that the form shows in its own way; answers whether it did. */
  refused?: (why: Problem) => boolean | Promise<boolean>
}

export function useSubmit<T>(setup: Setup<T>) {
  const errors = ref<Record<string, string>>({})
  const general = ref<string[]>([])
  const problem = shallowRef<Problem | null>(null)
  const busy = ref(false)
  /** What the form holds has arrived. */
  const sent = ref(false)
  const form = ref<HTMLFormElement>()
  let key = newKey()

  // Who has signed in again needs not be told to.
  useAfterLogin(problem, () => (problem.value = null))
  async function submit(): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = null
    errors.value = {}
    general.value = []
    try {
      const made = await setup.send(key)
      sent.value = true
      setup.done(made)
    } catch (e) {
      const why = asProblem(e)
      if (!(await setup.refused?.(why))) show(why)
    } finally {
      busy.value = false
    }
  }
  function show(why: Problem): void {
    const sorted = sortErrors(why.errors, setup.shows)
    errors.value = sorted.byField
    general.value = sorted.general
    problem.value = why
    if (why.status !== 0) key = newKey()
    void nextTick(() => form.value?.querySelector<HTMLElement>('[data-error] .in')?.focus())
  }
  return { errors, general, problem, busy, sent, form, submit }
}

export type Submit = Pick<ReturnType<typeof useSubmit>, 'general' | 'problem' | 'busy' | 'sent' | 'form' | 'submit'>
