import type { FastifyInstance } from 'fastify'
import type { Watched } from '../access/watched-files.ts'
import type { ServingLimits } from '../runtime/limits.ts'
import type { Certificates } from '../tls/certificates.ts'

/** Headers have to be complete after this long, also on a connection that says nothing. */
const HEADERS_MS = 10_000
/** How often Node looks for connections that are late. */
const LOOK_MS = 2_000

/** What the HTTP server is made with: TLS where there are certificates, and how long senders may take. */
export function socketOptions(
  certificates: Watched<Certificates> | undefined,
  { timeoutMs }: Pick<ServingLimits, 'timeoutMs'>,
): object {
  // Node exchanges the two times where that for headers is the longer one.
  const times = { headersTimeout: Math.min(HEADERS_MS, timeoutMs), connectionsCheckingInterval: LOOK_MS }
  if (!certificates) return { http: times }
  const asksForCertificate = certificates.value.ca !== undefined
  const tls = { ...certificates.value, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate }
  return { https: { ...times, ...tls } }
}

/** New connections get the certificates that were read last. */
export function followCertificates({ server }: FastifyInstance, certificates: Watched<Certificates> | undefined): void {
  certificates?.onChange((value) => {
    if ('setSecureContext' in server && typeof server.setSecureContext === 'function') server.setSecureContext(value)
  })
}
