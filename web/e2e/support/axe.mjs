// What axe finds on a page: nothing serious or critical may be left.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
/** Fewer passes than this mean that axe looked at nothing. */
const PASSES_LEAST = 5

/** What axe finds serious or critical, each with the first places. */
export async function findings(page) {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  const { violations, passes } = await page.evaluate((rules) => window.axe.run(document, { runOnly: { type: 'tag', values: rules } }), RULES)
  assert.ok(passes.length > PASSES_LEAST, 'axe looked at the page')
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.length} × ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`)
}
