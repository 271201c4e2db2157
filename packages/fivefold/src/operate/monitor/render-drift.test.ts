import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../core/index.ts'
import { frameOf } from '../../data/index.ts'
import { detectDrift } from './detect-drift.ts'
import { renderDriftHtml } from './render-drift.ts'

const rng = createRng(3)
const draw = (shift: number) =>
  frameOf({
    'a <b>"&': Array.from({ length: 120 }, () => shift + rng.normal()),
    category: Array.from({ length: 120 }, () =>
      shift > 0 && rng.next() < 0.5 ? '<script>alert(1)</script>' : 'plain',
    ),
  })

async function page(shift: number): Promise<string> {
  const reference = draw(0)
  const current = draw(shift)
  const values = (): Float64Array => Float64Array.from({ length: 120 }, () => rng.normal())
  const numbers = () => ({ kind: 'number' as const, values: values() })
  const report = await detectDrift({
    reference,
    current,
    schema: {
      columns: [
        { name: 'a <b>"&', type: 'number', tensor: 'double', nullable: false, evidence: 'declared' },
        { name: 'category', type: 'category', tensor: 'string', nullable: false, evidence: 'declared' },
      ],
    },
    predictions: { reference: numbers(), current: numbers() },
    labels: { reference: numbers(), current: numbers() },
    context: createContext(),
  })
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  return renderDriftHtml(report)
}

describe('renderDriftHtml', () => {
  it('says first whether there is drift, and in what', async () => {
    const { document } = parseHTML(await page(2))
    expect(document.querySelector('main section')!.textContent).toMatch(/Drift\s*In .*category/)
    expect(document.querySelectorAll('.card')).toHaveLength(2 + 3)
    expect(document.querySelector('#performance')!.textContent).toContain('rmse')
  })

  it('says what could have gone unseen where there is none', async () => {
    const { document } = parseHTML(await page(0))
    expect(document.querySelector('#verdict')!.textContent).toContain('No drift')
    expect(document.querySelector('#verdict')!.textContent).toContain('with power 0.8')
  })

  it('shows hostile names and values as text', async () => {
    const html = await page(2)
    expect(html).not.toContain('<script>alert')
    expect(html).toContain('&lt;script&gt;alert')
    expect(html).not.toContain('a <b>')
  })
})
