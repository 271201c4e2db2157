import type { Attribute, GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { cast, double, within } from './graph-ops.ts'
import { type Levels, WHOLE_LIMIT } from './levels.ts'
import type { TransformGraphInput } from './transform.ts'

/** Stands for missing among whole-number keys; no level is this large. */
const MISSING_KEY = -(2 ** 54)

const ML = { domain: 'ai.onnx.ml' } as const

/** What to answer for the levels, in order, for missing and for unseen values. */
export interface LevelAnswers {
  readonly type: 'float' | 'int64'
  readonly levels: ArrayLike<number>
  readonly missing: number
  readonly unseen: number
}

/** Looks a raw column up among its levels: [N, 1] of the answers' type. */
export function compileLookup(
  b: GraphBuilder,
  { raw, column }: TransformGraphInput,
  levels: Levels,
  answers: LevelAnswers,
): ValueRef {
  const values = Array.from(answers.levels)
  if (levels.keys === 'string') {
    return encode(b, raw, { keys_strings: { strings: [...levels.values, ''] } }, [...values, answers.missing], answers)
  }
  if (levels.keys === 'int64') {
    const keys = column.tensor === 'double' ? wholeKeys(b, raw) : column.tensor === 'bool' ? cast(b, raw, 'int64') : raw
    return encode(
      b,
      keys,
      { keys_int64s: { ints: [...levels.values, MISSING_KEY] } },
      [...values, answers.missing],
      answers,
    )
  }
  const encoded = encode(b, cast(b, raw, 'float'), { keys_floats: { floats: levels.values } }, values, answers)
  return sameAnswer(answers.missing, answers.unseen) ? encoded : answerMissing(b, raw, encoded, answers)
}

const sameAnswer = (a: number, b: number): boolean => Object.is(a, b)

function wholeKeys(b: GraphBuilder, raw: ValueRef): ValueRef {
  // The largest double below the limit: the limit itself is no level.
  return cast(b, within(b, raw, WHOLE_LIMIT - 1, double(b, MISSING_KEY)), 'int64')
}

function answerMissing(b: GraphBuilder, raw: ValueRef, encoded: ValueRef, { type, missing }: LevelAnswers): ValueRef {
  const asFloat = cast(b, raw, 'float')
  const isMissing = b.node('Or', [b.node('IsNaN', [asFloat]), b.node('IsInf', [asFloat])])
  const answer = b.constant(
    type === 'float'
      ? { type, shape: [], data: Float32Array.of(missing) }
      : { type, shape: [], data: BigInt64Array.of(BigInt(missing)) },
  )
  return b.node('Where', [isMissing, answer, encoded])
}

function encode(
  b: GraphBuilder,
  keys: ValueRef,
  keyAttribute: Record<string, Attribute>,
  values: readonly number[],
  { type, unseen }: LevelAnswers,
): ValueRef {
  const answers: Record<string, Attribute> =
    type === 'float'
      ? { values_floats: { floats: values }, default_float: { float: unseen } }
      : { values_int64s: { ints: values }, default_int64: { int: unseen } }
  return b.node('LabelEncoder', [keys], { ...keyAttribute, ...answers }, ML)
}

/** 0/1 columns [N, 1, categories] for text; anything else is all zeros. */
export const oneHotOfTexts = (b: GraphBuilder, raw: ValueRef, categories: readonly string[]): ValueRef =>
  b.node('OneHotEncoder', [raw], { cats_strings: { strings: categories }, zeros: { int: 1 } }, ML)

/** 0/1 columns [N, 1, count] for the indexes 0 to count - 1; anything else is all zeros. */
export const oneHotOfIndexes = (b: GraphBuilder, indexes: ValueRef, count: number): ValueRef =>
  b.node('OneHotEncoder', [indexes], { cats_int64s: { ints: [...Array(count).keys()] }, zeros: { int: 1 } }, ML)
