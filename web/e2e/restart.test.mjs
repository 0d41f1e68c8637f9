// The server dies in the middle of an alarm and comes back on the same data: the desk says that it is
// stale and for how long, recovers by itself, and nothing is lost, doubled or taken out of anybody's hands.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { CONFIRM } from './support/terminal.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** Everything that must survive: each open alarm with its version, its holder, and the length of its record. */
async function standing(seat) {
  const { items } = await seat.read('/alarms/queue')
  const rows = await Promise.all(items.map(async (a) => ({
    number: a.number, version: a.version, count: a.count, state: a.state, holder: a.holder?.officer.name ?? null,
    lines: (await seat.read(`/alarms/${a.id}/timeline`)).items.map((l) => l.text),
  })))
  return rows.sort((a, b) => a.number.localeCompare(b.number))
}

test('the server is killed in the middle of an alarm and comes back without losing or doubling anything', async () => {
  const seat = await site.person('zhoumin', '/desk')
  const { page } = seat
  await seat.signOn(1)
  const [taken, ringing, later] = await site.terminals(seat, 3)

  const mine = await site.fire(seat, taken)
  await seat.card(mine.id).getByRole('button', { name: taken.unit.name }).click()
  await seat.pane(mine.number).getByRole('button', { name: '签收' }).click()
  await seat.says(mine.number, '签收，用时')
  const acknowledged = site.frame(ringing)
  assert.equal((await site.send(acknowledged)).command, CONFIRM)
  const open = await seat.alarmAt(ringing.unit.name, ringing.point.label)
  const before = await standing(seat)
  assert.equal(before.length, 2)

  seat.expectFault(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_SOCKET_NOT_CONNECTED/)
  await site.server.kill()

  // The desk says so: grey figures, a banner with the running time; what it knows stays readable.
  const banner = page.getByRole('status').filter({ hasText: '与服务器断开' })
  await banner.waitFor()
  assert.match(await banner.innerText(), /与服务器断开 \d\d:\d\d，正在重连/)
  const atFirst = await banner.innerText()
  await until('the banner counts on', async () => (await banner.innerText()) !== atFirst)
  assert.match(await seat.card(open.id).getAttribute('class'), /stale/)
  await seat.says(mine.number, '停在')
  await seat.card(mine.id).getByText('1 席 周敏').waitFor()
  await page.getByText('一级音 响铃中').waitFor()
  await seat.photograph('desk, server gone')

  // A fire while nobody listens: the terminal gets no answer and keeps the frame.
  const unheard = site.frame(later)
  await assert.rejects(site.send(unheard), { code: 'ECONNREFUSED' })

  await site.server.run()
  await banner.waitFor({ state: 'detached' })
  await until('the cards are fresh again', async () => !/stale/.test(await seat.card(open.id).getAttribute('class')))
  assert.deepEqual(await standing(seat), before)
  assert.equal((await seat.read(`/alarms/${mine.id}`)).holder.officer.name, '周敏')
  await seat.card(mine.id).getByText('1 席 周敏').waitFor()
  await page.getByRole('button', { name: '1 席 周敏' }).waitFor()

  // Resent, byte for byte: the kept one raises one alarm, however often it comes; one that had been
  // confirmed before the fall raises none.
  for (const frame of [unheard, unheard, acknowledged]) assert.equal((await site.send(frame)).command, CONFIRM)
  const fresh = await seat.alarmAt(later.unit.name, later.point.label)
  await seat.card(fresh.id).waitFor()
  const now = await standing(seat)
  assert.deepEqual(now.filter((a) => a.number !== fresh.number), before)
  assert.deepEqual(now.filter((a) => a.number === fresh.number).map((a) => [a.count, a.lines.length]), [[1, 1]])
  assert.equal(await page.locator('[data-alarm]').count(), 3)

  // The officer goes on where she stood, on the same page.
  await seat.pane(mine.number).getByRole('button', { name: '误报' }).click()
  await seat.press('1')
  await seat.press('Enter')
  await seat.says(mine.number, '误报')
  await until('verified', async () => (await seat.read(`/alarms/${mine.id}`)).state === 'verified')
})

test('after the fall the journal verifies from its first line', async () => {
  assert.match(await site.server.verifyJournal(), /留痕链相符/)
})
