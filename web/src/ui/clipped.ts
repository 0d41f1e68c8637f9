// Text that had no room and was cut at its end (…) is complete under the pointer: each place would have to say so for itself, and
// half of them forgot.

const ENDS_WITH_DOTS = 'ellipsis'

/** Gives the text under the pointer as its title when it is cut there and says nothing else. Listens on the page. */
export function tellClipped(e: Event): void {
  const at = e.target as HTMLElement | null
  if (!at || at.closest('[title]') || at.scrollWidth <= at.clientWidth || getComputedStyle(at).textOverflow !== ENDS_WITH_DOTS) return
  at.title = at.textContent.trim().replace(/\s+/gu, ' ')
  // What stands there later says something else.
  at.addEventListener('pointerleave', () => at.removeAttribute('title'), { once: true })
}
