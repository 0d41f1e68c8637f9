// The account form.
import { describe, expect, it } from 'vitest'
import { accountBody, accountDraft, copyOfAccount, emptyAccount, type HeldFor } from './account-draft'
import type { Account } from '../api/types'

describe('the form of an account', () => {
  it('starts with one post in the own region', () => {
    expect(emptyAccount('990101000000').posts).toEqual([{ post: '', region: '990101000000', units: '', sectors: [] }])
  })

  it('takes an account apart and sends it back', () => {
    const account = { login: 'zhou', name: '周敏', certificate: '', phone: '13900000001', posts: [{ post: 'duty', label: '值班员', region: { code: '990101000000', name: '云岫县', level: 'county' }, units: [], sectors: [] }] } as unknown as Account
    expect(accountBody(accountDraft(account))).toEqual({ login: 'zhou', name: '周敏', certificate: '', phone: '13900000001', email: '', robot_handle: '', posts: [{ post: 'duty', region: '990101000000', units: [], sectors: [] }] })
  })

  it('trims, and drops only empty posts', () => {
    const draft = { login: ' a ', name: ' 甲 ', certificate: '', phone: ' 61201 ', email: '', robot_handle: '', posts: [{ post: '', region: '', units: '', sectors: [] }, { post: '', region: '99', units: '', sectors: [] }] }
    expect(accountBody(draft)).toEqual({ login: 'a', name: '甲', certificate: '', phone: '61201', email: '', robot_handle: '', posts: [{ post: '', region: '99', units: [], sectors: [] }] })
  })

  it('sends units by their numbers and sectors only for posts that are held for them', () => {
    const draft = { login: 'a', name: '甲', certificate: '', phone: '', email: '', robot_handle: '', posts: [{ post: 'manager', region: '99', units: ' U1、U2, U1；U3 ', sectors: ['教育'] }, { post: 'department', region: '99', units: 'U1', sectors: ['教育'] }, { post: 'duty', region: '99', units: 'U1', sectors: ['教育'] }] }
    const heldFor = (post: string): HeldFor => (post === 'manager' ? 'unit' : post === 'department' ? 'sector' : 'region')
    expect(accountBody(draft, heldFor).posts).toEqual([
      { post: 'manager', region: '99', units: ['U1', 'U2', 'U3'], sectors: [] },
      { post: 'department', region: '99', units: [], sectors: ['教育'] },
      { post: 'duty', region: '99', units: [], sectors: [] },
    ])
  })

  it('copies without sharing', () => {
    const draft = emptyAccount('99')
    const copy = copyOfAccount(draft)
    copy.posts[0]!.post = 'duty'
    expect(draft.posts[0]!.post).toBe('')
  })
})
