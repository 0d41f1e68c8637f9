// Which tone sounds, and when it must not.
import { describe, expect, it } from 'vitest'
import { alarm } from './example'
import { PATTERNS, beatsBetween, muteHolds, muteLeft, patternFor, ringKey, soundState } from './sound'

const of = (...list: ReturnType<typeof alarm>[]): ReturnType<typeof patternFor> => patternFor(new Map(list.map((a) => [a.id, a])))

describe('which tone', () => {
  it('is the fire tone when a fire and a fault ring', () => {
    expect(of(alarm('a', { level: 3, class: 'fault' }), alarm('b'))?.level).toBe(1)
  })
  it('falls to the fault tone once the fire is taken', () => {
    expect(of(alarm('a', { level: 3, class: 'fault' }), alarm('b', { state: 'taken', rings: false }))?.level).toBe(3)
  })
  it('is silence for late and skewed alarms and when nothing waits', () => {
    expect(of(alarm('a', { timing: 'late', rings: false }))).toBeNull()
    expect(of(alarm('a', { timing: 'skewed', rings: false }))).toBeNull()
    expect(of()).toBeNull()
  })
})

describe('a mute', () => {
  const mute = { since: '2026-11-21T06:00:00Z', until: '2026-11-21T06:05:00Z' }
  const at = (text: string): number => Date.parse(text)
  const queue = (...list: ReturnType<typeof alarm>[]): Map<string, ReturnType<typeof alarm>> => new Map(list.map((a) => [a.id, a]))
  const before = alarm('a', { raised_at: '2026-11-21T05:59:59Z' })
  it('holds for its time and not a millisecond longer', () => {
    expect(muteHolds(mute, queue(before), at('2026-11-21T06:04:59.999Z'))).toBe(true)
    expect(muteHolds(mute, queue(before), at('2026-11-21T06:05:00Z'))).toBe(false)
    expect(muteHolds(null, queue(before), at('2026-11-21T06:01:00Z'))).toBe(false)
  })
  it('is ended by a new fire, also when that fire is taken, and not by a new fault or a late fire', () => {
    const now = at('2026-11-21T06:01:00Z')
    const later = { raised_at: '2026-11-21T06:00:30Z' }
    expect(muteHolds(mute, queue(before, alarm('b', later)), now)).toBe(false)
    expect(muteHolds(mute, queue(before, alarm('b', { ...later, state: 'taken' })), now)).toBe(false)
    expect(muteHolds(mute, queue(before, alarm('b', { ...later, level: 3, class: 'fault' })), now)).toBe(true)
    expect(muteHolds(mute, queue(before, alarm('b', { ...later, timing: 'late', rings: false })), now)).toBe(true)
  })
  it('counts down in minutes and seconds', () => {
    expect(muteLeft(mute, at('2026-11-21T06:00:28Z'))).toBe('4:32')
    expect(muteLeft(mute, at('2026-11-21T06:04:59.500Z'))).toBe('0:01')
  })
})

describe('beats', () => {
  it('leaves no gap in the fire tone', () => {
    const beats = beatsBetween(PATTERNS[1], 0, 3)
    expect(beats.length).toBe(6)
    for (let i = 1; i < beats.length; i++) expect(beats[i]!.at_s).toBeCloseTo(beats[i - 1]!.at_s + beats[i - 1]!.for_s)
  })
  it('beats once in ten seconds for a fault', () => {
    expect(beatsBetween(PATTERNS[3], 0, 30).map((b) => b.at_s)).toEqual([0, 10, 20])
  })
  it('sounds a notice once', () => {
    expect(beatsBetween(PATTERNS[4], 0, 60).length).toBe(1)
    expect(beatsBetween(PATTERNS[4], 5, 60)).toEqual([])
  })
  it('schedules no beat twice over adjoining spans', () => {
    const whole = beatsBetween(PATTERNS[1], 0, 2).length
    expect(beatsBetween(PATTERNS[1], 0, 0.7).length + beatsBetween(PATTERNS[1], 0.7, 2).length).toBe(whole)
  })
})

describe('what the bar says', () => {
  it('says 无声 for as long as the sound is blocked', () => {
    expect(soundState(null, false, true)).toBe('blocked')
    expect(soundState({ sound: 'heard' }, false, false)).toBe('blocked')
  })
  it('says 声音未试 before sign-on and 已试 after', () => {
    expect(soundState(null, true, false)).toBe('untested')
    expect(soundState(null, false, false)).toBe('untested')
    expect(soundState({ sound: 'heard' }, true, true)).toBe('tested')
    expect(soundState({ sound: 'not_heard' }, true, false)).toBe('not_heard')
  })
})

describe('when the bell begins anew', () => {
  const notice = (id: string, raised_at: string): [string, ReturnType<typeof alarm>] => [id, alarm(id, { level: 4, class: 'supervisory', raised_at })]
  it('sounds again for each notice, which sounds only once', () => {
    const one = new Map([notice('a', '2026-11-21T06:00:00Z')])
    const two = new Map([...one, notice('b', '2026-11-21T06:01:00Z')])
    expect(ringKey(one)).not.toBe(ringKey(two))
    expect(ringKey(new Map())).toBe('')
  })
  it('goes on unbroken when a second fire comes', () => {
    expect(ringKey(new Map([['a', alarm('a')], ['b', alarm('b')]]))).toBe(ringKey(new Map([['a', alarm('a')]])))
  })
  it('rings differently when a fire is rung for again, and begins anew then', () => {
    const once = new Map([['a', alarm('a')]])
    const again = new Map([['a', alarm('a', { rings_again: 1 })]])
    expect(patternFor(again)?.every_s).not.toBe(patternFor(once)?.every_s)
    expect(ringKey(again)).not.toBe(ringKey(once))
    expect(patternFor(new Map([['a', alarm('a', { rings_again: 1, rings: false, state: 'taken' })]]))).toBeNull()
  })
})
