import { expect, test } from 'vitest'
import { parseInline, parseMarkdown } from './parse-markdown.ts'

const CARD = `---
license: apache-2.0
---
# Churn

Predicts *who*
leaves.

- one
  goes on
- two

| metric | value |
|:--|--:|
| auc \\| roc | 0.9 |

\`\`\`json
{"a": 1}
\`\`\`
> careful
`

test('a model card is read block by block', () => {
  expect(parseMarkdown(CARD)).toEqual([
    { kind: 'metadata', text: 'license: apache-2.0' },
    { kind: 'heading', level: 1, text: 'Churn' },
    { kind: 'paragraph', text: 'Predicts *who* leaves.' },
    { kind: 'list', isOrdered: false, items: ['one goes on', 'two'] },
    { kind: 'table', head: ['metric', 'value'], aligns: ['left', 'right'], rows: [['auc | roc', '0.9']] },
    { kind: 'code', text: '{"a": 1}' },
    { kind: 'quote', text: 'careful' },
  ])
})

test('marks within a line', () => {
  expect(parseInline('a **b** `c*d*` *e* [f](https://g.org) snake_case_name \\*h')).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'strong', text: 'b' },
    { kind: 'text', text: ' ' },
    { kind: 'code', text: 'c*d*' },
    { kind: 'text', text: ' ' },
    { kind: 'em', text: 'e' },
    { kind: 'text', text: ' ' },
    { kind: 'link', text: 'f', href: 'https://g.org' },
    { kind: 'text', text: ' snake_case_name ' },
    { kind: 'text', text: '*' },
    { kind: 'text', text: 'h' },
  ])
})

test('links that run scripts and HTML stay text', () => {
  expect(parseInline('[x](javascript:alert(1))').some(({ kind }) => kind === 'link')).toBe(false)
  expect(parseInline('<script>1</script>')).toEqual([{ kind: 'text', text: '<script>1</script>' }])
})

test('fences and tables that never end are read to the end', () => {
  expect(parseMarkdown('```\nx')).toEqual([{ kind: 'code', text: 'x' }])
  expect(parseMarkdown('---\nno end')).toHaveLength(2)
})
