// What is filled in arrives as the server reads it, and comes back as it was filled in.

import { expect, it } from 'vitest'
import { areaWith, draftOf, formOf, type AreaRegion } from './draft'

const NOON = Date.parse('2026-11-22T12:00:00Z')

it('a new campaign ends sixty days from today, in the office’s day', () => {
  expect(draftOf(null, NOON).ends_on).toBe('2027-01-21')
})

it('choices are lines, blanks are nothing, letters are capitals', () => {
  const draft = { ...draftOf(null, NOON), label: ' 冬季群租房 ', number: 'qzf', target: '', fields: [{ label: '用途', type: 'choice' as const, required: true, choices: '住人\n\n 仓储 ', unit: '间', help: ' ', listed: true, retired: false }] }
  const form = formOf(draft)
  expect([form.label, form.number, form.target]).toEqual(['冬季群租房', 'QZF', null])
  expect(form.fields[0]).toMatchObject({ choices: ['住人', '仓储'], unit: null, help: null })
})

it('a target that is no number is sent as one that is refused', () => {
  expect(formOf({ ...draftOf(null, NOON), target: '许多' }).target).toEqual({ count: 0, each_township: false })
})

it('what was stored is shown as it was filled in', () => {
  const form = formOf({ ...draftOf(null, NOON), target: '120', each_township: true, fields: [{ label: '间数', type: 'integer', required: false, choices: '', unit: '间', help: '', listed: false, retired: true }] })
  expect(formOf(draftOf(form))).toEqual(form)
})

it('a campaign is for the whole county or for some of its townships', () => {
  const [county, town, village] = ['county', 'town', 'village'].map((code) => ({ code, name: code, whole: code === 'county' })) as [AreaRegion, AreaRegion, AreaRegion]
  const all = [county, town, village]
  const towns = areaWith(areaWith(['county'], all, town, true), all, village, true)
  expect(towns).toEqual(['town', 'village'])
  expect(areaWith(towns, all, county, true)).toEqual(['county'])
  expect(areaWith(towns, all, town, false)).toEqual(['village'])
})
