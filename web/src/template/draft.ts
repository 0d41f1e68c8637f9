// What the form of a ledger of the site holds while it is filled in, and what is sent of it.

import type { OwnField, OwnType, SiteForm } from './types'

/** A campaign lasts so long when nobody says otherwise. */
const DAYS = 60
const DAY_MS = 86_400_000
const OFFICE_MS = 8 * 3_600_000

export interface OwnDraft { label: string; type: OwnType; required: boolean; choices: string; unit: string; help: string; listed: boolean; retired: boolean }
export interface SiteDraft { label: string; measure: string; number: string; pattern: string; fields: OwnDraft[]; area: string[]; ends_on: string; target: string; each_township: boolean }

export const newField = (): OwnDraft => ({ label: '', type: 'text', required: false, choices: '', unit: '', help: '', listed: false, retired: false })

export const draftFields = (fields: OwnField[]): OwnDraft[] => fields.map((f) => ({ ...f, choices: f.choices.join('\n'), unit: f.unit ?? '', help: f.help ?? '' }))

export function draftOf(form: SiteForm | null, now = Date.now()): SiteDraft {
  if (!form) {
    const ends_on = new Date(now + OFFICE_MS + DAYS * DAY_MS).toISOString().slice(0, 10)
    return { label: '', measure: '', number: '', pattern: '', fields: [], area: [], ends_on, target: '', each_township: false }
  }
  return { ...form, fields: draftFields(form.fields), target: form.target ? String(form.target.count) : '', each_township: form.target?.each_township ?? false }
}

/** A region to choose from; `whole` is the site's own, with everything in it. */
export interface AreaRegion { code: string; name: string; whole: boolean }
/** The area after one more choice: the whole county, or some of its townships, never both. */
export function areaWith(area: readonly string[], all: readonly AreaRegion[], picked: AreaRegion, on: boolean): string[] {
  if (!on) return area.filter((code) => code !== picked.code)
  const rest = picked.whole ? [] : area.filter((code) => !all.some((r) => r.whole && r.code === code))
  return [...rest, picked.code]
}

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
const said = (text: string): string | null => text.trim() || null

export const formFields = (fields: OwnDraft[]): OwnField[] => fields.map((f) => ({
  label: f.label.trim(),
  type: f.type,
  required: f.required,
  choices: f.type === 'choice' ? lines(f.choices) : [],
  unit: f.type === 'integer' || f.type === 'real' ? said(f.unit) : null,
  help: said(f.help),
  listed: f.listed,
  retired: f.retired,
}))

export function formOf(draft: SiteDraft): SiteForm {
  const number = Number(draft.target)
  // What is no number is sent as one that the server names as wrong.
  const count = Number.isInteger(number) && number >= 0 ? number : 0
  return {
    label: draft.label.trim(),
    measure: draft.measure.trim(),
    number: draft.number.trim().toUpperCase(),
    pattern: draft.pattern,
    fields: formFields(draft.fields),
    area: draft.area,
    ends_on: draft.ends_on,
    target: draft.target.trim() === '' ? null : { count, each_township: draft.each_township },
  }
}
