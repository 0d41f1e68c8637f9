// What the one connection tells the open tabs.

export const EVENT_TYPES = ['alarm', 'terminal', 'unit', 'seat', 'duty_check', 'entry', 'tick', 'resync'] as const
export type EventType = (typeof EVENT_TYPES)[number]

export type LiveMessage =
  | { kind: 'status'; connected: boolean; resumed: boolean; offset_ms: number }
  | { kind: 'event'; type: EventType; data: unknown; at_ms: number }
  | { kind: 'session_lost' }

/** Sent by tabs: `hello` on opening, `again` after a login. */
export type TabMessage = { kind: 'hello' } | { kind: 'again' } | { kind: 'bye' }
