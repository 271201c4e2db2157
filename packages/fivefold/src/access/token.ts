import { createHash, randomBytes } from 'node:crypto'
import { FivefoldError } from '../core/index.ts'
import type { AccessScope } from './scopes.ts'

export interface AccessToken<S extends AccessScope = AccessScope> {
  readonly name: string
  readonly scope: S
  readonly createdMs: number
}

/** Tokens for callers from other machines. Only their hashes are kept. */
export interface AccessTokens<S extends AccessScope = AccessScope> {
  /** Returns the token, which cannot be read again. Throws STORE_CONFLICT where the name is taken, OPTION_INVALID. */
  addToken(name: string, scope: S): Promise<string>
  /** By name. */
  listTokens(): Promise<AccessToken<S>[]>
  /** Throws OPTION_INVALID where there is none of this name. */
  revokeToken(name: string): Promise<void>
}

/** A new token. There is nothing to guess in 32 random bytes, so that its hash needs neither salt nor slowness. */
export const createToken = (): string => `ff_${randomBytes(32).toString('base64url')}`

/** SHA-256 in hex: all of a token that is ever kept. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** @throws OPTION_INVALID */
export function checkTokenName(name: string): void {
  if (!/^[\w.@-]{1,100}$/.test(name))
    throw new FivefoldError('OPTION_INVALID', `'${name}' is not a name for a token: letters, digits and _ . @ -`)
}
