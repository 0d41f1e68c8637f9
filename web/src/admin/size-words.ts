// Bytes and counts as people read them.

const STEPS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `80.0 MB`: value and unit apart, because the unit stands smaller. Binary thousands. */
export function sizeOf(bytes: number): { value: string; unit: string } {
  let value = Math.max(0, bytes)
  let step = 0
  while (value >= 1024 && step < STEPS.length - 1) {
    value /= 1024
    step += 1
  }
  return { value: step === 0 ? String(value) : value.toFixed(value >= 100 ? 0 : 1), unit: STEPS[step]! }
}

/** `1,203,341` */
export function grouped(n: number): string {
  return n.toLocaleString('zh-CN')
}

/** The first characters of a digest: enough to compare by eye, the whole is in the copy. */
export function shortDigest(digest: string): string {
  return [...digest].slice(0, 8).join('')
}
