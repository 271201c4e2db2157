import type { z } from 'zod'
import { type Context, FivefoldError } from '../../core/index.ts'
import type { Column, ColumnSchema, Target } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'

/** What a transform learns from: one column of the training rows, with their targets. */
export interface TransformFitInput {
  readonly column: ColumnSchema
  readonly values: Column
  readonly rowCount: number
  readonly target: Target
  readonly context: Context
}

/** A raw column inside the graph: a tensor [N, 1] of the column's type. */
export interface TransformGraphInput {
  readonly column: ColumnSchema
  readonly raw: ValueRef
}

/**
 * How a raw column becomes features: learned once, applied to columns in memory, and compiled to a graph that gives the
 * same numbers (to 1e-6). State must survive JSON.
 */
export interface TransformDefinition<Options, State> {
  readonly name: string
  readonly options: z.ZodType<Options>
  readonly state: z.ZodType<State>
  accepts(column: ColumnSchema): boolean
  /** `training` are the features of the training rows where they must differ from `apply` (out-of-fold values). */
  fit(input: TransformFitInput, options: Options): { readonly state: State; readonly training?: Float32Array[] }
  featureNames(state: State, columnName: string): readonly string[]
  /** One array a feature. NaN is missing; infinities are not allowed. */
  apply(state: State, values: Column, rowCount: number): Float32Array[]
  /** Float tensor [N, features]. */
  compile(state: State, input: TransformGraphInput, builder: GraphBuilder): ValueRef
  /** Columns whose state gives the same key are compiled by one call of `compileTogether`, in order. */
  groupKey?(state: State): string
  /** Like `compile` for several columns: float tensor [N, features of the first, features of the second, ...]. */
  compileTogether?(parts: readonly (TransformGraphInput & { state: State })[], builder: GraphBuilder): ValueRef
}

/** A transform fitted to one column. */
export interface FittedTransform {
  readonly transform: Transform
  readonly state: unknown
  readonly groupKey: string
  featureNames(columnName: string): readonly string[]
  apply(values: Column, rowCount: number): Float32Array[]
}

/** A `TransformDefinition` with its option and state types closed over. */
export interface Transform {
  readonly name: string
  accepts(column: ColumnSchema): boolean
  fit(
    input: TransformFitInput,
    options: unknown,
  ): { readonly fitted: FittedTransform; readonly training?: Float32Array[] }
  /** From the JSON of its state. Throws FEATURE_INVALID. */
  revive(state: unknown): FittedTransform
  compile(parts: readonly (TransformGraphInput & { fitted: FittedTransform })[], builder: GraphBuilder): ValueRef[]
}

/** Declares a transform; `transformContract` in testing/ says whether it keeps its promises. */
export function defineTransform<Options, State>(definition: TransformDefinition<Options, State>): Transform {
  const wrap = (state: State): FittedTransform => ({
    transform,
    state,
    groupKey: definition.groupKey?.(state) ?? '',
    featureNames: (columnName) => definition.featureNames(state, columnName),
    apply: (values, rowCount) => definition.apply(state, values, rowCount),
  })
  const transform: Transform = {
    name: definition.name,
    accepts: (column) => definition.accepts(column),
    fit(input, options) {
      requireAccepted(definition, input.column)
      const result = definition.fit(input, parse(definition.options, options, `options of step '${definition.name}'`))
      const fitted = wrap(result.state)
      return result.training ? { fitted, training: result.training } : { fitted }
    },
    revive: (state) => wrap(parse(definition.state, state, `state of step '${definition.name}'`)),
    compile(parts, builder) {
      // Sound because `wrap` is the only maker of a FittedTransform of this transform.
      const typed = parts.map(({ column, raw, fitted }) => ({ column, raw, state: fitted.state as State }))
      if (definition.compileTogether) return [definition.compileTogether(typed, builder)]
      return typed.map((part) => definition.compile(part.state, part, builder))
    },
  }
  return transform
}

function requireAccepted(definition: { name: string; accepts(column: ColumnSchema): boolean }, column: ColumnSchema) {
  if (definition.accepts(column)) return
  throw new FivefoldError(
    'FEATURE_INVALID',
    `step '${definition.name}' does not fit column '${column.name}' (${column.type}, ${column.tensor})`,
  )
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.map((key) => (typeof key === 'number' ? key : String(key))),
    message,
  }))
  throw new FivefoldError('FEATURE_INVALID', `${place} are not valid: ${issues[0]?.message ?? ''}`, { issues })
}
