// The shapes of `/ledger-templates` (台账模板).

import type { RegionRef } from '../api/types'
import type { LedgerKind } from '../ledger/types'

export type OwnType = 'text' | 'lines' | 'integer' | 'real' | 'money' | 'truth' | 'choice' | 'date' | 'photos' | 'files'
export const OWN_TYPES: OwnType[] = ['text', 'lines', 'choice', 'truth', 'integer', 'real', 'money', 'date', 'photos', 'files']

export interface TemplateLine { kind: string; label: string; measure: string; local: boolean; state: string | null; state_label: string; entries: number; attention: string | null; ends_on: string | null }
export interface PatternView { name: string; label: string; description: string; measure: string; fields: string[]; states: string[] }
export interface TemplateList { items: TemplateLine[]; patterns: PatternView[]; revision: number }

export interface OwnField { label: string; type: OwnType; required: boolean; choices: string[]; unit: string | null; help: string | null; listed: boolean; retired: boolean }
export interface SiteForm {
  label: string
  measure: string
  number: string
  pattern: string
  fields: OwnField[]
  area: string[]
  ends_on: string
  target: { count: number; each_township: boolean } | null
}
export interface Mistake { pointer: string; detail: string }
export interface SiteDetail { state: string; state_label: string; version: number; form: SiteForm; area: RegionRef[]; pending: boolean; differences: string[]; mistakes: Mistake[] }
/** What the site adds to a shipped ledger; version 0 before anything was added. */
export interface OverlayDetail { version: number; fields: OwnField[]; in_use: number; pending: boolean; differences: string[]; mistakes: Mistake[]; resting: string[] }
export interface TemplateDetail {
  ledger: LedgerKind
  states: { label: string; end: boolean; owner: string | null; due: string | null; basis: string | null }[]
  moves: { label: string; from: string[]; to: string | null; by: string[]; help: string | null }[]
  site: SiteDetail | null
  overlay: OverlayDetail | null
}
export interface TemplatePreview { ledger: LedgerKind | null; mistakes: Mistake[]; differences: string[] }
