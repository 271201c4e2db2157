import { z } from 'zod'
import { allocateFeature, type Target } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { concat, squeeze } from './graph-ops.ts'
import { countLevels, levelCodes, levelsSchema } from './levels.ts'
import { compileLookup } from './levels-graph.ts'
import { stepSchemas } from './step.ts'
import { defineTransform, type TransformFitInput, type TransformGraphInput } from './transform.ts'

const stateSchema = z.strictObject({
  levels: levelsSchema,
  /** What the features say: '' for a number or two classes, else the class of each. */
  outputs: z.array(z.string()).min(1),
  /** One array a feature: the value of each level, then of missing, then of unseen. */
  values: z.array(z.array(z.number())),
})
type State = z.infer<typeof stateSchema>

export const targetEncodingTransform = defineTransform({
  name: 'targetEncoding',
  options: stepSchemas.targetEncoding,
  state: stateSchema,
  accepts: ({ type }) => type !== 'text',
  fit(input, options) {
    const { levels } = countLevels(input.values, input.column.tensor)
    const codes = levelCodes(levels, input.values)
    const folds = assignFolds(input, options.folds)
    const indicators = targetIndicators(input.target)
    const results = indicators.map(({ value }) =>
      encodeIndicator({
        value,
        codes,
        folds,
        foldCount: options.folds,
        tableSize: levels.values.length + 2,
        smoothing: options.smoothing,
      }),
    )
    return {
      state: { levels, outputs: indicators.map(({ name }) => name), values: results.map(({ table }) => table) },
      training: results.map(({ training }) => training),
    }
  },
  featureNames: ({ outputs }, columnName) =>
    outputs.map((output) => (output === '' ? `${columnName} target mean` : `${columnName} target mean of ${output}`)),
  apply({ levels, values: tables }, values, rowCount) {
    const codes = levelCodes(levels, values)
    return tables.map((table) => gather(Float32Array.from(table), codes, rowCount))
  },
  compile: (state, input, builder) => compileTable(builder, input, state),
  compileTogether(parts, builder) {
    return concat(
      builder,
      parts.map((part) => compileTable(builder, part, part.state)),
    )
  },
})

function gather(table: Float32Array, codes: Int32Array, rowCount: number): Float32Array {
  const out = allocateFeature(rowCount)
  for (let i = 0; i < rowCount; i++) out[i] = table[codes[i]!]!
  return out
}

/** The same folds for every column, since the stream depends on nothing but its name. */
function assignFolds({ rowCount, context }: TransformFitInput, foldCount: number): Uint8Array {
  const rng = context.rng.fork('target-encoding')
  const order = rng.shuffle(Uint32Array.from({ length: rowCount }, (_, row) => row))
  const folds = new Uint8Array(rowCount)
  for (let i = 0; i < rowCount; i++) folds[order[i]!] = i % foldCount
  return folds
}

interface Indicator {
  readonly name: string
  value(row: number): number
}

function targetIndicators(target: Target): Indicator[] {
  if (target.kind === 'number') return [{ name: '', value: (row) => target.values[row]! }]
  return target.classes.slice(1).map((name, i) => ({
    name: target.classes.length === 2 ? '' : name,
    value: (row) => (target.codes[row] === i + 1 ? 1 : 0),
  }))
}

interface Encoding {
  value(row: number): number
  readonly codes: Int32Array
  readonly folds: Uint8Array
  readonly foldCount: number
  readonly tableSize: number
  readonly smoothing: number
}

/** Sums by fold and level; a row's own fold is subtracted from the totals for its training value. */
function encodeIndicator(encoding: Encoding): { table: number[]; training: Float32Array } {
  const { codes, folds, foldCount, tableSize } = encoding
  const sums = new Float64Array(foldCount * tableSize)
  const counts = new Float64Array(foldCount * tableSize)
  for (let row = 0; row < codes.length; row++) {
    const cell = folds[row]! * tableSize + codes[row]!
    sums[cell]! += encoding.value(row)
    counts[cell]!++
  }
  const tableWithout = (left: number): number[] => {
    const sum = sumFolds(sums, tableSize, left)
    const count = sumFolds(counts, tableSize, left)
    return shrink(sum, count, encoding.smoothing)
  }
  const perFold = Array.from({ length: foldCount }, (_, fold) => Float32Array.from(tableWithout(fold)))
  const training = allocateFeature(codes.length)
  for (let row = 0; row < codes.length; row++) training[row] = perFold[folds[row]!]![codes[row]!]!
  return { table: tableWithout(-1), training }
}

function sumFolds(cells: Float64Array, tableSize: number, left: number): Float64Array {
  const total = new Float64Array(tableSize)
  for (let at = 0; at < cells.length; at++) {
    if (Math.floor(at / tableSize) !== left) total[at % tableSize]! += cells[at]!
  }
  return total
}

/** Levels without rows, and the unseen, get the overall mean. */
function shrink(sums: Float64Array, counts: Float64Array, smoothing: number): number[] {
  const rows = counts.reduce((a, b) => a + b, 0)
  const mean = rows === 0 ? 0 : sums.reduce((a, b) => a + b, 0) / rows
  return Array.from(sums, (sum, i) => (counts[i] === 0 ? mean : (sum + smoothing * mean) / (counts[i]! + smoothing)))
}

function compileTable(b: GraphBuilder, input: TransformGraphInput, { levels, values }: State): ValueRef {
  const count = levels.values.length
  if (values.length === 1) {
    const [missing, unseen] = [values[0]![count]!, values[0]![count + 1]!]
    return compileLookup(b, input, levels, { type: 'float', levels: values[0]!.slice(0, count), missing, unseen })
  }
  const indexes = compileLookup(b, input, levels, {
    type: 'int64',
    levels: [...levels.values.keys()],
    missing: count,
    unseen: count + 1,
  })
  const rows = Float32Array.from({ length: (count + 2) * values.length }, (_, at) => {
    return values[at % values.length]![Math.floor(at / values.length)]!
  })
  const table = b.constant({ type: 'float', shape: [count + 2, values.length], data: rows })
  return squeeze(b, b.node('Gather', [table, indexes]), 1)
}
