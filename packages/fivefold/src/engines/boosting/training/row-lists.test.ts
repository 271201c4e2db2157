import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { boostingModelToJson } from '../model/model-json.ts'
import { type BoostingParams, resolveParams } from '../parameters.ts'
import { binary, matrix, numbers } from './tables.reference.ts'
import { trainInWorkers } from './train-in-workers.ts'
import { trainSynchronously } from './train-synchronously.ts'
import { prepareJob } from './training-data.ts'
import type { TrainingJob } from './training-job.ts'

interface Shape {
  readonly seed: number
  readonly rows: number
  /** Share of the rows that have the frequent value. */
  readonly share: number
  readonly isMissingFrequent: boolean
}

/** Twelve features with a frequent value, one constant feature and one without. */
function sparseTable({ seed, rows, share, isMissingFrequent }: Shape): { features: FeatureMatrix; signal: number[] } {
  const rng = createRng(seed)
  const columns: Record<string, number[]> = { plain: Array.from({ length: rows }, () => rng.normal()) }
  for (let feature = 0; feature < 12; feature++)
    columns[`sparse ${feature}`] = Array.from({ length: rows }, () => {
      if (rng.next() < share) return isMissingFrequent ? Number.NaN : 3
      return rng.next() < 0.1 ? Number.NaN : Math.round(rng.normal() * 4 ** (feature % 4))
    })
  columns.constant = new Array<number>(rows).fill(7)
  const features = matrix(columns)
  const signal = Array.from({ length: rows }, (_, row) =>
    features.values.reduce((sum, column, i) => sum + Math.sin(i + (Number.isNaN(column[row]!) ? 1 : column[row]!)), 0),
  )
  return { features, signal }
}

const bytesOf = (job: TrainingJob): string => JSON.stringify(boostingModelToJson(trainSynchronously(job)))
const withoutLists = (job: TrainingJob): TrainingJob => ({ ...job, frequent: job.frequent.map(() => undefined) })

describe('listed features', () => {
  it('change nothing about a model', () => {
    const shapes = fc.record({
      seed: fc.nat(1e6),
      rows: fc.integer({ min: 200, max: 500 }),
      share: fc.constantFrom(0.7, 0.9, 0.95),
      isMissingFrequent: fc.boolean(),
    })
    const params = fc.record({
      rounds: fc.constant(6),
      growth: fc.constantFrom('leaf' as const, 'depth' as const),
      minLeafRows: fc.constantFrom(1, 15),
      rowSample: fc.constantFrom(1, 0.6),
      columnSample: fc.constantFrom(1, 0.5),
      maxBins: fc.constantFrom(7, 255),
      monotone: fc.constantFrom({}, { 'sparse 1': 1 as const }),
    })
    fc.assert(
      fc.property(shapes, params, fc.boolean(), (shape, chosen: Partial<BoostingParams>, classify) => {
        const { features, signal } = sparseTable(shape)
        const target = classify ? binary(signal.map((value, i) => Number(i < 2 ? i : value > 0))) : numbers(signal)
        const data = { features, target, validation: { features, target } }
        const job = prepareJob(data, resolveParams(chosen), 5)
        const { listBlocks, rowBlocks } = planMemory(job, 1)
        expect(listBlocks.flatMap((block) => block.features).length).toBeGreaterThanOrEqual(8)
        expect(rowBlocks.flatMap((block) => block.features)).not.toContain(13)
        expect(bytesOf(job)).toBe(bytesOf(withoutLists(job)))
      }),
      { numRuns: 40 },
    )
  })

  it('give the same model for any number of threads, with no feature that every row is read of', async () => {
    const { features, signal } = sparseTable({ seed: 1, rows: 40_000, share: 0.9, isMissingFrequent: false })
    const sparse = { ...features, names: features.names.slice(1), values: features.values.slice(1) }
    const job = prepareJob({ features: sparse, target: numbers(signal) }, resolveParams({ rounds: 4 }), 5)
    expect(planMemory(job, 1).rowBlocks).toEqual([])
    const [shared] = await trainInWorkers(job, createContext({ threads: 2 }), {})
    expect(JSON.stringify(boostingModelToJson(shared!))).toBe(bytesOf(withoutLists(job)))
  })

  it('may all be constant', () => {
    const features = matrix({ a: [1, 1, 1, 1], b: [2, 2, 2, 2] })
    const job = prepareJob({ features, target: numbers([1, 2, 3, 4]) }, resolveParams({ rounds: 2, minLeafRows: 1 }), 0)
    expect(trainSynchronously(job).trees.feature.every((feature) => feature < 0)).toBe(true)
  })
})
