// Copying text. Browsers offer the clipboard only on secure pages; on a plain office network the
// older way through a selection still works.

/** Puts text on the clipboard; `false` when the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // Falls through to the selection: the page may lack the permission but still have a keyboard.
    }
  }
  return copyBySelection(text)
}

function copyBySelection(text: string): boolean {
  const box = document.createElement('textarea')
  box.value = text
  box.style.cssText = 'position:fixed;opacity:0'
  document.body.append(box)
  box.select()
  const done = document.execCommand('copy')
  box.remove()
  return done
}
