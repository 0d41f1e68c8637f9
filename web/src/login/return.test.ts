// The return address is never another site.
import { expect, it } from 'vitest'
import { returnAddress } from './return'

it('keeps a path of this site', () => {
  expect(returnAddress('/desk?alarm=1')).toBe('/desk?alarm=1')
})
it('refuses other sites, the login page itself and nonsense', () => {
  for (const to of ['//evil', '/\\evil', 'https://evil', 'javascript:1', '/login', undefined, ['/a']]) expect(returnAddress(to)).toBe('/')
})
