// One place for each water name: a polygon cut into tiles would otherwise be named once a tile.

type Position = GeoJSON.Position

function middleOfLine(line: Position[]): Position {
  const lengths = line.slice(1).map((p, i) => Math.hypot(p[0]! - line[i]![0]!, p[1]! - line[i]![1]!))
  let left = lengths.reduce((a, b) => a + b, 0) / 2
  for (const [i, l] of lengths.entries()) {
    if (l >= left) {
      const k = l === 0 ? 0 : left / l
      return [line[i]![0]! + (line[i + 1]![0]! - line[i]![0]!) * k, line[i]![1]! + (line[i + 1]![1]! - line[i]![1]!) * k]
    }
    left -= l
  }
  return line[0]!
}
function middleOfRing(ring: Position[]): Position {
  const xs = ring.map((p) => p[0]!)
  const ys = ring.map((p) => p[1]!)
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2]
}
/** Lines and rings of a geometry, whatever its kind. */
function paths(g: GeoJSON.Geometry): { at: Position; size: number }[] {
  const line = (l: Position[]): { at: Position; size: number } => ({ at: middleOfLine(l), size: l.length })
  const ring = (r: Position[][]): { at: Position; size: number } => ({ at: middleOfRing(r[0] ?? []), size: (r[0] ?? []).length })
  if (g.type === 'LineString') return [line(g.coordinates)]
  if (g.type === 'MultiLineString') return g.coordinates.map(line)
  if (g.type === 'Polygon') return [ring(g.coordinates)]
  if (g.type === 'MultiPolygon') return g.coordinates.map(ring)
  return g.type === 'Point' ? [{ at: g.coordinates, size: Infinity }] : []
}
/** A point for each name among rivers and waters; of several parts with one name the longest is named, and a river by its middle line rather than its banks. */
export function waterNames(base: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection<GeoJSON.Point> {
  const best = new Map<string, { at: Position; size: number; minzoom: number }>()
  const rivers = new Set(base.features.filter((f) => f.properties?.layer === 'river').map((f) => f.properties?.name as string))
  for (const f of base.features) {
    const layer = f.properties?.layer as string | undefined
    const name = f.properties?.name as string | undefined
    if (!name || (layer !== 'river' && !(layer === 'water' && !rivers.has(name)))) continue
    const minzoom = Number(f.properties?.minzoom ?? 0)
    for (const p of paths(f.geometry)) if (p.size > (best.get(name)?.size ?? 0)) best.set(name, { ...p, minzoom })
  }
  return {
    type: 'FeatureCollection',
    features: [...best].map(([name, p]) => ({ type: 'Feature', properties: { name, minzoom: p.minzoom }, geometry: { type: 'Point', coordinates: p.at } })),
  }
}
