// The unit form: what is typed, what is sent, what is wrong.

import { describe, expect, it } from 'vitest'
import type { Unit } from '../api/types'
import { bodyOf, changed, draftOf, emptyBuilding, emptyDraft, numberFrom } from './unit-draft'

const words = { notANumber: '请填数字', bothOrNone: '经度和纬度须同时填写' }

const unit = {
  code: 'U1', name: '瑞禾电子厂', category: 'factory', region: { code: '990101', name: '东渚镇', level: 'township' },
  address: '工业路 1 号', key_unit: true, position: [120.5, 30.25],
  contacts: [{ role: '安全管理人', name: '郑文', phone: '139' }],
  buildings: [{ name: '2 号厂房', floors_above: 3, floors_below: 0, area_m2: 4200, height_m: null, use: null, fire_resistance: 2 }], founded_on: '2010-05-01',
} as unknown as Unit

describe('the form of a unit', () => {
  it('sends back exactly what it was given', () => {
    const { body, errors } = bodyOf(draftOf(unit), words)
    expect(errors).toEqual({})
    expect(body.position).toEqual([120.5, 30.25])
    expect(body.buildings[0]).toEqual({
      name: '2 号厂房', floors_above: 3, floors_below: 0, area_m2: 4200, height_m: null, use: null, fire_resistance: 2,
    })
    expect(body.founded_on).toBe('2010-05-01')
  })

  it('names the field whose text is no number', () => {
    const draft = emptyDraft('990101')
    draft.buildings = [{ ...emptyBuilding(), floors_above: '三' }]
    draft.lng = '120.5'
    expect(bodyOf(draft, words).errors).toEqual({
      'buildings/0/floors_above': '请填数字',
      lat: '经度和纬度须同时填写',
    })
  })

  it('reads numbers as people type them', () => {
    expect(numberFrom('１２．５')).toBe(12.5)
    expect(numberFrom('4,200')).toBe(4200)
    expect(numberFrom(' ')).toBeNull()
    expect(numberFrom('12a')).toBeNaN()
  })

  it('knows when leaving would lose something', () => {
    const draft = draftOf(unit)
    expect(changed(draft, draftOf(unit))).toBe(false)
    draft.contacts[0].phone = '138'
    expect(changed(draft, draftOf(unit))).toBe(true)
  })
})
