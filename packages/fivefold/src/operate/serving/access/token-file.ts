import { timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import {
  type AccessToken,
  type AccessTokens,
  checkTokenName,
  createToken,
  hashToken,
  SERVING_SCOPES,
  type ServingScope,
} from '../../../access/index.ts'
import { FivefoldError, type Issue, systemClock, writeFileAtomic } from '../../../core/index.ts'
import { parseRateLimit, type RateLimit } from './rate-limit.ts'

/** A token of a model server. */
export interface ServingToken extends AccessToken<ServingScope> {
  /** Instead of the server's; null for none at all. */
  readonly rateLimit?: RateLimit | null
}

/** The tokens of a model server, in a file of their own: JSON that holds hashes, and can lie in a secret of the platform. */
export interface ServingTokens extends AccessTokens<ServingScope> {
  /** `rateLimit` as `100/s`, or `none`, in place of the server's. @throws STORE_CONFLICT, OPTION_INVALID, TOKENS_INVALID */
  addToken(name: string, scope: ServingScope, rateLimit?: string): Promise<string>
  listTokens(): Promise<ServingToken[]>
}

const tokenSchema = z.strictObject({
  name: z.string().min(1).max(100),
  scope: z.enum(SERVING_SCOPES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in 64 digits'),
  createdMs: z.number().int().nonnegative(),
  rateLimit: z.string().exactOptional(),
})
const fileSchema = z.strictObject({ tokens: z.array(tokenSchema).max(10_000) })
type Entry = z.infer<typeof tokenSchema>

/** Opens the tokens that `fivefold serve --tokens` reads. A file that is not there has none, and is made by the first one. */
export function openTokenFile(path: string): ServingTokens {
  const write = (tokens: readonly Entry[]): Promise<void> =>
    writeFileAtomic(path, `${JSON.stringify({ tokens }, undefined, 2)}\n`)
  return {
    async addToken(name, scope, rateLimit) {
      checkTokenName(name)
      if (rateLimit !== undefined) limitOf(rateLimit)
      const entries = await readEntries(path, 'none')
      if (entries.some((entry) => entry.name === name))
        throw new FivefoldError('STORE_CONFLICT', `there is a token '${name}' already`)
      const token = createToken()
      const createdMs = systemClock.nowMs()
      const entry = { name, scope, sha256: hashToken(token), createdMs, ...(rateLimit !== undefined && { rateLimit }) }
      await write([...entries, entry])
      return token
    },
    async listTokens() {
      const tokens = (await readEntries(path, 'none')).map(tokenOf)
      return tokens.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async revokeToken(name) {
      const entries = await readEntries(path, 'none')
      const left = entries.filter((entry) => entry.name !== name)
      if (left.length === entries.length) throw new FivefoldError('OPTION_INVALID', `there is no token '${name}'`)
      await write(left)
    },
  }
}

/** Finds whose token this is. */
export type FindToken = (token: string) => ServingToken | undefined

/** @throws TOKENS_INVALID */
export async function readTokens(path: string): Promise<FindToken> {
  const tokens = new Map(
    (await readEntries(path, 'invalid')).map((entry) => [
      entry.sha256,
      { hash: Buffer.from(entry.sha256), token: tokenOf(entry) },
    ]),
  )
  return (shown) => {
    const hash = hashToken(shown)
    // Found by its hash: the time that this takes tells of hashes, from which no token can be made.
    const found = tokens.get(hash)
    return found && timingSafeEqual(found.hash, Buffer.from(hash)) ? found.token : undefined
  }
}

async function readEntries(path: string, absent: 'none' | 'invalid'): Promise<Entry[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && absent === 'none') return '{"tokens":[]}'
    throw new FivefoldError('TOKENS_INVALID', `${path} cannot be read: ${cause.message}`, { cause })
  })
  const parsed = fileSchema.safeParse(jsonOf(text, path))
  if (parsed.success) return checked(parsed.data.tokens, path)
  const issues = parsed.error.issues.map(
    (issue): Issue => ({ path: issue.path as Issue['path'], message: issue.message }),
  )
  const [first] = issues
  throw new FivefoldError('TOKENS_INVALID', `${path}: ${first?.path.join('.')}: ${first?.message}`, { issues })
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FivefoldError('TOKENS_INVALID', `${path} is no JSON`, { cause })
  }
}

/** Two tokens of one name could not be told apart, nor could one be revoked. */
function checked(entries: Entry[], path: string): Entry[] {
  const names = new Set<string>()
  for (const { name, rateLimit } of entries) {
    if (names.has(name)) throw new FivefoldError('TOKENS_INVALID', `${path} has two tokens '${name}'`)
    names.add(name)
    if (rateLimit !== undefined) limitIn(path, name, rateLimit)
  }
  return entries
}

const limitOf = (text: string): RateLimit | null => (text === 'none' ? null : parseRateLimit(text))

function limitIn(path: string, name: string, text: string): void {
  try {
    limitOf(text)
  } catch (cause) {
    throw new FivefoldError('TOKENS_INVALID', `${path}, token '${name}': ${(cause as Error).message}`, { cause })
  }
}

const tokenOf = ({ name, scope, createdMs, rateLimit }: Entry): ServingToken => ({
  ...{ name, scope, createdMs },
  ...(rateLimit !== undefined && { rateLimit: limitOf(rateLimit) }),
})
