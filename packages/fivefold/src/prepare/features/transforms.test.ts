import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { allocateFeature, type Column, type ColumnSchema, frameOf, type Target } from '../../data/index.ts'
import { type TransformSubject, transformContract } from '../../testing/transform.contract.ts'
import { BUILT_IN_TRANSFORMS, CALENDAR_PARTS, defineTransform, type Transform } from './index.ts'

const column = (type: ColumnSchema['type'], tensor: ColumnSchema['tensor']): ColumnSchema => ({
  name: 'the column',
  type,
  tensor,
  nullable: true,
  evidence: 'declared',
})

const columnFrom = (values: readonly (number | string | null)[]): Column => frameOf({ c: values }).columns.get('c')!

const numbers = columnFrom([3.5, -2, null, 0, 1e300, 7, 7, 1e-9, 3.5, -1e12])
const extremes = columnFrom([null, -1e308, 3.4e38, 3.5e38, 5e-324, -0, 1e15, -3.4e38, 0.1, 2, 7, -1e12, 1e9])
const wholes = columnFrom([3, -2, 5, 0, 2 ** 40, 7, 7, 7, 3, -100])
const nullableWholes = columnFrom([3, -2, null, 0, 2 ** 40, 7, 7, 7, 3, -100])
const wholesProbe = columnFrom([3, 2 ** 40, 2 ** 40 + 1, 12, -100, 7, 0])
const mixedProbe = columnFrom([3, 3.5, null, 2 ** 40 + 1, 1e17, -1e300, -100, 7, 0])
const fractions = columnFrom([0.5, 0.5, 0.25, null, 1 / 3, 1 / 3, 1 / 3, 2, 0.5, 0.1])
const bools = columnFrom([0, 1, 1, 1, 0, 0, 0, 1, 0, 1])
const texts = columnFrom(['a', 'b', 'a', null, 'ß', '漢字', 'a', 'b', 'É', 'e\u0301'])
const textsProbe = columnFrom(['a', 'B', null, 'ß', 'SS', '漢字', '漢', '\ud800', 'a\0b', 'É', 'e\u0301', '🙂', ' a'])
const sentences = columnFrom([
  'Free entry! Win a PRIZE now',
  'free prize, free PRIZE',
  'are you free now?',
  null,
  'Straße straße STRASSE 漢字 漢字',
  'ŉ ŉ İstanbul istanbul ΣΑΣ σας',
  '...',
  'no prize 🙂🙂 now',
  'win win win',
  'Ünïcode\u00a0text — with “quotes” now',
])
const sentencesProbe = columnFrom([
  'FREE PrIzE now now',
  null,
  '!!!',
  '漢字漢字 straße Strasse 🙂',
  'i̇stanbul ΣΑΣ σας ŉ ʼN',
  'nothing known',
  'cut\0here free',
  '\ud800free\udc00now',
  'free',
  'x'.repeat(3000),
])
const dates = columnFrom([0, 951782400000, null, -1, 1e12, 1709164800000, -2203891200000, 86399999, 1e11, 5e11])
const datesProbe = columnFrom([
  null,
  -1,
  253402300799999,
  -62135596800000,
  8.64e15,
  -8.64e15,
  8.65e15,
  1e300,
  68169600000,
])

const labels: Target = { kind: 'classes', classes: ['no', 'yes'], codes: Int32Array.of(0, 1, 0, 1, 1, 0, 0, 1, 1, 1) }
const kinds: Target = {
  kind: 'classes',
  classes: ['x', 'y', 'z'],
  codes: Int32Array.of(0, 1, 2, 1, 2, 0, 0, 1, 1, 1),
}
const amounts: Target = { kind: 'number', values: Float64Array.of(1, 5, 2.5, -7, 0, 0, 3, 1e6, 12, 9) }

type Case = [
  label: string,
  name: string,
  options: Record<string, unknown>,
  schema: ColumnSchema,
  Column,
  Column,
  Target?,
]

const number = (steps: unknown[]) => ({ kind: 'number', steps })
const impute = { kind: 'imputeNumber', strategy: 'median', value: 0, indicator: true }
const chain = [{ kind: 'log' }, { ...impute, strategy: 'mean' }, { kind: 'standardScale' }]
const encoders: Case[] = [
  ['oneHot', 'oneHot', { kind: 'oneHot' }],
  ['oneHot, rare as other', 'oneHot', { kind: 'oneHot', maxLevels: 3, minCount: 2, other: 'column' }],
  ['ordinal', 'ordinal', { kind: 'ordinal', unknown: 'nan' }],
  ['ordinal, -1', 'ordinal', { kind: 'ordinal', unknown: 'minusOne' }],
  ['targetEncoding', 'targetEncoding', { kind: 'targetEncoding' }],
].flatMap(([label, name, options]) => {
  const base = [name, options] as [string, Record<string, unknown>]
  return [
    [`${label} of text`, ...base, column('category', 'string'), texts, textsProbe],
    [`${label} of int64`, ...base, column('category', 'int64'), wholes, wholesProbe],
    [`${label} of bool`, ...base, column('boolean', 'bool'), bools, columnFrom([0, 1])],
    [`${label} of whole doubles`, ...base, column('category', 'double'), nullableWholes, mixedProbe],
    [`${label} of fractions`, ...base, column('category', 'double'), fractions, mixedProbe],
  ] as Case[]
})

const cases: Case[] = [
  ['pass of doubles', 'number', number([{ kind: 'passNumber' }]), column('number', 'double'), numbers, extremes],
  ['pass of int64', 'number', number([{ kind: 'passNumber' }]), column('integer', 'int64'), wholes, wholesProbe],
  ['pass of bool', 'number', number([{ kind: 'passNumber' }]), column('boolean', 'bool'), bools, bools],
  ['impute', 'number', number([impute]), column('number', 'double'), numbers, extremes],
  ['log, impute, scale', 'number', number(chain), column('number', 'double'), numbers, extremes],
  ['scale alone', 'number', number([{ kind: 'standardScale' }]), column('number', 'double'), fractions, extremes],
  ['quantile', 'number', number([{ kind: 'quantile', knots: 5 }]), column('number', 'double'), fractions, extremes],
  ['quantile of int64', 'number', number([{ kind: 'quantile' }]), column('integer', 'int64'), wholes, wholesProbe],
  ['indicator', 'missingIndicator', { kind: 'missingIndicator' }, column('number', 'double'), numbers, extremes],
  ['indicator of int64', 'missingIndicator', { kind: 'missingIndicator' }, column('integer', 'int64'), wholes, wholes],
  ...encoders,
  [
    'targetEncoding, 3 classes',
    'targetEncoding',
    { kind: 'targetEncoding' },
    column('category', 'string'),
    texts,
    textsProbe,
    kinds,
  ],
  [
    'targetEncoding, number',
    'targetEncoding',
    { kind: 'targetEncoding', smoothing: 0 },
    column('category', 'string'),
    texts,
    textsProbe,
    amounts,
  ],
  ['hashing', 'hashing', { kind: 'hashing', buckets: 8 }, column('category', 'string'), texts, textsProbe],
  [
    'hashing, seeded',
    'hashing',
    { kind: 'hashing', buckets: 7, seed: 42 },
    column('category', 'string'),
    texts,
    textsProbe,
  ],
  [
    'calendar',
    'calendar',
    { kind: 'calendar', parts: [...CALENDAR_PARTS] },
    column('datetime', 'double'),
    dates,
    datesProbe,
  ],
  [
    'calendar, one part',
    'calendar',
    { kind: 'calendar', parts: ['dayOfYear'] },
    column('datetime', 'double'),
    dates,
    datesProbe,
  ],
  [
    'calendar, standardised',
    'calendar',
    { kind: 'calendar', parts: ['year', 'hour', 'weekdaySin'], standardise: true },
    column('datetime', 'double'),
    dates,
    datesProbe,
  ],
  [
    'wordTfidf',
    'wordTfidf',
    { kind: 'wordTfidf', minDocuments: 1 },
    column('text', 'string'),
    sentences,
    sentencesProbe,
  ],
  [
    'wordTfidf, words',
    'wordTfidf',
    { kind: 'wordTfidf', maxGram: 1, minDocuments: 2, maxFeatures: 4 },
    column('text', 'string'),
    sentences,
    sentencesProbe,
  ],
  [
    'wordHashing',
    'wordHashing',
    { kind: 'wordHashing', buckets: 16 },
    column('text', 'string'),
    sentences,
    sentencesProbe,
  ],
  [
    'wordHashing, pairs',
    'wordHashing',
    { kind: 'wordHashing', buckets: 16, maxGram: 2 },
    column('text', 'string'),
    sentences,
    sentencesProbe,
  ],
]

const builtIn = (name: string): Transform => BUILT_IN_TRANSFORMS.find((transform) => transform.name === name)!

const UNFIT: Record<string, ColumnSchema> = {
  number: column('category', 'string'),
  missingIndicator: column('text', 'string'),
  calendar: column('number', 'double'),
  oneHot: column('text', 'string'),
  ordinal: column('text', 'string'),
  targetEncoding: column('text', 'string'),
  hashing: column('number', 'double'),
  wordTfidf: column('number', 'double'),
  wordHashing: column('number', 'double'),
}

describe.each(cases)('%s', (_, name, options, schema, training, probe, target = labels) => {
  const subject = { transform: builtIn(name), options, column: schema, training, target, probe, unfit: UNFIT[name]! }
  for (const { name: promise, check } of transformContract) it(promise, () => check(subject))
})

const isLevel = defineTransform({
  name: 'isLevel',
  options: z.strictObject({ level: z.string() }),
  state: z.strictObject({ level: z.string() }),
  accepts: ({ tensor }) => tensor === 'string',
  fit: (_, { level }) => ({ state: { level } }),
  featureNames: ({ level }, columnName) => [`${columnName} is ${level}`],
  apply({ level }, values, rowCount) {
    const out = allocateFeature(rowCount)
    if (values.kind === 'string')
      out.set(Array.from(values.codes, (code) => (values.dictionary[code] === level ? 1 : 0)))
    return [out]
  },
  compile: ({ level }, { raw }, builder) =>
    builder.node(
      'LabelEncoder',
      [raw],
      { keys_strings: { strings: [level] }, values_floats: { floats: [1] }, default_float: { float: 0 } },
      { domain: 'ai.onnx.ml' },
    ),
})

describe('a transform of the user', () => {
  const subject: TransformSubject = {
    transform: isLevel,
    options: { level: '漢字' },
    column: column('category', 'string'),
    training: texts,
    target: labels,
    probe: textsProbe,
    unfit: column('number', 'double'),
  }
  for (const { name, check } of transformContract) it(name, () => check(subject))

  it('is caught where graph and memory differ', async () => {
    const wrong = defineTransform({
      name: 'wrong',
      options: z.unknown(),
      state: z.strictObject({}),
      accepts: () => true,
      fit: () => ({ state: {} }),
      featureNames: () => ['wrong'],
      apply: (_, __, rowCount) => [allocateFeature(rowCount)],
      compile: (_, { raw }, builder) => builder.node('Cast', [raw], { to: { int: 1 } }),
    })
    const graphCheck = transformContract.find(({ name }) => name.includes('graph'))!
    const numeric = { ...subject, transform: wrong, column: column('number', 'double'), training: bools, probe: bools }
    await expect(graphCheck.check(numeric)).rejects.toThrow(/the graph gives 1, memory 0/)
  })
})
