// Recognising that somebody else saved the record first (别人先保存了): the expected version is gone.

/** The part of a refusal that tells. */
export interface Refused {
  status: number
  code: string
}

/** Whether a change was refused because it was made on an old version. */
export function isStale(why: Refused): boolean {
  return why.status === 412 || why.code === 'version.stale'
}
