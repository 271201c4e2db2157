import { z } from 'zod'
import { FivefoldError } from '../../core/index.ts'
import { pathOfUri, type TrackingStore } from '../../track/index.ts'
import { runFields, runIdOf } from './runs.ts'
import { type WireRoute, wireRoute } from './wire-route.ts'

/** Listing the artifacts of a run. Their content goes through the artifact proxy. */
export function artifactRoutes(store: TrackingStore): WireRoute[] {
  return [
    wireRoute({
      method: 'GET',
      path: '/artifacts/list',
      input: z.object({ ...runFields, path: z.string().default('') }),
      async handle({ path, ...run }) {
        const { artifactUri } = await store.getRun(runIdOf(run))
        return listFolder(store, artifactUri, path)
      },
    }),
  ]
}

/** What lies directly in a folder below a root; paths start at the root. */
export async function listFolder(store: TrackingStore, rootUri: string, path: string): Promise<object> {
  const entries = await store.listArtifactFolder(joinPath(folderOf(rootUri), path))
  const files = entries.map(({ name, isFolder, sizeBytes }) => ({
    path: joinPath(path, name),
    is_dir: isFolder,
    ...(!isFolder && { file_size: sizeBytes }),
  }))
  return { root_uri: rootUri, files }
}

/** Throws OPTION_INVALID where the artifacts lie outside this server. */
export function folderOf(uri: string): string {
  const folder = pathOfUri(uri)
  if (folder !== undefined) return folder
  throw new FivefoldError('OPTION_INVALID', `artifacts at ${uri} lie outside this server`)
}

export const joinPath = (folder: string, name: string): string => [folder, name].filter((part) => part !== '').join('/')
