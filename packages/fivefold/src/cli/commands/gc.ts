import { openTrackingStore } from '../../track/index.ts'
import { printJson, printLine } from '../output.ts'
import { artifactsPlace, storeLocation } from './up.ts'

interface GcFlags {
  readonly olderThan: number
  readonly dryRun?: boolean
  readonly store: string
  readonly artifacts?: string
  readonly json?: boolean
}

/** Removes for good what was deleted long enough ago. */
export async function gcCommand({ olderThan, dryRun = false, ...flags }: GcFlags): Promise<void> {
  const deletedBeforeMs = Date.now() - olderThan
  await using store = await openTrackingStore(storeLocation(flags.store), artifactsPlace(flags.store, flags.artifacts))
  const report = await store.collectGarbage({ deletedBeforeMs, dryRun })
  if (flags.json) return printJson({ dryRun, ...report })
  const { runs, loggedModels, files, bytes, uploads } = report
  const content = `files: ${files} (${(bytes / 1e6).toFixed(1)} MB), unfinished uploads: ${uploads}`
  const what = `runs: ${runs}, logged models: ${loggedModels}, ${content}`
  printLine(`${dryRun ? 'would remove' : 'removed'} ${what}`)
}
