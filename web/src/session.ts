// Who is logged in, what they may see, and which seat they hold. Filled once at the start and after
// every change of seat or password; pages only read it.

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { get, post, remove, request, setCsrf } from './api/client'
import type { Proof, Security, Session, ShiftBody, Sound } from './api/types'

/** The server sets this beside the session's own cookie, which no script can read. */
const HINT = 'fengsui_signed_in=1'

export const useSession = defineStore('session', () => {
  const session = ref<Session | null>(null)
  const asked = ref(false)
  /** What one proves oneself with, and where else one is signed in; asked for when it is needed. */
  const security = ref<Security | null>(null)
  /** The session ran out while a desk was open: what is shown stays, actions wait for the password. */
  const expired = ref(false)

  function set(s: Session | null): void {
    session.value = s
    asked.value = true
    // A shift that was over before the page was loaded: the desk shows, and waits for the password.
    expired.value = s?.lock === 'expired'
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
  async function login(account: string, password: string, code?: string): Promise<Session> {
    const s = await request<Session>('POST', '/session', { body: { account, password, ...(code ? { code } : {}) }, quiet: true })
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
  /** Locks the actions of this desk; what is shown and what sounds goes on. */
  async function lock(): Promise<void> {
    set(await post<Session>('/session/lock'))
  }
  async function unlock(proof: Proof): Promise<void> {
    set(await post<Session>('/session/unlock', proof))
  }
  /** The next officer takes over this seat and this browser. */
  async function changeShift(form: ShiftBody): Promise<void> {
    set(await post<Session>(`/seats/${session.value!.seat!.seat}/shift`, form))
    security.value = null
    void loadSecurity()
  }
  async function loadSecurity(): Promise<void> {
    security.value = await get<Security>('/session/security').catch(() => security.value)
  }
  async function setPin(password: string, pin: string): Promise<void> {
    security.value = await post<Security>('/session/pin', { password, pin })
  }
  async function reload(): Promise<void> {
    set(await get<Session>('/session'))
  }
  const can = (permission: string): boolean => session.value?.permissions.includes(permission) ?? false
  /** Locked by its owner, or because nobody touched the desk. */
  const left = computed(() => session.value?.lock === 'left' && !expired.value)
  /** Actions wait, whatever the reason. */
  const waits = computed(() => expired.value || session.value?.lock === 'left')
  const name = computed(() => session.value?.account.name ?? '')
  return {
    security, left, waits, lock, unlock, changeShift, loadSecurity, setPin,
    session, expired, load, login, logout, changePassword, signOn, signOff, reload, set, can, name,
  }
})
