// A position is asked for only where the server says that it bars the step, and no position is said in words.
import { describe, expect, it } from 'vitest'
import { Problem } from '../api/client'
import { wantsHere, whereAmI } from './here'

type Ask = Geolocation['getCurrentPosition']
const browser = (getCurrentPosition: Ask): Pick<Navigator, 'geolocation'> => ({ geolocation: { getCurrentPosition } as Geolocation })
const answers: Ask = (found) => found({ coords: { longitude: 118.3, latitude: 29.1, accuracy: 12.2 } } as GeolocationPosition)
const fails = (code: number): Ask => (_, failed) => failed!({ code } as GeolocationPositionError)
const codeOf = async (asked: Promise<unknown>): Promise<string> => asked.then(() => 'found', (why: Problem) => why.code)

describe('where somebody stands', () => {
  it('is longitude before latitude, with how exact it is', async () => {
    expect(await whereAmI(browser(answers), true)).toEqual({ position: [118.3, 29.1], accuracy_m: 13 })
  })
  it('says why there is none', async () => {
    expect(await codeOf(whereAmI(browser(answers), false))).toBe('client.position.insecure')
    expect(await codeOf(whereAmI({} as Navigator, true))).toBe('client.position.unavailable')
    const reasons = await Promise.all([1, 2, 3, 9].map((code) => codeOf(whereAmI(browser(fails(code)), true))))
    expect(reasons).toEqual(['denied', 'unavailable', 'timeout', 'unavailable'].map((one) => `client.position.${one}`))
  })
})
describe('a step that is barred', () => {
  const barred = (detail: string): Problem => new Problem(409, 'move.barred', detail)
  it('asks for a position only when that is what it lacks', () => {
    expect(wantsHere(barred('不能现场登记场所走访：须在现场 200 米以内办理，但没有取得您的定位。'))).toBe(true)
    expect(wantsHere(barred('不能现场登记场所走访：须在现场 200 米以内办理，您距现场约 350 米。'))).toBe(false)
    expect(wantsHere(barred('不能复查合格销号：复查人员须有 2 名持执法证的人员，现有 1 名。'))).toBe(false)
    expect(wantsHere(new Problem(409, 'entry.stale', '没有取得您的定位'))).toBe(false)
    expect(wantsHere('定位')).toBe(false)
  })
})
