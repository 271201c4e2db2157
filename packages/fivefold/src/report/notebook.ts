import { createHash } from 'node:crypto'
import { withoutControls } from './escape.ts'

/** What a code cell shows when the notebook is opened, without running anything. */
export type CellOutput =
  | { readonly kind: 'svg'; readonly svg: string; readonly text?: string }
  | { readonly kind: 'png'; readonly base64: string; readonly text?: string }
  | { readonly kind: 'markdown'; readonly markdown: string }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }

export type NotebookCell =
  | { readonly kind: 'markdown'; readonly source: string }
  | { readonly kind: 'code'; readonly source: string; readonly outputs: readonly CellOutput[] }

export interface NotebookInput {
  readonly cells: readonly NotebookCell[]
  /** Language of the code cells. Default 'typescript'. */
  readonly language?: 'typescript' | 'python'
}

const KERNELS = {
  typescript: { display_name: 'TypeScript', language: 'typescript', name: 'tslab' },
  python: { display_name: 'Python 3', language: 'python', name: 'python3' },
} as const

/** A notebook of format 4.5 with its outputs in it, as JSON. The same cells give the same bytes. */
export function notebook({ cells, language = 'typescript' }: NotebookInput): string {
  let executions = 0
  const rendered = cells.map((cell, index) => {
    const common = { id: cellId(cell.source, index), metadata: {}, source: linesOf(cell.source) }
    if (cell.kind === 'markdown') return { cell_type: 'markdown', ...common }
    const count = ++executions
    const outputs = cell.outputs.map((output) => renderOutput(output))
    return { cell_type: 'code', ...common, execution_count: count, outputs }
  })
  const metadata = { kernelspec: KERNELS[language], language_info: { name: language } }
  return `${JSON.stringify({ cells: rendered, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`
}

/** Ids must be unique in the notebook and made of letters, digits, - and _. */
function cellId(source: string, index: number): string {
  return `${index}-${createHash('sha256').update(source).digest('hex').slice(0, 8)}`
}

function renderOutput(output: CellOutput): object {
  return { output_type: 'display_data', metadata: {}, data: dataOf(output) }
}

function dataOf(output: CellOutput): Record<string, unknown> {
  switch (output.kind) {
    case 'svg':
      return { 'image/svg+xml': linesOf(output.svg), 'text/plain': linesOf(output.text ?? 'a chart') }
    case 'png':
      return { 'image/png': output.base64, 'text/plain': linesOf(output.text ?? 'an image') }
    case 'markdown':
      return { 'text/markdown': linesOf(output.markdown), 'text/plain': linesOf(output.markdown) }
    case 'json':
      return {
        'application/json': output.value,
        'text/plain': linesOf(JSON.stringify(output.value, null, 2) ?? 'null'),
      }
    case 'text':
      return { 'text/plain': linesOf(output.text) }
  }
}

/** Notebooks keep text as lines that hold their line ends, which makes them readable in a diff. */
function linesOf(text: string): string[] {
  return withoutControls(text).split(/(?<=\n)/)
}
