// The limits of a point while they are being filled in: texts, until they are sent.

import type { LimitView, PointLimitForm } from '../api/types'

/** One value's limits as typed. */
export interface LimitDraft { analog_type: number; low: string; low_clear: string; high: string; high_clear: string; hold_s: string }

/** The draft of what holds, or of what is proposed; empty when there is nothing. */
export function draftOf(analog_type: number, limits: LimitView | null): LimitDraft {
  const text = (n: number | null | undefined): string => (n === null || n === undefined ? '' : String(n))
  return { analog_type, low: text(limits?.low), low_clear: text(limits?.low_clear), high: text(limits?.high), high_clear: text(limits?.high_clear), hold_s: limits ? String(limits.hold_s) : '' }
}

/** A number as people type it, full-width digits and dots included; null when there is none, NaN when it is no number. */
export function numberOf(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/\s/gu, '').replace(/。/gu, '.')
  return plain === '' ? null : Number(plain)
}

const isEmpty = (d: LimitDraft): boolean => [d.low, d.low_clear, d.high, d.high_clear].every((x) => x.trim() === '')

/** What is sent, with the drafts that it came from; values without any limit are left out, which takes their limits away. */
export function formOf(drafts: LimitDraft[]): { form: PointLimitForm; from: LimitDraft[]; wrong: Record<string, string> } {
  const from = drafts.filter((d) => !isEmpty(d))
  const wrong: Record<string, string> = {}
  const limits = from.map((d, n) => {
    const read = (field: 'low' | 'low_clear' | 'high' | 'high_clear' | 'hold_s'): number | null => {
      const number = numberOf(d[field])
      if (Number.isNaN(number)) wrong[`limits/${n}/${field}`] = field
      return number
    }
    return { analog_type: d.analog_type, low: read('low'), low_clear: read('low_clear'), high: read('high'), high_clear: read('high_clear'), hold_s: Math.round(read('hold_s') ?? 0) }
  })
  return { form: { limits }, from, wrong }
}
