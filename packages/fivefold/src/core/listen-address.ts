import { FivefoldError } from './errors.ts'

/** Addresses to listen on, and names, by which this machine alone is reached. */
export const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/** An address that a client can call: the wildcard addresses are none. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** PORT_IN_USE or OPTION_INVALID for whatever kept a server from listening. */
export function listenError(thrown: unknown, host: string, port: number): FivefoldError {
  const error = FivefoldError.from(thrown, 'OPTION_INVALID')
  const message =
    error.code === 'PORT_IN_USE' ? `${host}:${port} is taken` : `cannot listen on ${host}:${port}: ${error.message}`
  return new FivefoldError(error.code, message, { cause: thrown })
}
