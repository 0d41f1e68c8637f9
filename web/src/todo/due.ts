// How the time left of a to-do is written: overdue inverted, the last two days heavier, else plain.

import type { TodoItem } from '../api/types'
import { t } from '../locale'
import { monthDay } from '../ui/time'
import { spanWords } from '../ui/span'

const SOON_MS = 2 * 86_400_000

export interface Due { kind: 'far' | 'soon' | 'over'; text: string }

/** The deadline chip of an open to-do; none for one that is over or has no deadline. */
export function dueOf(todo: Pick<TodoItem, 'state' | 'due_at'>, now: number): Due | null {
  if (todo.state !== 'open' || !todo.due_at) return null
  const left = Date.parse(todo.due_at) - now
  if (left <= 0) return { kind: 'over', text: t('todo.overdue', { span: spanWords(-left / 1000) }) }
  return { kind: left <= SOON_MS ? 'soon' : 'far', text: t('todo.dueOn', { date: monthDay(todo.due_at, now) }) }
}
