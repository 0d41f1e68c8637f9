import { describe, expect, it } from 'vitest'
import { dayBeside, differing, holidaysOf, listsOf, marksOf, painted, weeksOf, workingDays, type Marks } from './calendar'

const national = {
  off: ['2025-10-01', '2025-10-02', '2025-10-03'].map((on) => ({ on, name: '国庆节' })),
  makeup: ['2025-09-28', '2025-10-11'].map((on) => ({ on, name: '国庆节' })),
}
const marks = marksOf(national)
const after = (p: ReturnType<typeof painted>): Marks => ('marks' in p ? p.marks : new Map())

describe('the calendar of a year', () => {
  it('lays a month out in weeks from Monday', () => {
    const october = weeksOf(2025, 10)
    expect(october[0]).toEqual([null, null, '2025-10-01', '2025-10-02', '2025-10-03', '2025-10-04', '2025-10-05'])
    expect(october.at(-1)).toEqual(['2025-10-27', '2025-10-28', '2025-10-29', '2025-10-30', '2025-10-31', null, null])
    expect(weeksOf(2027, 2).flat().filter(Boolean)).toHaveLength(28)
    expect(weeksOf(2024, 2).flat().filter(Boolean)).toHaveLength(29)
  })
  it('counts the days worked: 261 weekdays of 2025, three off, two weekends worked', () => {
    expect(workingDays(2025, new Map())).toBe(261)
    expect(workingDays(2025, marks)).toBe(260)
  })
  it('says a holiday by its stretches and the weekends worked for it', () => {
    const apart = after(painted(marks, '2025-10-08', { mark: 'off', name: '国庆节' }))
    expect(holidaysOf(apart)).toEqual([{
      name: '国庆节',
      stretches: [{ from: '2025-10-01', to: '2025-10-03', days: 3 }, { from: '2025-10-08', to: '2025-10-08', days: 1 }],
      makeup: ['2025-09-28', '2025-10-11'],
    }])
  })
  it('gives back the two lists it was made of', () => {
    expect(listsOf(marks)).toEqual(national)
  })
})

describe('touching a day', () => {
  it('marks it, touched again it is ordinary, and another mark takes its place', () => {
    const off = { mark: 'off', name: ' 元旦 ' } as const
    const once = after(painted(marks, '2025-01-04', off))
    expect(once.get('2025-01-04')).toEqual({ mark: 'off', name: '元旦' })
    expect(after(painted(once, '2025-01-04', off)).has('2025-01-04')).toBe(false)
    const worked = after(painted(once, '2025-01-04', { mark: 'makeup', name: '元旦' }))
    expect(worked.get('2025-01-04')?.mark).toBe('makeup')
    expect(after(painted(worked, '2025-01-04', null)).has('2025-01-04')).toBe(false)
    expect(marks.has('2025-01-04')).toBe(false)
  })
  it('refuses a weekday that is worked anyway, and a holiday without a name', () => {
    expect(painted(marks, '2025-01-06', { mark: 'makeup', name: '元旦' })).toEqual({ refused: 'weekday' })
    expect(painted(marks, '2025-01-04', { mark: 'off', name: ' ' })).toEqual({ refused: 'name' })
  })
})

describe('moving about', () => {
  it('stays within the year', () => {
    expect(dayBeside('2025-01-31', 1)).toBe('2025-02-01')
    expect(dayBeside('2025-01-03', -7)).toBe('2025-01-03')
    expect(dayBeside('2025-12-31', 1)).toBe('2025-12-31')
  })
  it('finds the days that two people left different', () => {
    const theirs = after(painted(after(painted(marks, '2025-10-01', null)), '2025-01-04', { mark: 'off', name: '元旦' }))
    expect(differing(marks, theirs)).toEqual(['2025-01-04', '2025-10-01'])
    expect(differing(marks, marks)).toEqual([])
  })
})
