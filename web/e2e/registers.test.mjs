// Registers as an office lives with them: a table with mistakes is mended, taken in and taken back; a list leaves as a
// table; the sign of a unit leads a telephone to its page; a plan gets its picture and a point its place; a terminal
// that nobody knew is adopted.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { NARROW } from './support/browser.mjs'
import { Site } from './support/site.mjs'
import { FIRE } from './support/terminal.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

const HEAD = '编号,单位名称,类别,辖区,地址,消防安全重点单位'
const table = (rows) => Buffer.from(`\ufeff${[HEAD, ...rows].join('\r\n')}\r\n`)

/** Uploads a table of units and waits until it has been checked. */
async function upload(page, name, rows) {
  await page.goto('/admin/imports?new=1&subject=unit')
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: table(rows) })
  await page.getByText(name).waitFor()
  await page.getByRole('button', { name: '上传并检查' }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await page.getByText('已检查').waitFor()
}
const tally = (page, word) => page.locator('dl.sums > div', { hasText: word }).locator('dd').innerText()

test('a table with mistakes is mended, taken in again and taken back as a whole', async () => {
  const seat = await site.person('luomin', '/office/units')
  const { page } = seat
  const [{ region }] = (await seat.read('/units?limit=1')).items
  const good = [`E2E-1,端到端一厂,工厂,${region.code},工业路 1 号,是`, `Ｅ２Ｅ－２,端到端二厂,工厂,${region.code},工业路 2 号,否`]
  const wrong = `E2E-3,端到端三厂,太空站,${region.code},工业路 3 号,也许`
  await page.getByRole('link', { name: '导入', exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/admin/imports' && url.searchParams.get('subject') === 'unit')

  await upload(page, '有误的名册.csv', [...good, wrong])
  assert.deepEqual([await tally(page, '新增'), await tally(page, '有误')], ['2', '1'])
  const problems = page.locator('section, div').filter({ has: page.getByRole('heading', { name: /^有误的行/ }) }).last()
  await problems.getByText('太空站').waitFor()
  await problems.getByText('只能填 是 或 否').waitFor()
  const [errors] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载有误的行' }).click()])
  assert.match(errors.suggestedFilename(), /\.xlsx$/)
  await seat.photograph('import, checked with mistakes')
  await page.getByRole('button', { name: '作废' }).click()
  await page.getByText('已作废').waitFor()

  await upload(page, '改好的名册.csv', [...good, wrong.replace('太空站', '仓储物流').replace('也许', '是')])
  assert.deepEqual([await tally(page, '新增'), await tally(page, '有误')], ['3', '0'])
  await page.getByRole('button', { name: '导入 3 行' }).click()
  await page.getByText('已导入', { exact: true }).waitFor()
  await until('three units are registered', async () => (await seat.read('/units?q=端到端')).total === 3)
  await upload(page, '再传一次.csv', good)
  assert.equal(await tally(page, '与登记一致'), '2')
  await page.getByRole('button', { name: '作废' }).click()

  await page.goto('/admin/imports')
  await page.getByRole('link', { name: '改好的名册.csv' }).click()
  await page.getByRole('button', { name: '撤销整次导入' }).click()
  await page.getByRole('button', { name: '确定撤销' }).click()
  await page.getByText('撤回 3 条').waitFor()
  await seat.photograph('import, undone')
  assert.equal((await seat.read('/units?q=端到端')).total, 0)
})

test('a list leaves as a table with the rows that it shows', async () => {
  const seat = await site.person('luomin', '/office/units?category=aged_care')
  const { page } = seat
  const { items, total } = await seat.read('/units?category=aged_care&limit=200')
  await page.getByRole('button', { name: '导出' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^CSV/ }).click()])
  assert.match(file.suggestedFilename(), /^单位_\d{8}_\d{4}\.csv$/)
  const lines = (await readFile(await file.path(), 'utf8')).split('\r\n').filter(Boolean)
  assert.equal(lines.length, total + 1)
  assert.match(lines[0], /^\ufeff编号,单位名称,类别,辖区,/)
  for (const unit of items) assert.ok(lines.some((line) => line.startsWith(`${unit.code},${unit.name},养老院,`)), unit.code)
  await page.getByRole('button', { name: '导出' }).click()
  const [book] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /^Excel/ }).click()])
  assert.equal((await readFile(await book.path())).toString('latin1', 0, 2), 'PK')
  const auditor = await site.person('shenji', '/admin/journal')
  await auditor.page.locator('tbody tr', { hasText: '罗敏' }).filter({ hasText: `导出单位 ${total} 条` }).first().waitFor()
})

test('the sign of a unit leads a telephone to its page, by way of the login', async () => {
  const seat = await site.person('luomin', '/office/units')
  const [unit] = (await seat.read('/units?q=养老院&limit=1')).items
  await seat.page.goto(`/office/units/signs?ids=${unit.id}`)
  const sign = seat.page.locator('.sign')
  await sign.getByRole('heading', { name: unit.name }).waitFor()
  await sign.getByText(unit.code).waitFor()
  assert.ok(await sign.getByRole('img').evaluate((img) => img.complete && img.naturalWidth > 100))
  await seat.photograph('sign of a unit')
  const { items } = await seat.read(`/units/signs?ids=${unit.id}`)
  const link = new URL(items[0].link)
  assert.equal(link.pathname, `/u/${unit.id}`)
  const phone = await site.seat(NARROW)
  await phone.page.goto(link.pathname)
  await phone.page.getByLabel('账号').fill('luomin')
  await phone.page.getByLabel('密码', { exact: true }).fill('fengsui-demo')
  await phone.page.getByRole('button', { name: '登录', exact: true }).click()
  await phone.page.waitForURL((url) => url.pathname === `/office/units/${unit.id}`)
  await phone.page.getByRole('heading', { name: unit.name, level: 1 }).waitFor()
})

/** A white PNG of so many pixels. */
function whitePng(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc(body))
    return Buffer.concat([length, body, check])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc((width + 1) * height, 255)
  for (let y = 0; y < height; y++) rows[y * (width + 1)] = 0
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
function crc(bytes) {
  let all = 0xffffffff
  for (const byte of bytes) {
    all ^= byte
    for (let bit = 0; bit < 8; bit++) all = all & 1 ? (all >>> 1) ^ 0xedb88320 : all >>> 1
  }
  return (all ^ 0xffffffff) >>> 0
}

test('a floor gets its plan and a point its place on it', async () => {
  const seat = await site.person('luomin', '/office/units')
  const { page } = seat
  const [terminal] = await site.terminals(seat, 1)
  await page.goto(`/office/units/${terminal.unit.id}`)
  await page.getByRole('button', { name: '编辑平面图' }).click()
  await page.locator('.ed input[type=file]').setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: whitePng(600, 400) })
  const unplaced = page.locator('.ed .un button').first()
  await unplaced.click()
  const floors = (await seat.read(`/units/${terminal.unit.id}/floors`)).items
  const floor = floors.find((f) => f.plan)
  assert.equal(floor.plan.width_px, 600)
  const plan = page.getByRole('group', { name: `${[floor.building, floor.floor].filter(Boolean).join(' ')} 平面图` })
  await plan.scrollIntoViewIfNeeded()
  const box = await plan.boundingBox()
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await until('a point stands on the plan', async () => {
    const q = new URLSearchParams({ building: floor.building, floor: floor.floor })
    const { items } = await seat.read(`/units/${terminal.unit.id}/floors/points?${q}`)
    return items.some((p) => p.at)
  })
  await seat.photograph('plan with a point on it')
})

test('a terminal that nobody knew is adopted with what it had said', async () => {
  const seat = await site.person('luomin', '/office/quarantine')
  const { page } = seat
  const [known] = await site.terminals(seat, 1)
  const source = '770077'
  // The open pane may ask once more for what is no stranger any longer.
  seat.expectFault(/status of 409/)
  await site.send(site.frame({ ...known, source }, FIRE))
  await page.locator('tbody').getByRole('button', { name: source }).click()
  await page.locator('.act').getByRole('button', { name: '认领' }).click()
  const form = page.locator('form.sf')
  await form.getByRole('combobox', { name: '单位' }).fill(known.unit.name)
  await form.getByRole('listbox', { name: '单位' }).getByRole('option').first().click()
  await form.getByLabel('终端名称').fill('端到端装置')
  await form.getByRole('button', { name: '认领' }).click()
  await until('the terminal is registered', async () => {
    const { items } = await seat.read('/terminals?q=端到端装置')
    return items.length === 1 && items[0].known && items[0].unit?.id === known.unit.id && items[0].open_alarms === 1
  })
})

test('many terminals are given their model at once: checked, taken in, taken back', async () => {
  const seat = await site.person('luomin', '/office/terminals?known=true')
  const { page } = seat
  await page.locator('tbody tr').first().waitFor()
  const ticks = page.getByRole('checkbox', { name: '勾选这一行' })
  await ticks.nth(0).check()
  await ticks.nth(1).check()
  await page.getByRole('button', { name: /^批量修改/ }).click()
  const form = page.getByRole('complementary', { name: '批量修改' })
  await form.getByLabel('改什么').selectOption({ label: '型号' })
  await form.getByLabel('型号').fill('E2E-3208')
  await seat.photograph('bulk edit of terminals')
  await form.getByRole('button', { name: '检查' }).click()
  await page.getByText('已检查').waitFor()
  assert.equal(await tally(page, '修改'), '2')
  await page.getByRole('button', { name: '导入 2 行' }).click()
  await page.getByText('已导入', { exact: true }).waitFor()
  const model = async () => {
    const { items } = await seat.read('/terminals?known=true&limit=2')
    return Promise.all(items.map(async (one) => (await seat.read(`/terminals/${one.id}`)).model))
  }
  assert.deepEqual(await model(), ['E2E-3208', 'E2E-3208'])
  await page.getByRole('button', { name: '撤销整次导入' }).click()
  await page.getByRole('button', { name: '确定撤销' }).click()
  await page.getByText('撤回 2 条').waitFor()
  assert.ok((await model()).every((one) => one !== 'E2E-3208'))
})
