import { describe, expect, it } from 'vitest'
import { inOrder, ledgersInOrder, mend, said } from './parts'
import type { ArchiveLedger, ArchivePart, PartStanding } from './types'

const part = (standing: PartStanding, more: Partial<ArchivePart> = {}): ArchivePart =>
  ({ name: standing, label: standing, standing, basis: '', ledger: null, open: 0, overdue: 0, next: null, opens: null, ...more })

describe('the parts of an archive', () => {
  it('begin with what is missing, then what is overdue', () => {
    const order = inOrder([part('complete'), part('not_needed'), part('overdue'), part('missing')]).map((one) => one.standing)
    expect(order).toEqual(['missing', 'overdue', 'complete', 'not_needed'])
  })
  it('lead to where they are mended, and nowhere for whoever may not', () => {
    expect(mend(part('missing'), 'u1', true)).toMatchObject({ name: 'unit', query: { edit: '1' } })
    expect(mend(part('missing'), 'u1', false)).toBeNull()
    expect(mend(part('missing', { ledger: 'facility', opens: 'register' }), 'u1', false)).toMatchObject({ params: { kind: 'facility', id: 'new' }, query: { opens: 'register', unit: 'u1' } })
    expect(mend(part('missing', { ledger: 'facility' }), 'u1', true)).toBeNull()
    expect(mend(part('overdue', { ledger: 'facility', open: 3, opens: 'register' }), 'u1', true)).toMatchObject({ params: { id: '' }, query: { unit: 'u1' } })
  })
  it('say in a line what their columns say, once, without the unit', () => {
    expect(said({ unit: '瑞禾电子厂', system: '消火栓系统', maintainer: '', place: '消火栓系统' }, '瑞禾电子厂')).toBe('消火栓系统')
  })
})

it('ledgers with something overdue come first', () => {
  const ledger = (kind: string, open: number, overdue: number): ArchiveLedger => ({ kind, label: kind, total: 3, open, overdue, items: [] })
  expect(ledgersInOrder([ledger('over', 0, 0), ledger('open', 1, 0), ledger('late', 1, 1)]).map((one) => one.kind)).toEqual(['late', 'open', 'over'])
})
