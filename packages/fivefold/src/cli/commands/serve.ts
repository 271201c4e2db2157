import { once } from 'node:events'
import { serveBundle } from '../../operate/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'

interface ServeFlags extends CommonFlags {
  readonly model: string
  readonly port: number
  readonly host: string
  readonly store: string
  readonly log?: string
}

/** Serves until interrupted; requests in flight are answered before the process ends with exit code 0. */
export async function serveCommand(flags: ServeFlags): Promise<void> {
  await withCommandContext(flags, async (context) => {
    const { bundle, version } = await openModel(flags.model, flags.store)
    const server = await serveBundle({
      bundle: bundle.path,
      version,
      host: flags.host,
      port: flags.port,
      context,
      ...(flags.log !== undefined && { logDir: flags.log }),
    })
    if (flags.json) printJson({ url: server.url, port: server.port, model: bundle.manifest.name, version })
    else
      printLine(`serving ${bundle.manifest.name} version ${version} at ${server.url}, API page at ${server.url}/docs`)
    if (!context.signal.aborted) await once(context.signal, 'abort')
    await server.close()
  })
}
