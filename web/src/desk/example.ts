// One invented alarm for the tests of the desk.
import type { AlarmSummary } from '../api/types'

export function alarm(id: string, part: Partial<AlarmSummary> = {}): AlarmSummary {
  return {
    id, number: '20261121-0001', version: 1, class: 'fire', class_label: '火警', level: 1,
    title: '火警·手动报警按钮', state: 'raised', state_label: '待签收', timing: 'on_time', rings: true,
    region: { code: '990101000000', name: '云岫县', level: 'county' }, township: '东渚镇',
    unit: { id: 'u', name: '瑞禾电子厂', category_label: '丙类厂房', key_unit: true },
    place: '2 号厂房 1 层 2-1-004', position: [118.3, 30.6],
    raised_at: '2026-11-21T06:36:01Z', last_at: '2026-11-21T06:36:01Z', count: 1, restored_at: null,
    building: '2 号厂房', suppressed: null, coincidence: null, member: null,
    holder: null, finding: null, finding_label: null, cause_label: null, closed_at: null,
    with_desk: true, escalated: null, rings_again: 0, next_label: null, next_at: null,
    ...part,
  }
}
