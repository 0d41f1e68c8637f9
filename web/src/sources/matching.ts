// Looking for a law, an article or a ledger among the sources (制度依据).

import type { LegalSourceList } from '../api/types'

export type Source = LegalSourceList['items'][number]
type Article = Source['articles'][number]

const has = (q: string, ...texts: (string | null | undefined)[]): boolean => texts.some((text) => text?.includes(q))

function within(a: Article, q: string): Article | null {
  if (has(q, a.article)) return a
  const uses = a.uses.filter((u) => has(q, u.what, u.place, u.says, u.term))
  return uses.length > 0 ? { ...a, uses } : null
}
/** The sources with what the text is in; a source whose title has it stays whole. */
export function matching(all: readonly Source[], q: string): Source[] {
  if (q === '') return [...all]
  return all.flatMap((s) => {
    if (has(q, s.title)) return [s]
    const articles = s.articles.flatMap((a) => within(a, q) ?? [])
    return articles.length > 0 ? [{ ...s, articles }] : []
  })
}
export const usesOf = (all: readonly Source[]): number => all.reduce((sum, s) => sum + s.articles.reduce((n, a) => n + a.uses.length, 0), 0)
