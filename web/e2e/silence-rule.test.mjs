// The offline rule of a terminal, end to end: changed in the office by hand, refused with the place, and in force at
// once.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Site } from './support/site.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('the office changes when a terminal counts as offline, and is told what cannot be', async () => {
  const office = await site.person('luomin', '/office/terminals')
  const { page } = office
  office.expectFault(/status of 422/)
  const [terminal] = await site.terminals(office, 1)
  await page.goto(new URL(`/office/terminals/${terminal.id}`, page.url()).href)
  await page.getByRole('button', { name: '修改离线规则' }).click()
  const form = page.getByRole('complementary', { name: '离线规则' })
  await form.getByLabel('离线时限').fill('5')
  await form.getByRole('button', { name: '保存离线规则' }).click()
  await form.locator('.err').first().waitFor()
  await form.getByLabel('离线时限').fill('１２０')
  await form.getByRole('button', { name: '保存离线规则' }).click()
  await page.getByText('超过 2 分钟 没有消息算离线').first().waitFor()
  assert.equal(await form.count(), 0)
})
