import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import {
  type Block,
  barChart,
  callout,
  cards,
  chart,
  columns,
  details,
  escapeHtml,
  htmlDocument,
  keyFigures,
  list,
  paragraph,
  section,
  sparkline,
  table,
} from './index.ts'

const everyBlock = (text: string): Block[] => [
  paragraph([text, { strong: text }, { code: text }, { link: text, to: text }]),
  list([text]),
  callout('bad', text, text),
  keyFigures([{ label: text, value: text, note: text, tone: 'warning' }]),
  table({
    caption: text,
    columns: [{ label: text }, { label: text, kind: 'number' }],
    rows: [
      [text, 1.5],
      [
        { tone: 'good', text },
        { share: 0.4, text },
      ],
      [null, { svg: sparkline([1, 2], text) }],
    ],
  }),
  columns(
    [details(text, [paragraph(text)])],
    [chart({ title: text, caption: text, svg: barChart({ bars: [{ name: text, value: 3 }], x: text, label: text }) })],
  ),
  cards(text, [{ id: text, title: text, badge: text, facts: [text], warnings: [{ tone: 'bad', text }], blocks: [] }]),
]

const documentWith = (text: string): string =>
  htmlDocument({
    title: text,
    subtitle: text,
    facts: [{ label: text, value: text }],
    sections: [section({ id: text, title: text, intro: text, blocks: everyBlock(text) })],
  })

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></script><svg onload=alert(1)>',
  '<!--',
  ']]>',
  '&lt;script&gt;',
  'javascript:alert(1)',
  '\u0000\u0008\ud800',
]

describe('htmlDocument', () => {
  it.each(HOSTILE)('holds nothing of ours to run but its own script: %j', (text) => {
    const { document } = parseHTML(documentWith(text))
    expect(document.querySelectorAll('script').length).toBe(1)
    expect(document.querySelectorAll('img').length).toBe(0)
    for (const element of document.querySelectorAll('*')) {
      for (const name of element.getAttributeNames()) expect(name).not.toMatch(/^on/i)
      expect(element.getAttribute('href') ?? '#').toMatch(/^#/)
    }
  })

  it('shows any text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { document } = parseHTML(`<p>${escapeHtml(text)}</p>`)
        expect(document.querySelector('p')?.textContent).toBe(text)
      }),
    )
  })

  it('asks nobody for anything and forbids it', () => {
    const html = documentWith('plain')
    expect(html).toContain(`default-src 'none'`)
    expect(html.replaceAll(/xmlns(:xlink)?="http:\/\/www\.w3\.org[^"]*"/g, '')).not.toMatch(/https?:|@import|url\(/)
  })

  it('is made of headings, captions and named charts', () => {
    const { document } = parseHTML(documentWith('plain'))
    expect(document.querySelectorAll('h1').length).toBe(1)
    expect(document.querySelector('section')?.getAttribute('aria-labelledby')).toBe(document.querySelector('h2')?.id)
    for (const found of document.querySelectorAll('table')) expect(found.querySelector('caption')).not.toBeNull()
    for (const svg of document.querySelectorAll('svg')) expect(svg.getAttribute('aria-label')).toBe('plain')
    for (const mark of document.querySelectorAll('.mark')) expect(mark.getAttribute('aria-label')).toMatch(/\w/)
    expect(document.querySelector('html')?.getAttribute('lang')).toBe('en')
  })

  it('folds long tables and loses no row', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [`row ${i}`, i])
    const block = table({ caption: 'c', columns: [{ label: 'a' }, { label: 'b', kind: 'number' }], rows, openRows: 10 })
    const { document } = parseHTML(
      htmlDocument({ title: 't', sections: [section({ id: 's', title: 's', blocks: [block] })] }),
    )
    expect(document.querySelectorAll('tbody tr').length).toBe(100)
    expect(document.querySelectorAll('details tbody tr').length).toBe(90)
  })
})
