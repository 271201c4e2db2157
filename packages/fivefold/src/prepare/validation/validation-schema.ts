import { z } from 'zod'
import { SEMANTIC_TYPES } from '../../data/index.ts'

const columnRules = z.strictObject({
  name: z.string().min(1),
  type: z.enum(SEMANTIC_TYPES),
  /** Whether the column must be there. */
  required: z.boolean(),
  /** Largest share of missing values; at 0 each missing value sets its row aside. */
  maxMissingRate: z.number().min(0).max(1),
  /** Bounds of numbers, both allowed; ISO 8601 for datetimes. */
  min: z.union([z.number(), z.string()]).exactOptional(),
  max: z.union([z.number(), z.string()]).exactOptional(),
  /** The only texts allowed. */
  categories: z.array(z.string()).min(1).exactOptional(),
  /** No value twice. */
  unique: z.boolean(),
})

/** What new data must look like; a JSON file that is meant to be read and edited. */
export const validationSchema = z.strictObject({
  format: z.literal(1),
  minRows: z.number().int().min(1),
  columns: z.array(columnRules).min(1),
})

export type ColumnRules = z.infer<typeof columnRules>
export type ValidationSchema = z.infer<typeof validationSchema>
