const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** What neither HTML nor XML may hold: control characters and halves of surrogate pairs; shown as the replacement character. */
const CONTROL = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/gu

export function withoutControls(text: string): string {
  return text.replace(CONTROL, '\ufffd')
}

/** Text as it may stand in HTML, between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}

/** The part of a link after #, for the element whose `id` was escaped from the same text. */
export function escapeFragment(id: string): string {
  return escapeHtml(encodeURIComponent(withoutControls(id)))
}

/** Text as it may stand in a line of Markdown without being read as markup, in table cells too. */
export function escapeMarkdown(text: string): string {
  return withoutControls(text)
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\`*_[\]#|~$!&<>]/g, (character) => (character in ENTITIES ? ENTITIES[character]! : `\\${character}`))
}

/** An `id` that is safe in attributes and links, the same for the same text. */
export function anchorOf(text: string, prefix = ''): string {
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
  return `${prefix}${slug || 'x'}`
}
