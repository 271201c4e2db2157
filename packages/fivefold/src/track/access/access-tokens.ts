import {
  type AccessToken,
  type AccessTokens,
  checkTokenName,
  createToken,
  hashToken,
  type TrackingScope,
} from '../../access/index.ts'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'

/** The tokens of a tracking store. */
export interface StoreTokens extends AccessTokens<TrackingScope> {
  /** undefined for a token that was never given, or was revoked. */
  findToken(token: string): Promise<AccessToken<TrackingScope> | undefined>
}

export function createAccessTokens({ read, write }: Database, clock: Clock): StoreTokens {
  return {
    async addToken(name, scope) {
      checkTokenName(name)
      return write(async (writer) => {
        const known = await writer
          .selectFrom('access_tokens')
          .where('name', '=', name)
          .select('name')
          .executeTakeFirst()
        if (known) throw new FivefoldError('STORE_CONFLICT', `there is a token '${name}' already`)
        const token = createToken()
        const row = { hash: hashToken(token), name, scope, created_ms: clock.nowMs() }
        await writer.insertInto('access_tokens').values(row).execute()
        return token
      })
    },
    async listTokens() {
      const rows = await read.selectFrom('access_tokens').selectAll().orderBy('name').execute()
      return rows.map(({ name, scope, created_ms }) => ({ name, scope: scope as TrackingScope, createdMs: created_ms }))
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
        .where('hash', '=', hashToken(token))
        .executeTakeFirst()
      return row && { name: row.name, scope: row.scope as TrackingScope, createdMs: row.created_ms }
    },
  }
}
