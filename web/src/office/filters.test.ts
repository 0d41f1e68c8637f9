// Filters in the address.

import { describe, expect, it } from 'vitest'
import { filtersFrom, queryOf, sameQuery } from './filters'

describe('filters', () => {
  it('are read from the address, strangers ignored', () => {
    const query = { q: '瑞禾', category: '', key_unit: ['true', 'false'], evil: 'x' }
    expect(filtersFrom(['q', 'category', 'key_unit'], query)).toEqual({ q: '瑞禾', key_unit: 'true' })
  })

  it('are written short', () => {
    expect(queryOf({ q: '', category: 'school', region: undefined })).toEqual({ category: 'school' })
    expect(queryOf({ q: 'a' }, 'c1')).toEqual({ q: 'a', cursor: 'c1' })
  })

  it('compare as lists do', () => {
    expect(sameQuery({ q: 'a' }, { q: 'a' })).toBe(true)
    expect(sameQuery({ q: 'a' }, {})).toBe(false)
  })
})
