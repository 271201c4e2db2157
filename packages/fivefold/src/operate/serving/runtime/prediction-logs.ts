import { join } from 'node:path'
import type { Context } from '../../../core/index.ts'
import { createPredictionLog, type PredictionLog } from '../../prediction-log/index.ts'
import type { Servable } from '../model/servable.ts'

/**
 * Opens the log of each version that is served: in a folder `<model>/<version>` of its own, or in `dir` itself where only
 * one version is ever served. A version that is loaded again goes on in the log that it has.
 */
export function createPredictionLogs(
  dir: string,
  layout: 'one' | 'many',
  context: Context,
): (model: Servable) => Promise<PredictionLog> {
  const opened = new Map<string, { log: Promise<PredictionLog>; users: number }>()
  // Interrupting the server must not interrupt the compaction of what it has logged: that is part of closing.
  const uninterrupted = { ...context, signal: new AbortController().signal }

  return async (model) => {
    const folder = layout === 'one' ? dir : join(dir, folderName(model.name), folderName(model.version))
    const entry = opened.get(folder) ?? { log: openLog(folder, model, uninterrupted), users: 0 }
    opened.set(folder, entry)
    entry.users++
    const release = async (): Promise<void> => {
      entry.users--
      if (entry.users > 0) return
      opened.delete(folder)
      await (await entry.log).close()
    }
    const log = await entry.log.catch((error) => {
      opened.delete(folder)
      throw error
    })
    let closing: Promise<void> | undefined
    return {
      append: (record) => log.append(record),
      close: () => {
        closing ??= release()
        return closing
      },
    }
  }
}

function openLog(dir: string, model: Servable, context: Context): Promise<PredictionLog> {
  const { columns, output } = model.table!
  const classes = output.task === 'classification' ? output.classes : []
  return createPredictionLog({ dir, model, schema: columns, classes, context })
}

/** Names come from files and from bundles: none may lead out of the log's folder. */
const folderName = (name: string): string => encodeURIComponent(name).replace(/^\.+$/, '_')
