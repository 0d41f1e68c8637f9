// The shapes of `/ledgers` (台账): what the catalog says of a ledger, its rows, and one entry in full. Everything a
// person reads arrives finished in Chinese; what there is none of is null.

import type { PersonRef, RegionRef } from '../api/types'

export type FieldType =
  | 'text' | 'integer' | 'real' | 'truth' | 'choice' | 'date' | 'instant' | 'link' | 'links'
  | 'money' | 'region' | 'person' | 'people' | 'photos' | 'files' | 'list' | 'record'
export type Level = 1 | 2 | 3 | 4

export interface LedgerMenuItem { kind: string; label: string; measure: string; open: number; overdue: number }
export interface LedgerMenu { name: string; label: string; ledgers: LedgerMenuItem[] }

export interface LedgerChoice { value: string; label: string; level: Level | null }
export interface LedgerField {
  name: string
  label: string
  type: FieldType
  required: boolean
  max_chars: number | null
  lines: boolean
  choices: LedgerChoice[]
  unit: string | null
  least: number | null
  most: number | null
  /** The ledger that a link leads to, or `unit`. */
  to: string | null
  /** A date that may not lie in the future. */
  past: boolean
  help: string | null
  filter: boolean
}
/** What the form of a move asks for. */
export interface Ask { field: string; required: boolean }
export interface Opening { name: string; label: string; help: string | null; asks: Ask[] }
export interface LedgerKind {
  kind: string
  label: string
  measure: string
  menu: string
  menu_label: string
  /** The choice whose levels draw the mark beside the title. */
  mark: string | null
  columns: string[]
  states: { name: string; label: string; end: boolean }[]
  fields: LedgerField[]
  openings: Opening[]
}

export type Standing = 'running' | 'due_soon' | 'overdue' | 'met' | 'met_late'
/** `on` is the last day, which counts to its end; none for a deadline in hours. */
export interface DeadlineView { words: string; standing: Standing; due_at: string; on: string | null; provisional: boolean }

export interface EntryRow {
  id: string
  kind: string
  number: string | null
  title: string
  state: string
  state_label: string
  end: boolean
  mark: { level: Level; label: string } | null
  region: RegionRef
  unit: PersonRef | null
  owner: string | null
  deadline: DeadlineView | null
  opened_at: string
  closed_at: string | null
  version: number
  cells: Record<string, string>
}
/** A row of 今日待办: why it is there. */
export interface AgendaRow extends EntryRow { why: string }

export interface Tallies { all: number; open: number; overdue: number; soon: number; states: { state: string; label: string; count: number }[] }

export interface EntryStep { label: string; at: string | null; state: 'done' | 'now' | 'next' }
export interface EntryClock extends DeadlineView {
  basis: string
  owner: string | null
  extended: number
  started_at: string
  escalates: { label: string; at: string }[]
}
export interface EntryAction { name: string; label: string; allowed: boolean; reason: string | null; help: string | null; asks: Ask[] }
/** An entry of another ledger that begins from this one; `fills` is what it takes along. */
export interface EntryFollow { kind: string; opens: string; label: string; allowed: boolean; reason: string | null; fills: Record<string, unknown> }
export interface Entry extends EntryRow {
  position: [number, number] | null
  fields: Record<string, unknown>
  names: Record<string, string>
  steps: EntryStep[]
  clock: EntryClock | null
  actions: EntryAction[]
  edit: { allowed: boolean; reason: string | null }
  follows: EntryFollow[]
  linked: { kind: string; label: string; total: number; items: EntryRow[] }[]
}

/** A photo or file of an entry, as the server keeps it. */
export interface FileRef { blob: string; name: string; type: string; size: number; at: string }
export interface Officer { id: string; name: string; posts: string[]; certificate: string | null }
