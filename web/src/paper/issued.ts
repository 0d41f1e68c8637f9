// Papers issued from ledger entries (出具的文书) as the server describes them.

import type { PrintedDocument } from './pages'

/** The ledger of issued papers. */
export const ISSUED_PAPER = 'issued_paper'

export interface IssuedPaper {
  id: string
  number: string
  label: string
  state: string
  state_label: string
  voided: boolean
  issued_on: string
  code: string
  /** The document's content and the name of its file. */
  blob: string
  file: string
  /** Places that would say something else if it were issued now. */
  changed: string[]
}
export interface PaperOffer { paper: string; label: string; allowed: boolean; reason: string | null }
export interface EntryPapers {
  offers: PaperOffer[]
  issued: IssuedPaper[]
  /** What is still to be done about the papers of the steps that may come next. */
  still: string[]
}
export interface IssuedSheet extends IssuedPaper { about_kind: string; about: string; document: PrintedDocument }
