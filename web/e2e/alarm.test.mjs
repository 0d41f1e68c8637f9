// The main job, end to end: a frame over a socket rings at the desk and is carried to closure by keyboard;
// a second seat cannot claim it, only take it over with a reason; another county sees nothing of it.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, test } from 'node:test'
import { SMALL } from './support/browser.mjs'
import { CONFIRM, NORMAL } from './support/terminal.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

const FRAMES = new URL('../../lib/gb26875/tests/data/frames.tsv', import.meta.url)
/** The two pitches of the fire tone. */
const FIRE_TONE_HZ = [960, 770]

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

async function vector(id) {
  const rows = (await readFile(FRAMES, 'utf8')).split('\n').map((line) => line.split('\t'))
  return Buffer.from(rows.find((row) => row[0] === id)[2], 'hex')
}
/** The gateway confirmed exactly this frame. */
function assertConfirmed(answer, sent) {
  assert.equal(answer.start, '4040')
  assert.equal(answer.end, '2323')
  assert.equal(answer.command, CONFIRM)
  assert.equal(answer.sequence, sent.readUInt16LE(2))
  assert.equal(answer.destination, sent.readUIntLE(12, 6))
  assert.equal(answer.length, 0)
  assert.ok(answer.checksumFits)
}
/** Logs in and takes seat 1 without touching the mouse. */
async function toTheDeskByKeyboard(seat) {
  const { page } = seat
  await page.goto('/login')
  await seat.tabTo(page.getByLabel('账号'))
  await page.keyboard.type('zhoumin')
  await seat.tabTo(page.getByLabel('密码', { exact: true }))
  await page.keyboard.type('fengsui-demo')
  await seat.press('Enter')
  await page.waitForURL('**/desk')
  const panel = page.getByRole('region', { name: '上席' })
  await seat.tabTo(panel.getByRole('button', { name: '1 席' }))
  await seat.press('Enter')
  await seat.tabTo(panel.getByRole('button', { name: '听到了', exact: true }))
  await seat.press('Enter')
  await panel.waitFor({ state: 'detached' })
}
/** The timeline as rows of text, newest first. */
function timeline(seat, number) {
  return seat.pane(number).locator('ol.tl > li').allInnerTexts()
}

test('a fire from a socket rings at the desk and is carried to closure by keyboard alone', async () => {
  const seat = await site.seat()
  const { page } = seat
  await toTheDeskByKeyboard(seat)
  await page.getByText('没有待签收告警').waitFor()
  const silentBefore = (await seat.tones()).begun.length

  // A terminal that nobody has registered: confirmed, kept, shown, and it rings.
  const stranger = await vector('A01')
  assertConfirmed(await site.send(stranger), stranger)
  const queue = page.getByRole('region', { name: '告警队列' })
  await queue.getByText('未登记终端').first().waitFor()
  await page.getByText('一级音 响铃中').waitFor()

  // A registered one: its card stands above, and it is read out.
  const [terminal] = await site.terminals(seat, 1)
  const frame = site.frame(terminal)
  assertConfirmed(await site.send(frame), frame)
  const alarm = await seat.alarmAt(terminal.unit.name, terminal.point.label)
  const ringing = queue.locator('li.card.ring')
  await until('the new fire stands on top', async () => (await ringing.first().getAttribute('data-alarm')) === alarm.id)
  assert.equal(await ringing.count(), 2)
  const announced = await page.locator('[role=alert][aria-live=assertive]').innerText()
  assert.equal(announced, `一级 火警 ${terminal.unit.name}`)
  await until('the bell sounds', async () => {
    const { begun, running } = await seat.tones()
    return running && FIRE_TONE_HZ.every((hz) => begun.slice(silentBefore).includes(hz))
  })

  // J and K reach every card. The new fire is chosen and taken.
  await until('the new fire is chosen', async () => {
    if ((await seat.card(alarm.id).getAttribute('aria-current')) === 'true') return true
    await seat.press('k')
    return false
  })
  await seat.press('a')
  await seat.card(alarm.id).getByText('1 席 周敏').waitFor()
  await seat.says(alarm.number, '签收，用时')
  await queue.getByText('一级音 响铃中').waitFor()

  // Verified as real, with a word; forwarded by one key.
  await seat.pane(alarm.number).getByRole('button', { name: '核实为真' }).waitFor()
  await seat.press('t')
  await page.keyboard.type('电话核实，二楼冒烟')
  await seat.press('Enter')
  await seat.pane(alarm.number).locator('li[aria-current=step]', { hasText: '处置' }).waitFor()
  await seat.press('d')
  await seat.pane(alarm.number).locator('li[aria-current=step]', { hasText: '销号' }).waitFor()

  // The point is restored: the state ends, the alarm does not.
  const restored = site.frame(terminal, NORMAL)
  assertConfirmed(await site.send(restored), restored)
  await seat.says(alarm.number, '点位已复位，告警仍待处置')
  assert.equal((await seat.read(`/alarms/${alarm.id}`)).state, 'forwarded')

  await seat.press('c')
  await page.keyboard.type('现场已扑灭')
  await seat.press('Enter')
  await seat.says(alarm.number, '已销号')
  await seat.card(alarm.id).waitFor({ state: 'detached' })

  // Every step stands in the timeline, with person and time, newest first.
  const lines = await until('six lines', async () => {
    const all = await timeline(seat, alarm.number)
    return all.length === 6 && all
  })
  const steps = [/周敏 ?销号：现场已扑灭/, /点位已复位/, /周敏 ?转 ?119/, /周敏 ?核实为 真实：电话核实，二楼冒烟/, /周敏 ?签收，用时 \d+ 秒/, /火警/]
  steps.forEach((step, i) => assert.match(lines[i].replace(/\s+/g, ' '), step))
  for (const line of lines) assert.match(line, /\d\d:\d\d:\d\d/)

  // The stranger still rings until it is taken too; then the desk is silent.
  await seat.press('a')
  await page.getByText('响铃中').waitFor({ state: 'detached' })
  await page.getByText('没有待签收告警').waitFor()

  // Number and state in the list.
  await seat.tabTo(page.getByRole('link', { name: '接警' }))
  await seat.press('Enter')
  const row = page.locator('tbody tr', { hasText: alarm.number })
  await row.waitFor()
  assert.match(await row.innerText(), /已销号/)
  assert.match(await row.innerText(), /真实/)
})

test('a second seat cannot claim an alarm, only take it over with a reason, and hands it back', async () => {
  const first = await site.person('zhoumin', '/desk')
  const second = await site.person('chenli', '/desk', SMALL)
  await first.page.getByRole('button', { name: '1 席 周敏' }).waitFor()
  await second.signOn(2)
  const terminal = (await site.terminals(first, 2))[1]
  const alarm = await site.fire(first, terminal)

  await first.card(alarm.id).getByRole('button', { name: terminal.unit.name }).click()
  await first.pane(alarm.number).getByRole('button', { name: '签收' }).click()
  await first.says(alarm.number, '签收，用时')

  // The second seat sees it in the first one's hands; the button says why it does nothing.
  await second.card(alarm.id).getByText('1 席 周敏').waitFor()
  await second.card(alarm.id).getByRole('button', { name: terminal.unit.name }).click()
  const claim = second.pane(alarm.number).getByRole('button', { name: '签收' })
  await claim.waitFor()
  assert.equal(await claim.getAttribute('aria-disabled'), 'true')
  assert.equal(await claim.evaluate((el) => getComputedStyle(el).borderTopStyle), 'dashed')
  const reason = await second.page.locator(`#${await claim.getAttribute('aria-describedby')}`).innerText()
  assert.match(reason, /已由 1 席 周敏 于 \d\d:\d\d:\d\d 签收/)
  await second.press('a')
  assert.equal((await second.read(`/alarms/${alarm.id}`)).holder.officer.name, '周敏')

  // Taken over: not without a reason.
  await second.press('o')
  await second.press('Enter')
  await second.says(alarm.number, '请填写接管原因')
  await second.page.keyboard.type('周敏去接电话')
  await second.press('Enter')
  await second.says(alarm.number, '从 1 席 周敏 接管：周敏去接电话')
  await first.card(alarm.id).getByText('2 席 陈立').waitFor()
  await first.says(alarm.number, '由 2 席 陈立 处置中，须先接管')

  // Handed back: to whom, by digit; why, in words.
  await second.press('h')
  const form = second.page.getByRole('form', { name: '移交' })
  const colleague = form.getByText(/周敏/)
  await colleague.waitFor()
  const digit = (await colleague.innerText()).match(/\d+$/)[0]
  await second.press(digit)
  await second.tabTo(form.getByLabel('移交原因'))
  await second.page.keyboard.type('人已回来')
  await second.press('Enter')
  await second.card(alarm.id).getByText('1 席 周敏').waitFor()
  await first.says(alarm.number, '移交给 1 席 周敏：人已回来')
  assert.equal((await first.read(`/alarms/${alarm.id}`)).holder.officer.name, '周敏')
})

test('another county has an empty desk, no way to the alarm, and hears nothing of a new one', async () => {
  const here = await site.person('zhoumin', '/desk', SMALL)
  const elsewhere = await site.person('linxian', '/desk', SMALL)
  const [known] = (await here.read('/alarms/queue')).items
  await elsewhere.page.getByText('没有待签收告警').waitFor()
  assert.deepEqual((await elsewhere.read('/alarms/queue')).items, [])

  elsewhere.expectFault(/status of 404/)
  for (const path of ['', '/timeline', '/frame']) assert.equal((await elsewhere.get(`/alarms/${known.id}${path}`)).status, 404)
  await elsewhere.page.goto(`/desk?alarm=${known.id}`)
  await elsewhere.page.getByRole('alert').getByText('没有').first().waitFor()
  assert.equal(await elsewhere.page.getByText(known.number).count(), 0)

  // Its own ear on the live stream, from before the alarm until the beat that comes after it.
  await elsewhere.page.evaluate(() => {
    window.heard = { events: [], seq: 0 }
    const stream = new EventSource('/api/v1/events')
    for (const type of ['alarm', 'terminal', 'unit', 'seat']) stream.addEventListener(type, (e) => window.heard.events.push(`${type} ${e.data}`))
    stream.addEventListener('tick', (e) => (window.heard.seq = Math.max(window.heard.seq, JSON.parse(e.data).seq)))
    return new Promise((open) => (stream.onopen = open))
  })
  const terminal = (await site.terminals(here, 3))[2]
  const alarm = await site.fire(here, terminal)
  const { items } = await here.read(`/alarms/${alarm.id}/timeline`)
  await until('the stream has passed the alarm', () => elsewhere.page.evaluate((seq) => window.heard.seq >= seq, items[0].seq))
  assert.deepEqual(await elsewhere.page.evaluate(() => window.heard.events), [])
  assert.deepEqual((await elsewhere.read('/alarms/queue')).items, [])
  assert.deepEqual((await elsewhere.tones()).begun, [])
  await here.card(alarm.id).waitFor()
  assert.equal(await elsewhere.page.locator('[data-alarm]').count(), 0)
})
