import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { type Context, FivefoldError } from '../../../core/index.ts'
import { type Watched, watchFiles } from '../access/watched-files.ts'

/** PEM files for TLS, over HTTP and gRPC alike; read again when one of them changes. */
export interface TlsFiles {
  /** The server's certificate, then those that lead to its authority. */
  readonly cert: string
  /** Its private key, without a passphrase. */
  readonly key: string
  /** Authorities of clients: with it only clients with a certificate of one of them can connect. */
  readonly clientCa?: string
}

/** What those files hold. */
export interface Certificates {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** @throws CERTIFICATE_INVALID */
export function watchCertificates(files: TlsFiles, { log, clock }: Context): Promise<Watched<Certificates>> {
  const paths = [files.cert, files.key, ...(files.clientCa === undefined ? [] : [files.clientCa])]
  const read = async (): Promise<Certificates> => {
    const certificates = await readCertificates(files)
    const warning = validityWarning(certificates.cert, clock.nowMs())
    if (warning !== undefined) log.warn(`${files.cert}: ${warning}`)
    return certificates
  }
  return watchFiles('certificates', paths, read, log)
}

async function readCertificates({ cert, key, clientCa }: TlsFiles): Promise<Certificates> {
  const certificates = {
    cert: await readPem(cert),
    key: await readPem(key),
    ...(clientCa !== undefined && { ca: await readPem(clientCa) }),
  }
  const leaf = part(cert, 'no certificate', () => new X509Certificate(certificates.cert))
  const privateKey = part(key, 'no private key without a passphrase', () => createPrivateKey(certificates.key))
  if (!leaf.checkPrivateKey(privateKey))
    throw new FivefoldError('CERTIFICATE_INVALID', `the key of ${key} is not that of the certificate of ${cert}`)
  if (clientCa !== undefined) part(clientCa, 'no certificate', () => new X509Certificate(certificates.ca!))
  // What OpenSSL refuses beside: broken chains, keys that are too short.
  part(cert, 'nothing for TLS', () => createSecureContext(certificates))
  return certificates
}

const readPem = (path: string): Promise<Buffer> =>
  readFile(path).catch((cause: Error) => {
    throw new FivefoldError('CERTIFICATE_INVALID', `${path} cannot be read: ${cause.message}`, { cause })
  })

function part<T>(path: string, lack: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new FivefoldError('CERTIFICATE_INVALID', `${path} holds ${lack}: ${(cause as Error).message}`, { cause })
  }
}

/** What clients will say of a certificate's dates, if anything. */
function validityWarning(cert: Buffer, nowMs: number): string | undefined {
  const { validFrom, validTo } = new X509Certificate(cert)
  if (nowMs > Date.parse(validTo)) return `the certificate has expired: it was valid until ${validTo}`
  if (nowMs < Date.parse(validFrom)) return `the certificate is not valid yet: it will be from ${validFrom}`
  return undefined
}
