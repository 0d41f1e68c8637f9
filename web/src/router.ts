// Where the pages are, who may see them, and the menu. The address is the state: a page can be sent
// to a colleague by its link. A menu shows what exists and what this session may see, nothing else.

import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { t } from './locale'
import { useSession } from './session'
import type { IconName } from './ui/icons'

declare module 'vue-router' {
  interface RouteMeta {
    theme?: 'light' | 'dark'
    title?: string
    /** The permission a session needs; without it the page does not exist for this person. */
    needs?: string
    /** Reachable without a session. */
    open?: boolean
    /** Entry of the menu that is lit while this page is shown. */
    menu?: string
  }
}

const office: RouteRecordRaw[] = [
  { path: '/office/todos', name: 'todos', component: () => import('./todo/TodosPage.vue'), meta: { title: t('todo.menu'), needs: 'unit.read' } },
  { path: '/office/due', name: 'due', component: () => import('./due/DuePage.vue'), meta: { title: t('dueDays.title'), needs: 'ledger.use' } },
  { path: '/office/units', name: 'units', component: () => import('./office/UnitsPage.vue'), meta: { title: t('menu.units'), needs: 'unit.read' } },
  { path: '/office/units/signs', name: 'signs', component: () => import('./office/UnitSignsPage.vue'), meta: { title: t('registry.sign.title'), needs: 'unit.read', menu: 'units' } },
  { path: '/office/units/:id/archive', name: 'archive', component: () => import('./archive/ArchivePage.vue'), props: true, meta: { title: t('archive.open'), needs: 'unit.read', menu: 'units' } },
  { path: '/office/units/:id', name: 'unit', component: () => import('./office/UnitPage.vue'), props: true, meta: { title: t('menu.units'), needs: 'unit.read', menu: 'units' } },
  { path: '/office/imports/:id', name: 'ledger-import', component: () => import('./admin/ImportPage.vue'), props: true, meta: { title: t('menu.imports'), needs: 'ledger.use' } },
  { path: '/office/ledgers/:kind/:id?', name: 'ledger', component: () => import('./ledger/LedgerPage.vue'), props: true, meta: { title: t('surface.office'), needs: 'ledger.use' } },
  { path: '/office/ledgers/:kind/list/print', name: 'ledger-print', component: () => import('./ledger/PrintPage.vue'), props: true, meta: { title: t('printing.do'), needs: 'ledger.use', menu: 'ledger' } },
  { path: '/office/search', name: 'search', component: () => import('./find/SearchPage.vue'), meta: { title: t('finder.title'), needs: 'ledger.use' } },
  { path: '/office/quarantine', name: 'strangers', component: () => import('./quarantine/QuarantinePage.vue'), meta: { title: t('quarantine.title'), needs: 'terminal.read', menu: 'terminals' } },
  { path: '/office/false-alarms', name: 'false-alarms', component: () => import('./reckoning/FalseAlarmsPage.vue'), meta: { title: t('reckoning.menu'), needs: 'alarm.read' } },
  { path: '/office/ledgers/:kind/:id/papers/:paper', name: 'paper-preview', component: () => import('./paper/SheetPage.vue'), props: true, meta: { title: t('paper.issued.title'), needs: 'ledger.use', menu: 'ledger' } },
  { path: '/office/papers/issued/:id', name: 'issued-paper', component: () => import('./paper/SheetPage.vue'), props: true, meta: { title: t('paper.issued.title'), needs: 'ledger.use', menu: 'ledger' } },
  { path: '/office/papers', name: 'papers', component: () => import('./paper/PapersPage.vue'), meta: { title: t('paper.menu'), needs: 'unit.read' } },
  { path: '/office/windows', name: 'windows', component: () => import('./office/WindowsPage.vue'), meta: { title: t('menu.windows'), needs: 'alarm.read' } },
  { path: '/office/terminals', name: 'terminals', component: () => import('./office/TerminalsPage.vue'), meta: { title: t('menu.terminals'), needs: 'terminal.read' } },
  { path: '/office/terminals/:id', name: 'terminal', component: () => import('./office/TerminalPage.vue'), props: true, meta: { title: t('menu.terminals'), needs: 'terminal.read', menu: 'terminals' } },
  { path: '/account', name: 'account', component: () => import('./account/AccountPage.vue'), meta: { title: t('guard.account.title') } },
  { path: '/office/responders', name: 'responders', component: () => import('./office/RespondersPage.vue'), meta: { title: t('responder.menu'), needs: 'responder.read' } },
  { path: '/admin/accounts', name: 'accounts', component: () => import('./admin/AccountsPage.vue'), meta: { title: t('menu.accounts'), needs: 'account.manage' } },
  { path: '/admin/wires', name: 'wires', component: () => import('./wires/WiresPage.vue'), meta: { title: t('menu.wires'), needs: 'lab.use' } },
  { path: '/admin/imports', name: 'imports', component: () => import('./admin/ImportsPage.vue'), meta: { title: t('menu.imports'), needs: 'terminal.write' } },
  { path: '/admin/imports/:id', name: 'import', component: () => import('./admin/ImportPage.vue'), props: true, meta: { title: t('menu.imports'), needs: 'terminal.write', menu: 'imports' } },
  { path: '/admin/channels', name: 'channels', component: () => import('./connect/ChannelsPage.vue'), meta: { title: t('menuMessages.channels'), needs: 'channel.manage' } },
  { path: '/admin/messages', name: 'messages', component: () => import('./connect/MessagesPage.vue'), meta: { title: t('menuMessages.messages'), needs: 'message.read' } },
  { path: '/admin/calendar', name: 'calendar', component: () => import('./admin/CalendarPage.vue'), meta: { title: t('calendar.title') } },
  { path: '/admin/ledger-templates/:kind?', name: 'templates', component: () => import('./template/TemplatesPage.vue'), props: true, meta: { title: t('template.title'), needs: 'ledger.manage' } },
  { path: '/admin/legal-sources', name: 'legal-sources', component: () => import('./sources/SourcesPage.vue'), meta: { title: t('legal.title'), needs: 'ledger.use' } },
  { path: '/admin/lab', name: 'lab', component: () => import('./lab/LabPage.vue'), meta: { title: t('menu.lab'), needs: 'lab.use' } },
  { path: '/admin/journal', name: 'journal', component: () => import('./admin/JournalPage.vue'), meta: { title: t('menu.journal'), needs: 'journal.read' } },
  { path: '/admin/system', name: 'system', component: () => import('./admin/SystemPage.vue'), meta: { title: t('menu.system'), needs: 'system.read' } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('./ui/NothingHere.vue') },
    { path: '/login', name: 'login', component: () => import('./login/LoginPage.vue'), meta: { open: true, title: t('login.title') } },
    { path: '/r/:token', name: 'answer', component: () => import('./answer/AnswerPage.vue'), props: true, meta: { open: true, title: t('answer.title') } },
    // What the code on a unit's sign says (一企一码).
    { path: '/u/:id', redirect: (to) => ({ name: 'unit', params: { id: String(to.params.id) } }) },
    { path: '/password', name: 'password', component: () => import('./login/PasswordPage.vue'), meta: { title: t('password.title') } },
    {
      path: '/desk',
      component: () => import('./desk/DeskShell.vue'),
      meta: { theme: 'dark', needs: 'alarm.read' },
      children: [
        { path: '', name: 'desk', component: () => import('./desk/DeskPage.vue'), meta: { title: t('surface.desk') } },
        { path: 'quarantine', name: 'quarantine', component: () => import('./quarantine/QuarantinePage.vue'), meta: { title: t('quarantine.title') } },
        { path: 'alarms', name: 'alarms', component: () => import('./desk/AlarmsPage.vue'), meta: { title: t('menu.alarms') } },
        { path: 'duty', name: 'duty', component: () => import('./duty/DutyPage.vue'), meta: { title: t('duty.title') } },
        { path: 'outages', name: 'outages', component: () => import('./desk/OutagesPage.vue'), meta: { title: t('outage.title') } },
      ],
    },
    { path: '/office', redirect: '/', component: () => import('./ui/OfficeLayout.vue'), children: office },
    { path: '/:rest(.*)*', name: 'nothing', component: () => import('./ui/NothingHere.vue') },
  ],
})

export interface MenuEntry { name: string; label: string; icon: IconName; needs: string; pages?: SubPage[] }
/** A page below an entry of the desk's menu. `of` is the class of alarms that the list is asked for. */
export interface SubPage { name: string; label: string; of?: string }
export interface MenuGroup { label: string; entries: MenuEntry[] }

// Whoever may not see alarms has no desk: its shell reads the queue. Strangers stand in the office as well.
export const DESK_MENU: MenuEntry[] = [
  { name: 'desk', label: t('menu.now'), icon: 'bell', needs: 'alarm.read' },
  {
    name: 'alarms', label: t('menu.alarms'), icon: 'list', needs: 'alarm.read',
    pages: [
      { name: 'alarms', label: t('menu.everyAlarm') },
      { name: 'alarms', label: t('menu.fires'), of: 'fire' },
      { name: 'outages', label: t('outage.title') },
      { name: 'duty', label: t('duty.title') },
      { name: 'quarantine', label: t('quarantine.title') },
    ],
  },
]
/** The entry of the desk's menu that a page stands under. */
export const deskEntryOf = (page: unknown): MenuEntry | undefined => DESK_MENU.find((m) => m.name === page || m.pages?.some((p) => p.name === page))
const OFFICE_MENU: MenuEntry[] = [
  { name: 'todos', label: t('todo.menu'), icon: 'check', needs: 'unit.read' },
  { name: 'due', label: t('dueDays.title'), icon: 'calendar', needs: 'ledger.use' },
  { name: 'units', label: t('menu.units'), icon: 'building', needs: 'unit.read' },
  { name: 'windows', label: t('menu.windows'), icon: 'clock', needs: 'alarm.read' },
  { name: 'terminals', label: t('menu.terminals'), icon: 'chip', needs: 'terminal.read' },
  { name: 'responders', label: t('responder.menu'), icon: 'phone', needs: 'responder.read' },
  { name: 'papers', label: t('paper.menu'), icon: 'print', needs: 'unit.read' },
  { name: 'false-alarms', label: t('reckoning.menu'), icon: 'pulse', needs: 'alarm.read' },
]
const ADMIN_MENU: MenuEntry[] = [
  { name: 'accounts', label: t('menu.accounts'), icon: 'people', needs: 'account.manage' },
  { name: 'templates', label: t('template.title'), icon: 'list', needs: 'ledger.manage' },
  { name: 'calendar', label: t('calendar.title'), icon: 'calendar', needs: 'calendar.manage' },
  { name: 'legal-sources', label: t('legal.title'), icon: 'doc', needs: 'ledger.use' },
  { name: 'wires', label: t('menu.wires'), icon: 'link', needs: 'lab.use' },
  { name: 'imports', label: t('menu.imports'), icon: 'down2', needs: 'terminal.write' },
  { name: 'channels', label: t('menuMessages.channels'), icon: 'phone', needs: 'channel.manage' },
  { name: 'messages', label: t('menuMessages.messages'), icon: 'list', needs: 'message.read' },
  { name: 'lab', label: t('menu.lab'), icon: 'hex', needs: 'lab.use' },
  { name: 'journal', label: t('menu.journal'), icon: 'doc', needs: 'journal.read' },
  { name: 'system', label: t('menu.system'), icon: 'pulse', needs: 'system.read' },
]

/** The groups of the menu that this session may see; empty groups are absent. */
export function menuFor(can: (permission: string) => boolean): MenuGroup[] {
  const groups = [
    { label: t('surface.desk'), entries: DESK_MENU },
    { label: t('surface.office'), entries: OFFICE_MENU },
    { label: t('surface.admin'), entries: ADMIN_MENU },
  ]
  return groups
    .map((g) => ({ ...g, entries: g.entries.filter((e) => can(e.needs)) }))
    .filter((g) => g.entries.length > 0)
}

/** The page a person starts at: whoever answers alarms at the desk, anybody else at the first page of the office. */
export function homeFor(can: (permission: string) => boolean): string | null {
  const groups = menuFor(can)
  const own = can('alarm.handle') ? groups : groups.filter((g) => g.label !== t('surface.desk'))
  return (own[0] ?? groups[0])?.entries[0]?.name ?? null
}

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const store = useSession()
  const session = await store.load().catch(() => undefined)
  // The server is not reached: the page opens and says so itself.
  if (session === undefined) return true
  if (!session) return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  // A session whose shift is over shows the desk and nothing else.
  if (session.lock === 'expired' && to.meta.theme !== 'dark') return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (session.must_change_password && to.name !== 'password') return { name: 'password', query: { to: to.fullPath } }
  if (session.must_enrol && to.name !== 'account' && to.name !== 'password') return { name: 'account', query: { to: to.fullPath } }
  if (to.name === 'home') {
    const home = homeFor(store.can)
    return home ? { name: home } : true
  }
  if (to.meta.needs && !store.can(to.meta.needs)) return { name: 'nothing', params: { rest: to.path.slice(1).split('/') } }
  return true
})
