// The office and administration: units found, opened and changed by two people at once; a terminal with its
// frames; the laboratory; the journal for the auditor; the state of the system.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { SMALL } from './support/browser.mjs'
import { FIRE } from './support/terminal.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('a unit is found by a word of its name and opened', async () => {
  const seat = await site.person('luomin', '/office/units')
  const { page } = seat
  const [{ name, code, address }] = (await seat.read('/units?q=养老院&limit=1')).items
  await page.locator('tbody tr').first().waitFor()
  await page.getByRole('searchbox').fill('养老院')
  await page.waitForURL((url) => url.searchParams.get('q') === '养老院')
  await page.getByRole('link', { name, exact: true }).waitFor()
  for (const row of await page.locator('tbody tr').allInnerTexts()) assert.match(row, /养老院/)
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  await page.getByText(address).first().waitFor()
  await page.getByText(code).first().waitFor()
  for (const part of ['基本情况', '告警', '楼栋', '联系人', '终端', '位置']) await page.getByRole('heading', { name: new RegExp(`^${part}`) }).waitFor()

  // Nothing found is said in a sentence.
  await page.goto('/office/units?q=没有这样的单位名称')
  await page.getByText('没有符合筛选条件的单位').waitFor()
})

test('a link followed while the search still waits leads where it points', async () => {
  const seat = await site.person('luomin', '/office/units')
  const { page } = seat
  const link = page.locator('tbody tr').first().getByRole('link').first()
  const name = await link.innerText()
  // The page's own program comes later than the pause of the search: that is where the two meet.
  await page.route(/\/assets\/UnitPage-.*\.js$/u, async (route) => {
    await page.waitForRequest((request) => request.url().includes('q='), { timeout: 1_500 }).catch(() => undefined)
    await route.continue()
  })
  await page.getByRole('searchbox').fill(name)
  await link.click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
})

test('two people change the same unit: the second sees both versions and decides', async () => {
  const first = await site.person('luomin', '/office/units')
  const second = await site.person('luomin', '/office/units')
  const [unit] = (await first.read('/units?limit=1')).items
  for (const { page } of [first, second]) {
    await page.goto(`/office/units/${unit.id}`)
    await page.getByRole('button', { name: '修改' }).click()
    await page.getByLabel('单位名称').waitFor()
  }
  const form = (seat) => seat.page.getByRole('complementary', { name: '修改单位' })
  await form(first).getByLabel('地址').fill('城关镇新址 1 号')
  await form(first).getByRole('button', { name: '保存' }).click()
  await form(first).waitFor({ state: 'detached' })
  await first.page.getByText('城关镇新址 1 号').first().waitFor()

  second.expectFault(/status of 4(09|12)/)
  await form(second).getByLabel('地址').fill('城关镇新址 2 号')
  await form(second).getByRole('button', { name: '保存' }).click()
  const merge = form(second).getByRole('button', { name: '按所选合并' })
  await merge.waitFor()
  assert.equal(await merge.getAttribute('aria-disabled'), 'true')
  const choice = form(second).getByRole('group', { name: '地址' })
  assert.match(await choice.innerText(), /我填的\s*城关镇新址 2 号[\s\S]*别人已保存的\s*城关镇新址 1 号/)
  await second.photograph('unit, two people changed it')
  await choice.getByText('城关镇新址 2 号').click()
  await merge.click()
  await form(second).getByRole('button', { name: '保存' }).click()
  await form(second).waitFor({ state: 'detached' })
  const now = await first.read(`/units/${unit.id}`)
  assert.deepEqual([now.address, now.version], ['城关镇新址 2 号', unit.version + 2])
})

test('a terminal shows its point on fire and its frame, read field by field', async () => {
  const seat = await site.person('luomin', '/office/terminals')
  const { page } = seat
  const [terminal] = await site.terminals(seat, 1)
  const frame = site.frame(terminal, FIRE)
  await site.send(frame)
  await seat.alarmAt(terminal.unit.name, terminal.point.label)
  await page.getByRole('searchbox').fill(terminal.source)
  await page.getByRole('link', { name: terminal.name, exact: true }).click()
  await page.getByRole('heading', { name: terminal.name, level: 1 }).waitFor()
  await page.getByText('在线', { exact: true }).first().waitFor()
  const points = page.locator('section.pts')
  await points.locator('tbody tr', { hasText: terminal.point.label }).getByText('火警').first().waitFor()
  await page.getByRole('button', { name: '解析' }).first().click()
  await page.getByText('完整，校验和相符').waitFor()
  await page.getByRole('list', { name: '报文字段' }).getByText(terminal.source).first().waitFor()
  await page.getByRole('button', { name: '收起' }).first().click()
  await page.getByText('完整，校验和相符').waitFor({ state: 'detached' })
})

test('the laboratory reads a good frame and names what is wrong with a bad one', async () => {
  const seat = await site.person('luomin', '/admin/lab')
  const { page } = seat
  const examples = page.getByRole('group', { name: '示例报文' })
  await examples.getByRole('button', { name: '火警' }).click()
  await page.getByText('完整，校验和相符').waitFor()
  await page.getByText('1 帧完整，0 段不通过').waitFor()
  await page.waitForURL((url) => url.hash.length > 100)

  // One bit of the good frame turned over.
  const paste = page.getByLabel('粘贴报文')
  const good = (await paste.inputValue()).replace(/\s/g, '')
  await paste.fill(good.replace(/462323$/, '472323'))
  await page.getByText('0 帧完整，1 段不通过').waitFor()
  await page.getByText(/校验和/).first().waitFor()
  await paste.fill('40 40 0G')
  await page.getByText('第 1 行第 8 个字“G”不是十六进制').waitFor()
})

test('the auditor reads who did what, and that the chain is whole', async () => {
  const seat = await site.person('shenji', '/admin/journal')
  const { page } = seat
  await page.getByText(/链完整，已核到 \d+/).waitFor()
  const line = page.locator('tbody tr', { hasText: '罗敏' }).filter({ hasText: '修改地址' }).first()
  await line.waitFor()
  assert.match(await line.innerText(), /\d\d:\d\d:\d\d/)
  // One subject alone: everything that was done to that unit, and nothing else.
  await line.getByRole('button', { name: '单位' }).click()
  await page.waitForURL((url) => url.searchParams.has('subject'))
  await until('three lines are left', async () => (await page.locator('tbody tr').count()) === 3)
  await page.locator('tbody tr').last().getByText('登记单位').waitFor()
  // The auditor sees the record, not the alarms behind it.
  seat.expectFault(/status of 403/)
  assert.equal((await seat.get('/alarms/queue')).status, 403)
  assert.equal(await page.getByRole('link', { name: '接警' }).count(), 0)
})

test('the system administrator sees what is well and what is not', async () => {
  const seat = await site.person('admin', '/admin/system')
  const { page } = seat
  // Nobody sits at the desk of this county: that is the one thing to see to.
  await page.getByText('1 项要处理').waitFor()
  await page.getByText('没有人上席，告警无人听到').waitFor()
  const duty = await site.person('zhoumin', '/desk', SMALL)
  await duty.signOn(1)
  await page.getByText(/\d+ 项都正常/).waitFor()
  for (const group of ['接入', '存储', '程序', '终端']) await page.getByRole('heading', { name: group, exact: true }).waitFor()
  await page.getByText(`127.0.0.1:${site.server.gateway}`).first().waitFor()
  await page.getByText('当值节点').waitFor()
})
