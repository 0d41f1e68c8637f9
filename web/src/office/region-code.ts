// The twelve digits of an administrative division code (区划代码): two for the province, two for the
// city, two for the county, three for the township, three for the village.

const CUTS = [2, 4, 6, 9, 12] as const

/** The codes from the province down to the region itself. */
export function codeTrail(code: string): string[] {
  if (!/^\d{12}$/u.test(code)) return []
  const trail = CUTS.map((cut) => code.substring(0, cut).padEnd(12, '0'))
  return [...new Set(trail)]
}

/** Whether `inner` lies in `outer`, or is it. */
export function within(inner: string, outer: string): boolean {
  return codeTrail(inner).includes(outer)
}
