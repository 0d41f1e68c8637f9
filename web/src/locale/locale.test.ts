// All words stand in the one locale file: every key that is used exists, and no sentence stands elsewhere.
import { describe, expect, it } from 'vitest'
import zh from './zh-CN'

const sources = import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!./**', '!../**/*.test.ts', '!../**/example*.ts'], { query: '?raw', import: 'default', eager: true })

function has(key: string): boolean {
  let at: unknown = zh
  for (const part of key.split('.')) at = (at as Record<string, unknown> | undefined)?.[part]
  return typeof at === 'string'
}
const withoutComments = (text: string): string =>
  text.replace(/<!--[\s\S]*?-->/g, '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{(])\/\/.*$/gm, '$1').replace(/<style[\s\S]*?<\/style>/g, '')

describe('the locale', () => {
  it('is looked for in all sources', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(40)
  })
  it('has every key that is used', () => {
    const missing = Object.entries(sources).flatMap(([path, text]) =>
      [...text.matchAll(/\bt\('([\w.]+)'/g)].map((m) => m[1]!).filter((key) => !has(key)).map((key) => `${path}: ${key}`),
    )
    expect(missing).toEqual([])
  })
  it('holds all Chinese words', () => {
    const elsewhere = Object.entries(sources).flatMap(([path, text]) => {
      const found = withoutComments(text).match(/[\u4e00-\u9fff]+/g)
      return found ? [`${path}: ${found.join(' ')}`] : []
    })
    expect(elsewhere).toEqual([])
  })
})
