// Who is at the desk: the second step of a login from its enrolment on, the shift that changes by a PIN, the lock
// that stops hands and not the bell, and the mute that a new fire ends.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { SMALL } from './support/browser.mjs'
import { PASSWORD } from './support/server.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

const PINS = { zhoumin: '4826', chenli: '7193' }
/** RFC 6238: how long a code is the code of now. */
const STEP_MS = 30_000
const BASE_32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

/** The six digits an authenticator shows, `ahead` steps from now. */
function codeOf(seed, ahead = 0) {
  const bits = [...seed.replaceAll(/[\s=]/g, '').toUpperCase()].map((c) => BASE_32.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + ahead))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac[mac.length - 1] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Sets the PIN of the person who is logged in, on her own page. */
async function setPin(seat, account) {
  const { page } = seat
  await page.goto('/account')
  const pins = page.locator('section').filter({ has: page.getByRole('heading', { name: /口令码/ }) }).first()
  await pins.getByLabel('当前密码').fill(PASSWORD)
  await pins.getByLabel('新口令码').fill(PINS[account])
  await pins.getByRole('button', { name: '保存口令码' }).click()
  await page.getByText('口令码已保存').waitFor()
}

test('a second step is enrolled with the phone, asked for at the next login, and each code counts once', async () => {
  const seat = await site.person('luomin', '/account')
  const { page } = seat
  const factor = page.locator('section').filter({ has: page.getByRole('heading', { name: /第二验证/ }) })
  await factor.getByText('未启用').waitFor()
  await factor.getByLabel('当前密码').fill(PASSWORD)
  await factor.getByRole('button', { name: '开始启用' }).click()
  await factor.getByRole('img').waitFor()
  const seed = (await factor.locator('p.mono').innerText()).trim()
  const first = codeOf(seed)
  await factor.getByLabel('验证器上的六位数字').fill(first)
  await factor.getByRole('button', { name: '启用', exact: true }).click()
  await factor.getByText(/手机丢了/).waitFor()
  const recovery = await factor.locator('li').allInnerTexts()
  assert.equal(recovery.length, 10)
  await factor.getByRole('button', { name: '已抄好' }).click()
  await factor.getByText('已启用，恢复码还有 10 个').waitFor()

  const again = await site.seat()
  again.expectFault(/status of 401/)
  await again.page.goto('/login?to=/account')
  await again.page.getByLabel('账号').fill('luomin')
  await again.page.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await again.page.getByRole('button', { name: '登录', exact: true }).click()
  const box = again.page.getByLabel('验证码')
  await box.waitFor()
  assert.ok(await box.evaluate((el) => el === document.activeElement), 'the code can be typed at once')
  await again.photograph('second step of the login')
  // The code of the enrolment was used by it.
  await box.fill(first)
  await again.press('Enter')
  await again.page.getByRole('alert').getByText(/不对或已用过/).waitFor()
  await box.fill(codeOf(seed, 1))
  await again.press('Enter')
  await again.page.waitForURL('**/account')
  await again.page.getByText('恢复码还有 10 个').waitFor()

  // Without the phone, one recovery code is good for one login.
  const third = await site.seat()
  third.expectFault(/status of 401/)
  await third.page.goto('/login?to=/account')
  await third.page.getByLabel('账号').fill('luomin')
  await third.page.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await third.press('Enter')
  await third.page.getByLabel('验证码').fill(recovery[0].toUpperCase())
  await third.press('Enter')
  await third.page.getByText('恢复码还有 9 个').waitFor()
})

test('the shift changes by a PIN at the same machine, with the alarm in hand', async () => {
  const relief = await site.person('chenli')
  await setPin(relief, 'chenli')
  const seat = await site.person('zhoumin', '/desk', SMALL)
  const { page } = seat
  await seat.signOn(1)
  const [terminal] = await site.terminals(seat, 1)
  const fire = await site.fire(seat, terminal)
  await seat.card(fire.id).waitFor()
  await seat.press('a')
  await until('the fire is taken', async () => (await seat.read(`/alarms/${fire.id}`)).state === 'taken')

  await page.getByRole('button', { name: '换班', exact: true }).click()
  const panel = page.getByRole('form', { name: '换班' })
  await panel.getByText('在办告警 1 起').waitFor()
  await panel.getByRole('button', { name: '陈立' }).click()
  await seat.photograph('change of shift')
  await seat.card(fire.id).waitFor()
  seat.expectFault(/status of 40\d/)
  await panel.getByLabel('口令码').fill('0918')
  await seat.press('Enter')
  await panel.getByText(/口令码不对/).waitFor()
  await panel.getByLabel('口令码').fill(PINS.chenli)
  await seat.press('Enter')
  await panel.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '1 席 陈立' }).waitFor()
  const alarm = await seat.read(`/alarms/${fire.id}`)
  assert.deepEqual([alarm.state, alarm.holder?.officer.name], ['taken', '陈立'])
  // What is done from here on is hers: she is the one who is logged in, and the bell was never gone.
  assert.equal((await seat.read('/session')).account.login, 'chenli')
  assert.ok((await seat.tones()).running)
})

test('a locked desk keeps its queue and its bell, and a new fire ends a mute', async () => {
  const seat = await site.person('zhoumin')
  const { page } = seat
  await setPin(seat, 'zhoumin')
  await page.goto('/desk')
  await seat.signOn(2)
  const [, one, two] = await site.terminals(seat, 3)
  const first = await site.fire(seat, one)
  await seat.card(first.id).waitFor()
  await page.getByRole('button', { name: '消音', exact: false }).click()
  const muted = page.getByRole('button', { name: /消音 [45]:\d\d/ })
  await muted.first().waitFor()
  const quiet = (await seat.tones()).begun.length
  assert.equal((await seat.read(`/alarms/${first.id}`)).state, 'raised', 'mute is not taking')

  await page.getByRole('button', { name: '锁定' }).click()
  const lock = page.getByRole('form', { name: '操作已锁定' })
  await lock.waitFor()
  const second = await site.fire(seat, two)
  await seat.card(second.id).waitFor()
  await seat.photograph('locked desk')
  await until('the new fire rings on the muted and locked desk', async () => (await seat.tones()).begun.length > quiet)
  await until('the mute is over', async () => (await muted.count()) === 0)

  // Keys rest: what is typed is the PIN.
  await page.getByRole('heading', { name: '操作已锁定' }).click()
  await seat.press('a')
  seat.expectFault(/status of 40\d/)
  await lock.getByLabel('口令码').fill('0918')
  await lock.getByRole('button', { name: '解锁' }).click()
  await lock.getByText(/口令码不对/).waitFor()
  assert.equal((await seat.read(`/alarms/${second.id}`)).state, 'raised')
  await lock.getByLabel('口令码').fill(PINS.zhoumin)
  await lock.getByRole('button', { name: '解锁' }).click()
  await lock.waitFor({ state: 'detached' })
  await seat.card(second.id).click()
  await seat.press('a')
  await until('the fire is taken after the lock', async () => (await seat.read(`/alarms/${second.id}`)).state === 'taken')
})
