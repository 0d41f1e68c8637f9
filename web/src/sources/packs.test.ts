// Whoever looks for the rule that judges today finds it above those that do not.
import { expect, test } from 'vitest'
import { byRule, validity, type RulePack } from './packs'

const pack = (id: string, version: string, standing: RulePack['standing'], more: Partial<RulePack> = {}): RulePack =>
  ({ id, version, label: id, source: '', note: null, place: null, valid_from_on: null, valid_until_on: null, standing, lines: [], uses: [], ...more })
const words = { from: (d: string) => `${d} 起`, until: (d: string) => `${d} 前`, always: '长期' }

test('the version in force stands before the others of its rule', () => {
  const all = [pack('fire', '2007', 'over'), pack('unit', '2001', 'in_force'), pack('fire', '2025', 'in_force'), pack('unit', '福建', 'elsewhere')]
  expect(byRule(all).map((versions) => versions.map((p) => p.version))).toEqual([['2025', '2007'], ['2001', '福建']])
})
test('a validity says its first day, its last, or neither', () => {
  expect(validity(pack('a', '1', 'in_force'), words)).toBe('长期')
  expect(validity(pack('a', '1', 'over', { valid_from_on: '2007-06-01', valid_until_on: '2025-05-01' }), words)).toBe('2007-06-01 起，2025-05-01 前')
})
