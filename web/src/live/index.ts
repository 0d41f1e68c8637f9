// The live stream as pages see it: `useLive()` gives the state of the line, the server's clock and the
// last tick; `onLive('alarm', f)` calls `f` for each event while the component lives.

import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { whenSessionLost } from '../api/client'
import type { AlarmEvent, DutyCheckEvent, EntryEvent, Resync, SeatEvent, TerminalEvent, Tick, UnitEvent } from '../api/types'
import { openChannel, type Channel } from './channel'
import type { EventType, LiveMessage } from './messages'
import { isStale, latency_ms, showsBanner, silence_ms, type Line } from './state'

export interface LiveEvents {
  alarm: AlarmEvent
  terminal: TerminalEvent
  unit: UnitEvent
  seat: SeatEvent
  duty_check: DutyCheckEvent
  entry: EntryEvent
  tick: Tick
  resync: Resync
  /** Not from the server: the line is open again without a gap to reload for (`false`), or with one (`true`). */
  opened: boolean
}
type Listener = (data: never) => void

const listeners = new Map<keyof LiveEvents, Set<Listener>>()

function fire<K extends keyof LiveEvents>(type: K, data: LiveEvents[K]): void {
  for (const f of listeners.get(type) ?? []) (f as (d: LiveEvents[K]) => void)(data)
}

/** Listens while the surrounding component lives. */
export function onLive<K extends keyof LiveEvents>(type: K, f: (data: LiveEvents[K]) => void): void {
  const set = listeners.get(type) ?? new Set<Listener>()
  listeners.set(type, set)
  set.add(f as Listener)
  onScopeDispose(() => set.delete(f as Listener))
}

export const useLive = defineStore('live', () => {
  const line = ref<Line>({ connected: false, heard_at_ms: 0 })
  const local_ms = ref(Date.now())
  const offset_ms = ref(0)
  const tick = shallowRef<Tick | null>(null)
  const latency = ref<number | null>(null)
  let channel: Channel | null = null
  let lost: () => void = () => {}

  function hear(m: LiveMessage): void {
    if (m.kind === 'session_lost') return lost()
    if (m.kind === 'status') {
      const opens = m.connected && !line.value.connected
      offset_ms.value = m.offset_ms
      line.value = { connected: m.connected, heard_at_ms: opens ? Date.now() : line.value.heard_at_ms }
      if (opens) fire('opened', !m.resumed)
      return
    }
    line.value = { connected: true, heard_at_ms: m.at_ms }
    if (m.type === 'tick') hearTick(m.data as Tick, m.at_ms)
    fire(m.type as EventType, m.data as never)
  }
  function hearTick(data: Tick, at_ms: number): void {
    tick.value = data
    latency.value = latency_ms(Date.parse(data.now), at_ms, offset_ms.value)
    local_ms.value = Date.now()
  }
  /** Opens the line; later calls do nothing. */
  function start(): void {
    if (channel) return
    channel = openChannel(hear)
    channel.send({ kind: 'hello' })
    window.addEventListener('pagehide', () => channel?.send({ kind: 'bye' }))
    window.addEventListener('pageshow', (e) => e.persisted && channel?.send({ kind: 'hello' }))
    setInterval(() => (local_ms.value = Date.now()), 250)
  }
  /** Makes the connection anew, after a login. */
  function again(): void {
    if (channel) channel.send({ kind: 'again' })
  }
  function onSessionLost(f: () => void): void {
    lost = f
    whenSessionLost(f)
  }

  /** The server's present time, in milliseconds; moves four times a second. */
  const now_ms = computed(() => local_ms.value + offset_ms.value)
  const stale = computed(() => isStale(line.value, local_ms.value))
  const banner = computed(() => showsBanner(line.value, local_ms.value))
  const lostFor_s = computed(() => silence_ms(line.value, local_ms.value) / 1000)
  /** When the last sign of life came, in server time. */
  const heard_at_ms = computed(() => line.value.heard_at_ms + offset_ms.value)
  return { start, again, onSessionLost, now_ms, stale, banner, lostFor_s, heard_at_ms, tick, latency, line }
})
