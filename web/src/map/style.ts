// The look of the base map, dark for the desk and light for the office: ink and grey, colour is left to
// levels. Made of the server's own GeoJSON; no tile, glyph or sprite is fetched.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'

import { waterNames } from './names'

export type MapTheme = 'dark' | 'light'

interface Inks {
  outside: string
  land: string
  contour: string
  water: string
  waterText: string
  border: string
  township: string
  block: string
  casing: string
  roads: { expressway: string; national: string; provincial: string; county: string; lane: string }
  street: string
  name: string
  halo: string
  shieldGround: string
  shieldLine: string
  unit: string
}

export const INKS: Record<MapTheme, Inks> = {
  dark: {
    outside: '#0B1012', land: '#131B1E', contour: 'rgba(255,255,255,0.055)', water: '#17313A', waterText: '#7CAAB4',
    border: '#AEBBBE', township: '#465459', block: '#1E292D', casing: '#0B1012',
    roads: { expressway: '#5E7077', national: '#50636A', provincial: '#3D4F56', county: '#2E3D43', lane: '#202C31' },
    street: '#3A4A50', name: '#C3CED0', halo: '#0F1619', shieldGround: '#0F1619', shieldLine: '#50636A', unit: '#6F8086',
  },
  light: {
    outside: '#F3F5F5', land: '#FAFBFA', contour: 'rgba(20,32,35,0.055)', water: '#CFE3E6', waterText: '#35656E',
    border: '#445357', township: '#B9C4C6', block: '#EEF1F0', casing: '#FAFBFA',
    roads: { expressway: '#A5B3B6', national: '#B3C0C2', provincial: '#C6D0D1', county: '#D9E0E0', lane: '#E6EBEB' },
    street: '#D3DBDB', name: '#2B3A3E', halo: '#FAFBFA', shieldGround: '#FFFFFF', shieldLine: '#B3C0C2', unit: '#5B6A6E',
  },
}
const FONT = ['Noto Sans CJK SC Regular']
const SLANTED = ['Noto Sans CJK SC Italic']

const is = (layer: string, cls?: string): ExpressionSpecification =>
  (cls ? ['all', ['==', ['get', 'layer'], layer], ['==', ['get', 'class'], cls]] : ['==', ['get', 'layer'], layer]) as ExpressionSpecification

/** Drawn from the zoom that the feature itself asks for. */
const due: ExpressionSpecification = ['<=', ['to-number', ['get', 'minzoom'], 0], ['zoom']]
const all = (...parts: ExpressionSpecification[]): ExpressionSpecification => ['all', ...parts]
const named: ExpressionSpecification = ['!=', ['coalesce', ['get', 'name'], ''], '']

/** A width that grows with the zoom: as given at county scale, wider in town. */
const width = (px: number): ExpressionSpecification =>
  ['interpolate', ['exponential', 1.4], ['zoom'], 8, px * 0.6, 10, px, 12, px * 1.5, 15, px * 3.5]

function road(cls: keyof Inks['roads'], colour: string, px: number, minzoom = 0): LayerSpecification {
  return {
    id: `road-${cls}`, type: 'line', source: 'base', minzoom, filter: all(is('road', cls), due),
    layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': width(px) },
  }
}
function casing(cls: string, colour: string, px: number): LayerSpecification {
  return {
    id: `road-${cls}-inner`, type: 'line', source: 'base', filter: is('road', cls),
    layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': width(px) },
  }
}
function ground(k: Inks): LayerSpecification[] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': k.outside } },
    { id: 'land', type: 'fill', source: 'base', filter: is('county'), paint: { 'fill-color': k.land, 'fill-antialias': true } },
    { id: 'contours', type: 'line', source: 'base', filter: is('contour'), paint: { 'line-color': k.contour, 'line-width': 1 } },
    { id: 'blocks', type: 'fill', source: 'base', minzoom: 12, filter: all(is('block'), due), paint: { 'fill-color': k.block } },
    { id: 'water', type: 'fill', source: 'base', filter: is('water'), paint: { 'fill-color': k.water } },
    {
      // The middle line carries a river while its banks are too narrow to be seen.
      id: 'rivers', type: 'line', source: 'base', filter: all(is('river'), due), layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': k.water, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, ['match', ['to-number', ['get', 'rank'], 2], 1, 2.4, 1], 12, ['match', ['to-number', ['get', 'rank'], 2], 1, 4, 2]] },
    },
    { id: 'townships', type: 'line', source: 'base', filter: all(is('township'), ['!=', ['coalesce', ['get', 'class'], ''], 'area']), paint: { 'line-color': k.township, 'line-width': 1, 'line-dasharray': [4, 3], 'line-opacity': 0.75 } },
  ]
}
function roads(k: Inks): LayerSpecification[] {
  return [
    { id: 'streets', type: 'line', source: 'base', minzoom: 10, filter: all(is('street'), due), layout: { 'line-cap': 'round' }, paint: { 'line-color': k.street, 'line-width': ['interpolate', ['exponential', 1.4], ['zoom'], 10, ['match', ['get', 'class'], 'main', 0.8, 0.3], 12, ['match', ['get', 'class'], 'main', 2, 1], 15, ['match', ['get', 'class'], 'main', 7.5, 'lane', 3, 4.5]] } },
    road('lane', k.roads.lane, 0.9, 9),
    road('county', k.roads.county, 1.4),
    road('provincial', k.roads.provincial, 2),
    road('national', k.roads.national, 2.4),
    road('expressway', k.roads.expressway, 4),
    casing('expressway', k.casing, 2),
    { id: 'county-line', type: 'line', source: 'base', filter: is('county'), paint: { 'line-color': k.border, 'line-width': 1, 'line-opacity': 0.75 } },
  ]
}
const halo = (k: Inks): { 'text-halo-color': string; 'text-halo-width': number } => ({ 'text-halo-color': k.halo, 'text-halo-width': 1.6 })

function names(k: Inks): LayerSpecification[] {
  const town: ExpressionSpecification = ['in', ['get', 'class'], ['literal', ['county', 'county_town']]]
  return [
    {
      id: 'water-names', type: 'symbol', source: 'waters', filter: due,
      layout: { 'text-field': ['get', 'name'], 'text-font': SLANTED, 'text-size': 13, 'text-letter-spacing': 0.3, 'symbol-placement': 'point', 'text-max-width': 20 },
      paint: { 'text-color': k.waterText },
    },
    {
      id: 'shields', type: 'symbol', source: 'base', filter: all(is('shield'), due),
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 10, 'icon-image': 'shield', 'icon-text-fit': 'both', 'icon-text-fit-padding': [1, 4, 1, 4], 'symbol-spacing': 400 },
      paint: { 'text-color': k.name },
    },
    {
      id: 'street-names', type: 'symbol', source: 'base', minzoom: 13, filter: all(is('street'), named),
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11, 'symbol-placement': 'line' }, paint: { 'text-color': k.name, ...halo(k) },
    },
    {
      id: 'villages', type: 'symbol', source: 'base', minzoom: 12, filter: all(['any', is('village'), is('place', 'village')], due),
      layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12 }, paint: { 'text-color': k.name, ...halo(k) },
    },
    {
      id: 'places', type: 'symbol', source: 'base', filter: all(is('place'), ['!=', ['get', 'class'], 'village'], due),
      layout: {
        'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': ['case', town, 18, 14], 'text-letter-spacing': ['case', town, 0.2, 0.08],
        'icon-image': 'place', 'icon-allow-overlap': true, 'text-optional': true,
        'text-variable-anchor': ['bottom', 'top', 'left', 'right'], 'text-radial-offset': 0.5, 'text-justify': 'auto', 'symbol-sort-key': ['to-number', ['get', 'rank'], 9],
      },
      paint: { 'text-color': k.name, ...halo(k) },
    },
  ]
}

/** The whole style around the server's base map; without one, plain ground. */
export function baseStyle(theme: MapTheme, base: GeoJSON.FeatureCollection | null): StyleSpecification {
  const k = INKS[theme]
  if (!base) return { version: 8, sources: {}, layers: [{ id: 'outside', type: 'background', paint: { 'background-color': k.land } }] }
  return {
    version: 8,
    sources: { base: { type: 'geojson', data: base }, waters: { type: 'geojson', data: waterNames(base) } },
    layers: [...ground(k), ...roads(k), ...names(k)],
  }
}

/** Small pictures that the style names: a road shield that stretches and the square of a place. */
export function addImages(theme: MapTheme, add: (name: string, image: ImageData, options?: object) => void): void {
  const k = INKS[theme]
  const paint = (w: number, h: number, draw: (c: CanvasRenderingContext2D) => void): ImageData => {
    const canvas = document.createElement('canvas')
    canvas.width = w
    canvas.height = h
    const c = canvas.getContext('2d')!
    draw(c)
    return c.getImageData(0, 0, w, h)
  }
  const shield = paint(32, 32, (c) => {
    c.fillStyle = k.shieldGround
    c.strokeStyle = k.shieldLine
    c.lineWidth = 2
    c.beginPath()
    c.roundRect(1, 1, 30, 30, 5)
    c.fill()
    c.stroke()
  })
  add('shield', shield, { pixelRatio: 2, stretchX: [[8, 24]], stretchY: [[8, 24]], content: [4, 4, 28, 28] })
  // Room that names must leave free around an alarm; the alarm itself is drawn above the map.
  add('room', paint(56, 56, () => undefined), { pixelRatio: 2 })
  add('place', paint(10, 10, (c) => {
    c.fillStyle = k.border
    c.fillRect(0, 0, 10, 10)
  }), { pixelRatio: 2 })
}
