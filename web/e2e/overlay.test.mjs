// A field added to a shipped ledger, as the guide tells it (docs/guide/ledger-templates.md): the administrator adds
// 是否涉氨 to the hazards, looks at what it changes and adopts it, an inspector fills it in minutes later and finds it in the
// list, and given up it is asked no more.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE, button, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'

const FIELD = '是否涉氨'
const UNIT = '瑞禾电子厂'
const WHAT = '制冷机房没有氨气报警器'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('an administrator adds a field to the hazards and adopts it', async () => {
  const seat = await site.person('admin', '/admin/ledger-templates/hazard', OFFICE)
  const { page } = seat
  await button(page, '加一项').click()
  const form = page.locator('form.make')
  const own = form.getByRole('group', { name: /第 1 项/ })
  await own.getByLabel('名称', { exact: true }).fill('隐患类别')
  seat.expectFault(/status of 422/)
  await form.getByRole('button', { name: '保存草稿' }).click()
  await form.getByText('已经有“隐患类别”这一项，请换个名字').first().waitFor()
  await own.getByLabel('名称', { exact: true }).fill(FIELD)
  await own.getByLabel('填写方式').selectOption('truth')
  await own.getByLabel('必填').check()
  await own.getByLabel('在清单里显示').check()
  await page.getByRole('complementary', { name: '登记时看到的样子' }).getByText(FIELD, { exact: true }).waitFor()
  await seat.photograph('field being added')
  assert.deepEqual(await findings(page), [])
  await page.setViewportSize(NARROW)
  await seat.photograph('field being added, narrow')
  await page.setViewportSize(OFFICE)
  await form.getByRole('button', { name: '保存草稿' }).click()
  await drawer(page).getByText(`“隐患”新增字段“${FIELD}”`).waitFor()
  await seat.photograph('field before it is adopted')
  await button(page, '启用').click()
  await button(page, '启用').waitFor({ state: 'detached' })
  await button(page, '修改加项').waitFor()
  assert.deepEqual(await findings(page), [])
  await page.setViewportSize(NARROW)
  await seat.photograph('field adopted, narrow')
})

test('an inspector fills it in and the list has it', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard', OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '登记隐患' }).first().click()
  await drawer(page).getByRole('textbox', { name: '隐患', exact: true }).fill(WHAT)
  const unit = drawer(page).getByRole('combobox', { name: '责任单位' })
  await unit.fill(UNIT)
  await drawer(page).getByRole('option').filter({ hasText: UNIT }).first().click()
  await drawer(page).getByLabel('隐患类别').selectOption({ label: '消防设施器材' })
  await drawer(page).getByLabel('风险等级').selectOption({ label: '较大' })
  await drawer(page).getByRole('button', { name: '发现日期：今天' }).click()
  await drawer(page).getByLabel(FIELD).selectOption({ label: '是' })
  await seat.photograph('hazard with the added field')
  await button(page, '登记隐患').click()
  await drawer(page).getByRole('heading', { name: WHAT }).waitFor()
  await page.goto('/office/ledgers/hazard?tab=all&sort=opened&descending=true')
  await page.getByRole('columnheader', { name: FIELD }).waitFor()
  await page.locator('tbody tr').filter({ hasText: WHAT }).first().waitFor()
  assert.deepEqual(await findings(page), [])
})

test('given up it is asked no more, and what was filled stays readable', async () => {
  const admin = await site.person('admin', '/admin/ledger-templates/hazard?edit=1', OFFICE)
  const own = admin.page.locator('form.make').getByRole('group', { name: /第 1 项/ })
  await own.getByLabel(/^停用/).check()
  await admin.page.locator('form.make').getByRole('button', { name: '保存草稿' }).click()
  await button(admin.page, '启用').click()
  await button(admin.page, '启用').waitFor({ state: 'detached' })
  const seat = await site.person('luomin', '/office/ledgers/hazard?tab=all&sort=opened&descending=true', OFFICE)
  const { page } = seat
  await page.locator('tbody tr').filter({ hasText: WHAT }).first().click()
  await drawer(page).getByText(FIELD).first().waitFor()
  const { fields } = await seat.read('/ledgers/hazard')
  assert.ok(fields.every((f) => f.label !== FIELD))
})
