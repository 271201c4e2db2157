/**
 * Text as a model graph sees it: strings cross into the runtime as UTF-8 ending at the first NUL, lone surrogates as
 * U+FFFD. Empty means missing.
 */
export function graphText(text: string): string {
  if (!NEEDS_CHANGE.test(text)) return text
  const end = text.indexOf('\0')
  return (end < 0 ? text : text.slice(0, end)).replace(LONE_SURROGATES, '\ufffd')
}

const NEEDS_CHANGE = /[\0\ud800-\udfff]/
const LONE_SURROGATES = /\p{Surrogate}/gu
