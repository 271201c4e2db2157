import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** An authority that OpenSSL made, in a folder. */
export interface TestAuthority {
  /** Its certificate. */
  readonly ca: string
  /** Makes a key and a certificate for 127.0.0.1 and localhost; valid for `days` from now; a certificate of -1 has expired. */
  issue(name: string, days?: number): { readonly cert: string; readonly key: string }
}

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export function createAuthority(folder: string, name = 'authority'): TestAuthority {
  mkdirSync(folder, { recursive: true })
  const file = (part: string): string => join(folder, part)
  const [ca, caKey] = [file(`${name}.pem`), file(`${name}.key`)]
  openssl('req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', ca)
  return {
    ca,
    issue(leaf, days = 1) {
      const [cert, key, request] = [file(`${leaf}.pem`), file(`${leaf}.key`), file(`${leaf}.csr`)]
      const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
      openssl('req', ...KEY, '-subj', `/CN=${leaf}`, '-addext', names, '-keyout', key, '-out', request)
      const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-copy_extensions', 'copy']
      openssl('x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', cert)
      return { cert, key }
    },
  }
}
