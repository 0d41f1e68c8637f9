// The base map of the county and what stands under it, asked for once and kept for all maps of the page.

import { get, Problem } from '../api/client'
import type { MapMeta } from '../api/types'

export interface BaseMap { meta: MapMeta | null; base: GeoJSON.FeatureCollection | null }

let asked: Promise<BaseMap> | null = null

/** A site without a map gets plain ground; any other failure may be asked again. */
async function ask(): Promise<BaseMap> {
  const orNull = (e: unknown): null => {
    if (e instanceof Problem && e.status === 404) return null
    throw e
  }
  const [meta, base] = await Promise.all([
    get<MapMeta>('/map/meta').catch(orNull),
    get<GeoJSON.FeatureCollection>('/map/base').catch(orNull),
  ])
  return { meta, base }
}
export function baseMap(): Promise<BaseMap> {
  asked ??= ask().catch((e: unknown) => {
    asked = null
    throw e
  })
  return asked
}
