import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng, FivefoldError } from '../core/index.ts'
import { type Frame, frameOf, type Schema, type SemanticType } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'
import {
  checkCriteria,
  type EvaluateInput,
  type Evaluation,
  evaluatePredictions,
  labelIssues,
  measureLatency,
  modelCard,
  renderEvaluationHtml,
  summarizeColumns,
} from './index.ts'

const CLASSES = ['no', 'yes']

function schemaOf(types: Record<string, SemanticType>): Schema {
  const columns = Object.entries(types).map(([name, type]) => ({
    name,
    type,
    tensor: type === 'category' ? ('string' as const) : ('double' as const),
    nullable: true,
    evidence: 'declared',
  }))
  return { columns }
}

function problemOf(changes: Partial<Problem>): Problem {
  return {
    task: 'classification',
    target: 'bought',
    metric: 'rocAuc',
    metricReason: '',
    classes: CLASSES,
    criteria: [],
    constraints: {},
    protectedColumns: [],
    ...changes,
  }
}

const bothSides = (scores: readonly number[]): Float64Array => Float64Array.from(scores.flatMap((p) => [1 - p, p]))

/** A good model, except where `isWeak` says that its probabilities are drawn at random. */
function classified(
  rows: number,
  isWeak: (region: string, age: number) => boolean,
  changes: Partial<EvaluateInput> = {},
): EvaluateInput {
  const rng = createRng(11)
  const regions = Array.from({ length: rows }, () => ['north', 'south', 'east'][rng.int(3)]!)
  const ages = Array.from({ length: rows }, () => 18 + rng.int(60))
  const codes = Int32Array.from({ length: rows }, () => (rng.next() < 0.4 ? 1 : 0))
  const scores = Array.from(codes, (code, i) => {
    const noise = rng.next()
    return isWeak(regions[i]!, ages[i]!) ? noise : 0.05 + 0.6 * code + 0.3 * noise
  })
  return {
    problem: problemOf({}),
    target: { kind: 'classes', classes: CLASSES, codes },
    predictions: { kind: 'classes', classes: CLASSES, probabilities: bothSides(scores) },
    baseline: { kind: 'classes', classes: CLASSES, probabilities: bothSides(scores.map(() => 0.4)) },
    threshold: 0.5,
    frame: frameOf({ region: regions, age: ages, id: ages.map((_, i) => `r${i}`) }),
    schema: schemaOf({ region: 'category', age: 'integer', id: 'identifier' }),
    protocol: { split: 'random, 20%', rows, trainRows: 4 * rows, seed: 3 },
    context: createContext({ seed: 3 }),
    ...changes,
  }
}

function regressed(rows: number): EvaluateInput {
  const rng = createRng(4)
  const x = Array.from({ length: rows }, () => rng.next() * 10)
  const actual = Float64Array.from(x, (value) => 3 * value + rng.normal())
  return {
    problem: problemOf({ task: 'regression', target: 'y', metric: 'rmse', classes: [], protectedColumns: ['kind'] }),
    target: { kind: 'number', values: actual },
    predictions: { kind: 'number', values: Float64Array.from(x, (value) => 3 * value + (value > 8 ? 5 : 0)) },
    baseline: { kind: 'number', values: new Float64Array(rows).fill(15) },
    threshold: undefined,
    frame: frameOf({ x, kind: x.map((value) => (value > 8 ? 'large' : 'small')) }),
    schema: schemaOf({ x: 'number', kind: 'category' }),
    protocol: { split: 'random, 20%', rows, trainRows: rows, seed: 1 },
    context: createContext({ seed: 1 }),
  }
}

function cardOf(evaluation: Evaluation, frame: Frame, schema: Schema, problem: Problem, name = 'shop'): string {
  const columns = summarizeColumns(frame, schema, ['region', 'age', 'x', 'kind'])
  return modelCard({
    name,
    estimator: 'gradient boosted trees',
    problem,
    evaluation,
    columns,
    dataset: { name: 'shop.csv', rows: evaluation.protocol.trainRows, hash: 'sha256:00' },
  })
}

describe('evaluatePredictions', () => {
  it('finds the slice where the model is weak, and nothing else', async () => {
    const { slices, verdict } = await evaluatePredictions(
      classified(4000, (region, age) => region === 'east' && age < 30),
    )
    expect(verdict.againstBaseline).toBe('better')
    expect(slices.found.length).toBeGreaterThan(0)
    const names = slices.found[0]!.conditions.map((condition) => condition.text)
    expect(names[0]).toBe('region = east')
    expect(names[1]).toMatch(/^18 ≤ age/)
    expect(slices.found[0]!.metric!.high).toBeLessThan(0.8)
    expect(slices.found.every((slice) => slice.rows >= slices.minRows)).toBe(true)
  })
  it('names the rows of errors as their table does', async () => {
    const input = classified(600, () => true)
    const tableRows = Uint32Array.from({ length: 600 }, (_, at) => 1000 + 2 * at)
    const { classification, idColumn } = await evaluatePredictions({ ...input, tableRows })
    expect(idColumn).toBe('id')
    for (const { row, tableRow, id } of classification!.largestErrors) {
      expect(tableRow).toBe(1000 + 2 * row)
      expect(id).toBe(`r${row}`)
    }
    const html = renderEvaluationHtml(await evaluatePredictions({ ...input, tableRows }))
    expect(html).toContain(`>r${classification!.largestErrors[0]!.row}<`)
  })
  it('gives no interval to what a constant baseline has on any rows', async () => {
    const { baseline } = await evaluatePredictions(classified(600, () => false))
    expect(baseline.rocAuc).toEqual({ value: 0.5, low: 0.5, high: 0.5 })
    expect(baseline.recall).toEqual({ value: 0, low: 0, high: 0 })
    expect(baseline.accuracy!.low).toBeLessThan(baseline.accuracy!.high)
  })
  it('says in its first lines whether predictions are too high on average', async () => {
    const html = renderEvaluationHtml(await evaluatePredictions(regressed(600)))
    expect(html).toMatch(/Predictions are too high on average: the mean residual \(actual − predicted\) is −[\d.]+ \[/)
    expect(html).toContain('Bias (mean residual)')
    expect(html).toMatch(/mape[^%]*%/)
  })
  it('reports no slice of noise', async () => {
    const { slices } = await evaluatePredictions(classified(4000, () => false))
    expect(slices.tested).toBeGreaterThan(10)
    expect(slices.found).toEqual([])
  })
  it('is plain JSON and the same for the same input', async () => {
    for (const input of [classified(600, () => false), regressed(600)]) {
      const evaluation = await evaluatePredictions(input)
      expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation)
      expect(JSON.stringify(await evaluatePredictions(input))).toBe(JSON.stringify(evaluation))
      expect(renderEvaluationHtml(evaluation)).toBe(renderEvaluationHtml(evaluation))
    }
  })
  it('measures the gap between protected groups', async () => {
    const input = classified(3000, () => false, { problem: problemOf({ protectedColumns: ['region', 'gone'] }) })
    const favoured = (input.frame.columns.get('region') as { codes: Int32Array }).codes
    const scores = Array.from(favoured, (code) => (code === 0 ? 0.9 : 0.1))
    const predictions = { kind: 'classes' as const, classes: CLASSES, probabilities: bothSides(scores) }
    const { groups, notes } = await evaluatePredictions({ ...input, predictions })
    expect(groups).toHaveLength(1)
    expect(groups[0]!.groups.map((group) => group.rates.selectionRate!.value).sort()).toEqual([0, 0, 1])
    const selection = groups[0]!.gaps.filter((gap) => gap.measure === 'selectionRate' && gap.difference.value !== 0)
    expect(selection.length).toBeGreaterThan(0)
    for (const gap of selection) {
      expect(gap.adjustedPValue).toBeLessThan(1e-6)
      expect(Math.abs(gap.difference.value)).toBe(1)
    }
    expect(notes.join()).toContain('gone')
  })
  it('finds bias and its slice in regression', async () => {
    const { regression, slices, groups, metrics } = await evaluatePredictions(regressed(2500))
    expect(metrics.r2!.value).toBeGreaterThan(0.8)
    expect(regression!.bias.high).toBeLessThan(0)
    expect(slices.found[0]!.conditions[0]!.text).toMatch(/x|kind = large/)
    const gap = groups[0]!.gaps.find(({ measure }) => measure === 'meanError')!
    expect(gap.difference.value).toBeCloseTo(5, 0)
    expect(regression!.residualHistogram.reduce((sum, bin) => sum + bin.rows, 0)).toBe(2500)
  })
  it('keeps to what one-class test rows define', async () => {
    const input = classified(50, () => false)
    const target = { kind: 'classes' as const, classes: CLASSES, codes: new Int32Array(50) }
    const evaluation = await evaluatePredictions({ ...input, target })
    expect(evaluation.metrics.rocAuc).toBeUndefined()
    expect(evaluation.verdict.againstBaseline).toBe('undefined')
    expect(evaluation.notes[0]).toContain('rocAuc')
    expect(renderEvaluationHtml(evaluation)).toContain('No verdict')
  })
  it('says where the parts do not belong together, and stops when asked', async () => {
    const input = classified(40, () => false)
    const other = { kind: 'classes' as const, classes: ['yes', 'no'], probabilities: new Float64Array(80).fill(0.5) }
    await expect(evaluatePredictions({ ...input, predictions: other })).rejects.toThrow(/classes no, yes/)
    await expect(evaluatePredictions({ ...input, frame: frameOf({ age: [1] }) })).rejects.toThrow(FivefoldError)
    await expect(
      evaluatePredictions({ ...input, target: { kind: 'number', values: new Float64Array(40) } }),
    ).rejects.toThrow(FivefoldError)
    const context = createContext({ signal: AbortSignal.abort() })
    await expect(evaluatePredictions({ ...input, context })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('criteria', () => {
  const metrics = { rocAuc: { value: 0.9, low: 0.88, high: 0.92 } }
  it('hold values against limits', () => {
    const [first, second, third] = checkCriteria(
      [
        { metric: 'rocAuc', atLeast: 0.89 },
        { metric: 'rocAuc', atMost: 0.5 },
        { metric: 'f1', atLeast: 0.1 },
      ],
      metrics,
    )
    expect(first).toMatchObject({ at_least: 0.89, met: true, uncertain: true })
    expect(second).toMatchObject({ at_most: 0.5, met: false, uncertain: false })
    expect(third).toEqual({ metric: 'f1', at_least: 0.1, met: false, uncertain: false })
  })
})

describe('report and model card', () => {
  it('escape hostile names', async () => {
    const attack = '<script>alert(1)</script>'
    const regions = Array.from({ length: 400 }, (_, i) => (i % 2 ? attack : 'plain | `x`'))
    const problem = problemOf({ target: attack, protectedColumns: [attack] })
    const input = {
      ...classified(400, () => false),
      problem,
      frame: frameOf({ [attack]: regions, __proto__x: regions }),
      schema: schemaOf({ [attack]: 'category', __proto__x: 'category' }),
    }
    const evaluation = await evaluatePredictions(input)
    expect(renderEvaluationHtml(evaluation, { model: attack })).not.toContain('<script>alert')
    const card = cardOf(evaluation, input.frame, input.schema, problem, `a"\n---\nb: ${attack}`)
    expect(card.split('\n---\n')).toHaveLength(2)
    expect(card.split('\n').find((line) => line.startsWith('# '))).not.toContain('<script>')
  })
  it('the card says what was measured and has no clock', async () => {
    const problem = problemOf({ protectedColumns: ['region'], criteria: [{ metric: 'rocAuc', atLeast: 0.7 }] })
    const input = classified(3000, (region) => region === 'east', { problem })
    const evaluation = await evaluatePredictions(input)
    const card = cardOf(evaluation, input.frame, input.schema, problem)
    for (const part of [
      '## Intended use',
      '## Limits',
      '## Ethical considerations',
      'region = east',
      'type: roc_auc',
      'random, 20%',
    ])
      expect(card).toContain(part)
    expect(card).toBe(cardOf(evaluation, input.frame, input.schema, problem))
    expect(card).not.toMatch(/p95|NaN|undefined|\[object/)
  })
  it('the report has a section for everything that was given', async () => {
    const input = classified(1500, () => false, { problem: problemOf({ protectedColumns: ['region'] }) })
    const evaluation = await evaluatePredictions(input)
    const html = renderEvaluationHtml(evaluation, {
      model: 'shop 3',
      latency: { p50: 0.1, p95: 0.2, p99: 0.3, mean: 0.1, calls: 500 },
      importance: { metric: 'rocAuc', rows: 500, columns: [{ name: 'age', value: 0.2, low: 0.1, high: 0.3 }] },
      labelIssues: { issues: [], share: 0 },
      sizeBytes: 1234,
    })
    for (const id of ['summary', 'metrics', 'ranking', 'errors', 'slices', 'groups', 'importance', 'labels', 'latency'])
      expect(html).toContain(`<section id="${id}"`)
    expect(html).not.toMatch(/NaN|undefined|\[object/)
  })
})

describe('measureLatency', () => {
  it('counts calls after warming up, by the given clock', async () => {
    let now = 0
    let calls = 0
    const clock = { nowMs: () => 0, monotonicMs: () => now }
    const predictOne = async () => {
      calls++
      now += calls <= 5 ? 1000 : 2
    }
    const batch = {
      rows: 100,
      predict: async () => {
        now += 10
      },
    }
    const latency = await measureLatency(predictOne, batch, { clock, warmUpCalls: 5, calls: 40 })
    expect(latency).toMatchObject({ p50: 2, p95: 2, p99: 2, mean: 2, calls: 40 })
    expect(latency.batch).toMatchObject({ p50: 10, rows: 100, rowsPerSecond: 10_000 })
    expect(calls).toBe(45)
  })
  it('keeps its budget', async () => {
    let now = 0
    const clock = { nowMs: () => 0, monotonicMs: () => now }
    const slow = async () => {
      now += 100
    }
    expect((await measureLatency(slow, undefined, { clock, warmUpCalls: 0, budgetMs: 500 })).calls).toBe(20)
  })
})

describe('labelIssues', () => {
  it('finds labels that were flipped', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { minLength: 1, maxLength: 12 }), (flipped) => {
        const truth = Int32Array.from({ length: 200 }, (_, i) => i % 2)
        const scores = Array.from(truth, (code) => (code === 1 ? 0.85 : 0.15))
        const codes = truth.map((code, i) => (flipped.includes(i) ? 1 - code : code))
        const { issues } = labelIssues({ kind: 'classes', classes: CLASSES, codes }, bothSides(scores))
        const found = new Set(issues.map((issue) => issue.row))
        expect(flipped.every((row) => found.has(row))).toBe(true)
        expect(issues.slice(0, flipped.length).every((issue) => flipped.includes(issue.row))).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
})

/** A folder beside the repository root, found by walking up. */
function sharedData(path: string): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const candidate = join(folder, '..', 'shared', 'data', path)
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

describe('on census data', () => {
  const file = sharedData('tabular/adult/adult-test.csv')
  if (file === undefined && process.env.CI === 'true') throw new Error('shared/data/tabular/adult is missing')
  if (file === undefined) console.warn('skipped: shared/data/tabular/adult/adult-test.csv is not there')
  it.skipIf(file === undefined)('a rule by education is worth more than the majority, and unfair by sex', async () => {
    const rows = readFileSync(file!, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',').map((cell) => cell.trim()))
    const people = rows.filter((row) => row.length === 15)
    const pick = (column: number): string[] => people.map((row) => row[column]!)
    const scores = pick(4).map((years) => Number(years) / 20)
    const problem = problemOf({ target: 'income', protectedColumns: ['sex'], metric: 'rocAuc' })
    const input: EvaluateInput = {
      ...classified(1, () => false),
      problem,
      target: {
        kind: 'classes',
        classes: CLASSES,
        codes: Int32Array.from(pick(14), (text) => (text.startsWith('>') ? 1 : 0)),
      },
      predictions: { kind: 'classes', classes: CLASSES, probabilities: bothSides(scores) },
      baseline: { kind: 'classes', classes: CLASSES, probabilities: bothSides(scores.map(() => 0.24)) },
      frame: frameOf({ age: pick(0).map(Number), married: pick(5), sex: pick(9) }),
      schema: schemaOf({ age: 'integer', married: 'category', sex: 'category' }),
      protocol: { split: 'file', rows: people.length, trainRows: 1, seed: 3 },
    }
    const evaluation = await evaluatePredictions(input)
    expect(evaluation.protocol.rows).toBe(16281)
    expect(evaluation.verdict.againstBaseline).toBe('better')
    expect(evaluation.slices.found.length).toBeGreaterThan(0)
    expect(evaluation.groups[0]!.gaps.some((gap) => gap.adjustedPValue < 0.01)).toBe(true)
    expect(evaluation.classification!.curves[0]!.roc.length).toBeLessThanOrEqual(200)
  })
})
