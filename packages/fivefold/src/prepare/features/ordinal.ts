import { z } from 'zod'
import { allocateFeature } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { concat } from './graph-ops.ts'
import { countLevels, levelCodes, levelsSchema } from './levels.ts'
import { compileLookup } from './levels-graph.ts'
import { stepSchemas } from './step.ts'
import { defineTransform, type TransformGraphInput } from './transform.ts'

const stateSchema = z.strictObject({ levels: levelsSchema, unknown: z.enum(['nan', 'minusOne']) })
type State = z.infer<typeof stateSchema>

export const ordinalTransform = defineTransform({
  name: 'ordinal',
  options: stepSchemas.ordinal,
  state: stateSchema,
  accepts: ({ type }) => type !== 'text',
  fit: ({ values, column }, { unknown }) => ({ state: { levels: countLevels(values, column.tensor).levels, unknown } }),
  featureNames: (_, columnName) => [`${columnName} frequency rank`],
  apply(state, values, rowCount) {
    const codes = levelCodes(state.levels, values)
    const otherwise = unknownRank(state)
    const out = allocateFeature(rowCount)
    for (let i = 0; i < rowCount; i++) out[i] = codes[i]! < state.levels.values.length ? codes[i]! : otherwise
    return [out]
  },
  compile: (state, input, builder) => compileRanks(builder, input, state),
  compileTogether: (parts, builder) =>
    concat(
      builder,
      parts.map((part) => compileRanks(builder, part, part.state)),
    ),
})

const unknownRank = ({ unknown }: State): number => (unknown === 'nan' ? Number.NaN : -1)

function compileRanks(b: GraphBuilder, input: TransformGraphInput, state: State): ValueRef {
  const otherwise = unknownRank(state)
  const ranks = [...state.levels.values.keys()]
  return compileLookup(b, input, state.levels, { type: 'float', levels: ranks, missing: otherwise, unseen: otherwise })
}
