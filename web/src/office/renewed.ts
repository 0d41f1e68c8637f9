// Rows of a list read again for what time alone has changed of them (剩 3 天): none moves, comes or goes, and one that somebody has
// changed meanwhile stays as it was read, until the person asks for the news.

interface Row { id?: unknown; version?: unknown }

export function renewed<T>(shown: readonly T[], read: readonly T[]): T[] {
  const fresh = new Map(read.map((one) => [(one as Row).id, one]))
  return shown.map((one) => {
    const now = fresh.get((one as Row).id)
    return now !== undefined && (now as Row).version === (one as Row).version ? now : one
  })
}
