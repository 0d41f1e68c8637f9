// Whoever looks for a ledger sees the articles behind it and nothing else.
import { expect, test } from 'vitest'
import { matching, usesOf, type Source } from './matching'

const use = (what: string, place: string) => ({ kind: 'hazard', what, place, says: '三个工作日内', term: '3 个工作日', chosen: false })
const all: Source[] = [
  { title: '消防监督检查规定', articles: [{ article: '第 19 条', uses: [use('隐患', '待责令'), use('责改', '待送达')] }, { article: '第 20 条', uses: [use('隐患', '待复查')] }] },
  { title: '行政处罚法', articles: [{ article: '第 61 条', uses: [use('处罚', '待送达')] }] },
]

test('a title keeps its source whole, a word keeps the uses that have it', () => {
  expect(matching(all, '')).toEqual(all)
  expect(matching(all, '监督检查')).toEqual([all[0]])
  expect(matching(all, '待送达').map((s) => [s.title, usesOf([s])])).toEqual([['消防监督检查规定', 1], ['行政处罚法', 1]])
  expect(matching(all, '第 20 条').map((s) => s.articles.length)).toEqual([1])
  expect(matching(all, '没有的')).toEqual([])
  expect(usesOf(all)).toBe(4)
})
