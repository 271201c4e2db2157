import { z } from 'zod'
import { METRIC_NAMES, type MetricName } from '../metrics/index.ts'

const metricName = z.enum(METRIC_NAMES as [MetricName, ...MetricName[]])

/** A condition that the test result must meet for the run to succeed. */
export const criterionSchema = z.strictObject({
  metric: metricName,
  atLeast: z.number().exactOptional(),
  atMost: z.number().exactOptional(),
})

/** Limits of where the model will run; candidates beyond them are not chosen. */
export const constraintsSchema = z.strictObject({
  /** 95th percentile of one row's prediction time. */
  latencyMs: z.number().positive().exactOptional(),
  sizeBytes: z.number().int().positive().exactOptional(),
})

/** The question that a model answers; part of every bundle. */
export const problemSchema = z.strictObject({
  task: z.enum(['classification', 'regression']),
  target: z.string(),
  /** What decides between candidates. */
  metric: metricName,
  metricReason: z.string(),
  /** Sorted; two or more for classification, empty for regression. For two, the second is the positive class. */
  classes: z.array(z.string()),
  criteria: z.array(criterionSchema),
  constraints: constraintsSchema,
  /** Columns whose groups are compared for representation and error rates. */
  protectedColumns: z.array(z.string()),
})

export type Criterion = z.infer<typeof criterionSchema>
export type Constraints = z.infer<typeof constraintsSchema>
export type Problem = z.infer<typeof problemSchema>
