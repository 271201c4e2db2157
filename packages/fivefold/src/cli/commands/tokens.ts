import { SERVING_SCOPES, type ServingScope, TRACKING_SCOPES, type TrackingScope } from '../../access/index.ts'
import { FivefoldError } from '../../core/index.ts'
import { openTokenFile } from '../../operate/index.ts'
import { openTrackingStore, type TrackingStore } from '../../track/index.ts'
import { printJson, printLine } from '../output.ts'
import { artifactsPlace, storeLocation } from './up.ts'

interface TokensFlags {
  readonly store: string
  /** Tokens of a model server, instead of those of the store. */
  readonly file?: string
  readonly json?: boolean
}

interface AddFlags extends TokensFlags {
  readonly scope?: string
  readonly rateLimit?: string
}

/** Prints the token, which is kept nowhere. */
export async function tokensAddCommand(name: string, flags: AddFlags): Promise<void> {
  const { scope, token } = await (flags.file === undefined
    ? addToStore(name, flags)
    : addToFile(name, flags.file, flags))
  if (flags.json) printJson({ name, scope, token })
  else printLine(token)
}

async function addToStore(name: string, flags: AddFlags): Promise<{ scope: TrackingScope; token: string }> {
  if (flags.rateLimit !== undefined)
    throw new FivefoldError('CLI_USAGE', '--rate-limit is for tokens of a model server: give --file')
  const scope = scopeAmong(TRACKING_SCOPES, flags.scope ?? 'write', 'without --file')
  return { scope, token: await withStore(flags, (store) => store.addToken(name, scope)) }
}

async function addToFile(name: string, file: string, flags: AddFlags): Promise<{ scope: ServingScope; token: string }> {
  const scope = scopeAmong(SERVING_SCOPES, flags.scope ?? 'predict', 'with --file')
  return { scope, token: await openTokenFile(file).addToken(name, scope, flags.rateLimit) }
}

function scopeAmong<S extends string>(scopes: readonly S[], scope: string, when: string): S {
  const found = scopes.find((one) => one === scope)
  if (found) return found
  throw new FivefoldError('CLI_USAGE', `${when} --scope is one of ${scopes.join(', ')}`)
}

export async function tokensListCommand(flags: TokensFlags): Promise<void> {
  const tokens = await (flags.file === undefined
    ? withStore(flags, (store) => store.listTokens())
    : openTokenFile(flags.file).listTokens())
  if (flags.json) return printJson(tokens)
  for (const { name, scope, createdMs } of tokens) printLine(`${name}  ${scope}  ${new Date(createdMs).toISOString()}`)
}

export async function tokensRevokeCommand(name: string, flags: TokensFlags): Promise<void> {
  await (flags.file === undefined
    ? withStore(flags, (store) => store.revokeToken(name))
    : openTokenFile(flags.file).revokeToken(name))
  if (flags.json) printJson({ revoked: name })
  else printLine(`${name} is revoked`)
}

async function withStore<T>(flags: TokensFlags, work: (store: TrackingStore) => Promise<T>): Promise<T> {
  const store = await openTrackingStore(storeLocation(flags.store), artifactsPlace(flags.store, undefined))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
