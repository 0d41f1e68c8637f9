// Where a person goes after login: the page they were sent away from, and never another site.

/** A path of this site, or `/`. `//host` and full addresses are not followed. */
export function returnAddress(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) && !to.startsWith('/login') ? to : '/'
}
