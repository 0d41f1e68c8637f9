// What stands on the map is what stands in the list.
import { expect, test } from 'vitest'
import { boundsOf, countsOf, pointsOf, type Place } from './map-marks'

const place = (id: string, standing: string | null, at = [115.2, 28.6]): Place =>
  ({ id, title: id, at, deadline: standing ? { words: '', standing, due_at: '', on: null, provisional: false } : null }) as unknown as Place
const all = [place('a', 'overdue'), place('b', 'due_soon', [115.4, 28.2]), place('c', 'met'), place('d', null), place('e', 'overdue')]

test('each entry is a point with the mark of its deadline', () => {
  expect(pointsOf(all).features.map((f) => [f.properties!.mark, f.properties!.over])).toEqual([['over', 1], ['soon', 0], ['met', 0], ['none', 0], ['over', 1]])
})
test('the legend names what there is, the most pressing first', () => {
  expect(countsOf(all)).toEqual([{ mark: 'over', n: 2 }, { mark: 'soon', n: 1 }, { mark: 'met', n: 1 }, { mark: 'none', n: 1 }])
})
test('the map opens around all of them', () => {
  expect(boundsOf(all)).toEqual([115.2, 28.2, 115.4, 28.6])
  expect(boundsOf([])).toBeNull()
})
