// Where the content of a photo or file is: of one chosen a moment ago in this browser, else of the entry that has it.

import type { FileRef } from './types'

const fresh = new Map<string, string>()

/** Keeps a chosen file visible until the page goes, before any entry has it. */
export function remember(blob: string, file: File): void {
  if (!fresh.has(blob)) fresh.set(blob, URL.createObjectURL(file))
}
export const isPhoto = (file: Partial<Pick<FileRef, 'type'>>): boolean => file.type?.startsWith('image/') ?? false
/** The address of the content; nothing for a file of no entry that this browser did not choose. */
export function contentOf(file: FileRef, kind: string, entry: string | null): string | null {
  return fresh.get(file.blob) ?? (entry ? `/api/v1/ledgers/${kind}/entries/${entry}/files/${file.blob}` : null)
}
