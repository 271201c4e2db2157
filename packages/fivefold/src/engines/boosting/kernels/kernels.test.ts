import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ReferenceCell,
  type ReferenceRecord,
  referenceBestSplit,
  referenceBin,
  referenceGoesLeft,
  referenceGradient,
  referenceHistogram,
  referenceLogisticLoss,
  referenceSoftmax,
  referenceSplitScore,
} from './kernels.reference.ts'
import { allocateMemory, compileKernels, instantiateKernels } from './kernels.ts'

const memory = allocateMemory(4 * 2 ** 20)
const kernels = instantiateKernels(compileKernels(), memory)
const float32 = new Float32Array(memory.buffer)
const float64 = new Float64Array(memory.buffer)
const uint32 = new Uint32Array(memory.buffer)
const int32 = new Int32Array(memory.buffer)
const bytes = new Uint8Array(memory.buffer)

/** Addresses far enough apart for everything below. */
const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map((slot) => slot * 2 ** 19) as [
  number,
  number,
  number,
  number,
  number,
  number,
]

function put(address: number, values: readonly number[]): void {
  float32.fill(0, address / 4, address / 4 + values.length + 4)
  float32.set(values, address / 4)
}

const take = (address: number, count: number): number[] => [...float32.subarray(address / 4, address / 4 + count)]

function putRecords(address: number, records: readonly ReferenceRecord[]): void {
  for (const [i, { row, hessian, gradient }] of records.entries()) {
    uint32[address / 4 + 2 * i] = row
    int32[address / 4 + 2 * i + 1] = (gradient << 16) | hessian
  }
}

function takeRecords(address: number, count: number): ReferenceRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const packed = int32[address / 4 + 2 * i + 1]!
    return { row: uint32[address / 4 + 2 * i]!, hessian: packed & 0xffff, gradient: packed >> 16 }
  })
}

const floats = fc.float({ noNaN: true, min: Math.fround(-1e6), max: Math.fround(1e6) })
const records = (rowCount: number) =>
  fc.array(
    fc.record({
      row: fc.nat(rowCount - 1),
      hessian: fc.nat(65_535),
      gradient: fc.integer({ min: -32_767, max: 32_767 }),
    }),
    { minLength: 1, maxLength: 300 },
  )

describe('kernels', () => {
  it('exports what the interface says', () => {
    const source = readFileSync(new URL('./kernels.ts', import.meta.url), 'utf8')
    const declared = [...source.matchAll(/^ {2}(\w+): Kernel</gm)].map((match) => match[1]!)
    const exported = Object.keys(kernels).filter((name) => typeof kernels[name as keyof typeof kernels] === 'function')
    expect(exported.sort()).toEqual(declared.sort())
  })

  it('sorts floats', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 500 }), (values) => {
        put(A, values)
        kernels.sortFloats(A, B, values.length, C)
        const sorted = Float32Array.from(values).sort()
        expect(take(A, values.length)).toEqual([...sorted])
      }),
    )
  })

  it('bins values by cuts, by column and by row', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(floats, { maxLength: 254, comparator: (a, b) => a + 0 === b + 0 }),
        fc.array(fc.oneof(floats, fc.constantFrom(Number.NaN, Infinity, -Infinity)), { minLength: 1, maxLength: 50 }),
        (cutSet, extra) => {
          const cuts = [...cutSet].sort((a, b) => a - b)
          const values = [...extra, ...cuts.slice(0, 20)]
          put(A, values)
          float32.fill(Infinity, B / 4, B / 4 + 256)
          float32.set(cuts, B / 4)
          kernels.binColumn(A, values.length, B, C, D + 3, 8)
          const expected = values.map((value) => referenceBin(value, cuts))
          expect([...bytes.subarray(C, C + values.length)]).toEqual(expected)
          expect(values.map((_, i) => bytes[D + 3 + 8 * i])).toEqual(expected)
        },
      ),
    )
  })

  it('links scores to probabilities and sums losses, leaving out the padding', () => {
    const row = fc.record({
      score: fc.double({ min: -30, max: 30, noNaN: true }),
      target: fc.constantFrom(0, 1),
      weight: fc.double({ min: 0, max: 3, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.boolean(), (rows, isWeighted) => {
        put(
          A,
          rows.map((r) => r.score),
        )
        put(
          B,
          rows.map((r) => r.target),
        )
        put(
          C,
          rows.map((r) => r.weight),
        )
        const loss = kernels.logisticLink(A, B, isWeighted ? C : 0, 0, rows.length, D)
        const scores = take(A, rows.length)
        const weights = isWeighted ? take(C, rows.length) : rows.map(() => 1)
        const expected = scores.reduce((sum, s, i) => sum + weights[i]! * referenceLogisticLoss(s, rows[i]!.target), 0)
        expect(Math.abs(loss - expected)).toBeLessThan(1e-6 * (1 + expected))
        for (const [i, p] of take(D, rows.length).entries()) expect(p).toBeCloseTo(1 / (1 + Math.exp(-scores[i]!)), 6)
      }),
    )
  })

  it('keeps the relative precision of small probabilities', () => {
    put(A, [-80, -40, -20, 0])
    kernels.logisticLink(A, B, 0, 0, 4, D)
    for (const [i, p] of take(D, 4).entries()) {
      const exact = 1 / (1 + Math.exp((80 / 2 ** i) * (i === 3 ? 0 : 1)))
      expect(Math.abs(p / exact - 1)).toBeLessThan(1e-6)
    }
  })

  it('takes softmax over classes', () => {
    const classCount = 3
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 }), fc.nat(2)),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        (rows) => {
          const stride = 4096
          for (let c = 0; c < classCount; c++)
            put(
              A + c * stride,
              rows.map(([scores]) => scores[c]!),
            )
          put(
            B,
            rows.map(([, target]) => target),
          )
          const loss = kernels.softmaxLink(A, stride, classCount, B, 0, 0, rows.length, C)
          let expected = 0
          for (const [i, [, target]] of rows.entries()) {
            const probabilities = referenceSoftmax([0, 1, 2].map((c) => take(A + c * stride, i + 1)[i]!))
            expected -= Math.log(probabilities[target]!)
            for (let c = 0; c < classCount; c++)
              expect(take(C + c * stride, i + 1)[i]).toBeCloseTo(probabilities[c]!, 6)
          }
          expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * (1 + expected))
        },
      ),
    )
  })

  it('sums squared errors', () => {
    put(A, [1, 2, 3, 4, 5])
    put(B, [0, 2, 5, 4, 4])
    put(C, [1, 1, 2, 1, 3])
    expect(kernels.squaredLoss(A, B, C, 0, 5)).toBe(1 + 0 + 8 + 0 + 3)
    expect(kernels.squaredLoss(A, B, 0, 0, 5)).toBe(1 + 0 + 4 + 0 + 1)
  })

  it('measures and quantises gradients, unbiased and within one step', () => {
    const rowCount = 1001
    const predictions = Array.from({ length: rowCount }, (_, i) => (i + 0.5) / rowCount)
    const targets = predictions.map((_, i) => i % 3)
    const weights = predictions.map((_, i) => (i % 5) / 2)
    put(A, predictions)
    put(B, targets)
    put(C, weights)
    for (const classCode of [undefined, 1]) {
      const kind = classCode === undefined ? 0 : 1
      const exact = predictions.map((p, i) => referenceGradient(p, targets[i]!, weights[i]!, classCode, 1.5))
      kernels.gradientStatistics(A, B, C, 0, rowCount, kind, classCode ?? 0, 1.5, D)
      const sum = (values: number[]): number => values.reduce((a, b) => a + b)
      const gradients = exact.map(({ gradient }) => Math.abs(gradient))
      const hessians = exact.map(({ hessian }) => hessian)
      expect(float64[D / 8]).toBeCloseTo(Math.max(...gradients), 5)
      expect(float64[D / 8 + 1]).toBeCloseTo(sum(gradients), 3)
      expect(float64[D / 8 + 2]).toBeCloseTo(Math.max(...hessians), 5)
      expect(float64[D / 8 + 3]).toBeCloseTo(sum(hessians), 3)
      kernels.quantiseGradients(A, B, C, 0, rowCount, kind, classCode ?? 0, 1.5, 10, 20, 1, 77, E)
      const quantised = takeRecords(E, rowCount)
      let bias = 0
      for (const [i, { row, gradient, hessian }] of quantised.entries()) {
        expect(row).toBe(i)
        expect(Math.abs(gradient - exact[i]!.gradient * 10)).toBeLessThan(1.001)
        expect(Math.abs(hessian - exact[i]!.hessian * 20)).toBeLessThan(1.001)
        bias += gradient - exact[i]!.gradient * 10
      }
      // Standard deviation of the mean of 1001 roundings is below 0.016.
      expect(Math.abs(bias / rowCount)).toBeLessThan(0.06)
      kernels.quantiseGradients(A, B, C, 0, rowCount, kind, classCode ?? 0, 1.5, 10, 20, 0, 77, E)
      for (const [i, { gradient, hessian }] of takeRecords(E, rowCount).entries()) {
        expect(Math.abs(gradient - exact[i]!.gradient * 10)).toBeLessThan(0.501)
        expect(Math.abs(hessian - exact[i]!.hessian * 20)).toBeLessThan(0.501)
      }
      kernels.leafGradientSums(E, rowCount, A, B, C, kind, classCode ?? 0, 1.5, F)
      expect(float64[F / 8]).toBeCloseTo(sum(exact.map(({ gradient }) => gradient)), 3)
      expect(float64[F / 8 + 1]).toBeCloseTo(sum(hessians), 3)
    }
  })

  it('separates a random sample of about the asked share, both parts in order', () => {
    const all = Array.from({ length: 10_000 }, (_, row) => ({ row, hessian: row % 7, gradient: (-row % 5) | 0 }))
    putRecords(A, all)
    const kept = kernels.separateSample(A, all.length, B, 5, 0.3 * 2 ** 32)
    expect(Math.abs(kept - 3000)).toBeLessThan(200)
    const rows = takeRecords(A, all.length).map(({ row }) => row)
    const isAscending = (part: number[]): boolean => part.every((row, i) => i === 0 || row > part[i - 1]!)
    expect(isAscending(rows.slice(0, kept)) && isAscending(rows.slice(kept))).toBe(true)
    expect([...rows].sort((a, b) => a - b)).toEqual(all.map(({ row }) => row))
  })

  it('accumulates exact histograms and counts', () => {
    const [rowCount, features, stride] = [64, 11, 16]
    fc.assert(
      fc.property(records(rowCount), fc.integer(), fc.constantFrom(0, 32), (input, salt, touchAhead) => {
        const binOf = (row: number, feature: number): number => Math.abs(row * 31 + feature * 17 + salt) % 256
        for (let row = 0; row < rowCount; row++)
          for (let feature = 0; feature < features; feature++) {
            bytes[A + row * stride + feature] = binOf(row, feature)
            bytes[F + feature * rowCount + row] = binOf(row, feature)
          }
        putRecords(B, input)
        bytes.fill(7, C, C + (features + 1) * 2048)
        uint32.set([1, 0, features * 2048], E / 4)
        kernels.accumulateHistogram(A, stride, B, input.length, C, E, features, touchAhead)
        for (let feature = 0; feature < features; feature++)
          kernels.countBins(F + feature * rowCount, B, input.length, D + feature * 1024)
        for (let feature = 0; feature < features; feature++) {
          const expected = referenceHistogram(input, (row) => binOf(row, feature))
          for (const [bin, cell] of expected.entries()) {
            const word = C / 4 + feature * 512 + bin * 2
            expect([int32[word + 1], uint32[word]]).toEqual([cell.gradient, cell.hessian])
            expect(uint32[D / 4 + feature * 256 + bin]).toBe(cell.rows)
          }
        }
        // What lies behind the last feature is not touched.
        expect(bytes.subarray(C + features * 2048, C + (features + 1) * 2048).every((byte) => byte === 7)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('clears the cells in use and no others', () => {
    bytes.fill(7, A, A + 4096)
    uint32.set([3, 0, 64, 96, 128, 1024, 2048], B / 4)
    kernels.clearCells(A, B)
    for (let at = 0; at < 4096; at++) {
      const isInUse = at < 64 || (at >= 96 && at < 128) || (at >= 1024 && at < 2048)
      expect(bytes[A + at]).toBe(isInUse ? 0 : 7)
    }
  })

  it('finishes a histogram: adds its parts, and leaves the sibling in the place of its parent', () => {
    // Two features, of 255 bins and of 5; the other cells of the second are not in use.
    const partBytes = 2 * 2048
    const isInUse = (cell: number): boolean => cell < 256 + 8 || cell >= 256 + 252
    const cells = fc.array(fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }), { minLength: 512, maxLength: 512 })
    const big = new BigInt64Array(memory.buffer)
    uint32.set([0, 2040, 0, 0, 2048, 4088, 0, 0], E / 4)
    int32.set([255, 5], F / 4)
    fc.assert(
      fc.property(cells, cells, cells, cells, (fresh, first, second, parent) => {
        for (const [address, values] of [
          [A, fresh],
          [B, first],
          [B + partBytes, second],
          [C, parent],
        ] as const)
          big.set(values, address / 8)
        for (const feature of [0, 1]) kernels.finishHistogram(A, B, partBytes, 2, C, feature, feature + 1, E, F)
        for (let cell = 0; cell < 512; cell++) {
          const sum = fresh[cell]! + first[cell]! + second[cell]!
          expect(big[A / 8 + cell]).toBe(isInUse(cell) ? sum : fresh[cell])
          expect(big[C / 8 + cell]).toBe(isInUse(cell) ? parent[cell]! - sum : parent[cell])
        }
      }),
      { numRuns: 20 },
    )
  })

  it('accumulates listed cells into the same histograms, the frequent bins being what is left', () => {
    const [rowCount, binCounts, frequent] = [40, [6, 255, 3], [2, 0, 255]]
    fc.assert(
      fc.property(records(rowCount), fc.integer(), (input, salt) => {
        const binOf = (row: number, feature: number): number => {
          const number = Math.abs(row * 31 + feature * 17 + salt)
          if (number % 3 > 0) return frequent[feature]!
          return number % 5 === 0 ? 255 : number % binCounts[feature]!
        }
        // Cells of each feature, four at a time, and four for missing values; before them four for the total.
        const cellsOf = binCounts.map((bins) => Math.ceil(bins / 4) * 4 + 4)
        const first = cellsOf.map((_, i) => 4 + cellsOf.slice(0, i).reduce((a, b) => a + b, 0))
        const missing = cellsOf.map((cells, i) => first[i]! + cells - 4)
        const cell = (feature: number, bin: number): number => (bin === 255 ? missing[feature]! : first[feature]! + bin)
        bytes.fill(0, B, B + rowCount * 4)
        for (const [feature] of binCounts.entries()) {
          for (let row = 0; row < rowCount; row++) bytes[A + feature * rowCount + row] = binOf(row, feature)
          kernels.countOthers(A + feature * rowCount, rowCount, frequent[feature]!, B)
        }
        kernels.startLists(B, rowCount)
        kernels.copyBytes(C, B, rowCount * 4)
        for (const [feature] of binCounts.entries()) {
          const cells = [first[feature]!, missing[feature]!] as const
          kernels.listOthers(A + feature * rowCount, rowCount, frequent[feature]!, ...cells, C, D)
          const table = [...cells, cell(feature, frequent[feature]!)].map((index) => index * 8)
          uint32.set([...table, 0], A / 4 + 1000 + feature * 4)
        }
        int32.set(binCounts, A / 4 + 2000)
        putRecords(E, input)
        uint32.set([1, 0, (missing.at(-1)! + 4) * 8], A / 4 + 3000)
        bytes.fill(7, F, F + 8192)
        // The records in two parts, of which the second is the private one.
        const half = input.length >> 1
        const part = F + 8192
        kernels.accumulateLists(B, D, E, half, F, A + 12_000)
        kernels.accumulateLists(B, D, E + half * 8, input.length - half, part, A + 12_000)
        kernels.finishHistogram(F, part, 8192, 1, 0, 0, binCounts.length, A + 4000, A + 8000)
        for (const [feature, bins] of binCounts.entries()) {
          const expected = referenceHistogram(input, (row) => binOf(row, feature))
          for (const bin of [...Array(bins).keys(), 255]) {
            const word = F / 4 + cell(feature, bin) * 2
            expect([int32[word + 1], uint32[word]]).toEqual([expected[bin]!.gradient, expected[bin]!.hessian])
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('finds the best split, with and without row counts', () => {
    const rowCount = 40
    const limits = fc.record({
      l1: fc.constantFrom(0, 500),
      l2: fc.constantFrom(0, 1, 1000),
      minHessian: fc.constantFrom(1, 50_000),
      minRows: fc.constantFrom(1, 5),
    })
    fc.assert(
      fc.property(
        records(rowCount),
        fc.integer({ min: 1, max: 255 }),
        limits,
        fc.boolean(),
        (input, bins, limit, gaps) => {
          const binCounts = [bins, Math.max(1, bins - 1), 1]
          const binOf = (row: number, feature: number): number =>
            gaps && row % 4 === feature ? 255 : (row * 37 + feature * 11) % binCounts[feature]!
          const histograms = binCounts.map((_, feature) => referenceHistogram(input, (row) => binOf(row, feature)))
          for (const [feature, cells] of histograms.entries())
            for (const [bin, cell] of cells.entries()) {
              uint32[A / 4 + feature * 512 + bin * 2] = cell.hessian
              int32[A / 4 + feature * 512 + bin * 2 + 1] = cell.gradient
              uint32[C / 4 + feature * 256 + bin] = cell.rows
            }
          int32.set(binCounts, B / 4)
          const total = (of: (record: ReferenceRecord) => number): number => input.reduce((sum, r) => sum + of(r), 0)
          const sums = [total((r) => r.gradient), total((r) => r.hessian)] as const
          // Where each feature's cells begin, and its missing values.
          uint32.set([0, 2040, 0, 0, 2048, 4088, 0, 0, 4096, 6136, 0, 0], E / 4)
          const common = [A, 0, 3, B, E, ...sums, 1, 1, limit.l1, limit.l2, limit.minHessian] as const
          kernels.findBestSplit(...common, D)
          expectBest(histograms, binCounts, { ...limit, minRows: 0 })
          const [, , , ...rest] = common
          kernels.findBestSplits(A, 3, ...rest, D)
          const each = [0, 1, 2].map((feature) => [...float64.subarray(D / 8 + feature * 8, D / 8 + feature * 8 + 2)])
          for (const [feature, [score, found]] of each.entries()) {
            const alone = referenceBestSplit([histograms[feature]!], [binCounts[feature]!], { ...limit, minRows: 0 })
            expect(Math.abs(score! - alone.score)).toBeLessThanOrEqual(1e-12 * alone.score)
            expect(found).toBe(alone.feature < 0 ? -1 : feature)
          }
          kernels.findBestSplitLimited(...common, C, input.length, limit.minRows, 0, -Infinity, Infinity, D)
          expectBest(histograms, binCounts, limit)
        },
      ),
      { numRuns: 60 },
    )
    // Several cuts may be equally good: what counts is the score of the one that was found.
    function expectBest(
      histograms: ReferenceCell[][],
      binCounts: number[],
      limits: Parameters<typeof referenceSplitScore>[3],
    ): void {
      const expected = referenceBestSplit(histograms, binCounts, limits)
      const [score, feature, bin, missingLeft] = float64.subarray(D / 8, D / 8 + 4)
      expect(Math.abs(score! - expected.score)).toBeLessThanOrEqual(1e-12 * expected.score)
      expect(feature! < 0).toBe(expected.feature < 0)
      if (feature! < 0) return
      const found = referenceSplitScore(histograms[feature!]!, bin!, missingLeft === 1, limits)
      expect(Math.abs(found - expected.score)).toBeLessThanOrEqual(1e-12 * expected.score)
    }
  })

  it('partitions records stably', () => {
    const rowCount = 50
    fc.assert(
      fc.property(records(rowCount), fc.nat(254), fc.boolean(), (input, bin, missingLeft) => {
        const binOf = (row: number): number => (row % 6 === 0 ? 255 : (row * 41) % 256)
        for (let row = 0; row < rowCount; row++) bytes[A + row] = binOf(row)
        putRecords(B, input)
        const leftCount = kernels.partitionRecords(A, B, input.length, bin, missingLeft ? 1 : 0, C)
        const goesLeft = ({ row }: ReferenceRecord): boolean => referenceGoesLeft(binOf(row), bin, missingLeft)
        expect(takeRecords(B, leftCount)).toEqual(input.filter(goesLeft))
        expect(takeRecords(C, input.length - leftCount)).toEqual(input.filter((record) => !goesLeft(record)))
      }),
    )
  })

  it.each([
    ['bins', 4 | 256],
    ['categories', 512],
  ])('adds leaf values and walks trees by %s', (_, split) => {
    // The same rows go left by either: bins 0 to 4, and the missing one.
    bytes.fill(0, E, E + 32 * 8)
    uint32[(E + 2 * 32) / 4] = 0b11111
    uint32[(E + 2 * 32) / 4 + 7] = 2 ** 31
    const rowCount = 20
    const binOf = (row: number, feature: number): number => (row % 5 === 2 ? 255 : (row * 13 + feature * 7) % 20)
    for (let row = 0; row < rowCount; row++)
      for (let feature = 0; feature < 2; feature++) bytes[A + feature * rowCount + row] = binOf(row, feature)
    // Root tests feature 1 at bin 9, missing right; its right child tests feature 0 at bin 4, missing left.
    const nodes = [
      { value: 0, feature: 1, split: 9, left: 1 },
      { value: 10, feature: -1, split: 0, left: 0 },
      { value: 0, feature: 0, split, left: 3 },
      { value: 20, feature: -1, split: 0, left: 0 },
      { value: 30, feature: -1, split: 0, left: 0 },
    ]
    for (const [i, node] of nodes.entries()) {
      float32[B / 4 + i * 4] = node.value
      int32[B / 4 + i * 4 + 1] = node.feature
      uint32.set([node.split, node.left], B / 4 + i * 4 + 2)
    }
    const expected = Array.from({ length: rowCount }, (_, row) => {
      if (referenceGoesLeft(binOf(row, 1), 9, false)) return 11
      return referenceGoesLeft(binOf(row, 0), 4, true) ? 21 : 31
    })
    put(C, new Array(rowCount).fill(1))
    kernels.addTreeToScores(A, rowCount, B, E, 0, 0, rowCount, C)
    expect(take(C, rowCount)).toEqual(expected)
    putRecords(
      D,
      [4, 9, 2].map((row) => ({ row, hessian: 0, gradient: 0 })),
    )
    kernels.addTreeToScores(A, rowCount, B, E, D, 1, 3, C)
    kernels.addLeafValue(C, D, 1, 100)
    const changed = expected.map(
      (value, row) => value + (row === 9 || row === 2 ? value - 1 : 0) + (row === 4 ? 100 : 0),
    )
    expect(take(C, rowCount)).toEqual(changed)
  })
})
