import type { Block, Card, Cell, Inline, KeyFigure, TableBlock, TableColumn, Text, Tone } from './blocks.ts'
import { escapeFragment, escapeHtml } from './escape.ts'
import { formatNumber } from './format.ts'

const TONE_SIGNS: Record<Tone, string> = { good: '✓', warning: '!', bad: '✕', neutral: 'i' }
const TONE_WORDS: Record<Tone, string> = { good: 'Good', warning: 'Warning', bad: 'Problem', neutral: 'Note' }

export function renderBlocks(blocks: readonly Block[]): string {
  return blocks.map(renderBlock).join('\n')
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${renderText(block.text)}</p>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${renderText(item)}</li>`).join('')}</ul>`
    case 'callout':
      return `<div class="callout ${block.tone}" role="note"><p class="callout-title">${toneMark(block.tone)}${escapeHtml(block.title)}</p><p>${renderText(block.text)}</p></div>`
    case 'figures':
      return `<dl class="figures">${block.figures.map(renderFigure).join('')}</dl>`
    case 'table':
      return renderTable(block)
    case 'chart':
      return `<figure><figcaption><strong>${escapeHtml(block.title)}</strong>${block.caption ? ` <span>${renderText(block.caption)}</span>` : ''}</figcaption>${block.svg}</figure>`
    case 'columns':
      return `<div class="columns">${block.columns.map((part) => `<div>${renderBlocks(part)}</div>`).join('')}</div>`
    case 'details':
      return `<details${block.open ? ' open' : ''}><summary>${escapeHtml(block.summary)}</summary>${renderBlocks(block.blocks)}</details>`
    case 'cards':
      return `<div class="cards"><label class="search" hidden>${escapeHtml(block.searchLabel)} <input type="search" data-filter></label>${block.cards.map(renderCard).join('\n')}<p class="nothing" role="status" hidden>Nothing matches.</p></div>`
  }
}

const toneMark = (tone: Tone): string =>
  `<span class="mark ${tone}" role="img" aria-label="${TONE_WORDS[tone]}">${TONE_SIGNS[tone]}</span>`

export function renderText(text: Text): string {
  return typeof text === 'string' ? escapeHtml(text) : text.map(renderInline).join('')
}

function renderInline(part: Inline): string {
  if (typeof part === 'string') return escapeHtml(part)
  if ('strong' in part) return `<strong>${escapeHtml(part.strong)}</strong>`
  if ('code' in part) return `<code>${escapeHtml(part.code)}</code>`
  return `<a href="#${escapeFragment(part.to)}">${escapeHtml(part.link)}</a>`
}

function renderFigure({ label, value, note, tone }: KeyFigure): string {
  const mark = tone && tone !== 'neutral' ? toneMark(tone) : ''
  const small = note ? `<dd class="figure-note">${escapeHtml(note)}</dd>` : ''
  return `<div><dt>${escapeHtml(label)}</dt><dd class="figure-value">${mark}${escapeHtml(value)}</dd>${small}</div>`
}

function renderTable(block: TableBlock): string {
  const open = block.openRows ?? 25
  // A handful of rows more is not worth a fold.
  if (block.rows.length <= open + 5) return tableOf(block, block.rows, block.caption)
  const rest = block.rows.length - open
  const folded = tableOf(block, block.rows.slice(open), `${block.caption} (continued)`)
  return `${tableOf(block, block.rows.slice(0, open), block.caption)}<details><summary>${rest} more rows</summary>${folded}</details>`
}

function tableOf(block: TableBlock, rows: TableBlock['rows'], caption: string): string {
  const head = block.columns.map((column) => `<th scope="col"${numeric(column)}>${escapeHtml(column.label)}</th>`)
  const body = rows.map((row) => `<tr>${row.map((cell, i) => renderCell(cell, block, i)).join('')}</tr>`)
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

const numeric = (column: TableColumn | undefined): string => (column?.kind === 'number' ? ' class="n"' : '')

function renderCell(cell: Cell, block: TableBlock, index: number): string {
  const attributes = numeric(block.columns[index])
  if (index === 0 && block.rowHeaders !== false) return `<th scope="row"${attributes}>${cellContent(cell)}</th>`
  return `<td${attributes}>${cellContent(cell)}</td>`
}

function cellContent(cell: Cell): string {
  if (cell === null || cell === undefined) return '–'
  if (typeof cell === 'number') return formatNumber(cell)
  if (typeof cell === 'string' || isInlines(cell)) return renderText(cell)
  if ('svg' in cell) return cell.svg
  if ('tone' in cell) return `${toneMark(cell.tone)}${escapeHtml(cell.text)}`
  const width = Math.round(Math.min(1, Math.max(0, cell.share)) * 100)
  return `<span class="share" style="--share:${width}%">${escapeHtml(cell.text)}</span>`
}

const isInlines = (cell: object): cell is readonly Inline[] => Array.isArray(cell)

function renderCard(card: Card): string {
  const badge = card.badge ? `<span class="badge">${escapeHtml(card.badge)}</span>` : ''
  const facts = card.facts.map((fact) => `<span>${escapeHtml(fact)}</span>`).join('')
  const warnings = (card.warnings ?? []).map(({ tone, text }) => `<span>${toneMark(tone)}${escapeHtml(text)}</span>`)
  const marks = warnings.length > 0 ? `<span class="card-warnings">${warnings.join('')}</span>` : ''
  return `<details class="card" id="${escapeHtml(card.id)}"><summary><span class="card-title">${escapeHtml(card.title)}</span>${badge}<span class="card-chart">${card.svg ?? ''}</span><span class="card-facts">${facts}</span>${marks}</summary>${renderBlocks(card.blocks)}</details>`
}
