import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textBlock } from './text-block.ts'

describe('textBlock', () => {
  it('takes away the indentation that all lines share', () => {
    expect(textBlock`
      a:
        b: ${1}

      c: 2
    `).toBe('a:\n  b: 1\n\nc: 2\n')
  })

  it('indents a value of several lines like the line that it stands in', () => {
    const inner = textBlock`
      x: 1
      y:
        z: 2
    `
    expect(textBlock`
      outer:
        - ${inner}
        list:
          ${inner}
    `).toBe('outer:\n  - x: 1\n  y:\n    z: 2\n  list:\n    x: 1\n    y:\n      z: 2\n')
  })

  it('measures lines that begin with a value', () => {
    expect(textBlock`
      ${'a'}
        b
    `).toBe('a\n  b\n')
  })

  it('leaves no trace of an empty value', () => {
    expect(textBlock`
      a
      ${''}
    `).toBe('a\n')
  })

  it('keeps every line of a value', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 5 }), (lines) => {
        const text = textBlock`
          top:
            ${lines.join('\n')}
        `
        expect(text).toBe(`top:\n${lines.map((line) => `  ${line}\n`).join('')}`)
      }),
    )
  })
})
