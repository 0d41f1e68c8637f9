// The real program in demonstration mode: started on free ports over a data directory of its own,
// killed without warning, started again on the same data, and asked to prove its journal at the end.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from './until.mjs'

const WEB = fileURLToPath(new URL('../..', import.meta.url))
/** Password of all demonstration accounts. */
export const PASSWORD = 'fengsui-demo'
/** Longest time the program may need until it serves; the first start writes the whole county. */
const START_MS = 90_000
const STOP_MS = 20_000
/** What the program says when everything listens. */
const READY = '按 Ctrl+C 停止'

/** The program under test. */
export function binary() {
  return resolve(WEB, process.env.FENGSUI_BINARY ?? '../target/debug/fengsui')
}

/** Ports that nobody uses now, all different. */
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  const ports = servers.map((s) => s.address().port)
  await Promise.all(servers.map((s) => new Promise((done) => s.close(done))))
  return ports
}

export class Server {
  /** @param {string} data @param {number} http @param {number} gateway */
  constructor(data, http, gateway) {
    this.data = data
    this.http = http
    this.gateway = gateway
    this.origin = `http://127.0.0.1:${http}`
    this.said = ''
    this.child = null
  }

  /** A running program over a copy of the county that the run has prepared, or over a new one. */
  static async start() {
    const data = await mkdtemp(join(tmpdir(), 'fengsui-e2e-'))
    if (process.env.FENGSUI_E2E_SEED) await cp(process.env.FENGSUI_E2E_SEED, data, { recursive: true })
    const [http, gateway] = await freePorts(2)
    const server = new Server(data, http, gateway)
    await server.run()
    return server
  }

  /** Starts the process and waits until it serves. */
  async run() {
    const args = ['demo', '--quiet', '--data', this.data, '--http', `127.0.0.1:${this.http}`, '--gateway', `127.0.0.1:${this.gateway}`]
    this.said = ''
    this.child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (bytes) => (this.said += bytes))
    await until('the program serves', () => {
      if (this.child.exitCode !== null) throw new Error(`the program ended: ${this.said}`)
      return this.said.includes(READY)
    }, START_MS)
  }

  /** Ends the process without a word, as a power cut would. */
  async kill() {
    const gone = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await gone
  }

  /** Ends the process in order. */
  async stop() {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGTERM')
    await until('the program stops', () => this.child.exitCode !== null || this.child.signalCode !== null, STOP_MS)
  }

  /** Stops the program and lets it verify the journal from the first line to the last. */
  async verifyJournal() {
    await this.stop()
    const config = join(this.data, 'verify.toml')
    await writeFile(config, `data_dir = ${JSON.stringify(this.data)}\n`)
    const { stdout } = await promisify(execFile)(binary(), ['journal', 'verify', '--config', config])
    return stdout
  }

  /** Stops the program and forgets its data. */
  async close() {
    await this.stop()
    await rm(this.data, { recursive: true, force: true })
  }
}

/** True when the web pages have been built; the debug program serves them from `web/dist`. */
export async function pagesAreBuilt() {
  return readFile(join(WEB, 'dist/index.html')).then(() => true, () => false)
}
