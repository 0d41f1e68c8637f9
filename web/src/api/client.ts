// The one door to the server. Adds the CSRF header to every change and a key to every creation, and
// turns a refusal into a `Problem` whose sentence is shown to people exactly as the server wrote it.

import { t } from '../locale'

const BASE = '/api/v1'
/** An answer that takes longer than this is reported as a lost line, not waited for. */
const TIMEOUT_MS = 15_000

export interface FieldProblem { pointer: string; code: string; detail: string }

/** A refusal or failure with a finished Chinese sentence. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
  ) {
    super(detail)
    this.name = 'Problem'
  }
  /** True when the server was not reached at all; what was typed should be kept and tried again. */
  get offline(): boolean {
    return this.status === 0
  }
  /** The sentence for one field (`name` as in `/fields/name` or `/name`), if there is one. */
  field(name: string): string | null {
    return this.errors.find((e) => e.pointer === `/fields/${name}` || e.pointer === `/${name}`)?.detail ?? null
  }
}

/** Any thrown value as a `Problem`. */
export function asProblem(e: unknown): Problem {
  if (e instanceof Problem) return e
  return new Problem(0, 'client.unexpected', t('error.unexpected'))
}

let csrf = ''
let onSessionLost: () => void = () => {}
let onPasswordDue: () => void = () => {}

export function setCsrf(token: string): void {
  csrf = token
}
/** Called on 401 `session.none`: the router sends the person to the login page and remembers where they were. */
export function whenSessionLost(f: () => void): void {
  onSessionLost = f
}
/** Called on 403 `password.change_first`. */
export function whenPasswordDue(f: () => void): void {
  onPasswordDue = f
}

export interface Options {
  /** Query parameters; `undefined`, `null` and empty text are left out. */
  query?: Record<string, string | number | boolean | null | undefined>
  body?: unknown
  /** Version that the change expects (`If-Match`). */
  version?: number
  /** Key that makes a creation safe to send twice; made here when the method is POST. */
  key?: string
  signal?: AbortSignal
  /** A 401 stays with the caller (the login form itself). */
  quiet?: boolean
}

function address(path: string, query: Options['query']): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return BASE + path + (text ? `?${text}` : '')
}

/** A version 4 UUID that also works on plain http, where `crypto.randomUUID` is absent. */
export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6]! & 0x0f) | 0x40
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function headersOf(method: string, o: Options): Headers {
  const h = new Headers({ accept: 'application/json, application/problem+json' })
  if (o.body instanceof Blob) h.set('content-type', 'application/octet-stream')
  else if (o.body !== undefined) h.set('content-type', 'application/json')
  if (method !== 'GET' && csrf) h.set('x-csrf-token', csrf)
  if (method === 'POST') h.set('idempotency-key', o.key ?? newKey())
  if (o.version !== undefined) h.set('if-match', `"${o.version}"`)
  return h
}

async function problemOf(r: Response): Promise<Problem> {
  const body = (await r.json().catch(() => null)) as { code?: string; detail?: string; title?: string; errors?: FieldProblem[] } | null
  const code = body?.code ?? `http.${r.status}`
  return new Problem(r.status, code, body?.detail ?? body?.title ?? t('error.status', { status: r.status }), body?.errors ?? [])
}

export async function request<T>(method: string, path: string, o: Options = {}): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = o.signal ? AbortSignal.any([o.signal, timeout]) : timeout
  let r: Response
  try {
    r = await fetch(address(path, o.query), {
      method,
      headers: headersOf(method, o),
      body: o.body === undefined ? undefined : o.body instanceof Blob ? o.body : JSON.stringify(o.body),
      credentials: 'same-origin',
      signal,
    })
  } catch (e) {
    if (o.signal?.aborted) throw e
    throw new Problem(0, 'client.offline', t('error.offline'))
  }
  if (r.ok) return (r.status === 204 ? undefined : await r.json()) as T
  const problem = await problemOf(r)
  if (r.status === 401 && !o.quiet) onSessionLost()
  if (problem.code === 'password.change_first') onPasswordDue()
  throw problem
}

export const get = <T>(path: string, query?: Options['query'], signal?: AbortSignal): Promise<T> =>
  request<T>('GET', path, { query, signal })
export const post = <T>(path: string, body: unknown = {}, o: Options = {}): Promise<T> =>
  request<T>('POST', path, { ...o, body })
export const patch = <T>(path: string, body: unknown, version: number): Promise<T> =>
  request<T>('PATCH', path, { body, version })
/** Sends a file as it is. It may take long: nothing but the line itself ends it. */
export async function sendFile<T>(path: string, query: Options['query'], file: Blob): Promise<T> {
  const headers = headersOf('POST', {})
  headers.set('content-type', 'application/octet-stream')
  let r: Response
  try {
    r = await fetch(address(path, query), { method: 'POST', headers, body: file, credentials: 'same-origin' })
  } catch {
    throw new Problem(0, 'client.offline', t('error.offline'))
  }
  if (r.ok) return (await r.json()) as T
  if (r.status === 401) onSessionLost()
  throw await problemOf(r)
}
/** Sends a photo or file under its own name and type, and tells how much of it is gone (0 to 1). */
export function upload<T>(path: string, file: File, sent: (share: number) => void): Promise<T> {
  return new Promise((done, failed) => {
    const line = new XMLHttpRequest()
    line.open('POST', BASE + path)
    headersOf('POST', {}).forEach((value, name) => line.setRequestHeader(name, value))
    line.setRequestHeader('content-type', file.type || 'application/octet-stream')
    line.setRequestHeader('x-file-name', encodeURIComponent(file.name))
    line.upload.onprogress = (e) => sent(e.total > 0 ? e.loaded / e.total : 0)
    line.onerror = () => failed(new Problem(0, 'client.offline', t('error.offline')))
    line.onload = () => {
      if (line.status >= 200 && line.status < 300) return done(JSON.parse(line.responseText) as T)
      if (line.status === 401) onSessionLost()
      void problemOf(new Response(line.responseText, { status: line.status })).then(failed)
    }
    line.send(file)
  })
}
/** Fetches a file and keeps it under the name that the server gives it. It may take long: nothing but the line ends it. */
export async function saveFile(path: string, query: Options['query']): Promise<void> {
  let r: Response
  let file: Blob
  try {
    r = await fetch(address(path, query), { headers: headersOf('GET', {}), credentials: 'same-origin' })
    if (!r.ok) {
      if (r.status === 401) onSessionLost()
      throw await problemOf(r)
    }
    file = await r.blob()
  } catch (e) {
    throw e instanceof Problem ? e : new Problem(0, 'client.offline', t('error.offline'))
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = fileName(r.headers.get('content-disposition'))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), TIMEOUT_MS)
}
/** The name of a file as an answer carries it (RFC 5987 first). */
export function fileName(disposition: string | null): string {
  const full = /filename\*=UTF-8''([^;]+)/u.exec(disposition ?? '')?.[1]
  return full ? decodeURIComponent(full) : (/filename="([^"]+)"/u.exec(disposition ?? '')?.[1] ?? 'export')
}
export const put = <T>(path: string, body: unknown, query?: Options['query']): Promise<T> =>
  request<T>('PUT', path, { body, query })
export const remove = <T>(path: string): Promise<T> => request<T>('DELETE', path)
