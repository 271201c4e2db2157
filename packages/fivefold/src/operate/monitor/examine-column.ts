import { type Column, type ColumnSchema, columnOf, type Frame, type StringColumn } from '../../data/index.ts'
import {
  type ColumnPair,
  categorySamples,
  fewValuesAsCategories,
  missingFlags,
  numberSamples,
  samePairKind,
} from './column-samples.ts'
import { compareCategories, compareShares } from './compare-categories.ts'
import { compareNumbers } from './compare-numbers.ts'
import { compareVocabulary, textsOf, unseenWords } from './compare-texts.ts'
import { compareUnseen } from './compare-unseen.ts'
import { type Comparison, findingOf } from './comparison.ts'
import { type Description, describeCategories, describeNumbers, rangesOf } from './describe-drift.ts'
import type { ColumnDrift } from './drift-report.ts'
import type { Finding, TestPlan } from './finding.ts'

/** Numbers that take no more values than this, several rows each, are tested value by value, not by their order. */
const FEW_VALUES = 12

/** Everything about a column before its p-values are seen together with those of the others. */
export interface Examined extends Omit<ColumnDrift, 'alarm' | 'tests'> {
  readonly findings: readonly Finding[]
}

export function examineColumn(
  { name, type }: ColumnSchema,
  reference: Frame,
  current: Frame,
  plan: TestPlan,
): Examined {
  const pair = samePairKind(name, columnOf(reference, name), columnOf(current, name))
  const missing = examineMissing(pair, plan)
  const values = examineValues(name, type, pair, plan)
  return {
    column: name,
    type,
    missingShare: missing.share,
    ...values,
    findings: [...findingOf(name, 'missing', missing.comparison), ...values.findings],
  }
}

/** What `examineColumn` adds for the values that are there. */
type ExaminedValues = Description & { readonly findings: readonly Finding[]; readonly note?: string }

function examineValues(name: string, type: ColumnSchema['type'], pair: ColumnPair, plan: TestPlan): ExaminedValues {
  if (type === 'datetime')
    return { ...datetimeRange(pair), findings: [], note: 'Time moves on: only the range is reported.' }
  if (type === 'identifier')
    return { distances: {}, findings: [], note: 'New identifiers are expected: values are not compared.' }
  if (pair.reference.kind === 'number' && pair.current.kind === 'number')
    return examineNumbers(name, pair.reference.values, pair.current.values, plan)
  if (pair.reference.kind === 'string' && pair.current.kind === 'string')
    return (type === 'text' ? examineTexts : examineCategories)(name, pair.reference, pair.current, plan)
  return { distances: {}, findings: [] }
}

export function examineNumbers(
  name: string,
  reference: Float64Array,
  current: Float64Array,
  plan: TestPlan,
): ExaminedValues {
  const samples = numberSamples(reference, current)
  const rows = samples.reference.length + samples.current.length
  const categories = fewValuesAsCategories(samples, Math.min(FEW_VALUES, Math.floor(rows / 5)))
  const described = describeNumbers(samples)
  if (categories === undefined)
    return {
      ...described,
      findings: findingOf(name, 'values', compareNumbers(samples.reference, samples.current, plan)),
    }
  const comparison = compareCategories(categories.reference, categories.current, categories.labels.length, plan)
  return { ...described, ...describeCategories(categories), findings: findingOf(name, 'values', comparison) }
}

function examineCategories(
  name: string,
  reference: StringColumn,
  current: StringColumn,
  plan: TestPlan,
): ExaminedValues {
  const samples = categorySamples(reference, current)
  const categories = samples.labels.length
  return {
    ...describeCategories(samples),
    findings: [
      ...findingOf(name, 'values', compareCategories(samples.reference, samples.current, categories, plan)),
      ...findingOf(name, 'unseen', compareUnseen(samples.reference, samples.current, categories, plan)),
    ],
  }
}

function examineTexts(name: string, reference: StringColumn, current: StringColumn, plan: TestPlan): ExaminedValues {
  const [a, b] = [textsOf(reference), textsOf(current)]
  const lengths = (texts: readonly string[]): Float64Array => Float64Array.from(texts, (text) => text.length)
  const unseen = unseenWords(a, b)
  return {
    ...describeNumbers({ reference: lengths(a), current: lengths(b) }),
    ...(unseen.length > 0 ? { unseen } : {}),
    note: 'The chart shows lengths in characters; unseen values are words.',
    findings: [
      ...findingOf(name, 'length', compareNumbers(lengths(a), lengths(b), plan)),
      ...findingOf(name, 'vocabulary', compareVocabulary(a, b, plan)),
    ],
  }
}

function examineMissing(
  { reference, current }: ColumnPair,
  plan: TestPlan,
): { share: ColumnDrift['missingShare']; comparison: Comparison | undefined } {
  const [a, b] = [missingFlags(reference), missingFlags(current)]
  const share = (flags: Int32Array): number =>
    flags.length === 0 ? 0 : flags.reduce((sum, flag) => sum + flag, 0) / flags.length
  return { share: { reference: share(a), current: share(b) }, comparison: compareShares(a, b, plan) }
}

function datetimeRange({ reference, current }: ColumnPair): Description {
  const sorted = (column: Column): Float64Array =>
    column.kind === 'number' ? column.values.filter((value) => !Number.isNaN(value)).sort() : new Float64Array()
  const [a, b] = [sorted(reference), sorted(current)]
  return a.length === 0 || b.length === 0 ? { distances: {} } : { distances: {}, range: rangesOf(a, b) }
}
