// Makes the sound with the browser's own oscillators; no sound file exists. Beats are scheduled a few
// seconds ahead, so that a tab in the background does not stutter.

import { beatsBetween, type Pattern, TEST_ROUNDS, PATTERNS } from './sound'

/** How far ahead beats are scheduled; a background tab wakes once a second. */
const AHEAD_S = 2.5
const STEP_MS = 400
const VOLUME = 0.22
/** Ends of a beat are softened over this time, or they click. */
const EDGE_S = 0.012

export class Player {
  private context: AudioContext | null = null
  private gain: GainNode | null = null
  private pattern: Pattern | null = null
  private started_at_s = 0
  private scheduled_to_s = 0
  private timer: ReturnType<typeof setInterval> | null = null
  /** There was a loudspeaker and now there is none, as far as the browser tells. */
  private noOutput = false
  private outputs = 0

  constructor(private readonly onChange: (playable: boolean) => void) {}

  get playable(): boolean {
    return this.context?.state === 'running' && !this.noOutput
  }
  /** Tries to be allowed to sound; browsers grant it only after a click or a key. */
  async unlock(): Promise<boolean> {
    if (!this.context) {
      this.context = new AudioContext()
      this.context.onstatechange = () => this.changed()
      void this.countOutputs()
      navigator.mediaDevices?.addEventListener('devicechange', () => void this.countOutputs())
    }
    if (this.context.state !== 'running') {
      // A browser that refuses leaves the promise open; do not wait for it for ever.
      await Promise.race([this.context.resume().catch(() => undefined), new Promise((r) => setTimeout(r, 300))])
    }
    this.changed()
    return this.playable
  }
  /** Sounds the pattern from its beginning; `null` is silence, at once. */
  play(pattern: Pattern | null): void {
    this.silence()
    this.pattern = pattern
    if (pattern) this.begin()
  }
  /** Two rounds of the fire tone; resolves when they are over. */
  async test(): Promise<boolean> {
    if (!(await this.unlock()) || !this.context) return false
    const length_s = (PATTERNS[1].every_s ?? 1) * TEST_ROUNDS
    const gain = this.newGain()
    for (const b of beatsBetween(PATTERNS[1], 0, length_s)) this.beat(gain, b.freq_hz, this.context.currentTime + 0.05 + b.at_s, b.for_s)
    await new Promise((r) => setTimeout(r, length_s * 1000 + 100))
    gain.disconnect()
    return true
  }
  close(): void {
    this.silence()
    void this.context?.close()
    this.context = null
  }

  /** Only a loss counts: a browser that names no output at all may still sound. */
  private async countOutputs(): Promise<void> {
    const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => null)
    if (!devices) return
    const now = devices.filter((d) => d.kind === 'audiooutput').length
    this.noOutput = now === 0 && (this.noOutput || this.outputs > 0)
    this.outputs = now
    this.changed()
  }
  private changed(): void {
    this.onChange(this.playable)
    if (this.playable && this.pattern && !this.timer) this.begin()
    if (!this.playable) this.stopTimer()
  }
  private begin(): void {
    if (!this.context || !this.playable || this.timer) return
    this.gain = this.newGain()
    this.started_at_s = this.context.currentTime + 0.05
    this.scheduled_to_s = 0
    this.schedule()
    this.timer = setInterval(() => this.schedule(), STEP_MS)
  }
  private schedule(): void {
    if (!this.context || !this.pattern || !this.gain) return
    const to_s = this.context.currentTime - this.started_at_s + AHEAD_S
    for (const b of beatsBetween(this.pattern, this.scheduled_to_s, to_s)) this.beat(this.gain, b.freq_hz, this.started_at_s + b.at_s, b.for_s)
    this.scheduled_to_s = Math.max(this.scheduled_to_s, to_s)
  }
  private beat(to: GainNode, freq_hz: number, at_s: number, for_s: number): void {
    const c = this.context!
    const at = Math.max(at_s, c.currentTime)
    const tone = new OscillatorNode(c, { type: 'triangle', frequency: freq_hz })
    const edge = new GainNode(c, { gain: 0 })
    edge.gain.setValueAtTime(0, at)
    edge.gain.linearRampToValueAtTime(1, at + EDGE_S)
    edge.gain.setValueAtTime(1, at + for_s - EDGE_S)
    edge.gain.linearRampToValueAtTime(0, at + for_s)
    tone.connect(edge).connect(to)
    tone.start(at)
    tone.stop(at + for_s)
  }
  private newGain(): GainNode {
    const gain = new GainNode(this.context!, { gain: VOLUME })
    gain.connect(this.context!.destination)
    return gain
  }
  private stopTimer(): void {
    if (this.timer) clearInterval(this.timer)
    this.timer = null
  }
  private silence(): void {
    this.stopTimer()
    this.gain?.disconnect()
    this.gain = null
    this.pattern = null
  }
}
