import type { FastifyInstance } from 'fastify'
import type { Watched } from '../access/watched-files.ts'
import type { Certificates } from '../tls/certificates.ts'

/**
 * Headers have to be complete after this long, also on a connection that says nothing: who sends a byte now and then does not
 * hold one open. Node looks for such connections every so often.
 */
const SLOW_SENDERS = { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 } as const

/** What the HTTP server is made with: TLS where there are certificates. */
export function socketOptions(certificates: Watched<Certificates> | undefined): object {
  if (!certificates) return { http: SLOW_SENDERS }
  const asksForCertificate = certificates.value.ca !== undefined
  const tls = { ...certificates.value, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate }
  return { https: { ...SLOW_SENDERS, ...tls } }
}

/** New connections get the certificates that were read last. */
export function followCertificates({ server }: FastifyInstance, certificates: Watched<Certificates> | undefined): void {
  certificates?.onChange((value) => {
    if ('setSecureContext' in server && typeof server.setSecureContext === 'function') server.setSecureContext(value)
  })
}
