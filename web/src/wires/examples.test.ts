// The examples are what they say: bytes in pairs, or JSON.
import { expect, it } from 'vitest'
import { EXAMPLES } from './examples'

it('every example is JSON or whole bytes', () => {
  for (const text of Object.values(EXAMPLES)) {
    if (text.startsWith('{')) expect(() => JSON.parse(text) as unknown).not.toThrow()
    else expect(text).toMatch(/^([0-9A-F]{2})+$/)
  }
})
