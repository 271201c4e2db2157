import { expect, test } from 'vitest'
import { artifactKind } from './artifact-kinds.ts'
import { readDelimited, tableInJson } from './read-table.ts'

test('quoted fields keep delimiters, line ends and quotes', () => {
  expect(readDelimited('a,b\r\n"1, 2","say ""hi""\nthere"\n,3\n', ',')).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1, 2', 'say "hi"\nthere'],
      ['', '3'],
    ],
  })
})

test('a last empty field and a missing line end are read', () => {
  expect(readDelimited('a\tb\n1\t', '\t').rows).toEqual([['1', '']])
  expect(readDelimited('', ',')).toEqual({ columns: [], rows: [] })
})

test('a stray quote stays as it is', () => {
  expect(readDelimited('a,b\n"x"y,2\n', ',').rows).toEqual([['"x"y', '2']])
})

test('tables in JSON are records, or columns and data', () => {
  expect(tableInJson([{ a: 1 }, { b: { c: 2 } }])).toEqual({
    columns: ['a', 'b'],
    rows: [
      ['1', ''],
      ['', '{"c":2}'],
    ],
  })
  expect(tableInJson({ columns: ['a'], data: [[1], [null]] })).toEqual({ columns: ['a'], rows: [['1'], ['']] })
  expect(tableInJson({ a: 1 })).toBeUndefined()
})

test('files are shown by their names', () => {
  expect(['plots/a.PNG', 'model/MLmodel', 'x.tsv', 'model.onnx', 'r.html', 'card.md'].map(artifactKind)).toEqual([
    'image',
    'text',
    'table',
    'other',
    'page',
    'markdown',
  ])
})
