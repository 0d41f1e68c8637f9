// A window's form: times of the office, covers by their place in the list.
import { describe, expect, it } from 'vitest'
import type { Covers } from '../api/types'
import { coverBody, coverChoices, instantOf, POINTS } from './window-draft'

const covers: Covers = {
  covers: [
    { cover: 'unit', terminal: null, system_type: null, system_address: null, building: null, floor: null, zone: null, words: '全单位', points: 8 },
    { cover: 'floor', terminal: null, system_type: null, system_address: null, building: '1 号楼', floor: '3 层', zone: null, words: '1 号楼 3 层', points: 4 },
  ],
  points: [{ id: 'p', name: '1 号楼 3 层 1-3-001' }],
}

describe('a window', () => {
  it('is timed by the office and not by the computer', () => {
    expect(instantOf('2026-11-22T18:00')).toBe('2026-11-22T18:00:00+08:00')
    expect(instantOf('')).toBeUndefined()
  })
  it('covers what was chosen, and single points when they are', () => {
    expect(coverChoices(covers, (c) => c.words, '逐个')).toEqual([{ value: '0', label: '全单位' }, { value: '1', label: '1 号楼 3 层' }, { value: POINTS, label: '逐个' }])
    expect(coverBody(covers, '1', [])).toEqual({ cover: 'floor', building: '1 号楼', floor: '3 层' })
    expect(coverBody(covers, POINTS, ['p'])).toEqual({ cover: 'points', points: ['p'] })
  })
})
