// A printed document as the server describes it: text, sizes and tables. Lengths are in twips, twentieths of a point.

import { t } from '../locale'
import { plainFace, standInFaces } from '../locale/paper'

export type Align = 'left' | 'centre' | 'right' | 'both'
export interface Run { text: string; font: string; size_half_pt: number; bold: boolean; underlined: boolean; struck: boolean; field: 'page_number' | 'page_count' | null }
export interface Paragraph { block: 'paragraph'; align: Align; first_line_twip: number; left_twip: number; right_twip: number; line_twip: number | null; before_twip: number; after_twip: number; ruled: boolean; new_page: boolean; with_next: boolean; runs: Run[] }
export interface Cell { columns: number; join: 'alone' | 'begins' | 'continues'; middle: boolean; blocks: Block[] }
export interface Row { height_twip: number; head: boolean; whole: boolean; cells: Cell[] }
export interface Table { block: 'table'; columns_twip: number[]; ruled: boolean; rows: Row[] }
export type Block = Paragraph | Table
export interface Paper { width_twip: number; height_twip: number; top_twip: number; right_twip: number; bottom_twip: number; left_twip: number }
export interface PrintedDocument { page: Paper; header: Block[]; footer: Block[]; body: Block[] }

const TWIPS_PER_PT = 20
export const pt = (twips: number): string => `${twips / TWIPS_PER_PT}pt`

/** A face with its stand-ins, as a style sheet wants it. A name with other signs than letters is not passed on. */
export function fontFamily(font: string): string {
  const plain = /^[\p{L}\p{N}_ -]+$/u.test(font) ? `"${font}", ` : ''
  return `${plain}${standInFaces[font] ?? standInFaces[plainFace]}, "Noto Serif CJK SC", serif`
}

/** A cell with the number of rows it takes. Cells that go on the one above are not drawn. */
export interface DrawnCell { cell: Cell; rows: number }

/** The cells of a table row by row, those that are one over several rows put together. */
export function drawnRows(table: Table): DrawnCell[][] {
  const places = table.rows.map((row) => {
    let column = 0
    return row.cells.map((cell) => {
      const at = column
      column += cell.columns
      return { at, cell }
    })
  })
  return places.map((row, down) =>
    row
      .filter(({ cell }) => cell.join !== 'continues')
      .map(({ at, cell }) => {
        let rows = 1
        if (cell.join === 'begins') while (places[down + rows]?.some((below) => below.at === at && below.cell.join === 'continues')) rows += 1
        return { cell, rows }
      }),
  )
}

/** A row with more paragraphs than this in one cell may go on over the next page; a shorter one stays whole. */
export const WHOLE_BLOCKS_MAX = 6
export const staysWhole = (row: DrawnCell[]): boolean => row.every(({ cell }) => cell.blocks.length <= WHOLE_BLOCKS_MAX)

const SIDES = ['top', 'right', 'bottom', 'left'] as const

/** The rule for the printer: the paper, its margins, and the number of the page at its foot. */
export function pageRule(paper: Paper, foot: string): string {
  const margins = SIDES.map((side) => pt(paper[`${side}_twip`])).join(' ')
  return `@page { size: ${pt(paper.width_twip)} ${pt(paper.height_twip)}; margin: ${margins}; @bottom-center { content: ${foot}; font: 10.5pt ${fontFamily(plainFace)} } }`
}

/** A text as the printer is told it: it stays inside its quotes. */
const quoted = (text: string): string => `"${text.replace(/["\\\n]/g, ' ')}"`

/** What stands around a page of the office on paper: whose it is and what, above; which page of how many, below. */
export function officePageRule(of: { size: string; margin: string; left?: string; right?: string }): string {
  const small = `font: 9pt ${fontFamily(plainFace)}`
  const foot = t('printing.foot', { page: '" counter(page) "', pages: '" counter(pages) "' })
  const corner = (side: string, text: string | undefined): string => (text ? ` @top-${side} { content: ${quoted(text)}; ${small} }` : '')
  return `@page { size: ${of.size}; margin: ${of.margin};${corner('left', of.left)}${corner('right', of.right)} @bottom-center { content: "${foot}"; ${small} } }`
}

/** The foot of a document as the printer counts it: quoted texts and counters. Only the first paragraph is there. */
export function footContent(footer: Block[]): string {
  const first = footer.find((b): b is Paragraph => b.block === 'paragraph')
  const pieces = (first?.runs ?? []).map((r) => {
    if (r.field === 'page_number') return 'counter(page)'
    if (r.field === 'page_count') return 'counter(pages)'
    return quoted(r.text)
  })
  return pieces.join(' ') || '""'
}
