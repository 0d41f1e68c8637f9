// What may be pasted into the laboratory, and where a mistake is said to be.

import { describe, expect, it } from 'vitest'
import { HASH_CHARS_MAX, LAB_BYTES_MAX, hashOf, hexFromHash, hexRows, readHex, spacedHex } from './hex'

describe('reading pasted hex', () => {
  it('joins blanks, line ends, commas and prefixes', () => {
    expect(readHex('40 40\n00,01')).toEqual({ kind: 'bytes', hex: '40400001', count: 4 })
    expect(readHex('0x40, 0x40, 0xaf')).toEqual({ kind: 'bytes', hex: '4040AF', count: 3 })
    expect(readHex('\\x40\\x40')).toEqual({ kind: 'bytes', hex: '4040', count: 2 })
  })

  it('takes full-width digits and ideographic spaces', () => {
    expect(readHex('４０　ＡＦ')).toEqual({ kind: 'bytes', hex: '40AF', count: 2 })
  })

  it('says nothing was pasted', () => {
    expect(readHex('  \n ')).toEqual({ kind: 'empty' })
  })

  it('names line and column of the first sign that is not hex', () => {
    expect(readHex('4040\n00 火1')).toEqual({ kind: 'sign', sign: '火', line: 2, column: 4 })
    expect(readHex('0x4G')).toEqual({ kind: 'sign', sign: 'G', line: 1, column: 4 })
  })

  it('points at the piece that lacks half a byte', () => {
    expect(readHex('40 4 00')).toEqual({ kind: 'half', token: '4', line: 1, column: 4 })
  })

  it('lets a line end split a byte when the whole is even', () => {
    expect(readHex('404\n0')).toEqual({ kind: 'bytes', hex: '4040', count: 2 })
  })

  it('takes exactly the limit and refuses one byte more', () => {
    expect(readHex('40'.repeat(LAB_BYTES_MAX)).kind).toBe('bytes')
    expect(readHex('40'.repeat(LAB_BYTES_MAX + 1))).toEqual({ kind: 'too_long', count: LAB_BYTES_MAX + 1 })
  })
})

describe('rows of bytes', () => {
  it('shows place, hex and printable sign', () => {
    const rows = hexRows('40410A', 2)
    expect(rows).toHaveLength(2)
    expect(rows[0][1]).toEqual({ at: 1, hex: '41', sign: 'A' })
    expect(rows[1][0]).toEqual({ at: 2, hex: '0A', sign: '.' })
  })

  it('has no rows without bytes', () => {
    expect(hexRows('')).toEqual([])
    expect(spacedHex('4040af')).toBe('40 40 AF')
  })
})

describe('the shared address', () => {
  it('carries short hex and leaves long hex out', () => {
    expect(hashOf('4040')).toBe('#4040')
    expect(hashOf('4'.repeat(HASH_CHARS_MAX))).not.toBe('')
    expect(hashOf('4'.repeat(HASH_CHARS_MAX + 2))).toBe('')
  })

  it('reads back what it wrote and ignores the rest', () => {
    expect(hexFromHash('#40 40')).toBe('4040')
    expect(hexFromHash('#%zz')).toBe('')
    expect(hexFromHash('#section-2')).toBe('')
  })
})
