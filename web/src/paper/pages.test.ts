import { describe, expect, it } from 'vitest'
import { drawnRows, fontFamily, footContent, officePageRule, pageRule, staysWhole, WHOLE_BLOCKS_MAX, type Cell, type Paragraph, type Table } from './pages'

const paragraph = (runs: Paragraph['runs']): Paragraph => ({ block: 'paragraph', align: 'left', first_line_twip: 0, left_twip: 0, right_twip: 0, line_twip: null, before_twip: 0, after_twip: 0, ruled: false, new_page: false, with_next: false, runs })
const run = (text: string, field: 'page_number' | 'page_count' | null = null) => ({ text, font: '宋体', size_half_pt: 21, bold: false, underlined: false, struck: false, field })
const cell = (join: Cell['join'], columns = 1): Cell => ({ columns, join, middle: false, blocks: [] })

describe('a printed document', () => {
  it('puts cells together that are one over several rows, by their column and not by their place', () => {
    const table: Table = {
      block: 'table', columns_twip: [100, 100, 100], ruled: true,
      rows: [
        { height_twip: 0, head: false, whole: false, cells: [cell('alone', 2), cell('begins')] },
        { height_twip: 0, head: false, whole: false, cells: [cell('alone'), cell('alone'), cell('continues')] },
        { height_twip: 0, head: false, whole: false, cells: [cell('alone', 2), cell('alone')] },
      ],
    }
    expect(drawnRows(table).map((row) => row.map((c) => c.rows))).toEqual([[1, 2], [1, 1], [1, 1]])
  })

  it('keeps a row together that a page has room for, and lets a long list of hazards go on over the page', () => {
    const holding = (count: number) => [{ cell: { ...cell('alone'), blocks: Array.from({ length: count }, () => paragraph([])) }, rows: 1 }]
    expect([staysWhole(holding(WHOLE_BLOCKS_MAX)), staysWhole(holding(WHOLE_BLOCKS_MAX + 1))]).toEqual([true, false])
  })

  it('says the foot as the printer counts it, and no text gets out of its quotes', () => {
    expect(footContent([paragraph([run('第 '), run('', 'page_number'), run(' 页 共 '), run('', 'page_count')])])).toBe('"第 " counter(page) " 页 共 " counter(pages)')
    expect(footContent([paragraph([run('"; } * { display: none } \\')])])).toBe('" ; } * { display: none }  "')
    expect(footContent([])).toBe('""')
  })

  it('says on every page of an archive or a list whose it is and which page of how many', () => {
    const rule = officePageRule({ size: 'A4', margin: '20mm', left: '云岫县"消防救援大队', right: 'YX-0731' })
    expect(rule).toContain('@top-left { content: "云岫县 消防救援大队"')
    expect(rule).toContain('@top-right { content: "YX-0731"')
    expect(rule).toContain('content: "第 " counter(page) " 页　共 " counter(pages) " 页"')
    expect(officePageRule({ size: 'A4', margin: '20mm' })).not.toContain('@top')
  })

  it('gives the paper its size and margins, and a face its stand-ins', () => {
    const paper = { width_twip: 11906, height_twip: 16838, top_twip: 2098, right_twip: 1474, bottom_twip: 1984, left_twip: 1588 }
    expect(pageRule(paper, '""')).toContain('size: 595.3pt 841.9pt; margin: 104.9pt 73.7pt 99.2pt 79.4pt')
    expect(fontFamily('仿宋')).toMatch(/^"仿宋", 仿宋_GB2312/)
    expect(fontFamily('x"; color: red')).not.toContain('red')
  })
})
