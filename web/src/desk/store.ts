// What the desk knows: the open alarms, the chosen one with its timeline, the counts of today. Filled by
// the server's lists, kept fresh by the live stream, filled anew after a gap.

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { asProblem, get, newKey, post, Problem } from '../api/client'
import type { Action, Alarm, AlarmCounts, AlarmEvent, AlarmPage, AlarmSummary, FrameView, Seat, Timeline, TimelineItem } from '../api/types'
import { useLive } from '../live'
import { t } from '../locale'
import { useSession } from '../session'
import { isAt, rowsOf, toggled, type Bundle } from './bundles'
import { countsOf, groupsOf, membersOf, queueOf, takeTarget, withAlarm, type Alarms, type FilterName } from './queue'

/** New rows keep their ground for this long. */
const FRESH_MS = 2_000

/** Which address and body an action has; the server judges, the page only knows the way. */
const ADDRESS: Record<Action['name'], { path: string; body?: Record<string, string> }> = {
  take: { path: 'take' },
  hand_over: { path: 'hand-over' },
  take_over: { path: 'take-over' },
  verify_real: { path: 'verify', body: { finding: 'real' } },
  verify_false: { path: 'verify', body: { finding: 'false' } },
  verify_test: { path: 'verify', body: { finding: 'test' } },
  verify_undetermined: { path: 'verify', body: { finding: 'undetermined' } },
  forward: { path: 'forward' },
  merge: { path: 'merge' },
  unmerge: { path: 'unmerge' },
  note: { path: 'note' },
  close: { path: 'close' },
}

export const useDesk = defineStore('desk', () => {
  const session = useSession()
  const live = useLive()
  const alarms = shallowRef<Alarms>(new Map())
  const loaded = ref(false)
  const problem = ref<Problem | null>(null)
  const counts = shallowRef<AlarmCounts | null>(null)
  const seats = shallowRef<Seat[]>([])
  const filter = ref<FilterName>('all')
  const text = ref('')
  const chosen = ref<string | null>(null)
  /** The cursor is on the head of a bundle, not on the chosen alarm inside it. */
  const onHead = ref(false)
  /** Alarms whose bundle stands open. */
  const opened = shallowRef<ReadonlySet<string>>(new Set())
  const detail = shallowRef<Alarm | null>(null)
  const detailProblem = ref<Problem | null>(null)
  const timeline = shallowRef<TimelineItem[]>([])
  const frame = shallowRef<FrameView | null>(null)
  const frameOpen = ref(false)
  /** The action whose form is open. */
  const form = shallowRef<Action | null>(null)
  const formKey = ref('')
  const busy = ref(false)
  const actionProblem = shallowRef<Problem | null>(null)
  const fresh = ref(new Set<string>())
  const announcement = ref('')
  /** The panel of the shift change stands open. */
  const shifting = ref(false)

  const me = computed(() => session.session?.account.id ?? null)
  const groups = computed(() => groupsOf(alarms.value, { filter: filter.value, text: text.value, me: me.value }))
  /** What rings, line by line: lines lost together are one row. */
  const rows = computed(() => rowsOf(groups.value[0]!.alarms, opened.value))
  function toggle(bundle: Bundle): void {
    opened.value = toggled(bundle, opened.value)
    onHead.value = true
  }
  /** The bundle under the cursor, when it is one. */
  const headed = computed(() => rows.value.find((r) => r.head && isAt(r, { chosen: chosen.value, onHead: onHead.value }, opened.value))?.bundle ?? null)
  const members = computed(() => membersOf(alarms.value))
  const filterCounts = computed(() => countsOf(alarms.value, me.value))
  /** All that rings, whatever the filter hides. */
  const ringing = computed(() => groupsOf(alarms.value, { filter: 'all', text: '', me: null })[0]!.alarms)
  const toTake = computed(() => takeTarget(alarms.value, ringing.value, chosen.value))

  /** What may be done with the chosen alarm. While the line is cut nothing may, and each says why. */
  const actions = computed<Action[]>(() => {
    const given = detail.value?.actions ?? []
    const reason = live.stale ? t('desk.cutOff') : session.waits ? t('guard.waits') : null
    return reason ? given.map((a) => ({ ...a, allowed: false, reason })) : given
  })

  let readings = 0
  /** The reading that counts; 0 while none is on its way. */
  let reading = 0
  /** What was heard since the last reading of the queue was asked for. */
  let heard: AlarmSummary[] = []
  async function loadQueue(): Promise<void> {
    const mine = ++readings
    reading = mine
    heard = []
    try {
      const page = await get<AlarmPage>('/alarms/queue')
      if (mine !== reading) return
      alarms.value = queueOf(page.items, heard)
      problem.value = null
      loaded.value = true
    } catch (e) {
      if (mine === reading) problem.value = asProblem(e)
    } finally {
      if (mine === reading) [reading, heard] = [0, []]
    }
  }
  async function loadCounts(): Promise<void> {
    counts.value = await get<AlarmCounts>('/alarms/counts').catch(() => counts.value)
  }
  async function loadSeats(): Promise<void> {
    // Who only looks on has no seat to take, and the server keeps the list from them.
    if (!session.can('alarm.handle')) return
    const page = await get<{ items: Seat[] }>('/seats').catch(() => null)
    if (page) seats.value = page.items
  }
  /** Everything anew: at the start and after a gap in the stream. */
  async function reload(): Promise<void> {
    await Promise.all([loadQueue(), loadCounts(), loadSeats(), chosen.value ? loadDetail(chosen.value) : null])
  }

  let asked = 0
  async function loadDetail(id: string): Promise<void> {
    const mine = ++asked
    try {
      const [alarm, lines] = await Promise.all([get<Alarm>(`/alarms/${id}`), get<Timeline>(`/alarms/${id}/timeline`)])
      if (mine !== asked || chosen.value !== id) return
      detail.value = alarm
      timeline.value = lines.items
      detailProblem.value = null
      if (alarm.frame_seq !== null) void loadFrame()
    } catch (e) {
      if (mine === asked) detailProblem.value = asProblem(e)
    }
  }
  /** Chooses an alarm for the pane; `null` empties it. What was typed in another alarm's form goes with it. */
  function choose(id: string | null): void {
    if (id === chosen.value) return
    chosen.value = id
    detail.value = null
    detailProblem.value = null
    timeline.value = []
    frame.value = null
    frameOpen.value = false
    closeForm()
    if (id) void loadDetail(id)
  }

  function hear(e: AlarmEvent): void {
    const isNew = !alarms.value.has(e.alarm.id)
    alarms.value = withAlarm(alarms.value, e.alarm)
    if (reading) heard.push(e.alarm)
    if (isNew && e.alarm.state === 'raised') appear(e.alarm)
    if (e.alarm.id === chosen.value && e.alarm.version !== detail.value?.version) void loadDetail(e.alarm.id)
    countSoon()
  }
  /** A row that is new is lit for a moment; one that rings is also read out, once. */
  function appear(a: AlarmSummary): void {
    if (a.rings) announcement.value = [t(`level.short${a.level}`), a.class_label, a.unit?.name ?? t('desk.unknownTerminal')].join(' ')
    fresh.value.add(a.id)
    setTimeout(() => fresh.value.delete(a.id), FRESH_MS)
  }
  let soon: ReturnType<typeof setTimeout> | null = null
  /** Counts follow a burst of events once, not once each. */
  function countSoon(): void {
    soon ??= setTimeout(() => {
      soon = null
      void loadCounts()
    }, 500)
  }

  function openForm(action: Action): void {
    form.value = action
    formKey.value = newKey()
    actionProblem.value = null
  }
  function closeForm(): void {
    form.value = null
    actionProblem.value = null
  }
  /** Does an action of an alarm. A failure keeps the form as it was; the same key is sent again. */
  async function act(id: string, name: Action['name'], fields: Record<string, string> = {}): Promise<boolean> {
    if (busy.value || live.stale || session.waits) return false
    busy.value = true
    actionProblem.value = null
    const way = ADDRESS[name]
    try {
      const alarm = await post<Alarm>(`/alarms/${id}/${way.path}`, { ...way.body, ...fields }, { key: form.value ? formKey.value : newKey() })
      alarms.value = withAlarm(alarms.value, alarm)
      form.value = null
      if (chosen.value === id) {
        detail.value = alarm
        void loadDetail(id)
      }
      countSoon()
      return true
    } catch (e) {
      actionProblem.value = asProblem(e)
      if (chosen.value === id) void loadDetail(id)
      return false
    } finally {
      busy.value = false
    }
  }
  async function toggleFrame(): Promise<void> {
    frameOpen.value = !frameOpen.value
    if (frameOpen.value) await loadFrame()
  }
  async function loadFrame(): Promise<void> {
    const id = chosen.value
    if (!id || frame.value) return
    const f = await get<FrameView>(`/alarms/${id}/frame`).catch(() => null)
    if (chosen.value === id) frame.value = f
  }

  return {
    alarms, loaded, problem, counts, seats, filter, text, chosen, detail, detailProblem, timeline, frame, frameOpen, form,
    busy, actions, actionProblem, fresh, announcement, shifting, me, groups, rows, opened, onHead, headed, toggle, members, filterCounts, ringing, toTake,
    reload, loadSeats, loadQueue, choose, hear, openForm, closeForm, act, toggleFrame, loadFrame,
  }
})
