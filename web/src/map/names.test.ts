// Water names: once each, at the middle of the longest part.
import { expect, it } from 'vitest'
import { waterNames } from './names'

const feature = (layer: string, name: string, geometry: GeoJSON.Geometry): GeoJSON.Feature => ({ type: 'Feature', properties: { layer, name }, geometry })

it('names a river at the middle of its longest part and a lake at its centre', () => {
  const names = waterNames({
    type: 'FeatureCollection',
    features: [
      feature('river', '云水河', { type: 'LineString', coordinates: [[9, 9], [9, 8]] }),
      feature('river', '云水河', { type: 'LineString', coordinates: [[0, 0], [2, 0], [4, 0]] }),
      feature('water', '南湖', { type: 'Polygon', coordinates: [[[0, 0], [2, 0], [2, 4], [0, 4], [0, 0]]] }),
      feature('water', '云水河', { type: 'Polygon', coordinates: [[[7, 7], [8, 7], [8, 8], [8, 9], [7, 9], [7, 7]]] }),
      feature('road', 'G399', { type: 'LineString', coordinates: [[0, 0], [1, 1]] }),
    ],
  })
  expect(names.features.map((f) => [f.properties?.name, f.geometry.coordinates])).toEqual([['云水河', [2, 0]], ['南湖', [1, 2]]])
})
