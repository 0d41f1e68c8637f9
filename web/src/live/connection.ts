// One EventSource to the server, kept alive: resumes after the last number it saw, gives up a silent
// line and makes a new one, and says when the session has ended. Runs in the shared worker, or in one
// tab of a browser that has none.

import { EVENT_TYPES, type EventType, type LiveMessage } from './messages'
import { clockOffset_ms, isDead, retryPause_ms, type Line } from './state'

const EVENTS = '/api/v1/events'
/** How often the silence is looked at. */
const WATCH_MS = 500
/** How often the two clocks are compared. */
const CLOCK_MS = 60_000

export class Connection {
  private source: EventSource | null = null
  private line: Line = { connected: false, heard_at_ms: 0 }
  private after: number | null = null
  private opened_at_ms = 0
  private attempt = 0
  private offset_ms = 0
  private retry: ReturnType<typeof setTimeout> | null = null
  private readonly watch: ReturnType<typeof setInterval>
  private readonly clock: ReturnType<typeof setInterval>

  constructor(private readonly tell: (m: LiveMessage) => void) {
    this.watch = setInterval(() => this.look(), WATCH_MS)
    this.clock = setInterval(() => void this.compareClocks(), CLOCK_MS)
    this.open()
  }

  /** What a newly opened tab must know. */
  status(): LiveMessage {
    return { kind: 'status', connected: this.line.connected, resumed: false, offset_ms: this.offset_ms }
  }
  /** Starts anew, after a login: another person may see other things. */
  again(): void {
    this.after = null
    this.attempt = 0
    this.open()
  }
  close(): void {
    clearInterval(this.watch)
    clearInterval(this.clock)
    if (this.retry) clearTimeout(this.retry)
    this.source?.close()
  }

  private open(): void {
    if (this.retry) clearTimeout(this.retry)
    this.retry = null
    this.source?.close()
    this.opened_at_ms = Date.now()
    const source = new EventSource(this.after === null ? EVENTS : `${EVENTS}?after=${this.after}`)
    this.source = source
    source.onopen = () => this.opened()
    source.onerror = () => this.failed()
    for (const type of EVENT_TYPES) source.addEventListener(type, (e) => this.heard(type, e as MessageEvent<string>))
  }
  private opened(): void {
    this.attempt = 0
    this.line = { connected: true, heard_at_ms: Date.now() }
    this.tell({ kind: 'status', connected: true, resumed: this.after !== null, offset_ms: this.offset_ms })
    void this.compareClocks()
  }
  private heard(type: EventType, e: MessageEvent<string>): void {
    const at_ms = Date.now()
    this.line.heard_at_ms = at_ms
    const data = JSON.parse(e.data) as { seq?: number }
    // Only the last event of a change has the change's number as its id; a tick carries the number up to which
    // everything has been sent on this line, and 0 says nothing yet. A line that breaks in between asks again.
    const told = type === 'tick' || type === 'resync' ? data.seq : Number(e.lastEventId)
    if (told) this.after = type === 'resync' ? told : Math.max(this.after ?? 0, told)
    this.tell({ kind: 'event', type, data, at_ms })
  }
  private failed(): void {
    this.source?.close()
    this.source = null
    if (this.line.connected) this.tell({ kind: 'status', connected: false, resumed: false, offset_ms: this.offset_ms })
    this.line.connected = false
    void this.checkSession()
    if (!this.retry) this.retry = setTimeout(() => this.open(), retryPause_ms(this.attempt++))
  }
  private look(): void {
    if (this.source && isDead(this.line, this.opened_at_ms, Date.now())) this.failed()
  }
  private async checkSession(): Promise<void> {
    const r = await fetch('/api/v1/session', { credentials: 'same-origin' }).catch(() => null)
    if (r?.status === 401) this.tell({ kind: 'session_lost' })
  }
  private async compareClocks(): Promise<void> {
    const asked_at_ms = Date.now()
    const r = await fetch('/api/v1/public/node', { cache: 'no-store' }).catch(() => null)
    if (!r?.ok) return
    const { time } = (await r.json()) as { time: string }
    this.offset_ms = clockOffset_ms(asked_at_ms, Date.now(), Date.parse(time))
    this.tell({ kind: 'status', connected: this.line.connected, resumed: true, offset_ms: this.offset_ms })
  }
}
