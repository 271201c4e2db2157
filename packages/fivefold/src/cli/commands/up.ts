import { once } from 'node:events'
import { join } from 'node:path'
import { type ServeTrackingOptions, serveTracking } from '../../server/index.ts'
import { isPostgresUrl, openTrackingStore, type TrackingStoreOptions, withoutPassword } from '../../track/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { printJson, printLine } from '../output.ts'

interface UpFlags extends CommonFlags {
  readonly port: number
  readonly host: string
  readonly store: string
  readonly artifacts?: string
  readonly artifactsMoved?: boolean
  readonly openToAll?: boolean
  readonly serving?: readonly string[]
}

/** The database of a `--store`: a folder, in which `fivefold run` keeps its runs; a file; or the address of PostgreSQL. */
export function storeLocation(store: string): string {
  return isPostgresUrl(store) || store.endsWith('.db') ? store : join(store, 'fivefold.db')
}

/** Where artifacts lie: as the flag says, as the store remembers, beside its file, or under `.fivefold` where it is a server. */
export const artifactsPlace = (store: string, artifacts: string | undefined): TrackingStoreOptions => ({
  ...(artifacts !== undefined && { artifacts }),
  ...(isPostgresUrl(store) && { folder: '.fivefold' }),
})

/** The token stays out of the command line, which other users of the machine can read. */
function servingOf({ serving }: UpFlags): Pick<ServeTrackingOptions, 'serving'> {
  const token = process.env.FIVEFOLD_SERVING_TOKEN
  return serving ? { serving: { addresses: serving, ...(token && { token }) } } : {}
}

/** Serves until interrupted; requests in flight are answered before the process ends with exit code 0. */
export async function upCommand(flags: UpFlags): Promise<void> {
  await withCommandContext(flags, async (context) => {
    const store = await openTrackingStore(storeLocation(flags.store), {
      ...artifactsPlace(flags.store, flags.artifacts),
      ...(flags.artifactsMoved && { artifactsMoved: true }),
    })
    try {
      await store.checkArtifacts()
      const { host, port, openToAll = false } = flags
      const server = await serveTracking({ store, context, host, port, openToAll, ...servingOf(flags) })
      const shown = withoutPassword(storeLocation(flags.store))
      if (flags.json) printJson({ url: server.url, port: server.port, store: shown })
      else printLine(`tracking at ${server.url}, runs in ${shown}`)
      if (!context.signal.aborted) await once(context.signal, 'abort')
      await server.close()
    } finally {
      await store.close()
    }
  })
}
