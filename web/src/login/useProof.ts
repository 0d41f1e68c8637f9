// Proving once more who one is, where one stands (重新登录): a password or PIN, and the code of the second factor when it is
// wanted. What was right stays standing while the rest is asked for.

import { nextTick, ref, shallowRef } from 'vue'
import { asProblem, type Problem } from '../api/client'

/** `prove` sends it and does whatever follows; `code` only once it was asked for. */
export function useProof(prove: (secret: string, code?: string) => Promise<unknown>) {
  const secret = ref('')
  const code = ref('')
  const asksCode = ref(false)
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const box = ref<HTMLInputElement>()
  let codeBox: HTMLInputElement | null = null
  const holdCode = (el: unknown): void => void (codeBox = el as HTMLInputElement | null)

  async function go(): Promise<void> {
    if (busy.value || !secret.value) return
    if (asksCode.value && !code.value.trim()) return codeBox?.focus()
    busy.value = true
    problem.value = null
    try {
      await prove(secret.value, asksCode.value ? code.value.trim() : undefined)
    } catch (e) {
      await refused(asProblem(e))
    } finally {
      busy.value = false
    }
  }
  /** A code that is wanted or wrong leaves the password standing; anything else begins anew. */
  async function refused(why: Problem): Promise<void> {
    const first = why.code === 'login.code_needed' && !asksCode.value
    asksCode.value = why.code === 'login.code_needed' || why.code === 'login.code_wrong'
    problem.value = first ? null : why
    code.value = ''
    if (!asksCode.value) secret.value = ''
    await nextTick()
    if (asksCode.value) codeBox?.focus()
    else box.value?.focus()
  }
  return { secret, code, asksCode, busy, problem, box, holdCode, go }
}
