// Sizes and digests.
import { describe, expect, it } from 'vitest'
import { grouped, shortDigest, sizeOf } from './size-words'

describe('sizes', () => {
  it('change their unit at the thousand', () => {
    expect(sizeOf(1023)).toEqual({ value: '1023', unit: 'B' })
    expect(sizeOf(1024)).toEqual({ value: '1.0', unit: 'KB' })
    expect(sizeOf(83_886_080)).toEqual({ value: '80.0', unit: 'MB' })
    expect(sizeOf(5e15)).toEqual({ value: '4547', unit: 'TB' })
  })

  it('counts are grouped, digests are cut by characters', () => {
    expect(grouped(1203341)).toBe('1,203,341')
    expect(shortDigest('a3f19c00deadbeef')).toBe('a3f19c00')
    expect(shortDigest('ab')).toBe('ab')
  })
})
