import { type AccessScope, openTrackingStore, type TrackingStore } from '../../track/index.ts'
import { printJson, printLine } from '../output.ts'
import { artifactsFolder, storeLocation } from './up.ts'

interface TokensFlags {
  readonly store: string
  readonly json?: boolean
}

/** Prints the token, which is kept nowhere. */
export async function tokensAddCommand(
  name: string,
  flags: TokensFlags & { readonly scope: AccessScope },
): Promise<void> {
  const token = await withStore(flags, (store) => store.addToken(name, flags.scope))
  if (flags.json) printJson({ name, scope: flags.scope, token })
  else printLine(token)
}

export async function tokensListCommand(flags: TokensFlags): Promise<void> {
  const tokens = await withStore(flags, (store) => store.listTokens())
  if (flags.json) return printJson(tokens)
  for (const { name, scope, createdMs } of tokens) printLine(`${name}  ${scope}  ${new Date(createdMs).toISOString()}`)
}

export async function tokensRevokeCommand(name: string, flags: TokensFlags): Promise<void> {
  await withStore(flags, (store) => store.revokeToken(name))
  if (flags.json) printJson({ revoked: name })
  else printLine(`${name} is revoked`)
}

async function withStore<T>(flags: TokensFlags, work: (store: TrackingStore) => Promise<T>): Promise<T> {
  const store = await openTrackingStore(storeLocation(flags.store), artifactsFolder(flags.store, undefined))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
