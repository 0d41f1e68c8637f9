// Hex text of frames (十六进制文本) as people paste it: with blanks, line ends, commas, `0x`,
// full-width digits from a word processor. Says where the first unusable sign stands instead of
// guessing, and lays bytes out in rows for reading. Nothing here understands a frame.

/** The most bytes the laboratory takes at once (64 KiB, as the server does). */
export const LAB_BYTES_MAX = 64 * 1024

/** Bytes in one row of the hex view. */
export const BYTES_PER_ROW = 16

/** The longest hex text that is written into the address of the page, in characters. */
export const HASH_CHARS_MAX = 2048

/** What a pasted text turned out to be. `line` and `column` count from one, in characters. */
export type HexReading =
  | { kind: 'empty' }
  | { kind: 'bytes'; hex: string; count: number }
  | { kind: 'sign'; sign: string; line: number; column: number }
  | { kind: 'half'; token: string; line: number; column: number }
  | { kind: 'too_long'; count: number }

interface Token {
  text: string
  line: number
  column: number
}

const SEPARATOR = /[\s,;:|\-_，；、：]/u
const HEX_DIGIT = /[0-9a-fA-F]/u

/** Reads pasted text: upper-case hex without separators, or the place of the first thing wrong. */
export function readHex(text: string): HexReading {
  const tokens = tokensOf(text)
  for (const token of tokens) {
    const bad = firstBadSign(token)
    if (bad) return bad
  }
  const digits = tokens.map((token) => token.text).join('').toUpperCase()
  if (digits.length === 0) return { kind: 'empty' }
  if (digits.length % 2 === 1) return halfByte(tokens)
  const count = digits.length / 2
  return count > LAB_BYTES_MAX ? { kind: 'too_long', count } : { kind: 'bytes', hex: digits, count }
}

/** Splits at separators and takes off `0x` and `\x`, keeping where each piece stood. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let current: Token | null = null
  let line = 1
  let column = 0
  for (const raw of text) {
    if (raw === '\n') {
      line += 1
      column = 0
      current = null
      continue
    }
    column += 1
    if (SEPARATOR.test(raw)) {
      current = null
      continue
    }
    if (!current) {
      current = { text: '', line, column }
      tokens.push(current)
    }
    current.text += raw.normalize('NFKC')
  }
  return tokens.map(withoutPrefix)
}

/** `0x40` and `\x40\x40` are the same bytes as `40` and `4040`. */
function withoutPrefix(token: Token): Token {
  const escapes = token.text.replace(/\\x/giu, '')
  if (escapes !== token.text) return { ...token, text: escapes }
  if (/^0x/iu.test(token.text)) {
    return { ...token, text: token.text.slice(2), column: token.column + 2 }
  }
  return token
}

function firstBadSign(token: Token): HexReading | null {
  let column = token.column
  for (const sign of token.text) {
    if (!HEX_DIGIT.test(sign)) return { kind: 'sign', sign, line: token.line, column }
    column += 1
  }
  return null
}

/** With an odd number of digits, the first piece of odd length is the likely culprit. */
function halfByte(tokens: Token[]): HexReading {
  const culprit = tokens.find((token) => token.text.length % 2 === 1)
  const token = culprit ?? tokens[tokens.length - 1]
  return { kind: 'half', token: token.text, line: token.line, column: token.column }
}

/** One byte of a row: its place in the frame, its hex, and its sign if it is printable ASCII. */
export interface HexByte {
  at: number
  hex: string
  sign: string
}

/** Cuts hex into rows for reading. */
export function hexRows(hex: string, perRow: number = BYTES_PER_ROW): HexByte[][] {
  const rows: HexByte[][] = []
  const pairs = hex.match(/../gu) ?? []
  pairs.forEach((pair, at) => {
    if (at % perRow === 0) rows.push([])
    rows[rows.length - 1].push({ at, hex: pair.toUpperCase(), sign: signOf(pair) })
  })
  return rows
}

/** Pairs of hex digits with blanks between them, for copying. */
export function spacedHex(hex: string): string {
  return (hex.match(/../gu) ?? []).join(' ').toUpperCase()
}

function signOf(pair: string): string {
  const value = Number.parseInt(pair, 16)
  return value > 0x20 && value < 0x7f ? String.fromCharCode(value) : '.'
}

/** The address fragment for these bytes, or nothing when they are too long to share that way. */
export function hashOf(hex: string): string {
  return hex.length > 0 && hex.length <= HASH_CHARS_MAX ? `#${hex}` : ''
}

/** The bytes in an address fragment; anything but whole bytes of hex is ignored. */
export function hexFromHash(hash: string): string {
  const reading = readHex(decodeSafely(hash.replace(/^#/u, '')))
  return reading.kind === 'bytes' ? reading.hex : ''
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
