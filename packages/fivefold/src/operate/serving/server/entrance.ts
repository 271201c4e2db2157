import { type Context, LOOPBACK_HOSTS } from '../../../core/index.ts'
import type { TakeOne } from '../access/admission.ts'
import type { GuardOptions } from '../access/guard-requests.ts'
import { type AccessOptions, checkExposure, type OpenedAdmission, openAdmission } from '../access/open-admission.ts'
import type { Watched } from '../access/watched-files.ts'
import { type Certificates, type TlsFiles, watchCertificates } from '../tls/certificates.ts'

export interface EntranceOptions {
  readonly host: string
  readonly access?: AccessOptions
  readonly tls?: TlsFiles
  /** Where another process counts requests. */
  readonly takeOne?: TakeOne
}

/** What stands before all protocols: who may call, and TLS. */
export interface Entrance {
  readonly admission: OpenedAdmission
  readonly guard: GuardOptions
  readonly certificates?: Watched<Certificates>
  /** Reads tokens and certificates now. */
  reload(): Promise<void>
  close(): void
}

/** @throws OPTION_INVALID for a server that would be open to other machines by accident, TOKENS_INVALID, CERTIFICATE_INVALID */
export async function openEntrance(options: EntranceOptions, context: Context): Promise<Entrance> {
  const { host, access = {}, tls, takeOne } = options
  checkExposure(host, access, tls?.clientCa !== undefined)
  const certificates = tls && (await watchCertificates(tls, context))
  const admission = await openAdmission(access, context, takeOne).catch((error) => {
    certificates?.close()
    throw error
  })
  return {
    admission,
    guard: { admission, isLocal: LOOPBACK_HOSTS.has(host) },
    ...(certificates && { certificates }),
    reload: async () => void (await Promise.all([admission.reload(), certificates?.reload()])),
    close: () => {
      admission.close()
      certificates?.close()
    },
  }
}
