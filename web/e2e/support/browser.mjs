// One chromium for a file of tests, and seats in it: each seat is a browser of its own (cookies, shared
// worker, storage) that is watched from the first byte. Whatever the page must never do (an error on the
// console, an exception, a breach of the content policy, a request to somebody else) fails the test.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { PASSWORD } from './server.mjs'
import { SOON_MS, until } from './until.mjs'

const ARGS = ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-background-networking']
export const WIDE = { width: 1920, height: 1080 }
/** The map is a tab here: a second screen that does not have to draw it. */
export const SMALL = { width: 1280, height: 800 }
export const NARROW = { width: 390, height: 844 }

export function launch() {
  return chromium.launch({ executablePath: process.env.FENGSUI_CHROMIUM ?? '/usr/bin/chromium', args: ARGS })
}

/** Runs in the page before its own scripts: notes tones that were begun and breaches of the content policy. */
function listenIn() {
  const noted = { tones: [], contexts: [], breaches: [] }
  window.e2e = noted
  const start = AudioScheduledSourceNode.prototype.start
  AudioScheduledSourceNode.prototype.start = function (...at) {
    noted.tones.push(Math.round(this.frequency?.value ?? 0))
    if (!noted.contexts.includes(this.context)) noted.contexts.push(this.context)
    return start.apply(this, at)
  }
  document.addEventListener('securitypolicyviolation', (e) => noted.breaches.push(`${e.violatedDirective} ${e.blockedURI}`))
}

/** Opens a seat: one person before one screen. */
export async function openSeat(browser, origin, viewport = WIDE) {
  const context = await browser.newContext({ viewport, locale: 'zh-CN', baseURL: origin, reducedMotion: 'reduce' })
  context.setDefaultTimeout(SOON_MS)
  await context.addInitScript(listenIn)
  return new Seat(context, await context.newPage(), origin)
}

export class Seat {
  constructor(context, page, origin) {
    this.context = context
    this.page = page
    this.origin = origin
    this.faults = []
    this.allowed = []
    page.on('console', (m) => m.type() === 'error' && this.faults.push(`console: ${m.text()} (${m.location().url})`))
    page.on('pageerror', (e) => this.faults.push(`exception: ${e.stack ?? e}`))
    context.on('request', (r) => this.#ownOnly(r.url()))
  }
  #ownOnly(url) {
    if (!/^(data|blob):/.test(url) && new URL(url).origin !== this.origin) this.faults.push(`request elsewhere: ${url}`)
  }

  /** The test provokes this line on the console, such as the refusal of a wrong password. */
  expectFault(pattern) {
    this.allowed.push(pattern)
  }
  /** Nothing happened that must never happen. */
  async assertClean() {
    const breaches = await this.page.evaluate(() => window.e2e?.breaches ?? [])
    const faults = this.faults.filter((f) => !this.allowed.some((pattern) => pattern.test(f)))
    assert.deepEqual([...faults, ...breaches], [])
  }
  /** A picture for people to look at, in `web/test-results`. */
  async photograph(name) {
    if (process.env.FENGSUI_E2E_RESULTS) await this.page.screenshot({ path: join(process.env.FENGSUI_E2E_RESULTS, `${name}.png`) })
  }
  async close() {
    try {
      await this.assertClean()
    } finally {
      await this.context.close()
    }
  }

  /** The frequencies of all tones begun so far; whether their context runs. */
  tones() {
    return this.page.evaluate(() => ({ begun: window.e2e.tones, running: window.e2e.contexts.some((c) => c.state === 'running') }))
  }

  /** Logs in and opens `to`, or stays on the page that the login leads to. */
  async login(account, to = null, password = PASSWORD) {
    await this.page.goto('/login')
    await this.page.getByLabel('账号').fill(account)
    await this.page.getByLabel('密码', { exact: true }).fill(password)
    await this.page.getByRole('button', { name: '登录', exact: true }).click()
    await this.page.waitForURL((url) => url.pathname !== '/login')
    if (to) await this.page.goto(to)
  }
  /** Takes a seat of the desk, with the sound test. */
  async signOn(number) {
    const panel = this.page.getByRole('region', { name: '上席' })
    await panel.getByRole('button', { name: `${number} 席` }).click()
    await panel.getByRole('button', { name: '听到了', exact: true }).click()
    await panel.waitFor({ state: 'detached' })
  }

  /** Walks with Tab until `target` has the focus. */
  async tabTo(target) {
    await target.waitFor()
    for (let step = 0; step < 80; step++) {
      if (await target.evaluate((el) => el === document.activeElement)) return
      await this.page.keyboard.press('Tab')
    }
    assert.fail(`not reached with Tab: ${target}`)
  }
  /** Presses a key; the desk's own keys only work while nothing keeps the focus for itself. */
  press(key) {
    return this.page.keyboard.press(key)
  }

  /** Asks the server with this person's session, as the pages do. */
  async get(path) {
    const answer = await this.context.request.get(`/api/v1${path}`)
    return { status: answer.status(), body: await answer.json().catch(() => null) }
  }
  async read(path) {
    const { status, body } = await this.get(path)
    assert.equal(status, 200, `${path} ${JSON.stringify(body)}`)
    return body
  }

  /** The card or row of an alarm. */
  card(id) {
    return this.page.locator(`[data-alarm="${id}"]`)
  }
  /** The pane with one alarm in full. */
  pane(number) {
    return this.page.getByRole('region', { name: `告警 ${number}` })
  }
  /** Waits until the pane says this of the alarm, anywhere. */
  async says(number, text) {
    await this.pane(number).getByText(text).first().waitFor()
  }
  /** The alarm that a point raised, once the queue has it. */
  alarmAt(unit, label) {
    return until(`an alarm of ${unit} at ${label}`, async () => {
      const { items } = await this.read('/alarms/queue')
      return items.find((a) => a.unit?.name === unit && a.place.includes(label))
    })
  }
}
