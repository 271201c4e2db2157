import { z } from 'zod'
import { SEMANTIC_TYPES } from './schema.ts'

/** A `ColumnSchema` as it is stored in JSON; unknown keys are refused. */
export const columnSchemaJson = z.strictObject({
  name: z.string(),
  type: z.enum(SEMANTIC_TYPES),
  tensor: z.enum(['double', 'int64', 'bool', 'string']),
  nullable: z.boolean(),
  evidence: z.string(),
  datetimeFormat: z.string().exactOptional(),
})
