// Waiting for a condition, never for a time: the answer comes as soon as it is there, and a condition
// that does not come true in time is an error that names it.

/** How often the condition is looked at. */
const LOOK_MS = 40
/** Longest wait for something the desk or the server does at once. */
export const SOON_MS = 15_000

/**
 * The first truthy answer of `probe`.
 * @template T
 * @param {string} what the condition in words, for the error
 * @param {() => T | Promise<T>} probe
 */
export async function until(what, probe, limit_ms = SOON_MS) {
  const end = performance.now() + limit_ms
  for (;;) {
    const answer = await probe()
    if (answer) return answer
    if (performance.now() > end) throw new Error(`waited ${limit_ms} ms in vain: ${what}`)
    await new Promise((look) => setTimeout(look, LOOK_MS))
  }
}
