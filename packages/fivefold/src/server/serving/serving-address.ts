import { FivefoldError } from '../../core/index.ts'

/** A server of models that the tracking server may ask. */
export interface ServingAddress {
  /** Host and port, as the console's addresses name it. */
  readonly id: string
  /** Ends with a slash. */
  readonly url: string
}

const REMEDY = 'Give it as http://host:port, without name, password or query.'

/** @throws OPTION_INVALID for what is no address, and for one that is named twice */
export function parseServingAddresses(texts: readonly string[]): ServingAddress[] {
  const addresses = texts.map(parseAddress)
  const twice = addresses.find(({ id }, i) => addresses.findIndex((one) => one.id === id) !== i)
  if (twice)
    throw new FivefoldError('OPTION_INVALID', `the server ${twice.id} is named twice`, { remedy: 'Name it once.' })
  return addresses
}

function parseAddress(text: string): ServingAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash
  if (!isPlain || !['http:', 'https:'].includes(url.protocol))
    // A password in it must not be said again.
    throw new FivefoldError('OPTION_INVALID', 'the address of a server of models cannot be read', { remedy: REMEDY })
  const folder = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
  return { id: `${url.host}${folder.slice(0, -1)}`, url: `${url.origin}${folder}` }
}
