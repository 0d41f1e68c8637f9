// Runs the end-to-end tests: writes the demonstration county once, then one file of tests after another,
// each against the real program over its own copy. Ends with node's count (`# pass N`, `# fail N`).

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary, pagesAreBuilt, Server } from './support/server.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const RESULTS = fileURLToPath(new URL('../test-results', import.meta.url))

async function main() {
  if (!(await pagesAreBuilt())) throw new Error('web/dist is missing: run `npm run build` first')
  await rm(RESULTS, { recursive: true, force: true })
  await mkdir(RESULTS, { recursive: true })
  const wanted = process.argv.slice(2)
  const files = (await readdir(HERE)).filter((f) => f.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((w) => f.includes(w)))).sort()
  // A build that finishes meanwhile must not change the program between two files.
  const room = await mkdtemp(join(tmpdir(), 'fengsui-e2e-'))
  const program = join(room, 'fengsui')
  await copyFile(binary(), program)
  process.env.FENGSUI_BINARY = program
  const county = await Server.start()
  try {
    await county.stop()
    const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=tap', ...files.map((f) => join(HERE, f))], {
      stdio: 'inherit',
      env: { ...process.env, FENGSUI_E2E_SEED: county.data, FENGSUI_E2E_RESULTS: RESULTS },
    })
    process.exitCode = (await once(tests, 'exit'))[0] ?? 1
  } finally {
    await county.close()
    await rm(room, { recursive: true, force: true })
  }
}

await main()
