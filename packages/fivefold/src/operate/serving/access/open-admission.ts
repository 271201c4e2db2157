import { type Context, FivefoldError, LOOPBACK_HOSTS } from '../../../core/index.ts'
import { type Admission, createAdmission, type TakeOne } from './admission.ts'
import type { RateLimit } from './rate-limit.ts'
import { createTokenBuckets } from './token-buckets.ts'
import { type FindToken, openTokenFile, readTokens } from './token-file.ts'
import { type Watched, watchFiles } from './watched-files.ts'

/** Who may call, and how often. */
export interface AccessOptions {
  /** File of tokens, see `openTokenFile`; read again when it changes. With it every call but health checks needs a token. */
  readonly tokensFile?: string
  /** For each token, and for each client address without one. */
  readonly rateLimit?: RateLimit
  /** Lets everyone who reaches the port in: for where a platform or a proxy has asked them who they are. */
  readonly openToAll?: boolean
}

export interface OpenedAdmission extends Admission {
  /** Reads the tokens now. */
  reload(): Promise<void>
  close(): void
}

/** @throws TOKENS_INVALID */
export async function openAdmission(
  { tokensFile, rateLimit }: AccessOptions,
  context: Context,
  takeOne: TakeOne = takeHere(context),
): Promise<OpenedAdmission> {
  const tokens = tokensFile === undefined ? undefined : await watchTokens(tokensFile, context)
  const admission = createAdmission({
    takeOne,
    ...(tokens && { findToken: (token: string) => tokens.value(token) }),
    ...(rateLimit && { rateLimit }),
  })
  return { ...admission, reload: async () => tokens?.reload(), close: () => tokens?.close() }
}

async function watchTokens(path: string, { log }: Context): Promise<Watched<FindToken>> {
  if ((await openTokenFile(path).listTokens()).length === 0)
    throw new FivefoldError('TOKENS_INVALID', `${path} has no tokens: nobody could call`)
  return watchFiles('tokens', [path], () => readTokens(path), log)
}

/** Counts in this process. */
function takeHere({ clock }: Context): TakeOne {
  const buckets = createTokenBuckets(clock)
  return (key, limit) => buckets.take(key, limit, 1).waitMs
}

/**
 * A server that other machines reach asks its callers who they are, or was told not to.
 *
 * @throws OPTION_INVALID
 */
export function checkExposure(
  host: string,
  { tokensFile, openToAll }: AccessOptions,
  asksForCertificates: boolean,
): void {
  if (LOOPBACK_HOSTS.has(host) || tokensFile !== undefined || openToAll || asksForCertificates) return
  throw new FivefoldError('OPTION_INVALID', `${host} is reachable from other machines, and the server has no tokens`, {
    remedy:
      'Make one with `fivefold tokens add NAME --file tokens.json` and pass --tokens tokens.json; or pass --open-to-all where a platform or proxy asks callers who they are.',
  })
}
