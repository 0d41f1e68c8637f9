import { describe, expect, it } from 'vitest'
import { askedOf, countOf, fallsFirst, keysOf, sortOf, tabOf } from './asking'
import type { LedgerKind } from './types'

const kind = {
  fields: [{ name: 'category', type: 'choice', filter: true }, { name: 'unit', type: 'link', filter: true }, { name: 'what', type: 'text', filter: false }, { name: 'amount', type: 'money', sort: true }, { name: 'risk', type: 'choice', sort: true }],
  states: [{ name: 'found', label: '待责令', end: false }, { name: 'closed', label: '已销号', end: true }, { name: 'voided', label: '已作废', end: true }],
} as unknown as LedgerKind

describe('a list of a ledger', () => {
  it('asks for what is in work by its deadline when the address says nothing', () => {
    expect(askedOf(kind, {})).toMatchObject({ standing: 'open', sort: 'due', mine: undefined, filter: undefined })
  })
  it('asks by the tab, the state and the fields of the ledger', () => {
    expect(askedOf(kind, { tab: 'mine', 'f.category': 'escape', 'f.unit': 'u1', state: 'found', sort: 'opened', descending: 'true' })).toEqual({
      q: undefined, states: 'found', region: undefined, unit: undefined, standing: undefined, mine: true, sort: 'opened', descending: true, filter: 'category:escape,unit:u1',
    })
    expect(askedOf(kind, { tab: 'all' }).standing).toBeUndefined()
  })
  it('takes a word it does not know as none', () => {
    expect([tabOf({ tab: 'nonsense' }), sortOf(kind, { sort: 'nonsense' })]).toEqual(['open', 'due'])
  })
  it('shows what is over by its day, since it has no deadline any more', () => {
    for (const tab of ['all', 'closed']) {
      expect(askedOf(kind, { tab })).toMatchObject({ sort: 'opened', descending: true })
      expect(askedOf(kind, { tab, sort: 'due' })).toMatchObject({ sort: 'opened', descending: true })
      expect(askedOf(kind, { tab, sort: 'opened' }).descending).toBeUndefined()
    }
    expect(askedOf(kind, {})).toMatchObject({ sort: 'due' })
  })
  it('is sorted by a field of the ledger that has an order, in every tab', () => {
    expect(askedOf(kind, { sort: 'amount', descending: 'true' })).toMatchObject({ sort: 'amount', descending: true })
    expect(askedOf(kind, { sort: 'amount', tab: 'closed' })).toMatchObject({ sort: 'amount', descending: undefined })
    expect(sortOf(kind, { sort: 'what' })).toBe('due')
  })
  it('begins with the newest and the most, and with the first choice', () => {
    expect(['opened', 'amount', 'risk', 'title', 'due'].map((word) => fallsFirst(kind, word))).toEqual([true, true, false, false, false])
  })
  it('knows which parts of an address are its own', () => {
    expect(keysOf(kind)).toEqual(['q', 'state', 'region', 'unit', 'due', 'tab', 'sort', 'descending', 'cols', 'map', 'f.category', 'f.unit'])
  })
  it('counts no tab that nobody has counted', () => {
    const tallies = { all: 8, open: 2, overdue: 1, soon: 1, closed: 6, campaign: null }
    expect([countOf('closed', tallies), countOf('overdue', tallies), countOf('mine', tallies), countOf('all', null)]).toEqual([6, 1, null, null])
  })
})
