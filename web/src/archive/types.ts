// The shapes of a unit's archive, as the server describes them.

import type { components } from '../api/schema'

type Schemas = components['schemas']
export type Archive = Schemas['ArchiveView']
export type ArchivePart = Schemas['ArchivePartView']
export type ArchiveLedger = Schemas['ArchiveLedgerView']
export type ArchiveDocument = Schemas['ArchiveDocumentView']
export type PartStanding = ArchivePart['standing']
