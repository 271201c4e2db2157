import { z } from 'zod'
import { SEMANTIC_TYPES } from '../data/index.ts'
import { METRIC_NAMES, type MetricName } from '../metrics/index.ts'
import { problemSchema } from '../problem/index.ts'

/** What this release writes. Older ones are migrated where they are read, newer ones refused. */
export const FORMAT_VERSION = 1

const inputSchema = z.strictObject({
  name: z.string().min(1),
  type: z.enum(SEMANTIC_TYPES),
  tensor: z.enum(['double', 'int64', 'bool', 'string']),
  nullable: z.boolean(),
  /** How datetimes of the training file were written, where not as ISO 8601; needed to read the next file alike. */
  datetimeFormat: z.string().exactOptional(),
  /** What the column means, in words. */
  meaning: z.string().optional(),
  /** Smallest and largest value seen in training. */
  range: z.tuple([z.number(), z.number()]).optional(),
  /** Values seen in training, the most frequent first, at most 1000. */
  categories: z.array(z.string()).optional(),
  /** How many different values were seen; the list is whole where it is as long. */
  categoryCount: z.number().int().nonnegative().optional(),
})

const metricValueSchema = z.strictObject({ value: z.number(), low: z.number(), high: z.number() })

const lineageSchema = z.strictObject({
  dataHash: z.string(),
  /** Rows that the model was trained on. */
  rows: z.number().int().nonnegative(),
  split: z.string(),
  seed: z.number(),
  configHash: z.string(),
  codeCommit: z.string().nullable(),
  packages: z.record(z.string(), z.string()),
})

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal')
/** A name without folders: a bundle is flat, and a hostile manifest must not point outside it. */
const fileNameSchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'expected a plain file name')

/** `fivefold.json`: what a bundle says of itself. */
export const bundleManifestSchema = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  /** Release that wrote the bundle. */
  fivefold: z.string(),
  name: z.string().min(1),
  problem: problemSchema,
  inputs: z.array(inputSchema).min(1),
  outputs: z.array(z.strictObject({ name: z.string(), type: z.enum(['string', 'float']) })).min(1),
  features: z.array(z.strictObject({ step: z.string(), inputs: z.array(z.string()), outputs: z.array(z.string()) })),
  estimator: z.strictObject({ name: z.string(), params: z.record(z.string(), z.json()) }),
  /** From this probability of the second class on, it is predicted; null where the most probable class is. */
  threshold: z.number().nullable(),
  lineage: lineageSchema,
  metrics: z.strictObject({
    /** On which rows, and how they were chosen. */
    protocol: z.string(),
    values: z.partialRecord(z.enum(METRIC_NAMES as [MetricName, ...MetricName[]]), metricValueSchema),
  }),
  /** Where the model should not be trusted, in words. */
  limits: z.array(z.string()),
  /** SHA-256 of every other file. */
  files: z.record(fileNameSchema, sha256Schema),
})

export type BundleManifest = z.infer<typeof bundleManifestSchema>

/** What the writer of a bundle provides; the rest follows from it. */
export type BundleContent = Omit<BundleManifest, 'files' | 'formatVersion' | 'fivefold'>

export type BundleInput = BundleManifest['inputs'][number]
export type BundleOutput = BundleManifest['outputs'][number]
