// A paper (文书) in a real browser, as the guide tells it: an order is drafted, its notice looked through, issued under the next
// number, printed and taken along as a document that is the same each time, sealed, served with its photos; one written
// wrongly is voided with its reason and issued anew under the next number. A neighbour county sees nothing of it.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { OFFICE, button, choose, day, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'

const UNIT = '瑞禾电子厂'
const HAZARD = '二层车间常闭式防火门损坏 2 樘'
const PAPER = '责令限期改正通知书'
const NUMBER = /云消责限字〔(\d{4})〕第(\d{4})号/

/** @type {Site} */
let site
/** Addresses and numbers that the tests hand on to each other. */
const at = {}
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** A photo as a camera would give it, into the field of this name. */
async function photograph(page, field, name) {
  const picture = await page.screenshot({ type: 'jpeg', clip: { x: 0, y: 0, width: 320, height: 200 } })
  const input = drawer(page).getByRole('group', { name: field }).locator('input[type=file]')
  await input.setInputFiles({ name: `${name}.jpg`, mimeType: 'image/jpeg', buffer: picture })
  await drawer(page).getByRole('img', { name: `${name}.jpg` }).waitFor()
}
/** Drafts an order over the hazard; the drawer shows it afterwards. */
async function draft(page, subject) {
  await page.goto('/office/ledgers/correction_order/new?opens=draft')
  await drawer(page).getByLabel('责令事项').fill(subject)
  await choose(page, '责任单位', UNIT)
  await choose(page, '列明的隐患', HAZARD)
  await drawer(page).getByRole('button', { name: '检查日期：今天' }).click()
  await drawer(page).getByLabel('改正期限', { exact: true }).fill(day(15))
  await drawer(page).getByLabel('违反的条款').fill('消防法 第 16 条')
  await choose(page, '承办人员', '罗敏')
  await choose(page, '承办人员', '黄涛')
  await button(page, '制作责令限期改正').click()
  await drawer(page).getByRole('heading', { name: subject }).waitFor()
  return new URL(page.url()).pathname
}
/** Issues the notice of the order in the drawer; the page shows it as it is printed. Answers its number. */
async function issue(page) {
  await drawer(page).getByRole('link', { name: `出具${PAPER}` }).click()
  await page.getByText('预览，还没有编号').waitFor()
  await page.getByRole('article', { name: PAPER }).getByText(`${UNIT}：`).waitFor()
  await page.getByRole('button', { name: '出具并编号' }).click()
  await page.waitForURL(/\/office\/papers\/issued\//)
  const heading = page.getByRole('heading', { level: 1 }).filter({ hasText: NUMBER })
  await heading.waitFor()
  return (await heading.innerText()).match(NUMBER)
}
async function download(page) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载 Word 文件' }).click()])
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

test('an order is drafted and its notice issued under the next number, as it was looked at', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard/new?opens=register', OFFICE)
  const { page } = seat
  await drawer(page).getByLabel('隐患', { exact: true }).fill(HAZARD)
  await choose(page, '责任单位', UNIT)
  await drawer(page).getByLabel('隐患类别').selectOption('facility')
  await drawer(page).getByLabel('风险等级').selectOption('considerable')
  await drawer(page).getByRole('button', { name: '发现日期：今天' }).click()
  await button(page, '登记隐患').click()
  await drawer(page).getByRole('heading', { name: HAZARD }).waitFor()

  at.order = await draft(page, '冬季检查 二层车间')
  await drawer(page).getByText(`还没有出具《${PAPER}》`).waitFor()
  await drawer(page).getByRole('link', { name: `出具${PAPER}` }).click()
  const sheet = page.getByRole('article', { name: PAPER })
  await sheet.getByText(HAZARD).waitFor()
  await sheet.getByText('（出具时编号）').waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('paper, preview')
  await page.goBack()
  at.number = await issue(page)
  assert.ok(at.number, 'the number stands in the heading')
  await sheet.getByText(at.number[0]).first().waitFor()
  at.paper = new URL(page.url()).pathname
  assert.deepEqual(await findings(page), [])
  await seat.photograph('paper, issued')
})

test('it is printed without the pages around it, and the document is the same each time', async () => {
  const seat = await site.person('luomin', at.paper, OFFICE)
  const { page } = seat
  await page.getByRole('article', { name: PAPER }).waitFor()
  const [first, again] = [await download(page), await download(page)]
  assert.equal(first.name, `${PAPER} ${at.number[0]}.docx`)
  assert.equal(first.bytes.subarray(0, 2).toString(), 'PK')
  assert.ok(first.bytes.equals(again.bytes), 'byte for byte')
  await page.emulateMedia({ media: 'print' })
  assert.equal(await page.getByRole('banner').isVisible(), false)
  assert.equal(await page.getByRole('button', { name: '打印', exact: true }).isVisible(), false)
  assert.ok(await page.getByRole('article', { name: PAPER }).isVisible())
  const printed = await page.pdf({ preferCSSPageSize: true })
  if (process.env.FENGSUI_E2E_RESULTS) await writeFile(join(process.env.FENGSUI_E2E_RESULTS, 'paper.pdf'), printed)
  // A4 in points, whatever the printer would have taken by itself.
  assert.match(printed.toString('latin1'), /MediaBox ?\[0 0 59[45][\d.]* 84[12]/)
})

test('it is sealed and served, with both photos and not without, and the order knows', async () => {
  const seat = await site.person('luomin', at.paper, OFFICE)
  const { page } = seat
  await page.getByRole('link', { name: '登记盖章、送达' }).click()
  await button(page, '登记盖章').click()
  await drawer(page).getByRole('button', { name: '盖章日期：今天' }).click()
  await button(page, '登记盖章').click()
  await button(page, '登记送达').click()
  await drawer(page).getByRole('button', { name: '送达日期：今天' }).click()
  await drawer(page).getByLabel('送达方式').selectOption('direct')
  await drawer(page).getByLabel('签收人').fill('钱立新')
  await photograph(page, '签字盖章的文书照片', '签字盖章')
  await button(page, '登记送达').click()
  await drawer(page).getByText(/请.*送达凭证照片/).first().waitFor()
  await photograph(page, '送达凭证照片', '回证')
  await button(page, '登记送达').click()
  await drawer(page).getByText('已送达', { exact: true }).first().waitFor()
  await seat.photograph('paper, served')
  await page.goto(at.order)
  await drawer(page).getByRole('link', { name: at.number[0], exact: true }).waitFor()
  assert.equal(await drawer(page).getByText(/还没有(出具|登记)/).count(), 0)
  await drawer(page).getByText(`出具《${PAPER}》${at.number[0]}`).waitFor()
  await seat.photograph('order with its paper')
})

test('one written wrongly is voided with its reason, and the next number takes its place', async () => {
  const seat = await site.person('luomin', '/office/ledgers/correction_order', OFFICE)
  const { page } = seat
  const order = await draft(page, '冬季检查 写错的')
  const wrong = await issue(page)
  assert.equal(Number(wrong[2]), Number(at.number[2]) + 1)
  await page.getByRole('link', { name: '登记盖章、送达' }).click()
  await button(page, '作废').click()
  await drawer(page).getByLabel('作废理由').fill('改正期限写错')
  await button(page, '作废').click()
  await drawer(page).getByText('已作废', { exact: true }).first().waitFor()
  await page.goto(order)
  const right = await issue(page)
  assert.equal(Number(right[2]), Number(wrong[2]) + 1)
  await page.goto(`/office/ledgers/issued_paper?tab=all&q=${encodeURIComponent('写错的')}`)
  for (const one of [wrong, right]) await page.locator('tbody').getByText(one[0]).first().waitFor()
  await page.getByRole('cell', { name: '已作废', exact: true }).waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('ledger of papers')
  await page.goto(at.paper)
  await page.setViewportSize(NARROW)
  await page.getByRole('button', { name: '打印', exact: true }).waitFor()
  assert.deepEqual(await findings(page), [])
})

test('a list is printed by its filters, under a head that says whose it is', async () => {
  const seat = await site.person('luomin', '/office/ledgers/issued_paper?tab=all&f.paper=order_by_date', OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '导出' }).click()
  await page.getByRole('link', { name: /打印/ }).click()
  await page.getByText(/范围：全部；文书种类 责令限期改正通知书/).waitFor()
  await page.getByText('打印人：罗敏').waitFor()
  await page.getByRole('cell', { name: at.number[0] }).waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('list to print')
  const printed = await page.pdf({ preferCSSPageSize: true })
  if (process.env.FENGSUI_E2E_RESULTS) await writeFile(join(process.env.FENGSUI_E2E_RESULTS, 'list.pdf'), printed)
  assert.match(printed.toString('latin1'), /MediaBox ?\[0 0 84[12][\d.]* 59[45]/)
  await page.getByRole('link', { name: '返回清单' }).click()
  await page.locator('tbody a.name').first().waitFor()
})

test('a neighbour county sees nothing of it', async () => {
  const seat = await site.person('linxian', '/office/units', OFFICE)
  const paper = at.paper.split('/').at(-1)
  const order = at.order.split('/').at(-1)
  seat.expectFault(/status of 40[34]/)
  for (const path of [`/papers/issued/${paper}`, `/ledgers/issued_paper/entries/${paper}`, `/ledgers/correction_order/entries/${order}/papers`]) {
    assert.ok([403, 404].includes((await seat.get(path)).status), path)
  }
})
