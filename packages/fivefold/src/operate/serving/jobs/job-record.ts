import { z } from 'zod'

const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const

/** What files of jobs are, as `data/` calls them. */
export const FILE_FORMATS = ['csv', 'jsonl', 'parquet'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]
const INPUT_FORMATS = [...FILE_FORMATS, 'arrow'] as const
export type InputFormat = (typeof INPUT_FORMATS)[number]

/** What is kept on disk of a job, beside its files. Times in milliseconds since 1970. */
export const jobRecordSchema = z.strictObject({
  id: z.uuid(),
  model: z.string(),
  version: z.string(),
  input: z.enum(INPUT_FORMATS),
  output: z.enum(FILE_FORMATS),
  state: z.enum(JOB_STATES),
  createdMs: z.number(),
  startedMs: z.number().exactOptional(),
  endedMs: z.number().exactOptional(),
  rows: z.number().exactOptional(),
  warnings: z.array(z.string()),
  error: z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() }).exactOptional(),
  /** Of the process that works on it. */
  owner: z.string(),
})

export type JobRecord = z.infer<typeof jobRecordSchema>

/** A job as its sender sees it. */
export interface JobStatus extends Omit<JobRecord, 'owner'> {
  readonly rowsDone: number
  /** At the pace so far; absent until there is one. */
  readonly secondsLeft?: number
  /** When its files are removed. */
  readonly expiresMs?: number
}
