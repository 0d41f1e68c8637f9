// Which bytes belong to which line of a decoded frame. The decoder gives a tree of labelled byte
// ranges; here it becomes a flat list of lines to draw, and a way back from a byte to its line.

import type { FrameNode } from '../api/types'

/** One line of the drawn tree. `id` is its path (`0.2.1`), `depth` its indentation. */
export interface FrameLine {
  id: string
  depth: number
  node: FrameNode
  leaf: boolean
}

/** The tree as lines, top to bottom. */
export function linesOf(tree: FrameNode[], prefix = '', depth = 0): FrameLine[] {
  return tree.flatMap((node, index) => {
    const id = prefix === '' ? String(index) : `${prefix}.${index}`
    const line: FrameLine = { id, depth, node, leaf: node.children.length === 0 }
    return [line, ...linesOf(node.children, id, depth + 1)]
  })
}

/** The innermost line that covers this byte: the deepest, and among equals the shortest. */
export function lineAt(lines: FrameLine[], at: number): FrameLine | null {
  const covering = lines.filter((line) => covers(line.node, at))
  return covering.reduce<FrameLine | null>((best, line) => (best && !tighter(line, best) ? best : line), null)
}

/** Whether a node's range holds this byte. */
export function covers(node: FrameNode, at: number): boolean {
  return at >= node.offset && at < node.offset + node.length
}

function tighter(line: FrameLine, than: FrameLine): boolean {
  if (line.depth !== than.depth) return line.depth > than.depth
  return line.node.length < than.node.length
}

/** A range in words people count with: `第 3–4 字节`, places counted from one. */
export function rangeOf(node: FrameNode): { from: number; to: number } {
  return { from: node.offset + 1, to: node.offset + Math.max(node.length, 1) }
}

/** The field boundaries: for each byte, whether a new leaf begins there (drawn as a small gap). */
export function leafIndexByByte(lines: FrameLine[], count: number): number[] {
  const owner = new Array<number>(count).fill(-1)
  lines.forEach((line, index) => {
    if (!line.leaf) return
    const end = Math.min(count, line.node.offset + line.node.length)
    for (let at = Math.max(0, line.node.offset); at < end; at += 1) owner[at] = index
  })
  return owner
}
