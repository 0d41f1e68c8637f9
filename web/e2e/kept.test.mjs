// Nothing that was typed is lost: not by a session that ran out, not by a line that is cut, not by a slip of the hand, not by
// pressing twice; and the keyboard is where the eye is. A step for whoever is on the spot takes along where that is.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { OFFICE, button, choose, day, drawer } from './support/office.mjs'
import { PASSWORD } from './support/server.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim())
/** Plans an inspection, all but the last press. */
async function planned(page, subject, unit) {
  await page.getByRole('button', { name: '安排检查' }).first().click()
  await drawer(page).getByLabel('检查事项').fill(subject)
  await choose(page, '被检查单位', unit)
  await drawer(page).getByLabel('检查形式').selectOption('night')
  await drawer(page).getByRole('button', { name: '计划日期：今天' }).click()
  await choose(page, '检查人员', '罗敏')
}
const made = async (seat, subject) => (await seat.read(`/ledgers/inspection/entries?q=${encodeURIComponent(subject)}&limit=5`)).items

test('a session that runs out in the middle of a form asks for the password and keeps the form', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection', OFFICE)
  const { page } = seat
  const [unit] = (await seat.read('/units?limit=1')).items
  await planned(page, '登录过期也不丢', unit.name)
  seat.expectFault(/status of 401/)
  await seat.context.clearCookies({ name: /^(?!fengsui_signed_in)/u })
  await button(page, '安排检查').click()
  const again = page.getByRole('form', { name: '登录已过期' })
  await again.waitFor()
  assert.equal(await drawer(page).getByLabel('检查事项').inputValue(), '登录过期也不丢')
  assert.deepEqual(await findings(page), [])
  await seat.photograph('session lost, form kept')
  await again.getByLabel('罗敏的密码').fill('不是这个密码')
  await again.getByRole('button', { name: '继续' }).click()
  await again.getByRole('alert').nth(1).waitFor()
  await again.getByLabel('罗敏的密码').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await again.waitFor({ state: 'detached' })
  await button(page, '安排检查').click()
  await drawer(page).getByRole('heading', { name: '登录过期也不丢' }).waitFor()
  assert.equal((await made(seat, '登录过期也不丢')).length, 1)
})

test('without anything typed a lost session leads to the login and back to the same page', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection?tab=all', OFFICE)
  const { page } = seat
  await page.locator('tbody a.name').first().waitFor()
  seat.expectFault(/status of 401/)
  await seat.context.clearCookies({ name: /^(?!fengsui_signed_in)/u })
  await page.getByRole('button', { name: /^逾期/ }).click()
  await page.getByText('登录已过期').waitFor()
  await page.getByLabel('账号').fill('luomin')
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('heading', { name: '监督检查', level: 1 }).waitFor()
})

test('a cut line keeps the form, says so, and a second press makes one record', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection', OFFICE)
  const { page } = seat
  const [unit] = (await seat.read('/units?limit=1')).items
  await planned(page, '断网也不丢', unit.name)
  seat.expectFault(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/)
  await seat.context.setOffline(true)
  await button(page, '安排检查').click()
  await drawer(page).getByRole('alert').filter({ hasText: '没有连上服务器' }).waitFor()
  assert.equal(await drawer(page).getByLabel('检查事项').inputValue(), '断网也不丢')
  // What is looked for meanwhile says why nothing comes.
  await drawer(page).getByRole('combobox', { name: '检查人员' }).fill('黄')
  await drawer(page).getByRole('option').filter({ hasText: '没有连上服务器' }).waitFor()
  await seat.context.setOffline(false)
  // The answer of the first press gets lost on its way back: the record is there, and the page does not know.
  await page.route('**/api/v1/ledgers/inspection/entries', async (route) => {
    await route.fetch()
    await route.abort()
  }, { times: 1 })
  await button(page, '安排检查').click()
  await drawer(page).getByRole('alert').filter({ hasText: '没有连上服务器' }).waitFor()
  await button(page, '安排检查').dblclick()
  await drawer(page).getByRole('heading', { name: '断网也不丢' }).waitFor()
  assert.equal((await made(seat, '断网也不丢')).length, 1)
})

test('a slip does not lose what was typed: Escape, the way back and closing ask once more', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection', OFFICE)
  const { page } = seat
  await page.locator('tbody a.name').first().waitFor()
  await page.getByRole('button', { name: '安排检查' }).first().click()
  // The keyboard is in the form that was opened.
  assert.equal(await focused(page), '安排检查')
  await drawer(page).getByLabel('检查事项').fill('一时手滑')
  await page.keyboard.press('Escape')
  const ask = drawer(page).getByText('有没保存的内容')
  await ask.waitFor()
  await button(page, '继续填写').click()
  await ask.waitFor({ state: 'detached' })
  await page.goBack()
  await ask.waitFor()
  assert.equal(await drawer(page).getByLabel('检查事项').inputValue(), '一时手滑')
  await button(page, '继续填写').click()
  await drawer(page).getByLabel('检查事项').focus()
  const asked = page.waitForEvent('dialog')
  await page.evaluate(() => void setTimeout(() => location.reload(), 0))
  const dialog = await asked
  assert.equal(dialog.type(), 'beforeunload')
  await dialog.dismiss()
  assert.equal(await drawer(page).getByLabel('检查事项').inputValue(), '一时手滑')
  await button(page, '取消').click()
  await button(page, '不保存并关闭').click()
  await drawer(page).waitFor({ state: 'detached' })
})

test('a drawer opened by key is closed by key, and the keyboard is back on its row', async () => {
  const seat = await site.person('luomin', '/office/ledgers/inspection?tab=all', OFFICE)
  const { page } = seat
  const rows = page.locator('tbody a.name')
  await rows.nth(1).waitFor()
  const second = (await rows.nth(1).innerText()).trim()
  await rows.nth(0).focus()
  await page.keyboard.press('Enter')
  await drawer(page).getByRole('heading', { level: 2 }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await drawer(page).getByRole('heading', { name: second }).waitFor()
  await page.keyboard.press('Escape')
  await drawer(page).waitFor({ state: 'detached' })
  assert.equal(await focused(page), second)
  // From within the drawer as well, where the focus would go with it.
  await page.keyboard.press('Enter')
  await button(page, '关闭').focus()
  await page.keyboard.press('Enter')
  await drawer(page).waitFor({ state: 'detached' })
  await until('the focus is on the row', async () => (await focused(page)) === second)
})

test('a visit on the spot takes along where the grid worker stands, and says why it does not go', async () => {
  const seat = await site.person('miaoxia', '/office/ledgers/grid_visit', OFFICE)
  const { page } = seat
  const unit = (await seat.read('/units?limit=50')).items.find((one) => one.position)
  const [lng, lat] = unit.position
  await page.getByRole('button', { name: '安排走访' }).first().click()
  await drawer(page).getByLabel('走访事项').fill('到场才算')
  await drawer(page).getByLabel('走访地点').fill(unit.name)
  await choose(page, '场所（选填）', unit.name)
  await drawer(page).getByLabel('走访对象').selectOption('small_place')
  await drawer(page).getByRole('button', { name: '计划日期：今天' }).click()
  await button(page, '安排走访').click()
  await drawer(page).getByRole('heading', { name: '到场才算' }).waitFor()

  await button(page, '现场登记场所走访').click()
  await drawer(page).getByLabel('走访日期', { exact: true }).fill(day(0))
  await drawer(page).getByLabel('走访结果').selectOption('nothing')
  await drawer(page).getByLabel('走访情况').fill('灭火器在有效期内，通道畅通。')
  const picture = await page.screenshot({ type: 'jpeg', clip: { x: 0, y: 0, width: 320, height: 200 } })
  await drawer(page).locator('input[type=file]').setInputFiles({ name: '现场.jpg', mimeType: 'image/jpeg', buffer: picture })
  await drawer(page).getByRole('img', { name: '现场.jpg' }).waitFor()
  seat.expectFault(/status of 409/)
  // The browser was not allowed to tell.
  await button(page, '现场登记场所走访').click()
  await drawer(page).getByText('浏览器没有允许').waitFor()
  await seat.photograph('on the spot, not allowed')
  assert.deepEqual(await findings(page), [])
  // Some three kilometres away.
  await seat.context.grantPermissions(['geolocation'])
  await seat.context.setGeolocation({ longitude: lng + 0.03, latitude: lat, accuracy: 20 })
  await button(page, '现场登记场所走访').click()
  await drawer(page).getByText(/您距现场约 \d+ 米/).waitFor()
  await drawer(page).getByText('精确到约 20 米').waitFor()
  assert.equal(await drawer(page).getByText('先办的人').count(), 0, 'nobody was first')
  // There.
  await seat.context.setGeolocation({ longitude: lng + 0.0005, latitude: lat, accuracy: 8 })
  await button(page, '现场登记场所走访').click()
  await drawer(page).getByText('待核实', { exact: true }).first().waitFor()
})
