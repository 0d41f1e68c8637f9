// Refusals: the sentence of the server reaches the person, and the right field.
import { describe, expect, it } from 'vitest'
import { asProblem, fileName, newKey, Problem } from './client'

describe('a refusal', () => {
  const p = new Problem(422, 'field', '请看各栏。', [{ pointer: '/fields/name', code: 'required', detail: '请填写单位名称。' }, { pointer: '/reason', code: 'required', detail: '请填写原因。' }])
  it('finds the sentence of a field in either form of pointer', () => {
    expect(p.field('name')).toBe('请填写单位名称。')
    expect(p.field('reason')).toBe('请填写原因。')
    expect(p.field('code')).toBeNull()
  })
  it('knows a lost line from an answer', () => {
    expect(p.offline).toBe(false)
    expect(new Problem(0, 'client.offline', '').offline).toBe(true)
  })
  it('keeps what is already a refusal and words what broke', () => {
    expect(asProblem(p)).toBe(p)
    expect(asProblem(new TypeError('x')).detail.length).toBeGreaterThan(5)
  })
})

it('makes keys that differ and look like UUIDs', () => {
  const keys = new Set(Array.from({ length: 100 }, newKey))
  expect(keys.size).toBe(100)
  for (const k of keys) expect(k).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

describe('the name of a file', () => {
  it('is the full one where there is one', () => {
    expect(fileName(`attachment; filename="export.csv"; filename*=UTF-8''%E5%8D%95%E4%BD%8D_20261122.csv`)).toBe('单位_20261122.csv')
    expect(fileName('attachment; filename="errors.xlsx"')).toBe('errors.xlsx')
    expect(fileName(null)).toBe('export')
  })
})
