// Every main screen, with something on it: free of serious findings by axe, and photographed for people to
// look at on the wall of a command centre and on a phone.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW, WIDE } from './support/browser.mjs'
import { FAULT } from './support/terminal.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** Opens a page on the wall and on the phone; both are judged and photographed. */
async function show(seat, name, address, ready, sizes = [WIDE, NARROW]) {
  const { page } = seat
  const found = []
  for (const size of sizes) {
    await page.setViewportSize(size)
    await page.goto(address)
    await ready(page)
    await page.evaluate(() => document.fonts.ready)
    await seat.photograph(`${name} ${size.width}x${size.height}`)
    found.push(...(await findings(page)).map((f) => `${name} at ${size.width}: ${f}`))
  }
  return found
}
const heading = (name) => (page) => page.getByRole('heading', { name, level: 1 }).waitFor()
const rows = (page) => page.locator('tbody tr').first().waitFor()
/** A picture of one colour packs into less than this. */
const BLANK_BYTES = 8_000
/** The map has drawn itself: its part of the screen is no longer of one colour. */
const drawn = (page) => until('the map is drawn', async () => (await page.locator('canvas.maplibregl-canvas').screenshot()).length > BLANK_BYTES)

test('login', async () => {
  const seat = await site.seat()
  assert.deepEqual(await show(seat, 'login', '/login', (page) => page.getByText('服务正常').waitFor()), [])
})

test('the desk with alarms in every state, and the list of alarms', async () => {
  const seat = await site.person('zhoumin', '/desk')
  await seat.signOn(1)
  const terminals = await site.terminals(seat, 6)
  const alarms = []
  for (const terminal of terminals.slice(0, 4)) alarms.push(await site.fire(seat, terminal))
  await site.send(site.frame(terminals[4], FAULT))
  await seat.alarmAt(terminals[4].unit.name, terminals[4].point.label)
  await seat.card(alarms[3].id).waitFor()
  const act = async (alarm, ...names) => {
    await seat.card(alarm.id).getByRole('button', { name: alarm.unit.name }).click()
    for (const [name, sign] of names) {
      await seat.pane(alarm.number).getByRole('button', { name, disabled: false }).click()
      if (sign) await seat.press('Enter')
      await seat.pane(alarm.number).getByRole('form').waitFor({ state: 'detached' })
    }
  }
  await act(alarms[0], ['签收'])
  await act(alarms[1], ['签收'], ['核实为真', true])
  await act(alarms[2], ['签收'], ['核实为真', true], ['转119'])
  await until('one alarm waits to be closed', async () => (await seat.read(`/alarms/${alarms[2].id}`)).state === 'forwarded')

  const found = [
    ...(await show(seat, 'desk', `/desk?alarm=${alarms[1].id}`, async (page) => {
      await seat.pane(alarms[1].number).getByText('核实为').first().waitFor()
      if (page.viewportSize().width === WIDE.width) await drawn(page)
    })),
    ...(await show(seat, 'desk, queue', '/desk', (page) => page.locator('[data-alarm]').first().waitFor(), [NARROW])),
    ...(await show(seat, 'alarms', '/desk/alarms', rows)),
  ]
  assert.deepEqual(found, [])
})

test('the desk while signing on, with help and a form open; the page for a new password', async () => {
  const seat = await site.person('chenli', '/desk')
  const { page } = seat
  const look = async (name) => {
    await seat.photograph(`${name} ${WIDE.width}x${WIDE.height}`)
    return (await findings(page)).map((f) => `${name}: ${f}`)
  }
  const panel = page.getByRole('region', { name: '上席' })
  await panel.getByRole('button', { name: '2 席' }).click()
  await panel.getByText('听到了吗').waitFor()
  await drawn(page)
  const found = await look('desk, signing on')
  await panel.getByRole('button', { name: '听到了', exact: true }).click()
  await panel.waitFor({ state: 'detached' })

  const { items } = await seat.read('/alarms/queue')
  const ringing = items.find((a) => a.state === 'raised' && a.class === 'fire')
  await seat.card(ringing.id).getByRole('button', { name: ringing.unit.name }).click()
  await seat.pane(ringing.number).getByRole('button', { name: '签收' }).click()
  await seat.says(ringing.number, '签收，用时')
  await seat.press('f')
  await page.getByRole('form', { name: '误报' }).waitFor()
  found.push(...(await look('desk, form')))
  await seat.press('Escape')
  await seat.press('?')
  await page.getByRole('region', { name: '快捷键' }).waitFor()
  found.push(...(await look('desk, help')))
  await page.goto('/password')
  await page.getByLabel('现在的密码').waitFor()
  found.push(...(await look('password')))
  assert.deepEqual(found, [])
})

test('units, a unit, terminals, a terminal', async () => {
  const seat = await site.person('luomin', '/office/units')
  const [terminal] = await site.terminals(seat, 1)
  await site.send(site.frame(terminal))
  const found = [
    ...(await show(seat, 'units', '/office/units', rows)),
    ...(await show(seat, 'unit', `/office/units/${terminal.unit.id}`, async (page) => {
      await heading(terminal.unit.name)(page)
      await drawn(page)
    })),
    ...(await show(seat, 'terminals', '/office/terminals', rows)),
    ...(await show(seat, 'terminal', `/office/terminals/${terminal.id}`, (page) => page.getByRole('button', { name: '解析' }).first().waitFor())),
    ...(await show(seat, 'laboratory', '/admin/lab', async (page) => {
      await page.getByRole('group', { name: '示例报文' }).getByRole('button', { name: '火警' }).click()
      await page.getByText('完整，校验和相符').waitFor()
    })),
  ]
  assert.deepEqual(found, [])
})

test('accounts', async () => {
  const seat = await site.person('anquan', '/admin/accounts')
  assert.deepEqual(await show(seat, 'accounts', '/admin/accounts', rows), [])
})

test('journal', async () => {
  const seat = await site.person('shenji', '/admin/journal')
  assert.deepEqual(await show(seat, 'journal', '/admin/journal', rows), [])
})

test('system', async () => {
  const seat = await site.person('admin', '/admin/system')
  // A desk that was loaded anew without a click for three seconds has told that it is silent; here both verdicts will do.
  const judged = (page) => page.getByText(/\d+ 项(都正常|要处理)/).waitFor()
  assert.deepEqual(await show(seat, 'system', '/admin/system', judged), [])
})
