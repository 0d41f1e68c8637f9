// A ledger's list on paper (打印清单): which rows, what was asked for in words, and what stands in a cell.

import { t } from '../locale'
import type { Page } from '../api/types'
import type { Filters } from '../office/filters'
import { todayOn } from '../ui/time'
import { keyOf, pickable, tabOf } from './asking'
import type { EntryRow, LedgerKind } from './types'

/** Most rows that are printed: some twenty sheets. Who wants more of them takes a table out. */
export const PRINT_ROWS_MAX = 500
/** Rows asked for at a time; the most that the server gives at once. */
const ROWS_AT_ONCE = 200

export interface PrintedRows { rows: EntryRow[]; /** How many there are; null where nobody counted. */ total: number | null; /** Whether there are more than are printed. */ cut: boolean }
type Ask = (cursor: string, limit: number) => Promise<Page<EntryRow> & { total?: number }>

/** The first rows of the list in its order, and whether there are more. */
export async function rowsToPrint(ask: Ask): Promise<PrintedRows> {
  const rows: EntryRow[] = []
  let page = await ask('', ROWS_AT_ONCE)
  const total = page.total ?? null
  rows.push(...page.items)
  while (page.next && rows.length < PRINT_ROWS_MAX) {
    page = await ask(page.next, Math.min(ROWS_AT_ONCE, PRINT_ROWS_MAX - rows.length))
    rows.push(...page.items)
  }
  return { rows, total, cut: page.next !== null }
}

/** What the list was asked for, as a head says it: 逾期；风险等级 较大；“防火门”. */
export function askedInWords(kind: LedgerKind, filters: Filters<string>, names: { region?: string; unit?: string }): string {
  const said = [t(`ledger.tabs.${tabOf(filters)}`)]
  const state = kind.states.find((s) => s.name === filters.state)
  if (state) said.push(`${t('ledger.stateFilter')} ${state.label}`)
  for (const field of pickable(kind)) {
    const value = filters[keyOf(field.name)]
    if (!value) continue
    const truth = value === 'true' ? t('common.yes') : t('common.no')
    said.push(`${field.label} ${field.type === 'truth' ? truth : (field.choices.find((c) => c.value === value)?.label ?? value)}`)
  }
  for (const field of kind.fields.filter((f) => f.type === 'link' && filters[keyOf(f.name)])) said.push(t('printing.only', { label: field.label }))
  if (filters.region) said.push(names.region ?? filters.region)
  if (filters.unit) said.push(names.unit ?? t('ledger.onlyUnit'))
  if (filters.due) said.push(t('dueDays.only', { day: filters.due }))
  if (filters.q) said.push(`“${filters.q}”`)
  return said.join('；')
}

/** What a ledger is called on paper; some are called 台账 already. */
export const ledgerName = (label: string): string => (label.endsWith(t('printing.ledger')) ? label : `${label}${t('printing.ledger')}`)
/** Words that stay on one line, so that no column is squeezed to single characters. */
const SHORT_CHARS = 10
export const isShort = (words: string | null): boolean => (words ?? '').length <= SHORT_CHARS

/** What stands in a cell, by the name of its column. */
export function cellWords(column: string, row: EntryRow): string {
  switch (column) {
    case 'unit': return row.unit?.name ?? ''
    case 'state': return row.state_label
    case 'owner': return row.owner ?? ''
    case 'opened': return todayOn(Date.parse(row.opened_at))
    default: return row.cells[column] ?? ''
  }
}
