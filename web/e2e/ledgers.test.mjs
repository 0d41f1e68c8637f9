// The ledgers in a real browser: an inspection is planned and made, two hazards filed from it with a photo, ordered,
// corrected by the unit with its own account, re-checked by two officers and closed; what may not be done says why; a
// neighbour county sees nothing.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE, button, choose, day, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'

const UNIT = '瑞禾电子厂'
const SUBJECT = '冬季夜查 电子厂'
const DOORS = '常闭式防火门损坏 2 樘'
const BOXES = '配电箱下方堆放纸箱'

/** @type {Site} */
let site
/** Addresses of the entries that the tests hand on to each other. */
const at = {}
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** A photo as a camera would give it. */
async function photograph(page, label) {
  const picture = await page.screenshot({ type: 'jpeg', clip: { x: 0, y: 0, width: 320, height: 200 } })
  await drawer(page).locator('input[type=file]').setInputFiles({ name: `${label}.jpg`, mimeType: 'image/jpeg', buffer: picture })
  await drawer(page).getByRole('img', { name: `${label}.jpg` }).waitFor()
}
async function fileHazard(page, what, photo) {
  await button(page, '登记隐患').click()
  await drawer(page).getByLabel('隐患', { exact: true }).fill(what)
  await drawer(page).getByLabel('隐患类别').selectOption('facility')
  await drawer(page).getByLabel('风险等级').selectOption('considerable')
  // What the inspection knows stands there already.
  assert.equal(await drawer(page).getByRole('combobox', { name: '责任单位' }).inputValue(), UNIT)
  assert.equal(await drawer(page).getByLabel('发现日期', { exact: true }).inputValue(), day(0))
  if (photo) await photograph(page, photo)
  await button(page, '登记隐患').click()
  await drawer(page).getByRole('heading', { name: SUBJECT }).waitFor()
}

test('an inspection is planned, made, and two hazards are filed from it', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection', OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '安排检查' }).first().click()
  // What is missing is said under its field, and nothing is sent.
  await button(page, '安排检查').click()
  await drawer(page).getByText('请填写检查事项。').waitFor()
  await drawer(page).getByLabel('检查事项').fill(SUBJECT)
  await choose(page, '被检查单位', UNIT)
  await drawer(page).getByLabel('检查形式').selectOption('night')
  await drawer(page).getByRole('button', { name: '计划日期：今天' }).click()
  await choose(page, '检查人员', '罗敏')
  await choose(page, '检查人员', '黄涛')
  await button(page, '安排检查').click()
  await drawer(page).getByRole('heading', { name: SUBJECT }).waitFor()

  await button(page, '登记检查').click()
  await drawer(page).getByRole('button', { name: '检查日期：今天' }).click()
  await drawer(page).getByLabel('检查情况').fill('查看消防控制室和二层车间，发现隐患两处。')
  await button(page, '登记检查').click()
  await button(page, '登记隐患').waitFor()
  await fileHazard(page, DOORS, '防火门')
  await fileHazard(page, BOXES, null)
  for (const what of [DOORS, BOXES]) await drawer(page).getByRole('link', { name: what }).waitFor()
  // The inspection cannot be closed before its hazards are.
  assert.equal(await button(page, '办结').getAttribute('aria-disabled'), 'true')
  await drawer(page).getByText(/^办结：/).waitFor()
  await seat.photograph('inspection with two hazards')
  await drawer(page).getByRole('link', { name: DOORS }).click()
  await drawer(page).getByRole('heading', { name: DOORS }).waitFor()
  at.doors = new URL(page.url()).pathname
})

test('a hazard is ordered to be corrected; who was second hears who was first', async () => {
  const first = await site.person('luomin', at.doors, OFFICE)
  const second = await site.person('huangtao', at.doors, OFFICE)
  for (const { page } of [first, second]) {
    await button(page, '责令限期改正').click()
    await drawer(page).getByLabel('整改期限', { exact: true }).fill(day(7))
    await drawer(page).getByLabel('违反的条款').fill('消防法 第 16 条')
  }
  await button(first.page, '责令限期改正').click()
  await drawer(first.page).getByText('限期整改', { exact: true }).first().waitFor()

  second.expectFault(/status of 4(09|12)/)
  await button(second.page, '责令限期改正').click()
  await drawer(second.page).getByText(/罗敏/).first().waitFor()
  assert.equal(await drawer(second.page).getByLabel('违反的条款').inputValue(), '消防法 第 16 条')
  await second.photograph('hazard, somebody was first')
  // Leaving takes a second word, for what was typed.
  await button(second.page, '取消').click()
})

test('an extension after the day says why not, to whoever might have given it', async () => {
  const seat = await site.person('sunzhiyuan', '/office/ledgers/hazard?tab=overdue&state=ordered', OFFICE)
  const { page } = seat
  await page.locator('tbody a.name').first().click()
  await button(page, '准予延期').waitFor()
  assert.equal(await button(page, '准予延期').getAttribute('aria-disabled'), 'true')
  await drawer(page).getByText(/^准予延期：/).waitFor()
})

test('the unit reports the correction with a photo, from its own list of what is to be done', async () => {
  const seat = await site.person('qianlixin', '/office/todos', OFFICE)
  const { page } = seat
  await page.getByRole('region', { name: '台账到期事项' }).getByRole('link', { name: DOORS }).click()
  await drawer(page).getByRole('heading', { name: DOORS }).waitFor()
  await button(page, '报整改完成').click()
  await drawer(page).getByRole('button', { name: '整改完成日期：今天' }).click()
  await drawer(page).getByLabel('整改措施').fill('更换两樘防火门的闭门器')
  await photograph(page, '换好的防火门')
  await button(page, '报整改完成').click()
  await drawer(page).getByText('待复查', { exact: true }).first().waitFor()
  // The unit never closes its own hazard.
  assert.notEqual(await button(page, '复查合格销号').getAttribute('aria-disabled').catch(() => 'true'), 'false')
})

test('one officer cannot close it, two can', async () => {
  const seat = await site.person('luomin', at.doors, OFFICE)
  const { page } = seat
  await button(page, '复查合格销号').click()
  await choose(page, '复查人员', '罗敏')
  await drawer(page).getByRole('button', { name: '复查日期：今天' }).click()
  seat.expectFault(/status of 422|status of 409|status of 403/)
  await button(page, '复查合格销号').click()
  await drawer(page).getByRole('alert').first().waitFor()
  await choose(page, '复查人员', '黄涛')
  await button(page, '复查合格销号').click()
  await drawer(page).getByText('已销号', { exact: true }).first().waitFor()
  await seat.photograph('hazard closed')
})

test('a neighbour county sees nothing of it', async () => {
  const seat = await site.person('linxian', '/office/units', OFFICE)
  const id = at.doors.split('/').at(-1)
  seat.expectFault(/status of 40[34]/)
  assert.ok([403, 404].includes((await seat.get(`/ledgers/hazard/entries/${id}`)).status))
  const found = await seat.get(`/ledgers/hazard/entries?q=${encodeURIComponent('防火门')}`)
  assert.ok(found.status !== 200 || found.body.items.every((one) => one.id !== id))
})

test('list and detail are clean by axe, wide and narrow', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard?tab=all', OFFICE)
  const { page } = seat
  const found = []
  for (const size of [OFFICE, NARROW]) {
    await page.setViewportSize(size)
    for (const [name, address] of [['list', '/office/ledgers/hazard?tab=all'], ['detail', at.doors]]) {
      await page.goto(address)
      await (name === 'list' ? page.locator('tbody tr').first() : drawer(page).getByRole('heading', { name: DOORS })).waitFor()
      await seat.photograph(`ledger ${name} ${size.width}`)
      found.push(...(await findings(page)).map((f) => `${name} at ${size.width}: ${f}`))
    }
  }
  assert.deepEqual(found, [])
})
