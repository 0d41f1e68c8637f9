// Two versions of one record.

import { describe, expect, it } from 'vitest'
import { differences, merged, settled } from './merge'

const keys = ['name', 'address', 'contacts'] as const
const base = { name: '甲厂', address: '一号', contacts: ['张'] }

describe('two people, one record', () => {
  it('asks only where both wrote', () => {
    const mine = { ...base, name: '甲一厂', contacts: ['张', '李'] }
    const theirs = { ...base, name: '甲二厂', address: '二号' }
    expect(differences(keys, base, mine, theirs)).toEqual([
      { key: 'name', side: 'both' },
      { key: 'address', side: 'theirs' },
    ])
  })

  it('does not ask when both wrote the same', () => {
    const both = { ...base, name: '乙厂' }
    expect(differences(keys, base, both, { ...both })).toEqual([])
  })

  it('keeps mine, takes theirs, follows the choice', () => {
    const mine = { ...base, name: '甲一厂', contacts: ['李'] }
    const theirs = { ...base, name: '甲二厂', address: '二号' }
    expect(merged(keys, base, mine, theirs, { name: 'mine' })).toEqual({ name: '甲一厂', address: '二号', contacts: ['李'] })
    expect(merged(keys, base, mine, theirs, { name: 'theirs' })).toEqual({ name: '甲二厂', address: '二号', contacts: ['李'] })
  })

  it('without a choice never writes over the other', () => {
    const mine = { ...base, name: '甲一厂' }
    const theirs = { ...base, name: '甲二厂' }
    expect(merged(keys, base, mine, theirs, {}).name).toBe('甲二厂')
    expect(settled(differences(keys, base, mine, theirs), {})).toBe(false)
    expect(settled(differences(keys, base, mine, theirs), { name: 'mine' })).toBe(true)
  })
})
