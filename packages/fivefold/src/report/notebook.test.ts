import { describe, expect, it } from 'vitest'
import {
  barChart,
  callout,
  chart,
  markdownTable,
  markdownText,
  notebook,
  notebookCells,
  section,
  table,
} from './index.ts'

const svg = barChart({ bars: [{ name: 'a', value: 1 }], x: 'x', label: 'l' })
const cells = notebookCells(
  [
    section({
      id: 's',
      title: 'A | b',
      intro: 'text',
      blocks: [
        callout('bad', 'x', 'y'),
        chart({ title: 'c', svg }),
        table({ caption: 't', columns: [{ label: 'a' }], rows: [['1|2']] }),
      ],
    }),
  ],
  () => 'profile',
)

describe('notebook', () => {
  const text = notebook({
    cells: [
      ...cells,
      {
        kind: 'code',
        source: 'x\ny',
        outputs: [
          { kind: 'json', value: { a: 1 } },
          { kind: 'text', text: 'done' },
          { kind: 'png', base64: 'aGk=' },
        ],
      },
    ],
  })
  const parsed = JSON.parse(text) as {
    nbformat: number
    nbformat_minor: number
    cells: {
      id: string
      cell_type: string
      source: string[]
      outputs?: { output_type: string; data: Record<string, unknown> }[]
      execution_count?: number
    }[]
  }

  // The schema of nbformat 4.5: ids of 1 to 64 letters, digits, - or _; code cells with outputs and a count.
  it('has the form of nbformat 4.5', () => {
    expect([parsed.nbformat, parsed.nbformat_minor]).toEqual([4, 5])
    const ids = parsed.cells.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const cell of parsed.cells) {
      expect(cell.id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/)
      expect('outputs' in cell).toBe(cell.cell_type === 'code')
    }
    expect(parsed.cells.filter((cell) => cell.cell_type === 'code').map((cell) => cell.execution_count)).toEqual([1, 2])
    expect(parsed.cells.at(-1)?.source).toEqual(['x\n', 'y'])
  })

  it('holds charts as drawings and the rest as Markdown', () => {
    const outputs = parsed.cells[1]?.outputs ?? []
    expect(
      outputs.some(({ data }) => String((data['image/svg+xml'] as string[] | undefined)?.join('')).startsWith('<svg')),
    ).toBe(true)
    expect(
      outputs.some(({ data }) =>
        String((data['text/markdown'] as string[] | undefined)?.join('')).includes('Problem: x'),
      ),
    ).toBe(true)
  })

  it('is the same for the same cells', () => {
    expect(notebook({ cells })).toBe(notebook({ cells }))
  })
})

describe('Markdown', () => {
  it('escapes what would be markup', () => {
    expect(markdownText('a|b *c* <i> [x](y) `z`')).toBe('a\\|b \\*c\\* &lt;i&gt; \\[x\\](y) \\`z\\`')
    expect(markdownTable(['a'], [['x|y\nz']])).toBe('| a |\n| --- |\n| x\\|y z |')
  })
})
