import { FivefoldError } from '../../core/index.ts'
import { type ColumnSchema, columnOf, type FeatureMatrix, type Frame } from '../../data/index.ts'
import type { GraphBuilder, ValueRef } from '../../onnx/index.ts'
import { BUILT_IN_TRANSFORMS } from './built-in.ts'
import { concat, int64s } from './graph-ops.ts'
import type { FittedTransform } from './transform.ts'

/** Learned features: the same numbers in memory and in the graph. */
export interface FittedFeatures {
  /** The raw columns that features are made of, in the order of their first use. */
  readonly inputs: readonly ColumnSchema[]
  readonly featureNames: readonly string[]
  /** The features of any rows. Throws DATA_COLUMN_UNKNOWN and DATA_TYPE_MISMATCH for frames of another schema. */
  transform(frame: Frame): FeatureMatrix
  /** Adds the nodes that turn raw columns [N, 1], by name, into a float tensor [N, features]. */
  compile(builder: GraphBuilder, raw: ReadonlyMap<string, ValueRef>): ValueRef
  /** Every step with the raw columns that it reads and the features that it makes. */
  describe(): { step: string; inputs: string[]; outputs: string[] }[]
  /** Everything that was learned, for `fittedFeaturesFromJson`. */
  toJson(): unknown
}

/** One transform on one column. */
export interface FittedPart {
  readonly column: ColumnSchema
  readonly fitted: FittedTransform
}

const TENSOR_ORDER = ['double', 'int64', 'bool', 'string']

/** Brings together what the graph computes together: by transform, group, and type of the raw tensor. */
export function orderParts<T>(items: readonly T[], partOf: (item: T) => FittedPart): T[] {
  const rank = (name: string): number => {
    const at = BUILT_IN_TRANSFORMS.findIndex((transform) => transform.name === name)
    return at < 0 ? BUILT_IN_TRANSFORMS.length : at
  }
  const compare = (a: FittedPart, b: FittedPart): number =>
    rank(a.fitted.transform.name) - rank(b.fitted.transform.name) ||
    byText(a.fitted.transform.name, b.fitted.transform.name) ||
    byText(a.fitted.groupKey, b.fitted.groupKey) ||
    TENSOR_ORDER.indexOf(a.column.tensor) - TENSOR_ORDER.indexOf(b.column.tensor)
  return [...items].sort((a, b) => compare(partOf(a), partOf(b)))
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * @param parts in the order of `orderParts`
 * @param kept indexes, ascending, of the features to keep among all that the parts make
 */
export function createFittedFeatures(parts: readonly FittedPart[], kept: readonly number[]): FittedFeatures {
  const allNames = parts.flatMap(({ column, fitted }) => fitted.featureNames(column.name))
  const featureNames = uniqueNames(kept.map((index) => allNames[index]!))
  const inputs = [...new Map(parts.map(({ column }) => [column.name, column])).values()]
  return {
    inputs,
    featureNames,
    transform(frame) {
      const all = parts.flatMap(({ column, fitted }) => fitted.apply(columnOf(frame, column.name), frame.rowCount))
      return { rowCount: frame.rowCount, names: featureNames, values: kept.map((index) => all[index]!) }
    },
    compile(builder, raw) {
      const all = concat(
        builder,
        groupsOf(parts).flatMap((group) => compileGroup(builder, group, raw)),
      )
      if (kept.length === allNames.length) return all
      return builder.node('Gather', [all, int64s(builder, kept)], { axis: { int: 1 } })
    },
    describe: () => describeParts(parts, kept, featureNames),
    toJson: () => ({
      format: 1,
      parts: parts.map(({ column, fitted }) => ({ column, transform: fitted.transform.name, state: fitted.state })),
      kept,
    }),
  }
}

/** A level may be called like another feature; later ones are numbered. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let i = 2; taken.has(unique); i++) unique = `${name} (${i})`
    taken.add(unique)
    return unique
  })
}

function groupsOf(parts: readonly FittedPart[]): FittedPart[][] {
  const groups: FittedPart[][] = []
  for (const part of parts) {
    const last = groups.at(-1)?.[0]?.fitted
    const { transform, groupKey } = part.fitted
    if (last?.transform === transform && last.groupKey === groupKey) groups.at(-1)!.push(part)
    else groups.push([part])
  }
  return groups
}

function compileGroup(
  builder: GraphBuilder,
  group: readonly FittedPart[],
  raw: ReadonlyMap<string, ValueRef>,
): ValueRef[] {
  const inputs = group.map((part) => {
    const value = raw.get(part.column.name)
    if (value === undefined)
      throw new FivefoldError('GRAPH_INVALID', `the graph lacks the raw column '${part.column.name}'`)
    return { ...part, raw: value }
  })
  return group[0]!.fitted.transform.compile(inputs, builder)
}

function describeParts(parts: readonly FittedPart[], kept: readonly number[], names: readonly string[]) {
  const nameOf = new Map(kept.map((index, at) => [index, names[at]!]))
  let offset = 0
  return parts.map(({ column, fitted }) => {
    const width = fitted.featureNames(column.name).length
    const outputs = Array.from({ length: width }, (_, i) => nameOf.get(offset + i)).filter((name) => name !== undefined)
    offset += width
    return { step: fitted.transform.name, inputs: [column.name], outputs }
  })
}
