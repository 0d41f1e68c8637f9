// The desk by key, from first to last. Keys are silent while somebody types; Esc always works.

import type { Action } from '../api/types'

export type Command =
  | { do: 'move'; step: 1 | -1 }
  | { do: 'open' }
  | { do: 'act'; key: string }
  | { do: 'frame' }
  | { do: 'map' }
  | { do: 'search' }
  | { do: 'help' }
  | { do: 'escape' }
  | { do: 'digit'; n: number }
  | { do: 'confirm' }
  | { do: 'mute' }
  | { do: 'lock' }

export interface Stroke {
  key: string
  ctrl: boolean
  alt: boolean
  meta: boolean
  composing: boolean
  /** The focus stands in a field that takes text. */
  typing: boolean
  /** The focus stands on a button or link, which keeps Enter for itself. */
  onControl: boolean
  /** A form is open in the alarm pane. */
  inForm: boolean
}

/** Keys of actions; which of them does something is said by the alarm's own `actions`. */
export const ACTION_KEYS = ['A', 'T', 'F', 'E', 'U', 'D', 'H', 'O', 'M', 'N', 'C'] as const

const PLAIN: Record<string, Command> = {
  j: { do: 'move', step: 1 },
  k: { do: 'move', step: -1 },
  arrowdown: { do: 'move', step: 1 },
  arrowup: { do: 'move', step: -1 },
  x: { do: 'frame' },
  g: { do: 'map' },
  s: { do: 'mute' },
  '/': { do: 'search' },
  '?': { do: 'help' },
  '？': { do: 'help' },
}

function inForm(s: Stroke): Command | null {
  if (/^[1-9]$/.test(s.key)) return s.typing ? null : { do: 'digit', n: Number(s.key) }
  if (s.key === 'Enter') return s.onControl ? null : { do: 'confirm' }
  return null
}
/** The command of a key stroke, or `null` when the key belongs to somebody else. */
export function commandOf(s: Stroke): Command | null {
  // The key by which people lock what they leave; it works from anywhere, also while typing.
  if (s.ctrl && !s.alt && !s.meta && s.key.toLowerCase() === 'l') return { do: 'lock' }
  if (s.ctrl || s.alt || s.meta || s.composing) return null
  if (s.key === 'Escape') return { do: 'escape' }
  if (s.inForm) return inForm(s)
  if (s.typing) return null
  if (s.key === 'Enter') return s.onControl ? null : { do: 'open' }
  if (/^[1-9]$/.test(s.key)) return { do: 'digit', n: Number(s.key) }
  const upper = s.key.toUpperCase()
  if ((ACTION_KEYS as readonly string[]).includes(upper)) return { do: 'act', key: upper }
  return PLAIN[s.key.toLowerCase()] ?? null
}
/** The action that a key stands for, as the server named it. */
export function actionOf(actions: readonly Action[], key: string): Action | null {
  return actions.find((a) => a.key === key) ?? null
}
/** True for elements that take text. */
export function takesText(el: { tagName?: string; isContentEditable?: boolean; type?: string } | null): boolean {
  if (!el) return false
  if (el.isContentEditable) return true
  const tag = el.tagName?.toUpperCase()
  if (tag === 'TEXTAREA' || tag === 'SELECT') return true
  return tag === 'INPUT' && !['checkbox', 'radio', 'button', 'submit'].includes(el.type ?? 'text')
}
export function keepsEnter(el: { tagName?: string } | null): boolean {
  const tag = el?.tagName?.toUpperCase()
  return tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY'
}
