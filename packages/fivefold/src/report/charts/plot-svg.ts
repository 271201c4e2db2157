import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { escapeHtml, withoutControls } from '../escape.ts'
import { shortened } from '../format.ts'

/** Colours of the page's series; the fallbacks serve where the page's variables are not there, as in a notebook. */
const SERIES_COLOURS = [
  'var(--c1,#0b6fb3)',
  'var(--c2,#c05800)',
  'var(--c3,#008060)',
  'var(--c4,#a3487f)',
  'var(--c5,#8a7400)',
  'var(--c6,#3a8fc4)',
] as const
export const MUTED = 'var(--muted,#62666b)'
export const GRID = 'var(--line,#e2e1dc)'

/** Lines are told apart by their dashes too. */
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '12 4', '1 2'] as const

export const seriesColour = (index: number): string => SERIES_COLOURS[index % SERIES_COLOURS.length]!
export const seriesDash = (index: number): string => DASHES[index % DASHES.length]!

/** What every chart takes. */
export interface ChartFrame {
  /** Said to readers who do not see the chart: what is drawn, and the main thing to be seen. */
  readonly label: string
  /** In pixels. Default 640, and as high as the kind of chart needs. */
  readonly width?: number
  readonly height?: number
}

export interface LegendEntry {
  readonly name: string
  readonly colour: string
  readonly dash?: string
}

/** A line of the legend; it stands above the chart, clear of the axis label. */
const LEGEND_HEIGHT = 18

/** One document for all charts: making one costs more than drawing. */
let page: ReturnType<typeof parseHTML> | undefined
function sharedDocument(): never {
  page ??= parseHTML('<html><body></body></html>')
  return page.document as never
}

/** Draws with Observable Plot and returns compact SVG that follows the page's colours. */
export function plotSvg(frame: ChartFrame, options: Plot.PlotOptions, legend: readonly LegendEntry[] = []): string {
  const width = frame.width ?? 640
  const height = frame.height ?? 260
  const drawn = Plot.plot({
    ...options,
    document: sharedDocument(),
    width,
    height,
    style: { background: 'none' },
  }) as unknown as { readonly outerHTML: string }
  return dressed(drawn.outerHTML, frame.label, width, height, legend)
}

/** Replaces the opening tag by ours and drops Plot's own style, which would repeat in every chart of a page. */
function dressed(svg: string, label: string, width: number, height: number, legend: readonly LegendEntry[]): string {
  const inner = svg
    .slice(svg.indexOf('<svg'))
    .replace(/^<svg[^>]*>/, '')
    .replace(/<style>[\s\S]*?<\/style>/, '')
  const { lines, svg: keys } = legendOf(legend, width)
  const above = lines === 0 ? 0 : lines * LEGEND_HEIGHT + 4
  return `${openingTag(label, width, height, above)}${withShortNumbers(inner.replace('</svg>', `${keys}</svg>`))}`
}

function openingTag(label: string, width: number, height: number, above: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="${escapeHtml(label)}" viewBox="0 ${-above} ${width} ${height + above}" width="${width}" height="${height + above}" fill="currentColor" font-family="system-ui, sans-serif" font-size="11" text-anchor="middle">`
}

/** Coordinates need no more than two decimals; text between the tags is left as it is. */
function withShortNumbers(svg: string): string {
  return svg.replace(/<(?:path|line|rect|g|text|circle|image)\b[^>]*>/g, (tag) =>
    tag.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  )
}

/** As many lines as the width needs. */
function legendOf(entries: readonly LegendEntry[], width: number): { readonly lines: number; readonly svg: string } {
  if (entries.length === 0) return { lines: 0, svg: '' }
  let [x, line] = [4, 0]
  const placed = entries.map((entry) => {
    const name = shortened(withoutControls(entry.name), 28)
    const needed = 34 + name.length * 6.4
    if (x > 4 && x + needed > width) [x, line] = [4, line + 1]
    const at = { ...entry, name, x, line }
    x += needed
    return at
  })
  const keys = placed.map(({ name, colour, dash, x: at, line: row }) => {
    const y = -12 - (line - row) * LEGEND_HEIGHT
    const stroke = `<line x1="${at}" x2="${at + 20}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`
    return `${stroke}<text x="${at + 25}" y="${y + 4}" text-anchor="start">${escapeHtml(name)}</text>`
  })
  return { lines: line + 1, svg: keys.join('') }
}
