// What the walks through the office share: its window, the drawer beside a list, and days as the office counts them.

export const OFFICE = { width: 1440, height: 900 }

const DAY_MS = 86_400_000
const OFFSET_MS = 8 * 3_600_000
/** The civil date in the office, so many days from today. */
export const day = (ahead) => new Date(Date.now() + OFFSET_MS + ahead * DAY_MS).toISOString().slice(0, 10)

export const drawer = (page) => page.locator('aside.drawer')
export const button = (page, name) => drawer(page).getByRole('button', { name, exact: true })
/** Chooses from a list that is searched while one types. */
export async function choose(page, label, text) {
  await drawer(page).getByRole('combobox', { name: label }).fill(text)
  await drawer(page).getByRole('option').filter({ hasText: text }).first().click()
}
