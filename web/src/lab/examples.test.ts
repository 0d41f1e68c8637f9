// The example frames are whole bytes, framed, and only the broken one has a wrong checksum.

import { describe, expect, it } from 'vitest'
import { EXAMPLE_FRAMES } from './examples'
import { readHex } from './hex'

function bytesOf(hex: string): number[] {
  return (hex.match(/../gu) ?? []).map((pair) => Number.parseInt(pair, 16))
}

/** Sum of the bytes from the third to the one before the checksum, by the standard. */
function sumFits(hex: string): boolean {
  const bytes = bytesOf(hex)
  const checksumAt = bytes.length - 3
  const sum = bytes.slice(2, checksumAt).reduce((total, byte) => total + byte, 0)
  return sum % 256 === bytes[checksumAt]
}

describe('example frames', () => {
  it.each(EXAMPLE_FRAMES)('$key is framed by @@ and ##', ({ hex }) => {
    expect(readHex(hex).kind).toBe('bytes')
    expect(hex.startsWith('4040')).toBe(true)
    expect(hex.endsWith('2323')).toBe(true)
  })

  it.each(EXAMPLE_FRAMES)('$key: checksum as its name says', ({ key, hex }) => {
    expect(sumFits(hex)).toBe(key !== 'broken')
  })
})
