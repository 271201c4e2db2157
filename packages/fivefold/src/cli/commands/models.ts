import { join } from 'node:path'
import { FivefoldError } from '../../core/index.ts'
import { openTrackingStore, type TrackingStore } from '../../track/index.ts'
import { printJson, printLine } from '../output.ts'

interface ModelsFlags {
  readonly store: string
  readonly json?: boolean
}

export async function modelsListCommand(flags: ModelsFlags): Promise<void> {
  const versions = await withStore(flags, (store) => store.listModels())
  if (flags.json) return printJson(versions)
  for (const model of versions) {
    for (const { version, aliases, createdMs } of model.versions) {
      printLine(
        `${model.name}/${version}  ${new Date(createdMs).toISOString()}  ${aliases.map((alias) => `@${alias}`).join(' ')}`,
      )
    }
  }
}

/** Promotion and roll-back are the same act: an alias comes to point at another version. */
export async function modelsAliasCommand(model: string, alias: string, flags: ModelsFlags): Promise<void> {
  const match = /^([\w.-]+)\/(\d+)$/.exec(model)
  if (!match) throw new FivefoldError('CLI_USAGE', `'${model}' is not of the form name/version`)
  await withStore(flags, (store) => store.setAlias(match[1]!, alias, Number(match[2])))
  if (flags.json) printJson({ model: match[1], alias, version: Number(match[2]) })
  else printLine(`${match[1]}@${alias} is version ${match[2]}`)
}

async function withStore<T>(flags: ModelsFlags, work: (store: TrackingStore) => Promise<T>): Promise<T> {
  const store = await openTrackingStore(join(flags.store, 'fivefold.db'))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
