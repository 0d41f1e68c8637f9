// The ledgers in the menu of 办公, in the groups of the catalog, with what is open and overdue. Shared by all pages:
// whoever closes an entry lowers the number at once.

import { shallowRef } from 'vue'
import { get } from '../api/client'
import { useSession } from '../session'
import type { IconName } from '../ui/icons'
import type { LedgerMenu } from './types'

const menus = shallowRef<LedgerMenu[]>([])
let running = false

/** Reads the menu again; who may read no ledger has none, and a menu that cannot be read now stays as it was. */
export async function reloadLedgerMenu(): Promise<void> {
  if (running || !useSession().can('ledger.use')) return
  running = true
  try {
    menus.value = (await get<{ menus: LedgerMenu[] }>('/ledgers')).menus
  } catch {
    // The page itself says what is wrong with the line.
  } finally {
    running = false
  }
}
export const useLedgerMenu = () => menus

const ICONS: Record<string, IconName> = { risk: 'shield', enforcement: 'eye', complaints: 'phone', duties: 'people', campaigns: 'check', publicity: 'sound' }
export const menuIcon = (menu: string): IconName => ICONS[menu] ?? 'doc'
