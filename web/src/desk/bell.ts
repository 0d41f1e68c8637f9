// The bell of the desk: keeps the player in step with the queue, and says what the bar must show.

import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { post, request } from '../api/client'
import type { Seat, Sound } from '../api/types'
import { useLive } from '../live'
import { useSession } from '../session'
import { Player } from './player'
import { muteHolds, muteLeft, patternFor, ringKey, soundState } from './sound'
import { useDesk } from './store'

/** Longest mute; the server holds the same limit. */
const MUTE_S = 300
/** A sound that is gone for shorter than this is not reported: a page that was just loaded waits for a click. */
const SILENT_MS = 3_000
/** What the sound test said before the sound was lost, for this browser tab. */
const BEFORE = 'fengsui.sound'

export const useBell = defineStore('bell', () => {
  const desk = useDesk()
  const session = useSession()
  const live = useLive()
  const playable = ref(false)
  const active = ref(false)
  const player = new Player((p) => (playable.value = p))

  const seat = computed(() => desk.seats.find((s) => s.officer && s.officer.id === desk.me) ?? null)
  /** The mute of this seat, while it holds. */
  const mute = computed(() => (muteHolds(seat.value?.mute ?? null, desk.alarms, live.now_ms) ? seat.value!.mute : null))
  const muteLeftWords = computed(() => (mute.value ? muteLeft(mute.value, live.now_ms) : null))
  /** What should sound, were it not for the mute. */
  const due = computed(() => (active.value ? patternFor(desk.alarms) : null))
  const pattern = computed(() => (mute.value ? null : due.value))
  const state = computed(() => soundState(session.session?.seat ?? null, playable.value, pattern.value !== null))
  watch(() => (active.value && !mute.value ? ringKey(desk.alarms) : ''), () => player.play(pattern.value))

  /** Silences this seat for five minutes; a second time lets it ring again. */
  async function toggleMute(): Promise<void> {
    const number = session.session?.seat?.seat
    if (!number || session.waits) return
    const path = `/seats/${number}/mute`
    const answer = mute.value ? request<{ items: Seat[] }>('DELETE', path) : post<{ items: Seat[] }>(path, { seconds: MUTE_S })
    const page = await answer.catch(() => null)
    if (page) desk.seats = page.items
  }

  let silent: ReturnType<typeof setTimeout> | null = null
  /** Tells the server when this seat falls silent and when it sounds again, so that everybody sees it. */
  watch(
    () => [session.session?.seat?.seat ?? null, playable.value, active.value] as const,
    ([number, sounds, here]) => {
      if (silent) clearTimeout(silent)
      silent = null
      if (!number || !here) return
      const told = session.session?.seat?.sound
      if (sounds && told === 'blocked') void report(number, (sessionStorage.getItem(BEFORE) as Sound | null) ?? 'heard')
      if (!sounds && told !== 'blocked') silent = setTimeout(() => void report(number, 'blocked'), SILENT_MS)
    },
    { immediate: true },
  )
  async function report(number: number, sound: Sound): Promise<void> {
    if (sound === 'blocked') sessionStorage.setItem(BEFORE, session.session?.seat?.sound ?? 'heard')
    const page = await post<{ items: Seat[] }>(`/seats/${number}/sound`, { sound }).catch(() => null)
    if (!page) return
    desk.seats = page.items
    if (session.session?.seat) session.session.seat.sound = sound
  }

  const unlock = (): void => void (playable.value || player.unlock())
  /** The desk is on screen: sound what must sound, and take every click or key as leave to do so. */
  function enter(): void {
    active.value = true
    void player.unlock()
    addEventListener('pointerdown', unlock, true)
    addEventListener('keydown', unlock, true)
  }
  /** The desk is left: the office is silent. */
  function leave(): void {
    active.value = false
    removeEventListener('pointerdown', unlock, true)
    removeEventListener('keydown', unlock, true)
  }
  const test = (): Promise<boolean> => player.test()
  return { pattern, due, mute, muteLeftWords, state, playable, enter, leave, test, toggleMute }
})
