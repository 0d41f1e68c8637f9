// Where the person stands (现场定位): asked of the browser only when a step is for whoever is on the spot, once for each time it
// is made, and sent with it. Why there is no position is said in words that tell what to do.

import { Problem } from '../api/client'
import { t } from '../locale'

export interface Fix { position: [number, number]; accuracy_m: number }
export type NoFix = 'insecure' | 'denied' | 'unavailable' | 'timeout'

/** Longest wait for a position: under a roof the first one takes its time. */
const WAIT_MS = 20_000
/** What a browser answers with, by its numbers. Source: W3C Geolocation, `GeolocationPositionError`. */
const REASONS: Record<number, NoFix> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }
/** The server names a barred step so; its sentence says what bars it. */
const BARRED = 'move.barred'

const problem = (why: NoFix): Problem => new Problem(422, `client.position.${why}`, t(`here.${why}`))

/** Where this computer or telephone is. Fails with a sentence. */
export function whereAmI(browser: Pick<Navigator, 'geolocation'> = navigator, secure = window.isSecureContext): Promise<Fix> {
  if (!secure) return Promise.reject(problem('insecure'))
  if (!browser.geolocation) return Promise.reject(problem('unavailable'))
  return new Promise((found, failed) => {
    browser.geolocation.getCurrentPosition(
      ({ coords }) => found({ position: [coords.longitude, coords.latitude], accuracy_m: Math.ceil(coords.accuracy) }),
      (why) => failed(problem(REASONS[why.code] ?? 'unavailable')),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 },
    )
  })
}
/** Whether a step was barred only because nobody said where she stands. */
export const wantsHere = (why: unknown): boolean => why instanceof Problem && why.code === BARRED && why.detail.includes(t('here.wanted'))
