// The form of an account (账号): login, name, and the posts held in which region. Comparing what was
// started from with what is written now decides what is sent.

import type { Account, AccountBody } from '../api/types'

export interface PostDraft { post: string; region: string }
export interface AccountDraft { login: string; name: string; posts: PostDraft[] }

export const ACCOUNT_KEYS = ['name', 'posts'] as const
export type AccountKey = (typeof ACCOUNT_KEYS)[number]

/** An empty form with one post to fill in, in the person's own region. */
export function emptyAccount(region: string): AccountDraft {
  return { login: '', name: '', posts: [{ post: '', region }] }
}

export function accountDraft(account: Account): AccountDraft {
  return { login: account.login, name: account.name, posts: account.posts.map((one) => ({ post: one.post, region: one.region.code })) }
}

export function copyOfAccount(draft: AccountDraft): AccountDraft {
  return JSON.parse(JSON.stringify(draft)) as AccountDraft
}

/** What the server takes; posts without a choice are left out only when every field of them is empty. */
export function accountBody(draft: AccountDraft): Required<AccountBody> {
  return {
    login: draft.login.trim(),
    name: draft.name.trim(),
    posts: draft.posts.filter((one) => one.post !== '' || one.region !== ''),
  }
}
