// How a responder's hours and place are said.

import type { Responder } from '../api/types'
import { t } from '../locale'

/** When she may be called. */
export const hoursOf = (one: Responder): string => (one.hours_from && one.hours_until ? t('responder.span', { from: one.hours_from, until: one.hours_until }) : t('responder.allDay'))

/** For what she answers: a unit, or a region. */
export const placeOf = (one: Responder): string => one.unit?.name ?? one.region.name
