// What is looked for while somebody types: each answer with its name, and a line under it that tells two alike apart.

import { get } from '../api/client'
import type { Page, UnitSummary } from '../api/types'

/** As many as are offered at once; who sees more of them types another letter. */
export const OFFERED = 8

export interface Found { id: string; name: string; under: string }

export async function findUnits(q: string): Promise<Found[]> {
  const page = await get<Page<UnitSummary>>('/units', { q, limit: OFFERED })
  return page.items.map((u) => ({ id: u.id, name: u.name, under: `${u.category_label}　${u.township ?? u.region.name}` }))
}
