// The marks of entries on the map (台账地图): how a deadline stands is told by shape and fill, in ink; colours are left to levels.

import type { GeoJSONFeature } from 'maplibre-gl'
import type { EntryPlaces } from '../api/types'
import { chipOf, type ChipKind } from './words'

export type MarkKind = ChipKind | 'none'
/** Most pressing first, as the legend has them. */
export const MARKS: readonly MarkKind[] = ['over', 'soon', 'far', 'late', 'met', 'none']

export type Place = EntryPlaces['items'][number]
export const markOf = (one: Pick<Place, 'deadline'>): MarkKind => (one.deadline ? chipOf(one.deadline) : 'none')

/** The entries as points of the map; `over` lets a cluster say that something in it is overdue. */
export function pointsOf(places: readonly Place[]): GeoJSON.FeatureCollection<GeoJSON.Point> {
  const features = places.map((one): GeoJSON.Feature<GeoJSON.Point> => {
    const mark = markOf(one)
    return { type: 'Feature', geometry: { type: 'Point', coordinates: one.at }, properties: { id: one.id, mark, over: mark === 'over' ? 1 : 0, title: one.title } }
  })
  return { type: 'FeatureCollection', features }
}
/** How many there are of each mark that there are. */
export const countsOf = (places: readonly Place[]): { mark: MarkKind; n: number }[] =>
  MARKS.map((mark) => ({ mark, n: places.filter((one) => markOf(one) === mark).length })).filter((one) => one.n > 0)
/** West, south, east, north of all places; null when there are none. */
export function boundsOf(places: readonly Pick<Place, 'at'>[]): [number, number, number, number] | null {
  if (places.length === 0) return null
  const lng = places.map((one) => one.at[0]!)
  const lat = places.map((one) => one.at[1]!)
  const least = (all: number[]): number => all.reduce((a, b) => Math.min(a, b))
  const most = (all: number[]): number => all.reduce((a, b) => Math.max(a, b))
  return [least(lng), least(lat), most(lng), most(lat)]
}
export const idOf = (feature: GeoJSONFeature | undefined): string | null => (typeof feature?.properties?.id === 'string' ? feature.properties.id : null)

export interface Inks { t1: string; t2: string; ground: string; ok: string; off: string; accent: string }
const PX = 44
const MID = PX / 2

type Draw = (c: CanvasRenderingContext2D, k: Inks) => void
const ring = (px: number, width: number, dash: number[] = []): Draw => (c, k) => {
  c.beginPath()
  c.arc(MID, MID, px, 0, 2 * Math.PI)
  c.fillStyle = k.ground
  c.fill()
  c.lineWidth = width
  c.setLineDash(dash)
  c.strokeStyle = k.t1
  c.stroke()
  c.setLineDash([])
}
const DRAWN: Record<MarkKind | 'many' | 'many-over' | 'chosen', Draw> = {
  // A filled square with a stroke: like the inverted chip of the list.
  over: (c, k) => {
    c.fillStyle = k.ground
    c.fillRect(MID - 14, MID - 14, 28, 28)
    c.fillStyle = k.t1
    c.fillRect(MID - 12, MID - 12, 24, 24)
    c.fillStyle = k.ground
    c.fillRect(MID - 2, MID - 8, 4, 10)
    c.fillRect(MID - 2, MID + 5, 4, 4)
  },
  soon: (c, k) => {
    ring(10, 5)(c, k)
    c.beginPath()
    c.arc(MID, MID, 3.5, 0, 2 * Math.PI)
    c.fillStyle = k.t1
    c.fill()
  },
  far: ring(10, 2.5),
  late: ring(10, 3, [4, 3]),
  met: (c, k) => {
    c.lineCap = 'round'
    for (const [width, colour] of [[9, k.ground], [4, k.ok]] as const) {
      c.lineWidth = width
      c.strokeStyle = colour
      c.beginPath()
      c.moveTo(MID - 8, MID)
      c.lineTo(MID - 2, MID + 7)
      c.lineTo(MID + 9, MID - 8)
      c.stroke()
    }
  },
  none: (c, k) => {
    c.fillStyle = k.ground
    c.fillRect(MID - 8, MID - 8, 16, 16)
    c.fillStyle = k.off
    c.fillRect(MID - 5, MID - 5, 10, 10)
  },
  many: ring(18, 2.5),
  'many-over': (c, k) => ring(18, 6)(c, k),
  chosen: (c, k) => {
    c.strokeStyle = k.accent
    c.lineWidth = 4
    for (const turn of [0, 1, 2, 3]) {
      c.save()
      c.translate(MID, MID)
      c.rotate((turn * Math.PI) / 2)
      c.beginPath()
      c.moveTo(0, -21)
      c.lineTo(0, -13)
      c.stroke()
      c.restore()
    }
    c.beginPath()
    c.arc(MID, MID, 17, 0, 2 * Math.PI)
    c.stroke()
  },
}
export const PICTURES = Object.keys(DRAWN) as (keyof typeof DRAWN)[]

/** One mark as a picture, at twice its size for sharp screens. */
export function picture(name: keyof typeof DRAWN, inks: Inks): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = PX
  canvas.height = PX
  const c = canvas.getContext('2d')!
  DRAWN[name](c, inks)
  return c.getImageData(0, 0, PX, PX)
}
