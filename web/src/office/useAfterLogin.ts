// Reading again after the session ran out and the same person signed in where she was: only what the lost session had stopped.

import { watch, type Ref } from 'vue'
import type { Problem } from '../api/client'
import { useSession } from '../session'

const LOST = 401

export function useAfterLogin(problem: Ref<Problem | null>, reload: () => unknown): void {
  const session = useSession()
  watch(() => session.expired, (expired) => { if (!expired && problem.value?.status === LOST) reload() })
}
