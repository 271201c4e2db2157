import { z } from 'zod'
import { FivefoldError, type Issue } from '../core/index.ts'
import { SEMANTIC_TYPES } from '../data/index.ts'
import { METRIC_NAMES, type MetricName } from '../metrics/index.ts'
import { featureStepSchema } from '../prepare/index.ts'
import { constraintsSchema, criterionSchema } from '../problem/index.ts'

const sourceSchema = z.strictObject({
  location: z.string().min(1).describe('Path, glob, `duckdb:file?table=t` or `postgres://...?table=t`.'),
  format: z.enum(['csv', 'parquet', 'jsonl']).exactOptional(),
  columns: z.array(z.string()).exactOptional().describe('Column names of a file without a header row.'),
  delimiter: z.string().length(1).exactOptional(),
  encoding: z.enum(['utf-8', 'latin-1']).exactOptional(),
  decimal: z.enum(['.', ',']).exactOptional(),
  missing: z.array(z.string()).exactOptional().describe('Texts that mean missing.'),
  types: z
    .record(z.string(), z.enum(SEMANTIC_TYPES))
    .exactOptional()
    .describe('Semantic types that override the guess.'),
  derive: z.record(z.string(), z.string()).exactOptional().describe('Derived columns: name to SQL expression.'),
  where: z.string().exactOptional().describe('SQL condition on rows.'),
})

const testFraction = z.number().gt(0).lt(1).default(0.2)

const splitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('random'), testFraction }),
  z.strictObject({ kind: z.literal('time'), column: z.string(), testFraction }),
  z.strictObject({ kind: z.literal('group'), column: z.string(), testFraction }),
  z.strictObject({ kind: z.literal('file'), test: z.union([z.string(), sourceSchema]) }),
])

/** Everything that a run depends on. The resolved form, defaults filled in, is recorded with each run. */
export const projectConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dot, dash and underscore')
    .default('model')
    .describe('Name in the model registry.'),
  data: z.union([
    z
      .string()
      .min(1)
      .transform((location) => ({ location })),
    sourceSchema,
  ]),
  target: z
    .union([z.string().min(1), z.strictObject({ name: z.string().min(1), sql: z.string().min(1) })])
    .describe(
      'A column, or a name with an SQL expression over the columns; columns in the expression are not features.',
    ),
  task: z.enum(['auto', 'classification', 'regression']).default('auto'),
  metric: z
    .enum(METRIC_NAMES as [MetricName, ...MetricName[]])
    .exactOptional()
    .describe('What decides between candidates.'),
  positive: z.string().exactOptional().describe('Which of two classes is the positive one.'),
  split: splitSchema.default({ kind: 'random', testFraction: 0.2 }),
  drop: z.array(z.string()).default([]).describe('Columns that are not features.'),
  protect: z
    .array(z.string())
    .default([])
    .describe('Columns whose groups are compared; still features unless dropped.'),
  features: z
    .record(z.string(), z.array(featureStepSchema))
    .default({})
    .describe('Feature steps of a column, in place of the planned ones.'),
  criteria: z.array(criterionSchema).default([]).describe('What the test result must reach; else exit code 3.'),
  constraints: constraintsSchema.default({}),
  budgetMs: z.number().positive().exactOptional().describe('No further candidate is started after this time.'),
  memoryMb: z
    .number()
    .int()
    .min(1)
    .default(1024)
    .describe('Most memory for rows, features and the engine, in MiB; beyond it, seeded samples are taken and said.'),
  seed: z.number().int().nonnegative().default(7),
  out: z.string().default('fivefold-out'),
  tracking: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .exactOptional()
        .describe('An MLflow server that runs go to.'),
      artifacts: z
        .string()
        .regex(/^s3:\/\//, 'expected s3://bucket/prefix')
        .exactOptional()
        .describe('Where in S3 the store keeps artifacts and models, in place of its own folder.'),
      systemMetrics: z.boolean().default(true).describe('Processors, memory and GPUs over the time of a run.'),
    })
    .prefault({})
    .describe('Where runs are recorded; by default in the store.'),
  store: z.string().default('.fivefold').describe('Folder of runs, registry, data versions and cached stages.'),
})

/** What a user writes. */
export type ProjectConfig = z.input<typeof projectConfigSchema>
/** What a run works with. */
export type ResolvedConfig = z.output<typeof projectConfigSchema>

/** Declares a project; the default export of `fivefold.config.ts`. Only a type check: nothing runs yet. */
export function defineProject(config: ProjectConfig): ProjectConfig {
  return config
}

/** Checks a config and fills in its defaults. @throws CONFIG_INVALID with an issue for each wrong key. */
export function resolveConfig(config: unknown): ResolvedConfig {
  const result = projectConfigSchema.safeParse(config)
  if (result.success) return result.data
  const issues = result.error.issues.flatMap(issueOf)
  throw new FivefoldError(
    'CONFIG_INVALID',
    `the configuration is wrong at ${issues.map((issue) => issue.path.join('.') || 'the top').join(', ')}`,
    { issues },
  )
}

function issueOf(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
  return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown key' }))
}
