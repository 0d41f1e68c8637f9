// How a tab reaches the one connection: through the shared worker, or, where a browser has none,
// through a channel between tabs of which one holds the connection.

import { Connection } from './connection'
import { clearLeader, leads, type Leader } from './leader'
import type { LiveMessage, TabMessage } from './messages'

export interface Channel {
  send(m: TabMessage): void
}

const CHANNEL = 'fengsui-live'
const WATCH_MS = 500

function throughWorker(tell: (m: LiveMessage) => void): Channel {
  const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: CHANNEL })
  worker.port.onmessage = (e: MessageEvent<LiveMessage>) => tell(e.data)
  worker.port.start()
  return { send: (m) => worker.port.postMessage(m) }
}

type Shared = { from: number; message: LiveMessage } | { from: number; tab: TabMessage }

/** One tab, the one with the lowest number that is alive, holds the connection and repeats it to the others. */
function throughTabs(tell: (m: LiveMessage) => void): Channel {
  const me = crypto.getRandomValues(new Uint32Array(1))[0]!
  const between = new BroadcastChannel(CHANNEL)
  const leader: Leader = { id: null, heard_at_ms: Date.now() }
  let own: Connection | null = null
  const share = (message: LiveMessage): void => {
    tell(message)
    between.postMessage({ from: me, message } satisfies Shared)
  }
  between.onmessage = (e: MessageEvent<Shared>) => {
    const m = e.data
    if ('tab' in m) {
      if (own && m.tab.kind === 'again') own.again()
      if (own && m.tab.kind === 'hello') share(own.status())
      return
    }
    leader.id = m.from
    leader.heard_at_ms = Date.now()
    if (own && m.from < me) {
      own.close()
      own = null
    }
    if (!own) tell(m.message)
  }
  setInterval(() => {
    if (!own && leads(leader, Date.now())) {
      clearLeader(leader, Date.now())
      own = new Connection(share)
    }
  }, WATCH_MS)
  return {
    send(m) {
      if (own && m.kind === 'again') own.again()
      between.postMessage({ from: me, tab: m } satisfies Shared)
    },
  }
}

export function openChannel(tell: (m: LiveMessage) => void): Channel {
  return typeof SharedWorker === 'function' ? throughWorker(tell) : throughTabs(tell)
}
