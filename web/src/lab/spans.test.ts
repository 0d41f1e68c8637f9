// From bytes to lines of the tree and back.

import { describe, expect, it } from 'vitest'
import { leafIndexByByte, lineAt, linesOf, rangeOf } from './spans'
import type { FrameNode } from '../api/types'

const tree: FrameNode[] = [
  { label: '启动符', value: '@@', offset: 0, length: 2, children: [] },
  {
    label: '控制单元', value: '', offset: 2, length: 4,
    children: [
      { label: '流水号', value: '1', offset: 2, length: 2, children: [] },
      { label: '版本', value: '1.1', offset: 4, length: 2, children: [] },
    ],
  },
]

describe('lines of a frame', () => {
  it('are numbered by their path and indented', () => {
    expect(linesOf(tree).map((line) => [line.id, line.depth])).toEqual([['0', 0], ['1', 0], ['1.0', 1], ['1.1', 1]])
  })

  it('give the innermost line of a byte', () => {
    const lines = linesOf(tree)
    expect(lineAt(lines, 0)?.id).toBe('0')
    expect(lineAt(lines, 3)?.id).toBe('1.0')
    expect(lineAt(lines, 5)?.id).toBe('1.1')
    expect(lineAt(lines, 6)).toBeNull()
  })

  it('count places from one for people', () => {
    expect(rangeOf(tree[0])).toEqual({ from: 1, to: 2 })
  })

  it('know the field of each byte, and stay inside the frame', () => {
    expect(leafIndexByByte(linesOf(tree), 5)).toEqual([0, 0, 2, 2, 3])
  })
})
