// What a link or a person in a form is looked for by: units, entries of another ledger, people with their certificate.

import { get } from '../api/client'
import type { Page } from '../api/types'
import { t } from '../locale'
import { findUnits, OFFERED, type Found } from '../office/find'
import type { EntryRow, Officer } from './types'

export async function findEntries(kind: string, q: string): Promise<Found[]> {
  const page = await get<Page<EntryRow>>(`/ledgers/${kind}/entries`, { q, limit: OFFERED, sort: 'opened', descending: true })
  return page.items.map((e) => ({ id: e.id, name: e.title, under: [e.number, e.unit?.name, e.state_label].filter(Boolean).join('　') }))
}
/** Officers who have to do with ledgers, each with the certificate that some moves need. */
export async function findPeople(q: string): Promise<Found[]> {
  const { items } = await get<{ items: Officer[] }>('/people', { q })
  return items.slice(0, OFFERED).map((p) => ({ id: p.id, name: p.name, under: [p.posts.join(t('ledger.and')), p.certificate ? t('ledger.pick.certificate', { no: p.certificate }) : t('ledger.pick.noCertificate')].join('　') }))
}
/** The way to look for whatever a link leads to. */
export const findFor = (to: string | null): ((q: string) => Promise<Found[]>) => (to === null || to === 'unit' ? findUnits : (q) => findEntries(to, q))
