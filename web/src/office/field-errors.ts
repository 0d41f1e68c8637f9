// From a refusal's pointers (RFC 9457, JSON pointers) to the fields of a form. A mistake whose
// field the form does not show is not swallowed: it is listed above the form.

/** One mistake as the server names it. */
export interface PointedError {
  pointer: string
  detail: string
}

/** Mistakes by field path, and those that belong to no field shown. */
export interface SortedErrors {
  byField: Record<string, string>
  general: string[]
}

/** `/fields/contacts/0/phone` and `/contacts/0/phone` are the field `contacts/0/phone`. */
export function fieldOf(pointer: string): string {
  return pointer
    .replace(/^#?\//u, '')
    .replace(/^fields\//u, '')
    .replace(/~1/gu, '/')
    .replace(/~0/gu, '~')
}

/** Sorts mistakes; `aliases` renames fields that the form splits or merges (position → lng). */
export function sortErrors(
  errors: PointedError[],
  shown: (field: string) => boolean,
  aliases: Record<string, string> = {},
): SortedErrors {
  const sorted: SortedErrors = { byField: {}, general: [] }
  for (const error of errors) {
    const named = fieldOf(error.pointer)
    const field = aliases[named] ?? named
    if (field !== '' && shown(field) && !(field in sorted.byField)) sorted.byField[field] = error.detail
    else sorted.general.push(error.detail)
  }
  return sorted
}
