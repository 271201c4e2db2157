import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Bundle, openBundle } from '../bundle/index.ts'
import { FivefoldError, recoverFolder } from '../core/index.ts'
import { openTrackingStore } from '../track/index.ts'

export interface NamedModel {
  readonly bundle: Bundle
  /** Version in the registry; '1' for a bundle that is named by its folder. */
  readonly version: string
}

/** Whether a reference has the form `name@alias` or `name/version`. */
export const isModelName = (reference: string): boolean => /^[\w.-]+(@[\w.-]+|\/\d+)$/.test(reference)

/** A bundle by folder, or by `name@alias` or `name/version` from the registry. */
export async function openModel(reference: string, store: string): Promise<NamedModel> {
  await recoverFolder(resolve(reference))
  if (await exists(join(reference, 'fivefold.json')))
    return { bundle: await openBundle(resolve(reference)), version: '1' }
  if (!isModelName(reference)) {
    throw new FivefoldError(
      'MODEL_NOT_FOUND',
      `${reference} is neither a bundle folder nor name@alias nor name/version`,
    )
  }
  if (!(await exists(join(store, 'fivefold.db')))) {
    throw new FivefoldError(
      'MODEL_NOT_FOUND',
      `no bundle at ${resolve(reference)}, and no registry at ${resolve(store)}`,
    )
  }
  const registry = await openTrackingStore(join(store, 'fivefold.db'))
  try {
    const found = await registry.resolveModel(reference)
    return { bundle: await openBundle(found.bundlePath), version: String(found.version) }
  } finally {
    await registry.close()
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
