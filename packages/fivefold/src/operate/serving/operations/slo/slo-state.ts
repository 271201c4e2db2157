import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { FivefoldError, writeFileAtomic } from '../../../../core/index.ts'

const whole = z.number().int().nonnegative()
const slots = z.array(z.tuple([whole, whole, whole]).readonly()).max(10_000)
const stateSchema = z.strictObject({
  format: z.literal(1),
  objectives: z
    .array(
      z.strictObject({
        name: z.enum(['availability', 'latency']),
        /** Counts stand for this threshold only. */
        thresholdMs: z.number().positive().nullable(),
        /** Milliseconds since 1970 at which counting began. */
        sinceMs: whole,
        minutes: slots,
        hours: slots,
      }),
    )
    .max(2),
})

/** What is kept of objectives between two starts of a server. */
export type SloState = z.infer<typeof stateSchema>

/** Undefined where there is no file yet. @throws CONFIG_INVALID, CONFIG_UNREADABLE */
export async function readSloState(path: string): Promise<SloState | undefined> {
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw new FivefoldError('CONFIG_UNREADABLE', `${path}: ${thrown.message}`, {
      cause: thrown,
      remedy: 'Give a file that the server may read and write.',
    })
  })
  if (text === undefined) return undefined
  const parsed = stateSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.map(toKey), message: issue.message }))
  throw new FivefoldError('CONFIG_INVALID', `${path} holds no counts of objectives`, {
    issues,
    remedy: 'Name another file, or take this one away to count from now on.',
  })
}

const toKey = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key))

/** Undefined for what is no JSON, which no schema takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const writeSloState = (path: string, state: SloState): Promise<void> =>
  writeFileAtomic(path, JSON.stringify(state))
