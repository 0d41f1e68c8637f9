import { describe, expect, it } from 'vitest'
import { changedOf, draftOf, heldOf, localOf, sentOf, yuanOf, type DraftWords } from './draft'
import type { FieldType, LedgerField } from './types'

const field = (name: string, type: FieldType, more: Partial<LedgerField> = {}): LedgerField => ({
  name, label: name, type, required: false, max_chars: null, lines: false, choices: [], unit: null, least: null, most: null, to: null, past: false, help: null, filter: false, sort: false, ...more,
})
const words: DraftWords = { missing: (label) => `missing ${label}`, notANumber: 'no number', notWhole: 'not whole', notMoney: 'no money' }
const sent = (type: FieldType, held: Parameters<typeof heldOf>[1]) => sentOf([field('f', type)], () => false, { f: held as string }, {}, words)
const photo = { blob: 'b1', name: 'a.jpg', type: 'image/jpeg', size: 9, at: '2026-11-22T10:00:00Z' }

describe('a form of an entry', () => {
  it('holds each type as people type it', () => {
    expect(heldOf(field('a', 'money'), 1250, {})).toBe('12.50')
    expect(heldOf(field('a', 'instant'), '2026-11-22T10:00:00Z', {})).toBe('2026-11-22T18:00')
    expect(heldOf(field('a', 'link'), 'u1', { u1: '瑞禾电子厂' })).toEqual({ id: 'u1', name: '瑞禾电子厂' })
    expect(heldOf(field('a', 'people'), ['p1'], { p1: '罗敏' })).toEqual([{ id: 'p1', name: '罗敏' }])
    expect(heldOf(field('a', 'truth'), false, {})).toBe('false')
    expect(heldOf(field('a', 'photos'), undefined, {})).toEqual([])
  })
  it('sends them back as they are kept', () => {
    expect(sent('money', '１２.5').fields).toEqual({ f: 1250 })
    expect(sent('integer', '1,200').fields).toEqual({ f: 1200 })
    expect(sent('truth', 'true').fields).toEqual({ f: true })
    expect(sent('instant', '2026-11-22T18:00').fields).toEqual({ f: '2026-11-22T18:00:00+08:00' })
    expect(sent('people', [{ id: 'p1', name: '罗敏' }]).fields).toEqual({ f: ['p1'] })
    expect(sent('photos', [photo]).fields).toEqual({ f: [photo] })
    expect(sent('text', '  防火门 ').fields).toEqual({ f: '防火门' })
  })
  it('names what cannot be sent', () => {
    expect(sent('integer', '1.5').errors[0]).toMatchObject({ pointer: '/fields/f', detail: 'not whole' })
    expect(sent('real', '很多').errors[0]?.detail).toBe('no number')
    expect(sent('money', '1.234').errors[0]?.detail).toBe('no money')
    expect(sent('money', '-1').errors[0]?.detail).toBe('no money')
    expect(sentOf([field('what', 'text')], () => true, { what: ' ' }, {}, words).errors[0]?.detail).toBe('missing what')
  })
  it('leaves out what was and is empty, and says what was emptied', () => {
    const fields = [field('a', 'text'), field('b', 'text')]
    const start = draftOf(fields, { b: 'old' }, {})
    expect(sentOf(fields, () => false, { a: '', b: '' }, start, words).fields).toEqual({ b: null })
  })
  it('sends only what changed in a correction', () => {
    const start = { a: 'x', b: 'y' }
    expect(changedOf({ a: 'x', b: 'z' }, { a: 'x', b: 'z' }, start)).toEqual({ b: 'z' })
  })
  it('writes money without empty cents', () => {
    expect([yuanOf(120_000), yuanOf(5), yuanOf(1250)]).toEqual(['1200', '0.05', '12.50'])
    expect(localOf('2026-12-31T17:30:00Z')).toBe('2027-01-01T01:30')
  })
})
