// The form of an account (账号): login, name, where the person is reached, and the posts held in which region. Comparing what was
// started from with what is written now decides what is sent.

import type { Account, AccountBody, Post } from '../api/types'

export type HeldFor = Post['held_for']

/** A post with its region; units as one writes them, by their numbers. */
export interface PostDraft { post: string; region: string; units: string; sectors: string[] }
export interface AccountDraft { login: string; name: string; certificate: string; phone: string; email: string; robot_handle: string; posts: PostDraft[] }

export const ACCOUNT_KEYS = ['name', 'certificate', 'phone', 'email', 'robot_handle', 'posts'] as const
export type AccountKey = (typeof ACCOUNT_KEYS)[number]

export function emptyPost(region: string): PostDraft {
  return { post: '', region, units: '', sectors: [] }
}

/** An empty form with one post to fill in, in the person's own region. */
export function emptyAccount(region: string): AccountDraft {
  return { login: '', name: '', certificate: '', phone: '', email: '', robot_handle: '', posts: [emptyPost(region)] }
}

export function accountDraft(account: Account): AccountDraft {
  return { login: account.login, name: account.name, certificate: account.certificate ?? '', phone: account.phone ?? '', email: account.email ?? '', robot_handle: account.robot_handle ?? '', posts: account.posts.map((one) => ({ post: one.post, region: one.region.code, units: one.units.map((unit) => unit.code).join('、'), sectors: [...one.sectors] })) }
}

export function copyOfAccount(draft: AccountDraft): AccountDraft {
  return JSON.parse(JSON.stringify(draft)) as AccountDraft
}

/** The numbers in a line, however they are set apart. */
export function unitCodes(text: string): string[] {
  return [...new Set(text.split(/[\s、，,；;]+/u).filter((code) => code !== ''))]
}

/** What the server takes; posts without a choice are left out only when every field of them is empty. What a post is
 *  not held for is not sent: somebody may have chosen another post meanwhile. */
export function accountBody(draft: AccountDraft, heldFor: (post: string) => HeldFor = () => 'region'): Required<AccountBody> {
  return {
    login: draft.login.trim(),
    name: draft.name.trim(),
    certificate: draft.certificate.trim(),
    phone: draft.phone.trim(),
    email: draft.email.trim(),
    robot_handle: draft.robot_handle.trim(),
    posts: draft.posts.filter((one) => one.post !== '' || one.region !== '').map((one) => ({
      post: one.post,
      region: one.region,
      units: heldFor(one.post) === 'unit' ? unitCodes(one.units) : [],
      sectors: heldFor(one.post) === 'sector' ? one.sectors : [],
    })),
  }
}
