// Entering and working: the wrong password, the one-time password, the sound test, keys that rest while
// somebody types, help that covers nothing, search.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { SMALL } from './support/browser.mjs'
import { FAULT } from './support/terminal.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

test('a wrong password is refused without a hint, the right one opens the page that was asked for', async () => {
  const seat = await site.seat()
  const { page } = seat
  seat.expectFault(/status of 401/)
  await page.goto('/desk/alarms')
  await page.waitForURL(/\/login\?to=/)
  const sentences = []
  for (const account of ['zhoumin', 'nobody-of-this-name']) {
    await page.getByLabel('账号').fill(account)
    await page.getByLabel('密码', { exact: true }).fill('not-the-password')
    const answer = page.waitForResponse('**/api/v1/session')
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await answer
    sentences.push(await page.getByRole('alert').innerText())
  }
  assert.equal(sentences[0], sentences[1])
  assert.match(sentences[0], /账号或密码/)
  await page.getByLabel('账号').fill('zhoumin')
  await page.getByLabel('密码', { exact: true }).fill('fengsui-demo')
  await seat.press('Enter')
  await page.waitForURL('**/desk/alarms')
  await page.getByRole('heading', { name: '接警' }).waitFor()
})

test('a new account gets a one-time password and must change it before anything else', async () => {
  const security = await site.person('anquan', '/admin/accounts')
  const { page } = security
  await page.getByRole('button', { name: '新建账号' }).click()
  await page.getByLabel('姓名', { exact: true }).fill('方圆')
  await page.getByLabel('登录名', { exact: true }).fill('fangyuan')
  await page.getByLabel('岗位', { exact: true }).selectOption({ label: '值班员' })
  await page.locator('form').getByRole('button', { name: '新建账号' }).click()
  const once = await page.locator('output').innerText()
  assert.ok(once.length >= 10)

  const seat = await site.seat()
  await seat.login('fangyuan', null, once)
  await seat.page.waitForURL(/\/password/)
  await seat.page.getByText('首次登录，请先换成自己的密码').waitFor()
  await seat.page.goto('/desk')
  await seat.page.waitForURL(/\/password/)
  const fill = async (current, fresh, again) => {
    await seat.page.getByLabel('现在的密码').fill(current)
    await seat.page.getByLabel('新密码', { exact: true }).fill(fresh)
    await seat.page.getByLabel('再输一次新密码').fill(again)
    await seat.page.getByRole('button', { name: '改密码并继续' }).click()
  }
  await fill(once, '短了', '短了')
  await seat.page.getByText('新密码不足 8 个字').waitFor()
  await fill(once, '山高水长十个字的句子', '山高水长')
  await seat.page.getByText('两次输入不一致').waitFor()
  await fill(once, '山高水长十个字的句子', '山高水长十个字的句子')
  await seat.page.waitForURL('**/desk')
  await seat.page.getByText('没有待签收告警').waitFor()

  // The one-time password is worth nothing any more.
  const again = await site.seat()
  again.expectFault(/status of 401/)
  await again.page.goto('/login')
  await again.page.getByLabel('账号').fill('fangyuan')
  await again.page.getByLabel('密码', { exact: true }).fill(once)
  await again.page.getByRole('button', { name: '登录', exact: true }).click()
  await again.page.getByRole('alert').waitFor()
})

test('signing on includes a sound test, and a tone that was not heard is shown for as long as it lasts', async () => {
  const seat = await site.person('chenli', '/desk', SMALL)
  const { page } = seat
  const panel = page.getByRole('region', { name: '上席' })
  await page.getByText('声音未试').waitFor()
  await panel.getByRole('button', { name: '2 席' }).click()
  await panel.getByText('正在放试音').waitFor()
  await panel.getByText('听到了吗').waitFor()
  const { begun, running } = await seat.tones()
  assert.ok(running)
  assert.deepEqual(begun, [960, 770, 960, 770])
  await panel.getByRole('button', { name: '没听到' }).click()
  await panel.waitFor({ state: 'detached' })
  await page.getByRole('status').getByText('无声', { exact: true }).waitFor()

  // Another officer sees the seat taken, and takes the next.
  const other = await site.person('zhoumin', '/desk', SMALL)
  const seats = other.page.getByRole('region', { name: '上席' })
  const held = seats.getByRole('button', { name: /2 席\s*陈立 在席/ })
  await held.waitFor()
  assert.equal(await held.getAttribute('aria-disabled'), 'true')
  await other.signOn(1)
  await other.page.getByText(/声音已试/).waitFor()
  await page.getByText('周敏', { exact: true }).first().waitFor()
})

test('keys rest while somebody types, help covers nothing, search narrows the queue', async () => {
  const seat = await site.person('zhoumin', '/desk')
  const { page } = seat
  await page.getByRole('button', { name: '1 席 周敏' }).waitFor()
  // The desk opens with the first alarm of the queue as it was read: one that rings before that would be chosen already, and
  // the key below would go on to the next.
  await page.getByText('没有待签收告警').first().waitFor()
  const [one, two] = await site.terminals(seat, 2)
  const fire = await site.fire(seat, one)
  await site.send(site.frame(two, FAULT))
  const fault = await seat.alarmAt(two.unit.name, two.point.label)
  await seat.card(fault.id).waitFor()

  // Every key of the desk, typed into the search: text and nothing else.
  await seat.press('/')
  const search = page.getByRole('textbox', { name: '搜索' })
  await search.waitFor()
  await page.keyboard.type('atfeudhonc?xm')
  assert.equal(await search.inputValue(), 'atfeudhonc?xm')
  assert.equal(await page.getByRole('region', { name: '快捷键' }).count(), 0)
  await page.getByText('没有符合的告警').waitFor()
  await search.fill(two.unit.name)
  await seat.card(fire.id).waitFor({ state: 'detached' })
  await seat.card(fault.id).waitFor()
  await seat.press('Escape')
  await seat.card(fire.id).waitFor()
  for (const { id } of [fire, fault]) assert.equal((await seat.read(`/alarms/${id}`)).state, 'raised')

  // Typed into the form of an action they are text as well.
  await seat.press('j')
  await seat.pane(fire.number).getByRole('button', { name: '补记' }).waitFor()
  await seat.press('n')
  const note = page.getByLabel('补记内容')
  await note.waitFor()
  await page.keyboard.type('ac')
  assert.equal(await note.inputValue(), 'ac')
  await seat.press('Escape')
  await note.waitFor({ state: 'detached' })

  // Help lies beside the queue, never over it; an alarm that comes meanwhile is seen.
  await seat.press('?')
  const help = page.getByRole('region', { name: '快捷键' })
  await help.waitFor()
  const [queueBox, helpBox] = [await page.getByRole('region', { name: '告警队列' }).boundingBox(), await help.boundingBox()]
  assert.ok(helpBox.x >= queueBox.x + queueBox.width, JSON.stringify({ queueBox, helpBox }))
  const meanwhile = await site.fire(seat, one, one.points[1])
  await seat.card(meanwhile.id).waitFor()
  await seat.press('?')
  await help.waitFor({ state: 'detached' })

  // The frame behind the alarm, read.
  await seat.press('x')
  await page.getByText(/系统类型|系统地址/).first().waitFor()
  await seat.press('Escape')

  // A fault has its own tone, and the fire is taken before it.
  await seat.press('a')
  await seat.press('a')
  await until('both fires are taken', async () => {
    const states = await Promise.all([fire, meanwhile].map(async ({ id }) => (await seat.read(`/alarms/${id}`)).state))
    if (states.every((s) => s === 'taken')) return true
    await seat.press('a')
    return false
  })
  assert.equal((await seat.read(`/alarms/${fault.id}`)).state, 'raised')
  await page.getByText('三级音 响铃中').waitFor()
})
