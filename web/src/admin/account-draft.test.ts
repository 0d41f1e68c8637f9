// The account form.
import { describe, expect, it } from 'vitest'
import { accountBody, accountDraft, copyOfAccount, emptyAccount } from './account-draft'
import type { Account } from '../api/types'

describe('the form of an account', () => {
  it('starts with one post in the own region', () => {
    expect(emptyAccount('990101000000').posts).toEqual([{ post: '', region: '990101000000' }])
  })

  it('takes an account apart and sends it back', () => {
    const account = { login: 'zhou', name: '周敏', posts: [{ post: 'duty', label: '值班员', region: { code: '990101000000', name: '云岫县', level: 'county' } }] } as unknown as Account
    expect(accountBody(accountDraft(account))).toEqual({ login: 'zhou', name: '周敏', posts: [{ post: 'duty', region: '990101000000' }] })
  })

  it('trims, and drops only empty posts', () => {
    const draft = { login: ' a ', name: ' 甲 ', posts: [{ post: '', region: '' }, { post: '', region: '99' }] }
    expect(accountBody(draft)).toEqual({ login: 'a', name: '甲', posts: [{ post: '', region: '99' }] })
  })

  it('copies without sharing', () => {
    const draft = emptyAccount('99')
    const copy = copyOfAccount(draft)
    copy.posts[0]!.post = 'duty'
    expect(draft.posts[0]!.post).toBe('')
  })
})
