// Whether somebody has typed into a form that still stands on the page: then losing the session must not take the page away.

const forms = new Set<HTMLFormElement>()

/** Notes the form that was typed into. A search field is none. */
export function noteTyping(e: Event): void {
  const form = (e.target as Element | null)?.closest?.('form')
  if (form) forms.add(form)
}
export function somethingTyped(): boolean {
  for (const form of forms) if (!form.isConnected) forms.delete(form)
  return forms.size > 0
}
