import { z } from 'zod'
import { allocateFeature } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { concat, squeeze } from './graph-ops.ts'
import { countLevels, keepLevels, type Levels, levelCodes, levelsSchema } from './levels.ts'
import { compileLookup, oneHotOfIndexes, oneHotOfTexts } from './levels-graph.ts'
import { stepSchemas } from './step.ts'
import { defineTransform, type TransformGraphInput } from './transform.ts'

const stateSchema = z.strictObject({ levels: levelsSchema, missing: z.boolean(), other: z.boolean() })
type State = z.infer<typeof stateSchema>

/** Positions of the special columns behind the levels; -1 where there is none. */
function layout({ levels, missing, other }: State): { missingAt: number; otherAt: number; width: number } {
  const count = levels.values.length
  const otherAt = other ? count + (missing ? 1 : 0) : -1
  return { missingAt: missing ? count : otherAt, otherAt, width: count + (missing ? 1 : 0) + (other ? 1 : 0) }
}

export const oneHotTransform = defineTransform({
  name: 'oneHot',
  options: stepSchemas.oneHot,
  state: stateSchema,
  accepts: ({ type }) => type !== 'text',
  fit({ values, column }, options) {
    const { levels, counts, missingCount } = countLevels(values, column.tensor)
    const frequent = counts.filter((count) => count >= options.minCount).length
    const kept = keepLevels(levels, Math.min(frequent, options.maxLevels))
    return { state: { levels: kept, missing: missingCount > 0, other: options.other === 'column' } }
  },
  featureNames({ levels, missing, other }, columnName) {
    const names = levels.values.map((level) => `${columnName}=${level}`)
    return [...names, ...(missing ? [`${columnName} is missing`] : []), ...(other ? [`${columnName} is other`] : [])]
  },
  apply(state, values, rowCount) {
    const { missingAt, otherAt, width } = layout(state)
    const count = state.levels.values.length
    const out = Array.from({ length: width }, () => allocateFeature(rowCount))
    const codes = levelCodes(state.levels, values)
    const columnOfCode = Int32Array.from({ length: count + 2 }, (_, code) => code)
    columnOfCode[count] = missingAt
    columnOfCode[count + 1] = otherAt
    for (let i = 0; i < rowCount; i++) {
      const at = columnOfCode[codes[i]!]!
      if (at >= 0) out[at]![i] = 1
    }
    return out
  },
  compile(state, input, builder) {
    return squeeze(builder, compileOne(builder, input, state), 1)
  },
  compileTogether(parts, builder) {
    return squeeze(
      builder,
      concat(
        builder,
        parts.map((part) => compileOne(builder, part, part.state)),
        2,
      ),
      1,
    )
  },
})

/** [N, 1, width]. */
function compileOne(b: GraphBuilder, input: TransformGraphInput, state: State): ValueRef {
  if (state.levels.keys === 'string' && !state.other) {
    return oneHotOfTexts(b, input.raw, [...state.levels.values, ...(state.missing ? [''] : [])])
  }
  const { missingAt, otherAt, width } = layout(state)
  return oneHotOfIndexes(
    b,
    compileLookup(b, input, state.levels, indexAnswers(state.levels, missingAt, otherAt)),
    width,
  )
}

const indexAnswers = (levels: Levels, missing: number, unseen: number) => ({
  type: 'int64' as const,
  levels: [...levels.values.keys()],
  missing,
  unseen,
})
