// Refusals find their field, and none is lost.

import { describe, expect, it } from 'vitest'
import { fieldOf, sortErrors } from './field-errors'

describe('pointers', () => {
  it('name fields with and without the wrapper', () => {
    expect(fieldOf('/fields/name')).toBe('name')
    expect(fieldOf('#/contacts/0/phone')).toBe('contacts/0/phone')
    expect(fieldOf('/a~1b')).toBe('a/b')
  })

  it('go beside the field, or above the form when it is not shown', () => {
    const sorted = sortErrors(
      [
        { pointer: '/fields/position', detail: '经度应在 73 至 136 之间' },
        { pointer: '/fields/secret', detail: '不允许' },
        { pointer: '', detail: '整体有误' },
      ],
      (field) => field !== 'secret',
      { position: 'lng' },
    )
    expect(sorted.byField).toEqual({ lng: '经度应在 73 至 136 之间' })
    expect(sorted.general).toEqual(['不允许', '整体有误'])
  })

  it('keep a second mistake of the same field', () => {
    const sorted = sortErrors([{ pointer: '/name', detail: '一' }, { pointer: '/name', detail: '二' }], () => true)
    expect(sorted.byField.name).toBe('一')
    expect(sorted.general).toEqual(['二'])
  })
})
