import { FivefoldError } from '../core/index.ts'
import { type AccessOptions, parseRateLimit, type TlsFiles } from '../operate/index.ts'

/** Flags that say who may call a server, and how. */
export interface EntranceFlags {
  readonly tokens?: string
  readonly rateLimit?: string
  readonly openToAll?: boolean
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsClientCa?: string
}

/** @throws CLI_USAGE, OPTION_INVALID */
export function entranceOf(flags: EntranceFlags): { readonly access: AccessOptions; readonly tls?: TlsFiles } {
  const { tokens, rateLimit, openToAll } = flags
  if (tokens !== undefined && openToAll)
    throw new FivefoldError('CLI_USAGE', '--tokens and --open-to-all contradict one another')
  const tls = tlsOf(flags)
  return {
    access: {
      ...(tokens === undefined ? {} : { tokensFile: tokens }),
      ...(rateLimit === undefined ? {} : { rateLimit: parseRateLimit(rateLimit) }),
      ...(openToAll ? { openToAll } : {}),
    },
    ...(tls ? { tls } : {}),
  }
}

function tlsOf({ tlsCert: cert, tlsKey: key, tlsClientCa: clientCa }: EntranceFlags): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key, ...(clientCa === undefined ? {} : { clientCa }) }
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined
  throw new FivefoldError('CLI_USAGE', 'TLS needs both --tls-cert and --tls-key')
}
