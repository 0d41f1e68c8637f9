import { expect, test } from 'vitest'
import { draftOf, formOf, numberOf } from './limit-draft'

test('numbers are read as people type them', () => {
  expect(numberOf(' １２．５ ')).toBe(12.5)
  expect(numberOf('')).toBeNull()
  expect(numberOf('高')).toBeNaN()
})

test('what is filled in is sent, what is emptied is taken away', () => {
  const low = { ...draftOf(5, null), low: '100', low_clear: '120' }
  const { form, from, wrong } = formOf([draftOf(3, null), low])
  expect(form.limits).toEqual([{ analog_type: 5, low: 100, low_clear: 120, high: null, high_clear: null, hold_s: 0 }])
  expect(from).toEqual([low])
  expect(wrong).toEqual({})
  expect(Object.keys(formOf([{ ...low, high: '很高' }]).wrong)).toEqual(['limits/0/high'])
})

test('a proposal fills the form', () => {
  const limits = { low: 1.2, low_clear: 1.4, high: null, high_clear: null, hold_s: 60 }
  expect(draftOf(2, limits)).toEqual({ analog_type: 2, low: '1.2', low_clear: '1.4', high: '', high_clear: '', hold_s: '60' })
})
