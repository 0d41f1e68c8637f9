// The limits of the desk's layouts.
import { expect, it } from 'vitest'
import { layoutFor } from './layout'

it('changes at 1600, 1280 and 760', () => {
  expect([1920, 1600, 1599, 1281, 1280, 761, 760, 390].map(layoutFor)).toEqual(['wide', 'wide', 'cover', 'cover', 'tab', 'tab', 'single', 'single'])
})
