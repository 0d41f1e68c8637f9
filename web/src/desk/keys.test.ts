// Keys: what each does, and when it must do nothing.
import { describe, expect, it } from 'vitest'
import { ACTION_KEYS, actionOf, commandOf, keepsEnter, takesText, type Stroke } from './keys'

const stroke = (key: string, part: Partial<Stroke> = {}): Stroke => ({
  key, ctrl: false, alt: false, meta: false, composing: false, typing: false, onControl: false, inForm: false, ...part,
})

describe('keys', () => {
  it('moves, opens, searches, helps', () => {
    expect(commandOf(stroke('j'))).toEqual({ do: 'move', step: 1 })
    expect(commandOf(stroke('K'))).toEqual({ do: 'move', step: -1 })
    expect(commandOf(stroke('Enter'))).toEqual({ do: 'open' })
    expect(commandOf(stroke('/'))).toEqual({ do: 'search' })
    expect(commandOf(stroke('?'))).toEqual({ do: 'help' })
    expect(commandOf(stroke('x'))).toEqual({ do: 'frame' })
  })
  it('hands every action key on in capitals', () => {
    for (const key of ACTION_KEYS) expect(commandOf(stroke(key.toLowerCase()))).toEqual({ do: 'act', key })
  })
  it('is silent while typing, composing or with a modifier', () => {
    for (const part of [{ typing: true }, { composing: true }, { ctrl: true }, { alt: true }, { meta: true }]) {
      expect(commandOf(stroke('a', part))).toBeNull()
    }
  })
  it('leaves by Esc even while typing', () => {
    expect(commandOf(stroke('Escape', { typing: true }))).toEqual({ do: 'escape' })
  })
  it('leaves Enter to a focused button', () => {
    expect(commandOf(stroke('Enter', { onControl: true }))).toBeNull()
  })
})

describe('keys in a form', () => {
  it('chooses by digit, confirms by Enter, also from a text field', () => {
    expect(commandOf(stroke('2', { inForm: true }))).toEqual({ do: 'digit', n: 2 })
    expect(commandOf(stroke('Enter', { inForm: true, typing: true }))).toEqual({ do: 'confirm' })
  })
  it('types digits into a text field', () => {
    expect(commandOf(stroke('2', { inForm: true, typing: true }))).toBeNull()
  })
  it('starts no other action', () => {
    expect(commandOf(stroke('c', { inForm: true }))).toBeNull()
  })
})

describe('focus', () => {
  it('knows what takes text', () => {
    expect(takesText({ tagName: 'INPUT', type: 'text' })).toBe(true)
    expect(takesText({ tagName: 'INPUT', type: 'radio' })).toBe(false)
    expect(takesText({ tagName: 'TEXTAREA' })).toBe(true)
    expect(takesText({ tagName: 'BUTTON' })).toBe(false)
    expect(takesText(null)).toBe(false)
    expect(keepsEnter({ tagName: 'a' })).toBe(true)
  })
  it('finds an action by its key', () => {
    const take = { name: 'take', label: '签收', key: 'A', allowed: true, reason: null, primary: true, fields: [] } as const
    expect(actionOf([{ ...take, fields: [] }], 'A')?.name).toBe('take')
    expect(actionOf([], 'A')).toBeNull()
  })
})
