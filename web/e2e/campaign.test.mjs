// A campaign with its own form, as the guide tells it (docs/guide/ledger-templates.md): an administrator makes it in the
// browser and adopts it, an inspector files an entry minutes later and carries it on, a neighbour county sees nothing,
// and when it was ended nothing new is registered while what is open goes on.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE, button, day, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'

const LABEL = '冬季电动自行车集中整治'
const UNIT = '瑞禾电子厂'
const SUBJECT = '车棚与宿舍楼之间没有分隔'

/** @type {Site} */
let site
/** Addresses that the tests hand on to each other. */
const at = {}
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('an administrator makes a campaign ledger and adopts it, with what is wrong said at its place', async () => {
  const seat = await site.person('admin', '/admin/ledger-templates', OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '新建专项台账' }).click()
  const form = page.locator('form.make')
  await form.getByRole('radio', { name: /逐家单位排查/ }).check()
  seat.expectFault(/status of 422/)
  await form.getByRole('button', { name: '保存草稿' }).click()
  await form.getByRole('alert').first().waitFor()

  await form.getByLabel('台账名称').fill(LABEL)
  await form.getByLabel('编号字头').fill('DDC')
  await form.getByLabel('截止日期').fill(day(40))
  await form.getByLabel('目标数').fill('3')
  await form.getByRole('button', { name: '添加一项' }).click()
  const own = form.getByRole('group', { name: /第 1 项/ })
  await own.getByLabel('名称', { exact: true }).fill('充电方式')
  await own.getByLabel('填写方式').selectOption('choice')
  await own.getByLabel('选项（一行一个）').fill('集中充电棚\n换电柜\n飞线充电')
  await own.getByLabel('必填').check()
  await own.getByLabel('在清单里显示').check()
  // The inspector's form stands beside it, before anything is saved.
  await page.getByRole('complementary', { name: '登记时看到的样子' }).getByText('充电方式').waitFor()
  await seat.photograph('campaign being made')
  assert.deepEqual(await findings(page), [])
  await form.getByRole('button', { name: '保存草稿' }).click()

  await drawer(page).getByText('启用后的变化：').waitFor()
  await seat.photograph('campaign before it is adopted')
  await button(page, '启用').click()
  await button(page, '提前结束').waitFor()
  assert.deepEqual(await findings(page), [])
  at.kind = new URL(page.url()).pathname.split('/').at(-1)
  at.list = `/office/ledgers/${at.kind}`
  await page.setViewportSize(NARROW)
  await seat.photograph('campaign adopted, narrow')
})

test('an inspector finds it in the menu, files what was found and sees how far the campaign is', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard', OFFICE)
  const { page } = seat
  await page.getByRole('link', { name: new RegExp(LABEL) }).click()
  await page.getByRole('button', { name: '登记：有隐患' }).first().click()
  await drawer(page).getByLabel('排查事项').fill(SUBJECT)
  const unit = drawer(page).getByRole('combobox', { name: '单位' })
  await unit.fill(UNIT)
  await drawer(page).getByRole('option').filter({ hasText: UNIT }).first().click()
  await drawer(page).getByRole('button', { name: '排查日期：今天' }).click()
  await drawer(page).getByLabel('发现的隐患').fill('车棚紧贴宿舍楼外墙，没有防火分隔。')
  await drawer(page).getByLabel('整改期限', { exact: true }).fill(day(5))
  await drawer(page).getByLabel('充电方式').selectOption({ label: '飞线充电' })
  await button(page, '登记：有隐患').click()
  await drawer(page).getByRole('heading', { name: SUBJECT }).waitFor()
  await drawer(page).getByText(/DDC-\d{4}-0001/).first().waitFor()
  at.entry = new URL(page.url()).pathname

  await button(page, '报整改完成').click()
  await drawer(page).getByLabel('整改情况').fill('加砌防火墙，车棚移开六米。')
  await button(page, '报整改完成').click()
  await drawer(page).getByText('待复查', { exact: true }).first().waitFor()
  await page.goto(`${at.list}?tab=all`)
  const row = page.locator('tbody tr').filter({ hasText: SUBJECT })
  await row.getByText('飞线充电').waitFor()
  await page.getByText(/1\s*\/\s*3/).first().waitFor()
  await seat.photograph('campaign list with progress')
  assert.deepEqual(await findings(page), [])
})

test('a neighbour county and a foreign sector see nothing of it, and the unit what was found with it', async () => {
  const path = `/ledgers/${at.kind}`
  for (const who of ['linxian', 'tanqing']) {
    const seat = await site.person(who, '/office/todos', OFFICE)
    seat.expectFault(/status of 40[34]/)
    assert.ok([403, 404].includes((await seat.get(path)).status), who)
  }
  const unit = await site.person('qianlixin', at.entry, OFFICE)
  await drawer(unit.page).getByRole('heading', { name: SUBJECT }).waitFor()
  const { items } = await unit.read(`${path}/entries`)
  assert.deepEqual(items.map((e) => e.id), [at.entry.split('/').at(-1)])
})

test('when it was ended nothing new begins, and what is open goes on', async () => {
  const admin = await site.person('admin', `/admin/ledger-templates/${at.kind}`, OFFICE)
  await button(admin.page, '提前结束').click()
  await drawer(admin.page).getByLabel('理由').fill('县里并入全年整治')
  await button(admin.page, '确认结束').click()
  await button(admin.page, '提前结束').waitFor({ state: 'detached' })

  const seat = await site.person('luomin', at.entry, OFFICE)
  const { page } = seat
  await button(page, '复查合格').click()
  await drawer(page).getByRole('button', { name: '复查日期：今天' }).click()
  await button(page, '复查合格').click()
  await drawer(page).getByText('已整改', { exact: true }).first().waitFor()
  const { openings } = await seat.read(`/ledgers/${at.kind}`)
  assert.deepEqual(openings, [])
})
