// The form of a unit (单位) as somebody types it. Numbers stay text until the form is sent, so that
// nothing typed is ever lost; the only mistakes judged here are texts that are no numbers. All
// other rules are the server's, and its answers find their field by pointer.

import type { Unit, UnitBody } from '../api/types'

export interface ContactDraft {
  role: string
  name: string
  phone: string
}

export interface BuildingDraft {
  name: string
  floors_above: string
  floors_below: string
  area_m2: string
  height_m: string
  use: string
  fire_resistance: string
}

/** The form's state; everything that is typed is text. */
export interface UnitDraft {
  code: string
  name: string
  category: string
  region: string
  address: string
  key_unit: boolean
  lng: string
  lat: string
  founded_on: string
  legal_person: string
  safety_manager: string
  grid: string
  sector: string
  remark: string
  contacts: ContactDraft[]
  buildings: BuildingDraft[]
}

/** Mistakes by field, `contacts/0/phone` style; the texts are shown as they are. */
export type FieldErrors = Record<string, string>

/** An empty form, in the region the person is working in. */
export function emptyDraft(region: string): UnitDraft {
  return {
    code: '', name: '', category: '', region, address: '', key_unit: false,
    lng: '', lat: '', founded_on: '', legal_person: '', safety_manager: '', grid: '', sector: '', remark: '', contacts: [], buildings: [],
  }
}

export function emptyContact(): ContactDraft {
  return { role: '', name: '', phone: '' }
}

export function emptyBuilding(): BuildingDraft {
  return { name: '', floors_above: '1', floors_below: '0', area_m2: '', height_m: '', use: '', fire_resistance: '' }
}

/** The form of an existing unit. */
export function draftOf(unit: Unit): UnitDraft {
  return {
    code: unit.code,
    name: unit.name,
    category: unit.category,
    region: unit.region.code,
    address: unit.address,
    key_unit: unit.key_unit,
    lng: unit.position ? String(unit.position[0]) : '',
    lat: unit.position ? String(unit.position[1]) : '',
    founded_on: unit.founded_on ?? '',
    legal_person: unit.legal_person ?? '',
    safety_manager: unit.safety_manager ?? '',
    grid: unit.grid ?? '',
    sector: unit.sector ?? '',
    remark: unit.remark ?? '',
    contacts: unit.contacts.map((contact) => ({ role: contact.role, name: contact.name, phone: contact.phone })),
    buildings: unit.buildings.map((building) => ({
      name: building.name,
      floors_above: String(building.floors_above),
      floors_below: String(building.floors_below),
      area_m2: numberText(building.area_m2),
      height_m: numberText(building.height_m),
      use: building.use ?? '',
      fire_resistance: numberText(building.fire_resistance),
    })),
  }
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

/** Words of this module, handed in so that the locale file stays the only place of words. */
export interface DraftWords {
  notANumber: string
  bothOrNone: string
}

/** The body to send, or the fields whose text is no number. */
export function bodyOf(draft: UnitDraft, words: DraftWords): { body: Required<UnitBody>; errors: FieldErrors } {
  const errors: FieldErrors = {}
  const number = (key: string, text: string): number | null => {
    const read = numberFrom(text)
    if (Number.isNaN(read)) errors[key] = words.notANumber
    return read
  }
  const lng = number('lng', draft.lng)
  const lat = number('lat', draft.lat)
  if ((lng === null) !== (lat === null)) errors[lng === null ? 'lng' : 'lat'] = words.bothOrNone
  const buildings = draft.buildings.map((building, index) => ({
    name: building.name.trim(),
    floors_above: number(`buildings/${index}/floors_above`, building.floors_above) ?? 0,
    floors_below: number(`buildings/${index}/floors_below`, building.floors_below) ?? 0,
    area_m2: number(`buildings/${index}/area_m2`, building.area_m2),
    height_m: number(`buildings/${index}/height_m`, building.height_m),
    use: building.use.trim() || null,
    fire_resistance: building.fire_resistance === '' ? null : Number(building.fire_resistance),
  }))
  const body: Required<UnitBody> = {
    code: draft.code.trim(),
    name: draft.name.trim(),
    category: draft.category,
    region: draft.region,
    address: draft.address.trim(),
    key_unit: draft.key_unit,
    position: lng !== null && lat !== null ? [lng, lat] : null,
    founded_on: draft.founded_on,
    legal_person: draft.legal_person.trim(),
    safety_manager: draft.safety_manager.trim(),
    grid: draft.grid.trim(),
    sector: draft.sector.trim(),
    remark: draft.remark.trim(),
    contacts: draft.contacts.map((one) => ({ role: one.role.trim(), name: one.name.trim(), phone: one.phone.trim() })),
    buildings,
  }
  return { body, errors }
}

/** A number as people type it: full-width digits and signs count; empty is no number at all. */
export function numberFrom(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[,\s]/gu, '')
  if (plain === '') return null
  return /^[-+]?\d+(\.\d+)?$/u.test(plain) ? Number(plain) : Number.NaN
}

/** A second form with the same contents, to compare with later. */
export function copyOf(draft: UnitDraft): UnitDraft {
  return JSON.parse(JSON.stringify(draft)) as UnitDraft
}

/** Whether anything was typed that leaving the form would lose. */
export function changed(draft: UnitDraft, from: UnitDraft): boolean {
  return JSON.stringify(draft) !== JSON.stringify(from)
}
