// A window, end to end: planned in the office, silent at the desk, and what still burns in it rings when it is
// ended early with a reason.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('a fire in a window is silent and listed, and rings as soon as the window is ended with a reason', async () => {
  const office = await site.person('luomin', '/office/windows')
  const { page } = office
  office.expectFault(/status of 422/)
  // The demonstration county has works that go on and a drill that is planned.
  await page.getByText('进行中').filter({ visible: true }).first().waitFor()
  await page.getByText('已计划').filter({ visible: true }).first().waitFor()
  const [terminal] = await site.terminals(office, 1)

  await page.getByRole('button', { name: '新建窗口' }).click()
  const form = page.getByRole('complementary', { name: '新建窗口' })
  await form.getByRole('button', { name: '建立窗口' }).click()
  await form.locator('.err').first().waitFor()
  await form.getByRole('combobox', { name: '单位' }).fill(terminal.unit.name)
  await form.locator('li[role=option]').first().click()
  await form.getByLabel('范围').selectOption({ index: 1 })
  await form.getByLabel('事由').fill('更换探测器')
  await form.getByLabel('负责人').fill('王强')
  await form.getByLabel('电话').fill('13900001234')
  await form.getByLabel('结束', { exact: true }).fill('2027-01-01T08:00')
  await form.getByRole('button', { name: '建立窗口' }).click()
  await form.getByText('最长 30 天').first().waitFor()
  await form.getByLabel('结束', { exact: true }).fill(inHours(2))
  await form.getByRole('button', { name: '建立窗口' }).click()
  const pane = page.getByRole('complementary', { name: '窗口详情' })
  await pane.getByText('全单位').waitFor()

  const desk = await site.person('zhoumin', '/desk')
  await desk.signOn(1)
  await site.send(site.frame(terminal))
  await desk.page.getByRole('heading', { name: '抑制 1' }).waitFor()
  assert.equal(await desk.page.locator('.card.ring').count(), 0)
  await desk.press('5')
  await desk.page.locator('.mini', { hasText: terminal.unit.name }).getByRole('button').click()
  await desk.page.getByText('维护窗口（全单位，负责人 王强），不响铃').first().waitFor()
  await desk.photograph('desk, a fire in a window')

  await pane.getByRole('button', { name: '提前结束' }).click()
  await pane.getByRole('button', { name: '提前结束' }).click()
  await pane.getByText('请写明原因').waitFor()
  await pane.getByLabel('原因').fill('提前完工')
  await pane.getByRole('button', { name: '提前结束' }).click()
  await pane.getByText('提前完工').waitFor()
  await desk.page.locator('.card.ring', { hasText: terminal.unit.name }).waitFor()
  await until('the group is empty', async () => (await desk.page.getByRole('heading', { name: '抑制 0' }).count()) === 1)
  await office.photograph('windows')
})

/** The time of the office in so many hours, as a form takes it. */
function inHours(hours) {
  return new Date(Date.now() + (8 + hours) * 3_600_000).toISOString().slice(0, 16)
}
