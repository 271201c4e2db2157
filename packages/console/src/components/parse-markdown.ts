export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'em'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }

export type Align = 'left' | 'right' | 'center'

export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph' | 'quote'; readonly text: string }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly string[] }
  | { readonly kind: 'code' | 'metadata'; readonly text: string }
  | { readonly kind: 'rule' }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly aligns: readonly Align[]
      readonly rows: readonly (readonly string[])[]
    }

/**
 * The Markdown that model cards are written in: headings, paragraphs, lists, tables, quotes, code, and a block of YAML at
 * the start, which is kept as it is. HTML stays text.
 */
export function parseMarkdown(source: string): MarkdownBlock[] {
  const lines = source.replaceAll('\r\n', '\n').split('\n')
  const blocks: MarkdownBlock[] = []
  let at = 0
  if (lines[0] === '---') {
    const end = lines.indexOf('---', 1)
    if (end > 0) {
      blocks.push({ kind: 'metadata', text: lines.slice(1, end).join('\n') })
      at = end + 1
    }
  }
  while (at < lines.length) {
    const [block, next] = readBlock(lines, at)
    if (block) blocks.push(block)
    at = next
  }
  return blocks
}

type Taken = readonly [block: MarkdownBlock | undefined, next: number]

function readBlock(lines: readonly string[], at: number): Taken {
  const line = lines[at]!
  if (line.trim() === '') return [undefined, at + 1]
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line)
  if (heading) return [{ kind: 'heading', level: heading[1]!.length, text: heading[2]! }, at + 1]
  if (/^\s*(```|~~~)/.test(line)) return readCode(lines, at)
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [{ kind: 'rule' }, at + 1]
  if (line.includes('|') && isDelimiterRow(lines[at + 1] ?? '')) return readTable(lines, at)
  if (LIST_ITEM.test(line)) return readList(lines, at)
  const isQuote = line.startsWith('>')
  const end = endOfText(lines, at, isQuote)
  const text = lines
    .slice(at, end)
    .map((one) => one.replace(/^>\s?/, '').trim())
    .join(' ')
  return [{ kind: isQuote ? 'quote' : 'paragraph', text }, end]
}

const LIST_ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/

const isDelimiterRow = (line: string): boolean => /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(line)

function endOfText(lines: readonly string[], at: number, isQuote: boolean): number {
  let end = at + 1
  while (end < lines.length && lines[end]!.trim() !== '' && !/^(#{1,6}\s|\s*```)/.test(lines[end]!)) {
    if (lines[end]!.startsWith('>') !== isQuote || LIST_ITEM.test(lines[end]!)) break
    end++
  }
  return end
}

function readCode(lines: readonly string[], at: number): Taken {
  const fence = lines[at]!.trim().slice(0, 3)
  let end = at + 1
  while (end < lines.length && !lines[end]!.trim().startsWith(fence)) end++
  return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1]
}

function readList(lines: readonly string[], at: number): Taken {
  const isOrdered = LIST_ITEM.exec(lines[at]!)![1] !== undefined
  const items: string[] = []
  let end = at
  for (; end < lines.length && lines[end]!.trim() !== ''; end++) {
    const item = LIST_ITEM.exec(lines[end]!)
    if (item) items.push(item[2]!)
    else items.push(`${items.pop() ?? ''} ${lines[end]!.trim()}`)
  }
  return [{ kind: 'list', isOrdered, items }, end]
}

function readTable(lines: readonly string[], at: number): Taken {
  const aligns = cellsOf(lines[at + 1]!).map((cell): Align => {
    if (!cell.endsWith(':')) return 'left'
    return cell.startsWith(':') ? 'center' : 'right'
  })
  let end = at + 2
  while (end < lines.length && lines[end]!.includes('|')) end++
  const rows = lines.slice(at + 2, end).map(cellsOf)
  return [{ kind: 'table', head: cellsOf(lines[at]!), aligns, rows }, end]
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

const INLINE =
  /`([^`]+)`|<code>(.*?)<\/code>|\*\*(.+?)\*\*|(?<![\w*])[*_](?!\s)([^*_]+?)[*_](?!\w)|\[([^\]]*)\]\(([^)\s]+)\)|\\([\\`*_{}[\]()#+.!|<>~-])/g

/** Splits a line at its marks; links lead only to the web. */
export function parseInline(text: string): Inline[] {
  const parts: Inline[] = []
  let end = 0
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push(toInline(match))
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

function toInline([all, code, htmlCode, strong, em, label, href, escaped]: RegExpMatchArray): Inline {
  if (code !== undefined || htmlCode !== undefined) return { kind: 'code', text: (code ?? htmlCode)! }
  if (strong !== undefined) return { kind: 'strong', text: strong }
  if (em !== undefined) return { kind: 'em', text: em }
  if (escaped !== undefined) return { kind: 'text', text: escaped }
  if (href !== undefined && /^https?:\/\//i.test(href)) return { kind: 'link', text: label || href, href }
  return { kind: 'text', text: label || all! }
}
