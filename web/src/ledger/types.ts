// The shapes of `/ledgers` (台账): what the catalog says of a ledger, its rows, and one entry in full, under the names the
// pages use. They are generated from the server's own description; nothing is declared here. Everything a
// person reads arrives finished in Chinese; what there is none of is null.

import type { components } from '../api/schema'

type Schemas = components['schemas']

export type Level = Schemas['FourColours']

export type LedgerMenu = Schemas['LedgerMenu']
export type LedgerMenuItem = Schemas['LedgerItem']

export type FieldType = Schemas['LedgerFieldType']
export type LedgerChoice = Schemas['LedgerChoice']
export type LedgerField = Schemas['LedgerField']
/** What the form of a move asks for. */
export type Ask = Schemas['Ask']
export type Opening = Schemas['Opening']
export type LedgerKind = Schemas['Ledger']
/** A grade that a rule reckoned, and by which version of which rule. */
export type JudgementView = Schemas['JudgementView']
/** The range that a rule gives for a number. */
export type BoundView = Schemas['BoundView']
/** What the rules make of a form that is still being filled in. */
export type TrialResult = Schemas['TrialResult']

export type Standing = Schemas['DeadlineStandingName']
/** `on` is the last day, which counts to its end; none for a deadline in hours. */
export type DeadlineView = Schemas['DeadlineView']

export type EntryRow = Schemas['EntryRow']
/** A row of 今日待办: why it is there. */
export type AgendaRow = Schemas['AgendaRow']
export type Tallies = Schemas['Tallies']

export type EntryStep = Schemas['EntryStep']
export type EntryClock = Schemas['ClockView']
export type EntryAction = Schemas['EntryAction']
/** An entry of another ledger that begins from this one; `fills` is what it takes along. */
export type EntryFollow = Schemas['FollowUp']
export type Entry = Schemas['EntryDetail']
export type Officer = Schemas['NameablePerson']
/** A photo or file of an entry, as the server keeps it. */
export type FileRef = Schemas['FileView']

/** What may be done with many entries at once, and why with some of them not. */
export type BatchChoices = Schemas['BatchChoices']
/** What became of each; without a reason it was done. */
export type BatchReport = Schemas['BatchReport']
