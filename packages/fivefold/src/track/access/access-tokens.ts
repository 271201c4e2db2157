import { createHash, randomBytes } from 'node:crypto'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'

/** What a token allows: each scope also allows what those before it do. */
export type AccessScope = 'read' | 'write' | 'admin'

export const ACCESS_SCOPES: readonly AccessScope[] = ['read', 'write', 'admin']

export interface AccessToken {
  readonly name: string
  readonly scope: AccessScope
  readonly createdMs: number
}

/** Tokens for callers from other machines. Only their hashes are kept. */
export interface AccessTokens {
  /** Returns the token, which cannot be read again. Throws STORE_CONFLICT where the name is taken. */
  addToken(name: string, scope: AccessScope): Promise<string>
  /** By name. */
  listTokens(): Promise<AccessToken[]>
  /** Throws OPTION_INVALID where there is none of this name. */
  revokeToken(name: string): Promise<void>
  /** undefined for a token that was never given, or was revoked. */
  findToken(token: string): Promise<AccessToken | undefined>
}

/** 32 random bytes need no salt and no slow hash: there is nothing to guess. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export function createAccessTokens({ read, write }: Database, clock: Clock): AccessTokens {
  return {
    addToken(name, scope) {
      if (!/^[\w.@-]{1,100}$/.test(name))
        throw new FivefoldError('OPTION_INVALID', `'${name}' is not a name for a token: letters, digits and _ . @ -`)
      return write(async (writer) => {
        const known = await writer
          .selectFrom('access_tokens')
          .where('name', '=', name)
          .select('name')
          .executeTakeFirst()
        if (known) throw new FivefoldError('STORE_CONFLICT', `there is a token '${name}' already`)
        const token = `ff_${randomBytes(32).toString('base64url')}`
        const row = { hash: hashOf(token), name, scope, created_ms: clock.nowMs() }
        await writer.insertInto('access_tokens').values(row).execute()
        return token
      })
    },
    async listTokens() {
      const rows = await read.selectFrom('access_tokens').selectAll().orderBy('name').execute()
      return rows.map(({ name, scope, created_ms }) => ({ name, scope: scope as AccessScope, createdMs: created_ms }))
    },
    revokeToken: (name) =>
      write(async (writer) => {
        const gone = await writer.deleteFrom('access_tokens').where('name', '=', name).executeTakeFirst()
        if (gone.numDeletedRows === 0n) throw new FivefoldError('OPTION_INVALID', `there is no token '${name}'`)
      }),
    async findToken(token) {
      const row = await read
        .selectFrom('access_tokens')
        .selectAll()
        .where('hash', '=', hashOf(token))
        .executeTakeFirst()
      return row && { name: row.name, scope: row.scope as AccessScope, createdMs: row.created_ms }
    },
  }
}
