// Shared worker: one connection for all tabs of the browser. Closed tabs are forgotten when they say so.

import { Connection } from './connection'
import type { LiveMessage, TabMessage } from './messages'

const ports = new Set<MessagePort>()
let connection: Connection | null = null

function tell(m: LiveMessage): void {
  for (const p of ports) p.postMessage(m)
}
function listen(port: MessagePort, m: TabMessage): void {
  if (m.kind === 'bye') {
    ports.delete(port)
    if (ports.size === 0) {
      connection?.close()
      connection = null
    }
    return
  }
  if (m.kind === 'again') return void (connection ? connection.again() : (connection = new Connection(tell)))
  if (!connection) connection = new Connection(tell)
  else port.postMessage(connection.status())
}

self.addEventListener('connect', (e) => {
  const port = (e as MessageEvent).ports[0]!
  ports.add(port)
  port.onmessage = (m: MessageEvent<TabMessage>) => listen(port, m.data)
  port.start()
})
