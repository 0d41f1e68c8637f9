// Versions of rule packs side by side: the one that judges here today before the others of the same rule.

import type { RulePackList } from '../api/types'

export type RulePack = RulePackList['items'][number]

const ORDER: RulePack['standing'][] = ['in_force', 'not_yet', 'replaced', 'elsewhere', 'over']

/** The versions of each rule, in the order of the catalog. */
export function byRule(all: readonly RulePack[]): RulePack[][] {
  const rules = new Map<string, RulePack[]>()
  for (const pack of all) rules.set(pack.id, [...(rules.get(pack.id) ?? []), pack])
  return [...rules.values()].map((versions) => versions.sort((x, y) => ORDER.indexOf(x.standing) - ORDER.indexOf(y.standing)))
}
interface DayWords { from: (day: string) => string; until: (day: string) => string; always: string }
/** From when to when a version holds, in words. */
export function validity(pack: RulePack, words: DayWords): string {
  const parts = [pack.valid_from_on ? words.from(pack.valid_from_on) : '', pack.valid_until_on ? words.until(pack.valid_until_on) : ''].filter(Boolean)
  return parts.length ? parts.join('，') : words.always
}
