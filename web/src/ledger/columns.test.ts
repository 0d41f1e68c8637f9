import { describe, expect, it } from 'vitest'
import { placesOf } from './columns'
import type { LedgerKind } from './types'

const kind = (types: Record<string, string>) => ({ fields: Object.entries(types).map(([name, type]) => ({ name, type })) }) as unknown as LedgerKind

describe('the columns of a ledger', () => {
  it('give names and choices the room that a wide list has, and days no more than they need', () => {
    const places = placesOf(kind({ party: 'text', filed_on: 'date' }), ['unit', 'party', 'filed_on', 'state'])
    expect(places.party).toEqual({ fold: 'c3', width: '13%' })
    expect(places.filed_on).toEqual({ fold: 'c3', width: '104px' })
    expect(places.unit?.width).toBeUndefined()
  })

  it('never squeeze out the name of the entry, however many somebody chose', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    expect(placesOf(kind(Object.fromEntries(names.map((n) => [n, 'text']))), names).e?.width).toBe('116px')
  })

  it('say of a column that is no field what they say of a name', () => {
    expect(placesOf(kind({}), ['owner', 'opened']).owner).toEqual({ fold: 'c3', width: '13%' })
  })
})
