// What the pages of 数据导入 share: the shapes of the server, the upload, which states still move.

import { asProblem, sendFile } from '../api/client'
import type { components } from '../api/schema'

export type ImportItem = components['schemas']['ImportItem']
export type ImportProblems = components['schemas']['ImportProblems']
export type ImportColumns = components['schemas']['ImportColumns']

export const SUBJECTS = ['unit', 'terminal', 'point'] as const
export const DATUMS = ['cgcs2000', 'gcj02', 'bd09'] as const
/** How often a page looks again while the server works. */
export const LOOK_AGAIN_MS = 1_000

/** Whether the server is at work on it. */
export const isMoving = (state: string): boolean => ['checking', 'running', 'undoing'].includes(state)

/** The step of the rail an import is at: 0 上传 … 4 完成. */
export function stepOf(state: string): number {
  return { checking: 2, checked: 2, running: 3, failed: 3, cancelled: 2 }[state] ?? 4
}

/** What a person reads of the rows: what was written once there is something, else what the check found. */
export function tallyOf(one: ImportItem): ImportItem['checked'] {
  return one.stored.rows > 0 ? one.stored : one.checked
}

export async function upload(subject: string, datum: string, file: File): Promise<ImportItem> {
  try {
    return await sendFile<ImportItem>('/imports', { subject, datum, name: file.name }, file)
  } catch (e) {
    throw asProblem(e)
  }
}
