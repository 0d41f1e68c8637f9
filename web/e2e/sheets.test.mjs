// Ledgers and spreadsheets as an office lives with them: five thousand hazards come in from a table with forty mistakes, the
// same table again changes nothing, old ones are overdue from the first minute, the list leaves as a table, one step is
// made for many entries at once, and the whole import is taken back but for what somebody has touched.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { NARROW } from './support/browser.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

const ROWS = 5000
const WRONG = 40
const LONG_MS = 40_000
const HEAD = '工单编号,隐患,责任单位,隐患类别,风险等级,发现日期,登记日期,部位'
/** Every row of a table, each 125th with a mistake. */
function rows(unit) {
  const one = (_, n) => {
    const kind = n % (ROWS / WRONG) === 7 ? '说不清' : '消防设施器材'
    return `E2E-${n},灭火器压力不足 ${n} 号,${unit},${kind},一般,2026年1月5日,2026.1.5,${n % 9} 层`
  }
  return Array.from({ length: ROWS }, one)
}
const table = (unit) => Buffer.from(`\ufeff端到端隐患台账\r\n${[HEAD, ...rows(unit)].join('\r\n')}\r\n`)
const tally = (page, word) => page.locator('dl.sums > div', { hasText: word }).locator('dd').innerText()

async function upload(page, name, buffer) {
  await page.goto('/office/ledgers/hazard/import')
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer })
  await page.getByRole('button', { name: '上传并检查' }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await page.getByText('已检查').waitFor({ timeout: LONG_MS })
}

test('five thousand hazards come in with forty mistakes named, once, and go back but for the one that was touched', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard')
  const { page } = seat
  const [unit] = (await seat.read('/units?limit=1')).items
  const before = (await seat.read('/ledgers/hazard/entries?limit=1')).total
  await page.getByRole('button', { name: '导入', exact: true }).click()
  await page.getByRole('heading', { name: '导入隐患' }).waitFor()
  assert.deepEqual(await findings(page), [])
  await upload(page, '隐患台账.csv', table(unit.name))
  assert.deepEqual([await tally(page, '新增'), await tally(page, '有误')], ['4,960', '40'])
  await page.getByText('只能是：疏散通道和出口').first().waitFor()
  await seat.photograph('ledger import, checked')
  await page.getByRole('button', { name: '导入 4,960 行' }).click()
  await page.getByText('已导入', { exact: true }).waitFor({ timeout: LONG_MS })
  const found = await seat.read('/ledgers/hazard/entries?q=灭火器压力不足&standing=overdue&sort=due&limit=1')
  assert.equal(found.total, ROWS - WRONG, 'an old one is overdue as it arrives')

  await upload(page, '再传一次.csv', table(unit.name))
  assert.deepEqual([await tally(page, '新增'), await tally(page, '与登记一致')], ['0', '4,960'])
  await page.getByRole('button', { name: '作废' }).click()

  await page.goto('/office/ledgers/hazard?q=灭火器压力不足')
  const boxes = page.locator('tbody td.tick input')
  await boxes.first().waitFor()
  await boxes.nth(0).press('Space')
  await boxes.nth(1).check()
  await until('both are ticked', async () => (await page.locator('tbody td.tick input:checked').count()) === 2)
  await page.getByRole('button', { name: '批量办理' }).click()
  await page.getByRole('heading', { name: '批量办理' }).waitFor()
  await seat.photograph('batch, begun')
  await page.getByText('2 条里可办的事').waitFor()
  await page.getByRole('button', { name: '责令限期改正', exact: true }).waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('batch, steps')
  await page.getByRole('button', { name: '责令限期改正', exact: true }).click()
  await page.getByRole('textbox', { name: '整改期限' }).fill('2030-12-31')
  await page.getByRole('textbox', { name: '违反的条款' }).fill('消防法 第 16 条')
  await page.getByRole('button', { name: '责令限期改正（2 条）' }).click()
  await page.getByText('办成 2 条，没有办成 0 条').waitFor()

  await page.goto('/office/ledgers/hazard/import')
  await page.getByRole('link', { name: '隐患台账.csv' }).click()
  await page.getByRole('button', { name: '撤销整次导入' }).click()
  await page.getByRole('button', { name: '确定撤销' }).click()
  await page.getByText('撤回 4,958 条，保留 2 条').waitFor({ timeout: LONG_MS })
  await seat.photograph('ledger import, undone')
  await until('only what was touched is left', async () => (await seat.read('/ledgers/hazard/entries?limit=1')).total === before + 2)
})

test('a ledger leaves as a table by its filters, and a narrow window selects and acts too', async () => {
  const seat = await site.person('luomin', '/office/ledgers/hazard')
  const { page } = seat
  await page.getByRole('button', { name: '导出' }).click()
  const [all] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '全部各项' }).first().click()])
  assert.match(all.suggestedFilename(), /\.xlsx$/)
  await page.setViewportSize(NARROW)
  await page.goto('/office/ledgers/hazard')
  await page.locator('tbody td.tick input').first().check()
  await page.getByRole('button', { name: '批量办理' }).click()
  await page.getByText('1 条里可办的事').waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('batch, narrow')
})
