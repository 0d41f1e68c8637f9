// Hex text of frames, cut into bytes and rows.

export const BYTES_PER_ROW = 16

export interface HexRow { offset: number; bytes: string[] }

/** Pairs of hex digits; anything else is dropped. */
export function hexBytes(hex: string): string[] {
  return hex.replace(/[^0-9a-fA-F]/g, '').toUpperCase().match(/../g) ?? []
}
export function hexRows(hex: string): HexRow[] {
  const bytes = hexBytes(hex)
  const rows: HexRow[] = []
  for (let i = 0; i < bytes.length; i += BYTES_PER_ROW) rows.push({ offset: i, bytes: bytes.slice(i, i + BYTES_PER_ROW) })
  return rows
}
/** One line in groups of two bytes, as on the desk. */
export function hexLine(hex: string): string {
  return hexBytes(hex).join('').match(/.{1,4}/g)?.join(' ') ?? ''
}
