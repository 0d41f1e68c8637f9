// How an officer looks at a ledger: columns and order chosen, the view kept and shared, opened by somebody else; the calendar of
// deadlines leads to the list of its day; the same list on the map; two characters of a word find it.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { findings } from './support/axe.mjs'
import { OFFICE, drawer } from './support/office.mjs'
import { Site } from './support/site.mjs'
import { until } from './support/until.mjs'

const LIST = '/office/ledgers/hazard'
const VIEW = '设施隐患按登记'

/** @type {Site} */
let site
before(async () => void (site = await Site.open()))
after(() => site?.close())
afterEach((t) => site.closeSeats(t.name))

const titles = (page) => page.locator('tbody a.name').allInnerTexts()
const heads = async (page) => (await page.locator('thead th').allInnerTexts()).map((one) => one.trim()).filter(Boolean)
const query = (page) => new URL(page.url()).searchParams
/** What the menu of this name shows while it is open. */
const menu = (page, name) => page.getByRole('group', { name, exact: true })
async function opened(page, name) {
  await page.getByRole('button', { name, exact: true }).click()
}

test('columns are chosen, moved and brought back, and stay chosen', async () => {
  const seat = await site.person('luomin', LIST, OFFICE)
  const { page } = seat
  await page.locator('tbody a.name').first().waitFor()
  const usual = await heads(page)
  await opened(page, '选列')
  const columns = menu(page, '显示哪些列')
  await columns.getByRole('checkbox', { name: '登记日期' }).check()
  await columns.getByRole('button', { name: '登记日期往前移' }).click()
  // The button stays under the hand while its row moves.
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), '登记日期往前移')
  assert.deepEqual(await findings(page), [])
  // Escape closes the menu and leaves the keyboard on its button.
  await page.keyboard.press('Escape')
  await columns.waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), '选列')
  const chosen = await heads(page)
  assert.ok(chosen.includes('登记日期') && !usual.includes('登记日期'), chosen.join())
  await page.reload()
  await page.locator('tbody a.name').first().waitFor()
  assert.deepEqual(await heads(page), chosen)
  await opened(page, '选列')
  await columns.getByRole('button', { name: '恢复默认' }).click()
  assert.deepEqual(await heads(page), usual)
})

test('a head orders the list both ways, on the server, and the address says so', async () => {
  const seat = await site.person('luomin', LIST, OFFICE)
  const { page } = seat
  const byTitle = page.getByRole('button', { name: '按“隐患”排序' })
  await byTitle.click()
  await until('the list is in order', async () => (await page.locator('th.main').getAttribute('aria-sort')) === 'ascending')
  const asked = await seat.read('/ledgers/hazard/entries?standing=open&sort=title&limit=50')
  await until('the rows follow', async () => (await titles(page))[0] === asked.items[0].title)
  assert.deepEqual(await titles(page), asked.items.map((one) => one.title))
  await byTitle.click()
  await page.waitForURL((url) => url.searchParams.get('descending') === 'true')
  await until('the rows are turned round', async () => (await titles(page))[0] !== asked.items[0].title)
  // The way back is the way one came.
  await page.goBack()
  await until('the former order is back', async () => (await titles(page))[0] === asked.items[0].title)
  assert.equal(query(page).get('sort'), 'title')
})

test('a field orders the list by mouse and keyboard, what says nothing stands last, and a view keeps the order', async () => {
  const seat = await site.person('luomin', '/office/ledgers/penalty?tab=all', OFFICE)
  const { page } = seat
  const order = (name) => page.getByRole('button', { name: `按“${name}”排序` })
  const head = (name) => page.getByRole('columnheader', { name: `按“${name}”排序` })
  const follows = async (asked) => {
    const { items } = await seat.read(`/ledgers/penalty/entries?limit=50&${asked}`)
    await until('the rows follow', async () => JSON.stringify(await titles(page)) === JSON.stringify(items.map((one) => one.title)))
    return items.map((one) => one.cells.amount !== undefined)
  }
  await order('罚款金额').click()
  await page.waitForURL((url) => url.searchParams.get('sort') === 'amount' && url.searchParams.get('descending') === 'true')
  await until('the largest fine stands first', async () => (await head('罚款金额').getAttribute('aria-sort')) === 'descending')
  const fined = await follows('sort=amount&descending=true')
  assert.ok(fined[0] && !fined.at(-1) && fined.lastIndexOf(true) < fined.indexOf(false), fined.join())
  assert.deepEqual(await findings(page), [])
  await seat.photograph('a list by a field')
  // By keyboard the other way round: what has no fine stays behind.
  await order('罚款金额').focus()
  await page.keyboard.press('Enter')
  await until('the smallest fine stands first', async () => (await head('罚款金额').getAttribute('aria-sort')) === 'ascending')
  const upwards = await follows('sort=amount')
  assert.deepEqual(upwards, fined)
  // A field that is no column of the ledger becomes one when it is chosen.
  await opened(page, '选列')
  await menu(page, '显示哪些列').getByRole('checkbox', { name: '决定日期' }).check()
  await page.keyboard.press('Escape')
  await order('决定日期').click()
  await follows('sort=decided_on&descending=true')
  await opened(page, '视图')
  const views = menu(page, '常用视图')
  await views.getByLabel('把现在的筛选、排序和列存为').fill('新近决定')
  await views.getByRole('button', { name: '保存' }).click()
  await views.getByRole('button', { name: '新近决定', exact: true }).first().waitFor()
  await page.goto('/office/ledgers/penalty')
  await opened(page, '视图')
  await views.getByRole('button', { name: '新近决定' }).first().click()
  await page.waitForURL((url) => url.searchParams.get('sort') === 'decided_on' && url.searchParams.get('descending') === 'true')
  assert.equal(await head('决定日期').getAttribute('aria-sort'), 'descending')
  // A word of the address that orders nothing is none.
  await page.goto('/office/ledgers/penalty?sort=law')
  await until('the deadline orders the list', async () => (await page.getByRole('columnheader', { name: '按“时限”排序' }).getAttribute('aria-sort')) === 'ascending')
})

test('a view is kept and shared by a head, and opened by an officer of the same office', async () => {
  const head = await site.person('sunzhiyuan', LIST, OFFICE)
  await head.page.getByRole('combobox', { name: '隐患类别' }).selectOption('facility')
  await head.page.waitForURL((url) => url.searchParams.get('f.category') === 'facility')
  await opened(head.page, '选列')
  await menu(head.page, '显示哪些列').getByRole('checkbox', { name: '登记日期' }).check()
  await head.page.keyboard.press('Escape')
  await head.page.getByRole('button', { name: '按“登记日期”排序' }).click()
  await head.page.waitForURL((url) => url.searchParams.get('sort') === 'opened')
  const asked = await head.read('/ledgers/hazard/entries?standing=open&filter=category:facility&sort=opened&descending=true&limit=50')
  const rows = asked.items.map((one) => one.title)
  await until('the list was read in its order', async () => JSON.stringify(await titles(head.page)) === JSON.stringify(rows))
  await opened(head.page, '视图')
  const views = menu(head.page, '常用视图')
  await views.getByLabel('把现在的筛选、排序和列存为').fill(VIEW)
  await views.getByLabel('本机关的人也能用').check()
  await views.getByRole('button', { name: '保存' }).click()
  await views.getByRole('button', { name: VIEW, exact: false }).first().waitFor()
  assert.deepEqual(await findings(head.page), [])
  await head.photograph('views, one kept')

  const other = await site.person('luomin', LIST, OFFICE)
  await opened(other.page, '视图')
  const theirs = menu(other.page, '常用视图')
  await theirs.getByText('孙志远共用').waitFor()
  // It is not hers: she may use it and make it her usual one, not take it away.
  assert.equal(await theirs.getByRole('button', { name: `删去视图“${VIEW}”` }).count(), 0)
  await theirs.getByRole('button', { name: VIEW }).click()
  await other.page.waitForURL((url) => url.searchParams.get('f.category') === 'facility' && url.searchParams.get('sort') === 'opened')
  assert.ok((await heads(other.page)).includes('登记日期'))
  await until('the same rows', async () => JSON.stringify(await titles(other.page)) === JSON.stringify(rows))
  // The button says which view it is; as the usual one it opens from the menu.
  await opened(other.page, VIEW)
  await theirs.getByRole('button', { name: '默认' }).click()
  await until('it is the usual one', async () => (await theirs.getByRole('button', { name: '默认' }).getAttribute('aria-pressed')) === 'true')
  await other.page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name: /^单位/ }).click()
  await other.page.getByRole('heading', { name: '单位', level: 1 }).waitFor()
  await other.page.getByRole('navigation', { name: '主菜单' }).getByRole('link', { name: /^隐患/ }).click()
  await other.page.waitForURL((url) => url.searchParams.get('f.category') === 'facility')

  // Taken away by whoever kept it, it is gone for both.
  await views.getByRole('button', { name: `删去视图“${VIEW}”` }).click()
  await views.getByText('还没有常用视图').waitFor()
  await other.page.goto(LIST)
  await opened(other.page, '视图')
  await theirs.getByText('还没有常用视图').waitFor()
})

test('the calendar of deadlines leads to the list of its day', async () => {
  const seat = await site.person('luomin', '/office/due', OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '全部', exact: true }).click()
  const line = page.locator('table.cal a.due').first()
  await line.waitFor()
  const [, label, count] = /　(\S+) (\d+) 条到期$/u.exec(await line.getAttribute('aria-label'))
  assert.deepEqual(await findings(page), [])
  await line.click()
  await page.getByRole('heading', { name: label, level: 1 }).waitFor()
  await until('the list has what the day said', async () => (await titles(page)).length === Math.min(50, Number(count)))
  await page.getByText(/到期$/).first().waitFor()
  await page.goBack()
  await line.waitFor()
  // A week, and the way on and back.
  await page.getByRole('button', { name: '周', exact: true }).click()
  await page.waitForURL((url) => url.searchParams.get('view') === 'week')
  await page.getByRole('button', { name: '往后' }).click()
  await page.waitForURL((url) => url.searchParams.has('day'))
  await page.getByRole('button', { name: '今天', exact: true }).click()
  await page.waitForURL((url) => !url.searchParams.has('day'))
})

test('the same list stands on the map, counted by how deadlines stand', async () => {
  const seat = await site.person('luomin', LIST, OFFICE)
  const { page } = seat
  await page.getByRole('button', { name: '地图', exact: true }).click()
  const map = page.getByRole('region', { name: '台账地图' })
  await page.locator('[data-ready="yes"]').waitFor()
  const { items, unplaced_total } = await seat.read('/ledgers/hazard/places?standing=open&sort=due')
  await page.getByText(`图上 ${items.length} 条`).waitFor()
  const legend = map.getByRole('list', { name: '时限图例' })
  const counted = (await legend.locator('b').allInnerTexts()).reduce((sum, one) => sum + Number(one), 0)
  assert.equal(counted, items.length)
  assert.ok(items.length > 0)
  if (unplaced_total) await page.getByText(`没有位置的 ${unplaced_total} 条`).waitFor()
  assert.deepEqual(await findings(page), [])
  await seat.photograph('ledger on the map')
  // A filter narrows the map as it does the list.
  await page.getByRole('combobox', { name: '隐患类别' }).selectOption('facility')
  const fewer = (await seat.read('/ledgers/hazard/places?standing=open&sort=due&filter=category:facility')).items.length
  await page.getByText(`图上 ${fewer} 条`).waitFor()
  await page.getByRole('button', { name: '清单', exact: true }).click()
  await page.locator('tbody a.name').first().waitFor()
})

test('two characters of a word find it, from anywhere and by key', async () => {
  const seat = await site.person('luomin', '/office/todos', OFFICE)
  const { page } = seat
  const [hazard] = (await seat.read('/ledgers/hazard/entries?q=消防&sort=opened&descending=true&limit=1')).items
  assert.ok(hazard, 'the county has a hazard that says 消防')
  await page.getByRole('combobox', { name: '单位、台账、编号' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('消')
  await page.keyboard.type('防')
  const found = page.getByRole('listbox', { name: '查找结果' })
  await found.getByRole('option').filter({ hasText: hazard.title }).first().waitFor()
  assert.deepEqual(await findings(page), [])
  await page.keyboard.press('Escape')
  await found.waitFor({ state: 'hidden' })
  // Enter without a choice shows everything that was found.
  await page.keyboard.press('Control+k')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '查找', level: 1 }).waitFor()
  const group = page.getByRole('region', { name: '隐患', exact: true })
  await group.getByRole('link', { name: hazard.title }).click()
  await drawer(page).getByRole('heading', { name: hazard.title }).waitFor()
  assert.equal(query(page).get('q'), '消防')
  assert.match(await page.title(), new RegExp(`^${hazard.title.slice(0, 6)}`))
})
