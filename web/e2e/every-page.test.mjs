// Every page of the menu, as every kind of person who has one: it opens, says nothing on the console, has a heading, is clean by
// axe, and fits the width of a telephone. A page that several may see is judged once; each of them opens the one she starts at.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE } from './support/office.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** One of each post: what she may see differs. */
const PEOPLE = ['luomin', 'sunzhiyuan', 'shenqiu', 'gaowei', 'jiangbo', 'lushan', 'fangzhen', 'dongzhu', 'miaoxia', 'qianlixin', 'tanqing', 'zhoumin', 'admin', 'anquan', 'shenji', 'linxian']
/** The desk has walks of its own. */
const DESK = /^\/desk/u

/** @type {Site} */
let site
/** Addresses that somebody has judged already. */
const judged = new Set()
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** Nothing is being read any more: no grey lines, nothing that calls itself busy. */
const settled = (page) => until('the page is read', () => page.evaluate(() => document.querySelector('#main h1, #main h2') !== null && document.querySelector('#main .sk, #main [aria-busy="true"]') === null))
const addresses = (page) => page.locator('nav.side a').evaluateAll((links) => links.map((a) => new URL(a.href).pathname))
/** The menu with the ledgers of the catalog, which come a moment later. */
async function menuOf(seat) {
  const { status, body } = await seat.get('/ledgers')
  const ledgers = status === 200 ? body.menus.flatMap((m) => m.ledgers).length : 0
  return until('the menu is whole', async () => {
    const all = await addresses(seat.page)
    return all.length > 0 && all.filter(ledger).length === ledgers && [...new Set(all)].filter((one) => !DESK.test(one))
  })
}
const ledger = (address) => address.startsWith('/office/ledgers/')

/** Judges the page that is shown. */
async function judge(seat, address) {
  const { page } = seat
  const found = await findings(page)
  const name = `page ${address.replaceAll('/', ' ').trim()}`
  await seat.photograph(name)
  await page.setViewportSize(NARROW)
  await seat.photograph(`${name} narrow`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) found.push(`${wide} px wider than a telephone`)
  await page.setViewportSize(OFFICE)
  return found.map((one) => `${address}: ${one}`)
}
/** The first entry of a ledger, in the drawer. */
async function judgeEntry(seat, address) {
  const { page } = seat
  await page.goto(`${address}?tab=all`)
  await settled(page)
  const first = page.locator('tbody a.name').first()
  if ((await first.count()) === 0) return []
  await first.click()
  await page.locator('aside.drawer h2').first().waitFor()
  await settled(page)
  return judge(seat, `${address}, an entry`)
}

for (const who of PEOPLE) {
  test(`the pages of ${who}`, async () => {
    const seat = await site.person(who, null, OFFICE)
    const { page } = seat
    // Whoever answers alarms starts at the desk, anybody else in the office.
    const { permissions } = await seat.read('/session')
    const atDesk = DESK.test(new URL(page.url()).pathname)
    assert.equal(atDesk, permissions.includes('alarm.handle'), page.url())
    if (atDesk) await page.goto('/office/units')
    const all = await menuOf(seat)
    const found = []
    for (const address of all) {
      if (judged.has(address) && address !== all[0]) continue
      await page.goto(address)
      await settled(page)
      if (judged.has(address)) continue
      judged.add(address)
      found.push(...(await judge(seat, address)))
      if (ledger(address)) found.push(...(await judgeEntry(seat, address)))
    }
    assert.deepEqual(found, [])
  })
}
