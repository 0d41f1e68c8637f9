// A unit's archive in a real browser: what is missing leads to the form that mends it, with the unit filled in; a grade
// that the rules reckon is shown while an officer types and is not asked for; axe finds nothing, wide and narrow.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE, button, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'

const UNIT = '梅岗中心小学'
const POINT = '食堂燃气间'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

const parts = (page) => page.getByRole('region', { name: '建档情况' })
const row = (page, name) => parts(page).getByRole('row').filter({ has: page.getByText(name, { exact: true }) })

async function openArchive(page) {
  await page.getByRole('link', { name: UNIT, exact: true }).first().click()
  await page.getByRole('link', { name: '单位档案' }).click()
  await parts(page).getByRole('row').nth(1).waitFor()
}

test('what a unit lacks is said first, and one press opens the form that mends it', async () => {
  const seat = await site.person('luomin', `/office/units?q=${encodeURIComponent(UNIT)}`, OFFICE)
  const { page } = seat
  await openArchive(page)
  assert.match(await row(page, '消防设施').innerText(), /未建档/)
  assert.deepEqual(await findings(page), [])
  await seat.photograph('archive with parts missing')
  await page.getByRole('link', { name: '消防设施：去登记' }).click()
  assert.equal(await drawer(page).getByRole('combobox', { name: '单位' }).inputValue(), UNIT)
  await drawer(page).getByLabel('设施名称').fill('室内消火栓系统')
  await drawer(page).getByLabel('设施种类').selectOption('hydrant')
  await drawer(page).getByRole('button', { name: '最近全面检测日期：今天' }).click()
  await button(page, '登记设施').click()
  await drawer(page).getByRole('heading', { name: '室内消火栓系统' }).waitFor()
  await drawer(page).getByRole('link', { name: '单位档案' }).click()
  await parts(page).getByRole('row').nth(1).waitFor()
  assert.match(await row(page, '消防设施').innerText(), /已建档/)
  await page.setViewportSize(NARROW)
  assert.deepEqual(await findings(page), [])
  await seat.photograph('archive, narrow')
})

test('a grade is shown while it is typed, with the rule behind it, and its fields are not asked for', async () => {
  const seat = await site.person('luomin', '/office/ledgers/risk_point/new?opens=identify', OFFICE)
  const { page } = seat
  await drawer(page).getByLabel('风险点', { exact: true }).fill(POINT)
  const unit = drawer(page).getByRole('combobox', { name: '责任单位' })
  await unit.fill(UNIT)
  await drawer(page).getByRole('option').filter({ hasText: UNIT }).first().click()
  await drawer(page).getByLabel('可能的事故').fill('燃气泄漏爆燃')
  await button(page, '登记风险点').click()
  await drawer(page).getByRole('heading', { name: POINT }).waitFor()
  await button(page, '评估定级').click()
  await drawer(page).getByLabel('评估方法').selectOption('lec')
  const judged = drawer(page).getByRole('region', { name: '系统判定' })
  await judged.getByText(/还差：/).waitFor()
  assert.equal(await drawer(page).getByLabel('风险值').count(), 0)
  for (const [label, value] of [['可能性', '6'], ['暴露频次', '6'], ['后果', '40']]) await drawer(page).getByLabel(label).first().fill(value)
  await judged.getByText(/重大（红）/).waitFor()
  await judged.getByText(/安全生产法 第 41 条/).waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('grade shown while it is typed')
  await drawer(page).getByRole('button', { name: '评估日期：今天' }).click()
  await drawer(page).getByLabel('管控层级').selectOption('company')
  await drawer(page).getByLabel('管控责任人').fill('宋玉琴')
  await drawer(page).getByLabel('管控措施').fill('燃气报警联动切断，每日关阀签字')
  await button(page, '评估定级').click()
  await judged.getByText(/= 1440/).waitFor()
  await seat.photograph('what judged the entry')
})
