// Opens a MapLibre map without tiles, glyphs or outside addresses.

import { Map as MapView, setWorkerUrl, type MapOptions } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { MapMeta } from '../api/types'
import { addImages, baseStyle, type MapTheme } from './style'

setWorkerUrl(workerUrl)

/** Nothing useful is seen further out or closer than this. */
const ZOOM = { min: 7, max: 18 }
/** Where a map without a county opens: the whole country. */
const COUNTRY: [number, number, number, number] = [97, 20, 123, 46]
export const LOCAL_FONTS = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif'

export function openMap(container: HTMLElement, theme: MapTheme, base: GeoJSON.FeatureCollection | null, meta: MapMeta | null, options: Partial<MapOptions> = {}): MapView {
  const map = new MapView({
    container,
    style: baseStyle(theme, base),
    bounds: meta?.bbox ?? COUNTRY,
    fitBoundsOptions: { padding: 24 },
    minZoom: meta ? ZOOM.min : 2,
    maxZoom: ZOOM.max,
    localIdeographFontFamily: LOCAL_FONTS,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    canvasContextAttributes: { antialias: true },
    ...options,
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.on('style.load', () => addImages(theme, (name, image, o) => void (map.hasImage(name) || map.addImage(name, image, o))))
  return map
}
