// The bell of the desk: keeps the player in step with the queue, and says what the bar must show.

import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useSession } from '../session'
import { Player } from './player'
import { patternFor, ringKey, soundState } from './sound'
import { useDesk } from './store'

export const useBell = defineStore('bell', () => {
  const desk = useDesk()
  const session = useSession()
  const playable = ref(false)
  const active = ref(false)
  const player = new Player((p) => (playable.value = p))

  const pattern = computed(() => (active.value ? patternFor(desk.alarms) : null))
  const state = computed(() => soundState(session.session?.seat ?? null, playable.value, pattern.value !== null))
  watch(() => (active.value ? ringKey(desk.alarms) : ''), () => player.play(pattern.value))

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
  return { pattern, state, playable, enter, leave, test }
})
