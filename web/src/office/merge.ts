// Two people changed the same record (同时修改). Compares what this person started from, what this
// person wrote and what the other saved, field by field. Fields only one of them touched are
// settled; where both wrote, a person chooses. Nothing is overwritten in silence.

/** One field where the other person's version differs from what this person started from. */
export interface Difference<K extends string> {
  key: K
  /** `both`: both wrote, a choice is needed. `theirs`: only the other wrote, taken over and shown. */
  side: 'both' | 'theirs'
}

/** Whose text a contested field shall keep. */
export type Choice = 'mine' | 'theirs'

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The fields the other person changed, in the order of `keys`. */
export function differences<T extends object, K extends keyof T & string>(
  keys: readonly K[], base: T, mine: T, theirs: T,
): Difference<K>[] {
  return keys
    .filter((key) => !same(base[key], theirs[key]) && !same(mine[key], theirs[key]))
    .map((key) => ({ key, side: same(base[key], mine[key]) ? 'theirs' : 'both' }))
}

/** The joined record: my text where I wrote or chose, theirs elsewhere. */
export function merged<T extends object, K extends keyof T & string>(
  keys: readonly K[], base: T, mine: T, theirs: T, choices: Partial<Record<K, Choice>>,
): T {
  const result = { ...theirs }
  for (const key of keys) {
    const iWrote = !same(base[key], mine[key])
    const theyWrote = !same(base[key], theirs[key])
    if (iWrote && (!theyWrote || choices[key] === 'mine')) result[key] = mine[key]
  }
  return result
}

/** Whether every contested field has its choice. */
export function settled<K extends string>(found: Difference<K>[], choices: Partial<Record<K, Choice>>): boolean {
  return found.every((one) => one.side === 'theirs' || choices[one.key] !== undefined)
}
