// Who is logged in, what they may see, and which seat they hold. Filled once at the start and after
// every change of seat or password; pages only read it.

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { get, post, remove, request, setCsrf } from './api/client'
import type { Session, Sound } from './api/types'

/** The server sets this beside the session's own cookie, which no script can read. */
const HINT = 'fengsui_signed_in=1'

export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null)
  const asked = ref(false)
  /** The session ran out while a desk was open: what is shown stays, actions wait for the password. */
  const expired = ref(false)

  function set(s: Session | null): void {
    session.value = s
    asked.value = true
    expired.value = false
    setCsrf(s?.csrf ?? '')
  }
  /** Asks the server once, and only if somebody logged in here; `null` when nobody is logged in. */
  async function load(): Promise<Session | null> {
    if (asked.value) return session.value
    if (!document.cookie.split('; ').includes(HINT)) {
      set(null)
      return null
    }
    try {
      set(await request<Session>('GET', '/session', { quiet: true }))
    } catch (e) {
      if ((e as { status?: number }).status === 401) set(null)
      else throw e
    }
    return session.value
  }
  async function login(account: string, password: string): Promise<Session> {
    const s = await request<Session>('POST', '/session', { body: { account, password }, quiet: true })
    set(s)
    return s
  }
  async function changePassword(current: string, fresh: string): Promise<void> {
    set(await post<Session>('/session/password', { current, fresh }))
  }
  async function logout(): Promise<void> {
    await remove('/session').catch(() => undefined)
    set(null)
  }
  async function signOn(seat: number, sound: Sound): Promise<void> {
    set(await post<Session>(`/seats/${seat}/sign-on`, { sound }))
  }
  async function signOff(seat: number): Promise<void> {
    set(await post<Session>(`/seats/${seat}/sign-off`))
  }
  async function reload(): Promise<void> {
    set(await get<Session>('/session'))
  }
  const can = (permission: string): boolean => session.value?.permissions.includes(permission) ?? false
  const name = computed(() => session.value?.account.name ?? '')
  return { session, expired, load, login, logout, changePassword, signOn, signOff, reload, set, can, name }
})
