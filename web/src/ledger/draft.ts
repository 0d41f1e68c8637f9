// What the form of an entry holds and what is sent of it: every type of field as people type it, and back. Money is
// typed in 元 and kept in 分; times are the office's, whatever the computer says.

import { numberFrom } from '../office/unit-draft'
import { instantOf } from '../office/window-draft'
import type { FileRef, LedgerField } from './types'

/** Something chosen, with the name it is shown by. */
export interface Named { id: string; name: string }
/** What one field of the form holds. */
export type Held = string | Named | null | Named[] | FileRef[]
export type EntryDraft = Record<string, Held>
/** Sentences of this module, handed in so that the locale file stays the only place of words. */
export interface DraftWords {
  missing: (label: string) => string
  notANumber: string
  notWhole: string
  notMoney: string
}
type Names = Record<string, string>

const FEN = 100
const OFFSET_MS = 8 * 3_600_000
/** Fields kept whole; nobody types them into a form. */
export const isTyped = (field: LedgerField): boolean => field.type !== 'list' && field.type !== 'record'

const named = (id: unknown, names: Names): Named => ({ id: String(id), name: names[String(id)] ?? String(id) })
const isGone = (value: unknown): boolean => value === null || value === undefined

/** 分 as an amount in 元, without empty cents: 120000 is `1200`, 1250 is `12.50`. */
export function yuanOf(fen: number): string {
  return fen % FEN === 0 ? String(fen / FEN) : (fen / FEN).toFixed(2)
}
/** `2026-11-22T10:00:00Z` as the office's clock shows it in a field: `2026-11-22T18:00`. */
export function localOf(at: string): string {
  return new Date(Date.parse(at) + OFFSET_MS).toISOString().slice(0, 16)
}

/** A stored value as the form holds it. */
export function heldOf(field: LedgerField, value: unknown, names: Names): Held {
  switch (field.type) {
    case 'link': case 'person': return isGone(value) ? null : named(value, names)
    case 'links': case 'people': return Array.isArray(value) ? value.map((id) => named(id, names)) : []
    case 'photos': case 'files': return Array.isArray(value) ? (value as FileRef[]) : []
    case 'money': return isGone(value) ? '' : yuanOf(Number(value))
    case 'instant': return isGone(value) ? '' : localOf(String(value))
    default: return isGone(value) ? '' : String(value)
  }
}
/** The form over these fields, filled with what is known. */
export function draftOf(fields: readonly LedgerField[], values: Record<string, unknown>, names: Names): EntryDraft {
  return Object.fromEntries(fields.map((f) => [f.name, heldOf(f, values[f.name], names)]))
}

export function isEmpty(held: Held | undefined): boolean {
  if (held === null || held === undefined) return true
  return typeof held === 'string' ? held.trim() === '' : Array.isArray(held) && held.length === 0
}

function numberOf(field: LedgerField, text: string, words: DraftWords): { value: unknown } | { error: string } {
  const read = numberFrom(text)
  if (Number.isNaN(read)) return { error: words.notANumber }
  if (field.type === 'integer' && !Number.isInteger(read)) return { error: words.notWhole }
  if (field.type !== 'money') return { value: read }
  const fen = Math.round(read! * FEN)
  return read! < 0 || Math.abs(read! * FEN - fen) > 1e-6 ? { error: words.notMoney } : { value: fen }
}
/** One field as it is sent; an empty one is null. */
function valueOf(field: LedgerField, held: Held, words: DraftWords): { value: unknown } | { error: string } {
  if (isEmpty(held)) return { value: null }
  if (typeof held !== 'string') return { value: Array.isArray(held) ? held.map((one) => ('blob' in one ? one : one.id)) : held!.id }
  switch (field.type) {
    case 'integer': case 'real': case 'money': return numberOf(field, held, words)
    case 'truth': return { value: held === 'true' }
    case 'instant': return { value: instantOf(held) }
    default: return { value: held.trim() }
  }
}

export interface Sent { fields: Record<string, unknown>; errors: { pointer: string; code: string; detail: string }[] }

/** What is sent of a form that began as `start`: whatever is filled in, and the emptying of what was not empty. */
export function sentOf(fields: readonly LedgerField[], required: (name: string) => boolean, draft: EntryDraft, start: EntryDraft, words: DraftWords): Sent {
  const sent: Sent = { fields: {}, errors: [] }
  const wrong = (f: LedgerField, detail: string): void => void sent.errors.push({ pointer: `/fields/${f.name}`, code: 'client.field', detail })
  for (const f of fields) {
    const held = draft[f.name] ?? null
    if (required(f.name) && isEmpty(held)) wrong(f, words.missing(f.label))
    const read = valueOf(f, held, words)
    if ('error' in read) wrong(f, read.error)
    else if (read.value !== null || !isEmpty(start[f.name])) sent.fields[f.name] = read.value
  }
  return sent
}
/** Only what differs from the beginning, for a correction. */
export function changedOf(sent: Record<string, unknown>, draft: EntryDraft, start: EntryDraft): Record<string, unknown> {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => JSON.stringify(draft[name]) !== JSON.stringify(start[name])))
}
