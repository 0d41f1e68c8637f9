// The shapes that the server answers with (`/api/v1`). Instants are RFC 3339 in UTC, ids are UUIDs,
// region codes have twelve digits. Everything a person reads arrives finished in Chinese.

export type Level = 'province' | 'city' | 'county' | 'township' | 'village'
export interface RegionRef { code: string; name: string; level: Level }
export interface Page<T> { items: T[]; next: string | null }
export interface PersonRef { id: string; name: string }

export interface NodeInfo { name: string; office: string; demonstration: boolean; version: string }
export interface PublicNode extends NodeInfo { time: string }
export interface PostHeld { post: string; label: string; region: RegionRef }
export interface SeatHeld { seat: number; since: string; sound: 'heard' | 'not_heard' }
export interface Session {
  account: { id: string; login: string; name: string }
  posts: PostHeld[]
  scope: RegionRef[]
  permissions: string[]
  seat: SeatHeld | null
  csrf: string
  must_change_password: boolean
  expires_at: string
  node: NodeInfo
}
export interface Seat { seat: number; officer: PersonRef | null; since: string | null; sound: string | null }
export interface Colleague { id: string; name: string; seat: number | null }

export type AlarmClass = 'fire' | 'fault' | 'shielded' | 'supervisory'
export type AlarmState = 'raised' | 'taken' | 'verified' | 'forwarded' | 'closed'
export type Timing = 'on_time' | 'late' | 'skewed'
export interface UnitRef { id: string; name: string; category_label: string; key_unit: boolean }
export interface Holder { seat: number | null; officer: PersonRef; at: string }
export interface AlarmSummary {
  id: string
  number: string
  version: number
  seq: number
  class: AlarmClass
  class_label: string
  level: 1 | 3 | 4
  title: string
  state: AlarmState
  state_label: string
  timing: Timing
  rings: boolean
  region: RegionRef
  township: string | null
  unit: UnitRef | null
  place: string
  position: [number, number] | null
  raised_at: string
  last_at: string
  count: number
  restored_at: string | null
  holder: Holder | null
  finding: 'real' | 'false' | 'test' | 'undetermined' | null
  finding_label: string | null
  cause_label: string | null
  closed_at: string | null
}
export type ActionName =
  | 'take' | 'hand_over' | 'take_over' | 'verify_real' | 'verify_false' | 'verify_test'
  | 'verify_undetermined' | 'forward' | 'note' | 'close'
export interface Choice { value: string; label: string }
export interface ActionField {
  name: string
  label: string
  kind: 'text' | 'choice' | 'person' | 'datetime'
  required: boolean
  choices?: Choice[]
}
export interface Action {
  name: ActionName
  label: string
  key: string | null
  allowed: boolean
  reason: string | null
  primary: boolean
  fields: ActionField[]
}
/** What every resource outside the desk carries as an action. */
export interface PlainAction { name: string; label: string; allowed: boolean; reason: string | null }
export interface AlarmPoint {
  id: string | null
  label: string
  component_label: string
  component_type: number
  component_address: number
  state_labels: string[]
  event_at: string | null
  received_at: string
  sent_at: string | null
  first: boolean
}
export interface Contact { role: string; name: string; phone: string }
export interface LifeStep { name: string; at: string | null; state: 'done' | 'present' | 'future' }
export interface Alarm extends AlarmSummary {
  address: string | null
  building: string | null
  floor: string | null
  points: AlarmPoint[]
  terminal: { id: string; name: string; source: string; known: boolean; online: boolean | null; last_seen_at: string | null } | null
  event_at: string | null
  sent_at: string | null
  received_at: string
  verified: { finding: string; cause: string | null; cause_label: string | null; note: string | null; by: string; at: string } | null
  forwarded: { to: string; at: string; by: string; note: string | null } | null
  closed: { at: string; by: string; note: string | null; unrestored_reason?: string | null } | null
  contacts: Contact[]
  unit_history: { fires_30d: number; false_30d: number } | null
  frame_seq: number | null
  life: LifeStep[]
  actions: Action[]
}
export interface AlarmCounts {
  raised: number
  handling: number
  to_close: number
  silent: number
  by_class: Record<AlarmClass, number>
  today: { total: number; real: number; false: number; test: number; mean_take_s: number | null }
}
export interface AlarmPage extends Page<AlarmSummary> { counts?: AlarmCounts }
export interface TimelineItem {
  seq: number
  line: number
  at: string
  icon: 'device' | 'person' | 'clock' | 'phone' | 'check'
  who: string | null
  text: string
  source: string
  digest: string
}

export type AlarmChange =
  | 'raised' | 'merged' | 'taken' | 'handed_over' | 'taken_over' | 'verified' | 'forwarded' | 'noted' | 'restored' | 'closed'
export interface TerminalCounts { total: number; online: number; offline: number; unknown: number }
export interface AlarmEvent { seq: number; change: AlarmChange; alarm: AlarmSummary }
export interface TerminalEvent { seq: number; id: string; source: string }
export interface UnitEvent { seq: number; id: string }
export interface SeatEvent { seq: number; seat: number; officer: PersonRef | null }
export interface Tick { now: string; seq: number; terminals: TerminalCounts; frames_per_s?: number }
export interface Resync { seq: number }

export interface MapMeta {
  datum: string
  source: string
  approval: string
  updated_at: string | null
  bbox: [number, number, number, number]
  center: [number, number]
  zoom: number
}

export interface UnitSummary {
  id: string
  code: string
  name: string
  category: string
  category_label: string
  region: RegionRef
  township: string | null
  address: string
  key_unit: boolean
  position: [number, number] | null
  version: number
  open_alarms: number
  terminals: number
}
export interface Building {
  name: string
  floors_above: number
  floors_below: number
  area_m2: number | null
  height_m: number | null
  use: string | null
}
export interface Unit extends UnitSummary {
  village: string | null
  contacts: Contact[]
  buildings: Building[]
  actions: PlainAction[]
}
export interface UnitDraft {
  code: string
  name: string
  category: string
  region: string
  address: string
  key_unit: boolean
  position: [number, number] | null
  contacts: Contact[]
  buildings: Building[]
}
export interface TerminalSummary {
  id: string
  name: string
  source: string
  known: boolean
  unit: PersonRef | null
  region: RegionRef
  profile: string
  online: boolean | null
  last_seen_at: string | null
  points: number
  open_alarms: number
  version: number
  channel: string | null
  clock_offset_s: number | null
}
export interface Terminal extends TerminalSummary {
  maker: string | null
  installed_on: string | null
  status_labels: string[]
  note: string | null
}
export interface PointView {
  id: string | null
  label: string
  system_label: string
  component_type: number
  component_label: string
  component_address: number
  zone: number
  number: number
  building: string | null
  floor: string | null
  states: { code: string; label: string }[]
  value: { label: string; value: number; unit: string } | null
  event_at: string | null
  received_at: string | null
}
export interface FrameSummary {
  seq: number
  received_at: string
  channel: string
  kind: string
  kind_label: string
  bytes: number
  verdict: string
  hex: string
}
export interface FrameNode {
  label: string
  value: string
  /** Byte range in the hex text, counted from 0. */
  offset: number
  length: number
  note?: string
  children?: FrameNode[]
}
export interface FrameView {
  ok: boolean
  error?: string
  error_label?: string
  detail?: string
  hex: string
  decoded?: unknown
  tree: FrameNode[]
  received_at?: string
  terminal?: PersonRef | null
  sentence: string
}

export interface Account {
  id: string
  login: string
  name: string
  state: 'active' | 'disabled'
  posts: PostHeld[]
  last_login_at: string | null
  version: number
  actions: { name: 'edit' | 'disable' | 'enable' | 'reset_password'; label: string; allowed: boolean; reason: string | null }[]
}
export interface Post { post: string; label: string; description: string; permissions: string[] }
export interface RegionNode extends RegionRef { children: number }

export interface SystemStatus {
  version: string
  started_at: string
  database: { kind: string; path_or_host: string; size_bytes: number }
  sequence: number
  chain: { head: string; verified_to: number; verified_at: string | null; ok: boolean }
  lease: { holder: string; epoch: number }
  gateway: {
    tcp: string
    udp: string
    connections: number
    frames_total: number
    refused_total: number
    acks_total: number
    denied_total: number
    commit_p50_ms: number
    commit_p99_ms: number
  }
  outbox_pending: number
  disk_free_bytes: number
  terminals: TerminalCounts
  sessions: number
  checks: { name: string; label: string; ok: boolean; detail: string }[]
}
export interface JournalItem extends TimelineItem { subject_kind: string; subject_label: string }
