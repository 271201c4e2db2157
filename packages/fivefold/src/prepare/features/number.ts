import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import { allocateFeature, type Column, type ColumnSchema, isNumeric } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { cast, isWithin, joinNumbers } from './graph-ops.ts'
import {
  applyNumberOp,
  cleanNumber,
  FLOAT32_MAX,
  fitNumberChain,
  type NumberOp,
  numberOpSchema,
} from './number-chain.ts'
import { compileNumberChains } from './number-graph.ts'
import { stepSchemas } from './step.ts'
import { defineTransform, type TransformGraphInput } from './transform.ts'

export const acceptsNumber = (column: ColumnSchema): boolean => isNumeric(column.type, column.tensor)

/** The values of a column that a step takes as numbers. */
export function numbersOf(values: Column): Float64Array {
  if (values.kind === 'number') return values.values
  throw new FivefoldError('DATA_TYPE_MISMATCH', 'a column holds text where the feature step needs numbers')
}

function applyChain(ops: readonly NumberOp[], values: Column, rowCount: number): Float32Array[] {
  const out = allocateFeature(rowCount)
  const source = numbersOf(values)
  if (ops.length === 0) {
    for (let i = 0; i < rowCount; i++) out[i] = cleanNumber(source[i]!)
    return [out]
  }
  const scratch = source.map(cleanNumber)
  for (const op of ops) applyNumberOp(op, scratch)
  out.set(scratch)
  return [out]
}

/** The chain of numeric steps of a column: one feature. */
export const numberTransform = defineTransform({
  name: 'number',
  options: stepSchemas.number,
  state: z.strictObject({ ops: z.array(numberOpSchema) }),
  accepts: acceptsNumber,
  fit: ({ values }, { steps }) => ({ state: { ops: fitNumberChain(steps, numbersOf(values).map(cleanNumber)) } }),
  featureNames: (_, columnName) => [columnName],
  apply: ({ ops }, values, rowCount) => applyChain(ops, values, rowCount),
  compile: (state, input, builder) => compileNumberChains(builder, [{ ...input, state }]),
  groupKey: ({ ops }) => ops.map(({ op }) => op).join('-'),
  compileTogether: (parts, builder) => compileNumberChains(builder, parts),
})

/** 1 where the number is missing. */
export const missingIndicatorTransform = defineTransform({
  name: 'missingIndicator',
  options: stepSchemas.missingIndicator,
  state: z.strictObject({}),
  accepts: acceptsNumber,
  fit: () => ({ state: {} }),
  featureNames: (_, columnName) => [`${columnName} is missing`],
  apply(_, values, rowCount) {
    const source = numbersOf(values)
    const out = allocateFeature(rowCount)
    for (let i = 0; i < rowCount; i++) out[i] = Number.isNaN(cleanNumber(source[i]!)) ? 1 : 0
    return [out]
  },
  compile: (_, input, builder) => compileIndicators(builder, [input]),
  compileTogether: (parts, builder) => compileIndicators(builder, parts),
})

function compileIndicators(b: GraphBuilder, parts: readonly TransformGraphInput[]): ValueRef {
  const joined = joinNumbers(b, parts, 'double', (block) => block)
  return cast(b, b.node('Not', [isWithin(b, joined, FLOAT32_MAX)]), 'float')
}
