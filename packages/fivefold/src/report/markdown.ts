import type { Block, Cell, Inline, Section, Text, Tone } from './blocks.ts'
import { escapeMarkdown } from './escape.ts'
import { formatNumber } from './format.ts'
import type { NotebookCell } from './notebook.ts'

const TONE_WORDS: Record<Tone, string> = { good: 'Good', warning: 'Warning', bad: 'Problem', neutral: 'Note' }
/** A notebook is read from top to bottom: longer tables are cut and say so. */
const MOST_ROWS = 40

/** A text as Markdown, with everything that is not meant as markup escaped. */
export function markdownText(text: Text): string {
  return typeof text === 'string' ? escapeMarkdown(text) : text.map(markdownInline).join('')
}

function markdownInline(part: Inline): string {
  if (typeof part === 'string') return escapeMarkdown(part)
  if ('strong' in part) return `**${escapeMarkdown(part.strong)}**`
  if ('code' in part) return `<code>${escapeMarkdown(part.code)}</code>`
  return escapeMarkdown(part.link)
}

export function markdownTable(labels: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const shown = rows.slice(0, MOST_ROWS).map((row) => line(row.map(markdownCell)))
  const rest = rows.length > MOST_ROWS ? `\n\n${rows.length - MOST_ROWS} more rows are not shown.` : ''
  return [line(labels.map(escapeMarkdown)), line(labels.map(() => '---')), ...shown].join('\n') + rest
}

function markdownCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '–'
  if (typeof cell === 'number') return formatNumber(cell)
  if (typeof cell === 'string' || Array.isArray(cell)) return markdownText(cell as Text)
  if ('svg' in cell) return ''
  return escapeMarkdown('text' in cell ? cell.text : '')
}

/** The cells of a notebook that say the same as the sections of a page: prose as Markdown, charts as outputs of `code`. */
export function notebookCells(sections: readonly Section[], code: (section: Section) => string): NotebookCell[] {
  return sections.flatMap((section) => {
    const intro = section.intro === undefined ? '' : `\n\n${markdownText(section.intro)}`
    const heading: NotebookCell = { kind: 'markdown', source: `## ${escapeMarkdown(section.title)}${intro}` }
    const prose = section.blocks.map(markdownBlock).filter((text) => text !== '')
    const charts = section.blocks.flatMap(chartsOf)
    const outputs = [
      ...prose.map((markdown) => ({ kind: 'markdown' as const, markdown })),
      ...charts.map(({ svg, title }) => ({ kind: 'svg' as const, svg, text: title })),
    ]
    return [heading, { kind: 'code' as const, source: code(section), outputs }]
  })
}

function chartsOf(block: Block): { svg: string; title: string }[] {
  if (block.kind === 'chart') return [block]
  if (block.kind === 'columns') return block.columns.flat().flatMap(chartsOf)
  return block.kind === 'details' ? block.blocks.flatMap(chartsOf) : []
}

function markdownBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return markdownText(block.text)
    case 'list':
      return block.items.map((item) => `- ${markdownText(item)}`).join('\n')
    case 'callout':
      return `> **${TONE_WORDS[block.tone]}: ${escapeMarkdown(block.title)}** ${markdownText(block.text)}`
    case 'figures':
      return markdownTable(
        ['', 'value', ''],
        block.figures.map(({ label, value, note }) => [label, value, note ?? '']),
      )
    case 'table':
      return `**${escapeMarkdown(block.caption)}**\n\n${markdownTable(
        block.columns.map(({ label }) => label),
        block.rows,
      )}`
    case 'chart':
      return ''
    case 'columns':
      return joined(block.columns.flat())
    case 'details':
      return `**${escapeMarkdown(block.summary)}**\n\n${joined(block.blocks)}`
    case 'cards':
      return markdownTable(
        ['', '', '', ''],
        block.cards.map((card) => [
          card.title,
          card.badge ?? '',
          card.facts.join(', '),
          (card.warnings ?? []).map(({ text }) => text).join('; '),
        ]),
      )
  }
}

const joined = (blocks: readonly Block[]): string => blocks.map(markdownBlock).filter(Boolean).join('\n\n')
