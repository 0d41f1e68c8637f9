// The four level shapes (corners tell them apart in greyscale), drawn in a box of 16.

export type LevelNumber = 1 | 2 | 3 | 4
export type MarkKind = LevelNumber | 'drill' | 'offline' | 'closed'

export const LEVEL_PATH: Record<LevelNumber, string> = {
  1: 'M5.1.8h5.800l4.300 4.300v5.800l-4.300 4.300H5.100L.8 10.900V5.100z',
  2: 'M8 .9 15.500 14.600H.5z',
  3: 'M8 .4 15.600 8 8 15.600 .4 8z',
  4: 'M8 1.200a6.800 6.800 0 1 1 0 13.600A6.800 6.800 0 1 1 8 1.200z',
}
/** Baseline of the digit inside the shape. */
export const LEVEL_TEXT_Y: Record<LevelNumber, number> = { 1: 11.6, 2: 13, 3: 11.6, 4: 11.6 }
